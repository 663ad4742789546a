package account

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
)

type organisationRow struct {
	bun.BaseModel `bun:"table:organisation,alias:o"`

	ID      id.ID         `bun:",pk"`
	Version int64         `bun:"version"`
	Parent  id.ID         `bun:"parent_id,nullzero"`
	Kind    Kind          `bun:"kind"`
	Name    string        `bun:"name"`
	Region  region.Code   `bun:"region_code"`
	Created civil.Instant `bun:"created_at"`
}

func (r *organisationRow) organisation() Organisation {
	return Organisation{ID: r.ID, Version: r.Version, Parent: r.Parent, Kind: r.Kind, Name: r.Name, Region: r.Region, Created: r.Created}
}

func rowOf(o *Organisation) *organisationRow {
	return &organisationRow{ID: o.ID, Version: o.Version, Parent: o.Parent, Kind: o.Kind, Name: o.Name, Region: o.Region, Created: o.Created}
}

func selectOrganisations(scope access.Scope, q reader, rows any) *bun.SelectQuery {
	where, args := scope.Where("o.region_code")
	return q.NewSelect().Model(rows).Where(where, args...)
}

func (st store) organisation(ctx context.Context, scope access.Scope, q reader, organisation id.ID) (*Organisation, error) {
	return oneOrganisation(ctx, selectOrganisations(scope, q, (*organisationRow)(nil)).Where("o.id = ?", organisation))
}

func (st store) organisationByName(ctx context.Context, scope access.Scope, q reader, c region.Code, name string) (*Organisation, error) {
	return oneOrganisation(ctx, selectOrganisations(scope, q, (*organisationRow)(nil)).Where("o.region_code = ?", c).Where("o.name = ?", name))
}

func oneOrganisation(ctx context.Context, q *bun.SelectQuery) (*Organisation, error) {
	var row organisationRow
	if err := q.Scan(ctx, &row); errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("个单位")
	} else if err != nil {
		return nil, err
	}
	o := row.organisation()
	return &o, nil
}

// insertOrganisation is false where the region has one of that name already.
func (st store) insertOrganisation(ctx context.Context, tx db.Tx, o *Organisation) (bool, error) {
	res, err := tx.NewInsert().Model(rowOf(o)).On("CONFLICT (region_code, name) DO NOTHING").Exec(ctx)
	return affected(res, err)
}

// updateOrganisation is false where the region has another one of that name.
func (st store) updateOrganisation(ctx context.Context, tx db.Tx, o *Organisation) (bool, error) {
	taken, err := tx.NewSelect().Model((*organisationRow)(nil)).
		Where("o.region_code = ?", o.Region).Where("o.name = ?", o.Name).Where("o.id <> ?", o.ID).Exists(ctx)
	if err != nil || taken {
		return false, err
	}
	row := rowOf(o)
	row.Version++
	res, err := tx.NewUpdate().Model(row).ExcludeColumn("id", "created_at").WherePK().Where("version = ?", o.Version).Exec(ctx)
	if ok, err := affected(res, err); err != nil || !ok {
		return false, errors.Join(err, stale())
	}
	o.Version++
	return true, nil
}

// OrganisationQuery (单位查询) says which organisations a page lists, by region.
type OrganisationQuery struct {
	Text          string // part of the name
	Kind          Kind
	After, Before *OrganisationKey
	Limit         int
}

// OrganisationKey (翻页位置) is where a page of organisations begins or ends.
type OrganisationKey struct {
	Region region.Code
	ID     id.ID
}

// OrganisationPage (单位列表) is a page of organisations.
type OrganisationPage struct {
	Organisations  []Organisation
	Parents        map[id.ID]string // names of those above them
	Previous, Next *OrganisationKey
}

func (st store) organisations(ctx context.Context, scope access.Scope, q OrganisationQuery) (OrganisationPage, error) {
	limit := max(1, min(q.Limit, 1000))
	var rows []organisationRow
	s := selectOrganisations(scope, st.db, &rows).Limit(int64(limit + 1))
	if q.Text != "" {
		s = s.Where(`lower(o.name) LIKE lower(?) ESCAPE '~'`, contains(q.Text))
	}
	if q.Kind != "" {
		s = s.Where("o.kind = ?", q.Kind)
	}
	switch {
	case q.Before != nil:
		s = s.Where("(o.region_code, o.id) < (?, ?)", q.Before.Region, q.Before.ID).Order("o.region_code DESC", "o.id DESC")
	case q.After != nil:
		s = s.Where("(o.region_code, o.id) > (?, ?)", q.After.Region, q.After.ID).Order("o.region_code", "o.id")
	default:
		s = s.Order("o.region_code", "o.id")
	}
	if err := s.Scan(ctx); err != nil {
		return OrganisationPage{}, err
	}
	more := len(rows) > limit
	rows = rows[:min(limit, len(rows))]
	if q.Before != nil {
		slices.Reverse(rows)
	}
	p := OrganisationPage{Organisations: make([]Organisation, len(rows))}
	for i := range rows {
		p.Organisations[i] = rows[i].organisation()
	}
	if n := len(rows); n > 0 {
		if q.After != nil || q.Before != nil && more {
			p.Previous = &OrganisationKey{rows[0].Region, rows[0].ID}
		}
		if q.Before != nil || more {
			p.Next = &OrganisationKey{rows[n-1].Region, rows[n-1].ID}
		}
	}
	return p, st.addParents(ctx, &p)
}

// addParents fills in the names of the organisations above those of a page. A name
// above one's own scope is no secret: it stands on every letterhead.
func (st store) addParents(ctx context.Context, p *OrganisationPage) error {
	var above []id.ID
	for _, o := range p.Organisations {
		if o.Parent != 0 {
			above = append(above, o.Parent)
		}
	}
	p.Parents = map[id.ID]string{}
	if len(above) == 0 {
		return nil
	}
	var rows []organisationRow
	if err := st.db.NewSelect().Model(&rows).Column("id", "name").Where("o.id IN (?)", bun.List(above)).Scan(ctx); err != nil {
		return err
	}
	for _, r := range rows {
		p.Parents[r.ID] = r.Name
	}
	return nil
}

// root is what the least and the greatest code have in common, up to a whole level.
func (st store) root(ctx context.Context) (region.Code, error) {
	var low, high sql.NullString
	err := st.db.NewSelect().Model((*organisationRow)(nil)).ColumnExpr("min(o.region_code), max(o.region_code)").Scan(ctx, &low, &high)
	if err != nil {
		return region.Nation, err
	}
	root := region.Nation
	for _, n := range []int{2, 4, 6, 9, 12} {
		if len(low.String) >= n && len(high.String) >= n && low.String[:n] == high.String[:n] {
			root = region.Code(low.String[:n])
		}
	}
	return root, nil
}
