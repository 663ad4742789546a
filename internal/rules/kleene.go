package rules

// Pair (三值条件) is a three-valued condition in a two-valued logic: where it is known true
// and where it is known false. Neither means unknown.
type Pair[N any] struct{ T, F N }

// Algebra (二值逻辑) is a two-valued logic into which conditions can be lowered: bits of a
// population, functions over kinds of people.
type Algebra[N any] interface {
	Const(b bool) N
	And(a, b N) N
	Or(a, b N) N
	Atom(x *Expr) Pair[N] // of OpAge, OpCode or OpRegion
}

// Lower expresses a condition in the algebra, by Kleene's rules: a conjunction is
// known true where all parts are and known false where any is, a negation swaps the
// two. What memo holds is not computed again.
func Lower[N any](x *Expr, a Algebra[N], memo map[*Expr]Pair[N]) Pair[N] {
	if p, ok := memo[x]; ok {
		return p
	}
	p := lower(x, a, memo)
	memo[x] = p
	return p
}

func lower[N any](x *Expr, a Algebra[N], memo map[*Expr]Pair[N]) Pair[N] {
	switch x.Op {
	case OpAnd:
		p := Pair[N]{a.Const(true), a.Const(false)}
		for _, k := range x.Kids {
			q := Lower(k, a, memo)
			p = Pair[N]{a.And(p.T, q.T), a.Or(p.F, q.F)}
		}
		return p
	case OpOr:
		p := Pair[N]{a.Const(false), a.Const(true)}
		for _, k := range x.Kids {
			q := Lower(k, a, memo)
			p = Pair[N]{a.Or(p.T, q.T), a.And(p.F, q.F)}
		}
		return p
	case OpNot:
		p := Lower(x.Kids[0], a, memo)
		return Pair[N]{p.F, p.T}
	case OpNamed:
		return Lower(x.Kids[0], a, memo)
	case OpConst:
		return Pair[N]{a.Const(x.Truth == Yes), a.Const(x.Truth == No)}
	default:
		return a.Atom(x)
	}
}
