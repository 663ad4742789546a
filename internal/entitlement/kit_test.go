package entitlement

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/secret"
)

// kit is a register, lists and results, with a clock that the test sets and a queue
// that the test works off.
type kit struct {
	*Service
	mu    sync.Mutex
	clock time.Time
	queue []job
	keys  *secret.Keys
}

func (k *kit) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.clock = k.clock.Add(time.Microsecond) // no two publications at once
	return k.clock
}

func (k *kit) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.clock = k.clock.Add(d)
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
	k := &kit{keys: keys, clock: time.Date(2026, 6, 30, 2, 0, 0, 0, time.UTC)}
	ids := id.NewMaker(k.now)
	log := slog.New(slog.DiscardHandler)
	trail := audit.New(d, keys, ids, k.now)
	people := person.New(person.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: k.now, Log: log})
	lists := policy.New(policy.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: k.now, Log: log})
	k.Service = New(Deps{DB: d, Audit: trail, IDs: ids, Now: k.now, Log: log, People: people, Lists: lists})
	k.portion = 8
	k.enqueue = func(_ context.Context, _ db.Tx, j job) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.queue = append(k.queue, j)
		return nil
	}
	people.OnChange = append(people.OnChange, k.Changed)
	return k
}

var city = access.NewActor(7, "测试", "session", []access.Grant{{Role: access.Officer, Region: "1410"}}, nil)

// listing is what a test list says.
type listing struct {
	name   string
	region region.Code
	age    int // of the allowance
	fen    int // of the allowance, in yuan
	later  string
	extra  bool
}

func (l *listing) text(from civil.Date) string {
	var b strings.Builder
	fmt.Fprintf(&b, `list: %s
title: 测试清单
region: "%s"
document: {title: 文件, issuer: 政府, date: 2020-01-01}
effective: {from: %s}
parameters:
  allowance:
    label: 津贴
    unit: 元/月
    clause: 第1项
    values:
      - {from: 2020-01-01, value: %d}
%sitems:
`, l.name, l.region, from, l.fen, l.later)
	item := func(no int, name, when, grant string) {
		fmt.Fprintf(&b, `  - no: %d
    id: %s
    name: 项目%d
    audience: 老年人
    content: 内容
    type: 物质帮助
    when: %s
    grant: %s
    clause: {at: 第%d项, text: 原文}
`, no, name, no, when, grant, no)
	}
	item(1, "old-age", fmt.Sprintf("age >= %d", l.age), "{kind: cash, per: month, amount: allowance}")
	item(2, "care", `age >= 60 && (ability in ["moderate", "severe", "total"] || age >= 75 && income in ["dibao", "tekun"])`,
		`{kind: cash, per: month, amount: [{when: 'age >= 85', is: 200}, {when: lives_alone, is: 150}, {is: 50}]}`)
	item(3, "visit", "lives_alone || left_behind && age < 90", "{kind: service, per: month}")
	if l.extra {
		item(4, "bus", `age >= 65 && hukou.within("141002")`, "{kind: discount, per: year}")
	}
	return b.String()
}

