package entitlement

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/region"
)

func TestCauses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		base := listing{name: "city", region: "1410", age: 80, fen: 100}
		k.publish(t, base, civil.New(2025, 1, 1))
		wang := k.create(t, "141002001", "1946-07-02", "lives_alone", "false", "left_behind", "false")
		k.work(t)
		k.settle(t)
		k.right(t)
		if lines := k.changed(t, wang); lines != nil {
			t.Errorf("the first results are changes: %v", lines)
		}
		k.says(t, wang, "lives_alone", "true")
		k.work(t)
		k.right(t)
		k.pass(3 * 24 * time.Hour)
		k.settle(t)
		k.right(t)
		base.fen = 120
		k.publish(t, base, k.Today())
		k.rack = rack{} // the server is started anew
		k.settle(t)
		k.right(t)
		base.age, base.later = 90, "      - {from: 2026-08-01, value: 130}\n"
		k.publish(t, base, k.Today()+3)
		k.settle(t)
		k.right(t)
		k.pass(5 * 24 * time.Hour)
		k.settle(t)
		k.right(t)
		p, err := k.People.Show(t.Context(), city, wang, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := k.People.SetState(t.Context(), city, wang, p.Version, person.Deceased, k.Today(), history.Town, "证明"); err != nil {
			t.Fatal(err)
		}
		k.work(t)
		k.right(t)
		want := []string{
			"visit fact 2026-06-30 n→y",
			"old-age age 2026-07-02 n→y100",
			"old-age list 2026-07-03 y100→y120",
			"old-age list 2026-07-06 y120→n",
			"care end 2026-07-08 ?→n",
			"visit end 2026-07-08 y→n",
		}
		if got := k.changed(t, wang); !slices.Equal(got, want) {
			t.Errorf("got\n%q, want\n%q", got, want)
		}
		var reasons []string
		err = d.NewRaw("SELECT was_reason || ' → ' || is_reason AS r FROM entitlement_change WHERE person_id = ? AND item IN ('old-age', 'lives_alone') ORDER BY id", wang).
			Scan(t.Context(), &reasons)
		wantReasons := []string{
			"独居：否 → 独居：是",
			"不符合：年满 80 周岁（79 岁） → 符合：年满 80 周岁（80 岁）",
			"符合：年满 80 周岁（80 岁） → 符合：年满 80 周岁（80 岁）",
			"符合：年满 80 周岁（80 岁） → 不符合：年满 90 周岁（80 岁）",
			"独居：是 → 已去世",
		}
		if err != nil || !slices.Equal(reasons, wantReasons) {
			t.Errorf("got %q (%v), want %q", reasons, err, wantReasons)
		}
	})
}

// TestManyAreDoneByCounty changes more people than a job takes by name, and stops the
// work in the middle.
func TestManyAreDoneByCounty(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		k.publish(t, listing{name: "city", region: "1410", age: 80, fen: 100}, civil.New(2025, 1, 1))
		var people []id.ID
		for i := range 20 {
			people = append(people, k.create(t, []region.Code{"141002001", "141024001"}[i%2], "1946-07-02"))
		}
		k.queue = nil
		many := slices.Repeat(people, byName/len(people)+1)
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return k.Changed(ctx, tx, many) })
		if err != nil || len(k.queue) != 0 {
			t.Fatalf("%v, jobs %v", err, k.queue)
		}
		if err := k.Sweep(t.Context()); err != nil || len(k.queue) != 0 {
			t.Fatalf("before it rests: %v, jobs %v", err, k.queue)
		}
		k.pass(rest)
		if err := k.Sweep(t.Context()); err != nil || len(k.queue) != 2 {
			t.Fatalf("at rest: %v, jobs %v", err, k.queue)
		}
		if err := k.Sweep(t.Context()); err != nil || len(k.queue) != 2 {
			t.Fatalf("a second time: %v, jobs %v", err, k.queue)
		}
		// The process is killed after the first block of the first county.
		ctx, kill := context.WithCancel(t.Context())
		steps, now := 0, k.Now
		k.Now = func() time.Time {
			if n := len(k.stored(t)); n > 0 && ctx.Err() == nil {
				steps++
				kill()
			}
			return now()
		}
		if _, err := k.Run(ctx, "141002"); err == nil || steps == 0 {
			t.Fatalf("it was not killed: %v", err)
		}
		k.Now, k.queue = now, nil
		if n := len(k.stored(t)); n != k.portion {
			t.Fatalf("%d rows after a block of %d", n, k.portion)
		}
		if err := k.Sweep(t.Context()); err != nil || len(k.queue) != 0 {
			t.Fatalf("while the lease lasts: %v, jobs %v", err, k.queue)
		}
		k.pass(lease)
		if err := k.Sweep(t.Context()); err != nil || len(k.queue) != 2 {
			t.Fatalf("after the lease: %v, jobs %v", err, k.queue)
		}
		k.work(t)
		k.right(t)
		rows, err := allShards(t.Context(), d)
		if err != nil || len(rows) != 2 {
			t.Fatalf("%+v, %v", rows, err)
		}
		for _, r := range rows {
			if r.Running || r.LeaseUntil != 0 || r.Lists == 0 {
				t.Errorf("left %+v", r)
			}
		}
	})
}

