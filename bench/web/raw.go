package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"yian/internal/db"
)

// raw is how long the database alone takes for the rows that an import wrote.
type raw struct {
	name string
	took time.Duration
}

// written are the tables in which an import leaves a row a person.
var written = []string{"person", "person_record"}

// copyRaw writes the rows of the register once more into tables of the same columns:
// those of people into a bare table, then those of people and records into tables
// with the same indexes.
func (s *store) copyRaw(ctx context.Context, folder string, c *cluster) (all []raw, err error) {
	progress("%s: raw", s.d.Engine())
	write := s.multiRowInsert
	if s.d.Engine() == db.Postgres {
		write = func(ctx context.Context, folder, table string, indexes bool) (time.Duration, error) {
			return copyBinary(ctx, c, folder, table, indexes)
		}
	}
	how := map[db.Engine]string{db.Postgres: "COPY", db.SQLite: "multi-row INSERT"}[s.d.Engine()]
	bare, err := write(ctx, folder, "person", false)
	if err != nil {
		return nil, err
	}
	all = append(all, raw{how + " of person, no index", bare})
	var sum time.Duration
	for _, table := range written {
		took, err := write(ctx, folder, table, true)
		if err != nil {
			return nil, err
		}
		sum += took
	}
	return append(all, raw{how + " of person and person_record, same indexes", sum}), nil
}

// copyBinary copies a table out of the server, and times the way back in.
func copyBinary(ctx context.Context, c *cluster, folder, table string, indexes bool) (took time.Duration, err error) {
	conn, err := pgx.Connect(ctx, c.url())
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	f, err := os.Create(filepath.Join(folder, table+".copy"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := conn.PgConn().CopyTo(ctx, f, "COPY "+table+" TO STDOUT (FORMAT binary)"); err != nil {
		return 0, err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return 0, err
	}
	like := "CREATE TABLE raw (LIKE " + table
	if indexes {
		like += " INCLUDING ALL"
	}
	for _, text := range []string{"DROP TABLE IF EXISTS raw", like + ")", "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, text); err != nil {
			return 0, err
		}
	}
	began := time.Now()
	if _, err := conn.PgConn().CopyFrom(ctx, f, "COPY raw FROM STDIN (FORMAT binary)"); err != nil {
		return 0, err
	}
	took = time.Since(began)
	_, err = conn.Exec(ctx, "DROP TABLE raw")
	return took, err
}

const (
	statementRows   = 500
	transactionRows = 10_000
)

// multiRowInsert reads a table and times writing it to a new file with the same
// promises; the time of reading does not count.
func (s *store) multiRowInsert(ctx context.Context, folder, table string, indexes bool) (took time.Duration, err error) {
	to, end, err := s.emptyCopy(ctx, filepath.Join(folder, "raw.db"), table, indexes)
	if err != nil {
		return 0, err
	}
	defer end()
	rows, err := s.d.DB.DB.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	var values []any
	targets := make([]any, len(names))
	for more := true; more; {
		values = values[:0]
		for len(values) < transactionRows*len(names) {
			if more = rows.Next(); !more {
				break
			}
			values = append(values, make([]any, len(names))...)
			for i := range names {
				targets[i] = &values[len(values)-len(names)+i]
			}
			if err := rows.Scan(targets...); err != nil {
				return 0, err
			}
		}
		began := time.Now()
		if err := insert(ctx, to, table, names, values); err != nil {
			return 0, err
		}
		took += time.Since(began)
	}
	return took, rows.Err()
}

// emptyCopy makes a database with one table of ours.
func (s *store) emptyCopy(ctx context.Context, path, table string, indexes bool) (to *sql.DB, end func(), err error) {
	to, err = sql.Open("sqlite", "file:"+path+"?"+url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "cache_size(-16384)"}}.Encode())
	if err != nil {
		return nil, nil, err
	}
	to.SetMaxOpenConns(1)
	end = func() {
		_ = to.Close()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(path + suffix)
		}
	}
	rows, err := s.d.DB.DB.QueryContext(ctx, "SELECT type, sql FROM sqlite_master WHERE tbl_name = $1 AND sql IS NOT NULL ORDER BY type DESC", table)
	if err != nil {
		end()
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind, text string
		if err = rows.Scan(&kind, &text); err != nil {
			break
		}
		if kind == "table" || indexes && kind == "index" {
			if _, err = to.ExecContext(ctx, text); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return to, end, nil
}

// insert writes rows in one transaction.
func insert(ctx context.Context, to *sql.DB, table string, names []string, values []any) error {
	if len(values) == 0 {
		return nil
	}
	tx, err := to.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	text := func(rows int) string {
		one := "(" + strings.Repeat("?, ", len(names)-1) + "?)"
		return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s", table, strings.Join(names, ", "), strings.Repeat(one+", ", rows-1), one)
	}
	full, err := tx.PrepareContext(ctx, text(statementRows))
	if err != nil {
		return err
	}
	defer full.Close()
	for width := len(names); len(values) > 0; {
		part := values[:min(len(values), statementRows*width)]
		values = values[len(part):]
		if len(part) == statementRows*width {
			_, err = full.ExecContext(ctx, part...)
		} else {
			_, err = tx.ExecContext(ctx, text(len(part)/width), part...)
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}
