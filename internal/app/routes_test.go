package app

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/db/dbtest"
)

// TestRoutes shows every route with what it takes to use it, so that a change of what
// is open to whom is seen in review.
func TestRoutes(t *testing.T) {
	const file = "testdata/routes.golden"
	known := map[access.Permission]bool{access.Public: true, access.SignedIn: true}
	for _, l := range access.Labels {
		known[l.Permission] = true
	}
	var b strings.Builder
	for _, r := range start(t, dbtest.SQLiteURL(t)).Mux.Routes() {
		if !known[r.Permission] {
			t.Errorf("%s %s needs %q, which no table of permissions has", r.Method, r.Path, r.Permission)
		}
		fmt.Fprintf(&b, "%-6s %-50s %s\n", r.Method, r.Path, r.Permission)
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the routes are others than in %s; if that is meant, run with -update\n%s", file, b.String())
	}
}
