package engine

import (
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/population"
	"yian/internal/rules"
	"yian/internal/rules/rulestest"
)

// many repeats people until there are n of them.
func many(t interface{ Fatal(...any) }, people []fact.Person, n int) *population.Population {
	var c population.Columns
	for i := range n {
		if err := c.Append(&people[i%len(people)]); err != nil {
			t.Fatal(err)
		}
	}
	return population.New(&c)
}

func compile(t *rapid.T, src *rules.Source) *rules.Program {
	p, err := rules.Compile(src, rulestest.On)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return p
}

// TestColumnsAgreeWithTree holds the columnar engine and the tree walker equal on
// random rules, people and unknowns: results, amounts, frequencies, counts, sums.
func TestColumnsAgreeWithTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prog := compile(t, rulestest.List(t, 5))
		people := rulestest.People(t)
		n := rapid.SampledFrom([]int{1, 63, 64, 65, 130, population.BlockPeople + 1}).Draw(t, "n")
		pop := many(t, people, n)
		r := NewPlan(prog, rulestest.On).Run(pop, Options{Workers: rapid.IntRange(0, 3).Draw(t, "workers")})
		check(t, prog, people, r)
	})
}

func check(t *rapid.T, prog *rules.Program, people []fact.Person, r *Result) {
	totals := make([]money.Fen, len(people))
	for i := range prog.Items {
		var want Tally
		for k := range people {
			d := prog.Decide(i, &people[k], rulestest.On)
			times := 0 // how often the person stands in the population
			for at := k; at < r.Pop.Len(); at += len(people) {
				times++
				if got := r.Truth(i, at); got != d.Result {
					t.Fatalf("item %d (%s) person %d: columns say %v, tree %v\n%+v", i, prog.Items[i].When.CEL, at, got, d.Result, people[k])
				}
				if d.Result != rules.Yes {
					continue
				}
				if got := r.Amount(i, at); !got.Same(d.Amount) {
					t.Fatalf("item %d person %d: amount %+v, tree %+v", i, at, got, d.Amount)
				}
				if got := r.Times(i, at); !got.Same(d.Times) {
					t.Fatalf("item %d person %d: times %+v, tree %+v", i, at, got, d.Times)
				}
				if got := r.Share(i, at); !got.Same(d.Share) {
					t.Fatalf("item %d person %d: share %+v, tree %+v", i, at, got, d.Share)
				}
				if got := r.Open(i, at); got != (d.Missing != 0) {
					t.Fatalf("item %d person %d: open %v, tree misses %v", i, at, got, d.Missing)
				}
			}
			want.add(d, times)
			if d.Result == rules.Yes && d.Amount.State == rules.Fixed {
				totals[k] += d.Amount.Fen()
			}
		}
		if got := r.Tally(i); got != want {
			t.Fatalf("item %d: counted %+v, want %+v", i, got, want)
		}
	}
	for at, got := range r.Totals(rules.PerMonth) {
		if want := totals[at%len(people)]; got != want {
			t.Fatalf("person %d gets %s in all, want %s", at, got, want)
		}
	}
}

// add counts a decision for n people.
func (t *Tally) add(d rules.Decision, n int) {
	switch d.Result {
	case rules.No:
		t.No += n
	case rules.Unknown:
		t.Unknown += n
	case rules.Yes:
		t.Yes += n
		t.Times += int64(n) * d.Times.N
		if d.Times.State == rules.Undecided {
			t.TimesUndecided += n
		}
		switch d.Amount.State {
		case rules.Fixed:
			t.Sum += money.Fen(n) * d.Amount.Fen()
		case rules.Unset:
			t.Unset += n
		case rules.Undecided:
			t.Undecided += n
		}
	}
}

