package person

import (
	"context"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
)

// invented makes rows that are as wide as those of the register. A row is good until
// the next one.
func invented(n int, seed uint64) iter.Seq[*row] {
	random := rand.New(rand.NewPCG(seed, 1))
	cipher := make([]byte, 300)
	return func(yield func(*row) bool) {
		for i := range n {
			for at := 0; at < len(cipher); at += 4 {
				x := random.Uint32()
				copy(cipher[at:], []byte{byte(x), byte(x >> 8), byte(x >> 16), byte(x >> 24)})
			}
			r := row{
				id: id.ID(i + 1), version: 1, name: "王桂英", initials: "wgy", document: "resident", state: Alive,
				number: cipher[:48], numberIndex: []byte(strconv.Itoa(i)), details: cipher[:250], seal: cipher[250:282],
				created: 1, updated: 1,
			}
			inventFacts(&r.facts, random)
			r.region = regionOf(&r.facts)
			if random.IntN(50) == 0 {
				r.state = Deceased
			}
			if !yield(&r) {
				return
			}
		}
	}
}

// inventFacts draws facts, a tenth of them unknown.
func inventFacts(p *fact.Person, random *rand.Rand) {
	village := func() region.Code {
		return region.Code("1410" + strconv.Itoa(10+random.IntN(17)) + "00" + strconv.Itoa(1+random.IntN(9)) + "00" + strconv.Itoa(1+random.IntN(9)))
	}
	p.Hukou = village()
	if p.Residence = p.Hukou; random.IntN(5) == 0 {
		p.Residence = village()
	}
	p.Birth = civil.New(1925, 1, 1) + civil.Date(random.IntN(15_000))
	for f := range fact.Count {
		if f.Coded() {
			p.Codes[f] = fact.Code(1 + random.IntN(len(f.Def().Values)))
		}
		if random.IntN(10) == 0 {
			p.Forget(f)
		}
	}
}

func fill(t testing.TB, d *db.DB, people iter.Seq[*row]) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return insertRows(ctx, tx, people) })
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestEverybody reads people back as they were stored, and in a scope those of the
// scope alone.
func TestEverybody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		stored := map[id.ID]row{}
		fill(t, d, func(yield func(*row) bool) {
			for r := range invented(5000, 2) {
				if r.id%100 == 0 { // nothing says where any more, and he stays
					r.facts.Hukou, r.facts.Residence, r.region = "", "", "141024"
				}
				stored[r.id] = *r
				if !yield(r) {
					return
				}
			}
		})
		for _, scope := range []access.Scope{everywhere, city.Scope(access.PersonRead), county.Scope(access.PersonRead), other.Scope(access.PersonRead), {}} {
			all, err := k.Everybody(t.Context(), scope)
			if err != nil {
				t.Fatal(err)
			}
			expected := 0
			for _, r := range stored {
				if r.state == Alive && scope.Contains(r.region) {
					expected++
				}
			}
			if all.N != expected || len(all.People) != expected {
				t.Fatalf("in %v %d people are read, want %d", scope.Regions(), all.N, expected)
			}
			for i, person := range all.People {
				r := stored[person]
				if r.state != Alive || all.Person(i) != r.facts || all.Served.RegionOf(i) != r.region || !scope.Contains(r.region) {
					t.Fatalf("person %s is read as %+v of %s, want %+v", person, all.Person(i), all.Served.RegionOf(i), r)
				}
			}
		}
	})
}

// TestEverybodyRefusesWhatIsNoFact has somebody change the table by hand.
func TestEverybodyRefusesWhatIsNoFact(t *testing.T) {
	for column, value := range map[string]string{"sex": "3", "ability": "0", "lives_alone": "-1", "income": "300"} {
		t.Run(column, func(t *testing.T) {
			k := newKit(t, dbtest.SQLite(t))
			fill(t, k.DB, invented(10, 3))
			_, err := k.DB.Writer().ExecContext(t.Context(), "UPDATE person SET "+column+" = "+value+" WHERE id = 7")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := k.Everybody(t.Context(), everywhere); err == nil || !strings.Contains(err.Error(), "person 7") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestAnImpossibleBirthIsUnknown has one day that no column holds stop nobody's figures.
func TestAnImpossibleBirthIsUnknown(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t))
	fill(t, k.DB, invented(10, 3))
	if _, err := k.DB.Writer().ExecContext(t.Context(), "UPDATE person SET birth = '1700-01-01' WHERE id = 7"); err != nil {
		t.Fatal(err)
	}
	all, err := k.Everybody(t.Context(), everywhere)
	if err != nil {
		t.Fatal(err)
	}
	if at := slices.Index(all.People, 7); at < 0 || all.Birth[at] != 0 {
		t.Errorf("person 7 is read at %d of %d", at, all.N)
	}
}

// TestAnImpossibleBirthdayIsAsUnknown holds that one bad row does not stop the figures
// of everybody.
func TestAnImpossibleBirthdayIsAsUnknown(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t))
	fill(t, k.DB, invented(10, 3))
	if _, err := k.DB.Writer().ExecContext(t.Context(), "UPDATE person SET birth = '1700-01-01' WHERE id = 7"); err != nil {
		t.Fatal(err)
	}
	all, err := k.Everybody(t.Context(), everywhere)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.Index(all.People, 7)
	if i < 0 || all.Birth[i] != 0 {
		t.Errorf("he is at %d of %d", i, all.N)
	}
}

// BenchmarkEverybody reads the current facts of everybody in each round; their number
// is YIAN_BENCH_PEOPLE, or 20 000.
func BenchmarkEverybody(b *testing.B) {
	n := 20_000
	if text := os.Getenv("YIAN_BENCH_PEOPLE"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			k := newKit(b, open(b))
			fill(b, k.DB, invented(n, 1))
			people := 0
			b.ReportAllocs()
			for b.Loop() {
				c, err := k.Everybody(b.Context(), everywhere)
				if err != nil || c.N != len(c.People) || c.N < n*9/10 {
					b.Fatal(err)
				}
				people += c.N
			}
			b.ReportMetric(float64(people)/b.Elapsed().Seconds(), "people/s")
		})
	}
}
