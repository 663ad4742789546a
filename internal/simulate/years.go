package simulate

import (
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
	c := newCohort(pop, on)
	out := make([]Year, 0, years+1)
	for n := range years + 1 {
		y := Year{On: civil.Birthday(on, n)}
		weight := c.weights(n, s)
		for k, people := range c.size {
			y.Alive += float64(people) * weight[k]
		}
		var err error
		if y.Old, err = c.expect(pop, old, y.On, workers, weight); err != nil {
			return nil, err
		}
		if y.New, err = c.expect(pop, now, y.On, workers, weight); err != nil {
			return nil, err
		}
		out = append(out, y)
	}
	return out, nil
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

// weights returns the survival of each group; people of unknown age live on like
// the others on average.
func (c *cohort) weights(years int, s Survival) []float64 {
	out := make([]float64, len(c.size))
	var sum, people float64
	for sex := range 3 {
		for age := range ages {
			g := sex*ages + age
			if c.size[g] == 0 {
				continue
			}
			out[g] = s(fact.Code(sex), age, years)
			sum += out[g] * float64(c.size[g])
			people += float64(c.size[g])
		}
	}
	if people > 0 {
		out[ageless] = sum / people
	}
	return out
}

func (c *cohort) expect(pop *population.Population, src *rules.Source, on civil.Date, workers int, weight []float64) ([]Expected, error) {
	prog, err := rules.Compile(src, on)
	if err != nil {
		return nil, err
	}
	r := engine.NewPlan(prog, on).Run(pop, engine.Options{Workers: workers})
	out := make([]Expected, len(prog.Items))
	for i := range prog.Items {
		out[i].People = c.weigh(r.Yes(i), weight)
		for _, k := range r.Cases(i) {
			var y Yearly
			y.times(1, k.Fen(), prog.Items[i].Grant.Per)
			if y == (Yearly{}) {
				continue
			}
			people := c.weigh(k.People, weight)
			out[i].YuanMonth += people * float64(y.Fen) / 1200
			out[i].YuanOnce += people * float64(y.Once) / 100
		}
	}
	return out, nil
}

// weigh counts people by their chances of living.
func (c *cohort) weigh(planes []population.Block, weight []float64) (sum float64) {
	hist := make([]int, len(c.size))
	engine.Each(planes, func(person int) { hist[c.group[person]]++ })
	for g, n := range hist {
		sum += float64(n) * weight[g]
	}
	return sum
}
