package intake

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
)

// tries is how often a block is written when others are in the way.
const tries = 5

// patience is how long a block that is written holds what it locked while it waits for
// the one before it, which might in turn wait for a lock of this one.
const patience = 3 * time.Second

// errPatience says that a block gave way to the one before it.
var errPatience = errors.New("intake: the block before this one is not written yet")

// errBefore says that the block before this one was not written, and so this one is not.
var errBefore = errors.New("intake: a block before this one was not written")

// commit goes through the blocks and brings their people in, a block a transaction.
// PostgreSQL writes several blocks at once, which come to their ends in their order.
func (r *runner) commit(ctx context.Context) error {
	bring := func(p *piece) error { return r.bring(ctx, p) }
	if r.s.DB.Engine() == db.SQLite { // has one writer
		return r.through(ctx, r.prepareOne(ctx), bring)
	}
	return r.through(ctx, func(p *piece) error {
		if err := r.prepare(ctx, p); err != nil {
			p.after <- false
			return err
		}
		return bring(p)
	}, func(*piece) error { return nil })
}

// bring writes the people of a block, what became of them and where to go on.
func (r *runner) bring(ctx context.Context, p *piece) (err error) {
	defer func() { p.after <- err == nil }()
	faults := p.faults // should the block be written again
	for i := range tries {
		p.faults = slices.Clone(faults)
		if i > 0 { // no locks are held while this one waits
			if err := r.await(ctx, p, 0); err != nil {
				return err
			}
		}
		if err = r.write(ctx, p); err != nil && p.first {
			*r.imp = p.was
		}
		if !inTheWay(err) {
			break
		}
	}
	if err != nil {
		return err
	}
	if r.imp.State == Done {
		// The engine chooses its indexes by counts of before the import. Without new ones
		// lists are slow, which is no reason to say that the import failed.
		if err := r.s.DB.Analyze(ctx); err != nil {
			r.s.Log.WarnContext(ctx, "analyze after an import", slog.String("error", err.Error()))
		}
		return nil
	}
	if p.last {
		return errTurn
	}
	return nil
}

// await waits until all blocks before this one are written; from then on the state of
// the import is this one's. It gives up after a while, if one is given.
func (r *runner) await(ctx context.Context, p *piece, while time.Duration) error {
	if p.first {
		return nil
	}
	var up <-chan time.Time
	if while > 0 {
		up = time.After(while)
	}
	select {
	case ok := <-p.before:
		if !ok {
			return errBefore
		}
	case <-up:
		return errPatience
	case <-ctx.Done():
		return ctx.Err()
	}
	p.first, p.was = true, *r.imp
	p.last = !r.s.Now().Before(r.until)
	return nil
}

// inTheWay reports whether the same thing may well succeed when it is done again:
// somebody else entered the same person, or changed him, at the same time.
func inTheWay(err error) bool {
	return db.IsUnique(err) || db.IsBusy(err) || errors.Is(err, errPatience) ||
		errs.Is(err, errs.Conflict) || errs.Is(err, errs.Stale) && !errors.Is(err, errMoved)
}

// write is one transaction of a commit. The row of the import is changed last, when it
// is this block's turn: of two processes at one import the second finds then that it
// was overtaken, and nothing of what it wrote stays.
func (r *runner) write(ctx context.Context, p *piece) error {
	s, imp := r.s, r.imp
	var counts Counts
	return s.Audit.Write(ctx, r.actor, actCommit, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		applied, err := s.People.Apply(ctx, tx, r.actor, p.people)
		if err != nil {
			return audit.Nothing, err
		}
		if err := r.await(ctx, p, patience); err != nil {
			return audit.Nothing, err
		}
		imp.Next++
		imp.Attempts, imp.LeaseUntil = 0, s.leaseEnd()
		if imp.Next == imp.Blocks {
			imp.State, p.last = Done, true
		}
		if p.last { // of the turn: the next one may begin at once
			imp.LeaseUntil = 0
		}
		counts = Counts{}
		r.settle(p, p.at, applied, &counts)
		r.repeat(p, p.again, &counts)
		o, err := r.outcome(p, nil, &counts)
		if err != nil {
			return audit.Nothing, err
		}
		imp.Brought = imp.Brought.plus(counts)
		if err := s.update(ctx, tx, imp, "next_block", "attempts", "lease_until", "state", "brought"); err != nil {
			return audit.Nothing, err
		}
		return change(imp, map[string]any{"block": p.n, "counts": counts}), storeOutcome(ctx, tx, imp.ID, o, false)
	})
}
