package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"yian/internal/fact"
	"yian/internal/people"
)

// cliFigures are rows a second of the command, from start to end of the process.
type cliFigures struct {
	counts  float64 // without -o
	results float64 // with -o
	missing string  // why there are none
}

func measureCLI(l *list, c *crowd) (f cliFigures, err error) {
	dir, err := os.MkdirTemp("", "bench-cli-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	yian := filepath.Join(dir, "yian")
	build := exec.Command("go", "build", "-o", yian, "./cmd/yian")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return cliFigures{missing: "does not build: " + first}, nil
	}
	in, out := filepath.Join(dir, "people.csv"), filepath.Join(dir, "results.csv")
	if err := writePeople(in, c); err != nil {
		return f, err
	}
	evaluate := func(more ...string) (rate float64, err error) {
		args := append([]string{"evaluate", "--list", l.src.ID, "--at", on.String(), in}, more...)
		least := 0.0
		for range 3 {
			cmd := exec.Command(yian, args...)
			s := timed(runtime.NumCPU(), func() {
				if text, failed := cmd.CombinedOutput(); failed != nil {
					err = fmt.Errorf("yian %s: %w\n%s", strings.Join(args, " "), failed, text)
				}
			})
			if least == 0 || s < least {
				least = s
			}
		}
		return float64(len(c.people)) / least, err
	}
	if f.counts, err = evaluate(); err != nil {
		return f, err
	}
	if f.results, err = evaluate("-o", out); err != nil {
		return f, err
	}
	return f, checkResults(out, c)
}

// writePeople writes a people file with every fact.
func writePeople(name string, c *crowd) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var layout people.Layout
	for id := range fact.Count {
		layout = append(layout, id)
	}
	w := people.NewWriter(file, layout)
	w.WriteHeader()
	for i := range c.people {
		if err := w.AppendRow(fmt.Appendf(nil, "P%07d", i), &c.people[i]); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}

// checkResults counts the rows of the results: one for each yes and each unknown.
func checkResults(name string, c *crowd) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	got, want := -1, 0 // -1: the header
	for _, t := range c.want {
		want += t.Yes + t.Unknown
	}
	for buf := make([]byte, 1<<20); ; {
		n, err := file.Read(buf)
		got += bytes.Count(buf[:n], []byte{'\n'})
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if got != want {
		return fmt.Errorf("yian evaluate wrote %d results, want %d", got, want)
	}
	return nil
}
