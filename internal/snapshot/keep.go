package snapshot

import (
	"context"
	"hash/fnv"
	"io"
	"log/slog"
	"sync"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/person"
)

// Deps are what the upkeep of a snapshot stands on.
type Deps struct {
	People *person.Service
	Audit  *audit.Log
	Now    func() time.Time
	Log    *slog.Logger
}

// keeper is the goroutine that keeps a snapshot up to date.
type keeper struct {
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

func (k *keeper) stop() {
	if k.cancel != nil {
		k.cancel()
	}
	k.ended.Wait()
}

// How often the snapshot is looked after: so that rebuilding takes one per cent of the
// time, within limits.
const (
	soonest = time.Minute
	latest  = 10 * time.Minute
	share   = 100
)

// Start keeps the snapshot up to date until the context ends or Close is called. It is
// no job of the queue, which gives a job to one of several processes: each has a file.
func (s *Snapshot) Start(ctx context.Context, d Deps) {
	ctx, s.keeper.cancel = context.WithCancel(ctx)
	s.keeper.ended.Go(func() {
		for ctx.Err() == nil {
			begin := d.Now()
			rebuilt, err := s.Refresh(ctx, d)
			took := d.Now().Sub(begin)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				d.Log.Error("rebuild snapshot", slog.String("error", err.Error()))
			case rebuilt:
				d.Log.Debug("snapshot rebuilt", slog.Duration("took", took))
			}
			pause(ctx, max(soonest, min(share*took, latest)))
		}
	})
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// system reads for everybody; what is shown is up to the scope of Figures.
var system = access.System("数据快照")

// Refresh rebuilds the snapshot if there is none, or if something has been done since
// it was made. Whatever changes the register leaves an entry on the audit trail, and a
// job chains the entries; one that was not chained when the reading began makes the
// chain go further afterwards. To ask how far it goes costs one row.
func (s *Snapshot) Refresh(ctx context.Context, d Deps) (rebuilt bool, err error) {
	defer errs.Wrap(&err, "refresh the snapshot")
	head, err := d.Audit.Head(ctx)
	if err != nil {
		return false, err
	}
	m := mark{Made: civil.At(d.Now()), Head: hash(head)}
	f := s.acquire()
	s.tell(d.Log)
	if f != nil {
		defer s.release(f)
		if f.mark.Head == m.Head {
			s.confirm(f, m.Made)
			return false, nil
		}
	}
	return true, s.rebuild(ctx, m, func(ctx context.Context) (*person.Everybody, error) {
		return d.People.Everybody(ctx, system.Scope(access.PersonRead))
	})
}

func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, text) // it never fails
	return h.Sum64()
}

// tell logs once why a file was left aside.
func (s *Snapshot) tell(log *slog.Logger) {
	s.mu.Lock()
	fault := s.fault
	s.fault = nil
	s.mu.Unlock()
	if fault != nil {
		log.Error("snapshot left aside", slog.String("error", fault.Error()))
	}
}
