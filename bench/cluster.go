//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL server in a temporary folder, reached by a socket there.
type cluster struct {
	dir    string
	bin    string
	as     *syscall.Credential // nil: ourselves
	server *exec.Cmd
	end    sync.Once
}

func startCluster() (*cluster, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench-pg-")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, bin: bin}
	if err := c.start(); err != nil {
		c.stop()
		return nil, err
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		c.stop()
		os.Exit(1)
	}()
	return c, nil
}

// postgresBin finds the newest server's programs.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return len(a) - len(b) })), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", absent("no initdb in /usr/lib/postgresql or on the path")
	}
	return filepath.Dir(path), nil
}

func (c *cluster) start() error {
	if err := c.unprivileged(); err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	init := c.command("initdb", "-D", data, "-U", "bench", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale")
	if out, err := init.CombinedOutput(); err != nil {
		return absent("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	c.server = c.command("postgres", "-D", data, "-k", c.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "shared_buffers=512MB", "-c", "work_mem=64MB", "-c", "max_wal_size=4GB", "-c", "autovacuum=off")
	var log bytes.Buffer
	c.server.Stderr = &log
	if err := c.server.Start(); err != nil {
		return err
	}
	for range 100 {
		if conn, err := pgx.Connect(context.Background(), c.dsn()); err == nil {
			return conn.Close(context.Background())
		}
		time.Sleep(100 * time.Millisecond)
	}
	return absent("the server did not start: %s", bytes.TrimSpace(log.Bytes()))
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
	return absent("the server does not run as root, and there is no user postgres or nobody")
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Setpgid: true} // Ctrl-C is ours to handle
	return cmd
}

func (c *cluster) dsn() string {
	return fmt.Sprintf("host=%s user=bench dbname=postgres", c.dir)
}

// stop ends the server and removes its folder.
func (c *cluster) stop() {
	c.end.Do(func() {
		if c.server != nil && c.server.Process != nil {
			_ = c.server.Process.Signal(syscall.SIGINT) // fast shutdown
			_ = c.server.Wait()
		}
		_ = os.RemoveAll(c.dir)
	})
}
