package main

import (
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// plain is what a programmer writes who has read the list and needs no rule
// engine: every item by hand over structs, three-valued. It does not read the
// policy pack; when the pack changes, it must be changed too.
func plain(l *list, c *crowd) *contender {
	return &contender{
		name: "Go over structs, written by hand", crowd: c,
		run: func(cores int) ([]tally, error) {
			return rows(len(c.people), len(l.prog.Items), cores, func() judge { return plainJudge(c.people) }), nil
		},
	}
}

// plainTallies is the reference for all others.
func (l *list) plainTallies(c *crowd) []tally {
	return rows(len(c.people), len(l.prog.Items), 1, func() judge { return plainJudge(c.people) })
}

func plainJudge(people []fact.Person) judge {
	r := newPlainRules()
	return func(from, to int, masks []mask, into []tally) {
		var counts [24][3]int // by item and result
		var got [24]rules.Truth
		for p := from; p < to; p++ {
			r.person(&people[p], &got, into)
			var m mask
			for i, t := range got {
				counts[i][t]++
				m.yes |= uint32(t&rules.Yes) << i
				m.no |= uint32(t&rules.No) >> 1 << i
			}
			masks[p] = m
		}
		for i, n := range counts {
			into[i].Yes, into[i].No, into[i].Unknown = n[rules.Yes], n[rules.No], n[rules.Unknown]
		}
	}
}

// Unknown is 0, Yes 1 and No 2: conjunction and disjunction work on the bits.
func and(a, b rules.Truth) rules.Truth { return a&b&rules.Yes | (a|b)&rules.No }
func or(a, b rules.Truth) rules.Truth  { return (a|b)&rules.Yes | a&b&rules.No }

// is tells whether a code is among some, unknown where nobody recorded it.
func is(code fact.Code, some uint16) rules.Truth {
	switch {
	case code == fact.Unknown:
		return rules.Unknown
	case some>>code&1 == 1:
		return rules.Yes
	default:
		return rules.No
	}
}

// codes is the set of the codes with these names.
func codes(id fact.ID, names ...string) (set uint16) {
	for _, name := range names {
		c, ok := id.CodeOf(name)
		if !ok {
			panic("bench: " + id.String() + " has no value " + name)
		}
		set |= 1 << c
	}
	return set
}

// inLinfen tells whether a registration lies in the city; a coarser code leaves it open.
func inLinfen(p *fact.Person) rules.Truth {
	const linfen = "1410"
	switch h := string(p.Hukou); {
	case strings.HasPrefix(h, linfen):
		return rules.Yes
	case strings.HasPrefix(linfen, h):
		return rules.Unknown
	default:
		return rules.No
	}
}

// born tells whether somebody was born on the day or before.
func born(birth, day civil.Date) rules.Truth {
	switch {
	case birth == 0:
		return rules.Unknown
	case birth <= day:
		return rules.Yes
	default:
		return rules.No
	}
}
