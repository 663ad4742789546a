package person

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/secret"
)

// row is a row of table person.
type row struct {
	id          id.ID
	version     int64
	region      region.Code
	name        string
	initials    string
	document    string // code of the kind
	number      []byte // encrypted
	numberIndex []byte
	details     []byte // encrypted
	lon, lat    sql.NullInt64
	state       State
	stateOn     civil.Date
	stateSource history.Source
	mergedInto  id.ID
	turnOn      civil.Date
	created     civil.Instant
	updated     civil.Instant
	facts       fact.Person
	seal        []byte
}

// columns are those of table person in the order of row.values; facts have columns of
// their names.
var columns = func() []string {
	c := []string{
		"id", "version", "region_code", "name", "initials", "document", "number", "number_index", "details", "lon", "lat",
		"state", "state_on", "state_source", "merged_into", "turn_on", "created_at", "updated_at",
	}
	for f := range fact.Count {
		c = append(c, f.String())
	}
	return append(c, "seal")
}()

// columnList names the columns of alias p for a SELECT.
var columnList = "p." + strings.Join(columns, ", p.")

// values appends the values of the columns, for an INSERT or UPDATE.
func (r *row) values(dst []any) []any {
	dst = append(dst, int64(r.id), r.version, string(r.region), r.name, r.initials, r.document, orNull(r.number),
		orNull(r.numberIndex), orNull(r.details), nullInt(r.lon), nullInt(r.lat), string(r.state), r.stateOn,
		string(r.stateSource), idOrNull(r.mergedInto), r.turnOn, int64(r.created), int64(r.updated))
	for f := range fact.Count {
		switch {
		case !r.facts.Known(f):
			dst = append(dst, nil)
		case f == fact.Birth:
			dst = append(dst, r.facts.Birth)
		case f.Coded():
			dst = append(dst, int64(r.facts.Codes[f]))
		default:
			dst = append(dst, string(r.facts.Region(f)))
		}
	}
	return append(dst, r.seal)
}

func orNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

func nullInt(n sql.NullInt64) any {
	if !n.Valid {
		return nil
	}
	return n.Int64
}

func idOrNull(i id.ID) any {
	if i == 0 {
		return nil
	}
	return int64(i)
}

// targets returns where a row of a SELECT of columnList is scanned to.
func (r *row) targets() []any {
	t := []any{
		&r.id, &r.version, &r.region, &r.name, &r.initials, &r.document, &r.number, &r.numberIndex, &r.details,
		&r.lon, &r.lat, &r.state, &r.stateOn, &r.stateSource, (*nullID)(&r.mergedInto), &r.turnOn, &r.created, &r.updated,
	}
	for f := range fact.Count {
		t = append(t, factTarget{&r.facts, f})
	}
	return append(t, &r.seal)
}

// nullID scans NULL as no row.
type nullID id.ID

// Scan implements sql.Scanner.
func (n *nullID) Scan(src any) error {
	var v sql.NullInt64
	if err := v.Scan(src); err != nil {
		return err
	}
	*n = nullID(v.Int64)
	return nil
}

// factTarget scans the column of a fact.
type factTarget struct {
	facts *fact.Person
	fact  fact.ID
}

// Scan implements sql.Scanner.
func (t factTarget) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		t.facts.Forget(t.fact)
	case int64:
		if !t.fact.Coded() || v < 1 || v > int64(len(t.fact.Def().Values)) {
			return fmt.Errorf("column %s holds %d, which is no value of the fact", t.fact, v)
		}
		t.facts.Codes[t.fact] = fact.Code(v)
	case string:
		return t.text(v)
	case []byte:
		return t.text(string(v))
	case time.Time:
		return t.facts.Birth.Scan(v)
	default:
		return fmt.Errorf("column %s holds a %T", t.fact, src)
	}
	return nil
}

