package policy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

var (
	nameShape = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	sumShape  = regexp.MustCompile(`^(?:([0-9]+(?:\.[0-9]+)?)\s*\*\s*)?([a-z][a-z0-9_]*)$`)
)

// sum reads 70, nursing_subsidy or 0.5 * nursing_subsidy.
func sum(cel string) (Sum, bool) {
	cel = strings.TrimSpace(cel)
	if decimalShape.MatchString(cel) {
		return Sum{Figure: cel}, true
	}
	m := sumShape.FindStringSubmatch(cel)
	if m == nil || m[1] != "" && !decimalShape.MatchString(m[1]) {
		return Sum{}, false
	}
	return Sum{Figure: m[1], Parameter: m[2]}, true
}

func (s Sum) valid() bool {
	if s.Parameter == "" {
		return decimalShape.MatchString(s.Figure)
	}
	return nameShape.MatchString(s.Parameter) && (s.Figure == "" || decimalShape.MatchString(s.Figure))
}

// String returns the sum as rules write it.
func (s Sum) String() string {
	switch {
	case s.Parameter == "":
		return s.Figure
	case s.Figure == "":
		return s.Parameter
	}
	return s.Figure + " * " + s.Parameter
}

// conditions reads a rule into lines of the form. ok is false if they cannot say it.
func conditions(cel string) (out []Condition, ok bool) {
	tokens, ok := tokenize(cel)
	if !ok {
		return nil, false
	}
	p := &ruleReader{tokens: tokens}
	root := p.either()
	if p.failed || len(p.tokens) > 0 {
		return nil, false
	}
	if root.op == "true" {
		return nil, true
	}
	return root.lines()
}

// phrase is a part of a rule.
type phrase struct {
	op   string // &&, ||, !, true, or empty: the condition
	kids []phrase
	one  Condition
}

// lines are the conditions that must all hold.
func (ph phrase) lines() (out []Condition, ok bool) {
	if ph.op == "&&" {
		for _, k := range ph.kids {
			more, ok := k.lines()
			if !ok {
				return nil, false
			}
			out = append(out, more...)
		}
		return out, true
	}
	if ph.op == "||" {
		several, ok := ph.alternatives()
		return []Condition{{Ask: AnyOf, Any: several}}, ok
	}
	one, ok := ph.single()
	return []Condition{one}, ok
}

func (ph phrase) alternatives() (out []Condition, ok bool) {
	for _, k := range ph.kids {
		if k.op == "||" {
			more, ok := k.alternatives()
			if !ok {
				return nil, false
			}
			out = append(out, more...)
			continue
		}
		one, ok := k.single()
		if !ok {
			return nil, false
		}
		out = append(out, one)
	}
	return out, true
}

// single is a condition, or the opposite of one.
func (ph phrase) single() (Condition, bool) {
	if ph.op == "" {
		return ph.one, true
	}
	if ph.op != "!" {
		return Condition{}, false
	}
	c, ok := ph.kids[0].single()
	if !ok {
		return c, false
	}
	switch c.Ask {
	case AgeFrom:
		c.Ask = AgeBelow
	case AgeBelow:
		c.Ask = AgeFrom
	case Has:
		c.Values = others(c.Fact, c.Values)
		return c, len(c.Values) > 0
	default:
		c.Not = !c.Not
	}
	return c, true
}

// others are the values of a fact that are not among some.
func others(id fact.ID, values []string) (out []string) {
	for _, v := range id.Def().Values {
		if !slices.Contains(values, v.Name) {
			out = append(out, v.Name)
		}
	}
	return out
}

var tokenShape = regexp.MustCompile(`^(?:[a-z_][A-Za-z0-9_]*|[0-9]+|"[^"\\\n]*"|'[^'\\\n]*'|&&|\|\||==|!=|>=|<=|[!<>()\[\],.])`)

// tokenize cuts a rule into words. ok is false for what the form's rules never hold.
func tokenize(cel string) (out []string, ok bool) {
	for rest := strings.TrimLeft(cel, " \t\r\n"); rest != ""; rest = strings.TrimLeft(rest, " \t\r\n") {
		token := tokenShape.FindString(rest)
		if token == "" {
			return nil, false
		}
		out = append(out, token)
		rest = rest[len(token):]
		if unended(token, rest) {
			return nil, false
		}
	}
	return out, true
}

// unended reports whether a number runs into something else: 60.5, 60u.
func unended(token, rest string) bool {
	if token[0] < '0' || token[0] > '9' || rest == "" {
		return false
	}
	c := rest[0]
	return c == '.' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// ruleReader reads the words of a rule.
type ruleReader struct {
	tokens []string
	failed bool
	depth  int
}

const maxDepth = 50

func (p *ruleReader) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *ruleReader) next() string {
	t := p.peek()
	if t == "" {
		p.failed = true
		return ""
	}
	p.tokens = p.tokens[1:]
	return t
}

