package policy

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/rules"
)

// Ask (条件种类) is what a condition of the form asks.
type Ask string

// The kinds of conditions.
const (
	AgeFrom  Ask = "age_from"  // 年满 Years 周岁
	AgeBelow Ask = "age_below" // 未满 Years 周岁
	Lives    Ask = "lives"     // Fact (户籍地、居住地) 在 Region
	Has      Ask = "has"       // Fact 是 Values 之一
	Named    Ask = "named"     // the list's condition Name
	AnyOf    Ask = "any_of"    // one of Any holds
)

// Condition (条件) is one line of the form. All lines must hold.
type Condition struct {
	Ask    Ask
	Not    bool // of Lives and Named: it must not hold
	Years  int
	Fact   fact.ID
	Region region.Code
	Values []string // in the order of the vocabulary
	Name   string
	Any    []Condition // two or more, none of them AnyOf
}

// Sum (数额) is what a case gives: a figure, a parameter, or a multiple of one.
type Sum struct {
	Figure    string // 70; beside a parameter what it is multiplied by; empty: once
	Parameter string // empty: the figure itself
}

// FormCase (情形) is one case of an amount or a frequency. No condition: in all others.
type FormCase struct {
	When []Condition
	Is   Sum
}

// FormShare (优惠情形) is one case of how much of a price is waived.
type FormShare struct {
	When []Condition
	Is   string
}

// ItemForm (项目表单) is an item as the structured form shows it.
type ItemForm struct {
	No                                 int
	ID, Name, Audience, Content        string
	Type, Lead                         string
	Joint                              []string
	Added                              bool
	When                               []Condition // none: everybody
	Attest                             []string
	Start                              string
	Kind, Per, First                   string
	Amount, Times                      []FormCase
	Share                              []FormShare
	Excludes                           []string
	Prefer, Answers                    string
	ClauseAt, ClauseText, Note, Unsure string // Unsure: how sure the text is
}

// Form reads an item into the form. ok is false for rules that the form cannot say;
// they are edited as text.
func Form(it *pack.Item) (f ItemForm, ok bool) {
	f = ItemForm{
		No: it.No, ID: it.ID, Name: it.Name, Audience: it.Audience, Content: it.Content, Type: it.Type, Lead: it.Lead, Joint: slices.Clone(it.Joint), Added: it.Added,
		Attest: slices.Clone(it.Attest), Start: it.Start, Kind: it.Grant.Kind, Per: it.Grant.Per, First: it.Grant.First,
		Prefer: it.Prefer, Answers: it.Answers, ClauseAt: it.Clause.Place, ClauseText: it.Clause.Text, Note: it.Note, Unsure: it.Confidence,
	}
	for _, e := range it.Excludes {
		f.Excludes = append(f.Excludes, e.Name)
	}
	if f.When, ok = conditions(it.When.CEL); !ok {
		return f, false
	}
	if f.Amount, ok = formCases(it.Grant.Amount); !ok {
		return f, false
	}
	if f.Times, ok = formCases(it.Grant.Times); !ok {
		return f, false
	}
	for _, s := range it.Grant.Share {
		when, ok := caseConditions(s.When.CEL)
		if !ok {
			return f, false
		}
		f.Share = append(f.Share, FormShare{when, s.Is})
	}
	return f, true
}

func formCases(cases []rules.Case) (out []FormCase, ok bool) {
	for _, c := range cases {
		when, ok := caseConditions(c.When.CEL)
		if !ok {
			return nil, false
		}
		is, ok := sum(c.Is.CEL)
		if !ok {
			return nil, false
		}
		out = append(out, FormCase{when, is})
	}
	return out, true
}

// caseConditions reads the condition of a case. What always holds stands without one.
func caseConditions(cel string) ([]Condition, bool) {
	if cel == "" {
		return nil, true
	}
	when, ok := conditions(cel)
	return when, ok && len(when) > 0
}

// Apply writes the form into an item. A rule that says the same already keeps its text.
func (f *ItemForm) Apply(it *pack.Item) error {
	var w ruleWriter
	when := w.text("when", f.When, "true")
	amount, times := w.cases("amount", f.Amount), w.cases("times", f.Times)
	var share []rules.Share
	for _, s := range f.Share {
		share = append(share, rules.Share{When: rules.Text{CEL: w.text("share", s.When, "")}, Is: s.Is})
	}
	if err := w.faults.Err(); err != nil {
		return err
	}
	old, same := Form(it)
	it.No, it.ID, it.Name, it.Audience, it.Content, it.Type, it.Lead = f.No, f.ID, f.Name, f.Audience, f.Content, f.Type, f.Lead
	it.Joint, it.Added, it.Attest, it.Start = slices.Clone(f.Joint), f.Added, slices.Clone(f.Attest), f.Start
	it.Prefer, it.Answers, it.Note, it.Confidence = f.Prefer, f.Answers, f.Note, f.Unsure
	it.Clause.Place, it.Clause.Text = f.ClauseAt, f.ClauseText
	it.Grant.Kind, it.Grant.Per, it.Grant.First = f.Kind, f.Per, f.First
	it.Excludes = nil
	for _, e := range f.Excludes {
		it.Excludes = append(it.Excludes, pack.Ref{Name: e})
	}
	if !same || !reflect.DeepEqual(old.When, f.When) {
		it.When = rules.Text{CEL: when}
	}
	if !same || !reflect.DeepEqual(old.Amount, f.Amount) {
		it.Grant.Amount = amount
	}
	if !same || !reflect.DeepEqual(old.Times, f.Times) {
		it.Grant.Times = times
	}
	if !same || !reflect.DeepEqual(old.Share, f.Share) {
		it.Grant.Share = share
	}
	return nil
}

