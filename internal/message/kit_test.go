package message

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/policies"
)

func actor(role access.Role, at region.Code) access.Actor {
	return access.NewActor(7, "张三", "session", []access.Grant{{Role: role, Region: at}}, nil)
}

// recorder is a gateway that keeps what it gets; answer says what it answers.
type recorder struct {
	mu     sync.Mutex
	got    []Outgoing
	answer func(Outgoing) error
}

func (r *recorder) Send(ctx context.Context, o Outgoing) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, o)
	if r.answer != nil {
		if err := r.answer(o); err != nil {
			return "", err
		}
	}
	return "g-" + o.ID.String(), ctx.Err()
}

// kit is a service of messages on a database, with a register and a clock.
type kit struct {
	*Service
	gateway *recorder
	clock   *atomic.Int64
	worker  access.Actor
}

func (k *kit) pass(d time.Duration) { k.clock.Add(int64(d)) }

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
	clock := new(atomic.Int64)
	clock.Store(time.Date(2026, 11, 22, 1, 30, 0, 0, time.UTC).UnixNano()) // half past nine in the morning
	now := func() time.Time { return time.Unix(0, clock.Load()).UTC() }
	ids, log := id.NewMaker(time.Now), slog.New(slog.DiscardHandler)
	queue := jobs.New(d, "test", log)
	trail := audit.New(d, keys, ids, now)
	people := person.New(person.Deps{DB: d, Audit: trail, Jobs: queue, Keys: keys, IDs: ids, Now: now, Log: log})
	templates, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{gateway: &recorder{}, clock: clock, worker: actor(access.TownWorker, "141002001")}
	k.Service = New(Deps{
		DB: d, Audit: trail, Jobs: queue, Keys: keys, People: people, Templates: templates, Gateway: k.gateway,
		IDs: ids, Now: now, Log: log, Limits: limits,
	})
	return k
}

const (
	ownPhone = "13812345678"
	kinPhone = "13998765432"
)

// elder opens the file of somebody with a phone and a son.
func (k *kit) elder(t testing.TB, edit func(*person.Draft)) *person.Person {
	t.Helper()
	facts := fact.Person{Residence: "141002001", Birth: civil.New(1940, 1, 15)}
	facts.Codes[fact.Sex], _ = fact.Sex.CodeOf("female")
	d := person.Draft{Name: "王秀兰", Details: person.Details{
		Phones:   []string{"03572012345", ownPhone},
		Contacts: []person.Contact{{Name: "刘强", Relation: "儿子", Phone: kinPhone, Guardian: true}},
	}}
	if edit != nil {
		edit(&d)
	}
	p, err := k.People.Create(t.Context(), access.System("测试"), d, history.Town, facts, civil.New(2025, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var values = Values{
	Item: "高龄津贴", Amount: "每月 50 元", Apply: "带身份证到村委会申请。", Date: civil.New(2026, 12, 1), Office: "尧都区民政局 0357-2012345",
}

// queue queues a message as a use case of another module does.
func (k *kit) queue(t testing.TB, who access.Actor, o Order) (n id.ID, fresh bool, err error) {
	t.Helper()
	if o.Template == "" {
		o.Template = "newly"
	}
	if o.Subject == "" {
		o.Subject = "change:1"
	}
	if o.Values == (Values{}) {
		o.Values = values
	}
	err = k.Audit.Write(t.Context(), who, audit.Action{Code: "test", Label: "测试"}, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		n, fresh, err = k.Queue(ctx, tx, who, o)
		return audit.Change{Kind: "test"}, err
	})
	return n, fresh, err
}

// queueAll queues a message for each of n people.
func (k *kit) queueAll(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		p := k.elder(t, func(d *person.Draft) { d.Phones = []string{fmt.Sprintf("138%08d", i)} })
		if _, _, err := k.queue(t, k.worker, Order{Person: p.ID}); err != nil {
			t.Fatal(err)
		}
	}
}

func (k *kit) work(t testing.TB) {
	t.Helper()
	if err := k.turn(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// only returns the one message that there is.
func (k *kit) only(t testing.TB) Entry {
	t.Helper()
	all, err := k.List(t.Context(), k.worker.Scope(access.EntitlementReach), Filter{}, 0, 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d messages, %v", len(all), err)
	}
	return all[0]
}

// why returns the refusal in the chain of an error.
func why(err error) Refusal {
	if r, ok := errors.AsType[*RefusedError](err); ok {
		return r.Why
	}
	return ""
}
