package access

import (
	"slices"
	"strings"

	"yian/internal/region"
)

// Scope (数据范围) is the set of regions in which an actor has a permission. Its zero value
// sees nothing; only an [Actor] makes another.
type Scope struct{ regions []region.Code }

// newScope keeps the outermost of the regions, in order.
func newScope(codes []region.Code) Scope {
	slices.Sort(codes)
	var s Scope
	for _, c := range codes {
		if n := len(s.regions); n == 0 || !c.Within(s.regions[n-1]) {
			s.regions = append(s.regions, c)
		}
	}
	return s
}

// Empty reports whether the scope sees nothing.
func (s Scope) Empty() bool { return len(s.regions) == 0 }

// Regions returns the outermost regions of the scope in order. The empty code is
// the whole country.
func (s Scope) Regions() []region.Code { return slices.Clone(s.regions) }

// Contains reports whether the region lies in the scope.
func (s Scope) Contains(c region.Code) bool {
	return slices.ContainsFunc(s.regions, func(outer region.Code) bool { return c.Within(outer) })
}

// Narrow returns the part of the scope that lies in the region.
func (s Scope) Narrow(c region.Code) Scope {
	if s.Contains(c) {
		return Scope{regions: []region.Code{c}}
	}
	return Scope{regions: slices.DeleteFunc(slices.Clone(s.regions), func(r region.Code) bool { return !r.Within(c) })}
}

// Where returns the condition that a column of region codes lies in the scope: a
// half-open range a region, which an ordinary index answers on both engines. The
// column's order must be that of bytes ({key} in a migration). The arguments stand
// for question marks, as bun has them.
func (s Scope) Where(column string) (condition string, args []any) {
	if s.Empty() {
		return "1 = 0", nil
	}
	var b strings.Builder
	b.WriteByte('(')
	for i, r := range s.regions {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteString(column + " >= ? AND " + column + " < ?")
		args = append(args, string(r), string(r)+":") // ':' follows '9'
	}
	b.WriteByte(')')
	return b.String(), args
}
