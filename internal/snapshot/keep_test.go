package snapshot

import (
	"context"
	mathrand "math/rand/v2"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/id"
	"yian/internal/person"
)

func idOf(i int) id.ID { return id.ID(i) }

// exec changes the database behind the back of the register.
func (h *house) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := h.db.Writer().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// seal chains the trail, as a job does.
func (h *house) seal(t testing.TB) {
	t.Helper()
	if _, err := h.Audit.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestRefresh rebuilds when something was done, and else does not.
func TestRefresh(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		dir := t.TempDir()
		s := opened(t, dir)
		people := draw(mathrand.New(mathrand.NewPCG(6, 1)), 30)
		for i := range people {
			people[i].id = idOf(i + 1)
		}
		refresh := func(s *Snapshot, why string, want bool, count int) {
			t.Helper()
			rebuilt, err := s.Refresh(t.Context(), h.Deps)
			if err != nil || rebuilt != want {
				t.Errorf("%s: rebuilt %v (%v)", why, rebuilt, err)
			}
			if f, err := s.Figures(scopeOf(""), today); err != nil || f.Made != civil.At(h.clock) || f.People != count {
				t.Errorf("%s: %+v (%v)", why, f, err)
			}
			h.clock = h.clock.Add(time.Second)
		}
		refresh(s, "the first time", true, 0)
		refresh(s, "nobody yet", false, 0)
		h.fill(t, people[:10])
		refresh(s, "people came, and their entry is not chained", false, 0)
		h.seal(t)
		refresh(s, "it is chained", true, 10)
		refresh(s, "nothing was done", false, 10)
		refresh(opened(t, dir), "the next process", false, 10)
		h.exec(t, "CREATE TABLE backup AS SELECT * FROM audit_head")

		// People who come while others are read may be in the file or not.
		head, err := h.Audit.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = s.rebuild(t.Context(), mark{Made: 1, Head: hash(head)}, func(ctx context.Context) (*person.Everybody, error) {
			all, err := h.People.Everybody(ctx, system.Scope(access.PersonRead))
			h.fill(t, people[10:20])
			return all, err
		})
		if err != nil {
			t.Fatal(err)
		}
		h.seal(t)
		refresh(s, "people came meanwhile", true, 20)

		h.exec(t, "DELETE FROM person WHERE id > 10")
		h.exec(t, "DELETE FROM audit_head")
		h.exec(t, "INSERT INTO audit_head SELECT * FROM backup")
		refresh(s, "a backup from before was put back", true, 10)
	})
}

// TestLooksCostNoEntry holds the upkeep to its word that it leaves no trail of its own.
func TestLooksCostNoEntry(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	s := opened(t, t.TempDir())
	if _, err := s.Refresh(t.Context(), h.Deps); err != nil {
		t.Fatal(err)
	}
	all, err := h.Audit.Entries(t.Context(), system.Scope(access.AuditRead), audit.Query{Limit: 10})
	if err != nil || len(all) != 0 {
		t.Errorf("entries %+v (%v)", all, err)
	}
}

// TestStartBuildsAtOnce has the keeper build the first file, and Close end it.
func TestStartBuildsAtOnce(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	people := draw(mathrand.New(mathrand.NewPCG(7, 1)), 5)
	for i := range people {
		people[i].id = idOf(i + 1)
	}
	h.fill(t, people)
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.Start(t.Context(), h.Deps)
	for range 1000 {
		f, err := s.Figures(scopeOf(""), today)
		if err != nil {
			t.Fatal(err)
		}
		if f.Made != 0 {
			if f.People != len(people) {
				t.Errorf("%d people", f.People)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("nothing was built: %s", &h.said)
}
