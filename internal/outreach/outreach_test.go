package outreach_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
)

const (
	village = region.Code("141002001001")
	beside  = region.Code("141002001002")
	town    = region.Code("141002001")
	county  = region.Code("141002")
	other   = region.Code("141024001001")
)

// The workers, by the number of their account.
var workers = map[id.ID]access.Actor{
	1: worker(1, access.TownWorker, town),
	2: worker(2, access.VillageWorker, village),
	3: worker(3, access.VillageWorker, beside),
	4: worker(4, access.Officer, "141024"),
	5: worker(5, access.Leader, county),
}

func worker(user id.ID, role access.Role, at region.Code) access.Actor {
	return access.NewActor(user, "测试", "session", []access.Grant{{Role: role, Region: at}}, nil)
}

type kit struct {
	*outreach.Service
	people *person.Service
	clock  time.Time
	made   int
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
	trail := audit.New(d, keys, ids, now)
	k.Service = outreach.New(outreach.Deps{DB: d, Audit: trail, IDs: ids, Now: now, Actor: func(_ context.Context, user id.ID) (access.Actor, error) {
		a, ok := workers[user]
		if !ok {
			return a, errs.New(errs.NotFound, "没有这个账号。")
		}
		return a, nil
	}})
	k.people = person.New(person.Deps{
		DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: slog.New(slog.DiscardHandler),
		OnChange: []func(context.Context, db.Tx, []id.ID) error{k.Moved},
	})
	return k
}

// somebody opens the file of a person.
func (k *kit) somebody(t testing.TB, home region.Code) id.ID {
	t.Helper()
	k.made++
	number := "1410021940011" + string(rune('0'+k.made/10%10)) + string(rune('0'+k.made%10)) + "02"
	p, err := k.people.Create(t.Context(), access.System("测试"), person.Draft{
		Name: "王秀兰", Document: document.ResidentID, Number: number + string(citizenid.Checksum(number)),
	}, history.Town, fact.Person{Residence: home}, civil.New(2024, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func newly(who id.ID) outreach.Matter {
	return outreach.Matter{Person: who, Occasion: outreach.Newly, Item: "old-age-allowance", On: civil.New(2026, 6, 1)}
}

func scope(user id.ID) access.Scope { return workers[user].Scope(access.EntitlementReach) }

func (k *kit) get(t testing.TB, user id.ID, m outreach.Matter) (*outreach.Contact, []outreach.Note) {
	t.Helper()
	c, notes, err := k.Get(t.Context(), scope(user), m)
	if err != nil {
		t.Fatal(err)
	}
	return c, notes
}

func (k *kit) record(t testing.TB, user id.ID, m outreach.Matter, state outreach.State, text string) *outreach.Contact {
	t.Helper()
	c, _ := k.get(t, user, m)
	after, err := k.Record(t.Context(), workers[user], m, c.Version, outreach.Step{State: state, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return after
}

func want(t testing.TB, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v, want kind %d", err, kind)
	}
}

func TestContactGoesItsWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		m := newly(k.somebody(t, village))
		if c, notes := k.get(t, 2, m); c.State != outreach.Open || c.Version != 0 || len(notes) != 0 {
			t.Fatalf("untouched: %+v %v", c, notes)
		}
		due := civil.New(2026, 7, 10)
		if n, err := k.Assign(t.Context(), workers[1], []outreach.Matter{m}, 2, due); err != nil || n != 1 {
			t.Fatalf("assigned %d: %v", n, err)
		}
		c, _ := k.get(t, 2, m)
		if c.State != outreach.Assigned || c.Assignee != 2 || c.Due != due || c.Region != village {
			t.Fatalf("assigned: %+v", c)
		}
		if c.Overdue(due) || !c.Overdue(due+1) {
			t.Error("it is overdue from the day after the last one")
		}
		_, err := k.Record(t.Context(), workers[2], m, c.Version, outreach.Step{State: outreach.Declined})
		want(t, err, errs.Invalid)
		k.record(t, 2, m, outreach.Declined, "女儿已替她办了别的补贴")
		c, notes := k.get(t, 2, m)
		if c.State != outreach.Declined || c.Assignee != 2 || c.Due != 0 {
			t.Errorf("declined: %+v", c)
		}
		if len(notes) != 2 || notes[0].State != outreach.Assigned || notes[0].By != 1 || notes[1].By != 2 || notes[1].Text != "女儿已替她办了别的补贴" {
			t.Errorf("notes: %+v", notes)
		}
		_, err = k.Record(t.Context(), workers[2], m, c.Version, outreach.Step{State: outreach.Reached})
		want(t, err, errs.Invalid)
		if after := k.record(t, 2, m, outreach.Open, "本人改了主意"); after.State != outreach.Assigned {
			t.Errorf("opened again it is %s, want assigned to who had it", after.State)
		}
	})
}

// TestLaterDayOpensAgain has somebody lose and regain what he was told of.
func TestLaterDayOpensAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		m := newly(k.somebody(t, village))
		k.record(t, 2, m, outreach.Done, "")
		again := m
		again.On = civil.New(2026, 6, 20)
		c, notes := k.get(t, 2, again)
		if c.State != outreach.Open || c.Assignee != 0 || len(notes) != 1 {
			t.Fatalf("for the later day: %+v, %d notes", c, len(notes))
		}
		found, err := k.Look(t.Context(), scope(2), outreach.Newly, []outreach.Matter{again})
		if err != nil || found[outreach.Key{Person: again.Person, Item: again.Item}].State != outreach.Open {
			t.Fatalf("looked up: %+v (%v)", found, err)
		}
		k.record(t, 2, again, outreach.Reached, "")
		if c, _ := k.get(t, 2, m); c.State != outreach.Reached || c.On != again.On {
			t.Errorf("the earlier day opens nothing: %+v", c)
		}
	})
}

func TestOutOfScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		m := newly(k.somebody(t, village))
		k.record(t, 2, m, outreach.Reached, "电话已接通")
		if c, notes := k.get(t, 3, m); c.Version != 0 || len(notes) != 0 {
			t.Errorf("the next village sees %+v %v", c, notes)
		}
		_, err := k.Record(t.Context(), workers[3], m, 1, outreach.Step{State: outreach.Done})
		want(t, err, errs.NotFound)
		_, err = k.Record(t.Context(), workers[5], m, 1, outreach.Step{State: outreach.Done})
		want(t, err, errs.Denied)
		if n, err := k.Assign(t.Context(), workers[3], []outreach.Matter{m}, 3, 0); err != nil || n != 0 {
			t.Errorf("the next village assigned %d (%v)", n, err)
		}
		for user, people := range map[id.ID]int64{1: 1, 2: 1, 3: 0, 4: 0, 5: 0} {
			counts, err := k.Counts(t.Context(), scope(user), outreach.Newly, 12)
			if err != nil {
				t.Fatal(err)
			}
			var n int64
			for _, c := range counts {
				n += c.People
			}
			all, err := k.List(t.Context(), scope(user), outreach.Query{Occasion: outreach.Newly, Limit: 10})
			if err != nil || n != people || int64(len(all)) != people {
				t.Errorf("worker %d counts %d and lists %d, want %d (%v)", user, n, len(all), people, err)
			}
		}
	})
}

func TestAssignRefuses(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t))
	m := newly(k.somebody(t, village))
	wrong := m
	wrong.On = 0
	for name, c := range map[string]struct {
		matters []outreach.Matter
		to      id.ID
		due     civil.Date
	}{
		"nothing chosen":             {nil, 2, 0},
		"a day that is over":         {[]outreach.Matter{m}, 2, civil.New(2026, 6, 29)},
		"a worker of another place":  {[]outreach.Matter{m}, 3, 0},
		"somebody without the right": {[]outreach.Matter{m}, 5, 0},
		"nobody there is":            {[]outreach.Matter{m}, 99, 0},
		"a matter without its day":   {[]outreach.Matter{wrong}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.Assign(t.Context(), workers[1], c.matters, c.to, c.due)
			want(t, err, errs.Invalid)
		})
	}
	// Whether somebody from elsewhere is a user there is not told.
	_, there := k.Assign(t.Context(), workers[1], []outreach.Matter{m}, 3, 0)
	_, nobody := k.Assign(t.Context(), workers[1], []outreach.Matter{m}, 99, 0)
	if a, b := errs.FieldsOf(there), errs.FieldsOf(nobody); !slices.Equal(a, b) {
		t.Errorf("of a user elsewhere %v is told, of nobody %v", a, b)
	}
	away := newly(k.somebody(t, other))
	for _, to := range []id.ID{3, 99} {
		if n, err := k.Assign(t.Context(), workers[1], []outreach.Matter{away}, to, 0); err != nil || n != 0 {
			t.Errorf("of people elsewhere %d were given to %s (%v)", n, to, err)
		}
	}
	k.record(t, 1, m, outreach.Done, "")
	if n, err := k.Assign(t.Context(), workers[1], []outreach.Matter{m}, 2, 0); err != nil || n != 0 {
		t.Errorf("what is done was assigned: %d (%v)", n, err)
	}
}

// TestMany assigns two villages at once, takes some back, and pages through one's own.
func TestMany(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		var matters []outreach.Matter
		for range 5 {
			matters = append(matters, newly(k.somebody(t, village)))
		}
		away := newly(k.somebody(t, other))
		if n, err := k.Assign(t.Context(), workers[1], append(slices.Clone(matters), away), 2, 0); err != nil || n != 5 {
			t.Fatalf("assigned %d: %v", n, err)
		}
		if n, err := k.Assign(t.Context(), workers[1], matters, 2, 0); err != nil || n != 0 {
			t.Errorf("said twice it was done twice: %d (%v)", n, err)
		}
		if n, err := k.Assign(t.Context(), workers[1], matters[:2], 0, 0); err != nil || n != 2 {
			t.Errorf("taken back: %d (%v)", n, err)
		}
		var mine []id.ID
		q := outreach.Query{Occasion: outreach.Newly, Assignee: 2, State: outreach.Assigned, Limit: 2}
		for {
			page, err := k.List(t.Context(), scope(2), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				mine = append(mine, c.Person)
			}
			q.After = page[len(page)-1].ID
		}
		if len(mine) != 3 {
			t.Errorf("three are left, got %v", mine)
		}
		counts, err := k.Counts(t.Context(), scope(1), outreach.Newly, 9)
		if err != nil {
			t.Fatal(err)
		}
		if want := []outreach.Count{{town, "old-age-allowance", outreach.Assigned, 3}, {town, "old-age-allowance", outreach.Open, 2}}; !slices.Equal(counts, want) {
			t.Errorf("got %v, want %v", counts, want)
		}
	})
}

