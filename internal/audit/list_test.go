package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/region"
)

// asked keeps the last query of a database.
type asked struct{ query string }

// BeforeQuery implements bun.QueryHook.
func (a *asked) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	a.query = e.Query
	return ctx
}

// AfterQuery implements bun.QueryHook.
func (a *asked) AfterQuery(context.Context, *bun.QueryEvent) {}

// plan tells how SQLite, which has counted nothing yet, answers a query.
func plan(t *testing.T, d *db.DB, query string) string {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var b strings.Builder
	for rows.Next() {
		var n, parent, unused int
		var text string
		if err := rows.Scan(&n, &parent, &unused, &text); err != nil {
			t.Fatal(err)
		}
		b.WriteString(text + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func auditor(at ...region.Code) access.Scope {
	var grants []access.Grant
	for _, r := range at {
		grants = append(grants, access.Grant{Role: access.Auditor, Region: r})
	}
	return access.NewActor(8, "审计", "session", grants, nil).Scope(access.AuditRead)
}

// TestTheTrailIsReadAlongIndexes looks at the plans of the queries of pages.
func TestTheTrailIsReadAlongIndexes(t *testing.T) {
	d := dbtest.SQLite(t)
	last := new(asked)
	d.DB = d.WithQueryHook(last)
	k := open(t, d)
	for _, tc := range []struct {
		scope access.Scope
		q     audit.Query
		want  string
	}{
		{auditor("1410"), audit.Query{}, "SCAN e\n"}, // along the key, until the page is full
		{auditor("141002", "141024"), audit.Query{Before: 1 << 60}, "INTEGER PRIMARY KEY (rowid<?)"},
		{auditor("1410"), audit.Query{From: civil.At(k.now)}, "INTEGER PRIMARY KEY (rowid>?)"},
		{auditor("1410"), audit.Query{Action: "person.unmask"}, "audit_entry_action"},
		{auditor("1410"), audit.Query{Kind: "token"}, "audit_entry_kind"},
		{auditor("1410"), audit.Query{Kind: "person", Subject: "9"}, "audit_entry_subject"},
		{auditor("1410"), audit.Query{Actor: 7}, "audit_entry_actor"},
	} {
		if _, err := k.Entries(t.Context(), tc.scope, tc.q); err != nil {
			t.Fatal(err)
		}
		if got := plan(t, d, last.query); !strings.Contains(got, tc.want) || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%+v: %s", tc.q, got)
		}
	}
	if _, err := k.Entries(t.Context(), auditor("141002001"), audit.Query{}); err != nil {
		t.Fatal(err)
	}
	if got := plan(t, d, last.query); !strings.Contains(got, "audit_entry_region") {
		t.Errorf("of a town: %s", got)
	}
	if _, err := k.Last(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := plan(t, d, last.query); !strings.Contains(got, "SEARCH e") {
		t.Errorf("the last one: %s", got)
	}
}

func TestLastIsTheClockThatWasAhead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		if at, err := k.Last(t.Context()); err != nil || at != 0 {
			t.Errorf("of an empty trail %v (%v)", at, err)
		}
		k.write(t, 1)
		ahead := k.now
		k.now = k.now.Add(-time.Hour)
		k.write(t, 1)
		if at, err := k.Last(t.Context()); err != nil || at != civil.At(ahead) {
			t.Errorf("the last is of %v (%v), want %v", at, err, ahead)
		}
	})
}

// TestEveryScopeSeesTheSame holds the two ways to look for a region to each other.
func TestEveryScopeSeesTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		for i, r := range []region.Code{"14", "1410", "141002", "141002001", "141002001001", "141002002", "141024", "52"} {
			err := k.Read(t.Context(), clerk, look, audit.Change{Kind: "person", Subject: fmt.Sprint(i), Region: r})
			if err != nil {
				t.Fatal(err)
			}
		}
		for at, want := range map[region.Code]string{"1410": "654321", "141002": "5432", "141002001": "43", "141002002": "5", "53": ""} {
			entries, err := k.Entries(t.Context(), auditor(at), audit.Query{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, e := range entries {
				got += e.Subject
			}
			if got != want {
				t.Errorf("%s sees %s, want %s", at, got, want)
			}
		}
	})
}
