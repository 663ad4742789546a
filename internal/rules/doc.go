// Package rules compiles the rules of a service list (基本养老服务清单) and decides
// for one person, item by item, yes, no or unknown, how much, why, and which facts
// are missing.
//
// Rules are written in a total subset of CEL: comparisons of a fact with literals,
// `in`, `within`, `&&`, `||`, `!` and names from the list's definitions; amounts
// add ternaries and arithmetic over parameters and numbers. Parsing and type
// checking are cel-go's; what cannot run over columns is refused when the list is
// loaded, with its place and what to write instead. There is no slow path that
// could answer differently: package engine runs the same expressions over a
// population, package prove reasons about them, and this package walks them for
// one person to explain.
//
// Logic is three-valued (Kleene): a fact that nobody has recorded makes a
// condition unknown, unless the rest of the rule decides without it.
package rules
