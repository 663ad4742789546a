package snapshot

import (
	"context"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/fact"
	"yian/internal/region"
)

// TestCodesFitTheCounter holds the vocabulary to what countCodes can count.
func TestCodesFitTheCounter(t *testing.T) {
	for f := range fact.Count {
		if f.Coded() && f.Bits() > 4 {
			t.Errorf("the codes of %s take %d bits, more than the four that are counted", f, f.Bits())
		}
	}
}

// naive counts people one by one.
func naive(people []one, scope access.Scope, on civil.Date) *Figures {
	f := &Figures{Made: 1}
	for i, from := range bandsFrom {
		band := Band{From: from}
		if i+1 < len(bandsFrom) {
			band.To = bandsFrom[i+1] - 1
		}
		f.Ages = append(f.Ages, band)
	}
	for id := range fact.Count {
		if id.Coded() {
			f.Facts[id] = make([]int, len(id.Def().Values)+1)
		}
	}
	for _, p := range people {
		if !scope.Contains(p.served) {
			continue
		}
		f.People++
		for id := range f.Facts {
			if f.Facts[id] != nil {
				f.Facts[id][p.facts.Codes[id]]++
			}
		}
		if p.facts.Birth == 0 {
			f.NoBirth++
			continue
		}
		age := civil.Age(p.facts.Birth, on)
		at := min(max(age/10-5, 0), len(f.Ages)-1)
		f.Ages[at].Count++
	}
	return f
}

// belowOf counts by the regions right below one.
func belowOf(people []one, in region.Code) map[region.Code]int {
	digits, counts := digitsBelow[len(in)], map[region.Code]int{}
	for _, p := range people {
		switch {
		case !p.served.Within(in):
		case len(p.served) < digits:
			counts[in]++
		default:
			counts[p.served[:digits]]++
		}
	}
	return counts
}

func TestFiguresEqualNaiveCount(t *testing.T) {
	s := opened(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		people := anyPeople(t)
		if err := s.rebuild(t.Context(), mark{Made: 1}, given(everybody(t, people))); err != nil {
			t.Fatal(err)
		}
		regions := rapid.SliceOfN(rapid.SampledFrom(places), 0, 3).Draw(t, "regions")
		scope := scopeOf(regions...)
		on := today + civil.Date(rapid.IntRange(-60_000, 10_000).Draw(t, "on"))
		got, err := s.Figures(scope, on)
		if err != nil {
			t.Fatal(err)
		}
		below := got.Below
		got.Below = nil
		if want := naive(people, scope, on); !reflect.DeepEqual(got, want) {
			t.Fatalf("in %v on %s\n got %+v\nwant %+v", regions, on, got, want)
		}
		in := scope.Regions()
		if len(in) != 1 || len(in[0]) == 12 {
			if below != nil {
				t.Fatalf("below %v: %v", in, below)
			}
			return
		}
		want := belowOf(people, in[0])
		for _, p := range below {
			if p.Count != want[p.Region] || !p.Region.Within(in[0]) {
				t.Fatalf("below %v: %+v, want %v", in, p, want)
			}
			delete(want, p.Region)
		}
		for code, n := range want {
			t.Fatalf("below %v: %d people of %q are missing", in, n, code)
		}
	})
}

// TestAgeBandsTurnOnBirthdays looks at the days around a birthday.
func TestAgeBandsTurnOnBirthdays(t *testing.T) {
	s := opened(t, t.TempDir())
	var p one
	p.served, p.facts.Birth = "1410", civil.New(1956, 2, 29)
	if err := s.rebuild(t.Context(), mark{Made: 1}, given(everybody(t, []one{p}))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		on   civil.Date
		from int
	}{
		{civil.New(1950, 1, 1), 0}, // not born yet
		{civil.New(2016, 2, 28), 0},
		{civil.New(2016, 2, 29), 60},
		{civil.New(2026, 2, 28), 60},
		{civil.New(2026, 3, 1), 70},
		{civil.New(2056, 2, 28), 90},
		{civil.New(2056, 2, 29), 100},
		{civil.New(2100, 1, 1), 100},
	} {
		f, err := s.Figures(scopeOf("14"), c.on)
		if err != nil {
			t.Fatal(err)
		}
		for _, band := range f.Ages {
			if want := map[bool]int{true: 1}[band.From == c.from]; band.Count != want {
				t.Errorf("on %s %d people are from %d to %d, want %d", c.on, band.Count, band.From, band.To, want)
			}
		}
	}
}