func (t factTarget) text(v string) error {
	switch t.fact {
	case fact.Birth:
		return t.facts.Birth.Scan(v)
	case fact.Hukou:
		t.facts.Hukou = region.Code(v)
	case fact.Residence:
		t.facts.Residence = region.Code(v)
	default:
		return fmt.Errorf("column %s holds text", t.fact)
	}
	return nil
}

// append appends all columns but the seal in a form that two different rows never
// share: it is what the seal is over.
func (r *row) append(b []byte) []byte {
	b = appendInt(b, int64(r.id))
	b = appendInt(b, r.version)
	for _, s := range [...]string{string(r.region), r.name, r.initials, r.document} {
		b = appendText(b, s)
	}
	for _, s := range [...][]byte{r.number, r.numberIndex, r.details} {
		b = appendBytes(b, s)
	}
	for _, n := range [...]sql.NullInt64{r.lon, r.lat} {
		b = append(b, map[bool]byte{true: 1}[n.Valid])
		b = appendInt(b, n.Int64)
	}
	b = appendText(b, string(r.state))
	b = appendInt(b, int64(r.stateOn))
	b = appendText(b, string(r.stateSource))
	for _, n := range [...]int64{int64(r.mergedInto), int64(r.turnOn), int64(r.created), int64(r.updated), int64(r.facts.Birth)} {
		b = appendInt(b, n)
	}
	b = appendText(b, string(r.facts.Hukou))
	b = appendText(b, string(r.facts.Residence))
	return append(b, r.facts.Codes[:]...)
}

func appendInt(b []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(v))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendBytes tells NULL from empty.
func appendBytes(b, s []byte) []byte {
	if s == nil {
		return append(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(s))+1), s...)
}

// none is the answer for files that are not there, and for those of others.
func none() error {
	return errs.New(errs.NotFound, "没有这份档案，或者它不在您的管理范围内。")
}

// selectRows selects whole rows of the scope.
func selectRows(q bun.IDB, scope access.Scope) *bun.SelectQuery {
	return visible(q.NewSelect().TableExpr("person AS p").ColumnExpr(columnList), scope)
}

// visible leaves of people p those of the scope.
func visible(sel *bun.SelectQuery, scope access.Scope) *bun.SelectQuery {
	if scope.Contains(region.Nation) {
		return sel // a condition that all meet misleads PostgreSQL
	}
	where, args := scope.Where("p.region_code")
	return sel.Where(where, args...)
}

// scan reads the rows of a query by selectRows.
func scan(ctx context.Context, q *bun.SelectQuery) (rows []*row, err error) {
	cursor, err := q.Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer cursor.Close() //nolint:errcheck // Err tells
	var r row
	targets := r.targets()
	for cursor.Next() {
		if err := cursor.Scan(targets...); err != nil {
			return nil, err
		}
		one := r
		rows = append(rows, &one)
	}
	return rows, cursor.Err()
}

// get reads one row of the scope.
func get(ctx context.Context, q bun.IDB, scope access.Scope, person id.ID) (*row, error) {
	return only(scan(ctx, selectRows(q, scope).Where("p.id = ?", person)))
}

// lock reads one row of the scope and keeps others from changing it until the
// transaction ends.
func lock(ctx context.Context, tx db.Tx, scope access.Scope, person id.ID) (*row, error) {
	return only(scan(ctx, db.ForUpdate(selectRows(tx, scope).Where("p.id = ?", person))))
}

