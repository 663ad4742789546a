package engine

import (
	"sync"
	"sync/atomic"

	"yian/internal/population"
	"yian/internal/rules"
)

// Options (执行选项) tell how to run a plan.
type Options struct {
	Workers int     // goroutines; 0 and 1: the caller's alone
	Reuse   *Result // of another plan over the same population: what is equal is taken over
}

// Run evaluates the plan over the population.
func (p *Plan) Run(pop *population.Population, opt Options) *Result {
	r := &Result{Plan: p, Pop: pop, planes: make([][]population.Block, len(p.outputs)), counts: make([]int, len(p.outputs))}
	c := p.code
	if prev := opt.Reuse; prev != nil && prev.Pop == pop {
		if rest := r.takeOver(prev); len(rest) < len(p.outputs) {
			c = assemble(p.graph, rest)
		}
	}
	planes, counts := p.execute(c, pop, opt.Workers)
	byNode := make(map[node]int, len(c.wanted))
	for i, n := range c.wanted {
		byNode[n] = i
	}
	for k, n := range p.outputs {
		if i, ok := byNode[n]; ok && r.planes[k] == nil {
			r.planes[k], r.counts[k] = planes[i], counts[i]
		}
	}
	return r
}

// takeOver shares the outputs that another plan has computed already and returns
// the nodes of the others.
func (r *Result) takeOver(prev *Result) (rest []node) {
	have := make(map[digest]int, len(prev.Plan.outputs))
	for k, n := range prev.Plan.outputs {
		have[prev.Plan.sums[n]] = k
	}
	for k, n := range r.Plan.outputs {
		if old, ok := have[r.Plan.sums[n]]; ok {
			r.planes[k], r.counts[k] = prev.planes[old], prev.counts[old]
		} else {
			rest = append(rest, n)
		}
	}
	return rest
}

// execute computes the wanted nodes of c for every block, and counts their bits.
func (p *Plan) execute(c *code, pop *population.Population, workers int) (out [][]population.Block, counts []int) {
	out = make([][]population.Block, len(c.wanted))
	blocks := pop.Blocks()
	all := make([]population.Block, blocks*len(c.wanted))
	for i := range out {
		out[i] = all[i*blocks : (i+1)*blocks]
	}
	counts = make([]int, len(c.wanted))
	if len(c.wanted) == 0 {
		return out, counts
	}
	sels := make([][]population.Block, 2*len(p.sels))
	for _, s := range c.sels {
		sels[s] = p.selection(pop, s)
	}
	workers = max(1, min(workers, blocks))
	perWorker := make([][]int, workers)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		m := newMachine(c)
		work := func() {
			for b := int(next.Add(1)) - 1; b < blocks; b = int(next.Add(1)) - 1 {
				m.run(pop, b, sels, out)
			}
			perWorker[w] = m.counts
		}
		if w == workers-1 {
			work()
		} else {
			wg.Go(work)
		}
	}
	wg.Wait()
	for _, part := range perWorker {
		for i, n := range part {
			counts[i] += n
		}
	}
	return out, counts
}

// machine runs code on one block after another.
type machine struct {
	c      *code
	at     []*population.Block // by place
	counts []int
}

func newMachine(c *code) *machine {
	m := &machine{c: c, at: make([]*population.Block, c.places), counts: make([]int, len(c.wanted))}
	m.at[zero] = new(population.Block)
	m.at[ones] = new(population.Block)
	for i := range m.at[ones] {
		m.at[ones][i] = ^uint64(0)
	}
	first := int(c.base) + len(c.wanted)
	scratch := make([]population.Block, c.places-first)
	for i := range scratch {
		m.at[first+i] = &scratch[i]
	}
	return m
}

func (m *machine) run(pop *population.Population, b int, sels, out [][]population.Block) {
	block := pop.Block(b)
	for _, i := range m.c.planes {
		m.at[int(firstInput)+i] = &block[i]
	}
	for _, s := range m.c.sels {
		m.at[int(firstInput)+population.Planes+s] = &sels[s][b]
	}
	for i := range out {
		m.at[int(m.c.base)+i] = &out[i][b]
	}
	for _, in := range m.c.instrs {
		step(in.code, m.at[in.dst], m.at[in.a], m.at[in.b])
	}
	words, last := pop.Full(b)
	for i := range out {
		o := &out[i][b]
		if words < population.BlockWords || last != ^uint64(0) {
			o[words-1] &= last
			clear(o[words:])
		}
		m.counts[i] += count(o)
	}
}

// selection returns a plane of a region condition for the whole population: even
// numbers are "known true", odd ones "known false".
func (p *Plan) selection(pop *population.Population, i int) []population.Block {
	s := p.sels[i/2]
	both := pop.Planes(s, func() []population.Block {
		r := pop.Regions(s.fact)
		table := make([]uint8, max(1, len(r.Codes)))
		for i, code := range r.Codes {
			table[i] = map[rules.Truth]uint8{rules.Yes: 1, rules.No: 2}[rules.Within(code, s.within)]
		}
		n := pop.Blocks()
		out := make([]population.Block, 2*n)
		for b := range n {
			r.Select(b, pop.Len(), table, &out[b], &out[n+b])
		}
		return out
	})
	n := pop.Blocks()
	return both[i%2*n : (i%2+1)*n]
}
