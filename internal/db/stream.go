package db

import (
	"context"
	"fmt"

	"yian/internal/civil"
)

// Row is one row of a stream. What it returns is valid until the next row.
type Row interface {
	// Int returns a whole number, or a truth value as 0 or 1; ok is false for NULL.
	Int(column int) (v int64, ok bool)
	// Text returns text or bytes as they are stored, nil for NULL.
	Text(column int) []byte
	// Date returns a day, the zero day for NULL.
	Date(column int) civil.Date
}

// Stream hands each row of a query to each, without an allocation a row: it is how
// millions of rows are read. The query has its arguments as $1, int64 or string, and
// names its columns; each takes them by their place. An error of each ends the stream.
//
// A stream sees the data as committed when it began. It holds a connection, on SQLite
// one of its own, and as long as it runs SQLite cannot shorten its log.
func (d *DB) Stream(ctx context.Context, query string, args []any, each func(Row) error) error {
	stream := d.streamPostgres
	if d.engine == SQLite {
		stream = d.streamSQLite
	}
	if err := stream(ctx, query, args, each); err != nil {
		return fmt.Errorf("db: stream: %w", err)
	}
	return nil
}
