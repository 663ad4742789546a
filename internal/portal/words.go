package portal

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/rules"
	"yian/internal/ui"
)

// words puts what a list grants into plain words.
type words struct {
	book   *policy.Book
	ruling *policy.Ruling
}

// granted tells what somebody gets of an item.
func (w words) granted(it *rules.Item, d *rules.Decision) string {
	var parts []string
	for _, part := range []string{w.amount(it, d.Amount), times(it, d.Times), share(d.Share)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "；")
}

// amount tells a sum of money.
func (w words) amount(it *rules.Item, q rules.Quantity) string {
	switch q.State {
	case rules.Fixed:
		bound := ""
		switch {
		case q.Most:
			bound = "不超过 "
		case w.floor(q.How):
			bound = "不少于 "
		}
		return per(it) + bound + strings.TrimSuffix(ui.Yuan(q.Fen()), ".00") + " 元"
	case rules.Unset:
		var by []string
		for _, name := range q.Unset {
			if who := w.setBy(name); who != "" && !slices.Contains(by, who) {
				by = append(by, who)
			}
		}
		if len(by) == 0 {
			return "金额还没有确定"
		}
		text := "金额由" + strings.Join(by, "、") + "确定"
		if strings.ContainsAny(q.How, "+−×÷") {
			text += "，按“" + q.How + "”计算"
		}
		return text
	case rules.Undecided:
		return "金额要看还不知道的情况"
	default:
		return ""
	}
}

// times tells how often a service is given.
func times(it *rules.Item, q rules.Quantity) string {
	switch q.State {
	case rules.Fixed:
		return per(it) + strconv.FormatInt(q.N, 10) + " 次"
	case rules.Unset:
		return "次数还没有确定"
	case rules.Undecided:
		return "次数要看还不知道的情况"
	default:
		return ""
	}
}

// share tells how much of a price is waived.
func share(q rules.Quantity) string {
	switch q.State {
	case rules.Fixed:
		return q.How
	case rules.Undecided:
		return "优惠多少要看还不知道的情况"
	default:
		return ""
	}
}

// per tells the period.
func per(it *rules.Item) string {
	switch it.Grant.Per {
	case "":
		return ""
	case rules.PerOnce:
		return it.Grant.PeriodLabel() + " "
	default:
		return "每" + it.Grant.PeriodLabel() + " "
	}
}

// parameter finds a parameter as the list that wrote it says it; nil if there is none.
func (w words) parameter(match func(*pack.Parameter) bool) *pack.Parameter {
	for l := w.ruling.List; l != nil; l = w.base(l) {
		for i := range l.Parameters {
			if match(&l.Parameters[i]) {
				return &l.Parameters[i]
			}
		}
	}
	return nil
}

// base is the list that another takes over; nil if there is none.
func (w words) base(l *pack.List) *pack.List {
	if l.Extends == "" {
		return nil
	}
	for _, r := range w.book.Rulings {
		if r.List.ID == l.Extends && r.List != l {
			return r.List
		}
	}
	return nil
}

// floor reports whether a sum hangs on a parameter of which the document only says what
// it must not fall below.
func (w words) floor(how string) bool {
	return w.parameter(func(p *pack.Parameter) bool {
		v := current(p, w.ruling)
		return v != nil && v.Bound == "at_least" && strings.Contains(how, p.Label)
	}) != nil
}

// current is the value of a parameter on the day of the ruling; nil if there is none.
func current(p *pack.Parameter, r *policy.Ruling) (v *pack.Value) {
	for i := range p.Values {
		if one := &p.Values[i]; one.From <= r.Program.At && (v == nil || one.From > v.From) {
			v = one
		}
	}
	return v
}

// setBy tells who sets a parameter that has no value.
func (w words) setBy(name string) string {
	p := w.parameter(func(p *pack.Parameter) bool { return p.Name == name })
	if p == nil {
		return ""
	}
	return setters(p.SetBy)
}

// setters are the governments that a list names by their level; others stand as they are.
func setters(by string) string {
	if name, ok := map[string]string{"county": "县级人民政府", "city": "市级人民政府", "prefecture": "市级人民政府", "province": "省级人民政府"}[by]; ok {
		return name
	}
	return by
}

