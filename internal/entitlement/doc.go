// Package entitlement keeps, for every living person, what the list of his place
// entitles him to (待遇认定结果), and what became other, when and why (requirements B3
// and B4).
//
// A result is what the engine says of a person's current facts by the list that rules
// his place on the day; nothing else writes one. Three things change it: his facts (the
// register tells in its transaction, a job follows), a list or a parameter, and time (a
// job of the night looks at those whose day has come).
//
// # What may happen at once
//
// Results are written county by county (县级分片). Whoever writes results first locks the
// rows of the counties of the people concerned, where they are and where their stored
// results say that they were, in the order of their codes; only then are facts and
// lists read. So what was judged by older facts is never written over what was judged
// by newer ones, however many processes share the work. A county is gone through in
// blocks of one transaction each, with a mark of how far it has come in the same
// transaction: a process that is killed leaves nothing half-done, and another goes on.
package entitlement
