package intake

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/synth"
)

// today is the day on which tests take place.
var today = time.Date(2026, 6, 30, 8, 0, 0, 0, time.UTC)

// users are the actors by their numbers, with the rights that they have now.
type users map[id.ID]access.Actor

func (u users) Actor(_ context.Context, user id.ID) (access.Actor, error) {
	if a, ok := u[user]; ok {
		return a, nil
	}
	return access.Actor{}, errs.New(errs.Denied, "账号已停用。")
}

func officer(user id.ID, place region.Code) access.Actor {
	return access.NewActor(user, fmt.Sprintf("经办%d", user), "session", []access.Grant{{Role: access.Officer, Region: place}}, nil)
}

// kit is a service of imports on a database, with its register.
type kit struct {
	*Service
	users users
	actor access.Actor // an officer of 1410
	clock *clock
}

// clock goes on by a step whenever it is looked at.
type clock struct{ at, step atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(0, c.at.Add(c.step.Load())).UTC() }

func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

func newKit(t testing.TB, d *db.DB, limits Limits) *kit {
	t.Helper()
	return kitWith(t, d, testKeys(t), limits)
}

func testKeys(t testing.TB) *secret.Keys {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func kitWith(t testing.TB, d *db.DB, keys *secret.Keys, limits Limits) *kit {
	t.Helper()
	c := new(clock)
	c.at.Store(today.UnixNano())
	now := c.now
	ids := id.NewMaker(time.Now)
	log := slog.New(slog.DiscardHandler)
	queue := jobs.New(d, "test", log)
	trail := audit.New(d, keys, ids, now)
	people := person.New(person.Deps{DB: d, Audit: trail, Jobs: queue, Keys: keys, IDs: ids, Now: now, Log: log})
	k := &kit{users: users{}, actor: officer(1, "1410"), clock: c}
	k.users[1] = k.actor
	k.Service = New(Deps{
		DB: d, Audit: trail, Jobs: queue, Blobs: blob.New(d, keys), People: people, Actors: k.users,
		IDs: ids, Now: now, Log: log, Limits: limits,
	})
	people.Register()
	k.Register()
	if err := queue.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

// upload uploads a file and has it read.
func (k *kit) upload(t testing.TB, file string) *Import {
	t.Helper()
	n, err := k.Upload(t.Context(), k.actor, Upload{Region: "1410", Source: history.Eldercare, Name: "名单.csv"}, strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return k.work(t, n)
}

// work goes on with an import until there is nothing to do.
func (k *kit) work(t testing.TB, n id.ID) *Import {
	t.Helper()
	for range 1000 {
		if err := k.turn(t.Context(), n); err != nil && !again(err) {
			t.Fatal(err)
		}
		if imp := k.get(t, n); !imp.State.Working() {
			return imp
		}
	}
	t.Fatal("it never ends")
	return nil
}

// again reports whether a worker asks for another turn.
func again(err error) bool { return err.Error() == jobs.Again().Error() }

func (k *kit) get(t testing.TB, n id.ID) *Import {
	t.Helper()
	imp, err := k.Get(t.Context(), system(), n)
	if err != nil {
		t.Fatal(err)
	}
	return imp
}

// check uploads a file and tries it, the columns as they were guessed.
func (k *kit) check(t testing.TB, file string) *Import {
	t.Helper()
	imp := k.upload(t, file)
	if imp.State != Matching {
		t.Fatalf("the file is %s: %s", imp.State, imp.Reason)
	}
	return k.match(t, imp, Settings{Source: history.Eldercare, From: civil.New(2026, 6, 1), Mapping: imp.Mapping})
}

func (k *kit) match(t testing.TB, imp *Import, set Settings) *Import {
	t.Helper()
	if err := k.Match(t.Context(), k.actor, imp.ID, imp.Version, set); err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
	if imp = k.work(t, imp.ID); imp.State != Checked {
		t.Fatalf("tried, it is %s: %s", imp.State, imp.Reason)
	}
	return imp
}

// bring takes a file all the way into the register.
func (k *kit) bring(t testing.TB, file string) *Import {
	t.Helper()
	return k.commit(t, k.check(t, file))
}

func (k *kit) commit(t testing.TB, imp *Import) *Import {
	t.Helper()
	if err := k.Commit(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
		t.Fatal(err)
	}
	if imp = k.work(t, imp.ID); imp.State != Done {
		t.Fatalf("brought in, it is %s: %s", imp.State, imp.Reason)
	}
	return imp
}

// count returns the number of rows of a table.
func (k *kit) count(t testing.TB, table string) (n int) {
	t.Helper()
	if err := k.DB.NewRaw("SELECT count(*) FROM "+table).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (k *kit) faults(t testing.TB, imp *Import) []Fault {
	t.Helper()
	all, err := k.Faults(t.Context(), k.actor, imp.ID, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (k *kit) rejects(t testing.TB, imp *Import) string {
	t.Helper()
	r, err := k.Rejects(t.Context(), k.actor, imp.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elders invents a file of people who live in 1410, with all their facts.
func elders(t testing.TB, n int, seed uint64) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("姓名,身份证号,手机,住址")
	for f := range fact.Count {
		b.WriteString("," + f.Def().Label)
	}
	b.WriteString("\n")
	i := 0
	err := synth.Generate(synth.Options{Region: "1410", Elders: n, Seed: seed, On: civil.New(2026, 6, 30), FromAge: 60, Names: true, CitizenIDs: true}, func(p *synth.Person) error {
		i++
		if !p.Facts.Residence.Within("1410") {
			p.Facts.Residence = "141002"
		}
		if !p.Facts.Hukou.Within("1410") {
			p.Facts.Hukou = ""
		}
		fmt.Fprintf(&b, "%s,%s,138%08d,幸福路%d号", p.Name, p.CitizenID, i, i)
		for f := range fact.Count {
			b.WriteString("," + p.Facts.Text(f))
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// number makes the n-th valid number of somebody born on 1943-01-15.
func number(n int) string {
	digits := fmt.Sprintf("99%04d19430115%03d", n/500, n%500*2)
	return digits + string(checksum(digits))
}

func checksum(digits string) byte { return citizenid.Checksum(digits) }
