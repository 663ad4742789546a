package simulate

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/rules/rulestest"
)

func run(t interface{ Fatal(...any) }, src *rules.Source, pop *population.Population) *engine.Result {
	p, err := rules.Compile(src, rulestest.On)
	if err != nil {
		t.Fatal(err)
	}
	return engine.NewPlan(p, rulestest.On).Run(pop, engine.Options{})
}

func pack(t interface{ Fatal(...any) }, people []fact.Person) *population.Population {
	var c population.Columns
	for i := range people {
		if err := c.Append(&people[i]); err != nil {
			t.Fatal(err)
		}
	}
	return population.New(&c)
}

func allowance(id, when, per, yuan string) rules.Item {
	return rules.Item{ID: id, Name: id, When: rules.Text{CEL: when}, Grant: rules.Grant{
		Kind: rules.Cash, Per: per, Amount: []rules.Case{{Is: rules.Text{CEL: yuan}}},
	}}
}

func TestCompare(t *testing.T) {
	born := func(age int, hukou region.Code) fact.Person {
		return fact.Person{Birth: civil.LatestBirth(age, rulestest.On), Hukou: hukou}
	}
	pop := pack(t, []fact.Person{born(79, "141002001"), born(80, "141002"), born(85, "141024"), born(90, ""), {Hukou: "141024"}})
	old := &rules.Source{ID: "old", Items: []rules.Item{
		allowance("a", "age >= 80", rules.PerMonth, "age >= 85 ? 100 : 50"), allowance("gone", "age >= 90", rules.PerYear, "120"),
	}}
	now := &rules.Source{ID: "new", Items: []rules.Item{
		allowance("a", "age >= 79 && age < 90", rules.PerMonth, "60"), allowance("new", "age >= 85", rules.PerOnce, "1000"),
	}}
	r := Compare(run(t, old, pop), run(t, now, pop))
	if len(r.Items) != 3 || r.Items[0].Name() != "a" || r.Items[1].Name() != "new" || r.Items[2].Name() != "gone" {
		t.Fatalf("%+v", r.Items)
	}
	want := []Change{
		{Gain: 1, Lose: 1, More: 1, Less: 1, Before: Yearly{Fen: 12 * 25000}, After: Yearly{Fen: 12 * 18000}},
		{Gain: 2, After: Yearly{Once: 200000}},
		{Lose: 1, Before: Yearly{Fen: 12000}},
	}
	for i, w := range want {
		if got := r.Items[i].Total; got != w {
			t.Errorf("%s: %+v, want %+v", r.Items[i].Name(), got, w)
		}
	}
	if got := r.Items[0].Total.After.Month() - r.Items[0].Total.Before.Month(); got != money.Fen(-7000) {
		t.Errorf("a month costs %s more", got)
	}
	counties := map[region.Code]Change{}
	for k, c := range r.Counties {
		counties[c] = r.Items[0].Counties[k]
	}
	if c := counties["141002"]; c.Gain != 1 || c.More != 1 || c.Lose != 0 {
		t.Errorf("141002: %+v", c)
	}
	if c := counties[""]; c.Lose != 1 || c.Gain != 0 {
		t.Errorf("no county: %+v", c)
	}
	var who []string
	r.Each(func(a Affected) {
		who = append(who, fmt.Sprintf("%s %d %v>%v %s>%s", a.Item.Name(), a.Person, a.Before, a.After, a.Was.Fen(), a.Is.Fen()))
	})
	if got, want := strings.Join(who, "; "), "a 0 no>yes 0>60; a 1 yes>yes 50>60; a 2 yes>yes 100>60; a 3 yes>no 100>0; "+
		"new 2 no>yes 0>1000; new 3 no>yes 0>1000; gone 3 yes>no 120>0"; got != want {
		t.Errorf("affected:\n%s\nwant\n%s", got, want)
	}
	sum := Change{}
	for k := range r.Counties {
		sum.add(r.Total(k))
	}
	if sum != r.Total(-1) {
		t.Errorf("counties add up to %+v, want %+v", sum, r.Total(-1))
	}
}

// TestCompareAgreesWithPeople counts random people one by one.
func TestCompareAgreesWithPeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, now := rulestest.List(t, 2), rulestest.List(t, 2)
		people := rulestest.People(t)
		pop := pack(t, people)
		before, after := run(t, old, pop), run(t, now, pop)
		for i, it := range Compare(before, after).Items {
			var want Change
			for n := range people {
				var a, b rules.Decision
				if it.old >= 0 {
					a = before.Plan.Program.Decide(it.old, &people[n], rulestest.On)
				}
				if it.new >= 0 {
					b = after.Plan.Program.Decide(it.new, &people[n], rulestest.On)
				}
				switch {
				case a.Result != rules.Yes && b.Result == rules.Yes:
					want.Gain++
				case a.Result == rules.Yes && (b.Result == rules.No || it.new < 0):
					want.Lose++
				case a.Result == rules.Yes && b.Result == rules.Unknown:
					want.Doubt++
				case a.Amount.State == rules.Fixed && b.Amount.State == rules.Fixed && b.Amount.N > a.Amount.N:
					want.More++
				case a.Amount.State == rules.Fixed && b.Amount.State == rules.Fixed && b.Amount.N < a.Amount.N:
					want.Less++
				}
				want.Before.Fen += 12 * a.Amount.Fen()
				want.After.Fen += 12 * b.Amount.Fen()
			}
			if it.Total != want {
				t.Fatalf("item %d: %+v, want %+v", i, it.Total, want)
			}
		}
	})
}