// publish lets a list rule from a day on, as the next version of its name.
func (k *kit) publish(t testing.TB, l listing, from civil.Date) id.ID {
	t.Helper()
	v := k.IDs.New()
	err := k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO policy_version (id, version, list, no, region_code, title, state, rules_from, body, tests,
			created_by, created_at, updated_by, updated_at, published_by, published_at)
			VALUES (?, 1, ?, (SELECT count(*) + 1 FROM policy_version WHERE list = ?), ?, 't', 'published', ?, ?, '', 1, 1, 1, 1, 1, ?)`,
			v, l.name, l.name, string(l.region), from, l.text(from), civil.At(k.now())).Exec(ctx)
		if err != nil {
			return err
		}
		return k.Published(ctx, tx, &policy.Version{ID: v, RulesFrom: from})
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
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

func (k *kit) create(t testing.TB, home region.Code, birth string, pairs ...string) id.ID {
	t.Helper()
	p, err := k.People.Create(t.Context(), city, person.Draft{Name: "王桂兰"}, history.Town,
		facts(t, append([]string{"residence", string(home), "birth", birth}, pairs...)...), civil.New(2024, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

// says records a statement of one fact from today on.
func (k *kit) says(t testing.TB, who id.ID, name, value string) {
	t.Helper()
	f, _ := fact.ByName(name)
	if _, err := k.People.Record(t.Context(), city, who, person.Statement{Source: history.Town, From: k.Today(), Facts: map[fact.ID]string{f: value}}); err != nil {
		t.Fatal(err)
	}
}

// work does what is in the queue.
func (k *kit) work(t testing.TB) {
	t.Helper()
	for {
		k.mu.Lock()
		queue := k.queue
		k.queue = nil
		k.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, j := range queue {
			if err := k.do(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (k *kit) do(ctx context.Context, j job) (err error) {
	switch j := j.(type) {
	case Recheck:
		return k.Recheck(ctx, j.People)
	case County:
		for done := false; !done && err == nil; {
			done, err = k.Run(ctx, j.Region)
		}
	case Nightly:
		for done := false; !done && err == nil; {
			done, err = k.Night(ctx)
		}
	}
	return err
}

// settle does everything that is to be done today.
func (k *kit) settle(t testing.TB) {
	t.Helper()
	k.work(t)
	if err := k.do(t.Context(), Nightly{}); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		k.work(t)
		k.pass(rest + time.Second)
		if err := k.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(k.queue) == 0 {
			return
		}
	}
	t.Fatal("there is always more to do")
}

// stored reads all results.
func (k *kit) stored(t testing.TB) map[id.ID]*row {
	t.Helper()
	all := map[id.ID]*row{}
	if err := scanRows(t.Context(), k.DB.NewSelect(), func(r *row) { all[r.person] = r }); err != nil {
		t.Fatal(err)
	}
	return all
}

// everybody reads the register.
func (k *kit) everybody(t testing.TB) []subject {
	t.Helper()
	var people []id.ID
	if err := k.DB.NewRaw("SELECT id FROM person").Scan(t.Context(), &people); err != nil {
		t.Fatal(err)
	}
	if len(people) == 0 {
		return nil
	}
	all, err := readSubjects(t.Context(), k.DB, people)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// right fails unless what is stored is what everybody's results are, found one by one
// from nothing.
func (k *kit) right(t testing.TB) {
	t.Helper()
	book, err := k.Lists.Book(t.Context(), k.Today())
	if err != nil {
		t.Fatal(err)
	}
	rows, want := k.stored(t), counts{}
	living := 0
	for _, p := range k.everybody(t) {
		r := rows[p.person]
		if p.state != alive {
			if r != nil {
				t.Fatalf("person %s is %s and has results", p.person, p.state)
			}
			continue
		}
		living++
		ruling := book.For(p.region)
		now, err := Judge(&p.facts, ruling, k.Today())
		if err != nil {
			t.Fatal(err)
		}
		if r == nil || !r.Same(&now) || r.region != p.region {
			t.Fatalf("person %s in %s: stored %+v, want %+v of %+v", p.person, p.region, r, now, p.facts)
		}
		basis := noBasis
		if ruling != nil {
			if basis, err = basisOf(ruling); err != nil {
				t.Fatal(err)
			}
		}
		want.add(&row{region: p.region, Result: now}, basis, 1)
	}
	if len(rows) != living {
		t.Fatalf("%d rows of %d people", len(rows), living)
	}
	var have []countRow
	if err := k.DB.NewSelect().Model(&have).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range have {
		if n := *want.at(countKey{c.Region, c.Kind, c.Item}); n != (counted{c.Yes, c.Unknown}) {
			t.Fatalf("%+v, want %+v", c, n)
		}
	}
	for key, n := range want {
		if *n != (counted{}) && !slices.ContainsFunc(have, func(c countRow) bool { return c.Region == key.region && c.Kind == key.kind && c.Item == key.item }) {
			t.Fatalf("no number of %+v, want %+v", key, n)
		}
	}
}

// changed reads the history of a person, in a few words a line.
func (k *kit) changed(t testing.TB, who id.ID) (lines []string) {
	t.Helper()
	rows, err := k.DB.QueryContext(t.Context(), "SELECT item, cause, on_day, was, is_now, was_amount, is_amount FROM entitlement_change WHERE person_id = "+fmt.Sprint(int64(who))+" AND kind = 'item' ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var (
			item, cause string
			on          civil.Date
			was, is     int
			wasA, isA   *int64
		)
		if err := rows.Scan(&item, &cause, &on, &was, &is, &wasA, &isA); err != nil {
			t.Fatal(err)
		}
		sum := func(a *int64) string {
			if a == nil {
				return ""
			}
			return fmt.Sprint(*a / 100)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %c%s→%c%s", item, cause, on, "?yn"[was], sum(wasA), "?yn"[is], sum(isA)))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
