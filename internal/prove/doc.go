// Package prove reasons about rules exactly: whether anybody can satisfy one, from
// which age, and whether a lower list covers an upper one (清单不低于上级, A3) — with
// a person who shows it where it does not.
//
// The accepted rule language has finitely many kinds of people: the ages between
// two thresholds, the values of an enumeration that no rule tells apart, the
// regions between the prefixes that occur. A rule is a function of these classes
// and becomes a decision diagram (multi-valued, reduced and ordered), in which
// equal functions are the same node however they are written. Nothing is sampled.
package prove
