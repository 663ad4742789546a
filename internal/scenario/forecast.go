package scenario

import (
	"context"
	"math"
	"slices"
	"time"

	"yian/internal/civil"
	"yian/internal/rules"
	"yian/internal/simulate"
)

// Forecast (逐月预测) is what is to be expected of the same people in the years to come:
// they grow older and die, their other facts stay, and nobody joins them.
type Forecast struct {
	AsOf  civil.Instant `json:"as_of"`
	Days  []civil.Date  `json:"days"` // a month apart
	Alive []float64     `json:"alive"`
	Total Course        `json:"total"` // of all items
	Items []Course      `json:"items"` // those that differ on some day
}

// Course (逐期走势) is what is expected of an item, by day.
type Course struct {
	ID   string              `json:"id,omitempty"`
	Name string              `json:"name,omitempty"`
	Old  []simulate.Expected `json:"old"`
	New  []simulate.Expected `json:"new"`
}

// yearsAhead is how far a forecast goes.
const yearsAhead = 10

// daysAhead returns the days of a forecast, a month apart.
func daysAhead(on civil.Date) (days []civil.Date) {
	for n := range 12*yearsAhead + 1 {
		days = append(days, monthsLater(on, n))
	}
	return days
}

// monthsLater returns the same day of a later month, or its last day if it is shorter.
func monthsLater(on civil.Date, n int) civil.Date {
	y, m, d := on.Date()
	y, m = y+(int(m)-1+n)/12, time.Month((int(m)-1+n)%12+1)
	return min(civil.New(y, m, 1)+civil.Date(d-1), civil.New(y, m, 1).EndOfMonth())
}

// atOnce is how many days are foretold before it is looked whether anybody still waits.
const atOnce = 24

// ahead foretells two laws over packed people.
func ahead(ctx context.Context, w *warm, before, after *law, workers int, s simulate.Survival) (*Forecast, error) {
	f := &Forecast{AsOf: w.made}
	f.Days = daysAhead(before.on)
	f.Alive = make([]float64, len(f.Days))
	f.Total = newCourse("", "", len(f.Days))
	byItem := map[string]int{}
	for _, g := range w.groups {
		old, now := sourceOf(before.over(g.region)), sourceOf(after.over(g.region))
		from := 0
		for days := range slices.Chunk(f.Days, atOnce) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			years, err := simulate.AheadOn(g.pop, old, now, before.on, days, workers, s)
			if err != nil {
				return nil, err
			}
			for k := range years {
				f.add(byItem, from+k, old, now, &years[k])
			}
			from += len(days)
		}
	}
	f.finish()
	return f, nil
}

// add adds a day of a group.
func (f *Forecast) add(byItem map[string]int, day int, old, now *rules.Source, y *simulate.Year) {
	f.Alive[day] += y.Alive
	for i, e := range y.Old {
		add(&f.course(byItem, &old.Items[i]).Old[day], e)
		add(&f.Total.Old[day], e)
	}
	for i, e := range y.New {
		add(&f.course(byItem, &now.Items[i]).New[day], e)
		add(&f.Total.New[day], e)
	}
}

func (f *Forecast) course(byItem map[string]int, it *rules.Item) *Course {
	at, ok := byItem[it.ID]
	if !ok {
		at = len(f.Items)
		byItem[it.ID] = at
		f.Items = append(f.Items, newCourse(it.ID, it.Name, len(f.Days)))
	}
	return &f.Items[at]
}

// finish leaves out the items that stay as they are, and keeps what is stored short.
func (f *Forecast) finish() {
	for i := range f.Items {
		f.Items[i].round()
	}
	f.Total.round()
	for i := range f.Alive {
		f.Alive[i] = round(f.Alive[i])
	}
	f.Items = slices.DeleteFunc(f.Items, func(c Course) bool { return slices.Equal(c.Old, c.New) })
}

func newCourse(id, name string, n int) Course {
	return Course{ID: id, Name: name, Old: make([]simulate.Expected, n), New: make([]simulate.Expected, n)}
}

func add(to *simulate.Expected, e simulate.Expected) {
	to.People, to.YuanMonth, to.YuanOnce = to.People+e.People, to.YuanMonth+e.YuanMonth, to.YuanOnce+e.YuanOnce
}

func (c *Course) round() {
	for _, all := range [][]simulate.Expected{c.Old, c.New} {
		for i, e := range all {
			all[i] = simulate.Expected{People: round(e.People), YuanMonth: round(e.YuanMonth), YuanOnce: round(e.YuanOnce)}
		}
	}
}

func round(x float64) float64 { return math.Round(x*100) / 100 }
