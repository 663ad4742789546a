package main

import (
	"yian/internal/engine"
	"yian/internal/population"
	"yian/internal/rules"
)

// ours are the rows of the columnar engine.
func ours(l *list, c *crowd) ([]*contender, error) {
	resident := func(plan *engine.Plan, reuse *engine.Result) func(int) ([]tally, error) {
		return func(cores int) ([]tally, error) {
			return tallies(plan.Run(c.pop, engine.Options{Workers: cores, Reuse: reuse})), nil
		}
	}
	before := l.plan.Run(c.pop, engine.Options{}) // makes the planes of the regions too
	out := []*contender{
		{
			name: "ours, from byte columns", note: "packs the columns into planes, then evaluates", crowd: c,
			run: func(cores int) ([]tally, error) {
				return tallies(l.plan.Run(population.New(c.cols), engine.Options{Workers: cores})), nil
			},
		},
		{name: "ours, from resident planes", crowd: c, run: resident(l.plan, nil)},
		{
			name: "ours, from resident planes, + totals", note: "and the monthly sum of each person", crowd: c,
			run: func(cores int) ([]tally, error) {
				r := l.plan.Run(c.pop, engine.Options{Workers: cores})
				r.Totals(rules.PerMonth)
				return tallies(r), nil
			},
		},
	}
	for _, v := range []struct {
		name string
		src  *rules.Source
	}{{"parameter", l.otherParameter()}, {"rule", l.otherRule()}} {
		changed, err := compile(v.src)
		if err != nil {
			return nil, err
		}
		want := tallies(changed.plan.Run(c.pop, engine.Options{}))
		out = append(out,
			&contender{name: "ours, again after one changed " + v.name, crowd: c, want: want, run: resident(changed.plan, before)},
			&contender{
				name: "ours, the same, list compiled anew", note: "all 24 rules are parsed, checked and planned again", crowd: c, want: want,
				run: func(cores int) ([]tally, error) {
					again, err := compile(v.src)
					if err != nil {
						return nil, err
					}
					return resident(again.plan, before)(cores)
				},
			})
	}
	return out, nil
}

// tree is our evaluator of one person, which explanations use.
func tree(l *list, c *crowd) *contender {
	start := func() judge {
		return func(from, to int, masks []mask, into []tally) {
			for p := from; p < to; p++ {
				for i := range l.prog.Items {
					d := l.prog.Decide(i, &c.people[p], on)
					masks[p].note(i, d.Result)
					into[i].add(&d)
				}
			}
		}
	}
	return &contender{
		name: "ours, one person at a time", note: "the tree evaluator behind explanations", crowd: c,
		run: func(cores int) ([]tally, error) {
			return rows(len(c.people), len(l.prog.Items), cores, start), nil
		},
	}
}
