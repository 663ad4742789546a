package scenarioweb

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/policy"
	"yian/internal/rules"
	"yian/internal/scenario"
	"yian/internal/ui"
	"yian/internal/web"
)

// details tells the item as it is.
func details(ruling *policy.Ruling, it *rules.Item) ui.Details {
	d := ui.Details{}
	if own := ruling.Item(it.ID); own != nil {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "对象", Text: own.Audience})
	}
	d.Pairs = append(d.Pairs, ui.Pair{Term: "给付", Text: it.Grant.KindLabel()}, ui.Pair{Term: "依据", Text: it.ClauseAt, Note: it.ClauseText})
	return d
}

// itemSections are the fields of an item: its condition, its amounts, the parameters
// that it speaks of.
func itemSections(r *web.Request, ruling *policy.Ruling, d *scenario.Draft, it *rules.Item) []ui.Section {
	when, amounts := shown(d, it)
	condition := ui.Section{Title: "谁能享受"}
	if age, ok := scenario.AgeOf(when); ok {
		condition.Fields = append(condition.Fields, ui.Field{
			Name: "age", Label: "年龄门槛", Kind: ui.KindNumber, Value: value(r, "age", strconv.Itoa(age)), Min: "0", Max: "120", Unit: "周岁及以上", Width: "s",
		})
	}
	condition.Fields = append(condition.Fields, ui.Field{
		Name: scenario.WhenField(it.ID), Label: "条件", Kind: ui.KindTextarea, Value: value(r, scenario.WhenField(it.ID), when), MaxLength: 4000, Rows: 3, Required: true,
		Hint: "规则文字，如 local && age >= 80 && income == \"dibao\"。只改年龄时，改“年龄门槛”即可。",
	})
	out := []ui.Section{condition}
	if len(amounts) > 0 {
		out = append(out, amountSection(r, it, amounts))
	}
	if params := scenario.ParametersOf(ruling.Source, it); len(params) > 0 {
		out = append(out, parameterSection(r, ruling, d, params))
	}
	return out
}

// shown is the condition and the amounts as the draft has them.
func shown(d *scenario.Draft, it *rules.Item) (when string, amounts []scenario.Case) {
	when = it.When.CEL
	for _, c := range it.Grant.Amount {
		amounts = append(amounts, scenario.Case{When: c.When.CEL, Is: c.Is.CEL})
	}
	if c := d.Changes.Item(it.ID); c != nil {
		if c.When != "" {
			when = c.When
		}
		if len(c.Amount) > 0 {
			amounts = c.Amount
		}
	}
	return when, amounts
}

func amountSection(r *web.Request, it *rules.Item, amounts []scenario.Case) ui.Section {
	unit := "元"
	switch label := it.Grant.PeriodLabel(); {
	case it.Grant.Per == rules.PerOnce:
		unit += "（" + label + "）"
	case label != "":
		unit += "/" + label
	}
	s := ui.Section{Title: "给多少", Text: "可以写数字、参数的名字，或者分情形的算式，如 age >= 90 ? 100 : 50。"}
	for i, c := range amounts {
		label := "金额"
		if len(amounts) > 1 {
			label = "金额（第 " + strconv.Itoa(i+1) + " 种情形）"
			name := scenario.AmountWhenField(it.ID, i)
			s.Fields = append(s.Fields, ui.Field{
				Name: name, Label: "第 " + strconv.Itoa(i+1) + " 种情形", Value: value(r, name, c.When), MaxLength: 4000, Hint: "从上往下，第一个成立的算数；空着是其余的人。",
			})
		}
		name := scenario.AmountField(it.ID, i)
		s.Fields = append(s.Fields, ui.Field{Name: name, Label: label, Value: value(r, name, c.Is), MaxLength: 4000, Unit: unit, Required: true, Width: "m"})
	}
	return s
}

