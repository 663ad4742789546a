package policy

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/prove"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/policies"
)

// TestFormEmbedded takes every item that is built in through the form: what comes back
// is the same form, and a rule that decides the same for everybody.
func TestFormEmbedded(t *testing.T) {
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	all, said := 0, 0
	for _, p := range lib.Packs() {
		was := p.List.Source()
		for i := range p.List.Items {
			it := &p.List.Items[i]
			all++
			f, ok := Form(it)
			if !ok {
				t.Logf("%s %s is edited as text: %s", p.Place, it.ID, it.When.CEL)
				continue
			}
			said++
			kept := *it
			if err := f.Apply(&kept); err != nil || kept.When != it.When || !reflect.DeepEqual(kept.Grant, it.Grant) {
				t.Errorf("%s %s: a form that says nothing new changes the text (%v)", p.Place, it.ID, err)
			}
			fresh := pack.Item{}
			if err := f.Apply(&fresh); err != nil {
				t.Fatal(err)
			}
			if again, ok := Form(&fresh); !ok || !reflect.DeepEqual(again, f) {
				t.Errorf("%s %s: another form\n%+v\n%+v", p.Place, it.ID, again, f)
			}
			it.When, it.Grant.Amount, it.Grant.Times, it.Grant.Share = fresh.When, fresh.Grant.Amount, fresh.Grant.Times, fresh.Grant.Share
		}
		same(t, was, p.List.Source())
	}
	if said < all*4/5 {
		t.Errorf("the form says %d of %d items", said, all)
	}
}

// same holds two lists to the same decisions, by proof and by people.
func same(t *testing.T, was, is *rules.Source) {
	t.Helper()
	for _, pair := range [][2]*rules.Source{{was, is}, {is, was}} {
		verdicts, err := prove.Conform(pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		for i := range verdicts {
			if v := &verdicts[i]; !v.Proved() {
				t.Errorf("%s %s: %s", was.ID, v.Upper.ID, Sentence(v, &v.Findings[0]))
			}
		}
	}
	day := max(was.From, today)
	a, err := rules.Compile(was, day)
	if err != nil {
		t.Fatal(err)
	}
	b, err := rules.Compile(is, day)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		who := someone(rnd, was.Region, day)
		for i := range a.Items {
			if x, y := a.Decide(i, who, day), b.Decide(i, who, day); !x.Same(y) || x.Missing != y.Missing {
				t.Fatalf("%s %s: %+v, %+v for %+v", was.ID, a.Items[i].ID, x, y, who)
			}
		}
	}
}

// someone is a person of whom some facts are known.
func someone(rnd *rand.Rand, place region.Code, day civil.Date) *fact.Person {
	p := &fact.Person{}
	if rnd.IntN(10) > 0 {
		p.Birth = day - civil.Date(365*55+rnd.IntN(365*50))
	}
	places := []region.Code{"", place, place + "02", "65", "110101"}
	p.Hukou, p.Residence = places[rnd.IntN(len(places))], places[rnd.IntN(len(places))]
	for id := range fact.Count {
		if id.Coded() {
			p.Codes[id] = fact.Code(rnd.IntN(len(id.Def().Values) + 1))
		}
	}
	return p
}

