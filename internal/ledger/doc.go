// Package ledger keeps what was ever stated about people (信息台账), sealed row by row,
// and the contradictions between sources that a person has to settle (信息争议).
//
// Records are only ever added. What follows from them is for package history to say,
// and who may add one for the register (package person), which keeps the current facts.
package ledger
