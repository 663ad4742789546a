package prove

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/rules/rulestest"
)

func item(id, when string, grant rules.Grant) rules.Item {
	return rules.Item{ID: id, Name: id, When: rules.Text{CEL: when}, Grant: grant}
}

func cash(cases ...string) rules.Grant {
	g := rules.Grant{Kind: rules.Cash, Per: rules.PerMonth}
	for i := 0; i+1 < len(cases); i += 2 {
		g.Amount = append(g.Amount, rules.Case{When: rules.Text{CEL: cases[i]}, Is: rules.Text{CEL: cases[i+1]}})
	}
	return g
}

func discount(cases ...string) rules.Grant {
	g := rules.Grant{Kind: rules.Discount}
	for i := 0; i+1 < len(cases); i += 2 {
		g.Share = append(g.Share, rules.Share{When: rules.Text{CEL: cases[i]}, Is: cases[i+1]})
	}
	return g
}

func source(region string, items ...rules.Item) *rules.Source {
	return &rules.Source{ID: "list-" + region, Region: "1410", From: civil.New(2024, 1, 1), Items: items}
}

func TestConform(t *testing.T) {
	service := rules.Grant{Kind: rules.Service}
	for _, tc := range []struct {
		name         string
		upper, lower rules.Item
		want         []Fault
	}{
		{"same", item("a", "age >= 80", cash("", "70")), item("a", "age >= 80", cash("", "70")), nil},
		{
			"written differently", item("a", `age >= 80 && income in ["dibao", "tekun"]`, service),
			item("a", `!(income == "none" || income == "edge" || !(income != "rigid")) && !(age < 80)`, service), nil,
		},
		{"own region only", item("a", "age >= 80", service), item("a", `hukou.within("1410") && age >= 80`, service), nil},
		{"part of the region", item("a", "age >= 80", service), item("a", `hukou.within("141002") && age >= 80`, service), []Fault{NotCovered}},
		{"a year later", item("a", "age >= 80", service), item("a", "age >= 81", service), []Fault{NotCovered}},
		{"a year earlier", item("a", "age >= 80", service), item("a", "age >= 79", service), nil},
		{"an end to the age", item("a", "true", service), item("a", "age < 80", service), []Fault{NotCovered}},
		{"no end to the age", item("a", "age < 80", service), item("a", "true", service), nil},
		{"less money", item("a", "age >= 80", cash("", "70")), item("a", "age >= 80", cash("", "69.99")), []Fault{LowerAmount}},
		{
			"less for the oldest", item("a", "age >= 80", cash("age >= 100", "300", "", "100")),
			item("a", "age >= 80", cash("", "299")),
			[]Fault{LowerAmount},
		},
		{
			"cases in another order", item("a", "age >= 80", cash("age >= 100", "300", "", "100")),
			item("a", "age >= 80", cash("age < 100", "100", "", "300")), nil,
		},
		{"no money", item("a", "age >= 80", cash("", "70")), item("a", "age >= 80", cash()), []Fault{LowerAmount}},
		{"yearly", item("a", "age >= 80", cash("", "70")), item("a", "age >= 80", rules.Grant{
			Kind: rules.Cash, Per: rules.PerYear, Amount: []rules.Case{{Is: rules.Text{CEL: "840"}}},
		}), nil},
		{"service for cash", item("a", "age >= 80", cash("", "70")), item("a", "age >= 80", service), []Fault{OtherKind}},
		{
			"fewer visits", item("a", "true", rules.Grant{Kind: rules.Service, Per: rules.PerMonth, Times: []rules.Case{{Is: rules.Text{CEL: "2"}}}}),
			item("a", "true", rules.Grant{Kind: rules.Service, Per: rules.PerMonth, Times: []rules.Case{
				{When: rules.Text{CEL: "lives_alone"}, Is: rules.Text{CEL: "2"}}, {Is: rules.Text{CEL: "1"}},
			}}),
			[]Fault{LowerFrequency},
		},
		{"a month later", item("a", "age >= 80", service), item("a", "age >= 80", rules.Grant{Kind: rules.Service, First: rules.NextMonth}), []Fault{LaterStart}},
		{"a month earlier", item("a", "age >= 80", rules.Grant{Kind: rules.Service, First: rules.NextMonth}), item("a", "age >= 80", service), nil},
		{"the same discount", item("a", "age >= 60", discount("age >= 65", "免费", "", "半价")), item("a", "age >= 60", discount("age < 65", "半价", "", "免费")), nil},
		{"a smaller discount", item("a", "age >= 60", discount("age >= 65", "免费", "", "半价")), item("a", "age >= 60", discount("age >= 70", "免费", "", "半价")), []Fault{OtherShare}},
		{"missing", item("a", "age >= 80", service), item("b", "age >= 80", service), []Fault{MissingItem}},
		{"nobody there", item("a", `hukou.within("52")`, service), item("a", "age >= 200", service), nil},
		{
			"impossible people", item("a", `disability_kind == "none" && disability_grade <= 2 && disability_grade >= 1`, service),
			item("a", "age >= 200", service), nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Conform(source("1410", tc.lower), source("", tc.upper))
			if err != nil {
				t.Fatal(err)
			}
			var faults []Fault
			for _, f := range got[0].Findings {
				faults = append(faults, f.Fault)
			}
			if len(faults) != len(tc.want) || len(faults) > 0 && faults[0] != tc.want[0] {
				t.Fatalf("found %v, want %v: %+v", faults, tc.want, got[0].Findings)
			}
		})
	}
}

