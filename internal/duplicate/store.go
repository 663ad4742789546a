package duplicate

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// pairRow is a row of table person_pair.
type pairRow struct {
	bun.BaseModel `bun:"table:person_pair,alias:d"`

	ID        id.ID `bun:",pk"`
	Version   int64
	Region    region.Code `bun:"region_code"`
	Low       id.ID
	High      id.ID
	Reason    Reason
	State     State
	FoundAt   civil.Instant
	SettledAt civil.Instant `bun:",nullzero"`
	SettledBy id.ID         `bun:",nullzero"`
	Note      string
	Undo      []byte // encrypted person.Joined, of a merged pair
}

// selectPairs selects pairs of the scope.
func selectPairs(q bun.IDB, scope access.Scope, rows *[]pairRow) *bun.SelectQuery {
	where, args := scope.Where("d.region_code")
	return q.NewSelect().Model(rows).Where(where, args...)
}

// pairs reads pairs in a state after a key, the oldest first.
func pairs(ctx context.Context, scope access.Scope, q bun.IDB, state State, after id.ID, limit int) (rows []pairRow, err error) {
	err = selectPairs(q, scope, &rows).Where("d.state = ?", state).Where("d.id > ?", after).
		Order("d.id").Limit(int64(max(1, min(limit, 200)))).Scan(ctx)
	return rows, err
}

// pairsOf reads the pairs of people in a state.
func pairsOf(ctx context.Context, scope access.Scope, q bun.IDB, state State, people []id.ID) (rows []pairRow, err error) {
	if len(people) == 0 {
		return nil, nil
	}
	err = selectPairs(q, scope, &rows).Where("d.state = ?", state).
		Where("(d.low IN (?) OR d.high IN (?))", bun.List(people), bun.List(people)).Order("d.id").Scan(ctx)
	return rows, err
}

// pair reads one pair.
func pair(ctx context.Context, scope access.Scope, q bun.IDB, which id.ID) (*pairRow, error) {
	var rows []pairRow
	if err := selectPairs(q, scope, &rows).Where("d.id = ?", which).Scan(ctx); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.New(errs.NotFound, "没有这对疑似重复的档案，或者它们不都在您的管理范围内。")
	}
	return &rows[0], nil
}

// insert adds pairs but for those that were found before, and returns how many it added.
func insert(ctx context.Context, tx db.Tx, rows []*pairRow) (n int64, err error) {
	for part := range slices.Chunk(rows, 500) {
		result, err := tx.NewInsert().Model(&part).On("CONFLICT (low, high) DO NOTHING").Exec(ctx)
		if err != nil {
			return n, err
		}
		added, err := result.RowsAffected()
		if err != nil {
			return n, err
		}
		n += added
	}
	return n, nil
}

// update writes a pair in the place of the version it was read in.
func update(ctx context.Context, tx db.Tx, r *pairRow) error {
	was := r.Version
	r.Version++
	result, err := tx.NewUpdate().Model(r).WherePK().Where("version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return stale()
}

func stale() error {
	return errs.New(errs.Stale, "这对档案刚刚被别人处理过，您的操作没有生效。请刷新后再看。")
}

// mark is up to which person everybody has been compared.
type mark struct {
	bun.BaseModel `bun:"table:person_pair_mark"`

	ID     int64 `bun:",pk"`
	Person id.ID
}

// readMark returns up to which person everybody has been compared, and the last person there is.
func readMark(ctx context.Context, d *db.DB) (done, last id.ID, err error) {
	err = d.NewSelect().
		ColumnExpr("COALESCE((SELECT max(person) FROM person_pair_mark), 0) AS done").
		ColumnExpr("COALESCE((SELECT max(id) FROM person), 0) AS last").Scan(ctx, &done, &last)
	return done, last, err
}

func writeMark(ctx context.Context, tx db.Tx, last id.ID) error {
	_, err := tx.NewInsert().Model(&mark{ID: 1, Person: last}).
		On("CONFLICT (id) DO UPDATE").Set("person = EXCLUDED.person").Exec(ctx)
	return err
}
