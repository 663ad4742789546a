package export

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

// system is the scope of jobs, which look up whose they are.
func system() access.Scope { return access.System("导出").Scope(access.PersonExport) }

// errMoved is in the chain when an export was changed since it was read.
var errMoved = errors.New("export: the export moved on")

// find returns an export of a user (0: of anybody) who may export somewhere.
func (s *Service) find(ctx context.Context, scope access.Scope, user, n id.ID) (*Export, error) {
	e := new(Export)
	q := s.DB.NewSelect().Model(e).Where("e.id = ?", n)
	if user != 0 {
		q = q.Where("e.user_id = ?", user)
	}
	err := sql.ErrNoRows
	if !scope.Empty() {
		err = q.Scan(ctx)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.New(errs.NotFound, "没有找到这次导出。只有本人能看自己的导出。")
	}
	return e, err
}

// page returns exports of a user before one of them (0: from the latest), the latest first.
func (s *Service) page(ctx context.Context, scope access.Scope, user, before id.ID, limit int) (all []Export, err error) {
	if scope.Empty() {
		return nil, nil
	}
	q := s.DB.NewSelect().Model(&all).ExcludeColumn("query").Where("e.user_id = ?", user).OrderExpr("e.id DESC").Limit(int64(limit))
	if before != 0 {
		q = q.Where("e.id < ?", before)
	}
	return all, q.Scan(ctx)
}

// count returns how many exports of a user are in a state.
func (s *Service) count(ctx context.Context, scope access.Scope, user id.ID, state State) (int, error) {
	if scope.Empty() {
		return 0, nil
	}
	n, err := s.DB.NewSelect().Model((*Export)(nil)).Where("e.user_id = ?", user).Where("e.state = ?", state).Count(ctx)
	return int(n), err
}

// due returns exports of everybody in a state whose time in a column has come.
func (s *Service) due(ctx context.Context, _ access.Scope, state State, column string, until civil.Instant) (all []Export, err error) {
	err = s.DB.NewSelect().Model(&all).ExcludeColumn("query").Where("e.state = ?", state).
		Where("? < ?", bun.Ident(column), until).OrderExpr("e.id").Limit(100).Scan(ctx)
	return all, err
}

// insert stores a new export.
func insert(ctx context.Context, tx db.Tx, e *Export) error {
	_, err := tx.NewInsert().Model(e).Exec(ctx)
	return err
}

// update stores columns of an export unless it was changed since it was read.
func (s *Service) update(ctx context.Context, tx db.Tx, e *Export, columns ...string) error {
	was := e.Version
	e.Version++
	e.Updated = civil.At(s.Now())
	res, err := tx.NewUpdate().Model(e).Column(append(columns, "version", "updated_at")...).
		Where("id = ? AND version = ?", e.ID, was).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		e.Version = was
		return errs.New(errs.Stale, "这次导出的状态刚刚变了，请刷新页面。").Because(errMoved)
	}
	return err
}
