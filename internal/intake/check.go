package intake

import (
	"context"
	"errors"
	"time"

	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/ordered"
	"yian/internal/person"
)

// checkpoint is after how long a dry run notes how far it has come.
const checkpoint = 2 * time.Second

// checking is a dry run in one turn.
type checking struct {
	*runner
	seen     *seen
	counts   Counts
	outcomes []outcome
	noted    time.Time
}

// check goes through the blocks and tells what would become of each row.
func (r *runner) check(ctx context.Context) error {
	c := &checking{runner: r, seen: r.s.left.take(r.imp)}
	if c.seen == nil {
		c.seen = newSeen()
		if err := c.recall(ctx); err != nil {
			return err
		}
		r.until = r.s.Now().Add(r.s.Limits.Turn) // or a turn might do nothing but recall
	}
	c.noted = r.s.Now()
	err := r.through(ctx, r.prepareOne(ctx), func(p *piece) error { return c.deliver(ctx, p) })
	if errors.Is(err, errTurn) {
		r.s.left.keep(r.imp, c.seen, r.s.Now())
	}
	if err != nil {
		return err
	}
	return c.note(ctx, true)
}

// deliver looks at the people of a block in the order of the file.
func (c *checking) deliver(ctx context.Context, p *piece) error {
	first, again := c.part(p)
	applied, err := c.s.People.Compare(ctx, c.actor, first.people)
	if err != nil {
		return err
	}
	for i := range applied {
		if applied[i].Result == person.Rejected {
			c.seen.reject(first.keys[i])
		}
	}
	var doubles []double
	for i, at := range again.at {
		doubles = append(doubles, c.seen.double(again.keys[i], c.seen.content(p.rows[at].cells), at))
	}
	c.settle(p, first.at, applied, &c.counts)
	c.repeat(p, doubles, &c.counts)
	o, err := c.outcome(p, doubles, &c.counts)
	if err != nil {
		return err
	}
	c.outcomes = append(c.outcomes, o)

	now := c.s.Now()
	over := !now.Before(c.until)
	if !over && now.Sub(c.noted) < checkpoint {
		return nil
	}
	c.noted = now
	if p.n+1 == c.imp.Blocks {
		return nil // the end is noted by check
	}
	if err := c.note(ctx, over); err != nil || !over {
		return err
	}
	return errTurn
}

// part are some people of a block, each with his row and what his document stands for.
type part struct {
	people []person.Prepared
	at     []int
	keys   [][2]uint64
}

func (g *part) add(p *person.Prepared, at int, key [2]uint64) {
	g.people, g.at, g.keys = append(g.people, *p), append(g.at, at), append(g.keys, key)
}

// part tells people of whom the file spoke before from those whom it names for the
// first time.
func (c *checking) part(p *piece) (first, again part) {
	for i := range p.people {
		one, at := &p.people[i], p.at[i]
		key, ok := keyOf(c.seen, &one.Draft)
		if ok && c.seen.meet(key, seenRow{line: p.rows[at].line, content: c.seen.content(p.rows[at].cells)}) {
			again.add(one, at, key)
		} else {
			first.add(one, at, key)
		}
	}
	return first, again
}

// note stores what was found since the last time, and gives the lease back when the
// turn is over; behind the last block the dry run is.
func (c *checking) note(ctx context.Context, last bool) error {
	imp, s := c.imp, c.s
	imp.Next += int64(len(c.outcomes))
	imp.Checked = imp.Checked.plus(c.counts)
	imp.Attempts, imp.LeaseUntil = 0, s.leaseEnd()
	if last {
		imp.LeaseUntil = 0
	}
	if imp.Next == imp.Blocks {
		imp.State = Checked
	}
	err := s.Audit.Write(ctx, c.actor, actCheck, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, imp, "next_block", "checked", "attempts", "lease_until", "state"); err != nil {
			return audit.Nothing, err
		}
		for _, o := range c.outcomes {
			if err := storeOutcome(ctx, tx, imp.ID, o, true); err != nil {
				return audit.Nothing, err
			}
		}
		return change(imp, map[string]any{"state": imp.State, "counts": imp.Checked}), nil
	})
	c.counts, c.outcomes = Counts{}, nil
	return err
}

// met is a row of an earlier turn.
type met struct {
	key [2]uint64
	row seenRow
}

// recall meets the people of the blocks that earlier turns went through.
func (c *checking) recall(ctx context.Context) error {
	n, end := int64(0), c.imp.Next
	return ordered.Map(ctx, c.s.ahead(), func() (int64, bool, error) {
		n++
		return n - 1, n <= end, nil
	}, func(n int64) ([]met, error) { return c.remember(ctx, n) }, func(all []met) error {
		for _, m := range all {
			c.seen.meet(m.key, m.row)
		}
		return nil
	})
}

// remember lists the people of a block.
func (c *checking) remember(ctx context.Context, n int64) ([]met, error) {
	sealed, err := c.s.Blobs.Load(ctx, c.id, n)
	if err != nil {
		return nil, err
	}
	rows, err := c.s.rows(sealed)
	if err != nil {
		return nil, err
	}
	bad, err := c.s.badRows(ctx, c.id, n)
	if err != nil {
		return nil, err
	}
	all := make([]met, 0, len(rows))
	for i, row := range rows {
		in, _, faults := c.layout.incoming(row.cells)
		if len(faults) > 0 {
			continue
		}
		_ = in.Draft.Validate(&in.Facts, c.s.Today()) // for its kept form; what is wrong was said
		if key, ok := keyOf(c.seen, &in.Draft); ok {
			all = append(all, met{key, seenRow{line: row.line, content: c.seen.content(row.cells), rejected: bad[i]}})
		}
	}
	return all, nil
}

// badRows returns which rows of a block were rejected.
func (s *Service) badRows(ctx context.Context, imp id.ID, n int64) (map[int]bool, error) {
	outcomes, err := s.rejected(ctx, system(), imp, n-1, 1)
	if err != nil || len(outcomes) == 0 || outcomes[0].n != n {
		return nil, err
	}
	faults, err := s.faults(imp, outcomes[0])
	bad := map[int]bool{}
	for _, f := range faults {
		bad[f.Row] = true
	}
	return bad, err
}