func TestCounterexampleIsMinimal(t *testing.T) {
	upper := item("a", `age >= 60 && income in ["dibao", "tekun"] && (lives_alone || ability == "total")`, rules.Grant{Kind: rules.Service})
	lower := item("a", `hukou.within("1410") && age >= 60 && income == "tekun" && (lives_alone || ability == "total")`, rules.Grant{Kind: rules.Service})
	got, err := Conform(source("1410", lower), source("", upper))
	if err != nil {
		t.Fatal(err)
	}
	f := got[0].Findings[0]
	var known fact.Set
	for id := range fact.Count {
		if f.Person.Known(id) {
			known = known.Add(id)
		}
	}
	home := fact.LivesAlone // either this or the ability makes the upper list grant
	if !known.Has(home) {
		home = fact.Ability
	}
	if want := fact.Set(0).Add(fact.Birth).Add(fact.Income).Add(home); known != want {
		t.Fatalf("the person has %v, want %v", known.Names(), want.Names())
	}
	if f.Upper.Result != rules.Yes || f.Lower.Result != rules.No {
		t.Fatalf("upper %v, lower %v", f.Upper.Result, f.Lower.Result)
	}
}

func TestCeilingsGuaranteeNothing(t *testing.T) {
	list := func(most bool, yuan int64) *rules.Source {
		src := source("", item("a", "age >= 80", cash("", "p + 0")))
		src.Parameters = []rules.Parameter{{Name: "p", Values: []rules.Dated{{From: src.From, Value: rat(yuan), Most: most}}}}
		return src
	}
	for _, tc := range []struct {
		lower, upper *rules.Source
		proved       bool
	}{
		{list(false, 100), list(false, 100), true},
		{list(true, 500), list(false, 100), false},
		{list(false, 1), list(true, 500), true},
		{list(true, 500), list(true, 1000), true},
	} {
		got, err := Conform(tc.lower, tc.upper)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Proved() != tc.proved {
			t.Errorf("%+v against %+v: %+v", tc.lower.Parameters[0].Values[0], tc.upper.Parameters[0].Values[0], got[0].Findings)
		}
	}
}

func TestConformRefusesAnotherRegion(t *testing.T) {
	lower, upper := source("", item("a", "true", cash())), source("", item("a", "true", cash()))
	upper.Region = "141002"
	if _, err := Conform(lower, upper); err == nil {
		t.Error("a list of a whole city cannot be held against one of a county")
	}
}

func TestPlacesThatTheTableLacks(t *testing.T) {
	service := rules.Grant{Kind: rules.Service}
	for _, tc := range []struct {
		region, lower string
		proved        bool
	}{
		{"14", `hukou.within("1410")`, false}, // Shanxi has other prefectures than the one in the table
		{"1410", `hukou.within("141002") || hukou.within("141024")`, false},
		{"1410", strings.Join(counties(), " || "), true},
	} {
		lower, upper := source("", item("a", tc.lower, service)), source("", item("a", "true", service))
		lower.Region, upper.Region = region.Code(tc.region), region.Code(tc.region)
		got, err := Conform(lower, upper)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Proved() != tc.proved {
			t.Errorf("%s: %+v", tc.lower, got[0].Findings)
		}
	}
}

// counties lists all counties of Linfen.
func counties() (out []string) {
	for _, d := range region.Below("1410") {
		out = append(out, fmt.Sprintf("hukou.within(%q)", d.Code))
	}
	return out
}

