package rules

import (
	"slices"

	"yian/internal/civil"
	"yian/internal/fact"
)

// Decision (认定结果) is what a list grants one person of one item on a day.
type Decision struct {
	Result  Truth
	Amount  Quantity // in fen; None unless the result is Yes
	Times   Quantity // services a period; None unless the result is Yes
	Share   Quantity // how much of a price is waived, in words; None unless the result is Yes
	Missing fact.Set // unknown facts that could still decide the result or what is granted
}

// Decide decides item i for the person on the day on.
func (p *Program) Decide(i int, who *fact.Person, on civil.Date) Decision {
	it := &p.Items[i]
	d := Decision{Result: it.Rule.Eval(who, on)}
	switch d.Result {
	case Unknown:
		d.Missing = it.Rule.missing(who, on)
	case Yes:
		var a, t, s fact.Set
		d.Amount, a = it.Amount.decide(who, on)
		d.Times, t = it.Times.decide(who, on)
		d.Share, s = it.Share.decide(who, on)
		d.Missing = a | t | s
	}
	return d
}

// Eval evaluates the condition for one person on a day.
func (x *Expr) Eval(who *fact.Person, on civil.Date) Truth {
	switch x.Op {
	case OpAnd:
		result := Yes
		for _, k := range x.Kids {
			switch k.Eval(who, on) {
			case No:
				return No
			case Unknown:
				result = Unknown
			}
		}
		return result
	case OpOr:
		result := No
		for _, k := range x.Kids {
			switch k.Eval(who, on) {
			case Yes:
				return Yes
			case Unknown:
				result = Unknown
			}
		}
		return result
	case OpNot:
		return x.Kids[0].Eval(who, on).Not()
	case OpNamed:
		return x.Kids[0].Eval(who, on)
	case OpAge:
		if who.Birth == 0 {
			return Unknown
		}
		age := civil.Age(who.Birth, on)
		return TruthOf(x.Lo <= age && age <= x.Hi)
	case OpCode:
		code := who.Codes[x.Fact]
		if code == fact.Unknown {
			return Unknown
		}
		return TruthOf(x.Codes>>code&1 == 1)
	case OpRegion:
		return Within(who.Region(x.Fact), x.Region)
	default:
		return x.Truth
	}
}

// missing returns the facts whose being unknown leaves x unknown.
func (x *Expr) missing(who *fact.Person, on civil.Date) (set fact.Set) {
	if x.Eval(who, on) != Unknown {
		return 0
	}
	if x.Op >= OpAge {
		return set.Add(x.Fact)
	}
	for _, k := range x.Kids {
		set |= k.missing(who, on)
	}
	return set
}

// decide finds the case that holds, or the facts that are missing to find it.
func (c *Choice) decide(who *fact.Person, on civil.Date) (Quantity, fact.Set) {
	if c == nil {
		return Quantity{}, 0
	}
	for c.When != nil {
		switch c.When.Eval(who, on) {
		case Yes:
			c = c.Then
		case No:
			c = c.Else
		default:
			return Quantity{State: Undecided}, c.When.missing(who, on)
		}
	}
	return c.Leaf, 0
}

// Walk calls f for x and everything below it.
func (x *Expr) Walk(f func(*Expr)) {
	f(x)
	for _, k := range x.Kids {
		k.Walk(f)
	}
}

// Walk calls f for every condition in the tree of cases.
func (c *Choice) Walk(f func(*Expr)) {
	if c == nil || c.When == nil {
		return
	}
	c.When.Walk(f)
	c.Then.Walk(f)
	c.Else.Walk(f)
}

// Thresholds returns, in rising order, every age at which some condition of the
// program changes: n means "on the n-th birthday".
func (p *Program) Thresholds() []int { return p.ages }

func (p *Program) thresholds() []int {
	var ages []int
	p.Walk(func(x *Expr) {
		if x.Op == OpAge && x.Lo != NoLo {
			ages = append(ages, x.Lo)
		}
		if x.Op == OpAge && x.Hi != NoHi {
			ages = append(ages, x.Hi+1)
		}
	})
	slices.Sort(ages)
	return slices.Compact(ages)
}

// Walk calls f for every condition of the program.
func (p *Program) Walk(f func(*Expr)) {
	for i := range p.Items {
		p.Items[i].Rule.Walk(f)
		for _, c := range p.Items[i].Choices() {
			c.Walk(f)
		}
	}
}
