package synth

import (
	"math"

	"yian/internal/fact"
)

// Codes that the generator sets by name, so that the vocabulary's order does not matter.
func code(id fact.ID, name string) fact.Code {
	c, ok := id.CodeOf(name)
	if !ok {
		panic("synth: " + id.String() + " has no value " + name) //nolint:forbidigo // found by the first test
	}
	return c
}

func yesNo(b bool) fact.Code {
	if b {
		return fact.True
	}
	return fact.False
}

// person makes one person of whom everything is known.
func (g *generator) person(p *Person, elder bool) {
	g.birthday(elder)
	*p = Person{}
	f := &p.Facts
	f.Birth = g.birth
	g.male = g.is(max(0.25, 0.50-0.006*math.Max(0, float64(g.age-65)))) // women outlive men
	f.Codes[fact.Sex] = code(fact.Sex, map[bool]string{true: "male", false: "female"}[g.male])
	var rural bool
	f.Hukou, f.Residence, rural = g.places.draw(g)

	ability := g.ability()
	f.Codes[fact.Ability] = code(fact.Ability, [...]string{"intact", "mild", "moderate", "severe", "total"}[ability])
	f.Codes[fact.Dementia] = yesNo(g.is(min(0.6, 0.008*math.Exp(0.085*float64(g.age-60))+0.08*float64(ability))))
	g.disability(f, ability)
	g.household(f, rural)
	g.income(f, ability, rural)
	g.settle(f)
	g.service(f)
	g.insurance(f, ability, rural)
	f.Codes[fact.Vagrant] = yesNo(g.is(0.0001))
	f.Codes[fact.WorkInjuryCare] = yesNo(g.is(0.0005))
}

// ability draws 0 (intact) to 4 (total). Moderate and worse are 11.6 % of people of
// 60 and over, doubling about every seven years of age.
func (g *generator) ability() int {
	worse := 0.038 * math.Exp(0.098*float64(g.age-60))
	worse /= 1 + worse // stays below one
	mild := min(0.35, 0.08+0.008*math.Max(0, float64(g.age-60)))
	switch {
	case g.is(worse):
		return 2 + g.pick(55, 28, 17)
	case g.is(mild):
		return 1
	default:
		return 0
	}
}

func (g *generator) disability(f *fact.Person, ability int) {
	kind, grade := "none", "0"
	if g.is(0.06 + 0.07*float64(ability)) {
		kind = [...]string{"vision", "hearing", "speech", "limb", "intellect", "mental", "multiple"}[g.pick(14, 20, 1, 48, 4, 7, 6)]
		grade = [...]string{"1", "2", "3", "4"}[g.pick(4+8*float64(ability), 14+5*float64(ability), 32, 40)]
	}
	f.Codes[fact.DisabilityKind], f.Codes[fact.DisabilityGrade] = code(fact.DisabilityKind, kind), code(fact.DisabilityGrade, grade)
}

// household draws who lives with whom: the widowed live alone, most of those who do
// have an empty nest, and those left behind are in villages.
func (g *generator) household(f *fact.Person, rural bool) {
	widowed := g.is(min(0.85, 0.06*math.Exp(0.065*float64(g.age-60))*map[bool]float64{true: 0.6, false: 1.4}[g.male]))
	alone := g.is(map[bool]float64{true: 0.38, false: 0.02}[widowed])
	nest := alone && g.is(0.85) || !alone && g.is(0.38)
	f.Codes[fact.LivesAlone], f.Codes[fact.EmptyNest] = yesNo(alone), yesNo(nest)
	f.Codes[fact.LeftBehind] = yesNo(rural && nest && g.is(0.22))
	f.Codes[fact.FPSpecial] = yesNo(g.is(0.005))
}

// settle mends what was drawn apart: in an institution nobody lives alone, and who
// has no children to support him was not left behind by them.
func (g *generator) settle(f *fact.Person) {
	if f.Codes[fact.InFacility] == fact.True {
		f.Codes[fact.LivesAlone], f.Codes[fact.EmptyNest], f.Codes[fact.LeftBehind] = fact.False, fact.False, fact.False
	}
	if f.Codes[fact.NoSupporter] == fact.True {
		f.Codes[fact.LeftBehind] = fact.False
	}
}