func TestConformRefuses(t *testing.T) {
	lower, upper := source("", item("a", "true", cash())), source("", item("a", "true", cash()))
	upper.To = lower.From - 1
	if _, err := Conform(lower, upper); err == nil {
		t.Error("lists that never rule together were compared")
	}
	upper.To = 0
	lower.Items = []rules.Item{item("b", "age >= 80", cash()), item("c", "age < 80", cash())}
	lower.Items[0].Answers, lower.Items[1].Answers = "a", "a"
	if _, err := Conform(lower, upper); err == nil {
		t.Error("two items for one")
	}
	lower.Items[1].Answers = ""
	got, err := Conform(lower, upper)
	if err != nil || got[0].Lower.ID != "b" || got[0].Proved() {
		t.Errorf("%v %+v", err, got)
	}
}

func TestNotes(t *testing.T) {
	lower, upper := source("", item("a", "true", cash())), source("", item("a", "true", cash()))
	upper.Items[0].Start, lower.Items[0].Start = rules.Automatic, rules.Application
	upper.Items[0].Attest, lower.Items[0].Attest = []string{"甲"}, []string{"甲", "乙"}
	got, err := Conform(lower, upper)
	if err != nil || !got[0].Proved() || len(got[0].Notes) != 2 {
		t.Errorf("%v %+v", err, got)
	}
}

func TestLaterParameterIsSeen(t *testing.T) {
	upper, lower := source("", item("a", "age >= 80", cash("", "p"))), source("1410", item("a", "age >= 80", cash("", "70")))
	upper.Parameters = []rules.Parameter{{Name: "p", Values: []rules.Dated{
		{From: upper.From, Value: rat(70)}, {From: civil.New(2025, 7, 1), Value: rat(80)},
	}}}
	got, err := Conform(lower, upper)
	if err != nil {
		t.Fatal(err)
	}
	if len(got[0].Findings) != 1 || got[0].On != civil.New(2025, 7, 1) {
		t.Fatalf("%+v", got[0])
	}
}

func TestMinAge(t *testing.T) {
	for when, want := range map[string]int{
		"age >= 60": 60, `age >= 65 && income == "dibao" || age > 79`: 65, "lives_alone": 0, "age < 60": 0,
		"age >= 60 && age < 60": -1, "age > 130": -1, "lives_alone && !lives_alone": -1,
		`hukou.within("1410") && !hukou.within("14")`: -1, `residence.within("1410") && age == 70`: 70,
		"disability_grade > 4": -1, `disability_kind == "none" && disability_grade in [1, 2]`: -1,
	} {
		p, err := rules.Compile(source("", item("a", when, rules.Grant{})), civil.New(2024, 6, 30))
		if err != nil {
			t.Fatal(err)
		}
		age, ok := MinAge(p, 0)
		if !ok {
			age = -1
		}
		if age != want {
			t.Errorf("%s: %d, want %d", when, age, want)
		}
	}
}

// TestProofsAgreeWithPeople checks random pairs of lists against random people: a
// proved item has no counter-example among them, and a counter-example is one.
func TestProofsAgreeWithPeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		upper := rulestest.List(t, 2)
		lower := upper
		if rapid.Bool().Draw(t, "other list") {
			lower = rulestest.List(t, 2)
		}
		verdicts, err := Conform(lower, upper)
		if err != nil {
			t.Fatal(err)
		}
		up, low := compileAt(t, upper, verdicts[0].On), compileAt(t, lower, verdicts[0].On)
		people := rapid.SliceOfN(rapid.Custom(rulestest.Known), 5, 40).Draw(t, "people")
		for i := range verdicts {
			v := &verdicts[i]
			if v.Lower == nil {
				continue
			}
			k := low.Find(v.Lower.ID)
			for n := range people {
				who := &people[n]
				if !who.Hukou.Within("1410") || impossibleOn(who, v.On) {
					continue
				}
				u, l := up.Decide(i, who, v.On), low.Decide(k, who, v.On)
				if v.Proved() && (u.Result == rules.Yes && l.Result != rules.Yes ||
					u.Result == rules.Yes && (below(l.Amount, u.Amount, rates{1, 1}) || below(l.Times, u.Times, rates{1, 1}))) {
					t.Fatalf("proved, but %+v gets %+v above and %+v below", who, u, l)
				}
			}
			for _, f := range v.Findings {
				if f.Fault == NotCovered && f.Upper.Result == rules.Yes && f.Lower.Result == rules.Yes {
					t.Fatalf("no counter-example: %+v", f)
				}
			}
		}
	})
}

func compileAt(t *rapid.T, src *rules.Source, at civil.Date) *rules.Program {
	p, err := rules.Compile(src, at)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return p
}

func impossibleOn(who *fact.Person, on civil.Date) bool {
	_, why := who.Implausible(on)
	return why != ""
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }
