package entitlement

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
)

// shardRow is a row of table entitlement_shard.
type shardRow struct {
	bun.BaseModel `bun:"table:entitlement_shard,alias:s"`

	Region      region.Code `bun:"region_code,pk"`
	Lists       int64
	Running     bool
	AfterRegion region.Code
	AfterID     id.ID
	LeaseUntil  civil.Instant
}

// after is up to whom the shard was gone through.
func (r *shardRow) after() place { return place{Person: r.AfterID, Region: r.AfterRegion} }

// lockShards locks shards in the order of their codes, making those that are not there.
func lockShards(ctx context.Context, tx db.Tx, shards []region.Code) (rows []shardRow, err error) {
	if len(shards) == 0 {
		return nil, nil
	}
	read := func() error {
		rows = nil
		return db.ForUpdate(tx.NewSelect().Model(&rows).Where("s.region_code IN (?)", bun.List(shards)).Order("s.region_code")).Scan(ctx)
	}
	if err := read(); err != nil || len(rows) == len(shards) {
		return rows, err
	}
	var missing []shardRow
	for _, c := range shards {
		if !slices.ContainsFunc(rows, func(r shardRow) bool { return r.Region == c }) {
			missing = append(missing, shardRow{Region: c})
		}
	}
	if _, err := tx.NewInsert().Model(&missing).On("CONFLICT (region_code) DO NOTHING").Exec(ctx); err != nil {
		return nil, err
	}
	return rows, read()
}

// saveShard writes a shard that is locked.
func saveShard(ctx context.Context, tx db.Tx, r *shardRow) error {
	_, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx)
	return err
}

// allShards reads all shards.
func allShards(ctx context.Context, q bun.IDB) (rows []shardRow, err error) {
	err = q.NewSelect().Model(&rows).Order("s.region_code").Scan(ctx)
	return rows, err
}

// peopledShards returns the shards in which anybody is registered.
func peopledShards(ctx context.Context, q bun.IDB) (codes []region.Code, err error) {
	err = q.NewRaw("SELECT DISTINCT substr(region_code, 1, 6) AS code FROM person").Scan(ctx, &codes)
	slices.Sort(codes)
	return codes, err
}

// touch is a row of table entitlement_touch.
type touch struct {
	bun.BaseModel `bun:"table:entitlement_touch,alias:t"`

	ID     id.ID       `bun:",pk"`
	Region region.Code `bun:"region_code"`
	At     civil.Instant
}

func addTouches(ctx context.Context, tx db.Tx, rows []touch) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// touched returns the shards that were touched, and when the last time.
func touched(ctx context.Context, q bun.IDB) (all []touch, err error) {
	err = q.NewRaw("SELECT region_code, max(at) AS at FROM entitlement_touch GROUP BY region_code ORDER BY region_code").Scan(ctx, &all)
	return all, err
}

// takeTouches takes the touches of a shard away and reports whether there were any.
// Those of transactions that are not committed yet stay.
func takeTouches(ctx context.Context, tx db.Tx, shard region.Code) (bool, error) {
	result, err := tx.NewRaw("DELETE FROM entitlement_touch WHERE region_code = ?", string(shard)).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// dueOf returns people whose day has come, the first days first: the index has that
// order, and another would have the whole table read.
func dueOf(ctx context.Context, q bun.IDB, today civil.Date, limit int) (people []id.ID, err error) {
	err = q.NewRaw("SELECT person_id FROM entitlement WHERE due_on <= ? ORDER BY due_on LIMIT ?", today, limit).Scan(ctx, &people)
	return people, err
}
