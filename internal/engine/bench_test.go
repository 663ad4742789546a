package engine_test

import (
	"math/rand/v2"
	"testing"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/policies"
)

const benchPeople = 1_000_000

// columns draws people uniformly; what they get does not matter for speed.
func columns() *population.Columns {
	r := rand.New(rand.NewPCG(1, 2))
	places := population.Regions{Index: make([]uint32, benchPeople), Codes: []region.Code{"", "141002", "141024", "52"}}
	c := &population.Columns{N: benchPeople, Birth: make([]uint16, benchPeople), Hukou: places, Residence: places}
	for i := range benchPeople {
		c.Birth[i] = uint16(15000 + r.IntN(11000))
		places.Index[i] = uint32(r.IntN(len(places.Codes)))
	}
	for id := range fact.Count {
		if id.Coded() {
			c.Codes[id] = make([]fact.Code, benchPeople)
			for i := range c.Codes[id] {
				c.Codes[id][i] = fact.Code(r.IntN(len(id.Def().Values) + 1))
			}
		}
	}
	return c
}

func linfen(b *testing.B) *rules.Program {
	b.Helper()
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		b.Fatal(err)
	}
	l, err := lib.List("linfen-2023")
	if err != nil {
		b.Fatal(err)
	}
	prog, err := rules.Compile(l.Source(), civil.New(2024, 6, 30))
	if err != nil {
		b.Fatal(err)
	}
	return prog
}

func perPersonItem(b *testing.B, items int) {
	b.ReportMetric(float64(b.N)*benchPeople*float64(items)/b.Elapsed().Seconds(), "decisions/s")
}

func BenchmarkPack(b *testing.B) {
	c := columns()
	for b.Loop() {
		population.New(c)
	}
	b.ReportMetric(float64(b.N)*benchPeople/b.Elapsed().Seconds(), "people/s")
}

func BenchmarkRun(b *testing.B) {
	prog, pop := linfen(b), population.New(columns())
	plan := engine.NewPlan(prog, prog.At)
	plan.Run(pop, engine.Options{})
	for b.Loop() {
		plan.Run(pop, engine.Options{})
	}
	perPersonItem(b, len(prog.Items))
}

func BenchmarkCalendar(b *testing.B) {
	prog, pop := linfen(b), population.New(columns())
	cal := engine.NewCalendar(prog, prog.At)
	for b.Loop() {
		days := 0
		cal.Run(pop, 1).Days(func(int, civil.Date, int) { days++ })
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/benchPeople, "ns/person")
}
