package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"yian/internal/civil"
)

// pgRow is a row as PostgreSQL sends it: big-endian numbers, days since 2000.
type pgRow struct {
	fields []pgconn.FieldDescription
	raw    [][]byte
	err    error
}

func (d *DB) streamPostgres(ctx context.Context, query string, args []any, each func(Row) error) error {
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it only goes back to the pool
	return conn.Raw(func(c any) error {
		pg, ok := c.(pgConn)
		if !ok {
			return fmt.Errorf("a connection is a %T", c)
		}
		rows, err := pg.Conn.Conn().Query(ctx, query, append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		r := &pgRow{fields: rows.FieldDescriptions()}
		for rows.Next() {
			r.raw = rows.RawValues()
			if err := each(r); err != nil || r.err != nil {
				return errors.Join(err, r.err)
			}
		}
		return rows.Err()
	})
}

// Int implements Row.
func (r *pgRow) Int(i int) (int64, bool) {
	b := r.raw[i]
	if b == nil {
		return 0, false
	}
	switch r.fields[i].DataTypeOID {
	case pgtype.Int8OID:
		return int64(binary.BigEndian.Uint64(b)), true
	case pgtype.Int4OID:
		return int64(int32(binary.BigEndian.Uint32(b))), true
	case pgtype.Int2OID:
		return int64(int16(binary.BigEndian.Uint16(b))), true
	case pgtype.BoolOID:
		return int64(b[0]), true
	}
	r.wrong(i, "a whole number")
	return 0, false
}

// Text implements Row.
func (r *pgRow) Text(i int) []byte {
	switch r.fields[i].DataTypeOID {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.ByteaOID:
	default:
		r.wrong(i, "text")
	}
	return r.raw[i]
}

var pgEpoch = civil.New(2000, 1, 1)

// Date implements Row.
func (r *pgRow) Date(i int) civil.Date {
	b := r.raw[i]
	if r.fields[i].DataTypeOID != pgtype.DateOID {
		r.wrong(i, "a date")
		return 0
	}
	if b == nil {
		return 0
	}
	days := int32(binary.BigEndian.Uint32(b))
	if days == math.MaxInt32 || days <= -int32(pgEpoch) {
		r.wrong(i, "a date of the calendar")
		return 0
	}
	return pgEpoch + civil.Date(days)
}

// wrong notes the first column that is not what it was asked for.
func (r *pgRow) wrong(i int, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("column %s is not %s", r.fields[i].Name, want)
	}
}
