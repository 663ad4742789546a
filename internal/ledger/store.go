package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/secret"
)

// Ledger (信息台账) is the records of all people.
type Ledger struct {
	DB   *db.DB
	Keys *secret.Keys
	IDs  *id.Maker
	Now  func() time.Time
}

func (l *Ledger) now() civil.Instant { return civil.At(l.Now()) }

// Row (带封签的记录) is a sealed record of a person, as it is stored.
type Row struct {
	bun.BaseModel `bun:"table:person_record,alias:r"`

	ID         id.ID `bun:",pk"`
	PersonID   id.ID
	Source     history.Source
	ValidFrom  civil.Date
	ValidTo    civil.Date
	RecordedAt civil.Instant
	RecordedBy id.ID
	Evidence   string
	Facts      string
	Replaces   id.ID `bun:",nullzero"`
	Batch      id.ID `bun:",nullzero"`
	Seal       []byte
}

var columns = []string{
	"id", "person_id", "source", "valid_from", "valid_to", "recorded_at", "recorded_by", "evidence", "facts", "replaces", "batch", "seal",
}

// Seal returns the row of a record.
func (l *Ledger) Seal(person id.ID, r *history.Record) *Row {
	var text [1024]byte // mostly enough
	row := &Row{
		ID: r.ID, PersonID: person, Source: r.Source, ValidFrom: r.From, ValidTo: r.To, RecordedAt: r.At, RecordedBy: r.By,
		Evidence: r.Evidence, Facts: string(r.Facts.AppendJSON(text[:0])), Replaces: r.Replaces, Batch: r.Batch,
	}
	row.Seal = l.seal(row)
	return row
}

// SealAll returns the rows of records of a person.
func (l *Ledger) SealAll(person id.ID, records []history.Record) iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		for i := range records {
			if !yield(l.Seal(person, &records[i])) {
				return
			}
		}
	}
}

// Record returns what the row says.
func (r *Row) Record() (history.Record, error) {
	h := history.Record{
		ID: r.ID, Source: r.Source, From: r.ValidFrom, To: r.ValidTo, At: r.RecordedAt, By: r.RecordedBy,
		Evidence: r.Evidence, Replaces: r.Replaces, Batch: r.Batch,
	}
	if err := h.Facts.UnmarshalJSON([]byte(r.Facts)); err != nil {
		return h, fmt.Errorf("record %s: %w", r.ID, err)
	}
	return h, nil
}

// seal is over all columns in a form that two different rows never share.
func (l *Ledger) seal(r *Row) []byte {
	b := make([]byte, 0, 128+len(r.Evidence)+len(r.Facts))
	for _, n := range [...]int64{
		int64(r.ID), int64(r.PersonID), int64(r.ValidFrom), int64(r.ValidTo), int64(r.RecordedAt), int64(r.RecordedBy),
		int64(r.Replaces), int64(r.Batch),
	} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, s := range [...]string{string(r.Source), r.Evidence, r.Facts} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return l.Keys.MAC("person.record", b)
}

func (r *Row) values(dst []any) []any {
	return append(dst, int64(r.ID), int64(r.PersonID), string(r.Source), r.ValidFrom, r.ValidTo, int64(r.RecordedAt),
		int64(r.RecordedBy), r.Evidence, r.Facts, orNull(r.Replaces), orNull(r.Batch), r.Seal)
}

func orNull(i id.ID) any {
	if i == 0 {
		return nil
	}
	return int64(i)
}

// Insert adds records.
func (l *Ledger) Insert(ctx context.Context, tx db.Tx, rows iter.Seq[*Row]) error {
	values := make([]any, 0, len(columns))
	_, err := tx.Bulk(ctx, "person_record", columns, func(yield func([]any, error) bool) {
		for r := range rows {
			values = r.values(values[:0])
			if !yield(values, nil) {
				return
			}
		}
	})
	return err
}

// Of returns all records of people of the scope, by person, the oldest first.
func (l *Ledger) Of(ctx context.Context, scope access.Scope, q bun.IDB, people ...id.ID) (map[id.ID][]history.Record, error) {
	all := make(map[id.ID][]history.Record, len(people))
	for part := range slices.Chunk(people, 1000) {
		var rows []Row
		err := Visible(q.NewSelect().Model(&rows), scope, "r.person_id").
			Where("r.person_id IN (?)", bun.List(part)).Order("r.person_id", "r.id").Scan(ctx)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			h, err := rows[i].Record()
			if err != nil {
				return nil, err
			}
			all[rows[i].PersonID] = append(all[rows[i].PersonID], h)
		}
	}
	return all, nil
}

// Visible leaves of rows those whose column is the id of a person of the scope.
func Visible(sel *bun.SelectQuery, scope access.Scope, column string) *bun.SelectQuery {
	if scope.Contains(region.Nation) {
		return sel // a condition that all meet misleads PostgreSQL
	}
	where, args := scope.Where("p.region_code")
	return sel.Join("JOIN person AS p ON p.id = ?", bun.Ident(column)).Where(where, args...)
}

// Verify reports records that are not what was written, or are of nobody.
func (l *Ledger) Verify(ctx context.Context, report func(row, message string)) (n int64, err error) {
	var person, after id.ID
	for {
		var rows []struct {
			Row
			Owner id.ID `bun:",nullzero"`
		}
		err := l.DB.NewSelect().TableExpr("person_record AS r").ColumnExpr("r.*").ColumnExpr("p.id AS owner").
			Join("LEFT JOIN person AS p ON p.id = r.person_id").Where("r.person_id > ? OR r.person_id = ? AND r.id > ?", person, person, after).
			Order("r.person_id", "r.id").Limit(5000).Scan(ctx, &rows)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		for i := range rows {
			switch r := &rows[i].Row; {
			case !bytes.Equal(r.Seal, l.seal(r)):
				report(r.ID.String(), "信息记录被改动，或不是本系统写入的")
			case rows[i].Owner == 0:
				report(r.ID.String(), "信息记录所属的档案不见了")
			}
		}
		n += int64(len(rows))
		person, after = rows[len(rows)-1].PersonID, rows[len(rows)-1].ID
	}
}
