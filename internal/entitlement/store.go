package entitlement

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/population"
	"yian/internal/region"
)

// subject is somebody as the register has him now.
type subject struct {
	person id.ID
	region region.Code
	state  string
	facts  fact.Person
}

const alive = "alive"

// subjectColumns are what is read of the register.
var subjectColumns = func() string {
	var b strings.Builder
	b.WriteString("p.id, p.region_code, p.state, p.birth, p.hukou, p.residence")
	for _, f := range coded {
		b.WriteString(", p." + f.String())
	}
	return b.String()
}()

// code scans the column of a coded fact.
type code struct {
	fact fact.ID
	to   *fact.Code
}

// Scan implements sql.Scanner.
func (c code) Scan(src any) error {
	*c.to = fact.Unknown
	n, known := src.(int64)
	switch {
	case src == nil:
	case !known || n < 1 || n > int64(len(c.fact.Def().Values)):
		return fmt.Errorf("column %s holds %v, which is no value of the fact", c.fact, src)
	default:
		*c.to = fact.Code(n)
	}
	return nil
}

// readSubjects reads people as the register has them, in the order of their ids.
func readSubjects(ctx context.Context, q bun.IDB, people []id.ID) ([]subject, error) {
	rows, err := q.NewSelect().TableExpr("person AS p").ColumnExpr(subjectColumns).Where("p.id IN (?)", bun.List(people)).Order("p.id").Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var (
		one              subject
		at               string
		hukou, residence sql.NullString
	)
	targets := []any{&one.person, &at, &one.state, &one.facts.Birth, &hukou, &residence}
	for _, f := range coded {
		targets = append(targets, code{f, &one.facts.Codes[f]})
	}
	out := make([]subject, 0, len(people))
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		one.region, one.facts.Hukou, one.facts.Residence = region.Code(at), region.Code(hukou.String), region.Code(residence.String)
		if _, err := population.Day(one.facts.Birth); err != nil {
			one.facts.Birth = 0 // an impossible birthday is as unknown, as the figures have it
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// place is where a person is.
type place struct {
	Person id.ID       `bun:"id"`
	Region region.Code `bun:"region_code"`
}

// inShard is the condition that a column of region codes lies in a shard.
func inShard(column string, shard region.Code) (where string, args []any) {
	if len(shard) < 6 {
		return column + " = ?", []any{string(shard)}
	}
	return column + " >= ? AND " + column + " < ?", []any{string(shard), string(shard) + ":"}
}

// placesIn lists the people of a shard after one of them, by place and id.
func placesIn(ctx context.Context, q bun.IDB, shard region.Code, after place) (all []place, err error) {
	where, args := inShard("p.region_code", shard)
	sel := q.NewSelect().TableExpr("person AS p").ColumnExpr("p.id, p.region_code").Where(where, args...)
	if err := sel.Where("p.region_code >= ?", string(after.Region)).Scan(ctx, &all); err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p place) bool { return comparePlaces(p, after) <= 0 })
	slices.SortFunc(all, comparePlaces)
	return all, nil
}

func comparePlaces(a, b place) int {
	if c := strings.Compare(string(a.Region), string(b.Region)); c != 0 {
		return c
	}
	return int(min(1, max(-1, a.Person-b.Person)))
}

// shardsOf returns the shards of people: where they are, and where their results are.
func shardsOf(ctx context.Context, q bun.IDB, people []id.ID) ([]region.Code, error) {
	var codes []region.Code
	for _, table := range [...]string{"SELECT DISTINCT region_code FROM person WHERE id IN (?)", "SELECT DISTINCT region_code FROM entitlement WHERE person_id IN (?)"} {
		var some []region.Code
		if err := q.NewRaw(table, bun.List(people)).Scan(ctx, &some); err != nil {
			return nil, err
		}
		for _, c := range some {
			codes = append(codes, shardOf(c))
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes), nil
}

const rowColumns = "e.person_id, e.region_code, e.basis, e.as_of, e.since, e.next_on, e.due_on, e.yes, e.unknown, e.amounts, e.missing, e.tags, e.tags_unknown, e.facts"

// scanRows reads stored results.
func scanRows(ctx context.Context, q *bun.SelectQuery, each func(*row)) error {
	rows, err := q.TableExpr("entitlement AS e").ColumnExpr(rowColumns).Rows(ctx)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var (
			r  row
			at string
		)
		err := rows.Scan(&r.person, &at, &r.Basis, &r.On, &r.since, &r.Next, &r.Due, &r.Yes, &r.Unknown, &r.Amounts,
			&r.Missing, &r.Tags, &r.TagsUnknown, &r.facts)
		if err != nil {
			return err
		}
		r.region = region.Code(at)
		each(&r)
	}
	return rows.Err()
}

