package main

import (
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// exprLang are the rows of expr-lang/expr, which knows no unknowns. Three-valued
// results therefore take two programs a rule, "known to hold" and "known not to",
// written from the checked rule; the second is asked where the first fails. The
// two-valued row asks the first alone.
func exprLang(l *list, sample, complete *crowd) ([]*contender, error) {
	list, err := newExprList(l)
	if err != nil {
		return nil, err
	}
	row := func(name, note string, c *crowd, twoValued bool) *contender {
		return &contender{name: name, note: note, crowd: c, run: func(cores int) ([]tally, error) {
			return rows(len(c.people), len(list.items), cores, func() judge { return list.judge(c, twoValued) }), nil
		}}
	}
	return []*contender{
		row("expr, three-valued", "two programs a rule: known to hold, known not to hold", sample, false),
		row("expr, two-valued", "one program a rule, people with every fact known", complete, true),
	}, nil
}

// exprEnv is what expressions see: the numbers of codes, -1 as the age and "" as
// the region that nobody has recorded. expr finds names in a map faster than in a struct.
type exprEnv map[string]any

type exprList struct {
	facts []fact.ID // that rules ask for
	items []exprItem
}

type exprItem struct {
	yes, no *vm.Program
	amount  []exprCase
	times   []exprCase
}

type exprCase struct {
	yes, no *vm.Program // nil: always
	figure  rules.Quantity
}

func newExprList(l *list) (*exprList, error) {
	var failed error
	facts := l.facts()
	env := exprEnv{}
	env.fill(facts, &fact.Person{})
	program := func(x *rules.Expr, want bool) *vm.Program {
		text := exprText(x, want)
		p, err := expr.Compile(text, expr.Env(map[string]any(env)), expr.AsBool())
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", text, err)
		}
		return p
	}
	cases := func(c *rules.Choice) (out []exprCase) {
		for ; c != nil && c.When != nil; c = c.Else {
			out = append(out, exprCase{program(c.When, true), program(c.When, false), c.Then.Leaf})
		}
		if c != nil {
			out = append(out, exprCase{figure: c.Leaf})
		}
		return out
	}
	out := &exprList{facts: facts}
	for i := range l.prog.Items {
		it := &l.prog.Items[i]
		out.items = append(out.items, exprItem{program(it.Rule, true), program(it.Rule, false), cases(it.Amount), cases(it.Times)})
	}
	return out, failed
}

func (l *exprList) judge(c *crowd, twoValued bool) judge {
	env := exprEnv{}
	var machine vm.VM
	holds := func(p *vm.Program) bool {
		v, err := machine.Run(p, map[string]any(env))
		if err != nil {
			panic(err) // the program was type-checked: a fault of this file
		}
		return v.(bool)
	}
	truth := func(yes, no *vm.Program) rules.Truth {
		switch {
		case yes == nil || holds(yes):
			return rules.Yes
		case twoValued || holds(no):
			return rules.No
		default:
			return rules.Unknown
		}
	}
	decide := func(cases []exprCase) rules.Quantity {
		for i := range cases {
			switch truth(cases[i].yes, cases[i].no) {
			case rules.Yes:
				return cases[i].figure
			case rules.Unknown:
				return rules.Quantity{State: rules.Undecided}
			}
		}
		return rules.Quantity{}
	}
	return func(from, to int, masks []mask, into []tally) {
		for i := from; i < to; i++ {
			env.fill(l.facts, &c.people[i])
			for k := range l.items {
				it := &l.items[k]
				d := rules.Decision{Result: truth(it.yes, it.no)}
				if d.Result == rules.Yes {
					d.Amount, d.Times = decide(it.amount), decide(it.times)
				}
				masks[i].note(k, d.Result)
				into[k].add(&d)
			}
		}
	}
}

func (e exprEnv) fill(facts []fact.ID, p *fact.Person) {
	for _, id := range facts {
		switch {
		case id == fact.Birth && p.Birth == 0:
			e[variable(id)] = -1
		case id == fact.Birth:
			e[variable(id)] = civil.Age(p.Birth, on)
		case id.Coded():
			e[variable(id)] = int(p.Codes[id])
		default:
			e[variable(id)] = string(p.Region(id))
		}
	}
}