// grants tells all cases of what an item gives.
func (w words) grants(c *rules.Compiled) []string {
	var out []string
	for _, tree := range []struct {
		choice *rules.Choice
		tell   func(rules.Quantity) string
	}{
		{c.Amount, func(q rules.Quantity) string { return w.amount(c.Item, q) }},
		{c.Times, func(q rules.Quantity) string { return times(c.Item, q) }},
		{c.Share, share},
	} {
		if text, same := sameText(tree.choice, tree.tell); !same {
			out = cases(out, tree.choice, tree.tell, "")
		} else if text != "" {
			out = append(out, text)
		}
	}
	return out
}

// sameText reports whether all cases read the same: all are yet to be set by somebody.
func sameText(c *rules.Choice, tell func(rules.Quantity) string) (text string, same bool) {
	if c == nil {
		return "", true
	}
	if c.When == nil {
		return tell(c.Leaf), true
	}
	a, one := sameText(c.Then, tell)
	b, other := sameText(c.Else, tell)
	return a, one && other && a == b
}

// cases walks a tree of cases.
func cases(out []string, c *rules.Choice, tell func(rules.Quantity) string, when string) []string {
	if c == nil {
		return out
	}
	if c.When == nil {
		text := tell(c.Leaf)
		if text == "" {
			return out
		}
		return append(out, strings.TrimPrefix(when+"："+text, "："))
	}
	before := len(out)
	out = cases(out, c.Then, tell, and(when, condition(c.When)))
	if len(out) > before && when == "" {
		return cases(out, c.Else, tell, "其他情形")
	}
	return cases(out, c.Else, tell, when)
}

func and(a, b string) string {
	if a == "" || a == "其他情形" {
		return b
	}
	return a + "，并且" + b
}

// condition tells a condition in a line.
func condition(x *rules.Expr) string {
	switch x.Op {
	case rules.OpNamed:
		return condition(x.Kids[0])
	case rules.OpAnd, rules.OpOr:
		word := "并且"
		if x.Op == rules.OpOr {
			word = "或者"
		}
		var parts []string
		for _, k := range x.Kids {
			part := condition(k)
			for k.Op == rules.OpNamed {
				k = k.Kids[0]
			}
			if k.Op != x.Op && (k.Op == rules.OpAnd || k.Op == rules.OpOr) {
				part = "（" + part + "）"
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, word)
	case rules.OpNot:
		return "不是（" + condition(x.Kids[0]) + "）"
	default:
		return x.Text
	}
}

// standards lists the parameters that an item's sums hang on, with their dates.
func (w words) standards(it *rules.Item) []string {
	var out []string
	for i := range w.ruling.Source.Parameters {
		name := w.ruling.Source.Parameters[i].Name
		if !slices.ContainsFunc(it.Grant.Amount, func(c rules.Case) bool { return mentions(c.Is.CEL, name) }) {
			continue
		}
		if p := w.parameter(func(p *pack.Parameter) bool { return p.Name == name }); p != nil {
			out = append(out, standard(p)...)
		}
	}
	return out
}

// mentions reports whether a formula names a parameter.
func mentions(formula, name string) bool {
	return slices.Contains(strings.FieldsFunc(formula, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), name)
}

// standard tells the values of a parameter.
func standard(p *pack.Parameter) []string {
	if len(p.Values) == 0 {
		if by := setters(p.SetBy); by != "" {
			return []string{p.Label + "：由" + by + "确定"}
		}
		return []string{p.Label + "：还没有确定"}
	}
	var out []string
	for i := range p.Values {
		v := &p.Values[i]
		number := "未定"
		if v.Number != nil {
			number = map[string]string{"at_least": "不少于 ", "at_most": "不超过 "}[v.Bound] + decimal(v.Number) + " " + p.Unit
		}
		out = append(out, p.Label+"：自 "+v.From.String()+" 起 "+number)
	}
	return out
}

// decimal writes an exact number without needless zeros.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(strings.TrimRight(r.FloatString(4), "0"), ".")
}
