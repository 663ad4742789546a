package questionnaire

import (
	"slices"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// Result (问答结果) is what the list grants somebody who answered so.
type Result struct {
	Entitled, Open, Not []Outcome
	On                  civil.Date
	Next                civil.Date // the first day on which growing older changes something; zero: none
	Changes             []rules.Change
}

// Outcome (单项结果) is the result of one item.
type Outcome struct {
	Index int // among the items of the program
	rules.Explanation

	Reasons []Reason // what the result stands on
}

// Reason (判断依据) is a condition with what is known of the person.
type Reason struct{ Text, Value string }

// Result decides every item with what was answered.
func (p *Path) Result(on civil.Date) *Result {
	r := &Result{On: on}
	if p.Program == nil {
		return r
	}
	for i := range p.Program.Items {
		o := Outcome{Index: i, Explanation: p.Program.Explain(i, &p.Person, on)}
		o.Reasons = reasons(nil, &o.Rule)
		switch o.Result {
		case rules.Yes:
			r.Entitled = append(r.Entitled, o)
		case rules.No:
			r.Not = append(r.Not, o)
		default:
			r.Open = append(r.Open, o)
		}
	}
	r.Next, r.Changes = p.Program.NextChange(&p.Person, on)
	return r
}

// reasons collects the conditions on which a result stands.
func reasons(out []Reason, n *rules.Node) []Reason {
	if !n.Deciding {
		return out
	}
	if len(n.Kids) == 0 {
		if one := (Reason{n.Text, n.Value}); !slices.Contains(out, one) {
			out = append(out, one)
		}
		return out
	}
	for i := range n.Kids {
		out = reasons(out, &n.Kids[i])
	}
	return out
}

// Unknown lists the facts that would decide an item, in the order of the questions.
func (o *Outcome) Unknown() []fact.ID {
	var out []fact.ID
	for _, id := range inOrder {
		if o.Missing.Has(id) {
			out = append(out, id)
		}
	}
	return out
}
