package policyform

import (
	"net/url"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/policies"
)

var definitions = []string{"local", "hard_up"}

func drawPart(t *rapid.T, name string) part {
	p := newPart()
	if rapid.Bool().Draw(t, name+" lo") {
		p.lo = rapid.IntRange(0, 90).Draw(t, name+" from")
	}
	if rapid.Bool().Draw(t, name+" hi") {
		p.hi = rapid.IntRange(max(0, p.lo), 120).Draw(t, name+" to")
	}
	p.hukou = rapid.SampledFrom([]region.Code{"", "1410", "14"}).Draw(t, name+" hukou")
	p.residence = rapid.SampledFrom([]region.Code{"", "141024"}).Draw(t, name+" residence")
	for _, d := range definitions {
		if rapid.Bool().Draw(t, name+" "+d) {
			p.named = append(p.named, d)
		}
	}
	for _, f := range rapid.SliceOfN(rapid.SampledFrom([]fact.ID{fact.Income, fact.Dementia, fact.DisabilityGrade, fact.Ability}), 0, 3).Draw(t, name+" facts") {
		n := len(f.Def().Values)
		p.codes[f] = uint16(rapid.IntRange(1, 1<<n-1).Draw(t, name+" codes")) << 1
	}
	return p
}

// TestWhatTheFormSaysIsReadBack holds for whatever the form can say: as a rule and back,
// and as fields and back.
func TestWhatTheFormSaysIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Condition{all: drawPart(t, "all"), any: drawPart(t, "any")}
		if len(c.any.lines()) == 1 { // one choice alone is no choice
			c.any = newPart()
		}
		cel, err := c.CEL("")
		if err != nil {
			t.Fatal(err)
		}
		back, ok := ConditionOf(cel)
		if !ok {
			t.Fatalf("%s cannot be shown", cel)
		}
		if len(c.any.lines()) != 1 && !back.Same(c) { // one choice Alone is no choice
			t.Fatalf("%s is read as %+v", cel, back)
		}
		again, err := back.CEL("")
		if twice, ok := ConditionOf(again); err != nil || !ok || !twice.Same(back) {
			t.Fatalf("%s becomes %s (%v)", cel, again, err)
		}
		v := url.Values{}
		SetCondition(c, v)
		var faults errs.Fields
		if got := ReadCondition(v, definitions, &faults); !got.Same(c) || len(faults) > 0 {
			t.Fatalf("%s: fields are read as %+v, %v", cel, got, faults)
		}
	})
}

// TestRulesOfPacksMeanTheSameInTheForm decides people by the rule as it is written and as
// the form would write it.
func TestRulesOfPacksMeanTheSameInTheForm(t *testing.T) {
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	shown, all := 0, 0
	for _, p := range lib.Packs() {
		if p.List == nil {
			continue
		}
		src := p.List.Source()
		for i := range src.Items {
			it := src.Items[i]
			all++
			c, ok := ConditionOf(it.When.CEL)
			if !ok {
				t.Logf("%s %s: %s", p.Place, it.ID, it.When.CEL)
				continue
			}
			shown++
			was, faults := Alone(src, it)
			if it.When.CEL, err = c.CEL(""); err != nil || len(faults) > 0 {
				t.Fatal(err, faults)
			}
			now, faults := Alone(src, it)
			if len(faults) > 0 {
				t.Fatalf("%s: %v", it.When.CEL, faults)
			}
			for k := range p.Tests {
				who := &p.Tests[k]
				if a, b := was.Own.Eval(&who.Person, who.On), now.Own.Eval(&who.Person, who.On); a != b {
					t.Errorf("%s %s, %s: %s as it was, %s in the form", p.Place, it.ID, who.Name, a, b)
				}
			}
		}
	}
	if shown*10 < all*9 {
		t.Errorf("the form shows %d of %d rules", shown, all)
	}
}

func TestWhatTheFormCannotSay(t *testing.T) {
	for _, cel := range []string{
		"age >= 60 && (income == \"dibao\" && lives_alone || dementia)",
		"(lives_alone || dementia) && (hard_up || local)",
		"!hard_up", "hukou.within(\"14\") && hukou.within(\"1410\")", "age >=", "",
	} {
		if c, ok := ConditionOf(cel); ok {
			t.Errorf("%s is shown as %+v", cel, c)
		}
	}
}

func TestFaultsStandAtTheirFields(t *testing.T) {
	src := &rules.Source{ID: "x", Parameters: []rules.Parameter{{Name: "subsidy", Label: "补贴"}}}
	it := rules.Item{ID: "a", When: rules.Text{CEL: "age >= 60 &&\n nobody"}, Grant: rules.Grant{Kind: rules.Cash, Per: rules.PerMonth, Amount: []rules.Case{
		{When: rules.Text{CEL: "age >= x"}, Is: rules.Text{CEL: "subsidy * 2"}}, {Is: rules.Text{CEL: "subsidy"}},
	}, Times: []rules.Case{{Is: rules.Text{CEL: "other"}}}}}
	c, faults := Alone(src, it)
	var names []string
	for _, f := range faults {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if want := []string{"amount_when_0", "times_is_0", "when"}; c != nil || !slices.Equal(names, want) {
		t.Errorf("faults at %v, want %v: %v", names, want, faults)
	}
}

func TestTheFormKeepsTheOrderOfARule(t *testing.T) {
	const was = `hukou.within("1410") && age >= 60 && hard_up && (lives_alone || dementia)`
	c, ok := ConditionOf(was)
	if !ok {
		t.Fatal("the rule is not shown")
	}
	c.all.lo = 65
	c.all.codes[fact.Ability] = 1 << 4
	got, err := c.CEL(was)
	if want := `hukou.within("1410") && age >= 65 && hard_up && (dementia || lives_alone) && ability == "severe"`; got != want || err != nil {
		t.Errorf("got %s, want %s (%v)", got, want, err)
	}
}

// TestFieldsKeepAnItem reads the items of all packs into fields and back.
func TestFieldsKeepAnItem(t *testing.T) {
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range lib.Packs() {
		if p.List == nil {
			continue
		}
		want, err := p.List.YAML()
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.List.Items {
			it := p.List.Items[i]
			var faults errs.Fields
			ReadItem(Values(&it), &it, false, &faults)
			if len(faults) > 0 {
				t.Errorf("%s %s: %v", p.Place, it.ID, faults)
			}
			p.List.Items[i] = it
		}
		if got, err := p.List.YAML(); err != nil || string(got) != string(want) {
			t.Errorf("%s is another list (%v)", p.Place, err)
		}
	}
}
