package entitlement

import (
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/policy"
	"yian/internal/rules"
	"yian/internal/rules/rulestest"
)

// ruling compiles a random list.
func ruling(t *rapid.T, items int) *policy.Ruling {
	src := rulestest.List(t, items)
	p, err := rules.Compile(src, rulestest.On)
	if err != nil {
		t.Fatal(err)
	}
	return &policy.Ruling{Version: 7, From: src.From, Source: src, Program: p}
}

// TestColumnsAgree holds the two ways to judge equal, and either to the rules.
func TestColumnsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := newBench(ruling(t, 6), rulestest.On)
		if err != nil {
			t.Fatal(err)
		}
		some := rulestest.People(t)
		people := make([]fact.Person, 0, 100)
		for len(people) < 100 {
			people = append(people, some...)
		}
		many, err := b.all(people)
		if err != nil {
			t.Fatal(err)
		}
		for k := range people {
			one := b.one(&people[k])
			if !one.Same(&many[k]) || one.On != many[k].On {
				t.Fatalf("person %d: alone %+v, in a block %+v", k, one, many[k])
			}
			amounts := one.amounts(b.Cash)
			for i := range b.Items {
				d := b.program.Decide(i, &people[k], rulestest.On)
				if got := truth(one.Yes, one.Unknown, i); got != d.Result {
					t.Fatalf("item %d is %v, want %v", i, got, d.Result)
				}
				got := amounts[i].quantity()
				if d.Result == rules.Yes && (got.State != d.Amount.State || got.N != d.Amount.N || got.Most != d.Amount.Most) {
					t.Fatalf("amount %d is %+v, want %+v", i, got, d.Amount)
				}
			}
			if k >= len(some) {
				break
			}
		}
	})
}

// TestDue holds that nothing of a result but its day changes before it is due.
func TestDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ruling(t, 4)
		b, err := newBench(r, rulestest.On)
		if err != nil {
			t.Fatal(err)
		}
		p := rulestest.Person(t)
		first := b.one(&p)
		last := rulestest.On + 20000
		if first.Due != 0 {
			last = first.Due - 1
		}
		if last == rulestest.On {
			return // due tomorrow
		}
		for range 3 {
			after := *b
			after.on = rulestest.On + 1 + civil.Date(rapid.IntRange(0, int(last-rulestest.On)-1).Draw(t, "day"))
			if got := after.one(&p); !got.Same(&first) {
				t.Fatalf("due on %s, but on %s it is %+v, was %+v", first.Due, after.on, got, first)
			}
		}
	})
}

func TestFactsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rulestest.Person(t)
		got, err := unpackFacts(packFacts(nil, &p))
		if err != nil || got != p {
			t.Fatalf("got %+v (%v), want %+v", got, err, p)
		}
	})
	for f := range fact.Count {
		if f.Coded() && len(f.Def().Values) > 15 {
			t.Errorf("%s has more values than half a byte holds", f)
		}
	}
	whole := packFacts(nil, &fact.Person{Hukou: "141002"})
	for n := range len(whole) {
		if p, err := unpackFacts(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d are %+v", n, len(whole), p)
		}
	}
}

func TestTags(t *testing.T) {
	for name, c := range map[string]struct {
		facts []string
		want  string
	}{
		"nothing known": {nil, "???????"},
		"alone":         {[]string{"lives_alone", "true"}, "y?????y"},
		"mild":          {[]string{"ability", "mild"}, "???n???"},
		"moderate":      {[]string{"ability", "moderate"}, "???y??y"},
		"grade 3":       {[]string{"disability_grade", "3"}, "????n??"},
		"none of them": {
			[]string{"lives_alone", "false", "empty_nest", "false", "left_behind", "false", "ability", "intact", "disability_grade", "0", "fp_special", "false"},
			"nnnnnnn",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var p fact.Person
			for i := 0; i < len(c.facts); i += 2 {
				f, _ := fact.ByName(c.facts[i])
				if err := p.Set(f, c.facts[i+1]); err != nil {
					t.Fatal(err)
				}
			}
			var r Result
			r.Tags, r.TagsUnknown = tagsOf(&p)
			got := ""
			for i := range Tags {
				got += map[rules.Truth]string{rules.Yes: "y", rules.No: "n", rules.Unknown: "?"}[r.tagTruth(i)]
				if tagReason(i, &p) == "" {
					t.Errorf("tag %s has no reason", Tags[i].ID)
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestTooManyItems(t *testing.T) {
	r := &policy.Ruling{Source: &rules.Source{Title: "清单"}, Program: &rules.Program{Items: make([]rules.Compiled, policy.MostItems+1)}}
	if _, err := Judge(&fact.Person{}, r, rulestest.On); !errs.Is(err, errs.Invalid) {
		t.Errorf("got %v", err)
	}
}
