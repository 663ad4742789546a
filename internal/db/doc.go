// Package db opens the database of the product: one source for SQLite (a file, one
// writer) and PostgreSQL (a city or a province, many processes).
//
// # Reading and writing
//
// DB itself is a bun.DB for reading only: on both engines a statement that writes
// fails on it. Write is the only way to a write transaction. On SQLite there is one
// writing connection whose transactions begin with the write lock held, so that none
// fails half-way because another one wrote; on PostgreSQL a transaction is READ
// COMMITTED, and whoever reads a row to write it back puts `version = ?` in the WHERE
// of the update or reads it with ForUpdate: otherwise updates are lost in silence.
//
// # Arguments
//
// bun replaces ? by literals, so its statements reach the driver without arguments.
// The same text with $1 and arguments goes through the driver of database/sql, which
// prepares it once a connection: tx.Tx.Tx in a transaction, d.DB.DB for reading. Both
// are the same text on both engines.
//
// Rows by the thousand are written by Tx.Bulk and read by DB.Stream.
//
// # Values
//
// A day is civil.Date (ISO text on SQLite, date on PostgreSQL; the zero day is NULL),
// an instant civil.Instant (BIGINT, microseconds UTC), money money.Fen (BIGINT), JSON is
// opaque TEXT. A model never holds a time.Time: bun would write it in a way that only
// one of the engines sorts rightly.
//
// # Durability
//
// SQLite runs in WAL mode; see the pragmas in sqlite.go for what a crash and a power
// cut may cost.
package db
