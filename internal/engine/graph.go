package engine

// node is the number of an operation in a graph. The first ones are the constants,
// the planes of a block and the region selections.
type node = int32

const (
	zero node = iota // no one
	ones             // everyone, padding included
	firstInput
)

// opcode is an operation on the bits of a block.
type opcode uint8

const (
	opInput opcode = iota // a plane, a selection or a constant
	opAnd
	opOr
	opAndNot
	opXor
	opNot
)

// op is a node: its operation and operands, each an earlier node.
type op struct {
	code opcode
	a, b node
}

// graph is a set of operations in which equal ones exist once (hash-consing).
type graph struct {
	ops    []op
	inputs int // constants, planes and selections: the first nodes
	seen   map[op]node
}

func newGraph(inputs int) *graph {
	inputs += int(firstInput)
	return &graph{ops: make([]op, inputs), inputs: inputs, seen: map[op]node{}}
}

func (g *graph) add(code opcode, a, b node) node {
	o := op{code, a, b}
	if n, ok := g.seen[o]; ok {
		return n
	}
	g.ops = append(g.ops, o)
	n := node(len(g.ops) - 1)
	g.seen[o] = n
	return n
}

func (g *graph) and(a, b node) node {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == zero || a == b:
		return a
	case a == ones:
		return b
	case g.complement(a, b):
		return zero
	}
	return g.add(opAnd, a, b)
}

func (g *graph) or(a, b node) node {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == zero || a == b:
		return b
	case a == ones || g.complement(a, b):
		return ones
	}
	return g.add(opOr, a, b)
}

// andNot is a and not b.
func (g *graph) andNot(a, b node) node {
	switch {
	case a == zero || b == ones || a == b:
		return zero
	case b == zero:
		return a
	case a == ones:
		return g.not(b)
	case g.ops[b].code == opNot:
		return g.and(a, g.ops[b].a)
	}
	return g.add(opAndNot, a, b)
}

func (g *graph) xor(a, b node) node {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == b:
		return zero
	case a == zero:
		return b
	case a == ones:
		return g.not(b)
	}
	return g.add(opXor, a, b)
}

func (g *graph) not(a node) node {
	switch {
	case a == zero:
		return ones
	case a == ones:
		return zero
	case g.ops[a].code == opNot:
		return g.ops[a].a
	}
	return g.add(opNot, a, zero)
}

func (g *graph) complement(a, b node) bool {
	return g.ops[a].code == opNot && g.ops[a].a == b || g.ops[b].code == opNot && g.ops[b].a == a
}

// mux is then where s, else els.
func (g *graph) mux(s, then, els node) node {
	switch {
	case then == els:
		return then
	case then == ones:
		return g.or(s, els)
	case then == zero:
		return g.andNot(els, s)
	case els == zero:
		return g.and(s, then)
	}
	return g.or(g.and(s, then), g.andNot(els, s))
}
