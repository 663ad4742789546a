package db

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"modernc.org/libc"
	sqlite "modernc.org/sqlite/lib"

	"yian/internal/civil"
)

// sqliteRow reads the columns of the current row where SQLite holds them. The driver
// of database/sql makes a value of each, which takes twice as long in all.
type sqliteRow struct {
	tls  *libc.TLS
	db   uintptr
	stmt uintptr
	err  error
}

func (d *DB) streamSQLite(ctx context.Context, query string, args []any, each func(Row) error) (err error) {
	r := &sqliteRow{tls: libc.NewTLS()}
	defer r.tls.Close()
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(d.path); err != nil {
		return err
	}
	if err := r.prepare(query); err != nil {
		return err
	}
	for i, arg := range args {
		if err := r.bind(int32(i+1), arg); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch rc := sqlite.Xsqlite3_step(r.tls, r.stmt); rc {
		case sqlite.SQLITE_ROW:
		case sqlite.SQLITE_DONE:
			return nil
		default:
			return r.failure(rc)
		}
		if err := each(r); err != nil || r.err != nil {
			return errors.Join(err, r.err)
		}
	}
}

// open opens the file for reading. The connection stays on this goroutine, so it
// needs no lock of its own.
func (r *sqliteRow) open(path string) error {
	name, err := libc.CString(path)
	if err != nil {
		return err
	}
	defer libc.Xfree(r.tls, name)
	out := r.tls.Alloc(int(unsafe.Sizeof(r.db)))
	defer r.tls.Free(int(unsafe.Sizeof(r.db)))
	rc := sqlite.Xsqlite3_open_v2(r.tls, name, out, sqlite.SQLITE_OPEN_READONLY|sqlite.SQLITE_OPEN_NOMUTEX, 0)
	r.db = *at[uintptr](out) // also if it failed
	if rc != sqlite.SQLITE_OK {
		return r.failure(rc)
	}
	sqlite.Xsqlite3_busy_timeout(r.tls, r.db, busyTimeout)
	return nil
}

func (r *sqliteRow) prepare(query string) error {
	text, err := libc.CString(query)
	if err != nil {
		return err
	}
	defer libc.Xfree(r.tls, text)
	out := r.tls.Alloc(int(unsafe.Sizeof(r.stmt)))
	defer r.tls.Free(int(unsafe.Sizeof(r.stmt)))
	if rc := sqlite.Xsqlite3_prepare_v2(r.tls, r.db, text, -1, out, 0); rc != sqlite.SQLITE_OK {
		return r.failure(rc)
	}
	r.stmt = *at[uintptr](out)
	return nil
}

func (r *sqliteRow) bind(i int32, arg any) error {
	var rc int32
	switch v := arg.(type) {
	case int64:
		rc = sqlite.Xsqlite3_bind_int64(r.tls, r.stmt, i, v)
	case string:
		text, err := libc.CString(v)
		if err != nil {
			return err
		}
		defer libc.Xfree(r.tls, text)
		rc = sqlite.Xsqlite3_bind_text(r.tls, r.stmt, i, text, int32(len(v)), sqlite.SQLITE_TRANSIENT)
	default:
		return fmt.Errorf("argument $%d is a %T", i, arg)
	}
	if rc != sqlite.SQLITE_OK {
		return r.failure(rc)
	}
	return nil
}

// close frees what has been opened; SQLite takes zero for nothing.
func (r *sqliteRow) close() error {
	sqlite.Xsqlite3_finalize(r.tls, r.stmt) // repeats the error of the last step
	if rc := sqlite.Xsqlite3_close_v2(r.tls, r.db); rc != sqlite.SQLITE_OK {
		return r.failure(rc)
	}
	return nil
}

func (r *sqliteRow) failure(rc int32) error {
	return fmt.Errorf("sqlite %d: %s", rc, libc.GoString(sqlite.Xsqlite3_errmsg(r.tls, r.db)))
}

// Int implements Row.
func (r *sqliteRow) Int(i int) (int64, bool) {
	switch sqlite.Xsqlite3_column_type(r.tls, r.stmt, int32(i)) {
	case sqlite.SQLITE_INTEGER:
		return sqlite.Xsqlite3_column_int64(r.tls, r.stmt, int32(i)), true
	case sqlite.SQLITE_NULL:
	default:
		r.wrong(i, "a whole number")
	}
	return 0, false
}

// Text implements Row.
func (r *sqliteRow) Text(i int) []byte {
	switch sqlite.Xsqlite3_column_type(r.tls, r.stmt, int32(i)) {
	case sqlite.SQLITE_TEXT, sqlite.SQLITE_BLOB:
		return r.bytes(int32(i))
	case sqlite.SQLITE_NULL:
	default:
		r.wrong(i, "text")
	}
	return nil
}

// bytes returns the memory of a text or blob.
func (r *sqliteRow) bytes(i int32) []byte {
	p := sqlite.Xsqlite3_column_blob(r.tls, r.stmt, i)
	n := sqlite.Xsqlite3_column_bytes(r.tls, r.stmt, i)
	if n == 0 {
		return []byte{} // empty, which is not NULL
	}
	return unsafe.Slice(at[byte](p), n)
}

// Date implements Row.
func (r *sqliteRow) Date(i int) civil.Date {
	text := r.Text(i)
	if text == nil {
		return 0
	}
	d, err := civil.Parse(unsafe.String(unsafe.SliceData(text), len(text)))
	if err != nil {
		r.wrong(i, "a date")
	}
	return d
}

// wrong notes the first column that is not what it was asked for.
func (r *sqliteRow) wrong(i int, want string) {
	if r.err == nil {
		name := libc.GoString(sqlite.Xsqlite3_column_name(r.tls, r.stmt, int32(i)))
		r.err = fmt.Errorf("column %s is not %s", name, want)
	}
}

// at returns what the address of SQLite's memory points to. That memory is not Go's,
// so nothing moves it; SQLite keeps it until the next step.
func at[T any](address uintptr) *T {
	return *(**T)(unsafe.Pointer(&address))
}
