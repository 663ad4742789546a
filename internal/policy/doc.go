// Package policy keeps the service lists (基本养老服务清单) of all places with their
// versions, and tells which of them rules a place on a day (requirements A1–A5).
//
// A version is drafted by the civil-affairs department (Author), approved by the
// government of that level (Approver, another person), and published with the day from
// which it rules; it is then never changed again: the next version supersedes it. A
// lower list is filed (备案) with the level above, which accepts it or returns it.
//
// The text of a version is that of a policy pack (package pack), so that what the
// editor makes and what a file says are the same. The packs that are built into the
// program are the first versions.
package policy
