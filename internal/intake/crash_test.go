package intake

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/history"
)

// interrupted goes on with an import in turns that are cut off at any moment, as if
// the process were killed each time, and returns how often that happened.
func (k *kit) interrupted(t *testing.T, imp *Import, r *rand.Rand) (cuts int) {
	t.Helper()
	for range 30 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(12_000))*time.Microsecond)
		err := k.turn(ctx, imp.ID)
		cancel()
		if err != nil && !again(err) {
			cuts++
		}
		if !k.get(t, imp.ID).State.Working() {
			return cuts
		}
		k.clock.pass(time.Minute) // whoever was killed does not give the lease back
		k.calm(t, imp)
	}
	return cuts
}

// calm forgets the attempts without progress: there are more of them here than a
// killed process makes in earnest.
func (k *kit) calm(t *testing.T, imp *Import) {
	t.Helper()
	err := k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw("UPDATE intake SET attempts = 0 WHERE id = ?", imp.ID).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestKilledAtAnyMoment neither loses nor doubles a row.
func TestKilledAtAnyMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{Batch: 40})
		r := rand.New(rand.NewPCG(1, 2))
		file := elders(t, 600, 5)
		n, err := k.Upload(t.Context(), k.actor, Upload{Region: "1410", Source: "eldercare", Name: "a"}, strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		cuts := k.interrupted(t, k.get(t, n), r)
		imp := k.work(t, n)
		if imp.State != Matching || imp.Total != 600 || k.count(t, "intake_block") != 15 {
			t.Fatalf("read: %s, %d rows, %d blocks", imp.State, imp.Total, k.count(t, "intake_block"))
		}
		if err := k.Match(t.Context(), k.actor, n, imp.Version, Settings{Source: "eldercare", From: imp.Created.Day(), Mapping: imp.Mapping}); err != nil {
			t.Fatal(err)
		}
		cuts += k.interrupted(t, imp, r)
		if imp = k.work(t, n); imp.State != Checked || imp.Checked != (Counts{Rows: 600, Created: 600}) {
			t.Fatalf("tried: %s %+v", imp.State, imp.Checked)
		}
		if err := k.Commit(t.Context(), k.actor, n, imp.Version); err != nil {
			t.Fatal(err)
		}
		cuts += k.interrupted(t, imp, r)
		if imp = k.work(t, n); imp.State != Done || imp.Brought != (Counts{Rows: 600, Created: 600}) || k.count(t, "person") != 600 {
			t.Fatalf("brought: %s %+v, people %d", imp.State, imp.Brought, k.count(t, "person"))
		}
		if cuts < 3 {
			t.Errorf("it was cut off only %d times", cuts)
		}
	})
}

// TestManyTurns divides every step into turns of a block or so; the dry run has to
// remember who was met in the turns before, whether this process did them or another.
func TestManyTurns(t *testing.T) {
	for name, forget := range map[string]bool{"one process": false, "another process each turn": true} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, dbtest.SQLite(t), Limits{Batch: 10, Turn: time.Second, Lease: time.Hour})
			k.clock.step.Store(int64(100 * time.Millisecond))
			file := elders(t, 95, 6)
			lines := strings.SplitAfter(file, "\n")
			imp := k.upload(t, file+strings.Join(lines[1:8], ""))
			set := Settings{Source: history.Eldercare, From: civil.New(2026, 6, 1), Mapping: imp.Mapping}
			if err := k.Match(t.Context(), k.actor, imp.ID, imp.Version, set); err != nil {
				t.Fatal(err)
			}
			kept := 0
			for imp = k.get(t, imp.ID); imp.State.Working(); imp = k.get(t, imp.ID) {
				if err := k.turn(t.Context(), imp.ID); err != nil && !again(err) {
					t.Fatal(err)
				}
				if kept += len(k.left.all); forget {
					k.left.drop(k.Now().Add(time.Hour))
				}
			}
			if kept == 0 || len(k.left.all) > 0 {
				t.Errorf("%d turns left something for the next one, and %d are left at the end", kept, len(k.left.all))
			}
			imp = k.commit(t, imp)
			if want := (Counts{Rows: 102, Created: 95, Unchanged: 7}); imp.Checked != want || imp.Brought != want {
				t.Errorf("tried %+v, brought %+v: %v", imp.Checked, imp.Brought, k.faults(t, imp))
			}
			turns := 0
			if err := k.DB.NewRaw("SELECT count(*) FROM audit_entry WHERE action = 'intake.turn'").Scan(t.Context(), &turns); err != nil || turns < 6 {
				t.Errorf("%d turns (%v)", turns, err)
			}
		})
	}
}

