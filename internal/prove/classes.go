package prove

import (
	"fmt"
	"slices"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// variable is a fact and its classes of values: no rule under consideration tells
// two values of a class apart.
type variable struct {
	fact    fact.ID
	classes []class
}

// class is a set of values, by one of them.
type class struct {
	age    int // for the birth date
	code   fact.Code
	region region.Code
}

// variables partitions the facts that occur in the conditions. People's hukou lies
// in home.
func variables(conditions []*rules.Expr, home region.Code) []variable {
	tests := map[fact.ID][]*rules.Expr{}
	for _, x := range conditions {
		x.Walk(func(x *rules.Expr) {
			if x.Op >= rules.OpAge {
				tests[x.Fact] = append(tests[x.Fact], x)
			}
		})
	}
	var out []variable
	for id := range fact.Count {
		if len(tests[id]) == 0 {
			continue
		}
		v := variable{fact: id}
		switch {
		case id == fact.Birth:
			v.classes = ages(tests[id])
		case id == fact.Hukou:
			v.classes = regions(tests[id], home)
		case id == fact.Residence:
			v.classes = regions(tests[id], region.Nation)
		default:
			v.classes = codes(id, tests[id])
		}
		out = append(out, v)
	}
	return out
}

func ages(tests []*rules.Expr) []class {
	starts := []int{0}
	for _, x := range tests {
		for _, n := range []int{x.Lo, x.Hi + 1} {
			if n > 0 && n <= fact.MaxAge {
				starts = append(starts, n)
			}
		}
	}
	slices.Sort(starts)
	var out []class
	for _, n := range slices.Compact(starts) {
		out = append(out, class{age: n})
	}
	return out
}

func codes(id fact.ID, tests []*rules.Expr) []class {
	seen := map[string]bool{}
	var out []class
	for i := range id.Def().Values {
		code := fact.Code(i + 1)
		answers := make([]byte, len(tests))
		for k, x := range tests {
			answers[k] = byte(x.Codes >> code & 1)
		}
		if !seen[string(answers)] {
			seen[string(answers)] = true
			out = append(out, class{code: code})
		}
	}
	return out
}

// regions returns a place for each set of places that lie within the same prefixes.
func regions(tests []*rules.Expr, home region.Code) []class {
	prefixes := []region.Code{home}
	for _, x := range tests {
		if x.Region.Within(home) {
			prefixes = append(prefixes, x.Region)
		}
	}
	slices.Sort(prefixes)
	prefixes = slices.Compact(prefixes)
	var out []class
	for _, p := range prefixes {
		if place, ok := placeIn(p, prefixes); ok {
			out = append(out, class{region: place})
		}
	}
	return out
}

// placeIn finds a place in p that lies in none of the prefixes inside p; there is
// none when those are all the divisions that p has.
func placeIn(p region.Code, prefixes []region.Code) (region.Code, bool) {
	inner := slices.DeleteFunc(slices.Clone(prefixes), func(q region.Code) bool { return q == p || !q.Within(p) })
	if len(inner) == 0 && p != region.Nation {
		return p, true
	}
	var parts []region.Code
	for _, d := range region.Below(p) {
		parts = append(parts, d.Code)
	}
	if !region.Complete(p) { // there are others, whatever they are called
		width := map[int]int{0: 2, 2: 2, 4: 2, 6: 3, 9: 3}[len(p)]
		for n := 11; n <= 99; n++ {
			parts = append(parts, p+region.Code(fmt.Sprintf("%0*d", width, n)))
		}
	}
	for _, part := range parts {
		within := slices.DeleteFunc(slices.Clone(inner), func(q region.Code) bool { return !q.Within(part) })
		switch {
		case len(within) == 0 && !slices.ContainsFunc(inner, part.Within):
			return part, true
		case len(within) > 0 && !slices.Contains(within, part):
			if place, ok := placeIn(part, append(within, part)); ok {
				return place, true
			}
		}
	}
	return "", false
}

// put gives the person the value of the class.
func (v *variable) put(who *fact.Person, i int, on civil.Date) {
	c := v.classes[i]
	switch v.fact {
	case fact.Birth:
		who.Birth = civil.LatestBirth(c.age, on)
	case fact.Hukou:
		who.Hukou = c.region
	case fact.Residence:
		who.Residence = c.region
	default:
		who.Codes[v.fact] = c.code
	}
}

// holds evaluates an atomic test for a class.
func (v *variable) holds(x *rules.Expr, i int) bool {
	c := v.classes[i]
	switch x.Op {
	case rules.OpAge:
		return x.Lo <= c.age && c.age <= x.Hi
	case rules.OpRegion:
		return c.region.Within(x.Region)
	default:
		return x.Codes>>c.code&1 == 1
	}
}
