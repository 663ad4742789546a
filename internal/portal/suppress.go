package portal

import (
	"container/heap"
	"slices"
)

// smallest is the smallest number of people that is published; nobody at all is, too.
const smallest = 10

// Place (公布的地区) is a row of the open figures: a place, its number of elders, and
// their numbers by the categories of one dimension after the other.
type Place struct {
	Name   string
	People int
	Groups [][]int  // by dimension and category; each adds up to People
	Hidden [][]bool // what is not published of Groups
	Below  []*Place // each category adds up to that of the place
}

// Protect joins small places and hides small numbers, so that from all that is
// published, with all sums down and across, nobody can tell what a hidden number is.
// It reports whether anything may be published at all.
//
// Numbers of people of places are never hidden: a place of fewer than ten is joined with
// others beside it, which are then published no further. So what is hidden in one
// dimension cannot be told from another, and each is a network of flows: from a smallest
// place through a category to the same category of the larger place, and so to the top.
// A number can be told exactly when no circle of hidden numbers goes through it on which
// one person more here is one less there. Protect hides what closes such circles at the
// least loss. One mark stands for all hidden numbers, small or not.
func Protect(root *Place) bool {
	if root.People < smallest {
		return false
	}
	join(root)
	for d := range root.Groups {
		hide(root, d)
	}
	return true
}

// join joins the places below that are too small.
func join(p *Place) {
	bySize := slices.Clone(p.Below)
	slices.SortStableFunc(bySize, func(a, b *Place) int { return a.People - b.People })
	n, sum := 0, 0
	for n < len(bySize) && (bySize[n].People < smallest || n > 0 && sum < smallest) {
		sum += bySize[n].People
		n++
	}
	switch {
	case n == 0:
	case n == len(bySize):
		p.Below = nil
	default:
		rest := &Place{Name: "其他地方合计", Groups: make([][]int, len(p.Groups))}
		for _, small := range bySize[:n] {
			rest.People += small.People
			for d, group := range small.Groups {
				rest.Groups[d] = add(rest.Groups[d], group)
			}
		}
		p.Below = append(slices.DeleteFunc(p.Below, func(b *Place) bool { return slices.Contains(bySize[:n], b) }), rest)
	}
	for _, below := range p.Below {
		join(below)
	}
}

// add adds the numbers of two groups.
func add(a, b []int) []int {
	if a == nil {
		return slices.Clone(b)
	}
	for i, n := range b {
		a[i] += n
	}
	return a
}

// arc is a number in the network, from a place to the larger one.
type arc struct {
	from, to, n int
	hidden      *bool
}

// network is one dimension of all places.
type network struct {
	arcs []arc
	at   [][]int // the arcs at each node
}

// hide hides the small numbers of a dimension, and what would tell them.
func hide(root *Place, d int) {
	g := &network{at: make([][]int, 1)}
	tops := make([]int, len(root.Groups[d])) // all end in node 0
	g.grow(root, d, tops)
	for e := range g.arcs {
		if n := g.arcs[e].n; n > 0 && n < smallest {
			*g.arcs[e].hidden = true
		}
	}
	for e := range g.arcs {
		if a := &g.arcs[e]; !*a.hidden || a.n >= smallest {
			continue // what was hidden to close a circle lies on one
		}
		more, lossMore := g.way(g.arcs[e].to, g.arcs[e].from, e)
		less, lossLess := g.way(g.arcs[e].from, g.arcs[e].to, e)
		if lossLess < lossMore {
			more = less
		}
		for _, on := range more {
			*g.arcs[on].hidden = true
		}
	}
}

// grow adds the numbers of a place and of those below; ends are the nodes that its
// categories lead to.
func (g *network) grow(p *Place, d int, ends []int) {
	for len(p.Hidden) < len(p.Groups) {
		p.Hidden = append(p.Hidden, nil)
	}
	p.Hidden[d] = make([]bool, len(p.Groups[d]))
	starts := make([]int, len(ends))
	row := g.node()
	for c := range ends {
		starts[c] = row // the number of people of a smallest place is known
		if len(p.Below) > 0 {
			starts[c] = g.node()
		}
		e := len(g.arcs)
		g.arcs = append(g.arcs, arc{starts[c], ends[c], p.Groups[d][c], &p.Hidden[d][c]})
		g.at[starts[c]], g.at[ends[c]] = append(g.at[starts[c]], e), append(g.at[ends[c]], e)
	}
	for _, below := range p.Below {
		g.grow(below, d, starts)
	}
}

func (g *network) node() int {
	g.at = append(g.at, nil)
	return len(g.at) - 1
}

// noWay is the loss where there is no way; nothing is a number of people that is given
// up only where nothing else closes a circle.
const (
	noWay   = 1 << 60
	nothing = 1 << 30
)

// way finds the way of least loss between two nodes without the arc e: along an arc one
// person more, against it one less, which takes somebody.
func (g *network) way(from, to, e int) (arcs []int, loss int) {
	best := make([]int, len(g.at))
	by := make([]int, len(g.at))
	for i := range best {
		best[i], by[i] = noWay, -1
	}
	best[from] = 0
	q := &queue{{0, from}}
	for q.Len() > 0 {
		at := heap.Pop(q).(step)
		if at.loss > best[at.node] {
			continue
		}
		for _, i := range g.at[at.node] {
			a := &g.arcs[i]
			next := a.to
			if at.node == a.to {
				next = a.from
			}
			if i == e || at.node == a.to && a.n == 0 {
				continue
			}
			if through := at.loss + a.loss(); through < best[next] {
				best[next], by[next] = through, i
				heap.Push(q, step{through, next})
			}
		}
	}
	if best[to] == noWay {
		return nil, noWay
	}
	for at := to; at != from; {
		i := by[at]
		arcs = append(arcs, i)
		if g.arcs[i].to == at {
			at = g.arcs[i].from
		} else {
			at = g.arcs[i].to
		}
	}
	return arcs, best[to]
}

// loss is what is lost by hiding a number.
func (a *arc) loss() int {
	switch {
	case *a.hidden:
		return 0
	case a.n == 0:
		return nothing
	default:
		return a.n
	}
}

// step is a node that was reached; queue gives out the one of least loss.
type step struct{ loss, node int }

type queue []step

// Len implements heap.Interface.
func (q queue) Len() int { return len(q) }

// Less implements heap.Interface.
func (q queue) Less(i, j int) bool { return q[i].loss < q[j].loss }

// Swap implements heap.Interface.
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(x any) { *q = append(*q, x.(step)) }

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
