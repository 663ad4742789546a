package audit

import (
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/region"
)

// Query says which entries a page of the trail shows, the newest first.
type Query struct {
	Kind, Subject string // of one subject; empty: of all
	Actor         id.ID
	Action        string
	From, To      civil.Instant // half open; zero: unbounded
	Before        id.ID         // key of paging: entries older than this one
	Limit         int
}

// Entries returns entries whose subject lies in the scope.
//
// They are read in the order of an index until the page is full. SQLite, which keeps no
// count of what lies in a region, would gather all entries of it and sort them: the
// region stands in a cast, which it takes for an expression, but where the scope is so
// small that the page might never be full. PostgreSQL, which knows, sees through it.
func (l *Log) Entries(ctx context.Context, scope access.Scope, q Query) ([]Entry, error) {
	var entries []Entry
	column := "CAST(e.region_code AS TEXT)"
	if small(scope) {
		column = "e.region_code"
	}
	where, args := scope.Where(column)
	s := l.db.NewSelect().Model(&entries).Where(where, args...).Order("e.id DESC").Limit(int64(max(1, min(q.Limit, 1000))))
	if q.Kind != "" {
		s = s.Where("e.kind = ?", q.Kind)
	}
	if q.Subject != "" {
		s = s.Where("e.subject = ?", q.Subject)
	}
	if q.Actor != 0 {
		s = s.Where("e.actor_id = ?", q.Actor)
	}
	if q.Action != "" {
		s = s.Where("e.action = ?", q.Action)
	}
	if q.From != 0 {
		s = s.Where("e.id >= ?", id.At(q.From.Time()))
	}
	if q.To != 0 {
		s = s.Where("e.id < ?", id.At(q.To.Time()))
	}
	if q.Before != 0 {
		s = s.Where("e.id < ?", q.Before)
	}
	return entries, s.Scan(ctx)
}

// townDigits is how many digits the code of a street or town has.
const townDigits = 9

// small reports whether a scope is of towns and villages alone.
func small(scope access.Scope) bool {
	return !slices.ContainsFunc(scope.Regions(), func(r region.Code) bool { return len(r) < townDigits })
}

// Last returns when the latest entry was written, to the millisecond, by the clock that
// was ahead of all others; zero if there is none. Numbers grow with time, so that the
// key alone tells.
func (l *Log) Last(ctx context.Context) (civil.Instant, error) {
	var last id.ID
	err := l.db.NewSelect().Model((*Entry)(nil)).ColumnExpr("coalesce(max(e.id), 0)").Scan(ctx, &last)
	if err != nil || last == 0 {
		return 0, err
	}
	return civil.At(last.Time()), nil
}
