package export

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/people"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
)

// users are the actors by their numbers, with the rights that they have now.
type users map[id.ID]access.Actor

func (u users) Actor(_ context.Context, user id.ID) (access.Actor, error) {
	if a, ok := u[user]; ok {
		return a, nil
	}
	return access.Actor{}, errs.New(errs.NotFound, "账号已停用。")
}

func actor(user id.ID, role access.Role, place region.Code) access.Actor {
	return access.NewActor(user, fmt.Sprintf("经办%d", user), "session", []access.Grant{{Role: role, Region: place}}, nil)
}

// clock goes on by a step whenever it is looked at.
type clock struct{ at, step atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(0, c.at.Add(c.step.Load())).UTC() }

func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

// kit is a service of exports on a database, with its register.
type kit struct {
	*Service
	users users
	actor access.Actor // an officer of 1410
	clock *clock
}

func newKit(t testing.TB, d *db.DB, limits Limits) *kit {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c := new(clock)
	c.at.Store(time.Date(2026, 6, 30, 8, 0, 0, 0, time.UTC).UnixNano())
	ids, log := id.NewMaker(time.Now), slog.New(slog.DiscardHandler)
	queue := jobs.New(d, "test", log)
	trail := audit.New(d, keys, ids, c.now)
	register := person.New(person.Deps{DB: d, Audit: trail, Jobs: queue, Keys: keys, IDs: ids, Now: c.now, Log: log})
	k := &kit{users: users{}, actor: actor(1, access.Officer, "1410"), clock: c}
	k.users[1] = k.actor
	k.Service = New(Deps{
		DB: d, Audit: trail, Jobs: queue, Blobs: blob.New(d, keys), People: register, Actors: k.users, IDs: ids, Now: c.now, Log: log, Limits: limits,
	})
	register.Register()
	k.Register()
	if err := queue.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

// number makes the n-th valid number of a woman born on 1943-01-15.
func number(n int) string {
	digits := fmt.Sprintf("99%04d19430115%03d", n/500, n%500*2)
	return digits + string(citizenid.Checksum(digits))
}

// register opens the files of n people of 1410.
func (k *kit) register(t testing.TB, n int) {
	t.Helper()
	k.registerFrom(t, 0, n)
}

func (k *kit) registerFrom(t testing.TB, from, n int) {
	t.Helper()
	var in []person.Incoming
	for i := from; i < from+n; i++ {
		one := person.Incoming{Source: history.Eldercare, From: civil.New(2026, 1, 1)}
		one.Name, one.Document, one.Number = "王秀英"+string(rune('甲'+i%9)), document.ResidentID, number(i)
		one.Phones, one.Note = []string{fmt.Sprintf("138%08d", i)}, "=1+1"
		one.Contacts = []person.Contact{{Name: "李建国", Relation: "儿子", Phone: "13900000000", Guardian: true}}
		one.Facts = fact.Person{Residence: []region.Code{"141002001", "141024"}[i%2]}
		in = append(in, one)
	}
	prepared, err := k.People.Prepare(t.Context(), k.actor, in)
	if err != nil {
		t.Fatal(err)
	}
	err = k.Audit.Write(t.Context(), k.actor, actStart, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		results, err := k.People.Apply(ctx, tx, k.actor, prepared)
		for _, r := range results {
			if r.Result != person.Created {
				t.Errorf("%s: %v", r.Result, r.Err)
			}
		}
		return audit.Change{Kind: "test"}, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// start orders a file and has it made.
func (k *kit) start(t testing.TB, o Order) *Export {
	t.Helper()
	n, err := k.Start(t.Context(), k.actor, o)
	if err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
	return k.work(t, n)
}

func (k *kit) work(t testing.TB, n id.ID) *Export {
	t.Helper()
	for range 100 {
		if err := k.turn(t.Context(), n); err != nil && err.Error() != jobs.Again().Error() {
			t.Fatal(err)
		}
		e, err := k.find(t.Context(), system(), 0, n)
		if err != nil {
			t.Fatal(err)
		}
		if e.State != Waiting {
			return e
		}
	}
	t.Fatal("it never ends")
	return nil
}

// rows fetches a file and reads it.
func (k *kit) rows(t testing.TB, n id.ID) (rows [][]string) {
	t.Helper()
	_, content, err := k.Fetch(t.Context(), k.actor, n)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // it was only read
	file, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	table, err := people.OpenTable(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	for row, err := range table.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, string(c))
		}
		rows = append(rows, cells)
	}
	return rows
}
