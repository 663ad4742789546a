package message

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/history"
	"yian/internal/person"
)

func TestGatewayThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{From: 0, To: 24})
		p := k.elder(t, nil)
		if _, _, err := k.queue(t, k.worker, Order{Person: p.ID}); err != nil {
			t.Fatal(err)
		}
		k.gateway.answer = func(Outgoing) error { return &GatewayError{Reason: "连不上网关。"} }
		for i, wait := range waits {
			k.work(t)
			if one := k.only(t); len(k.gateway.got) != i+1 || one.State != Queued || one.Reason != "连不上网关。" {
				t.Fatalf("after attempt %d: %d sent, %s, %s", i+1, len(k.gateway.got), one.State, one.Reason)
			}
			k.pass(wait - time.Second)
			k.work(t)
			if len(k.gateway.got) != i+1 {
				t.Fatalf("asked again before %s", wait)
			}
			k.pass(time.Second)
		}
		k.work(t)
		one := k.only(t)
		if one.State != Failed || one.Attempts != attempts || len(k.gateway.got) != int(attempts) {
			t.Errorf("it is %s after %d attempts", one.State, one.Attempts)
		}
		for _, o := range k.gateway.got {
			if o.ID != one.ID {
				t.Error("the number changed between attempts")
			}
		}
		k.gateway.answer = nil
		if err := k.Retry(t.Context(), k.worker, one.ID, one.Version); err != nil {
			t.Fatal(err)
		}
		k.work(t)
		if one = k.only(t); one.State != Sent || one.Attempts != 1 || one.Reason != "" {
			t.Errorf("it is %s after %d attempts: %s", one.State, one.Attempts, one.Reason)
		}
	})
}

func TestRefusedMessageFailsAtOnce(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	p := k.elder(t, nil)
	if _, _, err := k.queue(t, k.worker, Order{Person: p.ID}); err != nil {
		t.Fatal(err)
	}
	k.gateway.answer = func(Outgoing) error {
		return &GatewayError{Reason: "网关拒绝了这条消息（HTTP 400）。", Final: true}
	}
	k.work(t)
	k.pass(time.Hour)
	k.work(t)
	if one := k.only(t); one.State != Failed || len(k.gateway.got) != 1 || one.Reason != "网关拒绝了这条消息（HTTP 400）。" {
		t.Errorf("it is %s after %d: %s", one.State, len(k.gateway.got), one.Reason)
	}
}

// TestKilledProcessLosesNothing ends a process while the gateway is asked.
func TestKilledProcessLosesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		k.queueAll(t, 3)
		ctx, kill := context.WithCancel(t.Context())
		k.gateway.answer = func(Outgoing) error {
			kill()
			return context.Canceled
		}
		if err := k.turn(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("the turn ended with %v", err)
		}
		k.gateway.answer = nil
		k.pass(k.Limits.Lease - time.Second)
		k.work(t)
		if len(k.gateway.got) != 1 {
			t.Fatalf("%d were sent within the lease", len(k.gateway.got))
		}
		k.pass(time.Second)
		k.work(t)
		counts, err := k.Count(t.Context(), k.worker.Scope(access.EntitlementReach), Filter{})
		if err != nil || counts[Sent] != 3 || len(k.gateway.got) != 4 {
			t.Errorf("%v, %d sent, %v", counts, len(k.gateway.got), err)
		}
		if k.gateway.got[0].ID == 0 {
			t.Error("a message without a number")
		}
	})
}

// TestMessageThatKillsProcessesFails: one whose sending never comes to an end is given up.
func TestMessageThatKillsProcessesFails(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{From: 0, To: 24})
	k.queueAll(t, 1)
	for range attempts {
		ctx, kill := context.WithCancel(t.Context())
		k.gateway.answer = func(Outgoing) error {
			kill()
			return context.Canceled
		}
		if err := k.turn(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("the turn ended with %v", err)
		}
		k.pass(k.Limits.Lease)
	}
	k.work(t)
	if one := k.only(t); one.State != Failed || len(k.gateway.got) != int(attempts) {
		t.Errorf("it is %s after %d", one.State, len(k.gateway.got))
	}
}

// TestTwoProcessesSendEachMessageOnce: within a lease no message goes out twice, and
// together they keep the pace.
func TestTwoProcessesSendEachMessageOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{Batch: 3, Rate: 20})
		k.queueAll(t, 30)
		both := func() {
			var wait sync.WaitGroup
			for range 3 {
				wait.Go(func() {
					if err := New(k.Deps).turn(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wait.Wait()
		}
		both()
		if len(k.gateway.got) != 20 {
			t.Errorf("%d were sent in a minute, not 20", len(k.gateway.got))
		}
		k.pass(time.Minute)
		both()
		seen := map[string]int{}
		for _, o := range k.gateway.got {
			seen[o.ID.String()]++
		}
		if len(seen) != 30 || len(k.gateway.got) != 30 {
			t.Errorf("%d messages were sent %d times", len(seen), len(k.gateway.got))
		}
	})
}

// TestManyTakeAtOnce lets processes take at the same moment: no message goes to two of
// them, and together they take no more than the pace allows.
func TestManyTakeAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{Batch: 4, Rate: 10})
		k.queueAll(t, 16)
		for range 3 {
			var wait sync.WaitGroup
			begin, taken := make(chan struct{}), make(chan []Message, 6)
			for range cap(taken) {
				wait.Go(func() {
					<-begin
					batch, err := k.take(t.Context())
					if err != nil {
						t.Error(err)
					}
					taken <- batch
				})
			}
			close(begin)
			wait.Wait()
			close(taken)
			seen, n := map[string]bool{}, 0
			for batch := range taken {
				for i := range batch {
					seen[batch[i].ID.String()] = true
					n++
				}
			}
			if n != len(seen) || n != 10 {
				t.Errorf("%d messages were taken %d times, not 10", len(seen), n)
			}
			k.pass(k.Limits.Lease)
		}
	})
}

func TestNobodyIsDisturbedAtNight(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.queueAll(t, 1)
	k.clock.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano()) // eight in the evening
	k.work(t)
	if len(k.gateway.got) != 0 {
		t.Error("a message at night")
	}
	k.pass(12*time.Hour - time.Second)
	k.work(t)
	if len(k.gateway.got) != 0 {
		t.Error("a message before eight")
	}
	k.pass(time.Second)
	k.work(t)
	if len(k.gateway.got) != 1 {
		t.Error("no message in the morning")
	}
}

func TestWhoDiedMeanwhileIsNotTold(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	p := k.elder(t, nil)
	if _, _, err := k.queue(t, k.worker, Order{Person: p.ID}); err != nil {
		t.Fatal(err)
	}
	err := k.People.SetState(t.Context(), actor(access.Officer, "141002"), p.ID, p.Version, person.Deceased, civil.New(2026, 11, 21), history.Town, "家属告知")
	if err != nil {
		t.Fatal(err)
	}
	k.work(t)
	if one := k.only(t); one.State != Cancelled || len(k.gateway.got) != 0 || one.Reason != "老人的档案已是“去世”。" {
		t.Errorf("it is %s (%s), %d were sent", one.State, one.Reason, len(k.gateway.got))
	}
}

// TestJobFindsWhatIsDue starts the queue: nobody calls the job but its hours.
func TestJobFindsWhatIsDue(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.Register()
	if err := k.Jobs.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.queueAll(t, 1)
	if err := k.Jobs.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := k.Jobs.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	for deadline := time.Now().Add(30 * time.Second); k.only(t).State != Sent; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing was sent")
		}
	}
}
