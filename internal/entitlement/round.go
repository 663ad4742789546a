package entitlement

import (
	"context"
	"maps"
	"slices"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/region"
)

// round is the judging of some people in one transaction, whose shards are locked.
type round struct {
	*Service
	tx      db.Tx
	book    *policy.Book
	today   civil.Date
	lists   map[region.Code]*bench // by place
	changes []change
	counts  counts
	gone    []id.ID // whose rows go, or are written anew
	rows    []*row
	written int // people whose results are others
}

// elsewhere says that people are, or were, in shards that are not locked.
type elsewhere struct{ shards []region.Code }

func (*elsewhere) Error() string { return "people are in counties that are not locked" }

// judge judges people and writes what became other.
func (s *Service) judge(ctx context.Context, tx db.Tx, people []id.ID, locked []region.Code) (*round, error) {
	r := &round{Service: s, tx: tx, lists: map[region.Code]*bench{}, counts: counts{}, today: s.Today()}
	var err error
	// The lists are read after the locks: who judged by former ones has come before.
	if r.book, err = s.Lists.Book(ctx, r.today); err != nil {
		return nil, err
	}
	subjects, err := readSubjects(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	stored, err := readRows(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	if err := inside(locked, subjects, stored); err != nil {
		return nil, err
	}
	found, err := r.results(subjects)
	if err != nil {
		return nil, err
	}
	if err := r.compare(ctx, subjects, stored, found); err != nil {
		return nil, err
	}
	return r, r.save(ctx)
}

// inside refuses people outside the locked shards.
func inside(locked []region.Code, subjects []subject, stored map[id.ID]*row) error {
	var more []region.Code
	see := func(c region.Code) {
		if c = shardOf(c); !slices.Contains(locked, c) && !slices.Contains(more, c) {
			more = append(more, c)
		}
	}
	for i := range subjects {
		see(subjects[i].region)
	}
	for _, r := range stored {
		see(r.region)
	}
	if len(more) > 0 {
		return &elsewhere{more}
	}
	return nil
}

// list returns the list that rules a place.
func (r *round) list(at region.Code) (*bench, error) {
	if b := r.lists[at]; b != nil {
		return b, nil
	}
	b, err := r.rack.bench(r.book, r.book.For(at))
	if err != nil {
		return nil, err
	}
	r.lists[at] = b
	return b, nil
}

// results judges those who are alive, list by list; the others have none.
func (r *round) results(subjects []subject) ([]*row, error) {
	out := make([]*row, len(subjects))
	groups := map[*bench][]int{}
	for i := range subjects {
		if subjects[i].state != alive {
			continue
		}
		b, err := r.list(subjects[i].region)
		if err != nil {
			return nil, err
		}
		groups[b] = append(groups[b], i)
	}
	for b, members := range groups {
		people := make([]fact.Person, len(members))
		for k, i := range members {
			people[k] = subjects[i].facts
		}
		results, err := b.all(people)
		if err != nil {
			return nil, err
		}
		for k, i := range members {
			out[i] = &row{
				person: subjects[i].person, region: subjects[i].region, Result: results[k], since: r.today,
				facts: packFacts(make([]byte, 0, 48), &subjects[i].facts),
			}
		}
	}
	return out, nil
}

// compare finds what is to be written.
func (r *round) compare(ctx context.Context, subjects []subject, stored map[id.ID]*row, found []*row) error {
	var fresh []id.ID
	for i := range subjects {
		if found[i] != nil && stored[subjects[i].person] == nil {
			fresh = append(fresh, subjects[i].person)
		}
	}
	again, err := ended(ctx, r.tx, fresh)
	if err != nil {
		return err
	}
	for i := range subjects {
		p := &subjects[i]
		old, now := stored[p.person], found[i]
		switch {
		case old == nil && now == nil:
		case old == nil:
			if again[p.person] {
				if err := r.note(ctx, p, nil, now); err != nil {
					return err
				}
			}
			if err := r.put(ctx, nil, now); err != nil {
				return err
			}
		case now == nil || !old.Same(&now.Result) || old.region != now.region || string(old.facts) != string(now.facts):
			if err := r.note(ctx, p, old, now); err != nil {
				return err
			}
			if err := r.put(ctx, old, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// put has one row take the place of another; either may be nil.
func (r *round) put(ctx context.Context, old, now *row) error {
	r.written++
	if old != nil {
		b, err := r.basis(ctx, r.tx, old.Basis)
		if err != nil {
			return err
		}
		r.counts.add(old, b, -1)
		r.gone = append(r.gone, old.person)
	}
	if now != nil {
		if old != nil {
			now.since = old.since
		}
		b, err := r.list(now.region)
		if err != nil {
			return err
		}
		r.counts.add(now, b.Basis, 1)
		r.rows = append(r.rows, now)
	}
	return nil
}

// ends tells, by the state of a file, why somebody has no results any more.
var ends = map[string]string{"deceased": "已去世", "moved": "已迁出", "merged": "与另一份档案合并"}

// note writes the history of a person; old is nil for who is served again, now for who
// is not any more.
func (r *round) note(ctx context.Context, p *subject, old, now *row) (err error) {
	c := comparison{was: side{row: old, basis: noBasis}, is: side{row: now, basis: noBasis, facts: p.facts}, today: r.today, start: old == nil}
	ruling, at := id.ID(0), p.region
	if now == nil {
		c.end, at = ends[p.state], old.region
	} else {
		if c.is.bench, err = r.list(now.region); err != nil {
			return err
		}
		c.is.basis, ruling = c.is.bench.Basis, c.is.bench.Ruling
	}
	if old != nil {
		if c.was.basis, err = r.basis(ctx, r.tx, old.Basis); err != nil {
			return err
		}
		if c.same() {
			return nil
		}
		if now == nil {
			ruling = c.was.basis.Ruling
		}
		if c.was.bench, err = r.benchOf(ctx, c.was.basis, old.On); err != nil {
			return err
		}
		if c.was.facts, err = unpackFacts(old.facts); err != nil {
			return err
		}
		if now != nil && old.Basis != now.Basis && old.region != now.region {
			there, err := r.list(old.region)
			if err != nil {
				return err
			}
			c.moved = there.ID == old.Basis
		}
	}
	for _, one := range c.changes() {
		one.ID, one.Person, one.Region, one.At, one.Ruling = r.IDs.New(), p.person, at, r.now(), ruling
		r.changes = append(r.changes, one)
	}
	return nil
}

// save writes what was found.
func (r *round) save(ctx context.Context) error {
	used := map[id.ID]*Basis{}
	for _, one := range r.rows {
		b, err := r.list(one.region)
		if err != nil {
			return err
		}
		used[b.ID] = b.Basis
	}
	for _, which := range slices.Sorted(maps.Keys(used)) {
		if err := r.store(ctx, r.tx, used[which]); err != nil {
			return err
		}
	}
	if err := replace(ctx, r.tx, r.gone, r.rows); err != nil {
		return err
	}
	if err := addChanges(ctx, r.tx, r.changes); err != nil {
		return err
	}
	return r.counts.save(ctx, r.tx)
}
