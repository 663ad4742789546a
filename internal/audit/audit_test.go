package audit_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/id"
	"yian/internal/secret"
)

var (
	change = audit.Action{Code: "person.change", Label: "修改档案"}
	look   = audit.Action{Code: "person.show", Label: "查看档案"}
	clerk  = access.NewActor(7, "张三", "session", []access.Grant{{Role: access.Officer, Region: "1410"}}, nil)
)

type kit struct {
	*audit.Log
	db  *db.DB
	now time.Time
}

func open(t *testing.T, d *db.DB) *kit {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{db: d, now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	now := func() time.Time { return k.now }
	k.Log = audit.New(d, keys, id.NewMaker(now), now)
	return k
}

// write records n changes.
func (k *kit) write(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		err := k.Write(t.Context(), clerk, change, func(context.Context, db.Tx) (audit.Change, error) {
			return audit.Change{Kind: "person", Subject: fmt.Sprint(i), Region: "141002", Detail: map[string]any{"fields": []string{"address"}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (k *kit) seal(t *testing.T) int {
	t.Helper()
	n, err := k.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (k *kit) verify(t *testing.T, noted string) *audit.Report {
	t.Helper()
	r, err := k.Verify(t.Context(), noted)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tamper changes the database behind the program's back.
func (k *kit) tamper(t *testing.T, query string) {
	t.Helper()
	if _, err := k.db.Writer().ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func TestTrailIsWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.write(t, 30)
		if r := k.verify(t, ""); !r.OK() || r.Entries != 30 || r.Waiting != 30 {
			t.Fatalf("before sealing: %+v", r)
		}
		if n := k.seal(t); n != 30 {
			t.Fatalf("sealed %d", n)
		}
		noted, err := k.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		k.write(t, 5)
		k.seal(t)
		k.write(t, 2)
		if r := k.verify(t, noted); !r.OK() || r.Entries != 37 || r.Waiting != 2 {
			t.Fatalf("whole trail: %+v", r)
		}
		if n := k.seal(t); n != 2 {
			t.Fatalf("sealed %d", n)
		}
		if n := k.seal(t); n != 0 {
			t.Fatalf("sealed %d again", n)
		}
	})
}

func TestVerifyFindsWhatWasDoneByHand(t *testing.T) {
	for name, c := range map[string]struct{ query, want string }{
		"altered":         {"UPDATE audit_entry SET actor = '李四' WHERE seq = 5", "内容被改动"},
		"detail":          {"UPDATE audit_entry SET detail = '{}' WHERE seq = 5", "内容被改动"},
		"removed":         {"DELETE FROM audit_entry WHERE seq = 5", "缺 1 条"},
		"removed at end":  {"DELETE FROM audit_entry WHERE seq > 8", "末尾缺 2 条"},
		"swapped":         {"UPDATE audit_entry SET seq = CASE seq WHEN 5 THEN -6 ELSE -5 END WHERE seq IN (5, 6); UPDATE audit_entry SET seq = -seq WHERE seq < 0", "接不上"},
		"added":           {"INSERT INTO audit_entry (id, at, actor_id, actor, via, action, label, kind, subject, region_code, purpose, detail, mac) SELECT id + 100000, at, actor_id, actor, via, action, label, kind, '99', region_code, purpose, detail, mac FROM audit_entry WHERE seq = 5", "不是本系统写入"},
		"head altered":    {"UPDATE audit_head SET seq = 4", "链头被改动"},
		"head removed":    {"DELETE FROM audit_head", "链头缺失"},
		"unsealed again":  {"UPDATE audit_entry SET seq = NULL, hash = NULL WHERE seq = 10", "末尾缺 1 条"},
		"everything gone": {"DELETE FROM audit_entry", "末尾缺 10 条"},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := open(t, d)
				k.write(t, 10)
				k.seal(t)
				k.tamper(t, c.query)
				r := k.verify(t, "")
				if r.OK() || !strings.Contains(fmt.Sprint(r.Problems), c.want) {
					t.Errorf("found %v, want %q", r.Problems, c.want)
				}
			})
		})
	}
}

func TestCutTrailDoesNotPassThroughANotedHead(t *testing.T) {
	k := open(t, dbtest.SQLite(t))
	k.write(t, 5)
	k.seal(t)
	k.tamper(t, "CREATE TABLE kept AS SELECT * FROM audit_head")
	k.write(t, 5)
	k.seal(t)
	noted, err := k.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k.tamper(t, "DELETE FROM audit_entry WHERE seq > 5; DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept; DROP TABLE kept")
	if r := k.verify(t, ""); !r.OK() {
		t.Fatalf("the older trail is not whole: %v", r.Problems)
	}
	if r := k.verify(t, noted); r.OK() {
		t.Error("nobody sees that the trail was cut")
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		insert := func(ctx context.Context, tx db.Tx) {
			if _, err := tx.NewRaw("INSERT INTO session (token, data, expires_at) VALUES ('x', '', 0)").Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		failed := errors.New("failed")
		err := k.Write(t.Context(), clerk, change, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
			insert(ctx, tx)
			return audit.Change{Kind: "person"}, failed
		})
		if !errors.Is(err, failed) {
			t.Fatalf("got %v", err)
		}
		err = k.Write(t.Context(), clerk, change, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
			insert(ctx, tx)
			return audit.Nothing, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := d.NewRaw("SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM audit_entry)").Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		if rows != 0 {
			t.Errorf("%d rows were left by a silent or failed write", rows)
		}
	})
}

func TestReadersShareTransactionsAndLoseNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		var group sync.WaitGroup
		for i := range 200 {
			group.Go(func() {
				err := k.Read(t.Context(), clerk, look, audit.Change{Kind: "person", Subject: fmt.Sprint(i), Region: "141002", Purpose: "核对"})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if r := k.verify(t, ""); !r.OK() || r.Entries != 200 {
			t.Errorf("%d entries, %v", r.Entries, r.Problems)
		}
	})
}

func TestSealersTakeTurns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.write(t, 1)
		k.seal(t) // the head is there
		k.write(t, 100)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if _, err := k.Seal(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if r := k.verify(t, ""); !r.OK() || r.Waiting != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestEntriesAreScoped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.write(t, 3)
		k.now = k.now.Add(time.Hour)
		err := k.Read(t.Context(), clerk, look, audit.Change{Kind: "person", Subject: "9", Region: "520102"})
		if err != nil {
			t.Fatal(err)
		}
		auditor := func() access.Scope {
			return access.NewActor(8, "审计", "session", []access.Grant{{Role: access.Auditor, Region: "1410"}}, nil).Scope(access.AuditRead)
		}
		got, err := k.Entries(t.Context(), auditor(), audit.Query{Limit: 10})
		if err != nil || len(got) != 3 {
			t.Fatalf("got %d entries (%v)", len(got), err)
		}
		older, err := k.Entries(t.Context(), auditor(), audit.Query{Limit: 10, Before: got[0].ID})
		if err != nil || len(older) != 2 || older[0].ID != got[1].ID {
			t.Errorf("the next page has %d entries (%v)", len(older), err)
		}
		late, err := k.Entries(t.Context(), auditor(), audit.Query{Limit: 10, From: civil.At(k.now)})
		if err != nil || len(late) != 0 {
			t.Errorf("%d entries from later (%v)", len(late), err)
		}
		none, err := k.Entries(t.Context(), access.Scope{}, audit.Query{Limit: 10})
		if err != nil || len(none) != 0 {
			t.Errorf("the zero scope sees %d entries (%v)", len(none), err)
		}
	})
}

func TestRegisteredRowsAreVerified(t *testing.T) {
	k := open(t, dbtest.SQLite(t))
	k.Register(audit.Rows{Table: "person", Check: func(_ context.Context, report func(row, message string)) (int64, error) {
		report("42", "被改动")
		return 3, nil
	}})
	r := k.verify(t, "")
	if r.OK() || r.Rows["person"] != 3 || r.Problems[0] != (audit.Problem{Table: "person", Row: "42", Message: "被改动"}) {
		t.Errorf("%+v", r)
	}
}

func TestOtherKeysDoNotFit(t *testing.T) {
	d := dbtest.SQLite(t)
	k := open(t, d)
	if err := k.Fits(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.write(t, 1)
	k.seal(t)
	if err := k.Fits(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := open(t, d).Fits(t.Context()); err == nil {
		t.Error("other keys were taken")
	}
}
