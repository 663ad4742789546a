package engine

import (
	"slices"

	"yian/internal/civil"
	"yian/internal/rules"
)

// Plan (执行计划) is a program ready to run over populations, as of a day.
type Plan struct {
	Program *rules.Program
	On      civil.Date
	items   []planned
	outputs []node
	sums    []digest // what each output computes, to recognise it in another plan
	sels    []selection
	graph   *graph
	code    *code // runs every output
}

// planned tells where the outputs of an item are: its two bits, then its cases.
type planned struct {
	yes, no int
	amount  []leaf
	times   []leaf
	share   []leaf
	asks    bool // some case has a condition, which may be open
}

// leaf is one case of an amount or a frequency, and the output that has a bit for
// each person in that case.
type leaf struct {
	rules.Quantity
	out int
}

// NewPlan makes the plan of a program for a day.
func NewPlan(p *rules.Program, on civil.Date) *Plan {
	l := newLowering(p, on)
	plan := &Plan{Program: p, On: on, items: make([]planned, len(p.Items)), sels: l.sels, graph: l.graph}
	for i := range p.Items {
		it := &p.Items[i]
		rule := l.lower(it.Rule)
		plan.items[i] = planned{
			yes: plan.output(rule.T), no: plan.output(rule.F),
			amount: plan.leaves(l, it.Amount, rule.T, nil),
			times:  plan.leaves(l, it.Times, rule.T, nil),
			share:  plan.leaves(l, it.Share, rule.T, nil),
			asks:   slices.ContainsFunc(it.Choices(), func(c *rules.Choice) bool { return c != nil && c.When != nil }),
		}
	}
	plan.sums = digests(l.graph, l.sels)
	plan.code = assemble(l.graph, plan.outputs)
	return plan
}

func (p *Plan) output(n node) int {
	p.outputs = append(p.outputs, n)
	return len(p.outputs) - 1
}

// leaves lists the cases below c that can be reached by the people in who.
func (p *Plan) leaves(l *lowering, c *rules.Choice, who node, out []leaf) []leaf {
	switch {
	case c == nil || who == zero:
		return out
	case c.When == nil:
		return append(out, leaf{c.Leaf, p.output(who)})
	}
	when := l.lower(c.When)
	out = p.leaves(l, c.Then, l.and(who, when.T), out)
	return p.leaves(l, c.Else, l.and(who, when.F), out)
}
