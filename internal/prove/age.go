package prove

import (
	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// MinAge returns the least age at which somebody can satisfy the rule of item i;
// 0 where age does not matter. ok is false if nobody can at all.
func MinAge(p *rules.Program, i int) (age int, ok bool) {
	rule := p.Items[i].Rule
	d := newDiagram(variables(append([]*rules.Expr{rule}, impossible...), region.Nation))
	r := d.and(d.lower(rule).T, d.possible())
	if r == never {
		return 0, false
	}
	if d.levelOf(r) == len(d.vars) || d.vars[d.levelOf(r)].fact != fact.Birth {
		return 0, true // birth is the first variable: the rule does not ask for it
	}
	s := d.at(r)
	for c, k := range s.kids {
		if k != never {
			return d.vars[s.level].classes[c].age, true
		}
	}
	return 0, false
}
