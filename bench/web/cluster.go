package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL server in a folder of the run, reached by a socket there. It
// keeps its promises (fsync, synchronous_commit) as one with real data does.
type cluster struct {
	dir     string
	bin     string
	as      *syscall.Credential // nil: ourselves
	server  *exec.Cmd
	version string
}

// tuned are the settings that are not the defaults of PostgreSQL.
var tuned = []string{"shared_buffers=1GB", "max_wal_size=4GB", "checkpoint_timeout=15min", "work_mem=16MB", "max_connections=100"}

func startCluster(ctx context.Context, folder string, plans bool) (*cluster, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: filepath.Join(folder, "pg"), bin: bin}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, err
	}
	if err := c.start(ctx, plans); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// postgresBin finds the newest server's programs.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		number := func(path string) int {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 is the oldest
			return n
		}
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return number(a) - number(b) })), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("no PostgreSQL: no initdb in /usr/lib/postgresql or on the path; -engines sqlite goes without")
	}
	return filepath.Dir(path), nil
}

func (c *cluster) start(ctx context.Context, plans bool) error {
	if err := c.unprivileged(); err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	init := c.command("initdb", "-D", data, "-U", "yian", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	args := []string{"-D", data, "-k", c.dir, "-c", "listen_addresses="}
	for _, s := range tuned {
		args = append(args, "-c", s)
	}
	if plans {
		args = append(args, "-c", "session_preload_libraries=auto_explain", "-c", "auto_explain.log_min_duration=20ms")
	}
	c.server = c.command("postgres", args...)
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close() // the server has it too
	c.server.Stderr = log
	if err := c.server.Start(); err != nil {
		return err
	}
	for range 100 {
		if conn, err := pgx.Connect(ctx, c.url()); err == nil {
			c.version = conn.PgConn().ParameterStatus("server_version")
			return conn.Close(ctx)
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	text, _ := os.ReadFile(log.Name()) // it only adds to the fault
	return fmt.Errorf("PostgreSQL did not start: %s", bytes.TrimSpace(text))
}

// unprivileged finds somebody else to run the server as, which refuses root.
func (c *cluster) unprivileged() error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 != nil || err2 != nil {
			continue
		}
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return os.Chown(c.dir, int(uid), int(gid))
	}
	return errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Setpgid: true} // Ctrl-C is ours to handle
	return cmd
}

func (c *cluster) url() string {
	return (&url.URL{
		Scheme: "postgres", User: url.User("yian"), Path: "/postgres",
		RawQuery: url.Values{"host": {c.dir}, "sslmode": {"disable"}}.Encode(),
	}).String()
}

func (c *cluster) settings() string {
	return "PostgreSQL " + c.version + ": " + strings.Join(tuned, ", ") + "; all else as it comes (fsync and synchronous_commit on)"
}

// stop ends the server.
func (c *cluster) stop() {
	if c.server != nil && c.server.Process != nil {
		_ = c.server.Process.Signal(syscall.SIGINT) // fast shutdown
		_ = c.server.Wait()
	}
}

// memory is what all processes of the cluster have resident; what they share counts
// once.
func (c *cluster) memory() (sum int64) {
	for _, pid := range c.pids() {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue // it has ended meanwhile
		}
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
				sum += kb << 10
			}
		}
	}
	return sum
}

// pids are the processes of the cluster.
func (c *cluster) pids() []int {
	if c == nil {
		return nil
	}
	pids, _ := children(c.server.Process.Pid) // none, if it has ended
	return append(pids, c.server.Process.Pid)
}

// children lists the processes right below one.
func children(pid int) (pids []int, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, field := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(field); err == nil {
			pids = append(pids, n)
		}
	}
	return pids, err
}
