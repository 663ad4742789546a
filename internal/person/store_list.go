package person

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
)

// where adds the conditions of a query to a selection from person AS p.
func (q *Query) where(sel *bun.SelectQuery, on civil.Date) *bun.SelectQuery {
	if q.Name != "" {
		sel = prefix(sel, "p.name", q.Name)
	}
	if q.Initials != "" {
		sel = prefix(sel, "p.initials", q.Initials)
	}
	if q.NumberIndex != nil {
		// A number of a file that was merged finds the file that was kept.
		sel = sel.Where("(p.number_index = ? OR p.id = (SELECT g.merged_into FROM person AS g WHERE g.number_index = ?))",
			q.NumberIndex, q.NumberIndex)
	}
	if q.PhoneIndex != nil {
		sel = sel.Where("p.id IN (SELECT t.person_id FROM person_phone AS t WHERE t.phone_index = ?)", q.PhoneIndex)
	}
	if q.Region != "" {
		sel = within(sel, "p.region_code", q.Region)
	}
	if q.AgeFrom > 0 {
		sel = sel.Where("p.birth <= ?", civil.LatestBirth(q.AgeFrom, on))
	}
	if q.AgeTo > 0 {
		sel = sel.Where("p.birth > ?", civil.LatestBirth(q.AgeTo+1, on))
	}
	switch {
	case q.AnyState:
		sel = sel.Where("p.state <> ?", Merged)
	case q.State == "":
		sel = sel.Where("p.state = ?", Alive)
	default:
		sel = sel.Where("p.state = ?", q.State)
	}
	for f := range fact.Count {
		if len(q.Facts[f]) > 0 {
			sel = q.whereFact(sel, f)
		}
	}
	return sel
}

// whereFact adds the condition that a fact has one of the values.
func (q *Query) whereFact(sel *bun.SelectQuery, f fact.ID) *bun.SelectQuery {
	column := "p." + f.String()
	return sel.WhereGroup(" AND ", func(sel *bun.SelectQuery) *bun.SelectQuery {
		sel = sel.Where("1 = 0")
		for _, text := range q.Facts[f] {
			switch {
			case text == Unknown:
				sel = sel.WhereOr("? IS NULL", bun.Ident(column))
			case f.Def().Kind == fact.Region:
				sel = sel.WhereOr("? >= ? AND ? < ?", bun.Ident(column), text, bun.Ident(column), text+":")
			case f == fact.Birth:
				sel = sel.WhereOr("? = ?", bun.Ident(column), text)
			default:
				c, _ := f.CodeOf(text)
				sel = sel.WhereOr("? = ?", bun.Ident(column), int(c))
			}
		}
		return sel
	})
}

// prefix adds the condition that a column of {key} begins with a text.
func prefix(sel *bun.SelectQuery, column, text string) *bun.SelectQuery {
	return sel.Where("? >= ? AND ? < ?", bun.Ident(column), text, bun.Ident(column), text+"\U0010FFFF")
}

// within adds the condition that a column of region codes lies in a region.
func within(sel *bun.SelectQuery, column string, outer region.Code) *bun.SelectQuery {
	return sel.Where("? >= ? AND ? < ?", bun.Ident(column), outer, bun.Ident(column), outer+":")
}

// order is a sort as SQL.
type order struct {
	columns []string // not NULL, but for the birth
	nulls   bool     // the first column may be NULL: those come last
}

var orders = map[Sort]order{
	ByRegion:   {columns: []string{"p.region_code", "p.name", "p.id"}},
	ByName:     {columns: []string{"p.name", "p.id"}},
	ByInitials: {columns: []string{"p.initials", "p.id"}},
	ByAge:      {columns: []string{"p.birth", "p.id"}, nulls: true},
}

// sort returns the order of the query.
func (q *Query) sort() order {
	if o, ok := orders[q.Sort]; ok {
		return o
	}
	switch {
	case q.Name != "":
		return orders[ByName]
	case q.Initials != "":
		return orders[ByInitials]
	}
	return orders[ByRegion]
}

// by adds the order, or the opposite one.
func (o order) by(sel *bun.SelectQuery, backwards bool) *bun.SelectQuery {
	direction, nulls := "ASC", " NULLS LAST"
	if backwards {
		direction, nulls = "DESC", " NULLS FIRST"
	}
	for i, c := range o.columns {
		text := c + " " + direction
		if i == 0 && o.nulls {
			text += nulls
		}
		sel = sel.OrderExpr(text)
	}
	return sel
}

// beyond adds the condition that a row comes after the row of key, or before it.
func (o order) beyond(sel *bun.SelectQuery, key *row, backwards bool) *bun.SelectQuery {
	than := ">"
	if backwards {
		than = "<"
	}
	if !o.nulls {
		values := make([]any, len(o.columns))
		for i, c := range o.columns {
			values[i] = key.column(c)
		}
		return sel.Where("("+strings.Join(o.columns, ", ")+") "+than+" (?)", bun.List(values))
	}
	switch birth := key.facts.Birth; {
	case birth == 0 && backwards:
		return sel.Where("(p.birth IS NOT NULL OR p.id < ?)", key.id)
	case birth == 0:
		return sel.Where("p.birth IS NULL AND p.id > ?", key.id)
	case backwards:
		return sel.Where("(p.birth, p.id) < (?, ?)", birth, key.id)
	default:
		return sel.Where("((p.birth, p.id) > (?, ?) OR p.birth IS NULL)", birth, key.id)
	}
}

// column returns the value of a column that lists are sorted by.
func (r *row) column(name string) any {
	switch name {
	case "p.region_code":
		return string(r.region)
	case "p.name":
		return r.name
	case "p.initials":
		return r.initials
	default:
		return int64(r.id)
	}
}

// list reads a page; more tells whether there is another one in the direction.
func list(ctx context.Context, d *db.DB, scope access.Scope, q *Query, on civil.Date) (rows []*row, more bool, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 1000)
	sel, o := q.where(selectRows(d, scope), on), q.sort()
	backwards := q.Before != "" && q.After == ""
	if at := q.After + q.Before; at != "" {
		key, err := keyRow(ctx, d, scope, at)
		if err != nil {
			return nil, false, err
		}
		sel = o.beyond(sel, key, backwards)
	}
	rows, err = scan(ctx, o.by(sel, backwards).Limit(int64(limit)+1))
	if err != nil {
		return nil, false, err
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	if backwards {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

// keyRow finds the row that a page begins after: its id stands in the address, so
// that no name does.
func keyRow(ctx context.Context, d *db.DB, scope access.Scope, text string) (*row, error) {
	if key, err := id.Parse(text); err == nil {
		r, err := get(ctx, d, scope, key)
		if err == nil || !errs.Is(err, errs.NotFound) {
			return r, err
		}
	}
	return nil, errs.New(errs.Invalid, "翻页的位置已经失效，请从第一页重新查看。")
}

// count counts what a query finds, up to a limit.
func count(ctx context.Context, d *db.DB, scope access.Scope, q *Query, on civil.Date, limit int) (n int, err error) {
	inner := q.where(visible(d.NewSelect().TableExpr("person AS p").ColumnExpr("1 AS one"), scope), on).Limit(int64(limit))
	err = d.NewSelect().TableExpr("(?) AS f", inner).ColumnExpr("count(*)").Scan(ctx, &n)
	return n, err
}
