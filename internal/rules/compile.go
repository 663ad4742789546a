package rules

import (
	"cel.dev/cel-go/cel"

	"yian/internal/civil"
	"yian/internal/fact"
)

// Program (编译后的清单) is a compiled list on a day: parameters have the values of that day.
// It is immutable and safe for concurrent use.
type Program struct {
	Source *Source
	At     civil.Date
	Items  []Compiled
	ages   []int
}

// Compiled (编译后的项目) is one item of a program.
type Compiled struct {
	*Item
	Own    *Expr   // the item's own rule
	Rule   *Expr   // the same after exclusions: who is entitled
	Amount *Choice // in fen; nil: no cash is stated
	Times  *Choice // nil: no frequency is stated
	Share  *Choice // how much of a price is waived; nil: not stated
}

// Choices returns the trees of cases: amount, frequency and share.
func (c *Compiled) Choices() []*Choice { return []*Choice{c.Amount, c.Times, c.Share} }

// Find returns the place of the item with the id, or -1.
func (p *Program) Find(id string) int {
	for i := range p.Items {
		if p.Items[i].ID == id {
			return i
		}
	}
	return -1
}

// compiler gathers errors and the scopes of the lists whose items it compiles.
type compiler struct {
	at     civil.Date
	errs   Errors
	params []Parameter
	scopes map[*Definition]*scope // by the first definition of a list
	clash  bool                   // a parameter has a name that is taken: no rule can be read
}

// Compile compiles the list for the day at, which chooses the values of its
// parameters. The error is Errors: every fault, with its place.
func Compile(src *Source, at civil.Date) (*Program, error) {
	c := &compiler{at: at, params: src.Parameters, scopes: map[*Definition]*scope{}}
	c.checkParameters()
	p := &Program{Source: src, At: at, Items: make([]Compiled, len(src.Items))}
	for i := range src.Items {
		p.Items[i] = c.item(&src.Items[i])
	}
	if len(c.errs) == 0 {
		c.exclude(p)
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	p.ages = p.thresholds()
	return p, nil
}

func (c *compiler) checkParameters() {
	seen := map[string]bool{}
	for _, p := range c.params {
		if _, isFact := fact.ByName(p.Name); isFact || p.Name == AgeName {
			c.errs.add(p.At, "参数 %s 与事实同名，请换一个名字", p.Name)
			c.clash = true
		}
		if seen[p.Name] {
			c.errs.add(p.At, "参数 %s 重复", p.Name)
		}
		seen[p.Name] = true
	}
}

func (c *compiler) item(it *Item) Compiled {
	s := c.scopeOf(it)
	out := Compiled{Item: it}
	if s == nil {
		return out
	}
	out.Own = c.rule(s, it.When)
	out.Rule = out.Own
	out.Amount = c.cases(s, it.Grant.Amount, true)
	out.Times = c.cases(s, it.Grant.Times, false)
	out.Share = c.shares(s, it.Grant.Share)
	return out
}

// rule compiles a condition; nil after an error.
func (c *compiler) rule(s *scope, src Text) *Expr {
	t, ok := c.parse(s, src)
	if !ok {
		return nil
	}
	x, err := t.condition(t.parsed.NativeRep().Expr())
	if err != nil || !t.check(true) {
		return nil
	}
	if x.nodes() > maxSize { // counted now, so that a compiled program is only read
		c.errs.add(src.At, "规则连同用到的 define 展开后超过 %d 项，请简化", maxSize)
		return nil
	}
	return x
}

// check has cel-go check the types, as a second opinion on what was lowered.
func (t *text) check(condition bool) bool {
	checked, iss := t.scope.env.Check(t.parsed)
	if iss.Err() != nil {
		for _, e := range iss.Errors() {
			t.c.errs.add(place(t.src.At, e.Location), "类型不符：%s", e.Message)
		}
		return false
	}
	want := cel.DoubleType
	if condition {
		want = cel.BoolType
	}
	if !checked.OutputType().IsExactType(want) {
		t.c.errs.add(t.src.At, "类型不符：结果是 %s，应为 %s", checked.OutputType(), want)
		return false
	}
	return true
}