// TestSeveralAtOnce has workers go through counties while facts change and people move
// between them.
func TestSeveralAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		k.publish(t, listing{name: "city", region: "1410", age: 80, fen: 100}, civil.New(2025, 1, 1))
		k.publish(t, listing{name: "county", region: "141024", age: 75, fen: 50, extra: true}, civil.New(2025, 1, 1))
		places := []string{"141002001", "141024001", "141034001"}
		var people []id.ID
		for i := range 24 {
			people = append(people, k.create(t, region.Code(places[i%3]), fmt.Sprintf("19%02d-03-05", 30+i)))
		}
		var wg sync.WaitGroup
		report := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		for w := range 3 {
			wg.Go(func() {
				for n := range 6 {
					report(k.Recheck(t.Context(), people))
					err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
						return addTouches(ctx, tx, []touch{{ID: k.IDs.New(), Region: region.Code(places[(w+n)%3][:6]), At: 1}})
					})
					report(err)
					report(k.do(t.Context(), County{Region: region.Code(places[(w+n)%3][:6])}))
				}
			})
		}
		wg.Go(func() {
			for n := range 30 {
				who := people[n%len(people)]
				f, value := fact.LivesAlone, []string{"true", "false"}[n%2]
				if n%3 == 0 {
					f, value = fact.Residence, places[n/3%3]
				}
				_, err := k.People.Record(t.Context(), city, who, person.Statement{Source: history.Village, From: k.Today(), Facts: map[fact.ID]string{f: value}})
				report(err)
			}
		})
		wg.Go(func() {
			for range 40 {
				k.mu.Lock()
				queue := k.queue
				k.queue = nil
				k.mu.Unlock()
				for _, j := range queue {
					report(k.do(t.Context(), j))
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
		wg.Wait()
		k.work(t)
		k.right(t)
	})
}

// TestTouchedInTheMiddle changes somebody whom a run has passed already.
func TestTouchedInTheMiddle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		k.publish(t, listing{name: "city", region: "1410", age: 80, fen: 100}, civil.New(2025, 1, 1))
		k.portion, k.turn, k.byName = 2, 0, 0
		var people []id.ID
		for range 5 {
			people = append(people, k.create(t, "141002001", "1946-07-02"))
		}
		k.queue = nil
		if done, err := k.Run(t.Context(), "141002"); done || err != nil {
			t.Fatal(done, err)
		}
		if n := len(k.stored(t)); n != 2 {
			t.Fatalf("%d rows after a turn", n)
		}
		k.says(t, people[0], "lives_alone", "true")
		if err := k.do(t.Context(), County{Region: "141002"}); err != nil {
			t.Fatal(err)
		}
		k.right(t)
	})
}
