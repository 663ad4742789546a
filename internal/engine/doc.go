// Package engine runs a compiled list over a population: the columnar back end of
// package rules.
//
// Every condition becomes two bits a person, "known true" and "known false"
// (Kleene logic; neither set means unknown). Conjunction and disjunction are one
// machine operation each on either bit of 64 people, negation only swaps the two.
// The facts already lie as bit planes (package population), so that a comparison
// of an enumeration is a few operations on the bits of its code, and an age is a
// comparison of the birth date's planes with the cut-off date of the day of
// evaluation. Equal sub-expressions, within an item or between items, exist once.
//
// A Plan is the list so compiled, for a day; Run evaluates it over a population in
// blocks of 4,096 people, on all cores, without an allocation per person.
package engine
