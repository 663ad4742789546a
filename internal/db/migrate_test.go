package db_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
)

var (
	first  = &fstest.MapFile{Data: []byte("CREATE TABLE a (id {id}, on_day {date}, code {key}, cipher {bytes});\nCREATE INDEX a_code ON a (code);")}
	second = &fstest.MapFile{Data: []byte("INSERT INTO a (id, code) VALUES (1, 'x;y');\n-- a remark; with a semicolon\nALTER TABLE a ADD COLUMN n BIGINT;")}
	broken = &fstest.MapFile{Data: []byte("INSERT INTO a (id) VALUES (2);\nINSERT INTO nowhere (id) VALUES (1);")}
)

// emptyURLs returns an address without a schema on each engine.
func emptyURLs(t *testing.T) map[string]func(*testing.T) string {
	t.Helper()
	return map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "yian.db") },
		"postgres": func(t *testing.T) string { return dbtest.EmptyPostgresURL(t) },
	}
}

func versions(t *testing.T, d *db.DB, current, latest int64) {
	t.Helper()
	c, l, err := d.Version(t.Context())
	if err != nil || c != current || l != latest {
		t.Fatalf("version %d of %d, %v, want %d of %d", c, l, err, current, latest)
	}
}

func TestMigrate(t *testing.T) {
	for name, url := range emptyURLs(t) {
		t.Run(name, func(t *testing.T) {
			d := dbtest.Open(t, url(t))
			d.SetMigrations(fstest.MapFS{"0001_a.sql": first})
			versions(t, d, 0, 1)
			for range 2 {
				if err := d.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				versions(t, d, 1, 1)
			}
			d.SetMigrations(fstest.MapFS{"0001_a.sql": first, "0002_b.sql": second})
			versions(t, d, 1, 2)
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			versions(t, d, 2, 2)
			if n := number(t, d, "SELECT count(*) FROM a WHERE code = 'x;y' AND n IS NULL"); n != 1 {
				t.Errorf("%d rows of the second step", n)
			}

			d.SetMigrations(fstest.MapFS{"0001_a.sql": first, "0002_b.sql": second, "0003_c.sql": broken})
			if err := d.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "0003_c.sql") {
				t.Errorf("a broken step: %v, want its name", err)
			}
			versions(t, d, 2, 3)
			if n := number(t, d, "SELECT count(*) FROM a"); n != 1 {
				t.Errorf("%d rows: half of a broken step stays", n)
			}

			d.SetMigrations(fstest.MapFS{"0001_a.sql": first})
			_, _, err := d.Version(t.Context())
			if !errs.Is(err, errs.Conflict) || !strings.Contains(errs.Message(err), "第 2 版") {
				t.Errorf("a newer database: %v", err)
			}
			if err := d.Migrate(t.Context()); !errs.Is(err, errs.Conflict) {
				t.Errorf("migrate a newer database: %v", err)
			}
		})
	}
}

func TestManyProcessesMigrateAtOnce(t *testing.T) {
	url := dbtest.EmptyPostgresURL(t)
	var wg sync.WaitGroup
	var inside, most atomic.Int32
	var opened []*db.DB
	for range 4 {
		d := dbtest.Open(t, url)
		opened = append(opened, d)
		d.SetMigrations(fstest.MapFS{"0001_a.sql": first, "0002_b.sql": second})
		wg.Go(func() {
			err := d.Migrate(t.Context(), func(ctx context.Context, writer *sql.DB) error {
				most.Store(max(most.Load(), inside.Add(1)))
				defer inside.Add(-1)
				_, err := writer.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS library (id BIGINT)")
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, d := range opened {
		versions(t, d, 2, 2)
	}
	if most.Load() != 1 {
		t.Errorf("%d migrate at once", most.Load())
	}
}

func TestUnknownTypeIsRefused(t *testing.T) {
	for _, e := range []db.Engine{db.SQLite, db.Postgres} {
		if _, err := e.Translate("CREATE TABLE a (id {serial})"); err == nil || !strings.Contains(err.Error(), "{serial}") {
			t.Errorf("%s: %v", e, err)
		}
	}
}