// ruleWriter writes conditions as rules and notes what cannot be one.
type ruleWriter struct{ faults errs.Fields }

func (w *ruleWriter) text(field string, all []Condition, none string) string {
	if len(all) == 0 {
		return none
	}
	parts := make([]string, len(all))
	for i := range all {
		parts[i] = w.condition(field, &all[i], len(all) > 1)
	}
	return strings.Join(parts, " && ")
}

// condition writes one line of the form; among others alternatives stand in brackets.
func (w *ruleWriter) condition(field string, c *Condition, among bool) string {
	not := ""
	if c.Not {
		not = "!"
	}
	switch c.Ask {
	case AgeFrom, AgeBelow:
		return w.age(field, c)
	case Lives:
		if c.Fact >= fact.Count || c.Fact.Def().Kind != fact.Region {
			w.faults.Add(field, "请选择按户籍地还是居住地")
			return ""
		}
		if code, err := region.Parse(string(c.Region)); err != nil || code != c.Region {
			w.faults.Add(field, "“%s”不是区划代码", c.Region)
		}
		return not + c.Fact.String() + `.within("` + string(c.Region) + `")`
	case Has:
		return w.values(field, c)
	case Named:
		if !nameShape.MatchString(c.Name) || c.Name == rules.AgeName || isFact(c.Name) {
			w.faults.Add(field, "“%s”不是条件的名字", c.Name)
		}
		return not + c.Name
	case AnyOf:
		return w.anyOf(field, c, among)
	}
	w.faults.Add(field, "请选择条件")
	return ""
}

func isFact(name string) bool {
	_, ok := fact.ByName(name)
	return ok
}

func (w *ruleWriter) anyOf(field string, c *Condition, among bool) string {
	parts := make([]string, len(c.Any))
	for i := range c.Any {
		if c.Any[i].Ask == AnyOf {
			w.faults.Add(field, "任一条件之内不能再有“任一”，请改用文字编辑")
			return ""
		}
		parts[i] = w.condition(field, &c.Any[i], true)
	}
	switch {
	case len(parts) < 2:
		w.faults.Add(field, "“任一成立”须有两个以上的条件")
	case among:
		return "(" + strings.Join(parts, " || ") + ")"
	}
	return strings.Join(parts, " || ")
}

const maxYears = 150

func (w *ruleWriter) age(field string, c *Condition) string {
	if c.Years < 0 || c.Years >= maxYears {
		w.faults.Add(field, "年龄须在 0 至 %d 之间", maxYears-1)
	}
	if c.Ask == AgeFrom {
		return rules.AgeName + " >= " + strconv.Itoa(c.Years)
	}
	return rules.AgeName + " < " + strconv.Itoa(c.Years)
}

// values writes that a fact has one of some values.
func (w *ruleWriter) values(field string, c *Condition) string {
	if c.Fact >= fact.Count || !c.Fact.Coded() || len(c.Values) == 0 {
		w.faults.Add(field, "请选择信息项和它的值")
		return ""
	}
	d := c.Fact.Def()
	parts := make([]string, len(c.Values))
	for i, v := range c.Values {
		if _, ok := c.Fact.CodeOf(v); !ok {
			w.faults.Add(field, "%s没有值“%s”", d.Label, v)
		}
		parts[i] = v
		if d.Kind == fact.Enum {
			parts[i] = `"` + v + `"`
		}
	}
	switch {
	case d.Kind == fact.Bool && len(parts) == 1 && parts[0] == "true":
		return d.Name
	case d.Kind == fact.Bool && len(parts) == 1:
		return "!" + d.Name
	case len(parts) == 1:
		return d.Name + " == " + parts[0]
	}
	return d.Name + " in [" + strings.Join(parts, ", ") + "]"
}

func (w *ruleWriter) cases(field string, cases []FormCase) (out []rules.Case) {
	for _, c := range cases {
		if !c.Is.valid() {
			w.faults.Add(field, "数额须是数字、参数，或数字乘参数")
		}
		out = append(out, rules.Case{When: rules.Text{CEL: w.text(field, c.When, "")}, Is: rules.Text{CEL: c.Is.String()}})
	}
	return out
}