func only(rows []*row, err error) (*row, error) {
	if err == nil && len(rows) == 0 {
		err = none()
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// scanAll reads the rows of people of the scope.
func scanAll(ctx context.Context, q bun.IDB, scope access.Scope, people []id.ID) ([]*row, error) {
	return scan(ctx, selectRows(q, scope).Where("p.id IN (?)", bun.List(people)))
}

// lockAll reads the rows of people of the scope as lock does, in the order of their
// ids, so that two who lock many do not wait for each other.
func lockAll(ctx context.Context, q bun.IDB, scope access.Scope, people []id.ID) ([]*row, error) {
	return scan(ctx, db.ForUpdate(selectRows(q, scope).Where("p.id IN (?)", bun.List(people)).Order("p.id")))
}

// byNumbers reads the rows that have one of the numbers, of all regions.
func byNumbers(ctx context.Context, q bun.IDB, indexes [][]byte) ([]*row, error) {
	var all []*row
	for part := range slices.Chunk(indexes, 1000) {
		rows, err := scan(ctx, selectRows(q, everywhere).Where("p.number_index IN (?)", bun.List(part)))
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// everywhere is the scope of questions whose answer no actor sees.
var everywhere = access.System("").Scope(access.PersonRead)

// insertRows inserts new people.
func insertRows(ctx context.Context, tx db.Tx, rows iter.Seq[*row]) error {
	values := make([]any, 0, len(columns))
	_, err := tx.Bulk(ctx, "person", columns, func(yield func([]any, error) bool) {
		for r := range rows {
			values = r.values(values[:0])
			if !yield(values, nil) {
				return
			}
		}
	})
	return err
}

// updateText sets all columns but the id of the row of that id and version.
var updateText = func() string {
	var b strings.Builder
	b.WriteString("UPDATE person SET ")
	for i, c := range columns[1:] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s = $%d", c, i+2)
	}
	fmt.Fprintf(&b, " WHERE id = $1 AND version = $%d", len(columns)+1)
	return b.String()
}()

// update writes a row in the place of the version it was read in.
func update(ctx context.Context, tx db.Tx, r *row, was int64) error {
	return exactlyOne(tx.Tx.Tx.ExecContext(ctx, updateText, append(r.values(make([]any, 0, len(columns)+1)), was)...))
}

// exactlyOne makes a Stale error of a write that met no row.
func exactlyOne(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return stale()
}

func stale() error {
	return errs.New(errs.Stale, "这份资料刚刚被别人改动过，您的修改没有保存。请看过新的内容后再改。")
}

// setPhones replaces the look-up of a person's phones.
func setPhones(ctx context.Context, tx db.Tx, person id.ID, indexes [][]byte) error {
	if _, err := tx.NewDelete().Table("person_phone").Where("person_id = ?", person).Exec(ctx); err != nil {
		return err
	}
	return insertPhones(ctx, tx, func(yield func(id.ID, [][]byte) bool) { yield(person, indexes) })
}

// insertPhones adds the look-up of the phones of new people.
func insertPhones(ctx context.Context, tx db.Tx, people iter.Seq2[id.ID, [][]byte]) error {
	_, err := tx.Bulk(ctx, "person_phone", []string{"phone_index", "person_id"}, func(yield func([]any, error) bool) {
		values := make([]any, 2)
		for person, indexes := range people {
			for _, index := range indexes {
				values[0], values[1] = index, int64(person)
				if !yield(values, nil) {
					return
				}
			}
		}
	})
	return err
}

// owners finds whose the numbers are, of all regions. A file that was merged leads to
// the one that was kept.
func owners(ctx context.Context, q bun.IDB, indexes [][]byte) (map[[secret.IndexSize]byte]id.ID, error) {
	found := map[[secret.IndexSize]byte]id.ID{}
	for part := range slices.Chunk(indexes, 1000) {
		var rows []struct {
			ID          id.ID
			NumberIndex []byte
			MergedInto  id.ID `bun:",nullzero"`
		}
		err := q.NewSelect().TableExpr("person AS p").ColumnExpr("p.id, p.number_index, p.merged_into").
			Where("p.number_index IN (?)", bun.List(part)).Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			for r.MergedInto != 0 {
				r.ID, r.MergedInto = r.MergedInto, 0
				err := q.NewSelect().TableExpr("person AS p").ColumnExpr("p.merged_into").Where("p.id = ?", r.ID).
					Scan(ctx, (*nullID)(&r.MergedInto))
				if err != nil {
					return nil, err
				}
			}
			found[[secret.IndexSize]byte(r.NumberIndex)] = r.ID
		}
	}
	return found, nil
}
