package person

import (
	"context"
	"fmt"
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

// find selects what a query finds of people p in the scope.
//
// Which index is the best depends on how large the region is, which SQLite does not
// know: it keeps no histograms. So a column by which it is not to go is put into a cast,
// which it takes for an expression; PostgreSQL, which knows, sees through it.
func (q *Query) find(sel *bun.SelectQuery, scope access.Scope, on civil.Date) *bun.SelectQuery {
	if q.Region != "" {
		scope = scope.Narrow(q.Region)
	}
	where, text := "p.region_code", "p.%s"
	switch size := smallest(scope.Regions()); {
	case q.NumberIndex != nil || q.PhoneIndex != nil:
		where = "CAST(p.region_code AS TEXT)"
	case q.Name == "" && q.Initials == "":
		if q.order() != ByRegion && size < townDigits {
			where = "CAST(p.region_code AS TEXT)"
		}
	case size < townDigits:
		where = "CAST(p.region_code AS TEXT)"
	default:
		text = "CAST(p.%s AS TEXT)"
	}
	if !scope.Contains(region.Nation) {
		condition, args := scope.Where(where)
		sel = sel.Where(condition, args...)
	}
	if q.Name != "" {
		sel = prefix(sel, fmt.Sprintf(text, "name"), q.Name)
	}
	if q.Initials != "" {
		sel = prefix(sel, fmt.Sprintf(text, "initials"), q.Initials)
	}
	return q.where(sel, on)
}

// townDigits is the length of the codes of towns, whose people are few.
const townDigits = 9

// smallest is the length of the shortest code: that of the largest region.
func smallest(regions []region.Code) int {
	n := townDigits
	for _, r := range regions {
		n = min(n, len(r))
	}
	return n
}

// where adds the other conditions of a query to a selection of people p.
func (q *Query) where(sel *bun.SelectQuery, on civil.Date) *bun.SelectQuery {
	if q.NumberIndex != nil {
		// A number of a file that was merged finds the file that was kept.
		sel = sel.Where("(p.number_index = ? OR p.id = (SELECT g.merged_into FROM person AS g WHERE g.number_index = ?))",
			q.NumberIndex, q.NumberIndex)
	}
	if q.PhoneIndex != nil {
		sel = sel.Where("p.id IN (SELECT t.person_id FROM person_phone AS t WHERE t.phone_index = ?)", q.PhoneIndex)
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
	case q.State == "" || q.State == Alive:
		sel = sel.Where("p.state = ?", Alive)
	default: // the others are few and have an index
		sel = sel.Where("p.state = ? AND p.state <> 'alive'", q.State)
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

// prefix adds the condition that a text of {key} begins with another.
func prefix(sel *bun.SelectQuery, column, text string) *bun.SelectQuery {
	return sel.Where(column+" >= ? AND "+column+" < ?", text, text+"\U0010FFFF")
}

// orders are the columns of each sort; each has an index.
var orders = map[Sort][]string{
	ByRegion:   {"region_code", "name", "id"},
	ByName:     {"name", "region_code", "id"},
	ByInitials: {"initials", "region_code", "id"},
	ByAge:      {"birth", "region_code", "id"},
}

// order returns the sort of the query.
func (q *Query) order() Sort {
	switch {
	case orders[q.Sort] != nil:
		return q.Sort
	case q.Name != "":
		return ByName
	case q.Initials != "":
		return ByInitials
	}
	return ByRegion
}

// part is a stretch of a list in which the columns that it is sorted by are known.
type part struct {
	condition string // what sets it apart
	columns   []string
}

// parts are the stretches of the list: by age, those without a birth come last.
func (q *Query) parts() []part {
	if o := q.order(); o != ByAge {
		return []part{{"", orders[o]}}
	}
	return []part{{"p.birth IS NOT NULL", orders[ByAge]}, {"p.birth IS NULL", orders[ByAge][1:]}}
}

// list reads a page; more tells whether there is another one in the direction.
func list(ctx context.Context, d *db.DB, scope access.Scope, q *Query, on civil.Date) (rows []*row, more bool, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 1000)
	parts, backwards := q.parts(), q.Before != "" && q.After == ""
	var key *row
	if at := q.After + q.Before; at != "" {
		if key, err = keyRow(ctx, d, scope, at); err != nil {
			return nil, false, err
		}
		switch known := key.facts.Birth != 0; { // the part of the key, and those beyond it
		case len(parts) == 1:
		case known && backwards:
			parts = parts[:1]
		case !known && !backwards:
			parts = parts[1:]
		}
	}
	if backwards {
		slices.Reverse(parts)
	}
	for i, p := range parts {
		sel := q.find(d.NewSelect().TableExpr("person AS p").ColumnExpr(columnList), scope, on)
		if i > 0 {
			key = nil // of the part before
		}
		some, err := scan(ctx, p.page(sel, key, backwards).Limit(int64(limit+1-len(rows))))
		if err != nil {
			return nil, false, err
		}
		if rows = append(rows, some...); len(rows) > limit {
			break
		}
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	if backwards {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

// page adds the order of a part, and that rows come beyond the row of key.
func (p part) page(sel *bun.SelectQuery, key *row, backwards bool) *bun.SelectQuery {
	direction, than := " ASC", ">"
	if backwards {
		direction, than = " DESC", "<"
	}
	if p.condition != "" {
		sel = sel.Where(p.condition)
	}
	for _, c := range p.columns {
		sel = sel.OrderExpr("p." + c + direction)
	}
	if key == nil {
		return sel
	}
	values := make([]any, len(p.columns))
	for i, c := range p.columns {
		values[i] = key.column(c)
	}
	return sel.Where("(p."+strings.Join(p.columns, ", p.")+") "+than+" (?)", bun.List(values))
}

// column returns the value of a column that lists are sorted by.
func (r *row) column(name string) any {
	switch name {
	case "region_code":
		return string(r.region)
	case "name":
		return r.name
	case "initials":
		return r.initials
	case "birth":
		return r.facts.Birth
	default:
		return int64(r.id)
	}
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
	inner := q.find(d.NewSelect().TableExpr("person AS p").ColumnExpr("1 AS one"), scope, on).Limit(int64(limit))
	err = d.NewSelect().TableExpr("(?) AS f", inner).ColumnExpr("count(*)").Scan(ctx, &n)
	return n, err
}

// alike reads others of the same name and birth, or the same initials and a number near.
func alike(ctx context.Context, d *db.DB, scope access.Scope, one *Likeness, near [][]byte, limit int) ([]*row, error) {
	return scan(ctx, selectRows(d, scope).Where("p.id <> ?", one.ID).Where("p.state <> ?", Merged).Limit(int64(limit)).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			if one.Birth != 0 {
				q = q.Where("p.name = ? AND p.birth = ?", one.Name, one.Birth)
			} else {
				q = q.Where("1 = 0")
			}
			if len(near) > 0 {
				q = q.WhereOr("p.number_index IN (?) AND p.initials = ?", bun.List(near), one.Initials)
			}
			return q
		}))
}
