package filter

import (
	"context"

	"github.com/uptrace/bun"

	"yian/internal/db"
	"yian/internal/id"
)

// row is a search as it is stored.
type row struct {
	bun.BaseModel `bun:"table:person_filter"`

	ID    id.ID  `bun:",pk"`
	User  id.ID  `bun:"user_id"`
	Name  string `bun:"name"`
	Query string `bun:"query"`
}

// store reads by the user, whose own all of it is.
type store struct{ db *db.DB }

func (st store) of(ctx context.Context, user id.ID) ([]Filter, error) {
	var rows []row
	if err := st.db.NewSelect().Model(&rows).Where("user_id = ?", user).Order("name").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Filter, len(rows))
	for i, r := range rows {
		out[i] = Filter{ID: r.ID, Name: r.Name, Query: r.Query}
	}
	return out, nil
}

// keep stores a search and returns how many the user has.
func (st store) keep(ctx context.Context, tx db.Tx, r row) (int, error) {
	_, err := tx.NewInsert().Model(&r).On("CONFLICT (user_id, name) DO UPDATE").Set("query = EXCLUDED.query").Returning("NULL").Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := tx.NewSelect().Model((*row)(nil)).Where("user_id = ?", r.User).Count(ctx)
	return int(n), err
}

func (st store) drop(ctx context.Context, tx db.Tx, user, filter id.ID) (found bool, err error) {
	res, err := tx.NewDelete().Model((*row)(nil)).Where("id = ? AND user_id = ?", filter, user).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
