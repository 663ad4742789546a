package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/account/accounttest"
	"yian/internal/db/dbtest"
)

// used opens an installation, writes something in it and closes it.
func used(t *testing.T, c Config) {
	t.Helper()
	k := new(kit)
	a, err := Open(t.Context(), c, k.host(t))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	k.App = a
	accounttest.NamedUser(t, a.signing, "zhang.san", "张三", access.Officer, "141002")
	if _, err := a.Audit.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRestoreComparesTheKey brings a backup back with its own key, with another one and
// with none.
func TestRestoreComparesTheKey(t *testing.T) {
	k := new(kit)
	c := quick(t, "")
	used(t, c)
	key, backup := filepath.Join(c.Data, "key.txt"), filepath.Join(t.TempDir(), "backup.db")
	if _, err := Backup(t.Context(), c, backup); err != nil {
		t.Fatal(err)
	}

	other := quick(t, "")
	used(t, other)
	before := read(t, filepath.Join(other.Data, "yian.db"))
	if _, err := Restore(t.Context(), other, backup, k.host(t)); err == nil || !strings.Contains(err.Error(), "密钥不是这个备份的密钥") {
		t.Errorf("with another key: %v", err)
	}
	if read(t, filepath.Join(other.Data, "yian.db")) != before {
		t.Error("a refused backup was put in place")
	}
	if left, _ := filepath.Glob(filepath.Join(other.Data, "*restoring*")); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}

	empty := quick(t, "")
	if _, err := Restore(t.Context(), empty, backup, k.host(t)); err == nil || !strings.Contains(err.Error(), "没有密钥") {
		t.Errorf("without a key: %v", err)
	}
	if _, err := os.Stat(filepath.Join(empty.Data, "key.txt")); err == nil {
		t.Error("it makes a key")
	}
	if err := os.WriteFile(filepath.Join(empty.Data, "key.txt"), []byte(read(t, key)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), empty, backup, k.host(t)); err != nil {
		t.Fatalf("with its key: %v", err)
	}
	a, err := Open(t.Context(), empty, k.host(t))
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	for _, name := range []string{"yian.db.restoring", "yian.db.restoring-wal", "yian.db.restoring-shm"} {
		if _, err := os.Stat(filepath.Join(empty.Data, name)); err == nil {
			t.Errorf("it leaves %s", name)
		}
	}
}

// TestNoKeyIsMadeForADatabaseInUse starts a second node that nobody gave the key.
func TestNoKeyIsMadeForADatabaseInUse(t *testing.T) {
	for name, url := range map[string]string{"sqlite": dbtest.SQLiteURL(t), "postgres": dbtest.PostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			used(t, quick(t, url))
			second := quick(t, url)
			a, err := Open(t.Context(), second, new(kit).host(t))
			if err == nil {
				a.Close()
				t.Fatal("it opens")
			}
			if !strings.Contains(err.Error(), "--key-file") {
				t.Errorf("it says %v", err)
			}
			found := Doctor(t.Context(), second, new(kit).host(t))
			if last := found[len(found)-1]; last.Part != "密钥" || last.Verdict != Broken {
				t.Errorf("the doctor ends with %+v", last)
			}
			if _, err := os.Stat(filepath.Join(second.Data, "key.txt")); err == nil {
				t.Error("it leaves a key behind")
			}
		})
	}
}
