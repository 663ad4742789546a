package dbtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"yian/internal/db"
)

// Each runs fn as a subtest on each engine.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// SQLite returns an empty, migrated database in a file of the test.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, SQLiteURL(t))
}

// SQLiteURL returns the address of an empty, migrated file, for tests that start the
// program.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	empty, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("migrate a SQLite file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "yian.db")
	if err := os.WriteFile(path, empty, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// Postgres returns an empty, migrated database of its own, dropped after the test.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, PostgresURL(t))
}

// PostgresURL returns the address of an empty, migrated database of its own, for
// tests that start the program. It is dropped after the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	s := running(t)
	if !s.ours {
		url := s.create(t, "template0")
		if err := migrate(url); err != nil {
			t.Fatalf("migrate a PostgreSQL database: %v", err)
		}
		return url
	}
	template, err := s.template()
	if err != nil {
		t.Fatalf("migrate a PostgreSQL database: %v", err)
	}
	return s.create(t, template)
}

// EmptyPostgresURL is PostgresURL before any migration.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return running(t).create(t, "template0")
}

// Open opens a database until the end of the test.
func Open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

// sqliteTemplate is a migrated file, of which each test gets a copy.
var sqliteTemplate = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "yian-sqlite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	path := filepath.Join(dir, "yian.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// migrate makes the schema in an empty database and closes it.
func migrate(url string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := d.Migrate(ctx); err != nil {
		return fmt.Errorf("%w (close: %w)", err, d.Close())
	}
	return d.Close()
}