// asked is one figure with the condition by which a database counts it.
type asked struct {
	condition string
	count     int
}

// ask makes conditions of figures.
func ask(f *Figures, in region.Code) []asked {
	all := []asked{{"TRUE", f.People}, {"birth IS NULL", f.NoBirth}}
	for _, band := range f.Ages {
		condition := fmt.Sprintf("birth <= '%s'", civil.LatestBirth(band.From, today))
		if band.To != 0 {
			condition += fmt.Sprintf(" AND birth > '%s'", civil.LatestBirth(band.To+1, today))
		}
		all = append(all, asked{condition, band.Count})
	}
	for _, id := range []fact.ID{fact.Sex, fact.Ability, fact.Income, fact.LivesAlone, fact.WorkInjuryCare} {
		for code, n := range f.Facts[id] {
			condition := fmt.Sprintf("%s = %d", id, code)
			if code == 0 {
				condition = id.String() + " IS NULL"
			}
			all = append(all, asked{condition, n})
		}
	}
	for _, p := range f.Below {
		if p.Region != in {
			all = append(all, asked{fmt.Sprintf("region_code >= '%s' AND region_code < '%s:'", p.Region, p.Region), p.Count})
		}
	}
	return all
}

// TestFiguresEqualSQL compares with what the database counts itself, and sees that the
// dead are nowhere and a sibling region has nothing.
func TestFiguresEqualSQL(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		people := draw(mathrand.New(mathrand.NewPCG(4, 1)), 1200)
		for i := range people {
			people[i].id = idOf(1 + 7*i)
		}
		h.fill(t, people)
		h.exec(t, "UPDATE person SET state = 'deceased' WHERE id % 5 = 0")
		s := opened(t, t.TempDir())
		if _, err := s.Refresh(t.Context(), h.Deps); err != nil {
			t.Fatal(err)
		}
		for _, in := range []region.Code{"", "14", "1410", "141002", "141002001001", "52", "1411", "990102003004"} {
			f, err := s.Figures(scopeOf(in), today)
			if err != nil {
				t.Fatal(err)
			}
			if (f.People == 0) != (in == "1411") {
				t.Errorf("in %q are %d people", in, f.People)
			}
			equalSQL(t, d, in, ask(f, in))
		}
		if f, err := s.Figures(access.Scope{}, today); err != nil || f.People+f.NoBirth+f.Facts[fact.Sex][0]+len(f.Below) != 0 {
			t.Errorf("who may see nothing sees %+v (%v)", f, err)
		}
	})
}

// equalSQL fails unless the database counts the same in the region.
func equalSQL(t *testing.T, d *db.DB, in region.Code, all []asked) {
	t.Helper()
	expressions, targets, counts := make([]string, len(all)), make([]any, len(all)), make([]int, len(all))
	for i, one := range all {
		expressions[i], targets[i] = "count(CASE WHEN "+one.condition+" THEN 1 END)", &counts[i]
	}
	where, args := scopeOf(in).Where("region_code")
	query := "SELECT " + strings.Join(expressions, ", ") + " FROM person WHERE state = 'alive' AND " + where
	if err := d.NewRaw(query, args...).Scan(t.Context(), targets...); err != nil {
		t.Fatal(err)
	}
	for i, one := range all {
		if one.count != counts[i] {
			t.Errorf("in %q %d people with %s, the database counts %d", in, one.count, one.condition, counts[i])
		}
	}
}

// BenchmarkFigures counts everybody, and the people of one county, on one processor;
// their number is YIAN_BENCH_PEOPLE, or 100 000.
func BenchmarkFigures(b *testing.B) {
	n := 100_000
	if text := os.Getenv("YIAN_BENCH_PEOPLE"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	people := draw(mathrand.New(mathrand.NewPCG(5, 1)), n)
	for i := range people { // a few thousand villages
		people[i].served = region.Code(fmt.Sprintf("1410%02d0%02d0%02d", 1+i*17/n, i%19, i%7))
	}
	s := opened(b, b.TempDir())
	if err := s.rebuild(context.Background(), mark{Made: 1}, given(everybody(b, people))); err != nil {
		b.Fatal(err)
	}
	for _, in := range []region.Code{"1410", "141002"} {
		b.Run(string(in), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Figures(scopeOf(in), today); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
