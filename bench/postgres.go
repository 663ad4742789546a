//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"yian/internal/civil"
)

// postgreSQL evaluates the list as one statement in a cluster of its own, which is
// thrown away at the end.
func postgreSQL(l *list, c *crowd) (*contender, func(), error) {
	cluster, err := startCluster()
	if err != nil {
		return nil, nil, err
	}
	made, err := postgresRow(l, c, cluster)
	if err != nil {
		cluster.stop()
		return nil, nil, err
	}
	return made, cluster.stop, nil
}

func postgresRow(l *list, c *crowd, cluster *cluster) (*contender, error) {
	config, err := pgx.ParseConfig(cluster.dsn())
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(1) // the settings belong to the connection
	if err := postgresLoad(db, c); err != nil {
		return nil, err
	}
	var version string
	if err := db.QueryRow("SHOW server_version").Scan(&version); err != nil {
		return nil, err
	}
	version, _, _ = strings.Cut(version, " ")
	statement := sqlStatement(l, "OFFSET 0")
	run := func(cores int) ([]tally, error) {
		if _, err := db.Exec(fmt.Sprintf("SET max_parallel_workers_per_gather = %d", cores-1)); err != nil {
			return nil, err
		}
		return sqlRun(db, statement, len(l.prog.Items), len(c.people))
	}
	return &contender{name: "PostgreSQL " + version, note: "one SQL statement; counts and sums, no result a person", crowd: c, slow: true, run: run}, nil
}

func postgresLoad(db *sql.DB, c *crowd) error {
	ctx := context.Background()
	names, declared := sqlColumns()
	if _, err := db.ExecContext(ctx, "CREATE UNLOGGED TABLE people ("+strings.Join(declared, ", ")+")"); err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	day := func(d civil.Date) any { return d.String() }
	err = conn.Raw(func(driver any) error {
		raw := driver.(*stdlib.Conn).Conn().PgConn()
		return copyText(ctx, raw, c, names, day)
	})
	if err != nil {
		return err
	}
	for _, s := range []string{"VACUUM (ANALYZE, FREEZE) people", "SET parallel_setup_cost = 0", "SET min_parallel_table_scan_size = 0"} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// copyText streams the people as the text form of COPY.
func copyText(ctx context.Context, conn *pgconn.PgConn, c *crowd, names []string, day func(civil.Date) any) error {
	row := make([]any, len(names))
	next := 0
	text := &lines{line: func(b []byte) ([]byte, bool) {
		if next == len(c.people) {
			return b, false
		}
		sqlRow(&c.people[next], day, row)
		next++
		for i, v := range row {
			if i > 0 {
				b = append(b, '\t')
			}
			if v == nil {
				b = append(b, `\N`...)
			} else {
				b = fmt.Append(b, v)
			}
		}
		return append(b, '\n'), true
	}}
	_, err := conn.CopyFrom(ctx, text, "COPY people ("+strings.Join(names, ", ")+") FROM STDIN")
	return err
}
