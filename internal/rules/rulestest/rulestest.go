// Package rulestest draws random service lists and people for the tests that hold
// the engines equal: the columnar one, the tree walker and cel-go itself.
package rulestest

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// On is the day around which random people are drawn.
var On = civil.New(2024, 6, 30)

var regionPool = []region.Code{"14", "1410", "141002", "141024", "141024100", "52", "5201"}

// List draws a list of up to maxItems items with definitions, parameters, cases and
// exclusions.
func List(t *rapid.T, maxItems int) *rules.Source {
	g := &gen{t: t}
	src := &rules.Source{ID: "random", Region: "1410", From: civil.New(2020, 1, 1)}
	for i := range rapid.IntRange(0, 3).Draw(t, "parameters") {
		p := rules.Parameter{Name: "p" + strconv.Itoa(i), Label: "参数" + strconv.Itoa(i)}
		if rapid.IntRange(0, 3).Draw(t, "set") > 0 {
			p.Values = []rules.Dated{{From: src.From, Value: big.NewRat(rapid.Int64Range(1, 3000).Draw(t, "value"), 10)}}
		}
		src.Parameters = append(src.Parameters, p)
		g.params = append(g.params, p.Name)
	}
	var define []rules.Definition
	for i := range rapid.IntRange(1, 3).Draw(t, "definitions") {
		d := rules.Definition{Name: "d" + strconv.Itoa(i), Rule: rules.Text{CEL: g.condition(2)}}
		define = append(define, d)
		g.defined = append(g.defined, d.Name)
	}
	for i := range rapid.IntRange(1, maxItems).Draw(t, "items") {
		it := rules.Item{
			No: i + 1, ID: "i" + strconv.Itoa(i), Name: "项目" + strconv.Itoa(i), Define: define,
			When: rules.Text{CEL: g.condition(4)}, Grant: rules.Grant{Kind: rules.Cash, Per: rules.PerMonth},
		}
		if g.one(3) {
			it.Grant.First = rules.NextMonth
		}
		it.Grant.Amount = g.cases(func() string { return g.number(2) })
		it.Grant.Times = g.cases(func() string { return strconv.Itoa(g.int(0, 4)) })
		if g.one(3) {
			it.Grant.Share = []rules.Share{{When: rules.Text{CEL: g.condition(1)}, Is: "免费"}, {Is: g.pick("免费", "半价")}}
		}
		if i > 0 && g.one(4) {
			it.Excludes = []string{"i" + strconv.Itoa(g.int(0, i-1))}
			if g.one(2) {
				it.Prefer = rules.PreferHigher
			}
		}
		src.Items = append(src.Items, it)
	}
	return src
}

// Person draws a person with about a quarter of the facts unknown.
func Person(t *rapid.T) fact.Person {
	var p fact.Person
	if rapid.IntRange(0, 9).Draw(t, "birth known") > 0 {
		age := rapid.IntRange(50, 104).Draw(t, "age")
		near := rapid.SampledFrom([]int{-1, 0, 1, 100, 200}).Draw(t, "days off the birthday")
		p.Birth = civil.LatestBirth(age, On) + civil.Date(near)
		if rapid.IntRange(0, 9).Draw(t, "leap") == 0 {
			p.Birth = civil.New(1920+4*rapid.IntRange(0, 12).Draw(t, "year"), 2, 29)
		}
	}
	pool := append([]region.Code{""}, regionPool...)
	p.Hukou = rapid.SampledFrom(pool).Draw(t, "hukou")
	p.Residence = rapid.SampledFrom(pool).Draw(t, "residence")
	for id := range fact.Count {
		if id.Coded() && rapid.IntRange(0, 3).Draw(t, "known") > 0 {
			p.Codes[id] = fact.Code(rapid.IntRange(1, len(id.Def().Values)).Draw(t, id.String()))
		}
	}
	return p
}

