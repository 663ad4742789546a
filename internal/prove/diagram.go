package prove

import (
	"encoding/binary"

	"yian/internal/fact"
	"yian/internal/rules"
)

// ref is a node of a diagram; equal functions have equal refs.
type ref int32

const (
	never  ref = iota // false for everybody
	always            // true for everybody
)

// split is an inner node: one function for each class of a variable.
type split struct {
	level int // the variable
	kids  []ref
}

// diagram holds functions over the classes of its variables.
type diagram struct {
	vars   []variable
	level  map[fact.ID]int
	splits []split // from ref 2
	unique map[string]ref
	memo   map[[2]ref]ref
	pairs  map[*rules.Expr]pair
}

// pair is a three-valued condition: known true, known false. They leave a gap only
// where a rule hangs on a sum that nobody has set yet.
type pair = rules.Pair[ref]

func newDiagram(vars []variable) *diagram {
	d := &diagram{vars: vars, level: map[fact.ID]int{}, unique: map[string]ref{}, memo: map[[2]ref]ref{}, pairs: map[*rules.Expr]pair{}}
	for i, v := range vars {
		d.level[v.fact] = i
	}
	return d
}

func (d *diagram) at(r ref) *split { return &d.splits[r-2] }

func (d *diagram) levelOf(r ref) int {
	if r <= always {
		return len(d.vars)
	}
	return d.at(r).level
}

// node returns the function that is kids[c] where the variable is in class c.
func (d *diagram) node(level int, kids []ref) ref {
	same := true
	key := binary.LittleEndian.AppendUint32(nil, uint32(level))
	for _, k := range kids {
		same = same && k == kids[0]
		key = binary.LittleEndian.AppendUint32(key, uint32(k))
	}
	if same {
		return kids[0]
	}
	if r, ok := d.unique[string(key)]; ok {
		return r
	}
	d.splits = append(d.splits, split{level, kids})
	r := ref(len(d.splits) + 1)
	d.unique[string(key)] = r
	return r
}

// and is the conjunction; the others follow from it and not.
func (d *diagram) and(a, b ref) ref {
	switch {
	case a == never || b == never:
		return never
	case a == always || a == b:
		return b
	case b == always:
		return a
	}
	if a > b {
		a, b = b, a
	}
	if r, ok := d.memo[[2]ref{a, b}]; ok {
		return r
	}
	level := min(d.levelOf(a), d.levelOf(b))
	kids := make([]ref, len(d.vars[level].classes))
	for i := range kids {
		kids[i] = d.and(d.kid(a, level, i), d.kid(b, level, i))
	}
	r := d.node(level, kids)
	d.memo[[2]ref{a, b}] = r
	return r
}

// kid is r with the variable in class i.
func (d *diagram) kid(r ref, level, i int) ref {
	if d.levelOf(r) != level {
		return r
	}
	return d.at(r).kids[i]
}

func (d *diagram) not(r ref) ref {
	if r <= always {
		return always - r
	}
	key := [2]ref{r, -1}
	if n, ok := d.memo[key]; ok {
		return n
	}
	s := *d.at(r)
	kids := make([]ref, len(s.kids))
	for i, k := range s.kids {
		kids[i] = d.not(k)
	}
	n := d.node(s.level, kids)
	d.memo[key] = n
	return n
}

func (d *diagram) or(a, b ref) ref { return d.not(d.and(d.not(a), d.not(b))) }

// lower makes the functions of a condition.
func (d *diagram) lower(x *rules.Expr) pair { return rules.Lower(x, d, d.pairs) }

// Const is everybody or nobody.
func (d *diagram) Const(b bool) ref {
	if b {
		return always
	}
	return never
}

// And is the conjunction.
func (d *diagram) And(a, b ref) ref { return d.and(a, b) }

// Or is the disjunction.
func (d *diagram) Or(a, b ref) ref { return d.or(a, b) }

// Atom lowers a comparison of a fact.
func (d *diagram) Atom(x *rules.Expr) pair {
	level := d.level[x.Fact]
	v := &d.vars[level]
	kids := make([]ref, len(v.classes))
	for i := range kids {
		if v.holds(x, i) {
			kids[i] = always
		}
	}
	t := d.node(level, kids)
	return pair{T: t, F: d.not(t)}
}

// path returns a class for each variable that must have one for r to hold, as few
// as possible; -1 where it does not matter. r must not be never.
func (d *diagram) path(r ref) []int {
	out := make([]int, len(d.vars))
	for i := range out {
		out[i] = -1
	}
	length := map[ref]int{always: 0}
	d.distance(r, length)
	for r != always {
		s := d.at(r)
		best := -1
		for i, k := range s.kids {
			if n, ok := length[k]; ok && (best < 0 || n < length[s.kids[best]]) {
				best = i
			}
		}
		out[s.level] = best
		r = s.kids[best]
	}
	return out
}

// distance fills in how many variables must be known for each node to hold; nodes
// that cannot hold are left out.
func (d *diagram) distance(r ref, length map[ref]int) (int, bool) {
	if n, ok := length[r]; ok || r == never {
		return n, ok
	}
	best, found := 0, false
	for _, k := range d.at(r).kids {
		if n, ok := d.distance(k, length); ok && (!found || n+1 < best) {
			best, found = n+1, true
		}
	}
	if found {
		length[r] = best
	}
	return best, found
}