// TestReuseChangesNothing compares a run that takes over what another plan has
// computed with a run from nothing.
func TestReuseChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rulestest.List(t, 4)
		after := *before
		other := rulestest.List(t, 1)
		after.Items = append([]rules.Item(nil), before.Items...)
		k := rapid.IntRange(0, len(after.Items)-1).Draw(t, "changed")
		changed := other.Items[0]
		changed.ID, changed.Excludes, changed.Prefer, changed.Grant.Amount = after.Items[k].ID, nil, "", nil
		after.Items[k] = changed
		people := rulestest.People(t)
		pop := many(t, people, 130)
		first := NewPlan(compile(t, before), rulestest.On).Run(pop, Options{})
		prog := compile(t, &after)
		check(t, prog, people, NewPlan(prog, rulestest.On).Run(pop, Options{Reuse: first}))
	})
}

// TestReuseTellsOperationsApart changes one operation of a rule, or one input.
func TestReuseTellsOperationsApart(t *testing.T) {
	source := func(when string) *rules.Source {
		return &rules.Source{ID: "l", From: rulestest.On, Items: []rules.Item{{ID: "a", When: rules.Text{CEL: when}}}}
	}
	var who fact.Person
	who.Codes[fact.LivesAlone], who.Codes[fact.EmptyNest], who.Hukou = fact.True, fact.False, "141002"
	pop := many(t, []fact.Person{who}, 10)
	var prev *Result
	for _, when := range []string{
		"lives_alone && empty_nest", "lives_alone || empty_nest", "empty_nest", "!empty_nest",
		`hukou.within("1410")`, `residence.within("1410")`, `hukou.within("1411")`, `!hukou.within("1410")`,
	} {
		prog, err := rules.Compile(source(when), rulestest.On)
		if err != nil {
			t.Fatal(err)
		}
		r := NewPlan(prog, rulestest.On).Run(pop, Options{Reuse: prev})
		if got, want := r.Truth(0, 9), prog.Decide(0, &who, rulestest.On).Result; got != want {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
		prev = r
	}
}

// TestCalendarAgreesWithDailyEvaluation follows random people day by day for fifty
// years and compares the first day on which anything differs.
func TestCalendarAgreesWithDailyEvaluation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prog := compile(t, rulestest.List(t, 3))
		people := rulestest.People(t)[:1]
		day, items := byDay(prog, &people[0], 50)

		pop := many(t, people, 66)
		var got civil.Date
		var gotItems []int
		seen := 0
		changes := NewCalendar(prog, rulestest.On).Run(pop, 2)
		changes.Days(func(person int, on civil.Date, threshold int) {
			seen++
			got, gotItems = on, nil
			changes.Items(person, threshold, func(i int) { gotItems = append(gotItems, i) })
		})
		if seen != 0 && seen != 66 {
			t.Fatalf("%d of 66 equal people have a next change", seen)
		}
		if got > civil.Birthday(rulestest.On, 50) {
			got, gotItems = 0, nil // beyond the horizon of the daily evaluation
		}
		if got != day || !equal(gotItems, items) {
			t.Fatalf("calendar says %s %v, day by day %s %v; %+v", got, gotItems, day, items, people[0])
		}

		alone, changed := prog.NextChange(&people[0], rulestest.On)
		if alone > civil.Birthday(rulestest.On, 50) {
			alone, changed = 0, nil
		}
		var aloneItems []int
		for _, c := range changed {
			aloneItems = append(aloneItems, c.Item)
		}
		if alone != day || !equal(aloneItems, items) {
			t.Fatalf("NextChange says %s %v, day by day %s %v", alone, aloneItems, day, items)
		}
	})
}

func byDay(prog *rules.Program, who *fact.Person, years int) (civil.Date, []int) {
	for day := rulestest.On + 1; day <= civil.Birthday(rulestest.On, years); day++ {
		var items []int
		for i := range prog.Items {
			if !prog.Decide(i, who, rulestest.On).Same(prog.Decide(i, who, day)) {
				items = append(items, i)
			}
		}
		if len(items) > 0 {
			return day, items
		}
	}
	return 0, nil
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
