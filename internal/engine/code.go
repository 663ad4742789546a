package engine

import "yian/internal/population"

// code is the instructions for some nodes of a graph. Places number the operands:
// the inputs of the graph, then the nodes that are wanted, then scratch.
type code struct {
	instrs []instr
	planes []int  // the planes of a block that are read
	sels   []int  // the selection planes that are read
	wanted []node // each once
	place  []int32
	base   int32 // the place of the first wanted node
	places int
}

type instr struct {
	code      opcode
	dst, a, b int32
}

// opCopy stores an input as an output.
const opCopy = opNot + 1

// assemble orders what the wanted nodes need and gives scratch space to
// intermediate results for as long as they are used.
func assemble(g *graph, wanted []node) *code {
	c := &code{place: make([]int32, len(g.ops)), base: int32(g.inputs)}
	for i := range c.place {
		c.place[i] = -1
	}
	last := lastUses(g, wanted)
	isWanted := make([]bool, len(g.ops))
	for _, n := range wanted {
		if !isWanted[n] {
			isWanted[n] = true
			if n >= node(g.inputs) { // an input that is wanted keeps its place and is copied
				c.place[n] = c.base + int32(len(c.wanted))
			}
			c.wanted = append(c.wanted, n)
		}
	}
	scratch := c.base + int32(len(c.wanted))
	next := scratch
	var free []int32
	for n := range node(len(g.ops)) {
		if last[n] < 0 {
			continue
		}
		if n < node(g.inputs) {
			c.place[n] = n
			c.read(n)
			continue
		}
		o := g.ops[n]
		in := instr{code: o.code, a: c.place[o.a], b: c.place[o.b]}
		if o.code == opNot {
			in.b = in.a
		}
		for _, operand := range []node{o.a, o.b} {
			if last[operand] == n && c.place[operand] >= scratch {
				free = append(free, c.place[operand])
				last[operand] = -1 // freed once though it may be both operands
			}
		}
		if c.place[n] < 0 {
			if len(free) > 0 {
				c.place[n], free = free[len(free)-1], free[:len(free)-1]
			} else {
				c.place[n] = next
				next++
			}
		}
		in.dst = c.place[n]
		c.instrs = append(c.instrs, in)
	}
	for i, n := range c.wanted {
		if n < node(g.inputs) {
			c.instrs = append(c.instrs, instr{code: opCopy, dst: c.base + int32(i), a: n, b: n})
		}
	}
	c.places = int(next)
	return c
}

// read notes that an input is used.
func (c *code) read(n node) {
	switch i := int(n - firstInput); {
	case i < 0:
	case i < population.Planes:
		c.planes = append(c.planes, i)
	default:
		c.sels = append(c.sels, i-population.Planes)
	}
}

// lastUses returns for each node the last node that uses it; its own number if it
// is wanted, -1 if nothing needs it.
func lastUses(g *graph, wanted []node) []node {
	last := make([]node, len(g.ops))
	for i := range last {
		last[i] = -1
	}
	for _, n := range wanted {
		last[n] = n
	}
	for n := node(len(g.ops) - 1); n >= node(g.inputs); n-- {
		if last[n] < 0 {
			continue
		}
		o := g.ops[n]
		operands := []node{o.a, o.b}
		if o.code == opNot {
			operands = operands[:1]
		}
		for _, operand := range operands {
			last[operand] = max(last[operand], n)
		}
	}
	return last
}
