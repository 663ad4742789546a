package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"yian/internal/db/dbtest"
)

// patience is how long one step may take on a machine that is busy with other tests.
const patience = 30 * time.Second

// installation is a data folder and a database that the program is started on.
type installation struct {
	data string
	db   string // of PostgreSQL; empty: SQLite in the data folder
}

// engines runs fn on a new installation of each engine.
func engines(t *testing.T, fn func(t *testing.T, in installation)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, installation{data: t.TempDir()})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, installation{data: t.TempDir(), db: dbtest.PostgresURL(t)})
	})
}

// flags are those that every command takes.
func (in installation) flags() []string {
	flags := []string{"--data", in.data}
	if in.db != "" {
		flags = append(flags, "--db", in.db)
	}
	return flags
}

// url is the address of the database for tests that look into it.
func (in installation) url() string {
	if in.db != "" {
		return in.db
	}
	return "sqlite:" + filepath.Join(in.data, "yian.db")
}

// result is what a command ended with.
type result struct {
	code int
	out  string
}

// yian runs a command to its end.
func yian(t testing.TB, env []string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return finish(t, exec.CommandContext(ctx, binary, args...), env)
}

func finish(t testing.TB, c *exec.Cmd, env []string) result {
	t.Helper()
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", c.Args, err)
	}
	return result{c.ProcessState.ExitCode(), string(out)}
}

// run runs a command on the installation.
func (in installation) run(t testing.TB, args ...string) result {
	t.Helper()
	return yian(t, nil, append(args, in.flags()...)...)
}

// server is a running program.
type server struct {
	installation
	cmd    *exec.Cmd
	base   string
	setup  string // link for the first administrator, once it was printed
	ended  chan struct{}
	mu     sync.Mutex
	stdout bytes.Buffer
	stderr bytes.Buffer
}

// serve starts the program and waits until it answers.
func serve(t testing.TB, in installation, flags ...string) *server {
	t.Helper()
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--no-totp"}, in.flags()...)
	return begin(t, in, append(args, flags...)...)
}

// begin starts a command that serves, and waits until it answers.
func begin(t testing.TB, in installation, args ...string) *server {
	t.Helper()
	s := &server{installation: in, ended: make(chan struct{})}
	s.cmd = exec.Command(binary, args...)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = &locked{mu: &s.mu, b: &s.stderr}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kill(t) })
	ready := make(chan struct{})
	go s.listen(out, ready)
	select {
	case <-ready:
	case <-s.ended:
		t.Fatalf("the program ended: %s", s.said())
	case <-time.After(patience):
		t.Fatalf("the program does not answer: %s", s.said())
	}
	if s.base == "" {
		t.Fatalf("the program does not say where it answers: %s", s.said())
	}
	return s
}

// listen reads what the program says until it ends.
func (s *server) listen(out io.Reader, ready chan<- struct{}) {
	var once sync.Once
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		s.mu.Lock()
		s.stdout.WriteString(line + "\n")
		if _, base, ok := strings.Cut(line, "颐安已启动："); ok {
			s.base = base
		}
		if strings.Contains(line, "/setup/") {
			s.setup = line
		}
		done := s.base != ""
		s.mu.Unlock()
		if done {
			once.Do(func() { close(ready) })
		}
	}
	_ = s.cmd.Wait()
	close(s.ended)
}

// link waits for the link for the first administrator.
func (s *server) link(t testing.TB) string {
	t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		s.mu.Lock()
		link := s.setup
		s.mu.Unlock()
		if link != "" {
			return link
		}
	}
	t.Fatalf("no link for the first administrator is printed: %s", s.said())
	return ""
}

// said is all that the program said.
func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stdout.String() + s.stderr.String()
}

// kill ends the program at once, as a power cut does.
func (s *server) kill(t testing.TB) {
	t.Helper()
	_ = s.cmd.Process.Kill()
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Error("the program outlives being killed")
	}
}

// stop asks the program to end and returns its exit code.
func (s *server) stop(t testing.TB) int {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return s.end(t)
}

// end waits until the program has ended and returns its exit code.
func (s *server) end(t testing.TB) int {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatalf("the program does not stop: %s", s.said())
	}
	return s.cmd.ProcessState.ExitCode()
}

// locked is a buffer that two may use.
type locked struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

// Write implements io.Writer.
func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
