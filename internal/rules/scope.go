package rules

import (
	"cel.dev/cel-go/cel"

	"yian/internal/fact"
	"yian/internal/near"
)

// scope is the names that the rules of one list may use.
type scope struct {
	env    *cel.Env
	params []Parameter
	define []Definition
	state  map[string]*defined
	clash  bool // a definition has a name that is taken
}

// defined is a definition while and after it is compiled.
type defined struct {
	x    *Expr
	busy bool
}

// scopeOf returns the scope of the list that wrote the item.
func (c *compiler) scopeOf(it *Item) *scope {
	var key *Definition
	if len(it.Define) > 0 {
		key = &it.Define[0]
	}
	if s, ok := c.scopes[key]; ok {
		return s
	}
	if c.clash {
		return nil
	}
	s := &scope{params: c.params, define: it.Define, state: map[string]*defined{}}
	c.scopes[key] = s
	for _, d := range it.Define {
		if _, isFact := fact.ByName(d.Name); isFact || d.Name == AgeName || s.param(d.Name) != nil {
			c.errs.add(d.Rule.At, "define 的名字 %s 与事实或参数同名，请换一个名字", d.Name)
			s.clash = true
		}
	}
	if s.clash {
		c.scopes[key] = nil
		return nil
	}
	env, err := listEnv(c.params, it.Define)
	if err != nil {
		c.errs.add(it.At, "清单的参数或 define 的名字不可用：%v", err)
		c.scopes[key] = nil
		return nil
	}
	s.env = env
	for _, d := range it.Define {
		_, _, _ = s.definition(c, d.Name) // told now even when no item uses it
	}
	return s
}

func (s *scope) param(name string) *Parameter {
	for i := range s.params {
		if s.params[i].Name == name {
			return &s.params[i]
		}
	}
	return nil
}

// definition compiles the definition on first use. ok is false if there is none.
func (s *scope) definition(c *compiler, name string) (x *Expr, ok bool, err error) {
	if d := s.state[name]; d != nil {
		switch {
		case d.busy:
			c.errs.add(s.find(name).Rule.At, "define %s 直接或间接用到了自己", name)
			return nil, true, errRefused
		case d.x == nil:
			return nil, true, errRefused
		}
		return d.x, true, nil
	}
	def := s.find(name)
	if def == nil {
		return nil, false, nil
	}
	d := &defined{busy: true}
	s.state[name] = d
	body := c.rule(s, def.Rule)
	d.busy = false
	if body == nil {
		return nil, true, errRefused
	}
	d.x = named(name, body)
	return d.x, true, nil
}

func (s *scope) find(name string) *Definition {
	for i := range s.define {
		if s.define[i].Name == name {
			return &s.define[i]
		}
	}
	return nil
}

// suggest names what may have been meant, for messages.
func (s *scope) suggest(name string) string {
	best, dist := "", 3
	try := func(candidate string) {
		if d := near.Distance(name, candidate); d < dist {
			best, dist = candidate, d
		}
	}
	for id := range fact.Count {
		if id != fact.Birth {
			try(id.String())
		}
	}
	try(AgeName)
	for _, d := range s.define {
		try(d.Name)
	}
	for _, p := range s.params {
		try(p.Name)
	}
	if best == "" {
		return ""
	}
	return "；是不是 " + best + "？"
}
