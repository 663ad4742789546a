package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"yian/internal/errs"
)

// Check reports what is wrong with the stored data: on SQLite it reads the whole
// file, on PostgreSQL it asks whether the server answers, as it checks its own pages.
func (d *DB) Check(ctx context.Context) error {
	if d.engine == SQLite {
		return check(ctx, d.DB.DB, d.path)
	}
	if _, err := d.ExecContext(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("db: check: %w", err)
	}
	return nil
}

// check reads a whole SQLite file. Foreign keys are apart from the rest because
// integrity_check does not look at them.
func check(ctx context.Context, conn *sql.DB, path string) error {
	faults, err := list(ctx, conn, "PRAGMA integrity_check(10)")
	if err != nil {
		return fmt.Errorf("db: check: %w", err)
	}
	if len(faults) != 1 || faults[0] != "ok" {
		return errs.New(errs.Internal, "数据库文件 %s 已损坏，请停止使用并从最近的备份恢复", path).
			Because(fmt.Errorf("integrity_check: %s", strings.Join(faults, "; ")))
	}
	faults, err = list(ctx, conn,
		`SELECT "table" || ' refers to missing ' || parent || ', rows: ' || count(*) FROM pragma_foreign_key_check GROUP BY "table", parent`)
	if err != nil {
		return fmt.Errorf("db: check: %w", err)
	}
	if len(faults) > 0 {
		return errs.New(errs.Internal, "数据库文件 %s 中有记录指向不存在的记录，请从最近的备份恢复", path).
			Because(fmt.Errorf("foreign_key_check: %s", strings.Join(faults, "; ")))
	}
	return nil
}

func list(ctx context.Context, conn *sql.DB, query string) ([]string, error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// Analyze lets the engine count again what is in the tables, by which it chooses
// indexes. It is worth while after a bulk load; PostgreSQL also does it by itself.
func (d *DB) Analyze(ctx context.Context) error {
	statements := []string{"ANALYZE"}
	if d.engine == SQLite {
		statements = []string{"PRAGMA analysis_limit = 1000", "ANALYZE"} // rows of each index it looks at
	}
	for _, s := range statements {
		if _, err := d.Writer().ExecContext(ctx, s); err != nil {
			return fmt.Errorf("db: analyze: %w", err)
		}
	}
	if d.engine == SQLite {
		// A connection reads the counts when it opens.
		d.SetMaxIdleConns(0)
		d.SetMaxIdleConns(readers())
	}
	return nil
}
