package arch

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// mayWrite are the files that open write transactions without an audit entry, and why.
var mayWrite = map[string]string{
	"internal/db/write.go":             "it is the transaction",
	"internal/audit/audit.go":          "it adds the entry",
	"internal/audit/read.go":           "it is the entry",
	"internal/audit/seal.go":           "it chains the entries",
	"internal/jobs/jobs.go":            "hands jobs of a killed process back",
	"internal/web/session.go":          "what a browser is remembered by",
	"internal/web/api_request.go":      "answers that are kept for idempotency keys",
	"internal/account/lately.go":       "when a token or a sign-in was last used",
	"internal/signin/store_attempt.go": "counts attempts before anybody is known",
}

// TestOnlyTheTrailWrites holds the third seam: a module changes data in audit.Write.
func TestOnlyTheTrailWrites(t *testing.T) {
	found := map[string]bool{}
	for _, f := range module(t) {
		for _, s := range f.product() {
			if !slices.Contains(ours(s), "internal/db") && f.path != "internal/db" {
				continue
			}
			ast.Inspect(s.syntax, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) != 2 { // audit.Write has four
					return true
				}
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Write" {
					if mayWrite[s.path] == "" {
						t.Errorf("%s writes without an audit entry: use audit.Write", s.path)
					}
					found[s.path] = true
				}
				return true
			})
		}
	}
	for name, reason := range mayWrite {
		if !found[name] && name != "internal/db/write.go" {
			t.Errorf("%s may write (%s) and does not: take it from the table", name, reason)
		}
	}
}

// builders are the methods of bun and of database/sql that make statements.
var builders = []string{
	"NewSelect", "NewInsert", "NewUpdate", "NewDelete", "NewRaw", "NewValues",
	"QueryContext", "QueryRowContext", "ExecContext", "PrepareContext",
	"SelectQuery", "UpdateQuery", "DeleteQuery", // what conditions are added to
}

// TestSQLIsForStores keeps statements out of use cases and of the files that answer
// requests.
func TestSQLIsForStores(t *testing.T) {
	for _, f := range module(t) {
		for _, s := range f.product() {
			name := path.Base(s.path)
			page := strings.HasPrefix(name, "service") || strings.HasPrefix(name, "web") || strings.HasPrefix(name, "api") ||
				strings.HasSuffix(f.path, "web") || strings.HasSuffix(f.path, "api")
			if !page || f.path == "internal/web" {
				continue
			}
			ast.Inspect(s.syntax, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(builders, sel.Sel.Name) {
					t.Errorf("%s makes a statement (%s): that is for the store", s.path, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

// TestDatabasesAreOpenedInOneRoom keeps drivers and engines out of modules.
func TestDatabasesAreOpenedInOneRoom(t *testing.T) {
	drivers := []string{"modernc.org/sqlite", "github.com/jackc/pgx", "github.com/lib/pq", "github.com/pressly/goose", "github.com/uptrace/bun/dialect"}
	for _, f := range module(t) {
		if f.path == "internal/db" || strings.HasPrefix(f.path, "internal/db/") {
			continue
		}
		for _, s := range f.product() {
			for _, imported := range imports(s) {
				if slices.ContainsFunc(drivers, func(d string) bool { return strings.HasPrefix(imported, d) }) {
					t.Errorf("%s imports %s: engines are internal/db's", s.path, imported)
				}
			}
		}
	}
}
