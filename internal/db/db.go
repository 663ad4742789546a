package db

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/errs"
)

// Engine is the kind of database that holds the data.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is an open database. Its embedded bun.DB reads; Write writes.
type DB struct {
	*bun.DB
	writer *bun.DB
	engine Engine
	path   string        // of the SQLite file
	behind chan struct{} // SQLite: holds the one background writer who may wait for the connection
	shrink *time.Timer   // SQLite: gives the cache of a bulk load back
	log    *slog.Logger
	steps  fs.FS // the migrations
}

// Open opens the database at url: "sqlite:PATH" or a plain path for SQLite, whose file
// is made if it is not there, or "postgres://…". It does not migrate.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	engine, rest, err := parse(url)
	if err != nil {
		return nil, err
	}
	d := &DB{engine: engine, log: log, steps: embedded}
	if engine == SQLite {
		d.path = rest
		err = d.openSQLite(ctx)
	} else {
		err = d.openPostgres(ctx, rest)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)

// parse tells the engine and what its driver is to be given. One letter before a
// colon is a disk of Windows, not a scheme.
func parse(url string) (Engine, string, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		url = path
	} else if s := scheme.FindString(url); s == "postgres:" || s == "postgresql:" {
		return Postgres, url, nil
	} else if s != "" {
		return "", "", badSetting(nil, "不认识的数据库类型 %q，请写成 sqlite:文件路径 或 postgres://用户:密码@主机:5432/库名", s)
	}
	if url == "" || strings.HasPrefix(url, ":memory:") {
		return "", "", badSetting(nil, "缺少数据库文件的路径，请写成 sqlite:文件路径，如 sqlite:data/yian.db")
	}
	return SQLite, url, nil
}

// badSetting says what is wrong with the address of the database.
func badSetting(cause error, format string, args ...any) error {
	return errs.New(errs.Invalid, "设置 --db："+format, args...).Because(cause)
}

// Engine tells which engine holds the data.
func (d *DB) Engine() Engine { return d.engine }

// Writer returns the connections that write, for River alone: everything else writes
// through Write.
func (d *DB) Writer() *sql.DB { return d.writer.DB }

// Close closes all connections. On SQLite the last one folds the log into the file.
func (d *DB) Close() error {
	if d.shrink != nil {
		d.shrink.Stop()
	}
	return errors.Join(d.DB.Close(), d.writer.Close())
}
