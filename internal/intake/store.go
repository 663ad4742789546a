package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
)

// system is the scope of jobs, which no user began or which look up whose they are.
func system() access.Scope { return access.System("导入").Scope(access.PersonImport) }

// find returns an import of the scope.
func (s *Service) find(ctx context.Context, scope access.Scope, n id.ID) (*Import, error) {
	imp := new(Import)
	where, args := scope.Where("i.region_code")
	err := s.DB.NewSelect().Model(imp).Where("i.id = ?", n).Where(where, args...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.New(errs.NotFound, "没有找到这次导入。可能不在您的管理范围内。")
	}
	return imp, err
}

// page returns imports of the scope before one of them (0: from the latest), the
// latest first, without their contents.
func (s *Service) page(ctx context.Context, scope access.Scope, before id.ID, limit int) (all []Import, err error) {
	where, args := scope.Where("i.region_code")
	q := s.DB.NewSelect().Model(&all).ExcludeColumn("head", "mapping").Where(where, args...).OrderExpr("i.id DESC").Limit(int64(limit))
	if before != 0 {
		q = q.Where("i.id < ?", before)
	}
	return all, q.Scan(ctx)
}

// count returns how many imports of a user in the scope are in a state.
func (s *Service) count(ctx context.Context, scope access.Scope, user id.ID, state State) (int, error) {
	where, args := scope.Where("i.region_code")
	n, err := s.DB.NewSelect().Model((*Import)(nil)).Where(where, args...).Where("i.user_id = ?", user).Where("i.state = ?", state).Count(ctx)
	return int(n), err
}

// due returns imports in states that were not touched since a moment.
func (s *Service) due(ctx context.Context, scope access.Scope, column string, since civil.Instant, states ...State) (all []Import, err error) {
	where, args := scope.Where("i.region_code")
	err = s.DB.NewSelect().Model(&all).ExcludeColumn("head", "mapping").Where(where, args...).
		Where("i.state IN (?)", bun.List(states)).Where("NOT i.purged").Where("? < ?", bun.Ident(column), since).
		OrderExpr("i.id").Limit(100).Scan(ctx)
	return all, err
}

// errMoved is in the chain when an import was changed since it was read.
var errMoved = errors.New("intake: the import moved on")

// insert stores a new import.
func insert(ctx context.Context, tx db.Tx, imp *Import) error {
	_, err := tx.NewInsert().Model(imp).Exec(ctx)
	return err
}

// update stores columns of an import unless it was changed since it was read.
func (s *Service) update(ctx context.Context, tx db.Tx, imp *Import, columns ...string) error {
	was := imp.Version
	imp.Version++
	imp.Updated = civil.At(s.Now())
	res, err := tx.NewUpdate().Model(imp).Column(append(columns, "version", "updated_at")...).
		Where("id = ? AND version = ?", imp.ID, was).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		imp.Version = was
		return errs.New(errs.Stale, "这次导入的状态刚刚变了，请看最新的状态再操作。").Because(errMoved)
	}
	return err
}

// stage is a block on its way into the database.
type stage struct {
	n     int64
	count int
}

// insertBlocks stores blocks without an outcome.
func insertBlocks(ctx context.Context, tx db.Tx, imp id.ID, blocks []stage) error {
	_, err := tx.Bulk(ctx, "intake_block", []string{"intake_id", "n", "count", "rejected"}, blockRows(imp, blocks))
	return err
}

func blockRows(imp id.ID, blocks []stage) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, b := range blocks {
			if !yield([]any{int64(imp), b.n, int64(b.count), int64(0)}, nil) {
				return
			}
		}
	}
}

// outcome is what a run found in a block.
type outcome struct {
	n        int64
	rejected int64
	doubles  []byte // of a dry run
	sealed   []byte // the faults
}

// storeOutcome replaces what an earlier run found.
func storeOutcome(ctx context.Context, tx db.Tx, imp id.ID, o outcome, dry bool) (err error) {
	if dry {
		_, err = tx.Tx.Tx.ExecContext(ctx, "UPDATE intake_block SET rejected = $1, outcome = $2, doubles = $3 WHERE intake_id = $4 AND n = $5",
			o.rejected, o.sealed, o.doubles, int64(imp), o.n)
	} else {
		_, err = tx.Tx.Tx.ExecContext(ctx, "UPDATE intake_block SET rejected = $1, outcome = $2 WHERE intake_id = $3 AND n = $4",
			o.rejected, o.sealed, int64(imp), o.n)
	}
	return err
}

// blocks selects blocks of an import of the scope.
func (s *Service) blocks(scope access.Scope, imp id.ID) *bun.SelectQuery {
	where, args := scope.Where("i.region_code")
	return s.DB.NewSelect().TableExpr("intake_block AS b").Join("JOIN intake AS i ON i.id = b.intake_id").
		Where("b.intake_id = ?", imp).Where(where, args...)
}

// doublesOf returns the doubles that the dry run found in a block.
func (s *Service) doublesOf(ctx context.Context, scope access.Scope, imp id.ID, n int64) ([]double, error) {
	var b []byte
	if err := s.blocks(scope, imp).Column("b.doubles").Where("b.n = ?", n).Scan(ctx, &b); err != nil {
		return nil, fmt.Errorf("doubles of block %d: %w", n, err)
	}
	return decodeDoubles(b)
}

// rejected returns the outcomes of blocks with rejected rows, after one of them (-1:
// from the first).
func (s *Service) rejected(ctx context.Context, scope access.Scope, imp id.ID, after int64, limit int) (all []outcome, err error) {
	rows, err := s.blocks(scope, imp).Column("b.n", "b.rejected", "b.outcome").
		Where("b.n > ?", after).Where("b.rejected > 0").OrderExpr("b.n").Limit(int64(limit)).Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var o outcome
		if err := rows.Scan(&o.n, &o.rejected, &o.sealed); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// deleteBlocks removes the rows of an import.
func deleteBlocks(ctx context.Context, tx db.Tx, imp id.ID) error {
	_, err := tx.Tx.Tx.ExecContext(ctx, "DELETE FROM intake_block WHERE intake_id = $1", int64(imp))
	return err
}

// keepMapping remembers what the columns of a source are for.
func keepMapping(ctx context.Context, tx db.Tx, source history.Source, print []byte, m Mapping, now civil.Instant) error {
	v, err := m.Value()
	if err != nil {
		return err
	}
	_, err = tx.Tx.Tx.ExecContext(ctx, `INSERT INTO intake_mapping (source, fingerprint, mapping, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source, fingerprint) DO UPDATE SET mapping = excluded.mapping, updated_at = excluded.updated_at`,
		string(source), print, v, int64(now))
	return err
}

// keptMapping returns what the columns were for before; nil: no such file came yet.
// It says nothing of people, so it has no scope.
func (s *Service) keptMapping(ctx context.Context, source history.Source, print []byte) (m Mapping, err error) {
	err = s.DB.DB.DB.QueryRowContext(ctx, "SELECT mapping FROM intake_mapping WHERE source = $1 AND fingerprint = $2", string(source), print).Scan(&m)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return m, err
}
