package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"yian/internal/civil"
)

// Bulk inserts rows in the fastest way of the engine, COPY on PostgreSQL and an
// INSERT of many rows at a time on SQLite, and returns their number. A row may be
// reused for the next one. An error of rows ends the load; after any error the
// transaction can only be rolled back.
//
// A value is int64, float64, bool, string, []byte, civil.Date, nil or a driver.Valuer, and
// of the type of its column.
func (tx Tx) Bulk(ctx context.Context, table string, columns []string, rows iter.Seq2[[]any, error]) (n int64, err error) {
	err = tx.conn.Raw(func(conn any) error {
		if c, ok := conn.(pgConn); ok {
			n, err = copyIn(ctx, c.Conn.Conn(), table, columns, rows)
		} else {
			n, err = insertMany(ctx, conn, table, columns, rows)
		}
		if errors.Is(err, driver.ErrBadConn) {
			return fmt.Errorf("connection lost: %v", err) //nolint:errorlint // database/sql is not to try again
		}
		return err
	})
	if err != nil {
		return n, fmt.Errorf("db: load %s: %w", table, err)
	}
	tx.loaded[table] += n
	return n, nil
}

// copyIn loads rows by COPY. An error of rows is returned as it is: the server only
// says that the client gave up.
func copyIn(ctx context.Context, conn *pgx.Conn, table string, columns []string, rows iter.Seq2[[]any, error]) (int64, error) {
	next, stop := iter.Pull2(rows)
	defer stop()
	var failed error
	n, err := conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		row, err, ok := next()
		if !ok || err != nil {
			failed = err
			return nil, err
		}
		for i, v := range row {
			if d, ok := v.(civil.Date); ok {
				row[i] = pgDate(d)
			}
		}
		return row, nil
	}))
	if failed != nil {
		return n, failed
	}
	return n, err
}

// pgDate is the day as the driver writes it without a detour over text.
func pgDate(d civil.Date) any {
	if d.IsZero() {
		return nil
	}
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}

// rowsAtOnce is after how many rows an INSERT of many gains no more.
const rowsAtOnce = 10

// insertMany loads rows by prepared statements of several rows, and the rest by one of one.
func insertMany(ctx context.Context, conn any, table string, columns []string, rows iter.Seq2[[]any, error]) (n int64, err error) {
	args := make([]driver.NamedValue, 0, rowsAtOnce*len(columns))
	many, err := prepareInsert(ctx, conn, table, columns, rowsAtOnce)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, many.Close()) }()
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		if len(row) != len(columns) {
			return n, fmt.Errorf("a row has %d values for %d columns", len(row), len(columns))
		}
		for _, v := range row {
			v, err := driver.DefaultParameterConverter.ConvertValue(v)
			if err != nil {
				return n, err
			}
			args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
		}
		n++
		if len(args) == cap(args) {
			if err := run(ctx, many, args); err != nil {
				return n, err
			}
			args = args[:0]
		}
	}
	if len(args) == 0 {
		return n, nil
	}
	rest, err := prepareInsert(ctx, conn, table, columns, len(args)/len(columns))
	if err != nil {
		return n, err
	}
	return n, errors.Join(run(ctx, rest, args), rest.Close())
}

func prepareInsert(ctx context.Context, conn any, table string, columns []string, rows int) (driver.Stmt, error) {
	preparer, ok := conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("a connection is a %T", conn)
	}
	marks := "(" + strings.Repeat("?, ", len(columns)-1) + "?)"
	var b strings.Builder
	// After a failure the transaction is rolled back in any case, so SQLite need not keep
	// a journal to undo a statement of which some rows are written already.
	fmt.Fprintf(&b, "INSERT OR FAIL INTO %s (", pgx.Identifier{table}.Sanitize())
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(pgx.Identifier{c}.Sanitize())
	}
	b.WriteString(") VALUES " + strings.Repeat(marks+", ", rows-1) + marks)
	return preparer.PrepareContext(ctx, b.String())
}

func run(ctx context.Context, s driver.Stmt, args []driver.NamedValue) error {
	execer, ok := s.(driver.StmtExecContext)
	if !ok {
		return fmt.Errorf("a statement is a %T", s)
	}
	_, err := execer.ExecContext(ctx, args)
	return err
}