func TestAhead(t *testing.T) {
	male, _ := fact.Sex.CodeOf("male")
	young := fact.Person{Birth: civil.LatestBirth(78, rulestest.On)}
	old := fact.Person{Birth: civil.LatestBirth(85, rulestest.On)}
	young.Codes[fact.Sex], old.Codes[fact.Sex] = male, male
	pop := pack(t, []fact.Person{young, old, {}})
	src := &rules.Source{ID: "l", Items: []rules.Item{allowance("a", "age >= 80", rules.PerMonth, "100"), {ID: "all", When: rules.Text{CEL: "true"}}}}
	halving := func(sex fact.Code, age, years int) float64 {
		if sex != male || age != 78 && age != 85 {
			t.Errorf("asked for sex %d, age %d", sex, age)
		}
		return math.Pow(0.5, float64(years))
	}
	years, err := Ahead(pop, src, src, rulestest.On, 2, 1, halving)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []Year{{Alive: 3, New: []Expected{{People: 1, YuanMonth: 100}, {People: 3}}}, {Alive: 1.5, New: []Expected{{People: 0.5, YuanMonth: 50}, {People: 1.5}}}, {Alive: 0.75, New: []Expected{{People: 0.5, YuanMonth: 50}, {People: 0.75}}}} {
		got := years[n]
		if got.On != civil.Birthday(rulestest.On, n) || got.Alive != want.Alive || got.New[0] != want.New[0] || got.New[1] != want.New[1] || got.Old[0] != got.New[0] {
			t.Errorf("year %d: %+v, want %+v", n, got, want)
		}
	}
}

// TestAheadOnMonths foretells between years, and follows a parameter that changes.
func TestAheadOnMonths(t *testing.T) {
	pop := pack(t, []fact.Person{{Birth: civil.LatestBirth(79, rulestest.On)}, {Birth: civil.LatestBirth(90, rulestest.On)}})
	src := &rules.Source{ID: "l", Items: []rules.Item{allowance("a", "age >= 80", rules.PerMonth, "rate")}, Parameters: []rules.Parameter{{
		Name: "rate", Values: []rules.Dated{{From: 0, Value: big.NewRat(100, 1)}, {From: civil.Birthday(rulestest.On, 1) - 30, Value: big.NewRat(200, 1)}},
	}}}
	halving := func(_ fact.Code, _, years int) float64 { return math.Pow(0.5, float64(years)) }
	next := civil.Birthday(rulestest.On, 1)
	half := rulestest.On + (next-rulestest.On)/2
	got, err := AheadOn(pop, src, src, rulestest.On, []civil.Date{rulestest.On, half, next - 20, next, half}, 1, halving)
	if err != nil {
		t.Fatal(err)
	}
	part := math.Pow(0.5, float64(half-rulestest.On)/float64(next-rulestest.On))
	late := math.Pow(0.5, float64(next-20-rulestest.On)/float64(next-rulestest.On))
	for n, want := range []Year{
		{Alive: 2, New: []Expected{{People: 1, YuanMonth: 100}}},
		{Alive: 2 * part, New: []Expected{{People: part, YuanMonth: 100 * part}}},
		{Alive: 2 * late, New: []Expected{{People: late, YuanMonth: 200 * late}}},
		{Alive: 1, New: []Expected{{People: 1, YuanMonth: 200}}},
		{Alive: 2 * part, New: []Expected{{People: part, YuanMonth: 100 * part}}},
	} {
		y := got[n]
		if math.Abs(y.Alive-want.Alive) > 1e-9 || math.Abs(y.New[0].People-want.New[0].People) > 1e-9 || math.Abs(y.New[0].YuanMonth-want.New[0].YuanMonth) > 1e-6 || y.Old[0] != y.New[0] {
			t.Errorf("day %s: %+v, want %+v", y.On, y, want)
		}
	}
}

// TestCompareInOtherPlaces counts the same people by where they live.
func TestCompareInOtherPlaces(t *testing.T) {
	born := func(age int, home region.Code) fact.Person {
		return fact.Person{Birth: civil.LatestBirth(age, rulestest.On), Hukou: "52", Residence: home}
	}
	pop := pack(t, []fact.Person{born(79, "141002001"), born(80, "141002002"), born(79, "141024"), born(79, "")})
	old := &rules.Source{ID: "old", Items: []rules.Item{allowance("a", "age >= 80", rules.PerMonth, "100")}}
	now := &rules.Source{ID: "new", Items: []rules.Item{allowance("a", "age >= 79", rules.PerMonth, "100")}}
	before, after := run(t, old, pop), run(t, now, pop)
	r := CompareIn(before, after, PlacesOf(pop.Regions(fact.Residence), region.Code.County))
	if len(r.Counties) != 3 || r.Counties[0] != "" || r.Counties[1] != "141002" || r.Counties[2] != "141024" {
		t.Fatalf("places %v", r.Counties)
	}
	for k, want := range []int{1, 1, 1} {
		if got := r.Items[0].Counties[k].Gain; got != want {
			t.Errorf("%s: %d gain, want %d", r.Counties[k], got, want)
		}
	}
	if got := CompareItem(before, after, "a"); got != r.Items[0].Total {
		t.Errorf("alone %+v, among all %+v", got, r.Items[0].Total)
	}
	if got := CompareItem(before, after, "b"); got != (Change{}) {
		t.Errorf("an item that neither has: %+v", got)
	}
}
