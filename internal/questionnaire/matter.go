package questionnaire

import (
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// matters reports whether the answer to one question can change what is told of item i:
// whether, for some answers to the others that are open, the decision with a value of
// this one differs from the decision without, or then hangs on other facts.
func matters(p *rules.Program, i int, who fact.Person, id fact.ID, missing, settled fact.Set, on civil.Date) bool {
	if !id.Coded() {
		return true // ages and places have too many values to try; the rule asks for them
	}
	t := trial{program: p, item: i, on: on, id: id, settled: settled, left: 300}
	return t.helps(who, missing&^(settled|fact.Set(0).Add(id)))
}

// trial tries values.
type trial struct {
	program *rules.Program
	item    int
	on      civil.Date
	id      fact.ID
	settled fact.Set // cannot be asked
	left    int      // decisions before giving in; a question too many is better than one too few
}

// helps tries the fact itself, then together with others that are open.
func (t *trial) helps(who fact.Person, others fact.Set) bool {
	without := t.program.Decide(t.item, &who, t.on)
	for _, code := range plausible(&who, t.id, t.on) {
		if t.left--; t.left < 0 {
			return true
		}
		who.Codes[t.id] = code
		with := t.program.Decide(t.item, &who, t.on)
		if !with.Same(without) || (with.Missing^without.Missing)&^(t.settled|fact.Set(0).Add(t.id)) != 0 {
			return true
		}
	}
	who.Codes[t.id] = fact.Unknown
	for _, other := range others.IDs() {
		if !other.Coded() {
			continue
		}
		others &^= fact.Set(0).Add(other) // each set of others is tried once
		for _, code := range plausible(&who, other, t.on) {
			who.Codes[other] = code
			if t.helps(who, others) {
				return true
			}
		}
		who.Codes[other] = fact.Unknown
	}
	return false
}
