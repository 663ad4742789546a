package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"yian/internal/errs"
)

// Backup writes a copy of the SQLite database as of now to path while others read
// and write. The copy has been checked before it gets its name, so that a file of
// that name is a good one. An existing file is not overwritten.
func (d *DB) Backup(ctx context.Context, path string) (err error) {
	if d.engine != SQLite {
		return errs.New(errs.Invalid, "PostgreSQL 请用它自己的工具备份：pg_dump --format=custom --file=备份文件 数据库地址；恢复用 pg_restore")
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errs.New(errs.Conflict, "备份文件 %s 已存在或无法访问，请换一个文件名", path).Because(err)
	}
	partial := path + ".partial"
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a backup that was killed
		return unwritable(path, err)
	}
	if err := create(partial); err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(partial))
		}
	}()
	// A copy by pages would begin anew at each write of another connection.
	if err := d.vacuumInto(ctx, partial); err != nil {
		return err
	}
	if err := Verify(ctx, partial); err != nil {
		return err
	}
	if err := flush(partial); err != nil {
		return unwritable(path, err)
	}
	if err := os.Rename(partial, path); err != nil {
		return unwritable(path, err)
	}
	return flush(filepath.Dir(path))
}

func unwritable(path string, err error) error {
	return errs.New(errs.Invalid, "写不了备份文件 %s，请检查文件夹、权限和剩余空间", path).Because(err)
}

// vacuumInto copies the database on a connection of its own: those that read may
// not write anywhere, and the writing one is needed meanwhile.
func (d *DB) vacuumInto(ctx context.Context, path string) (err error) {
	conn, err := sql.Open("sqlite", fileURL(d.path, url.Values{"_pragma": {pragmaBusy}}))
	if err != nil {
		return fmt.Errorf("db: backup: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// Verify checks a file of SQLite that nobody has open: that it is whole, that its
// references hold, and that it holds a schema of the product.
func Verify(ctx context.Context, path string) (err error) {
	conn, err := sql.Open("sqlite", fileURL(path, url.Values{"mode": {"ro"}, "_pragma": {pragmaBusy}}))
	if err != nil {
		return fmt.Errorf("db: verify: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var version sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&version); err != nil || version.Int64 == 0 {
		return errs.New(errs.Invalid, "文件 %s 不是颐安的数据库，或已损坏", path).Because(err)
	}
	return check(ctx, conn, path)
}

// flush makes what was written to a file, or the names in a folder, outlast a power cut.
func flush(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}
