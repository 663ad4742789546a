package engine

import (
	"yian/internal/civil"
	"yian/internal/population"
	"yian/internal/rules"
)

// Calendar (变化日历) foretells for a whole population whom the next birthday that matters
// brings something new, and what.
//
// Between two thresholds of age nothing changes, so the list is compiled once for
// every class of ages, with the age conditions decided; equal parts exist once.
// Where the results of neighbouring classes differ, the threshold between them
// changes something for a person.
type Calendar struct {
	Program    *rules.Program
	On         civil.Date
	Thresholds []int // ages; crossing number k may change something
	plan       *Plan // only its graph and selections are used
	first      []node
	changed    [][]node // by threshold and item
	code       *code
}

// NewCalendar compiles the calendar of a program, seen from a day.
func NewCalendar(p *rules.Program, on civil.Date) *Calendar {
	c := &Calendar{Program: p, On: on, Thresholds: p.Thresholds()}
	l := newLowering(p, on)
	var before []outcome
	classes := len(c.Thresholds) + 1
	for k := range classes {
		cl := &ageClass{lo: rules.NoLo, hi: rules.NoHi + 1}
		if k > 0 {
			cl.lo = c.Thresholds[k-1]
		}
		if k < classes-1 {
			cl.hi = c.Thresholds[k]
		}
		l.at(cl)
		now := l.outcomes(p)
		if k > 0 {
			c.changed = append(c.changed, l.differences(before, now))
		}
		before = now
	}
	l.at(nil)
	c.first = l.firsts(c)
	wanted := append([]node(nil), c.first...)
	for k := range c.changed {
		for i, n := range c.changed[k] {
			c.changed[k][i] = l.and(n, c.first[k])
		}
		wanted = append(wanted, c.changed[k]...)
	}
	c.plan = &Plan{Program: p, On: on, sels: l.sels, graph: l.graph}
	c.code = assemble(l.graph, wanted)
	return c
}

// outcome is what an item gives within one class of ages.
type outcome struct {
	rule  pair
	cases []caseOf
}

// caseOf is a case of one of an item's choices and who is in it.
type caseOf struct {
	rules.Quantity
	kind int // which of rules.Compiled.Choices
	who  node
}

func (l *lowering) outcomes(p *rules.Program) []outcome {
	out := make([]outcome, len(p.Items))
	for i := range p.Items {
		it := &p.Items[i]
		rule := l.lower(it.Rule)
		out[i].rule = rule
		for kind, c := range it.Choices() {
			l.cases(&out[i], c, kind, rule.T)
		}
	}
	return out
}

func (l *lowering) cases(o *outcome, c *rules.Choice, kind int, who node) {
	switch {
	case c == nil || who == zero:
	case c.When == nil:
		for k := range o.cases {
			if have := &o.cases[k]; have.kind == kind && have.Same(c.Leaf) {
				have.who = l.or(have.who, who)
				return
			}
		}
		o.cases = append(o.cases, caseOf{c.Leaf, kind, who})
	default:
		when := l.lower(c.When)
		l.cases(o, c.Then, kind, l.and(who, when.T))
		l.cases(o, c.Else, kind, l.and(who, when.F))
	}
}

// differences returns for each item who has another outcome in b than in a.
func (l *lowering) differences(a, b []outcome) []node {
	out := make([]node, len(a))
	for i := range a {
		d := l.or(l.xor(a[i].rule.T, b[i].rule.T), l.xor(a[i].rule.F, b[i].rule.F))
		for _, x := range a[i].cases {
			d = l.or(d, l.xor(x.who, find(b[i].cases, x)))
		}
		for _, y := range b[i].cases {
			if find(a[i].cases, y) == zero {
				d = l.or(d, y.who)
			}
		}
		out[i] = d
	}
	return out
}

func find(cases []caseOf, x caseOf) node {
	for _, c := range cases {
		if c.kind == x.kind && c.Same(x.Quantity) {
			return c.who
		}
	}
	return zero
}

// firsts returns for each threshold those whose next change it is: it lies ahead,
// changes something, and none before it does.
func (l *lowering) firsts(c *Calendar) []node {
	out := make([]node, len(c.Thresholds))
	waiting := l.known
	for k, n := range c.Thresholds {
		any := zero
		for _, d := range c.changed[k] {
			any = l.or(any, d)
		}
		ahead := l.andNot(l.known, l.age(n, rules.NoHi).T)
		out[k] = l.and(l.and(waiting, ahead), any)
		waiting = l.andNot(waiting, out[k])
	}
	return out
}

// Changes (全体变化) is a calendar applied to a population.
type Changes struct {
	Calendar *Calendar
	pop      *population.Population
	planes   map[node][]population.Block
}

// Run finds everybody's next change.
func (c *Calendar) Run(pop *population.Population, workers int) *Changes {
	planes, _ := c.plan.execute(c.code, pop, workers)
	out := &Changes{Calendar: c, pop: pop, planes: make(map[node][]population.Block, len(planes))}
	for i, n := range c.code.wanted {
		out.planes[n] = planes[i]
	}
	return out
}

// Days calls f for everybody to whom something will change, with the day and the
// number of the threshold; people come in the order of thresholds, then their own.
func (c *Changes) Days(f func(person int, day civil.Date, threshold int)) {
	for k, n := range c.Calendar.first {
		age := c.Calendar.Thresholds[k]
		Each(c.planes[n], func(person int) {
			f(person, civil.Birthday(population.Date(c.pop.Day(person)), age), k)
		})
	}
}

// Items calls f for the items that change for one person at the threshold.
func (c *Changes) Items(person, threshold int, f func(item int)) {
	for i, n := range c.Calendar.changed[threshold] {
		b := &c.planes[n][person/population.BlockPeople]
		if b[person%population.BlockPeople/64]>>(person%64)&1 == 1 {
			f(i)
		}
	}
}
