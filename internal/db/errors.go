package db

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// IsUnique reports whether err says that a row with the same key is there already.
func IsUnique(err error) bool {
	return is(err, []string{"23505"},
		lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID)
}

// IsForeignKey reports whether err says that a row refers to one that is not there,
// or that a row cannot go because others refer to it.
func IsForeignKey(err error) bool {
	if s, ok := errors.AsType[*sqlite.Error](err); ok && s.Code() == lib.SQLITE_CONSTRAINT_TRIGGER {
		return strings.Contains(s.Error(), "FOREIGN KEY") // ON DELETE RESTRICT is a trigger inside
	}
	return is(err, []string{"23503", "23001"}, lib.SQLITE_CONSTRAINT_FOREIGNKEY)
}

// IsBusy reports whether err says that other transactions were in the way, so that
// the same thing may well work when it is done again.
func IsBusy(err error) bool {
	if s, ok := errors.AsType[*sqlite.Error](err); ok {
		primary := s.Code() & 0xff
		return primary == lib.SQLITE_BUSY || primary == lib.SQLITE_LOCKED
	}
	return is(err, []string{"40001", "40P01", "55P03"}) // serialization, deadlock, lock time-out
}

func is(err error, states []string, codes ...int) bool {
	if p, ok := errors.AsType[*pgconn.PgError](err); ok {
		return slices.Contains(states, p.Code)
	}
	s, ok := errors.AsType[*sqlite.Error](err)
	return ok && slices.Contains(codes, s.Code())
}
