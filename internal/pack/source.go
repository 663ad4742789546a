package pack

import (
	"slices"

	"yian/internal/civil"
	"yian/internal/rules"
)

// Source returns the list with all that it takes over, ready to be compiled. It is
// nil for a list that extends another which no Library has found yet.
//
// Items: every item of the upper list in its order, an own item of the same id in
// its place, own new items after them. An inherited item keeps the definitions of
// the list that wrote it; an own item may use those of the upper lists too, unless
// the list defines the name itself.
//
// Parameters hold for all items, inherited ones too, so that a county sets its
// figure once: from the day of the first own value the own values hold, before it
// (or without any) those of the upper list.
func (l *List) Source() *rules.Source {
	out := &rules.Source{ID: l.ID}
	if l.Extends != "" {
		base := l.base.Load()
		if base == nil {
			return nil
		}
		out = base.Source()
	}
	out.ID, out.Title, out.Region, out.From, out.To = l.ID, l.Title, l.Region, l.From, l.To
	for i := range l.Parameters {
		out.Parameters = mergeParameter(out.Parameters, l.Parameters[i].source())
	}
	define := l.definitions()
	for i := range l.Items {
		out.Items = mergeItem(out.Items, l.Items[i].source(define))
	}
	return out
}

// definitions returns the own definitions and those of the upper lists that are not
// replaced.
func (l *List) definitions() []rules.Definition {
	var out []rules.Definition
	for _, from := range l.lists() {
		for _, d := range from.Define {
			if !slices.ContainsFunc(out, func(own rules.Definition) bool { return own.Name == d.Name }) {
				out = append(out, d)
			}
		}
	}
	return out
}

// lists returns l and every list that it builds on, the lowest first.
func (l *List) lists() []*List {
	out := []*List{l}
	for base := l.base.Load(); base != nil; base = base.base.Load() {
		out = append(out, base)
	}
	return out
}

func mergeItem(items []rules.Item, it rules.Item) []rules.Item {
	if i := slices.IndexFunc(items, func(up rules.Item) bool { return up.ID == it.ID }); i >= 0 {
		items[i] = it
		return items
	}
	return append(items, it)
}

func mergeParameter(params []rules.Parameter, p rules.Parameter) []rules.Parameter {
	i := slices.IndexFunc(params, func(up rules.Parameter) bool { return up.Name == p.Name })
	if i < 0 {
		return append(params, p)
	}
	first := civil.Date(0)
	for _, v := range p.Values {
		if first == 0 || v.From < first {
			first = v.From
		}
	}
	for _, v := range params[i].Values {
		if first == 0 || v.From < first {
			p.Values = append(p.Values, v)
		}
	}
	params[i] = p
	return params
}

func (p *Parameter) source() rules.Parameter {
	out := rules.Parameter{Name: p.Name, Label: p.Label, Unit: p.Unit, SetBy: p.SetBy, At: p.At}
	for _, v := range p.Values {
		out.Values = append(out.Values, rules.Dated{From: v.From, Value: v.Number, Most: v.Bound == "at_most"})
	}
	return out
}

func (it *Item) source(define []rules.Definition) rules.Item {
	out := rules.Item{
		No: it.No, ID: it.ID, Answers: it.Answers, Name: it.Name, Define: define, When: it.When,
		Grant: rules.Grant{
			Kind: it.Grant.Kind, Per: it.Grant.Per, First: it.Grant.First,
			Amount: it.Grant.Amount, Times: it.Grant.Times, Share: it.Grant.Share, At: it.Grant.At,
		},
		Prefer: it.Prefer, Start: it.Start, Attest: it.Attest, ClauseAt: it.Clause.Place, ClauseText: it.Clause.Text, Lead: it.Lead, At: it.At,
	}
	if out.Answers == "" {
		out.Answers = it.ID
	}
	if out.Grant.First == "" {
		out.Grant.First = rules.SameMonth
	}
	for _, e := range it.Excludes {
		out.Excludes = append(out.Excludes, e.Name)
	}
	return out
}

// Item returns the item of an id as the list that wrote it says it: the own one, or the
// one that is taken over; nil if there is none.
func (l *List) Item(id string) *Item {
	for _, from := range l.lists() {
		for i := range from.Items {
			if from.Items[i].ID == id {
				return &from.Items[i]
			}
		}
	}
	return nil
}
