package dbtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// supervise runs a cluster in the folder $2 with the binaries in $1 and removes it
// afterwards. Its standard input is a pipe that only the test process holds open, so
// the end of input is the end of that process, even if it was killed. The signal is
// repeated because a server that is only just starting does not hear it.
const supervise = `
trap '' PIPE # nobody may be left to read what is said
exec 3<&0 </dev/null
"$1/initdb" -D "$2/data" -U yian -A trust -E UTF8 --locale=C --no-sync --no-instructions >/dev/null || { rm -rf "$2"; exit 1; }
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 -c shared_buffers=64MB \
	-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
	-c log_min_messages=fatal 3<&- &
server=$!
{ read -r _ <&3; while kill -QUIT $server; do sleep 0.2; done; } 2>/dev/null &
watch=$!
wait $server
kill $watch 2>/dev/null
rm -rf "$2"
`

// alive is the writing end of that pipe. A variable, so that it is not collected.
var alive *os.File

// startCluster starts a PostgreSQL without a network and without care for its data,
// and returns its address.
func startCluster() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(shortTemp(), "yian-pg-")
	if err != nil {
		return "", err
	}
	var output bytes.Buffer
	c := exec.Command("/bin/sh", "-c", supervise, "sh", bin, dir) //nolint:gosec,noctx // ours; it ends with the process
	c.Dir = dir
	c.Stdout, c.Stderr = &output, &output
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // an interrupt from the terminal is for the tests
	if os.Geteuid() == 0 {
		// PostgreSQL refuses to run as root.
		if c.SysProcAttr.Credential, err = unprivileged(); err != nil {
			return "", err
		}
		if err := os.Chown(dir, int(c.SysProcAttr.Credential.Uid), int(c.SysProcAttr.Credential.Gid)); err != nil {
			return "", err
		}
	}
	in, out, err := os.Pipe()
	if err != nil {
		return "", err
	}
	c.Stdin, alive = in, out
	if err := c.Start(); err != nil {
		return "", err
	}
	_ = in.Close()
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	address := (&url.URL{
		Scheme: "postgres", User: url.User("yian"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}, "sslmode": {"disable"}}.Encode(),
	}).String()
	if err := await(address, ended); err != nil {
		_ = alive.Close()
		return "", fmt.Errorf("%w\n%s", err, output.Bytes())
	}
	return address, nil
}

// await waits until the server answers.
func await(address string, ended <-chan error) error {
	d, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // it has only been asked whether it is there
	for range 600 {
		select {
		case err := <-ended:
			return fmt.Errorf("it ended: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
		if err = d.PingContext(context.Background()); err == nil {
			return nil
		}
	}
	return fmt.Errorf("it does not answer: %w", err)
}

// binaries returns the folder of the newest PostgreSQL.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	for _, path := range found {
		dir := filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errNoBinaries
}

// version reads the number out of /usr/lib/postgresql/15/bin/postgres.
func version(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// shortTemp is a folder in which the path of a socket stays below the limit of the
// system, about 100 bytes.
func shortTemp() string {
	if dir := os.TempDir(); len(dir) <= 60 {
		return dir
	}
	return "/tmp"
}

func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}
