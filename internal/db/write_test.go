package db_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/db"
	"yian/internal/db/dbtest"
)

// counter is a row that everybody wants to change.
type counter struct {
	bun.BaseModel `bun:"table:counter"`

	ID      int64 `bun:",pk"`
	N       int64
	Version int64
}

const counterTable = `
	CREATE TABLE counter (id {id}, n BIGINT NOT NULL, version BIGINT NOT NULL);
	INSERT INTO counter (id, n, version) VALUES (1, 0, 1);`

func TestWriteIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, counterTable)
		add := func(ctx context.Context, tx db.Tx) error {
			_, err := tx.NewRaw("UPDATE counter SET n = n + 1").Exec(ctx)
			return err
		}
		if err := d.Write(t.Context(), add); err != nil {
			t.Fatal(err)
		}
		refused := errors.New("refused")
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return errors.Join(add(ctx, tx), refused)
		})
		if !errors.Is(err, refused) {
			t.Errorf("error %v, want that of the function", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				if err := add(ctx, tx); err != nil {
					t.Error(err)
				}
				panic("a fault of the program")
			})
		}()
		ctx, cancel := context.WithCancel(t.Context())
		err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			err := add(ctx, tx)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "already been committed or rolled back") {
			t.Errorf("the end of the context: %v", err)
		}
		if n := number(t, d, "SELECT n FROM counter"); n != 1 {
			t.Errorf("%d after one whole transaction", n)
		}
		if err := d.Write(t.Context(), add); err != nil {
			t.Fatalf("after those: %v", err)
		}
	})
}

func TestWriteWithinWriteIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(ctx context.Context, _ db.Tx) error {
			return d.Write(ctx, func(context.Context, db.Tx) error { return nil })
		})
		if err == nil || !strings.Contains(err.Error(), "already open") {
			t.Errorf("error %v", err)
		}
	})
}

func TestWriterWaitsNoLongerThanItsContext(t *testing.T) {
	d := dbtest.SQLite(t)
	late, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := d.Write(t.Context(), func(context.Context, db.Tx) error {
		return d.Write(late, func(context.Context, db.Tx) error { return nil })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// manyWriters adds one, times over, from several sides at once.
func manyWriters(t *testing.T, d *db.DB, times int, add func(ctx context.Context, tx db.Tx) error) {
	t.Helper()
	const sides = 4
	var wg sync.WaitGroup
	for range sides {
		wg.Go(func() {
			for range times / sides {
				for {
					err := d.Write(t.Context(), add)
					if err == nil {
						break
					}
					if !errors.Is(err, errStale) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

var errStale = errors.New("somebody else was first")

func read(ctx context.Context, tx db.Tx, lock bool) (counter, error) {
	var c counter
	q := tx.NewSelect().Model(&c).Where("id = 1")
	if lock {
		q = db.ForUpdate(q)
	}
	return c, q.Scan(ctx)
}

func TestNoUpdateIsLost(t *testing.T) {
	const times = 200
	guards := map[string]func(ctx context.Context, tx db.Tx) error{
		"version": func(ctx context.Context, tx db.Tx) error {
			c, err := read(ctx, tx, false)
			if err != nil {
				return err
			}
			res, err := tx.NewRaw("UPDATE counter SET n = ?, version = version + 1 WHERE id = 1 AND version = ?", c.N+1, c.Version).Exec(ctx)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 1 {
				return err
			}
			return errStale
		},
		"lock": func(ctx context.Context, tx db.Tx) error {
			c, err := read(ctx, tx, true)
			if err != nil {
				return err
			}
			_, err = tx.NewRaw("UPDATE counter SET n = ? WHERE id = 1", c.N+1).Exec(ctx)
			return err
		},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, counterTable)
		for name, guard := range guards {
			t.Run(name, func(t *testing.T) {
				write(t, d, "UPDATE counter SET n = 0")
				manyWriters(t, d, times, guard)
				if n := number(t, d, "SELECT n FROM counter"); n != times {
					t.Errorf("%d of %d updates are there", n, times)
				}
			})
		}
	})
}

// TestUpdatesAreLostWithoutAGuard shows why the guards are there: two transactions
// read the same and PostgreSQL lets both write. It keeps the other test honest.
func TestUpdatesAreLostWithoutAGuard(t *testing.T) {
	d := dbtest.Postgres(t)
	makeTables(t, d, counterTable)
	var bothRead, wg sync.WaitGroup
	bothRead.Add(2)
	for range 2 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				c, err := read(ctx, tx, false)
				bothRead.Done()
				bothRead.Wait()
				if err != nil {
					return err
				}
				_, err = tx.NewRaw("UPDATE counter SET n = ? WHERE id = 1", c.N+1).Exec(ctx)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := number(t, d, "SELECT n FROM counter"); n != 1 {
		t.Errorf("%d, want the one that is left of two", n)
	}
}

func TestBusyIsTold(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		url := dbtest.SQLiteURL(t)
		d := dbtest.Open(t, url)
		impatient, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		defer impatient.Close() //nolint:errcheck // it has written nothing
		err = d.Write(t.Context(), func(ctx context.Context, _ db.Tx) error {
			_, err := impatient.ExecContext(ctx, "DELETE FROM session")
			return err
		})
		if !db.IsBusy(err) {
			t.Errorf("another process writes: %v", err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		d := dbtest.Postgres(t)
		makeTables(t, d, counterTable+"INSERT INTO counter (id, n, version) VALUES (2, 0, 1)")
		var bothHold sync.WaitGroup
		bothHold.Add(2)
		ended := make(chan error, 2)
		for id := range 2 {
			go func() {
				ended <- d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					_, err := tx.NewRaw("UPDATE counter SET n = 1 WHERE id = ?", 1+id).Exec(ctx)
					bothHold.Done()
					bothHold.Wait()
					if err != nil {
						return err
					}
					_, err = tx.NewRaw("UPDATE counter SET n = 1 WHERE id = ?", 2-id).Exec(ctx)
					return err
				})
			}()
		}
		if a, b := <-ended, <-ended; (a == nil) == (b == nil) || !db.IsBusy(errors.Join(a, b)) {
			t.Errorf("two that wait for each other: %v and %v, want one to give way", a, b)
		}
	})
}

// A person who writes goes before the work in the background that waits, however long it
// has waited.
func TestBackgroundWaitsForPeople(t *testing.T) {
	d := dbtest.SQLite(t)
	var (
		wg    sync.WaitGroup
		order []string // by the one writer
	)
	write := func(ctx context.Context, name string, meanwhile func()) {
		if err := d.Write(ctx, func(context.Context, db.Tx) error {
			meanwhile()
			order = append(order, name)
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	background := db.Background(t.Context())
	write(background, "first", func() {
		for range 3 {
			wg.Go(func() { write(background, "background", func() {}) })
		}
		time.Sleep(50 * time.Millisecond) // they wait by now
		before := d.Writer().Stats().WaitCount
		wg.Go(func() { write(t.Context(), "person", func() {}) })
		for d.Writer().Stats().WaitCount == before {
			time.Sleep(time.Millisecond)
		}
	})
	wg.Wait()
	if got := strings.Join(order, " "); got != "first person background background background" {
		t.Errorf("they wrote in the order %s", got)
	}
}

func TestBackgroundWaitsNoLongerThanItsContext(t *testing.T) {
	d := dbtest.SQLite(t)
	late, cancel := context.WithTimeout(db.Background(t.Context()), 20*time.Millisecond)
	defer cancel()
	err := d.Write(db.Background(t.Context()), func(context.Context, db.Tx) error {
		return d.Write(late, func(context.Context, db.Tx) error { return nil })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
