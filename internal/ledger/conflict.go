package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/region"
)

// State (争议状态) is what became of a conflict.
type State string

// The states of conflicts.
const (
	Open     State = "open"
	Kept     State = "kept"     // what held was confirmed
	Accepted State = "accepted" // the claim was accepted
	Gone     State = "gone"     // there is nothing to settle any more
)

// Label returns what people read.
func (s State) Label() string {
	switch s {
	case Open:
		return "待核定"
	case Kept:
		return "维持原值"
	case Accepted:
		return "采纳新值"
	case Gone:
		return "已不存在"
	}
	return ""
}

// Conflict (信息争议) is a claim that contradicts a higher source, for a person to settle.
type Conflict struct {
	ID        id.ID
	Version   int64
	Person    id.ID
	Name      string
	Region    region.Code
	Fact      fact.ID
	Held      history.Record
	Claimed   history.Record
	State     State
	Opened    civil.Instant
	Settled   civil.Instant
	SettledBy id.ID
	Note      string
}

// Dispute (争议存档) is a conflict as it is stored.
type Dispute struct {
	bun.BaseModel `bun:"table:person_conflict,alias:c"`

	ID        id.ID `bun:",pk"`
	Version   int64
	PersonID  id.ID
	Region    region.Code `bun:"region_code"`
	Fact      string
	Held      id.ID
	Claimed   id.ID
	State     State
	OpenedAt  civil.Instant
	SettledAt civil.Instant `bun:",nullzero"`
	SettledBy id.ID         `bun:",nullzero"`
	Note      string

	Name string `bun:"name,scanonly"`
}

// disputes selects conflicts of the scope, with the names of the people.
func disputes(q bun.IDB, scope access.Scope, rows *[]Dispute) *bun.SelectQuery {
	where, args := scope.Where("c.region_code")
	return q.NewSelect().Model(rows).ColumnExpr("c.*").ColumnExpr("p.name").
		Join("JOIN person AS p ON p.id = c.person_id").Where(where, args...)
}

// OpenOf returns the open conflicts of people of the scope, by person.
func (l *Ledger) OpenOf(ctx context.Context, scope access.Scope, q bun.IDB, people ...id.ID) (map[id.ID][]Dispute, error) {
	all := map[id.ID][]Dispute{}
	for part := range slices.Chunk(people, 1000) {
		var rows []Dispute
		err := disputes(q, scope, &rows).Where("c.state = ?", Open).
			Where("c.person_id IN (?)", bun.List(part)).Order("c.id").Scan(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range rows {
			all[c.PersonID] = append(all[c.PersonID], c)
		}
	}
	return all, nil
}

// Conflicts returns open conflicts of the scope after a key, the oldest first.
func (l *Ledger) Conflicts(ctx context.Context, scope access.Scope, after id.ID, limit int) ([]Conflict, error) {
	var rows []Dispute
	err := disputes(l.DB, scope, &rows).Where("c.state = ?", Open).Where("c.id > ?", after).
		Order("c.id").Limit(int64(max(1, min(limit, 200)))).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return l.WithRecords(ctx, scope, rows)
}

// Conflict returns one conflict of the scope, whatever its state.
func (l *Ledger) Conflict(ctx context.Context, scope access.Scope, conflict id.ID) (*Conflict, error) {
	var rows []Dispute
	if err := disputes(l.DB, scope, &rows).Where("c.id = ?", conflict).Scan(ctx); err != nil {
		return nil, err
	}
	found, err := l.WithRecords(ctx, scope, rows)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.New(errs.NotFound, "没有这项争议，或者它不在您的管理范围内。")
	}
	return &found[0], nil
}

// CountConflicts returns how many conflicts of the scope are open.
func (l *Ledger) CountConflicts(ctx context.Context, scope access.Scope) (int, error) {
	var rows []Dispute
	n, err := disputes(l.DB, scope, &rows).Where("c.state = ?", Open).Count(ctx)
	return int(n), err
}