func parameterSection(r *web.Request, ruling *policy.Ruling, d *scenario.Draft, params []*rules.Parameter) ui.Section {
	s := ui.Section{Title: "标准", Text: "清单里的标准。改了的从下面的日子起算；用到同一标准的其他项目也会跟着变。"}
	from := ruling.Program.At
	for _, p := range params {
		was, hint := "", "现在还没有确定。"
		if v := p.On(ruling.Program.At); v.Value != nil {
			was, hint = number(v.Value), "现为 "+number(v.Value)+" "+p.Unit+"。"
		}
		if c := changeOf(d, p.Name); c != nil {
			was, from = c.Value, c.From
		}
		name := scenario.ParameterField(p.Name)
		s.Fields = append(s.Fields, ui.Field{Name: name, Label: p.Label, Value: value(r, name, was), InputMode: "decimal", Unit: p.Unit, Width: "m", Hint: hint})
	}
	s.Fields = append(s.Fields, ui.Field{Name: "from", Label: "标准从哪一天起", Kind: ui.KindDate, Value: value(r, "from", from.String()), Width: "m"})
	return s
}

func changeOf(d *scenario.Draft, parameter string) *scenario.ParameterChange {
	for i := range d.Changes.Parameters {
		if d.Changes.Parameters[i].Name == parameter {
			return &d.Changes.Parameters[i]
		}
	}
	return nil
}

// number writes a value as people type it.
func number(v *big.Rat) string {
	s := v.FloatString(2)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// take puts what the form says into the draft. Only what differs from the list is a
// change.
func take(r *web.Request, ruling *policy.Ruling, d *scenario.Draft, item string) error {
	var f errs.Fields
	d.Name, d.On = r.Value("name"), 0
	if text := r.Value("on"); text != "" {
		day, err := civil.Parse(text)
		f.Check("on", err)
		d.On = day
	}
	if text := value(r, "base", ""); text != "" {
		f.Check("base", d.Base.UnmarshalText([]byte(text)))
	} else if r.Form.Has("base") {
		d.Base = 0
	}
	i := slices.IndexFunc(ruling.Source.Items, func(it rules.Item) bool { return it.ID == item })
	switch version, whole := strings.CutPrefix(item, versionOf); {
	case whole && version != "":
		f.Check("", d.Changes.Version.UnmarshalText([]byte(version)))
	case i >= 0:
		takeItem(r, d, &ruling.Source.Items[i], &f)
		takeParameters(r, ruling, d, &ruling.Source.Items[i], &f)
	}
	return f.Err()
}

func takeItem(r *web.Request, d *scenario.Draft, it *rules.Item, f *errs.Fields) {
	was, amounts := shown(d, it)
	when := value(r, scenario.WhenField(it.ID), was)
	if text := r.Value("age"); text != "" && same(when, was) {
		age, err := strconv.Atoi(text)
		if err != nil || age < 0 || age > 120 {
			f.Add("age", "年龄应是 0 至 120 的整数")
			return
		}
		if old, ok := scenario.AgeOf(was); ok && old != age {
			when = scenario.WithAge(was, age)
			r.Form.Del(scenario.WhenField(it.ID)) // shown anew with the age
		}
	}
	if when == "" {
		f.Add(scenario.WhenField(it.ID), "请填写条件；对所有人都成立时写 true")
	}
	change := scenario.ItemChange{Item: it.ID}
	if !same(when, it.When.CEL) {
		change.When = when
	}
	given := make([]scenario.Case, len(amounts))
	for i, c := range amounts {
		given[i] = scenario.Case{When: value(r, scenario.AmountWhenField(it.ID, i), c.When), Is: value(r, scenario.AmountField(it.ID, i), c.Is)}
	}
	alike := func(a, b scenario.Case) bool { return same(a.When, b.When) && same(a.Is, b.Is) }
	if _, own := shown(&scenario.Draft{}, it); !slices.EqualFunc(given, own, alike) {
		change.Amount = given
	}
	d.Changes.Set(change)
}

// same reports whether two texts of a rule differ in nothing but spaces: browsers break
// lines in their own way.
func same(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

func takeParameters(r *web.Request, ruling *policy.Ruling, d *scenario.Draft, it *rules.Item, f *errs.Fields) {
	from := ruling.Program.At
	if text := r.Value("from"); text != "" {
		day, err := civil.Parse(text)
		f.Check("from", err)
		from = day
	}
	for _, p := range scenario.ParametersOf(ruling.Source, it) {
		text := value(r, scenario.ParameterField(p.Name), "")
		was := ""
		if v := p.On(ruling.Program.At); v.Value != nil {
			was = number(v.Value)
		}
		if text == was {
			text = ""
		}
		d.Changes.SetParameter(scenario.ParameterChange{Name: p.Name, From: from, Value: text})
	}
}
