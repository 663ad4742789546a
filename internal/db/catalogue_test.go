package db_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
)

// families names the types of both engines alike.
var families = map[string]string{
	"SMALLINT": "int2", "INTEGER": "int4", "BIGINT": "int8",
	"smallint": "int2", "integer": "int4", "bigint": "int8",
	"TEXT": "text", "text": "text",
	"DATE": "date", "date": "date",
	"BLOB": "bytes", "bytea": "bytes",
	"BOOLEAN": "boolean", "boolean": "boolean",
	"DOUBLE PRECISION": "float", "double precision": "float",
}

// oursSQLite leaves out the table of the versions, which goose makes for each engine.
const oursSQLite = "m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'schema_version'"

// catalogue describes each column and each index of the product in a line.
func catalogue(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	columns := `SELECT m.name || '.' || c.name, CASE WHEN c.pk > 0 AND c.type = 'INTEGER' THEN 'BIGINT' ELSE c.type END, c."notnull" = 1 OR c.pk > 0
		FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE ` + oursSQLite
	indexes := `SELECT m.name || ' ' || i.name, (SELECT group_concat(x.name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x), i."unique"
		FROM sqlite_schema m JOIN pragma_index_list(m.name) i WHERE i.origin = 'c' AND ` + oursSQLite
	if d.Engine() == db.Postgres {
		columns = `SELECT table_name || '.' || column_name, data_type, is_nullable = 'NO'
			FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_version'`
		indexes = `SELECT t.relname || ' ' || n.relname,
				(SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
					JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number), i.indisunique
			FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
			WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> 'schema_version'
				AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)`
	}
	all := map[string]string{}
	for i, query := range []string{columns, indexes} {
		rows, err := d.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close() //nolint:errcheck // Err says it
		for rows.Next() {
			var name, what string
			var flag bool
			if err := rows.Scan(&name, &what, &flag); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				family, known := families[what]
				if !known {
					t.Errorf("%s: %s is a type of one engine; see migrations/README.md", name, what)
				}
				// SQLite keeps a day as text; which text it is, the model says.
				what = strings.Replace(family, "date", "text", 1)
			}
			all[name] = fmt.Sprintf("%s %v", what, flag)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestBothEnginesHaveTheSameSchema compares, after all migrations, the columns with
// their types and the indexes.
func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	sqlite, postgres := catalogue(t, dbtest.SQLite(t)), catalogue(t, dbtest.Postgres(t))
	if len(sqlite) < 10 {
		t.Fatalf("only %d columns and indexes: the queries find nothing", len(sqlite))
	}
	names := maps.Clone(sqlite)
	maps.Copy(names, postgres)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if sqlite[name] != postgres[name] {
			t.Errorf("%s: %q in SQLite, %q in PostgreSQL", name, sqlite[name], postgres[name])
		}
	}
}
