package person

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/history"
)

// entries counts the entries of an action that lie in the scope of an actor.
func entries(t testing.TB, k *kit, a access.Actor, code string) int {
	t.Helper()
	found, err := k.Audit.Entries(t.Context(), a.Scope(access.PersonRead), audit.Query{Action: code, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func TestLooksAreOnTheTrail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		ctx := t.Context()
		_, err := k.Unmask(ctx, county, p.ID, ShowNumber, "看看 ")
		want(t, err, errs.Invalid, "purpose")
		_, err = k.Unmask(ctx, actor(access.VillageWorker, "141002001"), p.ID, ShowNumber, "核对身份")
		want(t, err, errs.Denied, "")
		if _, err := k.Unmask(ctx, county, p.ID, ShowNumber, "核对身份"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Show(ctx, county, p.ID, "来电咨询"); err != nil {
			t.Fatal(err)
		}
		found, err := k.Audit.Entries(ctx, county.Scope(access.PersonRead), audit.Query{Kind: "person", Subject: p.ID.String(), Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range found {
			got += e.Action + " " + e.Purpose + " " + e.Detail + "\n"
		}
		if want := "person.read 来电咨询 {}\nperson.unmask 核对身份 {\"what\":\"number\"}\nperson.create  {\"records\":2}\n"; got != want {
			t.Errorf("the trail says\n%swant\n%s", got, want)
		}
	})
}

// TestNothingClearIsStored looks for numbers and phones in every column of every table.
func TestNothingClearIsStored(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		in := draft("王桂兰", wang)
		in.Contacts = []Contact{{Name: "李明", Phone: "13798765432"}}
		in.Address = "解放路甲 1 号"
		p, err := k.Create(t.Context(), county, in, history.Town, facts(t, "residence", "141002001"), day(t, "2024-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		in.Number, in.Phones = number("14100219400115004"), []string{"13912345678"}
		if _, err := k.Change(t.Context(), county, p.ID, 1, in); err != nil {
			t.Fatal(err)
		}
		for table, text := range dump(t, d) {
			for _, secret := range []string{number(wang), in.Number, wang, "13812345678", "13912345678", "13798765432", "解放路"} {
				if strings.Contains(text, secret) {
					t.Errorf("table %s holds %s in clear", table, secret)
				}
			}
		}
	})
}

// dump writes all rows of all tables of people and of the trail as text.
func dump(t testing.TB, d *db.DB) map[string]string {
	t.Helper()
	tables := map[string]string{}
	for _, table := range []string{
		"person", "person_phone", "person_record", "person_revision", "person_conflict", "person_photo", "person_filter", "person_pair", "audit_entry",
	} {
		text, err := dumpTable(t.Context(), d, table)
		if err != nil {
			t.Fatal(err)
		}
		tables[table] = text
	}
	return tables
}

func dumpTable(ctx context.Context, d *db.DB, table string) (string, error) {
	rows, err := d.DB.DB.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return "", err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	values := make([]any, len(names))
	targets := make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		for _, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			fmt.Fprintf(&b, "%v|", v)
		}
		b.WriteByte('\n')
	}
	return b.String(), rows.Err()
}

func TestARowChangedByHandIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang, "income", "none")
		k.create(t, "赵大娘", "14100219400115004")
		k.verified(t)
		for table, change := range map[string]string{
			"person":        "UPDATE person SET income = 4 WHERE id = $1",
			"person_record": `UPDATE person_record SET facts = '{"income":"dibao"}' WHERE source = 'town' AND person_id = $1`,
		} {
			if _, err := d.Writer().ExecContext(t.Context(), change, int64(p.ID)); err != nil {
				t.Fatal(err)
			}
			r, err := k.Audit.Verify(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, problem := range r.Problems {
				if problem.Table == table {
					found++
				}
			}
			if found != 1 {
				t.Errorf("of a change in %s the trail says %+v", table, r.Problems)
			}
			if r.Rows["person"] != 2 || r.Rows["person_record"] != 4 {
				t.Errorf("looked at %v", r.Rows)
			}
		}
		if _, err := d.Writer().ExecContext(t.Context(), "DELETE FROM person WHERE id = $1", int64(p.ID)); err != nil {
			t.Fatal(err)
		}
		r, err := k.Audit.Verify(t.Context(), "")
		if err != nil || len(r.Problems) != 3 || r.Problems[2].Message == r.Problems[1].Message {
			t.Errorf("of two records of nobody, one of them changed, the trail says %+v (%v)", r.Problems, err)
		}
	})
}

// TestRowsTakenAwayByHandAreMissed deletes somebody with all that speaks of him.
func TestRowsTakenAwayByHandAreMissed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang, "income", "none")
		k.create(t, "赵大娘", "14100219400115004")
		k.verified(t)
		for _, table := range []string{"person_phone WHERE person_id", "person_record WHERE person_id", "person WHERE id"} {
			if _, err := d.Writer().ExecContext(t.Context(), "DELETE FROM "+table+" = $1", int64(p.ID)); err != nil {
				t.Fatal(err)
			}
		}
		r, err := k.Audit.Verify(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"person":        "按审计记录至少应有 2 行，现有 1 行：有 1 行被删除",
			"person_record": "按审计记录至少应有 4 行，现有 2 行：有 2 行被删除",
		}
		for _, problem := range r.Problems {
			if problem.Message != want[problem.Table] {
				t.Errorf("the trail says of %s: %s", problem.Table, problem.Message)
			}
			delete(want, problem.Table)
		}
		if len(want) > 0 {
			t.Errorf("nothing is said of %v", want)
		}
	})
}