func (p *ruleReader) expect(t string) {
	if p.next() != t {
		p.failed = true
	}
}

func (p *ruleReader) either() phrase { return p.chain("||", p.both) }
func (p *ruleReader) both() phrase   { return p.chain("&&", p.part) }

func (p *ruleReader) chain(op string, part func() phrase) phrase {
	out := phrase{op: op, kids: []phrase{part()}}
	for p.peek() == op && !p.failed {
		p.next()
		out.kids = append(out.kids, part())
	}
	if len(out.kids) == 1 {
		return out.kids[0]
	}
	return out
}

func (p *ruleReader) part() phrase {
	if p.depth++; p.depth > maxDepth {
		p.failed = true
		return phrase{}
	}
	defer func() { p.depth-- }()
	switch t := p.next(); {
	case t == "!":
		return phrase{op: "!", kids: []phrase{p.part()}}
	case t == "(":
		inner := p.either()
		p.expect(")")
		return inner
	case t == "true":
		return phrase{op: "true"}
	case nameShape.MatchString(t):
		return phrase{one: p.atom(t)}
	}
	p.failed = true
	return phrase{}
}

// atom reads a condition that begins with a name.
func (p *ruleReader) atom(name string) Condition {
	id, known := fact.ByName(name)
	switch {
	case name == rules.AgeName:
		return p.age()
	case !known && slices.Contains([]string{"false", "null", "in"}, name):
		p.failed = true
		return Condition{}
	case !known:
		return Condition{Ask: Named, Name: name}
	case id.Def().Kind == fact.Region:
		for _, t := range []string{".", "within", "("} {
			p.expect(t)
		}
		code := region.Code(p.text())
		p.expect(")")
		if parsed, err := region.Parse(string(code)); err != nil || parsed != code {
			p.failed = true
		}
		return Condition{Ask: Lives, Fact: id, Region: code}
	case id.Coded():
		return Condition{Ask: Has, Fact: id, Values: p.values(id)}
	}
	p.failed = true
	return Condition{}
}

func (p *ruleReader) age() Condition {
	op := p.next()
	years, err := strconv.Atoi(p.next())
	c := Condition{Ask: AgeFrom, Years: years}
	switch op {
	case ">=":
	case ">":
		c.Years++
	case "<":
		c.Ask = AgeBelow
	case "<=":
		c.Ask = AgeBelow
		c.Years++
	default:
		p.failed = true
	}
	if err != nil || c.Years >= maxYears {
		p.failed = true
	}
	return c
}

// text reads a text in quotation marks.
func (p *ruleReader) text() string {
	t := p.next()
	if len(t) < 2 || t[0] != '"' && t[0] != '\'' {
		p.failed = true
		return ""
	}
	return t[1 : len(t)-1]
}

// values reads which values of a fact a condition takes, in the order of the
// vocabulary.
func (p *ruleReader) values(id fact.ID) []string {
	d := id.Def()
	switch op := p.peek(); {
	case op == "in":
		p.next()
		p.expect("[")
		some := []string{p.value(d)}
		for p.peek() == "," {
			p.next()
			some = append(some, p.value(d))
		}
		p.expect("]")
		return others(id, others(id, some))
	case op == "==" || op == "!=":
		p.next()
		some := []string{p.value(d)}
		if op == "!=" {
			return p.some(others(id, some))
		}
		return some
	case d.Kind == fact.Bool:
		return []string{"true"}
	case d.Kind == fact.Level:
		return p.some(p.levels(d))
	}
	p.failed = true
	return nil
}

// some refuses a condition that no value meets: the form has no line for it.
func (p *ruleReader) some(values []string) []string {
	if len(values) == 0 {
		p.failed = true
	}
	return values
}

func (p *ruleReader) value(d *fact.Def) string {
	v := p.peek()
	if d.Kind == fact.Enum {
		v = p.text()
	} else {
		p.next()
	}
	if !slices.ContainsFunc(d.Values, func(known fact.Value) bool { return known.Name == v }) {
		p.failed = true
	}
	return v
}

// levels reads which levels a comparison takes.
func (p *ruleReader) levels(d *fact.Def) (out []string) {
	op := p.next()
	bound, err := strconv.Atoi(p.next())
	if err != nil || !slices.Contains([]string{">=", ">", "<=", "<"}, op) {
		p.failed = true
		return nil
	}
	for _, v := range d.Values {
		n, err := strconv.Atoi(v.Name)
		if err == nil && (op == ">=" && n >= bound || op == ">" && n > bound || op == "<=" && n <= bound || op == "<" && n < bound) {
			out = append(out, v.Name)
		}
	}
	return out
}
