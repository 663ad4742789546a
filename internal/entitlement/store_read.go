package entitlement

import (
	"context"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/rules"
)

// visible leaves of a query what lies in the scope.
func visible(sel *bun.SelectQuery, scope access.Scope, column string) *bun.SelectQuery {
	if scope.Contains(region.Nation) {
		return sel // a condition that all meet misleads PostgreSQL
	}
	where, args := scope.Where(column)
	return sel.Where(where, args...)
}

// get reads the result of a person of the scope.
func get(ctx context.Context, scope access.Scope, q bun.IDB, who id.ID) (found *row, err error) {
	sel := visible(q.NewSelect().Where("e.person_id = ?", who), scope, "e.region_code")
	if err := scanRows(ctx, sel, func(r *row) { found = r }); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, none()
	}
	return found, nil
}

// changeRow is a row of table entitlement_change.
type changeRow struct {
	bun.BaseModel `bun:"table:entitlement_change,alias:c"`

	ID        id.ID `bun:",pk"`
	PersonID  id.ID
	Region    region.Code `bun:"region_code"`
	Kind      Kind
	Item      string
	Cause     Cause
	OnDay     civil.Date
	At        civil.Instant
	Was       rules.Truth
	IsNow     rules.Truth
	WasAmount *int64
	IsAmount  *int64
	WasReason string
	IsReason  string
	Ruling    id.ID
}

func scanChanges(ctx context.Context, sel *bun.SelectQuery, rows *[]changeRow) ([]Change, error) {
	if err := sel.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Change, len(*rows))
	for i := range *rows {
		r := &(*rows)[i]
		out[i] = Change{
			ID: r.ID, Person: r.PersonID, Region: r.Region, Kind: r.Kind, Item: r.Item, Cause: r.Cause, On: r.OnDay, At: r.At,
			Was: r.Was, Is: r.IsNow, WasAmount: r.WasAmount, IsAmount: r.IsAmount, WasReason: r.WasReason, IsReason: r.IsReason, Ruling: r.Ruling,
		}
	}
	return out, nil
}

// changesOf reads the history of a person, the oldest first.
func changesOf(ctx context.Context, scope access.Scope, q bun.IDB, who id.ID) ([]Change, error) {
	var rows []changeRow
	sel := q.NewSelect().Model(&rows).Where("c.person_id = ?", who)
	return scanChanges(ctx, visible(sel, scope, "c.region_code").Order("c.id"), &rows)
}

// changesIn reads who of a scope was given something, or lost it.
func changesIn(ctx context.Context, scope access.Scope, q bun.IDB, l *List, given bool) ([]Change, error) {
	var rows []changeRow
	sel := q.NewSelect().Model(&rows).Where("c.kind = ?", OfItem).Where("c.on_day >= ?", l.Since).Where("c.id > ?", l.After)
	if given {
		sel = sel.Where("c.is_now = ? AND c.was <> ?", rules.Yes, rules.Yes)
	} else {
		sel = sel.Where("c.was = ? AND c.is_now <> ?", rules.Yes, rules.Yes)
	}
	if l.Item != "" {
		sel = sel.Where("c.item = ?", l.Item)
	}
	return scanChanges(ctx, visible(sel, scope, "c.region_code").Order("c.id").Limit(int64(l.limit())), &rows)
}

// Count (认定人数) is how many people of a place have an item or a tag.
type Count struct {
	Region  region.Code `bun:"place"`
	Kind    Kind        // Everyone: Yes is how many people there are
	Item    string
	Yes     int
	Unknown int
}

// readCounts adds up the numbers of a scope by the first digits of the places.
func readCounts(ctx context.Context, scope access.Scope, q bun.IDB, digits int) (all []Count, err error) {
	sel := q.NewSelect().TableExpr("entitlement_count AS c").
		ColumnExpr("substr(c.region_code, 1, ?) AS place, c.kind, c.item, CAST(sum(c.yes) AS BIGINT) AS yes, CAST(sum(c.unknown) AS BIGINT) AS unknown", digits)
	sel = visible(sel, scope, "c.region_code").GroupExpr("1, 2, 3").Having("sum(c.yes) <> 0 OR sum(c.unknown) <> 0").OrderExpr("1, 2, 3")
	err = sel.Scan(ctx, &all)
	return all, err
}

// nextIn reads people of a scope to whom a birthday brings something until a day.
func nextIn(ctx context.Context, scope access.Scope, q bun.IDB, from, to civil.Date, after Foreseen, limit int) (all []*row, err error) {
	sel := q.NewSelect().Where("e.next_on > ?", from).Where("e.next_on <= ?", to)
	if after.Person != 0 {
		sel = sel.Where("(e.next_on > ? OR e.next_on = ? AND e.person_id > ?)", after.On, after.On, after.Person)
	}
	sel = visible(sel, scope, "e.region_code").Order("e.next_on", "e.person_id").Limit(int64(limit))
	err = scanRows(ctx, sel, func(r *row) { all = append(all, r) })
	return all, err
}

// missingIn reads people of a scope for whom one of some facts is missing.
func missingIn(ctx context.Context, scope access.Scope, q bun.IDB, set fact.Set, after Open, limit int) (all []*row, err error) {
	sel := q.NewSelect().Where("(e.missing & ?) <> 0", int64(set))
	if after.Person != 0 {
		sel = sel.Where("(e.region_code > ? OR e.region_code = ? AND e.person_id > ?)", string(after.Region), string(after.Region), after.Person)
	}
	sel = visible(sel, scope, "e.region_code").Order("e.region_code", "e.person_id").Limit(int64(limit))
	err = scanRows(ctx, sel, func(r *row) { all = append(all, r) })
	return all, err
}

// missingSet is how many people lack the same facts.
type missingSet struct {
	Missing fact.Set
	N       int
}

func missingSets(ctx context.Context, scope access.Scope, q bun.IDB) (all []missingSet, err error) {
	sel := q.NewSelect().TableExpr("entitlement AS e").ColumnExpr("e.missing, count(*) AS n").Where("e.missing <> 0").GroupExpr("e.missing")
	err = visible(sel, scope, "e.region_code").Scan(ctx, &all)
	return all, err
}