// readRows reads the stored results of people.
func readRows(ctx context.Context, q bun.IDB, people []id.ID) (map[id.ID]*row, error) {
	all := make(map[id.ID]*row, len(people))
	err := scanRows(ctx, q.NewSelect().Where("e.person_id IN (?)", bun.List(people)), func(r *row) { all[r.person] = r })
	return all, err
}

// replace takes results away and puts others in.
func replace(ctx context.Context, tx db.Tx, gone []id.ID, rows []*row) error {
	if len(gone) > 0 {
		if _, err := tx.NewRaw("DELETE FROM entitlement WHERE person_id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	columns := strings.Split(strings.ReplaceAll(rowColumns, "e.", ""), ", ")
	_, err := tx.Bulk(ctx, "entitlement", columns, func(yield func([]any, error) bool) {
		values := make([]any, len(columns))
		for _, r := range rows {
			copy(values, []any{
				int64(r.person), string(r.region), int64(r.Basis), r.On, r.since, dayOrNull(r.Next), dayOrNull(r.Due), int64(r.Yes), int64(r.Unknown),
				r.Amounts, int64(r.Missing), int64(r.Tags), int64(r.TagsUnknown), r.facts,
			})
			if !yield(values, nil) {
				return
			}
		}
	})
	return err
}

func dayOrNull(d civil.Date) any {
	if d == 0 {
		return nil
	}
	return d
}

// addChanges writes history.
func addChanges(ctx context.Context, tx db.Tx, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	columns := []string{
		"id", "person_id", "region_code", "kind", "item", "cause", "on_day", "at", "was", "is_now", "was_amount", "is_amount",
		"was_reason", "is_reason", "ruling",
	}
	_, err := tx.Bulk(ctx, "entitlement_change", columns, func(yield func([]any, error) bool) {
		for i := range changes {
			c := &changes[i]
			values := []any{
				int64(c.ID), int64(c.Person), string(c.Region), string(c.Kind), c.Item, string(c.Cause), c.On, int64(c.At), int64(c.Was), int64(c.Is),
				fenOrNull(c.WasAmount), fenOrNull(c.IsAmount), c.WasReason, c.IsReason, int64(c.Ruling),
			}
			if !yield(values, nil) {
				return
			}
		}
	})
	return err
}

func fenOrNull(a *int64) any {
	if a == nil {
		return nil
	}
	return *a
}

// ended tells who of some people had results before.
func ended(ctx context.Context, q bun.IDB, people []id.ID) (map[id.ID]bool, error) {
	if len(people) == 0 {
		return nil, nil
	}
	var some []id.ID
	err := q.NewRaw("SELECT DISTINCT person_id FROM entitlement_change WHERE person_id IN (?) AND cause = ?", bun.List(people), End).Scan(ctx, &some)
	all := make(map[id.ID]bool, len(some))
	for _, one := range some {
		all[one] = true
	}
	return all, err
}

// basisRow is a row of table entitlement_basis.
type basisRow struct {
	bun.BaseModel `bun:"table:entitlement_basis,alias:b"`

	ID     id.ID `bun:",pk"`
	Ruling id.ID
	Items  string
	Cash   int64
}

// addBasis stores a basis unless it is there, which it tells.
func addBasis(ctx context.Context, tx db.Tx, b *Basis) (there bool, err error) {
	r := &basisRow{ID: b.ID, Ruling: b.Ruling, Items: strings.Join(b.Items, " "), Cash: int64(b.Cash)}
	result, err := tx.NewInsert().Model(r).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 0, err
}

// readBasis reads a basis that results were stored with.
func readBasis(ctx context.Context, q bun.IDB, which id.ID) (*Basis, error) {
	var r basisRow
	if err := q.NewSelect().Model(&r).Where("b.id = ?", which).Scan(ctx); err != nil {
		return nil, fmt.Errorf("basis %s: %w", which, err)
	}
	b := &Basis{ID: r.ID, Ruling: r.Ruling, Items: strings.Fields(r.Items), Cash: Bits(r.Cash)}
	b.index()
	return b, nil
}
