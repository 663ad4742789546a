package policyform

import (
	"reflect"
	"slices"

	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
)

// Condition (条件表单) is what the form asks about who is entitled, each thing at its own place:
// some must all hold, and of some others at least one.
type Condition struct{ all, any part }

// part is one half of the form.
type part struct {
	lo, hi           int // ages; rules.NoLo and rules.NoHi where there is no bound
	hukou, residence region.Code
	named            []string            // definitions of the list
	codes            [fact.Count]codeSet // values of a fact; 0: the fact does not matter
}

// codeSet has a bit for each code, as rules.Expr has.
type codeSet = uint16

func newPart() part { return part{lo: rules.NoLo, hi: rules.NoHi} }

func newCondition() Condition { return Condition{all: newPart(), any: newPart()} }

// Same reports whether two conditions ask the same.
func (c Condition) Same(other Condition) bool { return reflect.DeepEqual(c.sorted(), other.sorted()) }

func (c Condition) sorted() Condition {
	for _, p := range []*part{&c.all, &c.any} {
		p.named = append([]string{}, p.named...)
		slices.Sort(p.named)
	}
	return c
}

// lines are what a half asks, as a list has it.
func (p *part) lines() []policy.Condition {
	var out []policy.Condition
	for f, c := range map[fact.ID]region.Code{fact.Hukou: p.hukou, fact.Residence: p.residence} {
		if c != "" {
			out = append(out, policy.Condition{Ask: policy.Lives, Fact: f, Region: c})
		}
	}
	slices.SortFunc(out, func(a, b policy.Condition) int { return int(a.Fact) - int(b.Fact) })
	for _, name := range p.named {
		out = append(out, policy.Condition{Ask: policy.Named, Name: name})
	}
	if p.lo != rules.NoLo {
		out = append(out, policy.Condition{Ask: policy.AgeFrom, Years: p.lo})
	}
	if p.hi != rules.NoHi {
		out = append(out, policy.Condition{Ask: policy.AgeBelow, Years: p.hi + 1})
	}
	for f := range fact.Count {
		if p.codes[f] != 0 {
			out = append(out, policy.Condition{Ask: policy.Has, Fact: f, Values: valuesOf(f, p.codes[f])})
		}
	}
	return out
}

// valuesOf names the values that a set has.
func valuesOf(f fact.ID, codes codeSet) (out []string) {
	for i, v := range f.Def().Values {
		if codes>>(i+1)&1 == 1 {
			out = append(out, v.Name)
		}
	}
	return out
}

// CEL writes the condition as a rule, in the order of the rule that it takes the place
// of.
func (c Condition) CEL(was string) (string, error) {
	lines, some := c.all.lines(), c.any.lines()
	if len(some) > 1 {
		some = []policy.Condition{{Ask: policy.AnyOf, Any: some}}
	}
	form := policy.ItemForm{When: append(lines, some...)}
	if old, ok := policy.Form(&pack.Item{When: rules.Text{CEL: was}}); ok {
		slices.SortStableFunc(form.When, func(a, b policy.Condition) int { return position(old.When, &a) - position(old.When, &b) })
	}
	var it pack.Item
	err := form.Apply(&it)
	return it.When.CEL, err
}

// position is where a rule asks the same thing; behind all others if it does not.
func position(lines []policy.Condition, one *policy.Condition) int {
	at := slices.IndexFunc(lines, func(o policy.Condition) bool { return o.Ask == one.Ask && o.Fact == one.Fact && o.Name == one.Name })
	if at < 0 {
		return len(lines)
	}
	return at
}

// ConditionOf reads a rule into the form; ok is false where the form cannot say it
// without loss.
func ConditionOf(cel string) (c Condition, ok bool) {
	form, ok := policy.Form(&pack.Item{When: rules.Text{CEL: cel}})
	if !ok {
		return c, false
	}
	c = newCondition()
	some := false
	for i := range form.When {
		one := &form.When[i]
		if one.Ask != policy.AnyOf {
			if !c.all.narrow(one) {
				return c, false
			}
			continue
		}
		if some || !c.any.widen(one.Any) {
			return c, false
		}
		some = true
	}
	return c, true
}

// narrow takes one more thing that must hold too.
func (p *part) narrow(one *policy.Condition) bool {
	switch one.Ask {
	case policy.AgeFrom:
		p.lo = max(p.lo, one.Years)
	case policy.AgeBelow:
		p.hi = min(p.hi, one.Years-1)
	case policy.Has:
		codes := codesOf(one)
		if p.codes[one.Fact] != 0 {
			codes &= p.codes[one.Fact]
		}
		p.codes[one.Fact] = codes
		return codes != 0
	default:
		return p.take(one)
	}
	return p.lo <= p.hi
}

// widen takes things of which one must hold. Each place of the form is one of them.
func (p *part) widen(some []policy.Condition) bool {
	for i := range some {
		one := &some[i]
		switch {
		case one.Ask == policy.AgeFrom && p.lo == rules.NoLo:
			p.lo = one.Years
		case one.Ask == policy.AgeBelow && p.hi == rules.NoHi:
			p.hi = one.Years - 1
		case one.Ask == policy.Has:
			p.codes[one.Fact] |= codesOf(one)
		case !p.take(one):
			return false
		}
	}
	return true
}

// take takes a region or a definition.
func (p *part) take(one *policy.Condition) bool {
	switch {
	case one.Not:
		return false
	case one.Ask == policy.Named:
		if !slices.Contains(p.named, one.Name) {
			p.named = append(p.named, one.Name)
		}
		return true
	case one.Ask == policy.Lives:
		to := &p.hukou
		if one.Fact == fact.Residence {
			to = &p.residence
		}
		if *to != "" && *to != one.Region {
			return false
		}
		*to = one.Region
		return true
	}
	return false
}

func codesOf(one *policy.Condition) (codes codeSet) {
	for _, v := range one.Values {
		if code, ok := one.Fact.CodeOf(v); ok {
			codes |= 1 << code
		}
	}
	return codes
}
