package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a process of the program.
type server struct {
	cmd   *exec.Cmd
	log   *os.File
	base  string // its address
	setup string // the link that makes the first administrator; "" if there is one
	ended chan error
}

// startServer starts the program and waits until it says that it serves.
func startServer(ctx context.Context, binary, data, database string) (*server, error) {
	log, err := os.OpenFile(filepath.Join(data, "serve.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	s := &server{log: log, ended: make(chan error, 1)}
	s.cmd = exec.Command(binary, "serve", "--listen=127.0.0.1:0", "--data="+data, "--no-totp", "--log-level=warn")
	s.cmd.Env = append(os.Environ(), "YIAN_DB="+database)
	s.cmd.Stderr = log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours to handle
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := make(chan string, 64)
	go func() {
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			lines <- scanner.Text()
		}
		close(lines)
		s.ended <- s.cmd.Wait()
	}()
	if err := s.listen(ctx, lines); err != nil {
		s.stop()
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	go func() {
		for range lines { // whatever else it says
		}
	}()
	return s, nil
}

// listen reads where the server is, and the link if it prints one right after.
func (s *server) listen(ctx context.Context, lines <-chan string) error {
	late := time.After(time.Minute)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return errors.New("the server ended")
			}
			if _, base, found := strings.Cut(line, "已启动："); found {
				s.base, late = base, time.After(2*time.Second) // a link comes at once or not at all
			}
			if link := strings.TrimSpace(line); s.base != "" && strings.HasPrefix(link, s.base+"/setup/") {
				s.setup = strings.TrimPrefix(link, s.base)
				return nil
			}
		case <-late:
			if s.base == "" {
				return errors.New("the server does not start")
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// stop ends the server as an operator does; twice is once.
func (s *server) stop() {
	if s.ended == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
	s.ended = nil
	_ = s.log.Close()
}

// memory is what processes have of the main memory, in bytes.
type memory struct {
	when      string
	resident  int64
	anonymous int64 // of it, what is no page of a file
	database  int64 // of PostgreSQL, its shared memory once
}

// memoryOf reads what a process has resident.
func memoryOf(pid int) (m memory, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(text)) {
		key, rest, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		switch key {
		case "VmRSS":
			m.resident = kb << 10
		case "RssAnon":
			m.anonymous = kb << 10
		}
	}
	return m, nil
}

// busyTime is the processor time of processes and of their children that have ended.
func busyTime(pids []int) (sum time.Duration) {
	const tick = 10 * time.Millisecond // of /proc, on every Linux
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has ended meanwhile, and counts with its parent
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		for _, at := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
			if at < len(fields) {
				n, _ := strconv.ParseInt(fields[at], 10, 64)
				sum += time.Duration(n) * tick
			}
		}
	}
	return sum
}