// TestContactsMoveWithPeople moves somebody to the next village.
func TestContactsMoveWithPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		m := newly(k.somebody(t, village))
		k.record(t, 2, m, outreach.Reached, "")
		p, err := k.people.Show(t.Context(), access.System("测试"), m.Person, "")
		if err != nil {
			t.Fatal(err)
		}
		err = k.people.Transfer(t.Context(), access.System("测试"), m.Person, p.Version, beside, civil.New(2026, 6, 1), history.Town, "随子女居住")
		if err != nil {
			t.Fatal(err)
		}
		if c, _ := k.get(t, 3, m); c.State != outreach.Reached || c.Region != beside {
			t.Errorf("the new village sees %+v", c)
		}
		if c, _ := k.get(t, 2, m); c.Version != 0 {
			t.Errorf("the old village still sees %+v", c)
		}
	})
}

// TestOneOfManyWins lets several record the same matter as they saw it: one is stored.
func TestOneOfManyWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		m := newly(k.somebody(t, village))
		for seen := range int64(2) { // a first contact, then a change of it
			results := make([]error, 6)
			var wait sync.WaitGroup
			for i := range results {
				wait.Go(func() {
					_, results[i] = k.Record(t.Context(), workers[1], m, seen, outreach.Step{State: outreach.Reached})
				})
			}
			wait.Wait()
			stored := 0
			for _, err := range results {
				if err == nil {
					stored++
				} else if !errs.Is(err, errs.Stale) {
					t.Errorf("got %v, want stale", err)
				}
			}
			if c, notes := k.get(t, 1, m); stored != 1 || c.Version != seen+1 || int64(len(notes)) != seen+1 {
				t.Errorf("%d were stored, version %d, %d notes", stored, c.Version, len(notes))
			}
		}
	})
}

// TestStepsFollowTheTable records at random: what is closed only opens again, with a
// reason, and the last note says what the contact says.
func TestStepsFollowTheTable(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t))
	var people []id.ID
	for range 4 {
		people = append(people, k.somebody(t, village))
	}
	rapid.Check(t, func(r *rapid.T) {
		m := newly(rapid.SampledFrom(people).Draw(r, "person"))
		m.Occasion = rapid.SampledFrom(outreach.Occasions).Draw(r, "occasion")
		if m.Occasion == outreach.Missing {
			m.On = 0
		}
		to := rapid.SampledFrom(outreach.States).Draw(r, "to")
		text := rapid.SampledFrom([]string{"", "说明原因"}).Draw(r, "text")
		before, _ := k.get(t, 2, m)
		after, err := k.Record(t.Context(), workers[2], m, before.Version, outreach.Step{State: to, Text: text})
		may := slices.Contains(m.Occasion.Outcomes(), to) && !before.State.Closed() || to == outreach.Open && before.State.Closed()
		if (to == outreach.Declined || to == outreach.Open) && text == "" {
			may = false
		}
		if may != (err == nil) {
			r.Fatalf("%s: %s to %s with %q: %v", m.Occasion, before.State, to, text, err)
		}
		if err != nil {
			return
		}
		now, notes := k.get(t, 2, m)
		if last := notes[len(notes)-1]; now.State != after.State || last.State != now.State || last.Text != text {
			r.Fatalf("stored %+v, noted %+v", now, last)
		}
	})
}

// TestTell notes what was sent, once, and nothing of what was not.
func TestTell(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		m := newly(k.somebody(t, village))
		send := func(note string, err error) func(context.Context, db.Tx) (string, error) {
			return func(context.Context, db.Tx) (string, error) { return note, err }
		}
		if told, err := k.Tell(t.Context(), workers[2], m, send("", nil)); told || err != nil {
			t.Errorf("what was sent before: %t, %v", told, err)
		}
		_, err := k.Tell(t.Context(), workers[2], m, send("已发", errs.New(errs.Conflict, "退订")))
		want(t, err, errs.Conflict)
		_, err = k.Tell(t.Context(), workers[3], m, send("已发", nil))
		want(t, err, errs.NotFound)
		if c, _ := k.get(t, 2, m); c.Version != 0 {
			t.Fatalf("something was noted: %+v", c)
		}
		if told, err := k.Tell(t.Context(), workers[2], m, send("已发消息给本人", nil)); !told || err != nil {
			t.Fatalf("sent: %t, %v", told, err)
		}
		c, notes := k.get(t, 2, m)
		if c.State != outreach.Open || len(notes) != 1 || notes[0].Text != "已发消息给本人" {
			t.Errorf("after: %+v %v", c, notes)
		}
	})
}
