// Package questionnaire is “我能享受哪些服务”: it asks one question after the other
// and tells what a service list grants somebody who answers so (requirement L, the
// public part). It keeps nothing: everything follows from the list, the answers and
// the day.
//
// The place comes first, because it chooses the list; then the birth date; then only
// what can still matter. After each answer every item is decided with what is known,
// and the fact that the most undecided items lack is asked next. The questions end as
// soon as nothing is undecided or nothing that could be asked would help. “不知道” is
// always an answer: it leaves the fact unknown, which is neither yes nor no.
package questionnaire
