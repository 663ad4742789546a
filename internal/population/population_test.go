package population

import (
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
)

func anyPerson(t *rapid.T) fact.Person {
	var p fact.Person
	if rapid.Bool().Draw(t, "birth known") {
		p.Birth = civil.New(1890, 1, 1) + civil.Date(rapid.IntRange(0, 40000).Draw(t, "birth"))
	}
	regions := rapid.SampledFrom([]region.Code{"", "14", "1410", "141002", "141024100001", "52"})
	p.Hukou, p.Residence = regions.Draw(t, "hukou"), regions.Draw(t, "residence")
	for id := range fact.Count {
		if id.Coded() {
			p.Codes[id] = fact.Code(rapid.IntRange(0, len(id.Def().Values)).Draw(t, id.String()))
		}
	}
	return p
}

func TestPackingLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SliceOfN(rapid.Custom(anyPerson), 1, 5).Draw(t, "people")
		n := rapid.SampledFrom([]int{0, 1, 63, 64, 65, 200, BlockPeople - 1, BlockPeople, BlockPeople + 1}).Draw(t, "n")
		split := rapid.IntRange(0, n).Draw(t, "split")
		batches := []*Columns{{}, {}}
		for i := range n {
			b := batches[0]
			if i >= split {
				b = batches[1]
			}
			if err := b.Append(&kinds[i*7%len(kinds)]); err != nil {
				t.Fatal(err)
			}
		}
		pop := New(Concat(batches))
		if pop.Len() != n {
			t.Fatalf("%d people, want %d", pop.Len(), n)
		}
		for i := range n {
			if got, want := pop.Person(i), kinds[i*7%len(kinds)]; got != want {
				t.Fatalf("person %d of %d: got %+v, want %+v", i, n, got, want)
			}
		}
	})
}

func TestDay(t *testing.T) {
	for _, d := range []civil.Date{firstDay, lastDay, civil.New(1943, 1, 15)} {
		n, err := Day(d)
		if err != nil || n == 0 || Date(n) != d {
			t.Errorf("%s: %d, %v, back %s", d, n, err, Date(n))
		}
	}
	for _, d := range []civil.Date{firstDay - 1, lastDay + 1} {
		if _, err := Day(d); err == nil {
			t.Errorf("%s must not fit", d)
		}
	}
}

func TestMemory(t *testing.T) {
	var c Columns
	var p fact.Person
	for range 100_000 {
		if err := c.Append(&p); err != nil {
			t.Fatal(err)
		}
	}
	pop := New(Concat([]*Columns{&c}))
	if per := float64(pop.Bytes()) / 100_000; per > 24 {
		t.Errorf("%.1f bytes a person", per)
	}
}
