package snapshot

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	mathrand "math/rand/v2"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/secret"
)

// today is the day of the tests.
var today = civil.New(2026, 6, 30)

// scopeOf is the scope of an officer of regions.
func scopeOf(regions ...region.Code) access.Scope {
	var grants []access.Grant
	for _, r := range regions {
		grants = append(grants, access.Grant{Role: access.Officer, Region: r})
	}
	return access.NewActor(1, "测试", "session", grants, nil).Scope(access.FigureRead)
}

// one is somebody of a test.
type one struct {
	id     id.ID
	served region.Code
	facts  fact.Person
}

// everybody makes columns of people.
func everybody(t interface{ Fatal(...any) }, people []one) *person.Everybody {
	all := &person.Everybody{Served: population.Regions{Index: []uint32{}, Codes: []region.Code{""}}}
	place := map[region.Code]uint32{"": 0}
	for _, p := range people {
		if err := all.Append(&p.facts); err != nil {
			t.Fatal(err)
		}
		at, ok := place[p.served]
		if !ok {
			at = uint32(len(place))
			place[p.served] = at
			all.Served.Codes = append(all.Served.Codes, p.served)
		}
		all.Served.Index = append(all.Served.Index, at)
		all.People = append(all.People, p.id)
	}
	for _, r := range []*population.Regions{&all.Hukou, &all.Residence} {
		if r.Codes == nil {
			r.Codes = []region.Code{""}
		}
	}
	return all
}

// places are of several levels; the last is not in any table.
var places = []region.Code{"", "14", "1410", "141002", "141002001", "141002001001", "141024", "141024100001", "52", "990102003004"}

// draw invents people, the n-th as the n-th of a few kinds that come again and again.
func draw(random *mathrand.Rand, n int) []one {
	people := make([]one, n)
	for i := range people {
		p := &people[i]
		p.id = id.ID(random.Int64())
		p.served = places[random.IntN(len(places))]
		p.facts.Hukou, p.facts.Residence = places[random.IntN(len(places))], places[random.IntN(len(places))]
		p.facts.Birth = civil.New(1918, 1, 1) + civil.Date(random.IntN(18_000))
		for f := range fact.Count {
			if f.Coded() {
				p.facts.Codes[f] = fact.Code(1 + random.IntN(len(f.Def().Values)))
			}
			if random.IntN(6) == 0 {
				p.facts.Forget(f)
			}
		}
	}
	return people
}

// anyPeople draws people; their number is often one at which something could go wrong.
func anyPeople(t *rapid.T) []one {
	n := rapid.SampledFrom([]int{0, 1, 7, 8, 9, 200, blockPeople - 1, blockPeople, blockPeople + 9}).Draw(t, "people")
	return draw(mathrand.New(mathrand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), n)
}

// given hands out columns that are there already.
func given(all *person.Everybody) source {
	return func(context.Context) (*person.Everybody, error) { return all, nil }
}

func opened(t testing.TB, dir string) *Snapshot {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// house is a register with a clock that the test sets.
type house struct {
	Deps
	db    *db.DB
	clock time.Time
	said  bytes.Buffer // by the log
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{db: d, clock: time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return h.clock }
	ids := id.NewMaker(now)
	log := slog.New(slog.NewTextHandler(&h.said, nil))
	trail := audit.New(d, keys, ids, now)
	h.Deps = Deps{
		People: person.New(person.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: log}),
		Audit:  trail, Now: now, Log: log,
	}
	return h
}

// fill puts people into the table as they are, with an entry on the trail.
func (h *house) fill(t testing.TB, people []one) {
	t.Helper()
	columns := []string{
		"id", "version", "region_code", "name", "initials", "document", "state", "state_source", "created_at", "updated_at", "seal",
	}
	for f := range fact.Count {
		columns = append(columns, f.String())
	}
	action := audit.Action{Code: "test.fill", Label: "填入"}
	err := h.Audit.Write(t.Context(), access.System("测试"), action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		_, err := tx.Bulk(ctx, "person", columns, func(yield func([]any, error) bool) {
			for _, p := range people {
				row := []any{int64(p.id), int64(1), string(p.served), "王桂英", "wgy", "", string(person.Alive), "", int64(1), int64(1), []byte("x")}
				for f := range fact.Count {
					row = append(row, stored(&p.facts, f))
				}
				if !yield(row, nil) {
					return
				}
			}
		})
		return audit.Change{Kind: "test", Subject: strconv.Itoa(len(people))}, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stored is a fact as the table holds it.
func stored(p *fact.Person, f fact.ID) any {
	switch {
	case !p.Known(f):
		return nil
	case f == fact.Birth:
		return p.Birth
	case f.Coded():
		return int64(p.Codes[f])
	default:
		return string(p.Region(f))
	}
}
