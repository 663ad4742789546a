package message

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// system is the scope of the job, which sends what anybody queued.
func system() access.Scope { return access.System("消息").Scope(access.EntitlementReach) }

// errMoved is in the chain when a message was changed since it was read.
var errMoved = errors.New("message: the message moved on")

// find returns a message of the scope.
func (s *Service) find(ctx context.Context, scope access.Scope, q bun.IDB, n id.ID) (*Message, error) {
	m := new(Message)
	where, args := scope.Where("m.region_code")
	err := q.NewSelect().Model(m).Where("m.id = ?", n).Where(where, args...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.New(errs.NotFound, "没有找到这条消息。可能不在您的管理范围内。")
	}
	return m, err
}

// apply narrows a selection of messages to a filter within the scope.
func (f *Filter) apply(q *bun.SelectQuery, scope access.Scope) *bun.SelectQuery {
	if f.Region != "" {
		scope = scope.Narrow(f.Region)
	}
	where, args := scope.Where("m.region_code")
	q = q.Where(where, args...)
	if f.State != "" {
		q = q.Where("m.state = ?", f.State)
	}
	if f.Template != "" {
		q = q.Where("m.template = ?", f.Template)
	}
	if f.Person != 0 {
		q = q.Where("m.person_id = ?", f.Person)
	}
	return q
}

// page returns messages of the scope before one of them (0: from the latest), the latest first.
func (s *Service) page(ctx context.Context, scope access.Scope, f Filter, before id.ID, limit int) (all []Message, err error) {
	q := f.apply(s.DB.NewSelect().Model(&all), scope).OrderExpr("m.id DESC").Limit(int64(limit))
	if before != 0 {
		q = q.Where("m.id < ?", before)
	}
	return all, q.Scan(ctx)
}

// counts returns how many messages of the scope are in each state.
func (s *Service) counts(ctx context.Context, scope access.Scope, f Filter) (Counts, error) {
	var rows []struct {
		State State
		N     int
	}
	f.State = ""
	err := f.apply(s.DB.NewSelect().Model((*Message)(nil)), scope).ColumnExpr("m.state, count(*) AS n").GroupExpr("m.state").Scan(ctx, &rows)
	all := Counts{}
	for _, r := range rows {
		all[r.State] = r.N
	}
	return all, err
}

// byDedup returns the message that tells of something already.
func (s *Service) byDedup(ctx context.Context, _ access.Scope, tx db.Tx, dedup string) (n id.ID, err error) {
	err = tx.NewSelect().Model((*Message)(nil)).Column("id").Where("m.dedup = ?", dedup).Scan(ctx, &n)
	return n, err
}

// due selects messages of everybody that are to be sent by now: those that are queued,
// and those whose process is gone.
func due(q *bun.SelectQuery, now civil.Instant) *bun.SelectQuery {
	return q.Where("m.state IN (?, ?)", Queued, Sending).Where("m.next_at <= ?", now)
}

// anyDue reports whether there is anything to send.
func (s *Service) anyDue(ctx context.Context, _ access.Scope, now civil.Instant) (bool, error) {
	return due(s.DB.NewSelect().Model((*Message)(nil)), now).Exists(ctx)
}

// takeDue locks what is to be sent by now, as much as the pace of all processes allows.
func (s *Service) takeDue(ctx context.Context, _ access.Scope, tx db.Tx, now civil.Instant) (all []Message, err error) {
	var one int64
	if err := db.ForUpdate(tx.NewSelect().TableExpr("message_pace AS p").ColumnExpr("p.id").Where("p.id = 1")).Scan(ctx, &one); err != nil {
		return nil, err
	}
	// What happened in the last minute is read after the lock is held, so that it counts
	// what another process took a moment ago.
	lately, err := tx.NewSelect().Model((*Message)(nil)).Where("m.tried_at > ?", now.Add(-paceOver)).Count(ctx)
	if err != nil {
		return nil, err
	}
	n := min(int64(s.Limits.Rate)-int64(lately), int64(s.Limits.Batch))
	if n <= 0 {
		return nil, nil
	}
	err = due(tx.NewSelect().Model(&all), now).OrderExpr("m.next_at, m.id").Limit(n).Scan(ctx)
	return all, err
}

// insert stores a new message unless there is one that tells of the same.
func insert(ctx context.Context, tx db.Tx, m *Message) (fresh bool, err error) {
	res, err := tx.NewInsert().Model(m).On("CONFLICT (dedup) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// update stores a message as it is now unless it was changed since it was read.
func update(ctx context.Context, tx db.Tx, m *Message) error {
	was := m.Version
	m.Version++
	res, err := tx.NewUpdate().Model(m).
		Column("version", "state", "attempts", "next_at", "tried_at", "reason", "gateway_id", "sent_at").
		Where("id = ? AND version = ?", m.ID, was).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		m.Version = was
		return errs.New(errs.Stale, "这条消息的状态刚刚变了，请刷新页面。").Because(errMoved)
	}
	return err
}

// optOut returns what keeps a person from being told; nil if nothing does. Who asks has
// found the person in the scope.
func (s *Service) optOut(ctx context.Context, scope access.Scope, q bun.IDB, person id.ID) (*OptOut, error) {
	o := new(OptOut)
	err := sql.ErrNoRows
	if !scope.Empty() {
		err = q.NewSelect().Model(o).Where("o.person_id = ?", person).Scan(ctx)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // there is none
	}
	return o, err
}

// setOptOut stores that a person wants no messages; the first time counts.
func setOptOut(ctx context.Context, tx db.Tx, o *OptOut) (fresh bool, err error) {
	res, err := tx.NewInsert().Model(o).On("CONFLICT (person_id) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// dropOptOut forgets that a person wants no messages.
func dropOptOut(ctx context.Context, tx db.Tx, person id.ID) (found bool, err error) {
	res, err := tx.NewDelete().Model((*OptOut)(nil)).Where("person_id = ?", person).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// cancelQueued cancels what waits to be sent about a person, wherever it was queued.
func cancelQueued(ctx context.Context, tx db.Tx, person id.ID, reason string) (int64, error) {
	res, err := tx.NewUpdate().Model((*Message)(nil)).Set("state = ?", Cancelled).Set("reason = ?", reason).Set("version = version + 1").
		Where("person_id = ?", person).Where("state = ?", Queued).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
