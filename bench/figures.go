package main

import (
	"fmt"
	"io"
	"runtime"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/population"
	"yian/internal/prove"
)

// figures are the numbers beside the table.
type figures struct {
	sevenMillion float64 // ms; 0: not asked for
	explain      float64 // µs a person, all items
	nextChange   float64 // ns a person
	conform      float64 // ms
	population   float64 // bytes a person
	result       float64 // bytes a person
	cli          cliFigures
}

func furtherFigures(l *list, all *crowd, opt options) (*figures, error) {
	progress("measuring the further figures")
	f := &figures{}
	f.measureMemory(l, all)
	f.measureExplain(l, all)
	f.measureNext(l, all)
	if err := f.measureConform(l); err != nil {
		return nil, err
	}
	if opt.big {
		f.measureBig(l, all)
	}
	var err error
	f.cli, err = measureCLI(l, all)
	return f, err
}

func (f *figures) measureMemory(l *list, c *crowd) {
	f.population = float64(c.pop.Bytes()) / float64(c.pop.Len())
	before := heap()
	r := l.plan.Run(c.pop, engine.Options{})
	f.result = float64(heap()-before) / float64(c.pop.Len())
	runtime.KeepAlive(r)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func (f *figures) measureExplain(l *list, c *crowd) {
	n := min(2000, len(c.people))
	f.explain = 1e6 / float64(n) * best(5, func() {
		for k := range n {
			for i := range l.prog.Items {
				l.prog.Explain(i, &c.people[k*len(c.people)/n], on)
			}
		}
	})
}

func (f *figures) measureNext(l *list, c *crowd) {
	calendar := engine.NewCalendar(l.prog, on)
	f.nextChange = 1e9 / float64(len(c.people)) * best(5, func() {
		calendar.Run(c.pop, 1).Days(func(int, civil.Date, int) {})
	})
}

func (f *figures) measureConform(l *list) (err error) {
	f.conform = 1e3 * best(5, func() {
		verdicts, failed := prove.Conform(l.county(), l.src)
		if failed != nil {
			err = failed
		}
		for _, v := range verdicts {
			if !v.Proved() {
				err = fmt.Errorf("conformance: %s is not proved for a copy of the list", v.Upper.ID)
			}
		}
	})
	return err
}

// measureBig evaluates the same people as often as it takes to make seven million.
func (f *figures) measureBig(l *list, c *crowd) {
	const many = 7_000_000
	batches := make([]*population.Columns, 0, many/len(c.people)+1)
	for n := 0; n < many; n += len(c.people) {
		batches = append(batches, c.cols)
	}
	pop := population.New(population.Concat(batches))
	l.plan.Run(pop, engine.Options{}) // the planes of the regions
	f.sevenMillion = 1e3 * many / float64(pop.Len()) * best(5, func() { l.plan.Run(pop, engine.Options{}) })
}

func (f *figures) print(w io.Writer) {
	lines := [][]string{{"figure", "measured"}}
	add := func(name, unit string, value float64) {
		if value != 0 {
			lines = append(lines, []string{name, significant(value) + " " + unit})
		}
	}
	add("7,000,000 people × 24 items from resident planes, 1 core", "ms", f.sevenMillion)
	add("explanation of one person, all items", "µs", f.explain)
	add("next change by ageing, 1 core", "ns a person", f.nextChange)
	add("conformance of a county's list with the city's, 24 items", "ms", f.conform)
	add("memory of the population", "bytes a person", f.population)
	add("memory of a result: every person, item and case", "bytes a person", f.result)
	add("yian evaluate, CSV in, counts only", "rows a second", f.cli.counts)
	add("yian evaluate, CSV in, results written as CSV", "rows a second", f.cli.results)
	printTable(w, lines)
	if f.cli.missing != "" {
		fmt.Fprintln(w, "yian evaluate:", f.cli.missing)
	}
	fmt.Fprintln(w)
}
