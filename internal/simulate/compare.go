package simulate

import (
	"math/bits"
	"slices"

	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
)

// Change (变动) counts what a new list changes for some people and one item.
type Change struct {
	Gain, Lose int    // people newly entitled, people who no longer are
	Doubt      int    // people entitled before, of whom the new list cannot tell
	More, Less int    // people entitled under both whose amount rises, falls
	Before     Yearly // what it costs under the old list
	After      Yearly
}

// Yearly (年度费用) is money in fen a year, kept so until it is shown because a month of a
// yearly grant is no whole number of fen. One-off grants are apart.
type Yearly struct {
	Fen  money.Fen // recurring, a year
	Once money.Fen // paid once to everybody who is entitled
}

// Month returns the recurring cost of one month.
func (y Yearly) Month() money.Fen { return (y.Fen + 6) / 12 }

func (c *Change) add(d Change) {
	c.Gain, c.Lose, c.Doubt, c.More, c.Less = c.Gain+d.Gain, c.Lose+d.Lose, c.Doubt+d.Doubt, c.More+d.More, c.Less+d.Less
	c.Before.add(d.Before)
	c.After.add(d.After)
}

func (y *Yearly) add(z Yearly) { y.Fen, y.Once = y.Fen+z.Fen, y.Once+z.Once }

// times adds n people who get the amount by the period.
func (y *Yearly) times(n int, amount money.Fen, per string) {
	sum := money.Fen(n) * amount
	switch per {
	case rules.PerMonth:
		y.Fen += 12 * sum
	case rules.PerDay:
		y.Fen += 365 * sum
	case rules.PerYear:
		y.Fen += sum
	default:
		y.Once += sum
	}
}

// Item (分项变动) is an item of either list.
type Item struct {
	Old, New *rules.Item // nil: the list does not have it
	old, new int         // their places, or -1
	Total    Change
	Counties []Change // in the order of Report.Counties
}

// Either returns the new list's item, or the old one's where it has none.
func (it *Item) Either() *rules.Item {
	if it.New != nil {
		return it.New
	}
	return it.Old
}

// Name returns what the item is called.
func (it *Item) Name() string { return it.Either().Name }

// Report (测算报告) compares two lists over one population.
type Report struct {
	Before, After *engine.Result
	Counties      []region.Code // or other places, in the order of their codes; "" where it is unknown
	Items         []Item        // of the new list, then those only the old one has
}

// Compare compares the results of two lists over the same population, by the counties
// of the hukou.
func Compare(before, after *engine.Result) *Report {
	return CompareIn(before, after, PlacesOf(before.Pop.Regions(fact.Hukou), region.Code.County))
}

// CompareIn compares as Compare does, by other places than the counties of the hukou.
func CompareIn(before, after *engine.Result, in *Places) *Report {
	r := &Report{Before: before, After: after, Counties: in.Codes}
	r.pair()
	for i := range r.Items {
		r.compare(&r.Items[i], in)
	}
	return r
}

// CompareItem compares one item alone, everywhere; nothing changes for one that neither
// list has.
func CompareItem(before, after *engine.Result, id string) Change {
	r := &Report{Before: before, After: after, Counties: []region.Code{""}}
	r.pair()
	for i := range r.Items {
		if it := &r.Items[i]; it.Either().ID == id {
			r.compare(it, &Places{Codes: r.Counties, table: []int{0}})
			return it.Total
		}
	}
	return Change{}
}

// pair puts the items of both lists together.
func (r *Report) pair() {
	old, now := r.Before.Plan.Program, r.After.Plan.Program
	for i := range now.Items {
		it := Item{New: now.Items[i].Item, new: i, old: old.Find(now.Items[i].ID)}
		if it.old >= 0 {
			it.Old = old.Items[it.old].Item
		}
		r.Items = append(r.Items, it)
	}
	for i := range old.Items {
		if now.Find(old.Items[i].ID) < 0 {
			r.Items = append(r.Items, Item{Old: old.Items[i].Item, old: i, new: -1})
		}
	}
}

// Places (统计地区) tells in which of several places each person of a population is counted.
type Places struct {
	Codes []region.Code // in their order; "" where it is unknown

	index []uint32 // by person, into table; nil: everybody is at its first
	table []int    // into Codes
}

