package rules

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"yian/internal/civil"
	"yian/internal/fact"
)

// CEL evaluates rules by cel-go's own partial evaluation: the third opinion beside
// the tree walker and the columnar engine.
type CEL struct {
	src    *Source
	env    *cel.Env
	define map[string]ref.Val
	at     civil.Date
}

// NewCEL prepares cel-go for one person on a day.
func NewCEL(src *Source, who *fact.Person, on civil.Date) (*CEL, error) {
	c := &CEL{src: src, define: map[string]ref.Val{}, at: on}
	var err error
	if c.env, err = listEnv(src.Parameters, src.Items[0].Define); err != nil {
		return nil, err
	}
	for _, d := range src.Items[0].Define {
		if c.define[d.Name], err = c.eval(d.Rule.CEL, who, false); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Truth evaluates a condition.
func (c *CEL) Truth(text string, who *fact.Person) (Truth, error) {
	v, err := c.eval(text, who, false)
	if err != nil || types.IsUnknown(v) {
		return Unknown, err
	}
	return TruthOf(v == types.True), nil
}

// Yuan evaluates the cases of an amount; ok is false where it is open or none holds.
func (c *CEL) Yuan(cases []Case, who *fact.Person) (yuan float64, state State, err error) {
	for _, one := range cases {
		if one.When.CEL != "" {
			switch when, err := c.Truth(one.When.CEL, who); {
			case err != nil || when == Unknown:
				return 0, Undecided, err
			case when == No:
				continue
			}
		}
		v, err := c.eval(one.Is.CEL, who, true)
		if err != nil || types.IsUnknown(v) {
			return 0, Undecided, err
		}
		return float64(v.(types.Double)), Fixed, nil
	}
	return 0, None, nil
}

func (c *CEL) eval(text string, who *fact.Person, number bool) (ref.Val, error) {
	ast, iss := c.env.Parse(text)
	if iss.Err() != nil {
		return nil, iss.Err()
	}
	if number {
		widen(ast.NativeRep().Expr())
	}
	ast, iss = c.env.Check(ast)
	if iss.Err() != nil {
		return nil, iss.Err()
	}
	prg, err := c.env.Program(ast, cel.EvalOptions(cel.OptPartialEval))
	if err != nil {
		return nil, err
	}
	vars, unknown := c.vars(who)
	partial, err := cel.PartialVars(vars, unknown...)
	if err != nil {
		return nil, err
	}
	v, _, err := prg.Eval(partial)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return v, nil
}

func (c *CEL) vars(who *fact.Person) (map[string]any, []*cel.AttributePatternType) {
	vars := map[string]any{}
	var unknown []*cel.AttributePatternType
	set := func(name string, known bool, v any) {
		if known {
			vars[name] = v
		} else {
			unknown = append(unknown, cel.AttributePattern(name))
		}
	}
	set(AgeName, who.Birth != 0, int64(civil.Age(who.Birth, c.at)))
	for id := range fact.Count {
		code := who.Codes[id]
		switch id.Def().Kind {
		case fact.Region:
			set(id.String(), who.Known(id), regionVal{code: who.Region(id)})
		case fact.Enum:
			set(id.String(), who.Known(id), id.ValueName(code))
		case fact.Level:
			set(id.String(), who.Known(id), int64(code)-1)
		case fact.Bool:
			set(id.String(), who.Known(id), code == fact.True)
		}
	}
	for _, p := range c.src.Parameters {
		v := p.On(c.at).Value
		if v == nil {
			set(p.Name, false, nil)
			continue
		}
		f, _ := v.Float64()
		set(p.Name, true, f)
	}
	for name, v := range c.define {
		set(name, !types.IsUnknown(v), v)
	}
	return vars, unknown
}
