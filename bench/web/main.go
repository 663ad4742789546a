package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	binary  string
	people  int
	users   int
	think   time.Duration
	each    time.Duration
	engines string
	folder  string
	keep    bool
	plans   bool
}

func main() {
	var opt options
	flag.StringVar(&opt.binary, "binary", "../../bin/yian", "the program to measure")
	flag.IntVar(&opt.people, "people", 1_000_000, "people in the register")
	flag.IntVar(&opt.users, "users", 50, "users at once")
	flag.DurationVar(&opt.think, "think", time.Second, "mean time between the answer to a user and what he asks next")
	flag.DurationVar(&opt.each, "each", 20*time.Second, "how long each kind of request is measured")
	flag.StringVar(&opt.engines, "engines", "postgres,sqlite", "databases to measure")
	flag.StringVar(&opt.folder, "folder", "", "where to keep the databases for the run (default: a temporary folder)")
	flag.BoolVar(&opt.keep, "keep", false, "leave the databases and logs in the folder at the end")
	flag.BoolVar(&opt.plans, "plans", false, "have PostgreSQL log the plans of statements that take longer than 20 ms (with -keep)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, opt)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, opt options) (err error) {
	if opt.binary, err = filepath.Abs(opt.binary); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(opt.folder, "bench-web-")
	if err != nil {
		return err
	}
	if opt.keep {
		progress("everything stays in %s", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL may run as somebody else
		return err
	}
	printMachine(opt)
	c, err := newCrowd(ctx, opt, dir)
	if err != nil {
		return err
	}
	engines := strings.Split(opt.engines, ",")
	for _, name := range slices.DeleteFunc([]string{"postgres", "sqlite"}, func(n string) bool { return !slices.Contains(engines, n) }) {
		t := &trial{opt: opt, engine: name, dir: filepath.Join(dir, name), crowd: c, folder: dir}
		started := time.Now()
		if err := t.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t.took = time.Since(started)
		t.print(os.Stdout)
	}
	return nil
}

// progress tells on standard error what is under way.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}
