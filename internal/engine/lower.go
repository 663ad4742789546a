package engine

import (
	"math"
	"slices"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
)

// pair is a three-valued condition: the bits that are known true and known false.
type pair = rules.Pair[node]

// selection is a region condition: its two planes are made from the dictionary of
// a population's region column.
type selection struct {
	fact   fact.ID
	within region.Code
}

// lowering turns conditions into operations.
type lowering struct {
	*graph
	on    civil.Date
	class *ageClass // if set, everybody's age is in this class
	sels  []selection
	memo  map[*rules.Expr]pair
	known node // whose birth date is recorded
}

// ageClass is an interval of ages between two thresholds: lo <= age < hi.
type ageClass struct{ lo, hi int }

func newLowering(p *rules.Program, on civil.Date) *lowering {
	sels := selections(p)
	l := &lowering{graph: newGraph(population.Planes + 2*len(sels)), on: on, sels: sels, memo: map[*rules.Expr]pair{}}
	l.known = l.plane(population.BirthKnown)
	return l
}

// at starts over for another class of ages, sharing what does not depend on age.
func (l *lowering) at(c *ageClass) {
	l.class = c
	l.memo = map[*rules.Expr]pair{}
}

// selections lists the region conditions of a program, each once.
func selections(p *rules.Program) []selection {
	var out []selection
	seen := map[selection]bool{}
	p.Walk(func(x *rules.Expr) {
		s := selection{x.Fact, x.Region}
		if x.Op == rules.OpRegion && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	})
	return out
}

func (l *lowering) plane(i int) node { return firstInput + node(i) }

// selected returns the planes of the region condition.
func (l *lowering) selected(s selection) pair {
	n := firstInput + node(population.Planes+2*slices.Index(l.sels, s))
	return pair{T: n, F: n + 1}
}

// lower returns the two bits of the condition.
func (l *lowering) lower(x *rules.Expr) pair { return rules.Lower(x, l, l.memo) }

// Const is everybody or nobody.
func (l *lowering) Const(b bool) node {
	if b {
		return ones
	}
	return zero
}

// And is the conjunction of two bits.
func (l *lowering) And(a, b node) node { return l.and(a, b) }

// Or is the disjunction of two bits.
func (l *lowering) Or(a, b node) node { return l.or(a, b) }

// Atom lowers a comparison of a fact.
func (l *lowering) Atom(x *rules.Expr) pair {
	switch x.Op {
	case rules.OpAge:
		return l.age(x.Lo, x.Hi)
	case rules.OpCode:
		return l.code(x.Fact, x.Codes)
	default:
		return l.selected(selection{x.Fact, x.Region})
	}
}

// age is lo <= age <= hi.
func (l *lowering) age(lo, hi int) pair {
	if c := l.class; c != nil {
		if lo <= c.lo && c.hi-1 <= hi {
			return pair{T: ones, F: zero}
		}
		return pair{T: zero, F: ones}
	}
	young := l.younger(lo) // known to be under lo
	old := zero            // known to be over hi
	if hi != rules.NoHi {
		old = l.andNot(l.known, l.younger(hi+1))
	}
	out := l.or(young, old)
	return pair{T: l.andNot(l.known, out), F: out}
}

// younger is "born, as far as is known, too late to be n years old on the day".
func (l *lowering) younger(n int) node {
	if n == rules.NoLo {
		return zero
	}
	day, err := population.Day(civil.LatestBirth(n, l.on))
	if err != nil { // the cut-off lies outside the calendar of birth dates
		if civil.LatestBirth(n, l.on) > population.Date(math.MaxUint16) {
			return zero
		}
		return l.known
	}
	return l.greater(day)
}

// greater is "the day number of the birth exceeds day": a comparison with a
// constant is one operation a bit, from the lowest up.
func (l *lowering) greater(day uint16) node {
	gt := zero
	for i := range population.BirthBits {
		if day>>i&1 == 1 {
			gt = l.and(gt, l.plane(i))
		} else {
			gt = l.or(gt, l.plane(i))
		}
	}
	return gt
}

// code is "the code of the fact is one of codes".
func (l *lowering) code(id fact.ID, codes uint16) pair {
	n := len(id.Def().Values)
	known := uint32(1)<<(n+1) - 2
	free := ^(known | 1) // codes that do not occur
	t, f := uint32(codes)&known, known&^uint32(codes)
	return pair{T: l.table(id, id.Bits(), t, free), F: l.table(id, id.Bits(), f, free)}
}

// table makes the function that is 1 for the codes in on, 0 for the others but
// those in free, which never occur and may be either. It splits at the highest bit.
func (l *lowering) table(id fact.ID, bits int, on, free uint32) node {
	size := uint32(1) << bits // number of codes left
	all := uint32(1)<<size - 1
	if size == 32 {
		all = math.MaxUint32
	}
	on, free = on&all, free&all
	switch {
	case on&^free == 0:
		return zero
	case (on|free)&all == all:
		return ones
	}
	half := size / 2
	mask := uint32(1)<<half - 1
	lowOn, lowFree := on&mask, free&mask
	highOn, highFree := on>>half, free>>half
	if differ := (lowOn ^ highOn) &^ (lowFree | highFree); differ == 0 { // the bit does not matter
		return l.table(id, bits-1, lowOn&^lowFree|highOn&^highFree, lowFree&highFree)
	}
	return l.mux(l.plane(population.Plane(id, bits-1)),
		l.table(id, bits-1, highOn, highFree), l.table(id, bits-1, lowOn, lowFree))
}
