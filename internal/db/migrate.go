package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"

	"yian/internal/errs"
)

//go:embed migrations
var migrations embed.FS

var embedded = sub(migrations, "migrations")

func sub(fsys fs.FS, dir string) fs.FS {
	inner, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err) //nolint:forbidigo // the folder is in the binary
	}
	return inner
}

const (
	versionTable = "schema_version"
	// migrating is the advisory lock under which one process at a time migrates.
	migrating int64 = 0x7969616e
)

// Migrate brings the schema up to date, then runs more (the migrations of a library).
// Several processes may start on one PostgreSQL at once: one of them migrates, the
// others wait and find nothing to do. A database that is newer than the program is
// refused.
func (d *DB) Migrate(ctx context.Context, more ...func(ctx context.Context, writer *sql.DB) error) error {
	return d.locked(ctx, func() error {
		if err := d.migrate(ctx); err != nil {
			return err
		}
		for _, step := range more {
			if err := step(ctx, d.Writer()); err != nil {
				return fmt.Errorf("db: migrate: %w", err)
			}
		}
		return nil
	})
}

func (d *DB) migrate(ctx context.Context) error {
	current, latest, err := d.Version(ctx)
	if err != nil || current == latest {
		return err
	}
	steps, err := d.migrations()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(d.gooseDialect(), d.Writer(), nil,
		goose.WithGoMigrations(steps...), goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	d.log.InfoContext(ctx, "database migrated", "engine", string(d.engine), "from", current, "to", latest)
	return nil
}

// locked runs fn while no other process migrates the same PostgreSQL.
func (d *DB) locked(ctx context.Context, fn func() error) (err error) {
	if d.engine == SQLite {
		return fn()
	}
	conn, err := d.Writer().Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it only goes back to the pool
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrating); err != nil {
		return fmt.Errorf("db: wait for the lock of migrations: %w", err)
	}
	defer func() {
		_, unlock := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrating)
		err = errors.Join(err, unlock)
	}()
	return fn()
}

// Version tells the version of the schema and the latest that this program knows. A
// database newer than the program is an error: its rows may mean what the program
// does not know of.
func (d *DB) Version(ctx context.Context) (current, latest int64, err error) {
	names, err := fs.Glob(d.steps, "*.sql")
	if err != nil {
		return 0, 0, fmt.Errorf("db: list migrations: %w", err)
	}
	for _, name := range names {
		n, err := goose.NumericComponent(name)
		if err != nil {
			return 0, 0, fmt.Errorf("db: migration %s: %w", name, err)
		}
		latest = max(latest, n)
	}
	if current, err = d.currentVersion(ctx); err != nil {
		return 0, 0, err
	}
	if current > latest {
		return current, latest, errs.New(errs.Conflict, "数据库的结构是第 %d 版，比本程序认识的第 %d 版新：请换用较新版本的 yian，不要用旧程序打开它", current, latest)
	}
	return current, latest, nil
}

func (d *DB) currentVersion(ctx context.Context) (int64, error) {
	there := "SELECT count(*) FROM sqlite_schema WHERE name = $1"
	if d.engine == Postgres {
		there = "SELECT count(to_regclass($1))"
	}
	var n int64
	if err := d.DB.DB.QueryRowContext(ctx, there, versionTable).Scan(&n); err != nil {
		return 0, fmt.Errorf("db: look for the version: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	var version sql.NullInt64
	if err := d.DB.DB.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&version); err != nil {
		return 0, fmt.Errorf("db: read the version: %w", err)
	}
	return version.Int64, nil
}

// migrations makes a step of each SQL text.
func (d *DB) migrations() ([]*goose.Migration, error) {
	names, err := fs.Glob(d.steps, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("db: list migrations: %w", err)
	}
	steps := make([]*goose.Migration, 0, len(names))
	for _, name := range names {
		n, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("db: migration %s: %w", name, err)
		}
		text, err := fs.ReadFile(d.steps, name)
		if err != nil {
			return nil, fmt.Errorf("db: migration %s: %w", name, err)
		}
		statements, err := d.engine.translate(string(text))
		if err != nil {
			return nil, fmt.Errorf("db: migration %s: %w", name, err)
		}
		steps = append(steps, goose.NewGoMigration(n, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				if _, err := tx.ExecContext(ctx, statements); err != nil {
					return fmt.Errorf("%s: %w", path.Base(name), err)
				}
				return nil
			},
		}, nil))
	}
	return steps, nil
}

// typeNames are the types that differ between the engines.
var typeNames = map[Engine]*strings.Replacer{
	SQLite: strings.NewReplacer(
		"{id}", "INTEGER PRIMARY KEY", "{date}", "TEXT", "{bytes}", "BLOB", "{key}", "TEXT",
		"{clustered}", "WITHOUT ROWID"),
	Postgres: strings.NewReplacer(
		"{id}", "BIGINT PRIMARY KEY", "{date}", "DATE", "{bytes}", "BYTEA", "{key}", `TEXT COLLATE "C"`,
		"{clustered}", ""),
}

var unknownName = regexp.MustCompile(`\{[a-z]+\}`)

// translate puts the names of types of the engine into a migration.
func (e Engine) translate(text string) (string, error) {
	text = typeNames[e].Replace(text)
	if name := unknownName.FindString(text); name != "" {
		return "", fmt.Errorf("%s is not a name of a type that differs between the engines", name)
	}
	return text, nil
}

func (d *DB) gooseDialect() goose.Dialect {
	if d.engine == Postgres {
		return goose.DialectPostgres
	}
	return goose.DialectSQLite3
}
