package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// withoutVectors are the rows of our engine in plain Go, without the AVX2 kernels.
// The processor's features are read at start, so a second process of this program
// measures them, on the same people, in the middle of the run.
func withoutVectors(opt options, all *crowd) ([]*contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	progress("measuring plain Go in a process of its own")
	cmd := exec.Command(self, "-plain-go", "-n", strconv.Itoa(opt.people), "-rounds", strconv.Itoa(opt.rounds), "-seed", strconv.FormatUint(opt.seed, 10))
	cmd.Env = append(os.Environ(), "GODEBUG=cpu.avx2=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("plain Go: %w", err)
	}
	var best []struct {
		Name string
		Best [2]float64
	}
	if err := json.Unmarshal(out, &best); err != nil {
		return nil, fmt.Errorf("plain Go: %w", err)
	}
	var rows []*contender
	for _, b := range best {
		rows = append(rows, &contender{name: strings.Replace(b.Name, "ours, ", "ours in plain Go, ", 1), note: "the engine without AVX2, in a process of its own", crowd: all, best: b.Best})
	}
	return rows, nil
}

// plainGoOnly is that second process: it compares and measures the engine's first
// two rows and writes their times as JSON.
func plainGoOnly(l *list, opt options) error {
	all, err := newCrowd("all", opt.people, opt.seed)
	if err != nil {
		return err
	}
	all.want = l.plainTallies(all)
	rows, err := ours(l, all)
	if err != nil {
		return err
	}
	rows = rows[:2]
	if err := compare(l, rows); err != nil {
		return err
	}
	measure(rows, opt.rounds)
	type timing struct {
		Name string
		Best [2]float64
	}
	var out []timing
	for _, r := range rows {
		out = append(out, timing{r.name, r.best})
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}
