package entitlement

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/region"
)

const (
	// rest is how long nothing may have touched a county before it is gone through.
	rest = 5 * time.Second
	// turn is how long a job goes through a county before others have theirs: somebody
	// is waiting to see what his change brought.
	turn = 2 * time.Second
	// lease is after how long a county is given to another job: longer than any may run.
	lease = 3 * time.Minute
	// mostRuns is how many counties are gone through at a time, by all processes.
	mostRuns = 8
	// attempts is how often a transaction is tried in which others were in the way.
	attempts = 8
)

// write runs fn in a transaction in which shards are locked, and again with more of
// them where it finds people elsewhere.
func (s *Service) write(
	ctx context.Context, shards []region.Code, fn func(ctx context.Context, tx db.Tx, locked []shardRow) (audit.Change, error),
) (err error) {
	for range attempts {
		err = s.Audit.Write(ctx, system, judgeAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
			rows, err := lockShards(ctx, tx, shards)
			if err != nil {
				return audit.Nothing, err
			}
			return fn(ctx, tx, rows)
		})
		if more, ok := errors.AsType[*elsewhere](err); ok {
			shards = slices.Compact(slices.Sorted(slices.Values(append(slices.Clip(shards), more.shards...))))
			continue
		}
		if !db.IsBusy(err) && !db.IsUnique(err) {
			return err
		}
	}
	return err
}

