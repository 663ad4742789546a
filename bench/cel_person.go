package main

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// celBoxes are the values of variables, boxed once for all people.
type celBoxes struct {
	ages    [fact.MaxAge + 1]ref.Val
	codes   [fact.Count][rules.MaxCodes + 1]ref.Val
	regions map[fact.ID][]ref.Val // by index of the crowd's dictionary
	pattern [fact.Count]*cel.AttributePatternType
}

func newCELBoxes(c *crowd) *celBoxes {
	b := &celBoxes{regions: map[fact.ID][]ref.Val{}}
	for n := range b.ages {
		b.ages[n] = types.Int(n)
	}
	for id := range fact.Count {
		b.pattern[id] = cel.AttributePattern(variable(id))
		b.codes[id][fact.Unknown] = celUnknown
		for i, v := range id.Def().Values {
			b.codes[id][i+1] = map[fact.Kind]ref.Val{
				fact.Enum: types.String(v.Name), fact.Level: types.Int(i), fact.Bool: types.Bool(i == 0),
			}[id.Def().Kind]
		}
	}
	for _, id := range []fact.ID{fact.Hukou, fact.Residence} {
		for _, code := range c.pop.Regions(id).Codes {
			var v ref.Val = types.String(code)
			if code == "" {
				v = celUnknown
			}
			b.regions[id] = append(b.regions[id], v)
		}
	}
	return b
}

// celPerson is the activation: the variables of one person after another.
type celPerson struct {
	boxes   *celBoxes
	list    *celList
	crowd   *crowd
	at      int
	values  []ref.Val // by slot; nil: a definition that has not been asked for
	partial bool
	unknown []*cel.AttributePatternType // in partial evaluation
}

// goTo makes the activation that of person i.
func (p *celPerson) goTo(i int) {
	p.at = i
	p.unknown = p.unknown[:0]
	clear(p.values)
	who := &p.crowd.people[i]
	for slot, id := range p.list.facts {
		switch id {
		case fact.Birth:
			p.values[slot] = celUnknown
			if who.Birth != 0 {
				p.values[slot] = p.boxes.ages[civil.Age(who.Birth, on)]
			}
		case fact.Hukou, fact.Residence:
			p.values[slot] = p.boxes.regions[id][p.crowd.pop.Regions(id).Index[i]]
		default:
			p.values[slot] = p.boxes.codes[id][who.Codes[id]]
		}
		if p.partial && p.values[slot] == celUnknown {
			p.unknown = append(p.unknown, p.boxes.pattern[id])
		}
	}
}

// ResolveName implements cel.Activation.
func (p *celPerson) ResolveName(name string) (any, bool) {
	slot, ok := p.list.names.slot(name)
	if !ok {
		return nil, false
	}
	if p.values[slot] == nil {
		p.values[slot] = p.eval(p.list.define[slot-len(p.list.facts)])
	}
	return p.values[slot], true
}

// Parent implements cel.Activation.
func (p *celPerson) Parent() cel.Activation { return nil }

// UnknownAttributePatterns implements the partial activation.
func (p *celPerson) UnknownAttributePatterns() []*cel.AttributePatternType { return p.unknown }

// AsPartialActivation implements the partial activation.
func (p *celPerson) AsPartialActivation() (cel.PartialActivation, bool) { return p, p.partial }

func (p *celPerson) eval(prg cel.Program) ref.Val {
	v, _, err := prg.Eval(p)
	if err != nil {
		panic(err) // the list was type-checked: a fault of this file
	}
	return v
}

func (p *celPerson) truth(prg cel.Program) rules.Truth {
	switch p.eval(prg) {
	case types.True:
		return rules.Yes
	case types.False:
		return rules.No
	default:
		return rules.Unknown
	}
}

// decide returns the case that holds.
func (p *celPerson) decide(cases []celCase) rules.Quantity {
	for i := range cases {
		if cases[i].when == nil {
			return cases[i].figure
		}
		switch p.truth(cases[i].when) {
		case rules.Yes:
			return cases[i].figure
		case rules.Unknown:
			return rules.Quantity{State: rules.Undecided}
		}
	}
	return rules.Quantity{}
}

// judge decides the crowd.
func (l *celList) judge(c *crowd, boxes *celBoxes, partial bool) judge {
	p := &celPerson{boxes: boxes, list: l, crowd: c, values: make([]ref.Val, l.names.count), partial: partial}
	return func(from, to int, masks []mask, into []tally) {
		for i := from; i < to; i++ {
			p.goTo(i)
			for k := range l.items {
				it := &l.items[k]
				d := rules.Decision{Result: p.truth(it.when)}
				if d.Result == rules.Yes {
					d.Amount, d.Times = p.decide(it.amount), p.decide(it.times)
				}
				masks[i].note(k, d.Result)
				into[k].add(&d)
			}
		}
	}
}
