package db_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
)

// silent is a log that nobody reads.
var silent = slog.New(slog.DiscardHandler)

// makeTables runs a text as migrations have it.
func makeTables(t testing.TB, d *db.DB, text string) {
	t.Helper()
	statements, err := d.Engine().Translate(text)
	if err != nil {
		t.Fatal(err)
	}
	write(t, d, statements)
}

// write runs statements in a transaction.
func write(t testing.TB, d *db.DB, statements ...string) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// number reads one number.
func number(t testing.TB, d *db.DB, query string) (n int64) {
	t.Helper()
	if err := d.NewRaw(query).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("没有数据库。", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ url, want string }{
		"another engine":     {"mysql://root:secret@localhost/yian", `"mysql:"`},
		"a link to a file":   {"file:///tmp/yian.db", "sqlite:文件路径"},
		"nothing":            {"", "缺少数据库文件的路径"},
		"no path":            {"sqlite:", "缺少数据库文件的路径"},
		"memory":             {"sqlite::memory:", "缺少数据库文件的路径"},
		"no such folder":     {filepath.Join(dir, "there", "yian.db"), "文件夹"},
		"a folder":           {dir, "打不开"},
		"not a database":     {text, "不是 SQLite 数据库"},
		"a broken address":   {"postgres://yian:secret@localhost:port/yian", "地址写得不对"},
		"nobody listens":     {"postgres://yian:secret@127.0.0.1:1/yian", "连不上 PostgreSQL"},
		"no socket there":    {"postgresql:///yian?host=" + dir, "连不上 PostgreSQL"},
		"an unknown setting": {"postgres://yian:secret@localhost/yian?sslmode=perhaps", "地址写得不对"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(t.Context(), tc.url, silent)
			if err == nil {
				_ = d.Close()
				t.Fatal("it opened")
			}
			if m := errs.Message(err); !errs.Is(err, errs.Invalid) || !strings.HasPrefix(m, "设置 --db：") || !strings.Contains(m, tc.want) {
				t.Errorf("error %q, want the setting and %q", m, tc.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestOpenMakesAPrivateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b%20?#&颐安.db")
	for _, url := range []string{path, "sqlite:" + path} {
		d := dbtest.Open(t, url)
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, path + "-wal", path + "-shm"} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode != 0o600 {
				t.Errorf("%s has mode %o", filepath.Base(name), mode)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the log is left behind: %v", err)
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, "CREATE TABLE thing (id {id})")
		for _, s := range []string{"INSERT INTO thing (id) VALUES (1)", "CREATE TABLE other (id BIGINT)", "DROP TABLE thing"} {
			if _, err := d.ExecContext(t.Context(), s); err == nil {
				t.Errorf("%s: a reader has written", s)
			}
		}
		if n := number(t, d, "SELECT count(*) FROM thing"); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestKindsOfErrors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, `
			CREATE TABLE parent (id {id}, code {key} NOT NULL UNIQUE);
			CREATE TABLE child (id {id}, parent_id BIGINT NOT NULL REFERENCES parent (id));
			CREATE TABLE heir (id {id}, parent_id BIGINT NOT NULL REFERENCES parent (id) ON DELETE RESTRICT);
			INSERT INTO parent (id, code) VALUES (1, 'a'), (2, 'b');
			INSERT INTO child (id, parent_id) VALUES (1, 1);
			INSERT INTO heir (id, parent_id) VALUES (1, 2);`)
		for _, tc := range []struct {
			statement                 string
			unique, foreignKey, other bool
		}{
			{statement: "INSERT INTO parent (id, code) VALUES (1, 'c')", unique: true},
			{statement: "INSERT INTO parent (id, code) VALUES (3, 'a')", unique: true},
			{statement: "INSERT INTO child (id, parent_id) VALUES (2, 9)", foreignKey: true},
			{statement: "DELETE FROM parent WHERE id = 1", foreignKey: true},
			{statement: "DELETE FROM parent WHERE id = 2", foreignKey: true},
			{statement: "INSERT INTO parent (id) VALUES (4)", other: true},
			{statement: `INSERT INTO parent (id, code) VALUES (5, "misspelt")`, other: true}, // no text, but an unknown column
		} {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, tc.statement)
				return err
			})
			if err == nil || db.IsUnique(err) != tc.unique || db.IsForeignKey(err) != tc.foreignKey || db.IsBusy(err) {
				t.Errorf("%s: %v: unique %v, foreign key %v, busy %v", tc.statement, err, db.IsUnique(err), db.IsForeignKey(err), db.IsBusy(err))
			}
		}
	})
}

func TestCheckAndAnalyze(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if err := d.Analyze(t.Context()); err != nil {
			t.Error(err)
		}
		number(t, d, "SELECT count(*) FROM session")
	})
}

func TestCheckFindsDamage(t *testing.T) {
	d := dbtest.SQLite(t)
	makeTables(t, d, "CREATE TABLE parent (id {id}); CREATE TABLE child (id {id}, parent_id BIGINT REFERENCES parent (id))")
	for _, s := range []string{"PRAGMA foreign_keys = 0", "INSERT INTO child (id, parent_id) VALUES (1, 9)", "PRAGMA foreign_keys = 1"} {
		if _, err := d.Writer().ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Check(t.Context()); err == nil || !strings.Contains(errs.Message(err), "指向不存在的记录") || !strings.Contains(err.Error(), "child refers to missing parent") {
		t.Errorf("an orphan: %v", err)
	}
}

func TestOpenRefusesAnEncodingWithoutChinese(t *testing.T) {
	url := dbtest.EmptyPostgresURL(t)
	d := dbtest.Open(t, url)
	name := "ascii_" + filepath.Base(t.TempDir()) + "_" + strconv.Itoa(os.Getpid())
	if _, err := d.Writer().ExecContext(t.Context(), "CREATE DATABASE "+name+" ENCODING 'SQL_ASCII' TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := d.Writer().ExecContext(t.Context(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	}()
	address, query, _ := strings.Cut(url, "?")
	_, err := db.Open(t.Context(), address[:strings.LastIndex(address, "/")+1]+name+"?"+query, silent)
	if m := errs.Message(err); !errs.Is(err, errs.Invalid) || !strings.Contains(m, "SQL_ASCII") {
		t.Errorf("error %v", err)
	}
}

// TestNoSecondStatement shows that a query written by bun is sent as one statement.
func TestNoSecondStatement(t *testing.T) {
	d := dbtest.Postgres(t)
	if err := d.NewRaw("SELECT 1; SELECT 2").Scan(t.Context(), new(int)); err == nil {
		t.Error("two statements were run")
	}
}
