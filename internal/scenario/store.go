package scenario

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// row is a scenario as it is stored.
type row struct {
	bun.BaseModel `bun:"table:scenario,alias:s"`

	ID        id.ID `bun:",pk"`
	Version   int64
	Owner     id.ID       `bun:"owner_id"`
	Region    region.Code `bun:"region_code"`
	Name      string
	List      string
	Base      id.ID      `bun:"base_version,nullzero"`
	On        civil.Date `bun:"on_day"`
	Changes   string
	Outcome   string
	Forecast  string
	RanAt     civil.Instant `bun:",nullzero"`
	CreatedAt civil.Instant
	UpdatedAt civil.Instant
}

func rowOf(s *Scenario) (*row, error) {
	changes, err := json.Marshal(s.Changes)
	if err != nil {
		return nil, err
	}
	r := &row{
		ID: s.ID, Version: s.Version, Owner: s.Owner, Region: s.Region, Name: s.Name, List: s.List, Base: s.Base, On: s.On,
		Changes: string(changes), RanAt: s.Ran, CreatedAt: s.Created, UpdatedAt: s.Updated,
	}
	if r.Outcome, err = text(s.Outcome); err != nil {
		return nil, err
	}
	r.Forecast, err = text(s.Forecast)
	return r, err
}

// text writes what may not be there yet.
func text[T any](v *T) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func (r *row) scenario() (*Scenario, error) {
	s := &Scenario{
		ID: r.ID, Version: r.Version, Owner: r.Owner, Ran: r.RanAt, Created: r.CreatedAt, Updated: r.UpdatedAt,
		Draft: Draft{Name: r.Name, Region: r.Region, List: r.List, Base: r.Base, On: r.On},
	}
	if err := json.Unmarshal([]byte(r.Changes), &s.Changes); err != nil {
		return nil, err
	}
	if r.Outcome != "" {
		s.Outcome = &Outcome{}
		if err := json.Unmarshal([]byte(r.Outcome), s.Outcome); err != nil {
			return nil, err
		}
	}
	if r.Forecast != "" {
		s.Forecast = &Forecast{}
		if err := json.Unmarshal([]byte(r.Forecast), s.Forecast); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// selectRows selects the scenarios of an owner in a scope.
func selectRows(q bun.IDB, scope access.Scope, owner id.ID, rows *[]row) *bun.SelectQuery {
	where, args := scope.Where("s.region_code")
	return q.NewSelect().Model(rows).Where(where, args...).Where("s.owner_id = ?", owner)
}

// list reads scenarios before a key (0: from the latest), without what they do.
func list(ctx context.Context, scope access.Scope, q bun.IDB, owner, before id.ID, limit int) ([]*Scenario, error) {
	var rows []row
	sel := selectRows(q, scope, owner, &rows).ExcludeColumn("outcome", "forecast").Order("s.id DESC").Limit(int64(limit))
	if before != 0 {
		sel.Where("s.id < ?", before)
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]*Scenario, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].scenario(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// find reads one.
func find(ctx context.Context, scope access.Scope, q bun.IDB, owner, which id.ID) (*Scenario, error) {
	var rows []row
	if err := selectRows(q, scope, owner, &rows).Where("s.id = ?", which).Scan(ctx); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.New(errs.NotFound, "没有这个测算方案，它可能已被删除，或者不是您的。")
	}
	return rows[0].scenario()
}

// count counts the scenarios of an owner.
func count(ctx context.Context, q bun.IDB, owner id.ID) (int64, error) {
	n, err := q.NewSelect().Model((*row)(nil)).Where("owner_id = ?", owner).Count(ctx)
	return int64(n), err
}

func insert(ctx context.Context, tx db.Tx, s *Scenario) error {
	r, err := rowOf(s)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// update writes a scenario that was read in its version.
func update(ctx context.Context, tx db.Tx, s *Scenario) error {
	read := s.Version
	s.Version++
	r, err := rowOf(s)
	if err != nil {
		return err
	}
	res, err := tx.NewUpdate().Model(r).WherePK().Where("version = ?", read).Where("owner_id = ?", s.Owner).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return errs.New(errs.Stale, "这个方案刚刚在别处改过，请重新打开再试。")
	}
	return err
}

func remove(ctx context.Context, tx db.Tx, owner, which id.ID) (found bool, err error) {
	res, err := tx.NewDelete().Model((*row)(nil)).Where("id = ?", which).Where("owner_id = ?", owner).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
