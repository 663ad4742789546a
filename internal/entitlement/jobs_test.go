package entitlement

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/jobs"
)

// TestSoon has the jobs done by the queue: a change shows within two seconds.
func TestSoon(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		k.Jobs = jobs.New(d, "node", slog.New(slog.DiscardHandler))
		k.Register()
		if err := k.Jobs.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		k.enqueue = func(ctx context.Context, tx db.Tx, args job) error { return k.Jobs.Enqueue(ctx, tx, args) }
		k.publish(t, listing{name: "city", region: "1410", age: 80, fen: 100}, civil.New(2025, 1, 1))
		if err := k.Jobs.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
			defer cancel()
			if err := k.Jobs.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
		who := k.create(t, "141002001", "1940-05-05")
		begun := time.Now()
		for len(k.stored(t)) == 0 {
			if time.Since(begun) > 20*time.Second { // a busy machine; alone it takes half a second
				t.Fatal("nothing is stored")
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Logf("stored after %s", time.Since(begun))
		if _, err := k.Of(t.Context(), scopeOf("1410"), who); err != nil {
			t.Error(err)
		}
	})
}
