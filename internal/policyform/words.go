package policyform

import (
	"fmt"
	"strings"

	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/rules"
)

// Sentence tells a condition in plain words: 户籍在临汾市，且年满 80 周岁.
func Sentence(x *rules.Expr) string { return say(x, false) }

// say tells a condition; within another one it stands in brackets where it has parts.
func say(x *rules.Expr, inside bool) string {
	var text string
	switch x.Op {
	case rules.OpAnd:
		text = join(x.Kids, "，且")
	case rules.OpOr:
		text = join(x.Kids, "，或")
	case rules.OpNot:
		return "不符合“" + say(x.Kids[0], false) + "”"
	case rules.OpNamed:
		return say(x.Kids[0], inside)
	case rules.OpCode:
		if x.Fact.Def().Kind == fact.Bool && x.Codes == 1<<fact.True {
			return x.Fact.Def().Label
		}
		return x.Text
	default:
		return x.Text
	}
	if inside {
		return "（" + text + "）"
	}
	return text
}

func join(kids []*rules.Expr, with string) string {
	parts := make([]string, len(kids))
	for i, k := range kids {
		parts[i] = say(k, true)
	}
	return strings.Join(parts, with)
}

// Rule tells who is entitled; the rule as it is written where it has faults.
func Rule(it *pack.Item, c *rules.Compiled) string {
	if c == nil {
		return it.When.CEL
	}
	return Sentence(c.Own)
}

var periods = map[string]string{rules.PerMonth: "每月", rules.PerYear: "每年", rules.PerOnce: "一次性", rules.PerDay: "每天"}

// Grant tells what an item gives, a case a line.
func Grant(it *pack.Item, c *rules.Compiled) []string {
	g := rules.Grant{Kind: it.Grant.Kind}
	head := g.KindLabel()
	if every := periods[it.Grant.Per]; every != "" {
		head += "，" + every
	}
	if it.Grant.First == rules.NextMonth {
		head += "，次月起"
	}
	var cases []string
	if c == nil {
		cases = rawCases(&it.Grant)
	} else {
		cases = append(choiceWords(c.Amount, "元"), choiceWords(c.Times, "次")...)
		cases = append(cases, choiceWords(c.Share, "")...)
	}
	if len(cases) == 1 {
		return []string{head + "：" + cases[0]}
	}
	return append([]string{head}, cases...)
}

// rawCases are the cases as they are written.
func rawCases(g *pack.Grant) []string {
	var out []string
	for _, of := range [][]rules.Case{g.Amount, g.Times} {
		for _, c := range of {
			out = append(out, when(c.When.CEL, c.Is.CEL))
		}
	}
	for _, c := range g.Share {
		out = append(out, when(c.When.CEL, c.Is))
	}
	return out
}

func when(condition, is string) string {
	if condition == "" {
		return is
	}
	return condition + "：" + is
}

// choiceWords tells the cases of an amount, a frequency or a discount.
func choiceWords(c *rules.Choice, unit string) []string {
	if c == nil {
		return nil
	}
	var out []string
	split := c.When != nil
	for c.When != nil && c.Then != nil {
		if c.Then.When != nil { // a case that has cases of its own
			for _, text := range choiceWords(c.Then, unit) {
				out = append(out, Sentence(c.When)+"，"+text)
			}
		} else {
			out = append(out, Sentence(c.When)+"："+quantityWords(c.Then.Leaf, unit))
		}
		c = c.Else
	}
	rest := quantityWords(c.Leaf, unit)
	switch {
	case !split:
		return []string{rest}
	case c.Leaf.State != rules.None:
		out = append(out, "其他情形："+rest)
	}
	return out
}

func quantityWords(q rules.Quantity, unit string) string {
	switch {
	case q.State == rules.None:
		return "没有"
	case q.State == rules.Unset:
		return "标准待定（" + strings.ReplaceAll(q.How, "（未定）", "") + "）"
	case unit == "":
		return q.How
	}
	number := fmt.Sprint(q.N)
	if unit == "元" {
		number = strings.TrimSuffix(q.Fen().String(), ".00")
	}
	text := number + " " + unit
	if q.Most {
		text = "不超过 " + text
	}
	if strings.ContainsAny(q.How, "×÷+−") {
		text += "（" + q.How + "）"
	}
	return text
}
