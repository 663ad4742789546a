package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // registers the driver
)

// readers is how many connections read: they are bound by the processors.
func readers() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// busyTimeout is how many milliseconds a connection waits for another process.
const busyTimeout = 10_000

// The page cache of the writer, in KiB: with less than all that the indexes of a million
// people take, a bulk load reads and writes the same pages again and again. What of it
// was filled is given back when no bulk load came for a while.
const (
	writerCache = 256 << 10
	shrinkAfter = 15 * time.Second
)

const pragmaBusy = "busy_timeout(10000)"

// openSQLite opens the file twice: once for the single writer, once for readers.
func (d *DB) openSQLite(ctx context.Context) error {
	path, err := filepath.Abs(d.path)
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	d.path = path
	if err := create(path); err != nil {
		return err
	}
	writer, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	writer.SetMaxOpenConns(1)
	if err := foreignKeys(ctx, writer); err != nil {
		return errors.Join(badSetting(err, "打不开数据库文件 %s，它可能不是 SQLite 数据库，或已损坏", path), writer.Close())
	}
	reader, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		return errors.Join(fmt.Errorf("db: %w", err), writer.Close())
	}
	reader.SetMaxOpenConns(readers())
	reader.SetMaxIdleConns(readers())
	reader.SetConnMaxIdleTime(5 * time.Minute) // and with it its page cache
	d.DB = bun.NewDB(reader, sqlitedialect.New())
	d.writer = bun.NewDB(writer, sqlitedialect.New())
	d.behind = make(chan struct{}, 1)
	d.shrink = time.AfterFunc(shrinkAfter, d.shrinkCache)
	return nil
}

// shrinkCache gives the memory of the writer's page cache back. That the database was
// closed meanwhile is as good.
func (d *DB) shrinkCache() {
	if _, err := d.writer.Exec("PRAGMA shrink_memory"); err != nil {
		d.log.Debug("shrink the page cache", slog.String("error", err.Error()))
	}
}

// create makes the file, for its owner alone: SQLite gives the files beside it the
// same mode. The folder must be there, since a mistyped path would make a new one.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return badSetting(err, "文件夹 %s 不存在，请先建好或改正路径", filepath.Dir(path))
	case err != nil:
		return badSetting(err, "打不开数据库文件 %s，请检查路径和权限", path)
	}
	return f.Close()
}

// dsn names the file and what is set on each connection, in this order.
func dsn(path string, writer bool) string {
	pragmas := []string{
		pragmaBusy, // before all others, which may have to wait themselves
		"journal_mode(WAL)",
		// A commit that was reported survives a power cut. It costs the time of one
		// fsync; NORMAL would only survive the end of the process.
		"synchronous(FULL)",
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		"journal_size_limit(67108864)", // of the log after a bulk load
	}
	q := url.Values{"_dqs": {"0"}, "_defensive": {"1"}}
	if writer {
		q.Set("_txlock", "immediate")
		pragmas = append(pragmas, fmt.Sprintf("cache_size(-%d)", writerCache))
	} else {
		pragmas = append(pragmas, "cache_size(-4096)", "query_only(1)")
	}
	q["_pragma"] = pragmas
	return fileURL(path, q)
}

// fileURL names a file to the driver, whatever is in its path.
func fileURL(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + q.Encode()
}

// foreignKeys makes sure that the connection enforces them: a build of SQLite may
// leave them out, and then ignores the pragma without a word.
func foreignKeys(ctx context.Context, db *sql.DB) error {
	var on bool
	if err := db.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on); err != nil {
		return err
	}
	if !on {
		return errors.New("db: this SQLite does not enforce foreign keys")
	}
	return nil
}
