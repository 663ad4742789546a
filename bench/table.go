package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// table is the contenders with their times.
type table struct {
	items   int
	cs      []*contender
	missing []string
}

// rate is person·items a second, on one core (0) or all (1).
func (t *table) rate(c *contender, cores int) float64 {
	return float64(len(c.crowd.people)) * float64(t.items) / c.best[cores]
}

// denominator is the fastest cel-go: with three-valued results, or with two.
func (t *table) denominator(cores int, twoValued bool) (best float64) {
	for _, c := range t.cs {
		if c.baseline && !twoValued || c.twoValued && twoValued {
			best = max(best, t.rate(c, cores))
		}
	}
	return best
}

// ratio is how many times as fast as cel-go with three-valued results c is.
func (t *table) ratio(c *contender, cores int) float64 {
	return t.rate(c, cores) / t.denominator(cores, false)
}

// find returns the contender whose name begins so.
func (t *table) find(name string) *contender {
	for _, c := range t.cs {
		if strings.HasPrefix(c.name, name) {
			return c
		}
	}
	return nil
}

func (t *table) print(w io.Writer) {
	all := fmt.Sprintf("%d cores", runtime.NumCPU())
	lines := [][]string{{"engine", "people", "1 core: ms", "person·items/s", "× cel-go", "× two-valued", all + ": ms", "person·items/s", "× cel-go"}}
	var notes []string
	for _, c := range t.cs {
		line := []string{c.name, thousands(len(c.crowd.people))}
		for k := range c.best {
			line = append(line, significant(c.best[k]*1e3), fmt.Sprintf("%.2e", t.rate(c, k)), significant(t.ratio(c, k)))
			if k == 0 {
				line = append(line, significant(t.rate(c, k)/t.denominator(k, true)))
			}
		}
		lines = append(lines, line)
		if note := "- " + c.name + ": " + c.note + "."; c.note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	printTable(w, lines)
	fmt.Fprintln(w, "\n× cel-go: against the fastest cel-go that gives the same three-valued results, on as many cores.")
	fmt.Fprintln(w, "× two-valued: against cel-go on the same people with every fact known, without unknowns.")
	fmt.Fprintln(w, "Engines on fewer people than the others are compared by rate; best of the interleaved repetitions.")
	for _, n := range append(notes, t.missing...) {
		fmt.Fprintln(w, n)
	}
	fmt.Fprintln(w)
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
				mark := ":"
				if i == 0 {
					mark = "-"
				}
				fmt.Fprint(w, "|", strings.Repeat("-", width+1), mark)
			}
			fmt.Fprintln(w, "|")
		}
	}
}

// significant writes three digits or so: 0.0123, 4.56, 789, 12,345.
func significant(x float64) string {
	switch {
	case x >= 1000:
		return thousands(int(x + 0.5))
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 0.1:
		return fmt.Sprintf("%.2f", x)
	default:
		return fmt.Sprintf("%.2g", x)
	}
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
