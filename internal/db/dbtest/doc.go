// Package dbtest gives tests real databases: a SQLite file and a PostgreSQL of their
// own, migrated and empty.
//
// PostgreSQL comes from the server at YIAN_TEST_POSTGRES if that is set, else from a
// throw-away cluster that the test process starts when the first test wants it and
// that ends with the process, however that ends. Without its binaries such tests are
// skipped, unless YIAN_REQUIRE_POSTGRES=1 makes that a failure.
package dbtest
