// Package history is the bitemporal truth of facts (信息历史): who stated what about
// a person, for which days, and when we came to know it; and what follows from all
// statements for a day, as known at a moment.
//
// A record states facts from a day on (inclusive) to a day (exclusive). Records are
// never changed: one that replaces another does so for the facts that it holds, and
// may withdraw them. Which of several statements holds is decided by the precedence
// of their sources (Rank), then by which begins later, then by which came later.
package history
