package simulate

import (
	"math"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/population"
	"yian/internal/rules"
)

// Survival (存活概率) returns the probability of somebody of the sex, aged age now, being
// alive after so many years. The sex may be unknown.
type Survival func(sex fact.Code, age, years int) float64

// Year (预测年度) is what is to be expected of the same people some years from now. Nobody
// joins them: who turns 60 later is only counted if the population already holds
// the younger.
type Year struct {
	On    civil.Date
	Alive float64
	Old   []Expected // by item of the old list
	New   []Expected // by item of the new list
}

// Expected (期望人数与费用) is the expected number of people entitled to an item, and its cost.
type Expected struct {
	People    float64
	YuanMonth float64 // recurring, a month
	YuanOnce  float64 // one-off grants, if everybody were to draw them in this year
}

// Ahead foretells years of both lists, ageing the population from the day on. Facts
// other than age stay as they are.
func Ahead(pop *population.Population, old, now *rules.Source, on civil.Date, years, workers int, s Survival) ([]Year, error) {
	days := make([]civil.Date, years+1)
	for n := range days {
		days[n] = civil.Birthday(on, n)
	}
	return AheadOn(pop, old, now, on, days, workers, s)
}

// AheadOn foretells days to come as Ahead does those of whole years. Between two years
// people die at the rate of that year.
func AheadOn(pop *population.Population, old, now *rules.Source, on civil.Date, days []civil.Date, workers int, s Survival) ([]Year, error) {
	c := newCohort(pop, on)
	was, is := edition{src: old}, edition{src: now}
	out := make([]Year, 0, len(days))
	for _, day := range days {
		y := Year{On: day}
		at := census{c, c.weights(on, day, s), map[*population.Block]float64{}}
		for k, people := range c.size {
			y.Alive += float64(people) * at.weight[k]
		}
		before, err := was.run(pop, day, engine.Options{Workers: workers})
		if err != nil {
			return nil, err
		}
		after, err := is.run(pop, day, engine.Options{Workers: workers, Reuse: before})
		if err != nil {
			return nil, err
		}
		y.Old, y.New = at.expect(before), at.expect(after)
		out = append(out, y)
	}
	return out, nil
}

// edition is a list as it was last compiled. Only the values of its parameters hang on
// the day, so it holds as long as none of them changes.
type edition struct {
	src     *rules.Source
	program *rules.Program
}

func (e *edition) run(pop *population.Population, on civil.Date, opt engine.Options) (_ *engine.Result, err error) {
	if e.program == nil || turns(e.src, e.program.At, on) {
		if e.program, err = rules.Compile(e.src, on); err != nil {
			return nil, err
		}
	}
	return engine.NewPlan(e.program, on).Run(pop, opt), nil
}

// turns reports whether a parameter has another value on one of two days.
func turns(src *rules.Source, a, b civil.Date) bool {
	for _, p := range src.Parameters {
		for _, v := range p.Values {
			if min(a, b) < v.From && v.From <= max(a, b) {
				return true
			}
		}
	}
	return false
}

// cohort groups people who have the same chances of living on: by sex and age.
type cohort struct {
	group []uint16 // by person
	size  []int    // by group
}

const (
	ages    = fact.MaxAge + 1
	ageless = 3 * ages // the group of those whose age is unknown
)

func newCohort(pop *population.Population, on civil.Date) *cohort {
	c := &cohort{group: make([]uint16, pop.Len()), size: make([]int, ageless+1)}
	for i := range c.group {
		g := ageless
		if day := pop.Day(i); day != 0 {
			age := min(max(civil.Age(population.Date(day), on), 0), fact.MaxAge)
			g = int(pop.Code(fact.Sex, i))*ages + age
		}
		c.group[i] = uint16(g)
		c.size[g]++
	}
	return c
}

// weights returns the survival of each group from a day to another; people of unknown
// age live on like the others on average.
func (c *cohort) weights(from, to civil.Date, s Survival) []float64 {
	years := civil.Age(from, to)
	last, next := civil.Birthday(from, years), civil.Birthday(from, years+1)
	part := float64(to-last) / float64(next-last)
	out := make([]float64, len(c.size))
	var sum, people float64
	for sex := range 3 {
		for age := range ages {
			g := sex*ages + age
			if c.size[g] == 0 {
				continue
			}
			out[g] = s(fact.Code(sex), age, years)
			if part > 0 && out[g] > 0 {
				out[g] *= math.Pow(s(fact.Code(sex), age, years+1)/out[g], part)
			}
			sum += out[g] * float64(c.size[g])
			people += float64(c.size[g])
		}
	}
	if people > 0 {
		out[ageless] = sum / people
	}
	return out
}

// census counts a cohort on a day.
type census struct {
	*cohort

	weight []float64                     // by group
	known  map[*population.Block]float64 // what was counted, by its first block: lists share planes
}

func (c *census) expect(r *engine.Result) []Expected {
	items := r.Plan.Program.Items
	out := make([]Expected, len(items))
	for i := range items {
		out[i].People = c.weigh(r.Yes(i))
		for _, k := range r.Cases(i) {
			var y Yearly
			y.times(1, k.Fen(), items[i].Grant.Per)
			if y == (Yearly{}) {
				continue
			}
			people := c.weigh(k.People)
			out[i].YuanMonth += people * float64(y.Fen) / 1200
			out[i].YuanOnce += people * float64(y.Once) / 100
		}
	}
	return out
}

// weigh counts people by their chances of living.
func (c *census) weigh(planes []population.Block) (sum float64) {
	if len(planes) == 0 {
		return 0
	}
	if known, ok := c.known[&planes[0]]; ok {
		return known
	}
	hist := make([]int, len(c.size))
	engine.Each(planes, func(person int) { hist[c.group[person]]++ })
	for g, n := range hist {
		sum += float64(n) * c.weight[g]
	}
	c.known[&planes[0]] = sum
	return sum
}
