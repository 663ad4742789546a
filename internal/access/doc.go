// Package access says who may do what, and where.
//
// Who: an [Actor] is a signed-in user, a machine with a token, or the system at
// work on its own behalf. He holds roles, each in one region.
//
// What: a [Permission] is a named right; a [Role] is a set of them (roles.go). A
// route cannot be registered without naming its permission.
//
// Where: a [Scope] is the set of regions in which an actor has one permission. It
// comes only from an actor, its zero value sees nothing, and every reading of a
// store takes one. Outside one's scope the answer is “not found”.
//
// The levels are those of requirement M: province, city, county, street or town,
// village or community, besides departments and institutions (政府各级、部门、机构).
package access
