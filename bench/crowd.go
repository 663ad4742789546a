package main

import (
	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/population"
	"yian/internal/rules"
)

// crowd is people in the forms that the engines read, each once: as columns for
// ours, as structs for those that go from person to person.
type crowd struct {
	name   string
	people []fact.Person
	cols   *population.Columns
	pop    *population.Population // the columns, packed
	want   []tally                // by item, from the hand-written rules
}

// tally is what every engine must find for an item.
type tally struct {
	Yes, No, Unknown int
	Sum              money.Fen // of the amounts that are known
	Times            int64     // of the services a period that are known
}

func newCrowd(name string, n int, seed uint64) (*crowd, error) {
	people, err := generate(n, seed)
	if err != nil {
		return nil, err
	}
	return crowdOf(name, people)
}

func crowdOf(name string, people []fact.Person) (*crowd, error) {
	var cols population.Columns
	for i := range people {
		if err := cols.Append(&people[i]); err != nil {
			return nil, err
		}
	}
	// Concat gives every column exactly the room that it needs.
	packed := population.Concat([]*population.Columns{&cols})
	return &crowd{name: name, people: people, cols: packed, pop: population.New(packed)}, nil
}

// part is the first n people, spread over the whole crowd.
func (c *crowd) part(name string, n int) (*crowd, error) {
	people := make([]fact.Person, n)
	for i := range people {
		people[i] = c.people[i*len(c.people)/n]
	}
	return crowdOf(name, people)
}

// completed is the same people with every unknown fact filled in.
func (c *crowd) completed(name string) (*crowd, error) {
	people := make([]fact.Person, len(c.people))
	for i := range people {
		people[i] = complete(c.people[i])
	}
	return crowdOf(name, people)
}

// complete gives somebody of whom nothing is known the plainest life.
func complete(p fact.Person) fact.Person {
	if p.Birth == 0 {
		p.Birth = on - 70*365
	}
	if len(p.Hukou) < 4 {
		p.Hukou = "141002"
	}
	if p.Residence == "" {
		p.Residence = p.Hukou
	}
	for id := range fact.Count {
		if id.Coded() && p.Codes[id] == fact.Unknown {
			p.Codes[id] = 1
			if id.Def().Kind == fact.Bool {
				p.Codes[id] = fact.False
			}
		}
	}
	return p
}

// tallies reads the result of our engine.
func tallies(r *engine.Result) []tally {
	out := make([]tally, len(r.Plan.Program.Items))
	for i := range out {
		t := r.Tally(i)
		out[i] = tally{Yes: t.Yes, No: t.No, Unknown: t.Unknown, Sum: t.Sum, Times: t.Times}
	}
	return out
}

// add counts a decision.
func (t *tally) add(d *rules.Decision) {
	switch d.Result {
	case rules.Yes:
		t.Yes++
		if d.Amount.State == rules.Fixed {
			t.Sum += d.Amount.Fen()
		}
		if d.Times.State == rules.Fixed {
			t.Times += d.Times.N
		}
	case rules.No:
		t.No++
	default:
		t.Unknown++
	}
}