// income draws the poverty category and what goes with tekun.
func (g *generator) income(f *fact.Person, ability int, rural bool) {
	weight := map[bool]float64{true: 1.25, false: 0.6}[rural] * (1 + 0.25*float64(ability))
	income := [...]string{"none", "edge", "rigid", "dibao", "tekun"}[g.pick(93.5, 0.9*weight, 0.3*weight, 3.2*weight, 1.3*weight)]
	f.Codes[fact.Income] = code(fact.Income, income)
	support, facility, wants := "none", g.is(0.006+0.012*float64(ability)), false
	alone := g.is(0.01)
	if income == "tekun" {
		alone = g.is(0.95)
		facility = g.is(0.12 + 0.12*float64(ability))
		support = map[bool]string{true: "central", false: "scattered"}[facility]
		wants = facility || g.is(0.06)
		f.Codes[fact.TekunCare] = code(fact.TekunCare, [...]string{"self", "self", "partial", "partial", "full"}[ability])
	}
	f.Codes[fact.TekunSupport] = code(fact.TekunSupport, support)
	f.Codes[fact.InFacility], f.Codes[fact.WantsCentral], f.Codes[fact.NoSupporter] = yesNo(facility), yesNo(wants), yesNo(alone)
}

// service draws what somebody or his family has done in the armed forces.
func (g *generator) service(f *fact.Person) {
	kind, demobilised := "none", 0.0
	if g.birth.Year() < 1938 { // they joined before November 1954
		demobilised = 60
	}
	switch {
	case g.male && g.is(0.035):
		kind = [...]string{"disabled", "demobilised", "discharged"}[g.pick(6, demobilised, 90)]
	case g.is(0.006):
		kind = [...]string{"martyr_family", "duty_family", "illness_family", "active_family"}[g.pick(25, 8, 17, 50)]
	}
	f.Codes[fact.Veteran] = code(fact.Veteran, kind)
	f.Codes[fact.VeteranPension] = yesNo(kind != "none" && kind != "active_family" && g.is(0.7))
}

func (g *generator) insurance(f *fact.Person, ability int, rural bool) {
	employee := g.is(map[bool]float64{true: 0.08, false: 0.55}[rural])
	draw := func(covered float64) string {
		switch {
		case !g.is(covered):
			return "none"
		case employee:
			return "employee"
		default:
			return "resident"
		}
	}
	f.Codes[fact.Pension], f.Codes[fact.Medical] = code(fact.Pension, draw(0.93)), code(fact.Medical, draw(0.97))
	insured := employee && g.is(0.12)
	f.Codes[fact.LTCIInsured] = yesNo(insured)
	level := "0" // only who is insured is assessed
	if insured && ability >= 1 && g.is(0.5) {
		level = [...]string{"", "1", "2", "3", "4"}[ability]
		if ability == 4 && g.is(0.5) {
			level = "5"
		}
	}
	f.Codes[fact.LTCILevel] = code(fact.LTCILevel, level)
}

// forget makes facts unknown. Half of the people have never been assessed at the
// default share, the young-old more often; the other registers have gaps.
func (g *generator) forget(f *fact.Person) {
	share := g.o.UnknownShare
	if share == 0 {
		return
	}
	assessed := 1.0 // how often an assessment is missing, by age
	if g.age >= 80 {
		assessed = 0.6
	}
	if g.is(min(1, 6.5*share*assessed)) {
		f.Forget(fact.Ability)
	}
	if g.is(share / 80) {
		f.Forget(fact.Birth)
	}
	if g.is(share / 40) {
		f.Forget(fact.Hukou)
	}
	if g.is(share / 2) {
		f.Forget(fact.DisabilityKind)
		f.Forget(fact.DisabilityGrade)
	}
	for _, id := range gaps {
		if g.is(share / 2) {
			f.Forget(id)
		}
	}
}

// gaps are the facts that are forgotten each on its own.
var gaps = []fact.ID{
	fact.Residence, fact.Income, fact.TekunSupport, fact.TekunCare, fact.Dementia, fact.LivesAlone, fact.EmptyNest,
	fact.LeftBehind, fact.FPSpecial, fact.Veteran, fact.VeteranPension, fact.NoSupporter, fact.Pension, fact.Medical,
	fact.LTCIInsured, fact.LTCILevel, fact.Vagrant, fact.InFacility, fact.WantsCentral, fact.WorkInjuryCare,
}
