package intake

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
)

// tries is how often a block is written when others are in the way.
const tries = 5

// commit goes through the blocks and brings their people in, a block a transaction.
func (r *runner) commit(ctx context.Context) error {
	return r.through(ctx, func(p *piece) error { return r.bring(ctx, p) })
}

// bring writes the people of a block, what became of them and where to go on.
func (r *runner) bring(ctx context.Context, p *piece) (err error) {
	faults, was := p.faults, *r.imp // should the block be written again
	over := !r.s.Now().Before(r.until)
	for range tries {
		p.faults, *r.imp = slices.Clone(faults), was
		if err = r.write(ctx, p, over); !inTheWay(err) {
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
	if over {
		return errTurn
	}
	return nil
}

// inTheWay reports whether the same thing may well succeed when it is done again:
// somebody else entered the same person, or changed him, at the same time.
func inTheWay(err error) bool {
	return db.IsUnique(err) || db.IsBusy(err) || errs.Is(err, errs.Conflict) || errs.Is(err, errs.Stale) && !errors.Is(err, errMoved)
}

// write is one transaction of a commit. The row of the import is changed first: of two
// processes at one import the second waits there, and finds that it was overtaken.
func (r *runner) write(ctx context.Context, p *piece, last bool) error {
	s, imp := r.s, r.imp
	var counts Counts
	return s.Audit.Write(ctx, r.actor, actCommit, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		imp.Next++
		imp.Attempts, imp.LeaseUntil = 0, s.leaseEnd()
		if imp.Next == imp.Blocks {
			imp.State, last = Done, true
		}
		if last { // of the turn: the next one may begin at once
			imp.LeaseUntil = 0
		}
		if err := s.update(ctx, tx, imp, "next_block", "attempts", "lease_until", "state"); err != nil {
			return audit.Nothing, err
		}
		applied, err := s.People.Apply(ctx, tx, r.actor, p.people)
		if err != nil {
			return audit.Nothing, err
		}
		r.settle(p, p.at, applied, &counts)
		r.repeat(p, p.again, &counts)
		o, err := r.outcome(p, nil, &counts)
		if err != nil {
			return audit.Nothing, err
		}
		imp.Brought = imp.Brought.plus(counts)
		if err := storeOutcome(ctx, tx, imp.ID, o, false); err != nil {
			return audit.Nothing, err
		}
		return change(imp, map[string]any{"block": p.n, "counts": counts}), noteCounts(ctx, tx, imp)
	})
}

// noteCounts stores the counts of a commit under the version that was just written.
func noteCounts(ctx context.Context, tx db.Tx, imp *Import) error {
	_, err := tx.NewUpdate().Model(imp).Column("brought").Where("id = ?", imp.ID).Exec(ctx)
	return err
}
