package audit

import (
	"context"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/id"
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
func (l *Log) Entries(ctx context.Context, scope access.Scope, q Query) ([]Entry, error) {
	var entries []Entry
	where, args := scope.Where("e.region_code")
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

// Last returns when the latest entry was written; zero if there is none.
func (l *Log) Last(ctx context.Context) (civil.Instant, error) {
	var at civil.Instant
	err := l.db.NewSelect().Model((*Entry)(nil)).ColumnExpr("coalesce(max(e.at), 0)").Scan(ctx, &at)
	return at, err
}
