package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// Tx is a write transaction. Beside what bun.Tx does it can load rows in Bulk.
// River takes its tx.Tx.Tx, the *sql.Tx.
type Tx struct {
	bun.Tx
	conn   *sql.Conn // carries the transaction
	engine Engine
	loaded map[string]int64
}

// Loaded returns how many rows Bulk has loaded so far, by table; it is not to be changed.
func (tx Tx) Loaded() map[string]int64 { return tx.loaded }

type (
	writing    struct{}
	background struct{}
)

// Background returns a context for work in the background. On SQLite one such writer at
// a time waits for the writing connection: a person does not wait for more than the one
// that is at work.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, background{}, true)
}

// Write runs fn in a write transaction, which is committed if fn returns nil and
// rolled back if it returns an error or panics. On SQLite writers queue for the one
// writing connection until ctx ends, so fn does not wait for people or networks.
// fn passes on the ctx that it is given; a Write within a Write is refused, as it
// would wait for itself.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) (err error) {
	if ctx.Value(writing{}) != nil {
		return errors.New("db: a write transaction is already open in this context")
	}
	if ctx.Value(background{}) != nil && d.behind != nil {
		select {
		case d.behind <- struct{}{}:
			defer func() { <-d.behind }()
		case <-ctx.Done():
			return fmt.Errorf("db: wait behind others: %w", ctx.Err())
		}
	}
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: get a writing connection: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it only goes back to the pool
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, rollback(tx))
		}
	}()
	loaded := map[string]int64{}
	if err := fn(context.WithValue(ctx, writing{}, true), Tx{Tx: tx, conn: conn.Conn, engine: d.engine, loaded: loaded}); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	if len(loaded) > 0 && d.shrink != nil {
		d.shrink.Reset(shrinkAfter)
	}
	return nil
}

// rollback ends tx; that the end of its context has done so already is no error.
func rollback(tx bun.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("db: roll back: %w", err)
	}
	return nil
}

// ForUpdate locks the rows that q reads until the transaction ends. SQLite needs no
// such lock, as its writers are alone.
func ForUpdate(q *bun.SelectQuery) *bun.SelectQuery {
	if q.Dialect().Name() == dialect.PG {
		return q.For("UPDATE")
	}
	return q
}
