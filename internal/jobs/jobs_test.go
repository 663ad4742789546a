package jobs_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/jobs"
)

type stepArgs struct {
	Name string `json:"name"`
}

func (stepArgs) Kind() string { return "test.step" }

// queue makes a queue whose worker is work.
func queue(t *testing.T, d *db.DB, node string, work func(context.Context, stepArgs) error) *jobs.Queue {
	t.Helper()
	q := jobs.New(d, node, slog.New(slog.DiscardHandler))
	jobs.On(q, work)
	if err := q.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return q
}

func start(t *testing.T, q *jobs.Queue) (stop func()) {
	t.Helper()
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
}

func enqueue(t *testing.T, d *db.DB, q *jobs.Queue, end error) {
	t.Helper()
	_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := q.Enqueue(ctx, tx, stepArgs{Name: "a"}); err != nil {
			t.Fatal(err)
		}
		return end
	})
}

// eventually waits until ok holds; the time is a bound, not an expectation.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never happened")
		}
	}
}

func TestJobExistsExactlyWhenItsCauseDoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var done atomic.Int32
		q := queue(t, d, "a", func(context.Context, stepArgs) error { done.Add(1); return nil })
		defer start(t, q)()
		enqueue(t, d, q, context.Canceled) // rolled back
		enqueue(t, d, q, nil)
		eventually(t, func() bool { return done.Load() == 1 })
		counts, err := q.Counts(t.Context())
		if err != nil || len(counts) != 1 || counts[0].N != 1 {
			t.Errorf("counts %v (%v)", counts, err)
		}
	})
}

func TestLongWorkTakesTurns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var turns atomic.Int32
		q := queue(t, d, "a", func(context.Context, stepArgs) error {
			if turns.Add(1) < 4 {
				return jobs.Again()
			}
			return nil
		})
		defer start(t, q)()
		enqueue(t, d, q, nil)
		eventually(t, func() bool { return turns.Load() == 4 })
	})
}

func TestStopHandsWorkBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		begun := make(chan struct{}, 1)
		q := queue(t, d, "a", func(ctx context.Context, _ stepArgs) error {
			begun <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		stop := start(t, q)
		enqueue(t, d, q, nil)
		<-begun
		stop()

		var done atomic.Int32
		q = queue(t, d, "b", func(context.Context, stepArgs) error { done.Add(1); return nil })
		defer start(t, q)()
		eventually(t, func() bool { return done.Load() == 1 })
	})
}

// TestKilledNodeTakesUpItsJobs plays a process that died at work: its job is still
// marked as running when a process of the same name starts.
func TestKilledNodeTakesUpItsJobs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, "a", func(context.Context, stepArgs) error { return nil })
		enqueue(t, d, q, nil)
		dead := `'["a"]'`
		if d.Engine() == db.Postgres {
			dead = "ARRAY['a']"
		}
		_, err := d.Writer().ExecContext(t.Context(), "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP, attempted_by = "+dead)
		if err != nil {
			t.Fatal(err)
		}
		var done atomic.Int32
		q = queue(t, d, "a", func(context.Context, stepArgs) error { done.Add(1); return nil })
		defer start(t, q)()
		eventually(t, func() bool { return done.Load() == 1 })
	})
}

func TestEveryRunsAtStart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var done atomic.Int32
		q := jobs.New(d, "a", slog.New(slog.DiscardHandler))
		jobs.On(q, func(context.Context, stepArgs) error { done.Add(1); return nil })
		q.Every(time.Hour, stepArgs{})
		if err := q.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer start(t, q)()
		eventually(t, func() bool { return done.Load() == 1 })
	})
}