// TestLeftoversFitOneTurn takes what was left only for the import as it was left.
func TestLeftoversFitOneTurn(t *testing.T) {
	var l leftovers
	s := newSeen()
	imp := &Import{ID: 7, Version: 3}
	l.keep(imp, s, today)
	imp.Version = 4 // the lease of the next turn
	if got := l.take(imp); got != s {
		t.Error("what the turn before left is not found")
	}
	if got := l.take(imp); got != nil {
		t.Error("it is found twice")
	}
	l.keep(imp, s, today)
	imp.Version = 6 // somebody else was at it
	if got := l.take(imp); got != nil {
		t.Error("it is found though another process went on")
	}
	l.keep(imp, s, today)
	l.drop(today)
	if len(l.all) != 1 {
		t.Error("it is forgotten too early")
	}
	if l.drop(today.Add(1)); len(l.all) != 0 {
		t.Error("it is never forgotten")
	}
}

// TestTwoProcessesAtOneImport lets several work on it at once, as if the lease were of
// no use.
func TestTwoProcessesAtOneImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		keys := testKeys(t)
		k := kitWith(t, d, keys, Limits{Batch: 20, Lease: time.Nanosecond, Turn: 10 * time.Second})
		other := kitWith(t, d, keys, k.Limits)
		k.clock.step.Store(int64(time.Microsecond))
		other.clock.step.Store(int64(time.Microsecond))
		imp := k.check(t, elders(t, 400, 8))
		if err := k.Commit(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, one := range []*kit{k, other, k, other} {
			wg.Go(func() {
				for range 40 {
					if err := one.turn(t.Context(), imp.ID); err != nil && !again(err) && !errors.Is(err, errMoved) {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if imp = k.work(t, imp.ID); imp.State != Done || imp.Brought != (Counts{Rows: 400, Created: 400}) || k.count(t, "person") != 400 {
			t.Errorf("%s %+v, %d people", imp.State, imp.Brought, k.count(t, "person"))
		}
		entries := 0
		if err := d.NewRaw("SELECT count(*) FROM audit_entry WHERE action = 'intake.commit'").Scan(t.Context(), &entries); err != nil || entries != 20 {
			t.Errorf("%d entries of 20 batches (%v)", entries, err)
		}
	})
}

// TestSamePeopleInTwoImports at once: each is made once, whichever comes first.
func TestSamePeopleInTwoImports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		keys := testKeys(t)
		k := kitWith(t, d, keys, Limits{Batch: 20})
		other := kitWith(t, d, keys, k.Limits)
		file := elders(t, 300, 9)
		var wg sync.WaitGroup
		results := make([]Counts, 2)
		for i, one := range []*kit{k, other} {
			imp := one.check(t, file)
			if err := one.Commit(t.Context(), one.actor, imp.ID, imp.Version); err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				for one.get(t, imp.ID).State == Committing {
					if err := one.turn(t.Context(), imp.ID); err != nil && !again(err) {
						t.Error(err)
						return
					}
				}
				results[i] = one.get(t, imp.ID).Brought
			})
		}
		wg.Wait()
		sum := results[0].plus(results[1])
		if sum != (Counts{Rows: 600, Created: 300, Unchanged: 300}) || k.count(t, "person") != 300 {
			t.Errorf("brought %+v, %d people", results, k.count(t, "person"))
		}
	})
}

func TestCancelledInTheMiddle(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{Batch: 10, Turn: time.Second, Lease: time.Minute})
	imp := k.check(t, elders(t, 100, 10))
	if err := k.Commit(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
		t.Fatal(err)
	}
	k.clock.step.Store(int64(200 * time.Millisecond))
	if err := k.turn(t.Context(), imp.ID); err == nil || !again(err) {
		t.Fatalf("the turn ends with %v", err)
	}
	imp = k.get(t, imp.ID)
	if imp.Brought.Rows == 0 || imp.Brought.Rows == 100 {
		t.Fatalf("brought %+v", imp.Brought)
	}
	if err := k.Cancel(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
		t.Fatal(err)
	}
	if err := k.turn(t.Context(), imp.ID); err != nil {
		t.Fatal(err)
	}
	if n := k.count(t, "person"); int64(n) != imp.Brought.Created {
		t.Errorf("%d people after %d were brought in", n, imp.Brought.Created)
	}
	if err := k.Commit(t.Context(), k.actor, imp.ID, imp.Version); err == nil {
		t.Error("a cancelled import goes on")
	}
}

// TestNoProgressIsSaid stops an import whose turns come to nothing.
func TestNoProgressIsSaid(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	imp := k.check(t, elders(t, 5, 11))
	if err := k.Commit(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
		t.Fatal(err)
	}
	err := k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw("DELETE FROM blob_piece").Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range maxAttempts + 1 {
		_ = k.turn(t.Context(), imp.ID)
		k.clock.pass(time.Minute)
	}
	if imp = k.get(t, imp.ID); imp.State != Stopped || imp.Back != Committing {
		t.Errorf("it is %s", imp.State)
	}
	revived := k.get(t, imp.ID)
	if err := k.GoOn(t.Context(), k.actor, imp.ID, revived.Version); err != nil {
		t.Fatal(err)
	}
	jobs := k.count(t, "river_job")
	k.clock.pass(time.Hour)
	if err := k.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k.count(t, "river_job") != jobs+1 {
		t.Error("an import without a turn gets no job")
	}
}