func TestConditions(t *testing.T) {
	for rule, want := range map[string]string{
		`age >= 60`:             `age >= 60`,
		`age > 59 && age <= 79`: `age >= 60 && age < 80`,
		`true`:                  ``,
		`hukou.within("1410") && !residence.within('14')`: `hukou.within("1410") && !residence.within("14")`,
		`income == "dibao"`:                     `income == "dibao"`,
		`income in ["tekun", "dibao", "dibao"]`: `income in ["dibao", "tekun"]`,
		`income != "none"`:                      `income in ["edge", "rigid", "dibao", "tekun"]`,
		`!(income in ["none", "edge"])`:         `income in ["rigid", "dibao", "tekun"]`,
		`disability_grade <= 2`:                 `disability_grade in [0, 1, 2]`,
		`ltci_level >= 3 && ltci_insured`:       `ltci_level in [3, 4, 5] && ltci_insured`,
		`!lives_alone && empty_nest == true`:    `!lives_alone && empty_nest`,
		`lives_alone == false`:                  `!lives_alone`,
		`local && (unable || age >= 80)`:        `local && (unable || age >= 80)`,
		`unable || !local || age >= 80`:         `unable || !local || age >= 80`,
		`(a && b) && (c || (d || e))`:           `a && b && (c || d || e)`,
		`!(age >= 60)`:                          `age < 60`,
		"age >= 60 &&\n  lives_alone":           `age >= 60 && lives_alone`,
	} {
		got, ok := conditions(rule)
		var w ruleWriter
		if text := w.text("when", got, ""); !ok || text != want || w.faults.Err() != nil {
			t.Errorf("%s is read as %q (%v, %v), want %q", rule, text, ok, w.faults, want)
		}
	}
	for _, rule := range []string{
		``, `age`, `age == 60`, `age >= 60u`, `age >= -1`, `age >= 60.5`, `age >= 200`, `(age >= 60`, `age >= 60 &&`, `a b`, `!(a && b)`, `(a && b) || c`,
		`income == "nothing"`, `income`, `income > 3`, `hukou == "1410"`, `hukou.within("141000")`, `birth`, `sex in []`, `false`, `true && a`, `a // b`,
		`age >= 60 ? a : b`, `"a" == "a"`, `income == "dibao" == true`, `!(income in ["none", "edge", "rigid", "dibao", "tekun"])`, `disability_grade > 4`, `a..b`,
		strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100),
	} {
		if got, ok := conditions(rule); ok {
			t.Errorf("%s is read as %+v", rule, got)
		}
	}
}

func TestSum(t *testing.T) {
	for cel, want := range map[string]Sum{
		"70": {"70", ""}, "70.50": {"70.50", ""}, "nursing_subsidy": {"", "nursing_subsidy"}, "0.5*nursing_subsidy": {"0.5", "nursing_subsidy"},
	} {
		if got, ok := sum(cel); !ok || got != want || !got.valid() {
			t.Errorf("%q is read as %+v (%v)", cel, got, ok)
		}
	}
	for _, cel := range []string{"", "-1", "a + b", "a * 2", "1 * 2", "age >= 60 ? 1 : 2", "A", "00", "1e3"} {
		if got, ok := sum(cel); ok {
			t.Errorf("%q is read as %+v", cel, got)
		}
	}
}

// drawCondition draws a line of the form.
func drawCondition(t *rapid.T, deep bool) Condition {
	asks := []Ask{AgeFrom, AgeBelow, Lives, Has, Named}
	if deep {
		asks = append(asks, AnyOf)
	}
	c := Condition{Ask: rapid.SampledFrom(asks).Draw(t, "ask")}
	switch c.Ask {
	case AgeFrom, AgeBelow:
		c.Years = rapid.IntRange(0, maxYears-1).Draw(t, "years")
	case Lives:
		c.Fact = rapid.SampledFrom([]fact.ID{fact.Hukou, fact.Residence}).Draw(t, "fact")
		c.Region = rapid.SampledFrom([]region.Code{"14", "1410", "141002"}).Draw(t, "region")
		c.Not = rapid.Bool().Draw(t, "not")
	case Named:
		c.Name = rapid.SampledFrom([]string{"local", "hard_up", "x1"}).Draw(t, "name")
		c.Not = rapid.Bool().Draw(t, "not")
	case Has:
		for c.Fact = range fact.Count {
			if c.Fact.Coded() && rapid.Bool().Draw(t, "this fact") {
				break
			}
		}
		if !c.Fact.Coded() {
			c.Fact = fact.Income
		}
		names := others(c.Fact, nil)
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, len(names), rapid.ID).Draw(t, "values")
		c.Values = others(c.Fact, others(c.Fact, some))
	case AnyOf:
		for range rapid.IntRange(2, 4).Draw(t, "alternatives") {
			c.Any = append(c.Any, drawCondition(t, false))
		}
	}
	return c
}

