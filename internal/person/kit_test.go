package person

import (
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/secret"
)

// kit is a register with a clock that the test sets.
type kit struct {
	*Service
	clock time.Time
}

func newKit(t testing.TB, d *db.DB) *kit {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{clock: time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return k.clock }
	ids := id.NewMaker(now)
	k.Service = New(Deps{DB: d, Audit: audit.New(d, keys, ids, now), Keys: keys, IDs: ids, Now: now, Log: slog.New(slog.DiscardHandler)})
	return k
}

// actor makes an officer of a region.
func actor(role access.Role, at region.Code) access.Actor {
	return access.NewActor(7, "测试", "session", []access.Grant{{Role: role, Region: at}}, nil)
}

var (
	city   = actor(access.Officer, "1410")
	county = actor(access.Officer, "141002")
	other  = actor(access.Officer, "141024")
)

func day(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// number makes an identity number: 14100219400115 and a sequence.
func number(seventeen string) string { return seventeen + string(citizenid.Checksum(seventeen)) }

const wang = "14100219400115002" // a woman born 1940-01-15

func draft(name, seventeen string) Draft {
	return Draft{Name: name, Document: document.ResidentID, Number: number(seventeen), Details: Details{Phones: []string{"13812345678"}}}
}

func facts(t testing.TB, pairs ...string) (p fact.Person) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		f, ok := fact.ByName(pairs[i])
		if !ok {
			t.Fatalf("no fact %s", pairs[i])
		}
		if err := p.Set(f, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// create opens a file in 141002001, stated by the town.
func (k *kit) create(t testing.TB, name, seventeen string, pairs ...string) *Person {
	t.Helper()
	p, err := k.Create(t.Context(), city, draft(name, seventeen), history.Town, facts(t, append([]string{"residence", "141002001"}, pairs...)...), day(t, "2024-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// says records a statement of one fact.
func (k *kit) says(t testing.TB, person id.ID, source history.Source, from, name, value string) *Outcome {
	t.Helper()
	f, _ := fact.ByName(name)
	out, err := k.Record(t.Context(), city, person, Statement{Source: source, From: day(t, from), Facts: map[fact.ID]string{f: value}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (k *kit) show(t testing.TB, person id.ID) *Person {
	t.Helper()
	p, err := k.Show(t.Context(), city, person, "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// want fails unless err is of the kind and names the field.
func want(t testing.TB, err error, kind errs.Kind, field string) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v, want kind %d", err, kind)
	}
	if field == "" {
		return
	}
	for _, f := range errs.FieldsOf(err) {
		if f.Name == field {
			return
		}
	}
	t.Fatalf("%v names %v, not %s", err, errs.FieldsOf(err), field)
}

// verified fails unless the trail finds the rows as they were written.
func (k *kit) verified(t testing.TB) {
	t.Helper()
	if _, err := k.Audit.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := k.Audit.Verify(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Fatalf("the trail finds %+v", r.Problems)
	}
}

var (
	maleCode, _   = fact.Sex.CodeOf("male")
	femaleCode, _ = fact.Sex.CodeOf("female")
)