// Recheck judges people by their numbers.
func (s *Service) Recheck(ctx context.Context, people []id.ID) (err error) {
	defer errs.Wrap(&err, "judge %d people", len(people))
	for part := range slices.Chunk(people, s.portion) {
		shards, err := shardsOf(ctx, s.DB, part)
		if err != nil {
			return err
		}
		err = s.write(ctx, shards, func(ctx context.Context, tx db.Tx, locked []shardRow) (audit.Change, error) {
			r, err := s.judge(ctx, tx, part, regionsOf(locked))
			if err != nil || r.written == 0 {
				return audit.Nothing, err
			}
			return r.change(len(part), locked), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func regionsOf(rows []shardRow) []region.Code {
	all := make([]region.Code, len(rows))
	for i := range rows {
		all[i] = rows[i].Region
	}
	return all
}

// change is the entry of a round on the trail.
func (r *round) change(looked int, locked []shardRow) audit.Change {
	detail := map[string]any{"looked": looked, "written": r.written, "changes": len(r.changes)}
	return audit.Change{Kind: "entitlement", Region: inOne(regionsOf(locked)), Detail: detail}
}

// Run goes through the people of a shard that is stale, until the time is over, and
// reports whether nothing is left to do.
func (s *Service) Run(ctx context.Context, shard region.Code) (done bool, err error) {
	defer errs.Wrap(&err, "judge the people of %s", shard)
	until := s.Now().Add(s.turn)
	at, running, err := s.begin(ctx, shard)
	if err != nil || !running {
		return true, err
	}
	people, err := placesIn(ctx, s.DB, shard, at)
	if err != nil {
		return false, err
	}
	for part := range slices.Chunk(people, s.portion) {
		going, err := s.step(ctx, shard, at, part)
		if err != nil || !going {
			return false, err
		}
		if at = part[len(part)-1]; s.Now().After(until) {
			return false, nil
		}
	}
	return s.finish(ctx, shard, at)
}

// begin takes up a shard where it was left; if it was touched, from its first person.
func (s *Service) begin(ctx context.Context, shard region.Code) (at place, running bool, err error) {
	err = s.write(ctx, []region.Code{shard}, func(ctx context.Context, tx db.Tx, locked []shardRow) (audit.Change, error) {
		r := &locked[0]
		again, err := takeTouches(ctx, tx, shard)
		if err != nil {
			return audit.Nothing, err
		}
		if again {
			r.Running, r.AfterRegion, r.AfterID = true, "", 0
		}
		at, running = r.after(), r.Running
		if !running {
			return audit.Nothing, nil
		}
		if at == (place{}) {
			if r.Lists, err = s.listsOf(ctx, shard); err != nil {
				return audit.Nothing, err
			}
		}
		r.LeaseUntil = s.now().Add(lease)
		return audit.Change{Kind: "entitlement", Region: shard, Detail: map[string]any{"county": shard}}, saveShard(ctx, tx, r)
	})
	return at, running, err
}

// step judges a block of people and marks them as done. Others may go through the same
// shard, or have sent it back to its start: then going is false.
func (s *Service) step(ctx context.Context, shard region.Code, at place, part []place) (going bool, err error) {
	people := make([]id.ID, len(part))
	for i := range part {
		people[i] = part[i].Person
	}
	err = s.write(ctx, []region.Code{shard}, func(ctx context.Context, tx db.Tx, locked []shardRow) (audit.Change, error) {
		r := &locked[slices.IndexFunc(locked, func(r shardRow) bool { return r.Region == shard })]
		if going = r.Running && r.after() == at; !going {
			return audit.Nothing, nil
		}
		found, err := s.judge(ctx, tx, people, regionsOf(locked))
		if err != nil {
			return audit.Nothing, err
		}
		last := part[len(part)-1]
		r.AfterRegion, r.AfterID, r.LeaseUntil = last.Region, last.Person, s.now().Add(lease)
		return found.change(len(part), locked), saveShard(ctx, tx, r)
	})
	return going, err
}

// finish marks a shard as done, unless it was sent back to its start.
func (s *Service) finish(ctx context.Context, shard region.Code, at place) (done bool, err error) {
	err = s.write(ctx, []region.Code{shard}, func(ctx context.Context, tx db.Tx, locked []shardRow) (audit.Change, error) {
		r := &locked[0]
		if done = !r.Running || r.after() == at; !done {
			return audit.Nothing, nil
		}
		r.Running, r.AfterRegion, r.AfterID, r.LeaseUntil = false, "", 0, 0
		return audit.Change{Kind: "entitlement", Region: shard, Detail: map[string]any{"county": shard, "done": true}}, saveShard(ctx, tx, r)
	})
	return done, err
}

// Sweep has counties gone through that are stale and have come to rest.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "look for stale counties")
	stale, err := s.stale(ctx)
	if err != nil || len(stale) == 0 {
		return err
	}
	return s.write(ctx, stale, func(ctx context.Context, tx db.Tx, locked []shardRow) (audit.Change, error) {
		n := 0
		for i := range locked {
			r := &locked[i]
			if r.LeaseUntil > s.now() {
				continue
			}
			n++
			r.LeaseUntil = s.now().Add(lease)
			if err := saveShard(ctx, tx, r); err != nil {
				return audit.Nothing, err
			}
			if err := s.enqueue(ctx, tx, County{Region: r.Region}); err != nil {
				return audit.Nothing, err
			}
		}
		if n == 0 {
			return audit.Nothing, nil
		}
		return audit.Change{Kind: "entitlement", Region: inOne(regionsOf(locked)), Detail: map[string]any{"counties": n}}, nil
	})
}

// stale returns as many stale counties at rest, of which no job has hold, as may be
// gone through now.
func (s *Service) stale(ctx context.Context) (stale []region.Code, err error) {
	rows, err := allShards(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	now, held := s.now(), map[region.Code]bool{}
	for i := range rows {
		if r := &rows[i]; r.LeaseUntil > now {
			held[r.Region] = true
		} else if r.Running {
			stale = append(stale, r.Region)
		}
	}
	touches, err := touched(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	for _, t := range touches {
		if t.At <= now.Add(-rest) && !held[t.Region] && !slices.Contains(stale, t.Region) {
			stale = append(stale, t.Region)
		}
	}
	if room := max(0, mostRuns-len(held)); len(stale) > room {
		stale = stale[:room]
	}
	slices.Sort(stale)
	return stale, nil
}

// listsOf returns a digest of the lists by which the people of a shard are judged today.
func (s *Service) listsOf(ctx context.Context, shard region.Code) (int64, error) {
	book, err := s.Lists.Book(ctx, s.Today())
	if err != nil {
		return 0, err
	}
	return s.listsIn(book, shard)
}

func (s *Service) listsIn(book *policy.Book, shard region.Code) (int64, error) {
	rulings := []*policy.Ruling{book.For(shard)}
	for _, r := range book.Rulings {
		if len(shard) >= 6 && r.Source.Region != shard && r.Source.Region.Within(shard) {
			rulings = append(rulings, r)
		}
	}
	var all []byte
	for _, r := range rulings {
		b, err := s.rack.bench(book, r)
		if err != nil {
			return 0, err
		}
		all = binary.BigEndian.AppendUint64(all, uint64(b.ID))
	}
	sum := sha256.Sum256(all)
	return int64(binary.BigEndian.Uint64(sum[:])>>1 | 1), nil
}

// Night judges those whose day has come, and has counties gone through whose lists or
// parameters are others. It reports whether nothing is left to do.
func (s *Service) Night(ctx context.Context) (done bool, err error) {
	defer errs.Wrap(&err, "judge at night")
	until := s.Now().Add(s.turn)
	for first := true; ; first = false {
		people, err := dueOf(ctx, s.DB, s.Today(), s.portion)
		if err != nil {
			return false, err
		}
		if len(people) == 0 {
			break
		}
		if !first && s.Now().After(until) {
			return false, nil
		}
		if err := s.Recheck(ctx, people); err != nil {
			return false, err
		}
	}
	if err := s.outdated(ctx); err != nil {
		return false, err
	}
	return true, s.Sweep(ctx)
}

// outdated marks the shards whose people were judged by other lists, or never.
func (s *Service) outdated(ctx context.Context) error {
	book, err := s.Lists.Book(ctx, s.Today())
	if err != nil {
		return err
	}
	have, err := allShards(ctx, s.DB)
	if err != nil {
		return err
	}
	todo, err := peopledShards(ctx, s.DB)
	if err != nil {
		return err
	}
	known := make(map[region.Code]int64, len(have))
	for i := range have {
		known[have[i].Region] = have[i].Lists
	}
	var others []region.Code
	for _, c := range todo {
		lists, err := s.listsIn(book, c)
		if err != nil {
			return err
		}
		if known[c] != lists {
			others = append(others, c)
		}
	}
	for part := range slices.Chunk(others, 200) {
		err := s.write(ctx, part, func(ctx context.Context, tx db.Tx, locked []shardRow) (audit.Change, error) {
			for i := range locked {
				r := &locked[i]
				r.Running, r.AfterRegion, r.AfterID = true, "", 0
				if err := saveShard(ctx, tx, r); err != nil {
					return audit.Nothing, err
				}
			}
			return audit.Change{Kind: "entitlement", Region: inOne(part), Detail: map[string]any{"outdated": len(part)}}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
