package prove

import (
	"slices"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// comparison holds an upper and a lower item as functions over the same classes.
type comparison struct {
	d        *diagram
	on       civil.Date
	low, up  *rules.Program
	lo, hi   int // the places of the items
	u, l     pair
	possible ref // people who can exist
}

// impossible is what no person can be, as readers of people files refuse it too: a
// grade of disability without a kind of disability.
var impossible = func() []*rules.Expr {
	none, _ := fact.DisabilityKind.CodeOf("none")
	zero, _ := fact.DisabilityGrade.CodeOf("0")
	return []*rules.Expr{
		{Op: rules.OpCode, Fact: fact.DisabilityKind, Codes: 1 << none},
		{Op: rules.OpCode, Fact: fact.DisabilityGrade, Codes: (1<<(len(fact.DisabilityGrade.Def().Values)+1) - 2) &^ (1 << zero)},
	}
}()

// possible is everybody who can exist. The variables must know both facts.
func (d *diagram) possible() ref {
	return d.not(d.and(d.lower(impossible[0]).T, d.lower(impossible[1]).T))
}

func newComparison(low, up *rules.Program, l, u *rules.Compiled) *comparison {
	c := &comparison{on: up.At, low: low, up: up, lo: low.Find(l.ID), hi: up.Find(u.ID)}
	conditions := []*rules.Expr{u.Rule, l.Rule}
	for _, choice := range slices.Concat(u.Choices(), l.Choices()) {
		choice.Walk(func(x *rules.Expr) { conditions = append(conditions, x) })
	}
	asked := map[fact.ID]bool{}
	for _, x := range conditions {
		x.Walk(func(x *rules.Expr) { asked[x.Fact] = asked[x.Fact] || x.Op == rules.OpCode })
	}
	coupled := asked[fact.DisabilityKind] && asked[fact.DisabilityGrade]
	if coupled {
		conditions = append(conditions, impossible...)
	}
	c.d = newDiagram(variables(conditions, low.Source.Region))
	c.possible = always
	if coupled {
		c.possible = c.d.possible()
	}
	c.u, c.l = c.d.lower(u.Rule), c.d.lower(l.Rule)
	c.u.T = c.d.and(c.u.T, c.possible)
	c.u.F = c.d.or(c.u.F, c.d.not(c.possible))
	return c
}

// where is everybody who holds both items and for whom the quantities are at fault.
func (c *comparison) where(u, l *rules.Choice, fault func(l, u rules.Quantity) bool) ref {
	both := c.d.and(c.u.T, c.l.T)
	out := never
	for _, a := range c.leaves(u, both, nil) {
		for _, b := range c.leaves(l, a.who, nil) {
			if fault(b.quantity, a.quantity) {
				out = c.d.or(out, b.who)
			}
		}
	}
	return out
}

type leaf struct {
	quantity rules.Quantity
	who      ref
}

func (c *comparison) leaves(x *rules.Choice, who ref, out []leaf) []leaf {
	switch {
	case who == never:
		return out
	case x == nil:
		return append(out, leaf{rules.Quantity{}, who})
	case x.When == nil:
		return append(out, leaf{x.Leaf, who})
	}
	when := c.d.lower(x.When)
	out = c.leaves(x.Then, c.d.and(who, when.T), out)
	return c.leaves(x.Else, c.d.and(who, when.F), out)
}

// finding makes a fault of the people in r and shows one of them, with no fact
// that does not matter: everything is filled in first, then each fact is taken
// away as long as both lists, run by the rules engine, still decide as shown.
func (c *comparison) finding(fault Fault, why string, r ref, shows func(u, l rules.Decision) bool) Finding {
	path := c.d.path(r)
	var who fact.Person
	for i := range c.d.vars {
		v := &c.d.vars[i]
		at := path[i]
		if at < 0 {
			at = v.plain()
		}
		v.put(&who, at, c.on)
	}
	for _, v := range slices.Backward(c.d.vars) {
		less := who
		less.Forget(v.fact)
		if shows(c.decide(&less)) {
			who = less
		}
	}
	u, l := c.decide(&who)
	return Finding{Fault: fault, Why: why, Person: &who, Upper: u, Lower: l}
}

func (c *comparison) decide(who *fact.Person) (u, l rules.Decision) {
	return c.up.Decide(c.hi, who, c.on), c.low.Decide(c.lo, who, c.on)
}

// plain is the class of a fact that says the least of a person: "none" or "false".
func (v *variable) plain() int {
	for i, c := range v.classes {
		if v.fact.Coded() && v.fact.Def().Kind == fact.Bool && c.code == fact.False {
			return i
		}
	}
	return 0
}