// WithRecords adds to conflicts the records that they are about.
func (l *Ledger) WithRecords(ctx context.Context, scope access.Scope, rows []Dispute) ([]Conflict, error) {
	people := make([]id.ID, len(rows))
	for i := range rows {
		people[i] = rows[i].PersonID
	}
	slices.Sort(people)
	records, err := l.Of(ctx, scope, l.DB, slices.Compact(people)...)
	if err != nil {
		return nil, err
	}
	conflicts := make([]Conflict, 0, len(rows))
	for i := range rows {
		c := &rows[i]
		about, ok := fact.ByName(c.Fact)
		if !ok {
			return nil, fmt.Errorf("conflict %s: no fact is called %q", c.ID, c.Fact)
		}
		one := Conflict{
			ID: c.ID, Version: c.Version, Person: c.PersonID, Name: c.Name, Region: c.Region, Fact: about,
			State: c.State, Opened: c.OpenedAt, Settled: c.SettledAt, SettledBy: c.SettledBy, Note: c.Note,
		}
		for _, r := range records[c.PersonID] {
			switch r.ID {
			case c.Held:
				one.Held = r
			case c.Claimed:
				one.Claimed = r
			}
		}
		conflicts = append(conflicts, one)
	}
	return conflicts, nil
}

// Contradicted opens, changes and closes the conflicts of a person, who is served in
// the region, so that they are the contradictions of his records.
func (l *Ledger) Contradicted(ctx context.Context, tx db.Tx, person id.ID, at region.Code, now []history.Contradiction, open []Dispute) error {
	for i := range open {
		c := &open[i]
		which := slices.IndexFunc(now, func(n history.Contradiction) bool { return n.Fact.String() == c.Fact })
		switch {
		case which < 0:
			c.State, c.SettledAt = Gone, l.now()
		case now[which].Held != c.Held || now[which].Claimed != c.Claimed || c.Region != at:
			c.Held, c.Claimed, c.Region = now[which].Held, now[which].Claimed, at
		default:
			continue
		}
		if err := update(ctx, tx, c); err != nil {
			return err
		}
	}
	for _, n := range now {
		if slices.ContainsFunc(open, func(c Dispute) bool { return c.Fact == n.Fact.String() }) {
			continue
		}
		c := &Dispute{
			ID: l.IDs.New(), Version: 1, PersonID: person, Region: at, Fact: n.Fact.String(),
			Held: n.Held, Claimed: n.Claimed, State: Open, OpenedAt: l.now(),
		}
		if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Settle closes an open conflict by a decision and returns the record of it, which
// the caller adds. It holds from the day of the claim, as long as what it confirms,
// and answers all claims made so far.
func (l *Ledger) Settle(
	ctx context.Context, tx db.Tx, actor access.Actor, c *Dispute, records []history.Record, accept bool, note string,
) (r history.Record, err error) {
	c.State, c.SettledAt, c.SettledBy, c.Note = Kept, l.now(), actor.User, note
	which := c.Held
	if accept {
		c.State, which = Accepted, c.Claimed
	}
	if err := update(ctx, tx, c); err != nil {
		return r, err
	}
	about, known := fact.ByName(c.Fact)
	says, claim := find(records, which), find(records, c.Claimed)
	if !known || says == nil || claim == nil {
		return r, fmt.Errorf("conflict %s is about records that are not there", c.ID)
	}
	r = l.Begin(actor, records, history.Settled, claim.From, says.To, note)
	r.Facts = says.Facts.Only(fact.Set(0).Add(about))
	return r, nil
}

func find(records []history.Record, which id.ID) *history.Record {
	for i := range records {
		if records[i].ID == which {
			return &records[i]
		}
	}
	return nil
}

// update writes a conflict in the place of the version it was read in.
func update(ctx context.Context, tx db.Tx, c *Dispute) error {
	was := c.Version
	c.Version++
	result, err := tx.NewUpdate().Model(c).WherePK().Where("version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return Stale()
}

// Stale says that somebody else changed the conflict meanwhile.
func Stale() error {
	return errs.New(errs.Stale, "这项争议刚刚有了变化：可能已被核定，或来源有了新的说法。请刷新后再看。")
}
