package rules

import "slices"

// PreferHigher picks the better of two items that exclude each other.
const PreferHigher = "higher"

// exclude rewrites the rules of items that cannot be held together.
//
//   - `excludes: [b]` alone: whoever holds b does not get this item.
//   - with `prefer: higher`: whoever is entitled to both gets the one of the higher
//     amount, at equal amounts the one that stands first in the list.
//
// Preferences are settled first, on the items' own rules; then plain exclusions,
// on what is left, following their order of dependence.
func (c *compiler) exclude(p *Program) {
	settled := make([]*Expr, len(p.Items))
	for i := range p.Items {
		settled[i] = p.Items[i].Own
	}
	for i := range p.Items {
		a := &p.Items[i]
		if a.Prefer != PreferHigher {
			continue
		}
		for _, id := range a.Excludes {
			j := p.Find(id)
			if j < 0 || j == i {
				c.errs.add(a.At, "excludes 里的 %q 不是本清单的其他项目", id)
				continue
			}
			b := &p.Items[j]
			if a.Grant.Per != b.Grant.Per {
				c.errs.add(a.At, "择高需要同一周期，而 %s 按 %s、%s 按 %s", a.ID, a.Grant.Per, b.ID, b.Grant.Per)
				continue
			}
			bWins := better(b.Amount, a.Amount, j < i)
			settled[i] = and(settled[i], c.unless(b, and(b.Own, bWins)))
			if !slices.Contains(b.Excludes, a.ID) || b.Prefer != PreferHigher {
				settled[j] = and(settled[j], c.unless(a, and(a.Own, not(bWins))))
			}
		}
	}
	state := make([]int, len(p.Items)) // 0 new, 1 under way, 2 done
	for i := range p.Items {
		c.excludePlain(p, settled, state, i)
	}
}

func (c *compiler) excludePlain(p *Program, settled []*Expr, state []int, i int) {
	it := &p.Items[i]
	if state[i] == 2 {
		return
	}
	state[i] = 1
	it.Rule = settled[i]
	if it.Prefer != PreferHigher {
		for _, id := range it.Excludes {
			j := p.Find(id)
			switch {
			case j < 0 || j == i:
				c.errs.add(it.At, "excludes 里的 %q 不是本清单的其他项目", id)
			case state[j] == 1:
				c.errs.add(it.At, "%s 与 %s 互相排除，须写明 prefer: higher", it.ID, id)
			default:
				c.excludePlain(p, settled, state, j)
				it.Rule = and(it.Rule, c.unless(&p.Items[j], p.Items[j].Rule))
			}
		}
	}
	state[i] = 2
}

func (c *compiler) unless(other *Compiled, x *Expr) *Expr {
	n := not(x)
	n.Text = "不与“" + other.Name + "”同时享受，以下不成立"
	return n
}

func and(a, b *Expr) *Expr { return join(OpAnd, a, b) }

// better is the condition that the amount x is higher than y, or equal when
// tie says so. Sums that a county has yet to set leave it open.
func better(x, y *Choice, tie bool) *Expr {
	if x != nil && x.When != nil {
		return choose(x.When, better(x.Then, y, tie), better(x.Else, y, tie))
	}
	if y != nil && y.When != nil {
		return choose(y.When, better(x, y.Then, tie), better(x, y.Else, tie))
	}
	var a, b Quantity
	if x != nil {
		a = x.Leaf
	}
	if y != nil {
		b = y.Leaf
	}
	switch {
	case a.State == Unset || b.State == Unset:
		return constant(Unknown)
	case a.N == b.N:
		return constant(TruthOf(tie))
	default:
		return constant(TruthOf(a.N > b.N))
	}
}

func choose(when, then, els *Expr) *Expr {
	return join(OpOr, and(when, then), and(not(when), els))
}
