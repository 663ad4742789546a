package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

const (
	pgReaders = 16
	pgWriters = 12
	pgOldest  = 13 // the oldest version that is tried
)

// openPostgres opens two pools, of which one cannot write.
func (d *DB) openPostgres(ctx context.Context, url string) error {
	reader, err := pool(url, pgReaders, true)
	if err != nil {
		return err
	}
	writer, err := pool(url, pgWriters, false)
	if err != nil {
		return errors.Join(err, reader.Close())
	}
	if err := suits(ctx, writer); err != nil {
		return errors.Join(err, reader.Close(), writer.Close())
	}
	d.DB = bun.NewDB(reader, pgdialect.New())
	d.writer = bun.NewDB(writer, pgdialect.New())
	return nil
}

func pool(url string, size int, readOnly bool) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(url) // its errors leave the password out
	if err != nil {
		return nil, badSetting(err, "数据库地址写得不对，应如 postgres://用户:密码@主机:5432/库名")
	}
	for key, value := range map[string]string{
		"application_name":                    "yian",
		"timezone":                            "UTC",
		"default_transaction_isolation":       "read committed",
		"idle_in_transaction_session_timeout": "10min", // a process that hangs does not hold locks for ever
		// On flash memory a page out of turn costs little more than the next one. With the
		// default of 4 a block of numbers is looked for by reading all people.
		"random_page_cost": "1.1",
	} {
		if _, given := cfg.RuntimeParams[key]; !given {
			cfg.RuntimeParams[key] = value
		}
	}
	if readOnly {
		cfg.RuntimeParams["default_transaction_read_only"] = "on"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	pool := sql.OpenDB(pgConnector{stdlib.GetConnector(*cfg)})
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool, nil
}

// suits refuses a server on which the product would fail later.
func suits(ctx context.Context, db *sql.DB) error {
	var number, encoding string
	err := db.QueryRowContext(ctx,
		"SELECT current_setting('server_version_num'), current_setting('server_encoding')").Scan(&number, &encoding)
	if err != nil {
		return badSetting(err, "连不上 PostgreSQL，请检查主机、端口、库名、用户和密码")
	}
	if n, err := strconv.Atoi(number); err != nil || n/10000 < pgOldest {
		return badSetting(err, "PostgreSQL 版本太旧（%s），需要 %d 或更新", number, pgOldest)
	}
	if encoding != "UTF8" {
		return badSetting(nil, "数据库的编码是 %s，存不了全部汉字，请用 CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0 另建一个", encoding)
	}
	return nil
}

// pgConnector opens connections that do not prepare the texts of bun.
type pgConnector struct{ driver.Connector }

// Connect opens a connection.
func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	std, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, fmt.Errorf("db: a connection of pgx is a %T", conn)
	}
	return pgConn{std}, nil
}

// pgConn is a connection of pgx that tells the texts of bun from others. bun writes
// its arguments into the text, so each is another one: to prepare them would cost a
// round trip each time and push out those that come again. Such a query is sent as one
// statement; whatever it holds, a second one is refused.
type pgConn struct{ *stdlib.Conn }

// QueryContext runs a query.
func (c pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 {
		args = []driver.NamedValue{{Ordinal: 1, Value: pgx.QueryExecModeExec}}
	}
	return c.Conn.QueryContext(ctx, query, args)
}
