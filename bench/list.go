package main

import (
	"fmt"
	"math/big"
	"slices"

	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/rules"
	"yian/policies"
)

// list is the service list that every engine evaluates.
type list struct {
	src  *rules.Source
	prog *rules.Program
	plan *engine.Plan
}

func openList() (*list, error) {
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		return nil, err
	}
	found, err := lib.List("linfen-2023")
	if err != nil {
		return nil, err
	}
	return compile(found.Source())
}

func compile(src *rules.Source) (*list, error) {
	prog, err := rules.Compile(src, on)
	if err != nil {
		return nil, err
	}
	return &list{src: src, prog: prog, plan: engine.NewPlan(prog, on)}, nil
}

// facts are those that some rule or case asks for.
func (l *list) facts() []fact.ID {
	var set fact.Set
	l.prog.Walk(func(x *rules.Expr) {
		if x.Op >= rules.OpAge {
			set = set.Add(x.Fact)
		}
	})
	return set.IDs()
}

// variable is the name of a fact in rules.
func variable(id fact.ID) string {
	if id == fact.Birth {
		return rules.AgeName
	}
	return id.String()
}

// copySource copies what the variants of the list change.
func (l *list) copySource() *rules.Source {
	src := *l.src
	src.Parameters = slices.Clone(l.src.Parameters)
	src.Items = slices.Clone(l.src.Items)
	return &src
}

// otherParameter is the list with one figure changed.
func (l *list) otherParameter() *rules.Source {
	src := l.copySource()
	i := slices.IndexFunc(src.Parameters, func(p rules.Parameter) bool { return p.Name == "nursing_subsidy" })
	src.Parameters[i].Values = []rules.Dated{{From: src.From, Value: big.NewRat(120, 1)}}
	return src
}

// otherRule is the list with one rule changed.
func (l *list) otherRule() *rules.Source {
	src := l.copySource()
	i := slices.IndexFunc(src.Items, func(it rules.Item) bool { return it.ID == "care-service-subsidy" })
	it := &src.Items[i]
	it.When.CEL = fmt.Sprintf("(%s) && !in_facility", it.When.CEL)
	return src
}

// county is a county's list that takes over every item of the city's.
func (l *list) county() *rules.Source {
	src := l.copySource()
	src.ID, src.Region = "county", "141024"
	return src
}
