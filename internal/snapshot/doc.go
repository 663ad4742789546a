// Package snapshot keeps the current facts of everybody as columns in a file (数据快照),
// so that figures of a region cost no reading of the database, and an idle server no
// memory: the file is mapped, and what was read of it is given back after use.
//
// Each process keeps a file of its own in its data folder, since several may serve one
// database: [Snapshot.Start] has it rebuilt beside and swapped when the audit trail has
// entries that the file does not know. Readers of the old file keep it until they are
// done. What is kept here is only a copy: a file that is damaged, or was written by a
// program of another vocabulary, is left aside and built anew.
//
// Everybody alive is in it, without names and numbers. Figures take a scope; they are
// for staff, and small counts are not hidden in them.
package snapshot
