package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
)

func TestBackupWhileOthersWrite(t *testing.T) {
	d := dbtest.SQLite(t)
	makeTables(t, d, "CREATE TABLE pair (id {id}, a BIGINT NOT NULL, b BIGINT NOT NULL, ballast TEXT NOT NULL)")
	var stop atomic.Bool
	var wg sync.WaitGroup
	started := make(chan struct{})
	wg.Go(func() {
		for i := 1; !stop.Load(); i++ {
			// Two rows and both their columns belong together.
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				for k := range 2 {
					if _, err := tx.NewRaw("INSERT INTO pair (id, a, b, ballast) VALUES (?, ?, ?, ?)", 2*i+k, i, i, strings.Repeat("x", 500)).Exec(ctx); err != nil {
						return err
					}
				}
				_, err := tx.NewRaw("UPDATE pair SET a = ?, b = ?", i, i).Exec(ctx)
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
			if i == 20 {
				close(started)
			}
		}
	})
	<-started
	path := filepath.Join(t.TempDir(), "备份 1.db")
	for range 3 {
		if err := d.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if err := db.Verify(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the copy has mode %o, %v", info.Mode().Perm(), err)
		}
		copied := dbtest.Open(t, path)
		if n := number(t, copied, "SELECT count(*) FROM pair"); n < 40 || n%2 != 0 {
			t.Errorf("%d rows in the copy: a transaction is cut in two", n)
		}
		if n := number(t, copied, "SELECT count(*) FROM (SELECT DISTINCT a, b FROM pair) AS x"); n != 1 {
			t.Errorf("%d moments in the copy, want one", n)
		}
		current, latest, err := copied.Version(t.Context())
		if err != nil || current != latest {
			t.Errorf("the copy is version %d of %d, %v", current, latest, err)
		}
		path += "x"
	}
	stop.Store(true)
	wg.Wait()

	if err := d.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	query := "SELECT count(*) * 1000000 + sum(id) + sum(a) FROM pair"
	if got, want := number(t, dbtest.Open(t, path), query), number(t, d, query); got != want {
		t.Errorf("the sum over the copy is %d, over the original %d", got, want)
	}
	if err := d.Backup(t.Context(), path); !errs.Is(err, errs.Conflict) {
		t.Errorf("a second time to the same file: %v", err)
	}
}

func TestBackupThatFailsLeavesNothing(t *testing.T) {
	d := dbtest.SQLite(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for path, ctx := range map[string]context.Context{
		filepath.Join(dir, "a.db"):          ctx,
		filepath.Join(dir, "there", "b.db"): t.Context(),
	} {
		if err := d.Backup(ctx, path); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	// What a killed backup has left is no obstacle.
	path := filepath.Join(dir, "c.db")
	if err := os.WriteFile(path+".partial", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Backup(t.Context(), path); err != nil {
		t.Error(err)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	d := dbtest.SQLite(t)
	makeTables(t, d, "CREATE TABLE big (id {id}, ballast TEXT)")
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for i := range 200 {
			if _, err := tx.NewRaw("INSERT INTO big (id, ballast) VALUES (?, ?)", i, strings.Repeat("x", 1000)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	if err := d.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty": nil,
		"text":  []byte(strings.Repeat("没有数据库。", 1000)),
		"short": whole[:len(whole)/2],
		"holed": append(append(append([]byte{}, whole[:len(whole)/2]...), make([]byte, 4096)...), whole[len(whole)/2+4096:]...),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := db.Verify(t.Context(), path); err == nil {
			t.Errorf("%s: taken for a good backup", name)
		}
	}
	if err := db.Verify(t.Context(), filepath.Join(dir, "missing")); err == nil {
		t.Error("a missing file is taken for a good backup")
	}
	if _, err := os.Stat(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the check has made the file: %v", err)
	}
}

func TestPostgresHasItsOwnBackup(t *testing.T) {
	d := dbtest.Postgres(t)
	if err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "a.db")); !errs.Is(err, errs.Invalid) || !strings.Contains(errs.Message(err), "pg_dump") {
		t.Errorf("error %v", err)
	}
}