// Known draws a person of whom everything is known.
func Known(t *rapid.T) fact.Person {
	p := Person(t)
	if p.Birth == 0 {
		p.Birth = civil.LatestBirth(80, On)
	}
	for _, r := range []*region.Code{&p.Hukou, &p.Residence} {
		if len(*r) < 6 {
			*r = "141002"
		}
	}
	for id := range fact.Count {
		if id.Coded() && p.Codes[id] == fact.Unknown {
			p.Codes[id] = 1
		}
	}
	return p
}

// People draws a few people; tests multiply them.
func People(t *rapid.T) []fact.Person {
	return rapid.SliceOfN(rapid.Custom(Person), 1, 12).Draw(t, "people")
}

type gen struct {
	t       *rapid.T
	defined []string
	params  []string
}

func (g *gen) int(lo, hi int) int { return rapid.IntRange(lo, hi).Draw(g.t, "n") }
func (g *gen) one(of int) bool    { return g.int(1, of) == 1 }
func (g *gen) pick(from ...string) string {
	return rapid.SampledFrom(from).Draw(g.t, "pick")
}

// condition draws a condition of the accepted language.
func (g *gen) condition(depth int) string {
	if depth > 0 {
		switch g.int(0, 5) {
		case 0, 1:
			return "(" + g.condition(depth-1) + " && " + g.condition(depth-1) + ")"
		case 2, 3:
			return "(" + g.condition(depth-1) + " || " + g.condition(depth-1) + ")"
		case 4:
			return "!(" + g.condition(depth-1) + ")"
		}
	}
	if len(g.defined) > 0 && g.one(6) {
		return g.pick(g.defined...)
	}
	if g.one(40) {
		return g.pick("true", "false")
	}
	return g.test()
}

func (g *gen) test() string {
	id := fact.ID(g.int(0, int(fact.Count)-1))
	d := id.Def()
	switch d.Kind {
	case fact.Date:
		n := g.pick("60", "65", "80", "90", "100", "0", "-5", "300")
		if g.one(5) {
			return "age in [" + n + ", 70]"
		}
		if g.one(4) {
			return n + g.pick(" <= ", " > ", " == ") + "age"
		}
		return "age" + g.pick(" >= ", " < ", " > ", " <= ", " == ", " != ") + n
	case fact.Region:
		return fmt.Sprintf("%s.within(%q)", id, rapid.SampledFrom(regionPool).Draw(g.t, "region"))
	case fact.Bool:
		return g.pick(d.Name, d.Name+" == true", d.Name+" != true", "false == "+d.Name)
	}
	values := make([]string, len(d.Values))
	for i, v := range d.Values {
		values[i] = v.Name
		if d.Kind == fact.Enum {
			values[i] = strconv.Quote(v.Name)
		}
	}
	switch {
	case g.one(2):
		some := rapid.SliceOfN(rapid.SampledFrom(values), 1, 4).Draw(g.t, "values")
		return d.Name + " in [" + strings.Join(some, ", ") + "]"
	case d.Kind == fact.Level && g.one(2):
		return d.Name + g.pick(" < ", " <= ", " > ", " >= ") + g.pick(values...)
	}
	return d.Name + g.pick(" == ", " != ") + g.pick(values...)
}

func (g *gen) cases(is func() string) []rules.Case {
	n := g.int(0, 3)
	out := make([]rules.Case, n)
	for i := range out {
		out[i].Is.CEL = is()
		if i < n-1 || g.one(2) {
			out[i].When.CEL = g.condition(2)
		}
	}
	return out
}

// number draws a formula that is never negative.
func (g *gen) number(depth int) string {
	if depth > 0 {
		switch g.int(0, 4) {
		case 0:
			return "(" + g.condition(1) + " ? " + g.number(depth-1) + " : " + g.number(depth-1) + ")"
		case 1:
			return "(" + g.number(depth-1) + " + " + g.number(depth-1) + ")"
		case 2:
			return g.pick("1.3", "2", "0.5") + " * " + g.number(depth-1)
		}
	}
	if len(g.params) > 0 && g.one(2) {
		return g.pick(g.params...)
	}
	return g.pick("70", "100", "300", "12.5", "0")
}
