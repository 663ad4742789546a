package main

import (
	"fmt"
	"io"
)

// goal is something that was promised, with what came of it.
type goal struct {
	text     string
	measured string
	reached  bool
}

type goals []goal

// goals holds the figures of this run against what was promised for the engine.
func (t *table) goals(f *figures) (out goals) {
	atLeast := func(text string, value, want float64, unit string) {
		out = append(out, goal{text, significant(value) + unit, value >= want})
	}
	atMost := func(text string, value, want float64, unit string) {
		if value != 0 {
			out = append(out, goal{text, significant(value) + unit, value <= want})
		}
	}
	faster := func(text, name string, want float64) {
		atLeast(text, t.ratio(t.find(name), 0), want, " ×")
	}
	faster("from byte columns, plain Go, 1 core: ≥ 150 × cel-go (floor)", "ours in plain Go, from byte columns", 150)
	faster("from byte columns, plain Go, 1 core: ≥ 300 × cel-go (aim)", "ours in plain Go, from byte columns", 300)
	faster("from resident planes, 1 core: ≥ 1,000 × cel-go", "ours, from resident planes", 1000)
	faster("after one changed parameter, 1 core: ≥ 2,000 × cel-go", "ours, again after one changed parameter", 2000)
	faster("after one changed rule, 1 core: ≥ 2,000 × cel-go", "ours, again after one changed rule", 2000)
	atMost("7,000,000 people × 24 items, 1 core: < 100 ms", f.sevenMillion, 100, " ms")
	atMost("explanation of one person, all items: < 200 µs", f.explain, 200, " µs")
	atMost("next change: ≤ 200 ns a person", f.nextChange, 200, " ns")
	atMost("conformance of a county's list: < 1 s", f.conform, 1000, " ms")
	atMost("memory with one result: ≤ 32 bytes a person", f.population+f.result, 32, " bytes")
	if f.cli.missing == "" {
		atLeast("evaluate, counts only: ≥ 1,000,000 rows a second", f.cli.counts, 1e6, "")
		atLeast("evaluate, results written: ≥ 300,000 rows a second", f.cli.results, 3e5, "")
	}
	return out
}

func (g goals) print(w io.Writer) {
	lines := [][]string{{"goal", "measured", "reached"}}
	for _, one := range g {
		lines = append(lines, []string{one.text, one.measured, map[bool]string{true: "yes", false: "NO"}[one.reached]})
	}
	printTable(w, lines)
	fmt.Fprintln(w)
}