// TestFormOfAnything takes any form to an item and back.
func TestFormOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := func(label string, least int) (out []Condition) {
			for range rapid.IntRange(least, 3).Draw(t, label) {
				out = append(out, drawCondition(t, true))
			}
			return out
		}
		sums := rapid.SampledFrom([]Sum{{"70", ""}, {"", "nursing_subsidy"}, {"0.5", "nursing_subsidy"}})
		f := ItemForm{ID: "a", Name: "甲", When: lines("when", 0), Kind: rules.Cash, Per: rules.PerMonth}
		for range rapid.IntRange(0, 2).Draw(t, "cases") {
			f.Amount = append(f.Amount, FormCase{lines("case", 1), sums.Draw(t, "sum")})
		}
		f.Amount = append(f.Amount, FormCase{nil, sums.Draw(t, "else")})
		f.Share = []FormShare{{lines("share", 1), "免费"}, {nil, "半价"}}
		var it pack.Item
		if err := f.Apply(&it); err != nil {
			t.Fatalf("%v %v", err, errs.FieldsOf(err))
		}
		if again, ok := Form(&it); !ok || !reflect.DeepEqual(again, f) {
			t.Fatalf("%s\n%+v\n%+v", it.When.CEL, f, again)
		}
		l := pack.List{ID: "x", From: today, Items: []pack.Item{it}, Parameters: []pack.Parameter{{Name: "nursing_subsidy"}}}
		for _, name := range []string{"local", "hard_up", "x1"} {
			l.Define = append(l.Define, rules.Definition{Name: name, Rule: rules.Text{CEL: "age >= 60"}})
		}
		if _, err := rules.Compile(l.Source(), today); err != nil {
			t.Fatalf("%s: %v", it.When.CEL, err)
		}
	})
}

func TestApplyRefuses(t *testing.T) {
	for name, c := range map[string]Condition{
		"nothing":           {},
		"age":               {Ask: AgeFrom, Years: 200},
		"no region fact":    {Ask: Lives, Fact: fact.Income, Region: "14"},
		"no region":         {Ask: Lives, Fact: fact.Hukou, Region: `14") || true || hukou.within("`},
		"no value":          {Ask: Has, Fact: fact.Income},
		"foreign value":     {Ask: Has, Fact: fact.Income, Values: []string{`x"] || true || income in ["`}},
		"no coded fact":     {Ask: Has, Fact: fact.Birth, Values: []string{"1"}},
		"no such fact":      {Ask: Has, Fact: 200, Values: []string{"1"}},
		"name":              {Ask: Named, Name: "a || b"},
		"name of a fact":    {Ask: Named, Name: "age"},
		"one alternative":   {Ask: AnyOf, Any: []Condition{{Ask: Named, Name: "a"}}},
		"nested":            {Ask: AnyOf, Any: []Condition{{Ask: Named, Name: "a"}, {Ask: AnyOf}}},
		"bad alternative":   {Ask: AnyOf, Any: []Condition{{Ask: Named, Name: "a"}, {Ask: AgeFrom, Years: -1}}},
		"region of the age": {Ask: Lives, Fact: fact.Birth, Region: "14"},
	} {
		it := pack.Item{ID: "kept", When: rules.Text{CEL: "age >= 60"}}
		f := ItemForm{When: []Condition{c}}
		if err := f.Apply(&it); !errs.Is(err, errs.Invalid) || it.ID != "kept" {
			t.Errorf("%s: %v, %+v", name, err, it)
		}
	}
	f := ItemForm{Amount: []FormCase{{Is: Sum{Figure: "1 || 2"}}}}
	if err := f.Apply(&pack.Item{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("a sum that is none: %v", err)
	}
}

// FuzzConditions writes what it reads, and reads that as the same.
func FuzzConditions(f *testing.F) {
	for _, rule := range []string{`local && (unable || age >= 80)`, `!(income in ["none"])`, `disability_grade <= 2`, `hukou.within('14')`, `((a))`, `!!a`} {
		f.Add(rule)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		first, ok := conditions(rule)
		if !ok {
			return
		}
		var w ruleWriter
		text := w.text("when", first, "true")
		if err := w.faults.Err(); err != nil {
			t.Fatalf("%q: %v", rule, errs.FieldsOf(err))
		}
		if again, ok := conditions(text); !ok || !slices.EqualFunc(again, first, func(a, b Condition) bool { return reflect.DeepEqual(a, b) }) {
			t.Fatalf("%q is written as %q", rule, text)
		}
	})
}
