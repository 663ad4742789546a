package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"
)

func printMachine(opt options) {
	fmt.Printf("%s; %s, %d cores, %.1f GB, %s, %s/%s\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), cpuModel(), runtime.NumCPU(), totalMemory(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Printf("%s people; %d users who pause %s on average (between half and one and a half of it); server, database and users share the machine\n",
		thousands(opt.people), opt.users, opt.think)
}

// print writes what a trial measured.
func (t *trial) print(w io.Writer) {
	fmt.Fprintf(w, "\n## %s\n\n%s. Measured in %s.\n\n", t.engine, t.settings, t.took.Round(time.Second))
	t.printImport(w)
	t.printLoads(w)
	lines := [][]string{{"memory", "server: MB", "of it anonymous", "PostgreSQL: MB"}}
	for _, m := range t.memory {
		lines = append(lines, []string{m.when, megabytes(m.resident), megabytes(m.anonymous), megabytes(m.database)})
	}
	printTable(w, lines)
	t.printGoals(w)
}

func (t *trial) printImport(w io.Writer) {
	i, lines := &t.imported, [][]string{{"import", "seconds", "people/s", "processor seconds"}}
	row := func(name string, s step, n int) {
		line := []string{name, seconds(s.took), thousands(int(float64(n) / s.took.Seconds())), "–"}
		if s.busy > 0 {
			line[3] = seconds(s.busy)
		}
		lines = append(lines, line)
	}
	row("upload (encrypted, stored)", i.upload, i.rows)
	row("reading", i.read, i.rows)
	row("dry run", i.check, i.rows)
	row("commit", i.commit, i.rows)
	row("whole, from the upload to the last row", i.whole(), i.rows)
	for _, r := range t.raw {
		row("raw "+r.name, step{took: r.took}, i.rows)
	}
	row("columns: first reading", step{took: t.columns.first}, t.columns.people)
	row("columns: best of three", step{took: t.columns.best}, t.columns.people)
	printTable(w, lines)
	fmt.Fprintf(w, "\nOf %s rows %s people were made and %s rejected. ", thousands(i.rows), thousands(i.created), thousands(i.rejected))
	for n, r := range t.raw {
		fmt.Fprintf(w, "%s %.1f times, the commit %.1f times as long as raw %s", []string{"The whole import takes", "; the whole"}[min(n, 1)],
			i.whole().took.Seconds()/r.took.Seconds(), i.commit.took.Seconds()/r.took.Seconds(), r.name)
	}
	fmt.Fprintf(w, ". Work in the background ended %s later.\n\n", i.settled.Round(time.Second))
}

func (t *trial) printLoads(w io.Writer) {
	lines := [][]string{{"request", "users", "pause", "requests/s", "p50: ms", "p95: ms", "p99: ms", "most: ms", "processor ms each"}}
	for i := range t.loads {
		l := &t.loads[i]
		line := []string{l.class, fmt.Sprint(l.users), l.think.String(), fmt.Sprintf("%.0f", l.rate())}
		for _, p := range []float64{0.5, 0.95, 0.99, 1} {
			line = append(line, milliseconds(l.at(p)))
		}
		lines = append(lines, append(line, milliseconds(l.busy/time.Duration(max(1, l.asked)))))
	}
	printTable(w, lines)
	fmt.Fprintln(w)
}

// printGoals compares with what is asked for.
func (t *trial) printGoals(w io.Writer) {
	lines := [][]string{{"goal", "measured", "reached"}}
	add := func(goal, measured string, reached bool) {
		lines = append(lines, []string{goal, measured, map[bool]string{true: "yes", false: "no"}[reached]})
	}
	for i := range t.loads {
		if l := &t.loads[i]; l.goal > 0 {
			add(fmt.Sprintf("%s, %d users: p95 ≤ %s", l.class, l.users, l.goal), milliseconds(l.at(0.95))+" ms", l.at(0.95) <= l.goal)
		}
	}
	least := map[string]int{"postgres": 20_000, "sqlite": 10_000}[t.engine]
	rate := func(took time.Duration, n int) int { return int(float64(n) / took.Seconds()) }
	commit, whole := rate(t.imported.commit.took, t.imported.rows), rate(t.imported.whole().took, t.imported.rows)
	add(fmt.Sprintf("import, commit: ≥ %s rows/s", thousands(least)), thousands(commit), commit >= least)
	add(fmt.Sprintf("import, whole: ≥ %s rows/s", thousands(least)), thousands(whole), whole >= least)
	read := rate(t.columns.best, t.columns.people)
	add("columns: ≥ 500,000 people/s", thousands(read), read >= 500_000)
	for _, m := range t.memory {
		add("memory of the server, "+m.when+": < 300 MB", megabytes(m.resident), m.resident < 300e6)
	}
	fmt.Fprintln(w)
	printTable(w, lines)
}

func seconds(d time.Duration) string      { return fmt.Sprintf("%.1f", d.Seconds()) }
func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

func megabytes(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", float64(n)/1e6)
}

// printTable prints a Markdown table with aligned columns.
func printTable(w io.Writer, lines [][]string) {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for n, line := range lines {
		for i, cell := range line {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				fmt.Fprint(w, "| ", cell, pad)
			} else {
				fmt.Fprint(w, " | ", pad, cell)
			}
		}
		fmt.Fprintln(w, " |")
		if n == 0 {
			for i, width := range widths {
				fmt.Fprint(w, "|", strings.Repeat("-", width+1), []string{"-", ":"}[min(i, 1)])
			}
			fmt.Fprintln(w, "|")
		}
	}
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// cpuModel names the processor, where the system tells.
func cpuModel() string {
	return afterColon("/proc/cpuinfo", "model name", "unknown processor")
}

// totalMemory is the main memory in GB.
func totalMemory() float64 {
	var kb float64
	_, _ = fmt.Sscanf(afterColon("/proc/meminfo", "MemTotal", "0"), "%f", &kb)
	return kb / (1 << 20)
}

func afterColon(file, key, none string) string {
	f, err := os.Open(file)
	if err != nil {
		return none
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if name, value, ok := strings.Cut(sc.Text(), ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return none
}