// PlacesOf makes places of a column of regions, of each the larger one that of returns.
func PlacesOf(r *population.Regions, of func(region.Code) region.Code) *Places {
	codes := r.Codes
	if len(codes) == 0 {
		codes = []region.Code{""}
	}
	p := &Places{index: r.Index, table: make([]int, len(codes))}
	for _, code := range codes {
		p.Codes = append(p.Codes, of(code))
	}
	slices.Sort(p.Codes)
	p.Codes = slices.Compact(p.Codes)
	for i, code := range codes {
		p.table[i], _ = slices.BinarySearch(p.Codes, of(code))
	}
	return p
}

// count counts the people of the planes by place.
func (p *Places) count(planes []population.Block) []int {
	out := make([]int, len(p.Codes))
	if p.index == nil {
		for b := range planes {
			for _, word := range planes[b] {
				out[p.table[0]] += bits.OnesCount64(word)
			}
		}
		return out
	}
	engine.Each(planes, func(person int) { out[p.table[p.index[person]]]++ })
	return out
}

func (r *Report) compare(it *Item, in *Places) {
	it.Counties = make([]Change, len(r.Counties))
	yesBefore, yesAfter := yes(r.Before, it.old), yes(r.After, it.new)
	count := func(planes []population.Block, f func(c *Change, n int)) {
		for c, n := range in.count(planes) {
			f(&it.Counties[c], n)
		}
	}
	count(andNot(yesAfter, yesBefore), func(c *Change, n int) { c.Gain += n })
	gone := andNot(yesBefore, yesAfter)
	count(and(gone, no(r.After, it.new)), func(c *Change, n int) { c.Lose += n })
	count(andNot(gone, no(r.After, it.new)), func(c *Change, n int) { c.Doubt += n })
	was, is := cases(r.Before, it.old), cases(r.After, it.new)
	for _, a := range was {
		count(a.People, func(c *Change, n int) { c.Before.times(n, a.Fen(), it.Old.Grant.Per) })
		for _, b := range is {
			x, y, ok := yearly(a, it.Old.Grant.Per, b, it.New.Grant.Per)
			if !ok || x == y {
				continue
			}
			count(and(a.People, b.People), func(c *Change, n int) {
				if y > x {
					c.More += n
				} else {
					c.Less += n
				}
			})
		}
	}
	for _, b := range is {
		count(b.People, func(c *Change, n int) { c.After.times(n, b.Fen(), it.New.Grant.Per) })
	}
	for _, c := range it.Counties {
		it.Total.add(c)
	}
}

// yearly makes two amounts comparable; ok is false where one of them is not known,
// or only one is paid once.
func yearly(a engine.Case, aPer string, b engine.Case, bPer string) (x, y money.Fen, ok bool) {
	if a.State != rules.Fixed || b.State != rules.Fixed {
		return 0, 0, false
	}
	if aPer == bPer {
		return a.Fen(), b.Fen(), true
	}
	var before, after Yearly
	before.times(1, a.Fen(), aPer)
	after.times(1, b.Fen(), bPer)
	return before.Fen, after.Fen, before.Once == 0 && after.Once == 0
}

// Total sums a county's changes over all items; -1 is the whole population. People
// are counted once an item.
func (r *Report) Total(county int) (sum Change) {
	for i := range r.Items {
		if county < 0 {
			sum.add(r.Items[i].Total)
		} else {
			sum.add(r.Items[i].Counties[county])
		}
	}
	return sum
}

// yes returns who is entitled to item i; nobody if the list does not have it.
func yes(r *engine.Result, i int) []population.Block {
	if i < 0 {
		return make([]population.Block, r.Pop.Blocks())
	}
	return r.Yes(i)
}

// no returns who is not entitled to item i; everybody if the list does not have it.
func no(r *engine.Result, i int) []population.Block {
	if i >= 0 {
		return r.No(i)
	}
	out := make([]population.Block, r.Pop.Blocks())
	for b := range out {
		for w := range out[b] {
			out[b][w] = ^uint64(0)
		}
	}
	return out
}

func cases(r *engine.Result, i int) []engine.Case {
	if i < 0 {
		return nil
	}
	return r.Cases(i)
}

func and(a, b []population.Block) []population.Block {
	return combine(a, b, func(x, y uint64) uint64 { return x & y })
}

func andNot(a, b []population.Block) []population.Block {
	return combine(a, b, func(x, y uint64) uint64 { return x &^ y })
}

func combine(a, b []population.Block, f func(x, y uint64) uint64) []population.Block {
	out := make([]population.Block, len(a))
	for i := range out {
		for w := range out[i] {
			out[i][w] = f(a[i][w], b[i][w])
		}
	}
	return out
}
