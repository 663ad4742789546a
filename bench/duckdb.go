//go:build cgo

package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"yian/internal/civil"
)

// duckDB evaluates the list as one statement over a table in memory.
func duckDB(l *list, c *crowd) (*contender, func(), error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, nil, absent("%w", err)
	}
	db := sql.OpenDB(connector)
	names, declared := sqlColumns()
	if _, err := db.Exec("CREATE TABLE people (" + strings.Join(declared, ", ") + ")"); err != nil {
		return nil, nil, err
	}
	if err := duckLoad(connector, c, len(names)); err != nil {
		return nil, nil, err
	}
	var version string
	if err := db.QueryRow("SELECT version()").Scan(&version); err != nil {
		return nil, nil, err
	}
	statement := sqlStatement(l, "")
	run := func(cores int) ([]tally, error) {
		if _, err := db.Exec(fmt.Sprintf("SET threads = %d", cores)); err != nil {
			return nil, err
		}
		return sqlRun(db, statement, len(l.prog.Items), len(c.people))
	}
	return &contender{name: "DuckDB " + version, note: "one SQL statement; counts and sums, no result a person", crowd: c, run: run},
		func() { _ = db.Close() }, nil
}

func duckLoad(connector *duckdb.Connector, c *crowd, columns int) error {
	conn, err := connector.Connect(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	a, err := duckdb.NewAppenderFromConn(conn, "", "people")
	if err != nil {
		return err
	}
	day := func(d civil.Date) any {
		y, m, n := d.Date()
		return time.Date(y, m, n, 0, 0, 0, 0, time.UTC)
	}
	row, values := make([]any, columns), make([]driver.Value, columns)
	for i := range c.people {
		sqlRow(&c.people[i], day, row)
		for k, v := range row {
			values[k] = v
		}
		if err := a.AppendRow(values...); err != nil {
			return err
		}
	}
	return a.Close()
}
