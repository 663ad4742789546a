// Package personweb is the pages of the register of elders (老年人档案的页面): the
// list with its search, the file of a person with history and what was known on a
// day, and the forms that open a file, change it, record and correct facts, and
// settle what sources contradict each other in.
//
// It stands beside package person so that neither grows too large, and holds no rule
// of the register: what a form says goes to the service, whose errors come back to
// its fields. An identity number or telephone never stands in an address: the search
// is posted, and the address of its result holds a keyed hash.
package personweb
