package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/secret"
)

// NewKey writes a new key to a file that does not exist.
func NewKey(path string) error {
	_, err := secret.WriteNew(path)
	return err
}

// Backup copies the SQLite database of an installation, which may be serving, and
// returns the size of the copy, which has been verified.
func Backup(ctx context.Context, c Config, path string) (size int64, err error) {
	if file, ok := sqliteFile(&c); ok {
		if _, err := os.Stat(file); err != nil {
			return 0, fmt.Errorf("没有数据库 %s：请用 --data 或 --db 指明要备份的数据库：%w", file, err)
		}
	}
	d, err := db.Open(ctx, c.database(), slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Backup(ctx, path); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// sqliteFile returns the file of the database if it is SQLite.
func sqliteFile(c *Config) (string, bool) {
	url := c.database()
	if strings.HasPrefix(url, "postgres:") || strings.HasPrefix(url, "postgresql:") {
		return "", false
	}
	return strings.TrimPrefix(url, "sqlite:"), true
}

// Restore puts a backup in the place of the SQLite database of an installation that
// is not serving, if the keys are those of the backup. The database that was there is
// kept under the name that is returned; the backup itself stays.
func Restore(ctx context.Context, c Config, backup string, h Host) (kept string, err error) {
	target, ok := sqliteFile(&c)
	if !ok {
		return "", errors.New("PostgreSQL 请用它自己的工具恢复：pg_restore --clean --dbname=数据库地址 备份文件")
	}
	if err := db.Verify(ctx, backup); err != nil {
		return "", fmt.Errorf("备份 %s 不能用：%w", backup, err)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return "", err
	}
	release, err := lock(c.Data)
	if err != nil {
		return "", err
	}
	defer release()
	beside := target + ".restoring"
	if err := copyFile(backup, beside); err != nil {
		return "", errors.Join(err, os.Remove(beside))
	}
	if err := fits(ctx, &c, beside, h); err != nil {
		return "", errors.Join(err, os.Remove(beside))
	}
	kept = target + "." + h.Now().UTC().Format("20060102T150405")
	switch err := os.Rename(target, kept); {
	case errors.Is(err, fs.ErrNotExist):
		kept = ""
	case err != nil:
		return "", errors.Join(err, os.Remove(beside))
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		// What a killed process left in its log belongs to the old database.
		err := os.Rename(target+suffix, kept+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return kept, err
		}
	}
	return kept, os.Rename(beside, target)
}

// fits compares the keys with the copy of a backup that lies at path. Nobody could
// read what is encrypted in it with others.
func fits(ctx context.Context, c *Config, path string, h Host) (err error) {
	keys, err := loadKeys(c, h.Getenv)
	if err != nil {
		return err
	}
	if keys == nil {
		return fmt.Errorf("没有密钥 %s：请先放好与备份一起保存的密钥，或用 --key-file 指明，再恢复", c.keyFile())
	}
	d, err := db.Open(ctx, "sqlite:"+path, h.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	err = audit.New(d, keys, id.NewMaker(h.Now), h.Now).Fits(ctx)
	if errs.Is(err, errs.Invalid) {
		return errors.New("密钥不是这个备份的密钥（或备份被改动），没有恢复：请换上备份时所用的密钥，再恢复")
	}
	return err
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it is only read
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return errors.Join(out.Sync(), out.Close())
}
