package main

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// celGo are cel-go's rows, as fast as its users know to make it: optimised and
// folded programs, an activation of our own whose values are boxed beforehand,
// definitions evaluated once a person and only when a rule asks, formulas of
// parameters worked out when the list is loaded.
func celGo(l *list, sample, complete *crowd) ([]*contender, error) {
	partial, err := newCELList(l, cel.OptPartialEval)
	if err != nil {
		return nil, err
	}
	plain, err := newCELList(l, 0)
	if err != nil {
		return nil, err
	}
	row := func(c *contender, list *celList, patterns bool) *contender {
		boxes := newCELBoxes(c.crowd)
		c.run = func(cores int) ([]tally, error) {
			return rows(len(c.crowd.people), len(list.items), cores, func() judge { return list.judge(c.crowd, boxes, patterns) }), nil
		}
		return c
	}
	return []*contender{
		row(&contender{name: "cel-go, partial evaluation", note: "unknown facts as attribute patterns", crowd: sample, baseline: true}, partial, true),
		row(&contender{name: "cel-go, unknowns as values", note: "no partial evaluation: variables hold types.Unknown", crowd: sample, baseline: true}, plain, false),
		row(&contender{name: "cel-go, two-valued", note: "the same people with every fact known", crowd: complete, twoValued: true}, plain, false),
	}, nil
}

// celList is a list as cel-go programs.
type celList struct {
	names  *celNames // the facts that rules ask for, then the definitions
	facts  []fact.ID
	define []cel.Program
	items  []celItem
}

type celItem struct {
	when   cel.Program
	amount []celCase
	times  []celCase
}

// celCase is a case of an amount or frequency.
type celCase struct {
	when   cel.Program // nil: always
	figure rules.Quantity
}

// newCELList compiles the texts of the list by cel-go alone.
func newCELList(l *list, opt cel.EvalOption) (*celList, error) {
	env, err := celEnv(l.src)
	if err != nil {
		return nil, err
	}
	c := celCompiler{env: env, opt: opt | cel.OptOptimize}
	out := &celList{facts: l.facts(), items: make([]celItem, len(l.src.Items))}
	var names []string
	for _, id := range out.facts {
		names = append(names, variable(id))
	}
	for _, d := range l.src.Items[0].Define {
		out.define = append(out.define, c.program(d.Rule.CEL))
		names = append(names, d.Name)
	}
	out.names = newCELNames(names)
	for i, it := range l.src.Items {
		out.items[i] = celItem{
			when:   c.program(it.When.CEL),
			amount: c.cases(it.Grant.Amount, l.prog.Items[i].Amount),
			times:  c.cases(it.Grant.Times, l.prog.Items[i].Times),
		}
	}
	return out, c.err
}

func celEnv(src *rules.Source) (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.ClearMacros(),
		cel.Variable(rules.AgeName, cel.IntType),
		cel.Function("within", cel.MemberOverload("string_within_string",
			[]*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(celWithin))),
	}
	kinds := map[fact.Kind]*cel.Type{fact.Region: cel.StringType, fact.Enum: cel.StringType, fact.Bool: cel.BoolType, fact.Level: cel.IntType}
	for id := range fact.Count {
		if t := kinds[id.Def().Kind]; t != nil {
			opts = append(opts, cel.Variable(id.String(), t))
		}
	}
	for _, p := range src.Parameters {
		opts = append(opts, cel.Variable(p.Name, cel.DoubleType))
	}
	for _, d := range src.Items[0].Define {
		opts = append(opts, cel.Variable(d.Name, cel.BoolType))
	}
	return cel.NewEnv(opts...)
}

var celUnknown ref.Val = types.NewUnknown(0, nil)

func celWithin(code, outer ref.Val) ref.Val {
	switch rules.Within(region.Code(code.(types.String)), region.Code(outer.(types.String))) {
	case rules.Yes:
		return types.True
	case rules.No:
		return types.False
	default:
		return celUnknown
	}
}

// celCompiler keeps the first error.
type celCompiler struct {
	env *cel.Env
	opt cel.EvalOption
	err error
}

func (c *celCompiler) program(text string) cel.Program {
	if c.err != nil {
		return nil
	}
	ast, iss := c.env.Compile(text)
	if c.err = iss.Err(); c.err != nil {
		return nil
	}
	folding, err := cel.NewConstantFoldingOptimizer()
	if err != nil {
		c.err = err
		return nil
	}
	optimizer, err := cel.NewStaticOptimizer(folding)
	if err != nil {
		c.err = err
		return nil
	}
	if ast, iss = optimizer.Optimize(c.env, ast); iss.Err() != nil {
		c.err = iss.Err()
		return nil
	}
	prg, err := c.env.Program(ast, cel.EvalOptions(c.opt))
	c.err = err
	return prg
}

// cases pairs the conditions of the cases with their figures, which hang on
// parameters alone in this list and were worked out when it was compiled.
func (c *celCompiler) cases(list []rules.Case, figures *rules.Choice) (out []celCase) {
	for _, one := range list {
		if one.When.CEL == "" {
			return append(out, celCase{figure: figures.Leaf})
		}
		out = append(out, celCase{c.program(one.When.CEL), figures.Then.Leaf})
		figures = figures.Else
	}
	return out
}
