package engine

import (
	"math/bits"

	"yian/internal/money"
	"yian/internal/population"
	"yian/internal/rules"
)

// Result (全体认定结果) is what a plan grants the people of a population. It is immutable.
type Result struct {
	Plan   *Plan
	Pop    *population.Population
	planes [][]population.Block // by output; equal outputs share them
	counts []int
}

// Tally (分项合计) counts the people of one item.
type Tally struct {
	Yes, No, Unknown int
	Sum              money.Fen // a period, over those whose amount is known
	Unset            int       // entitled to an amount that the county has yet to set
	Undecided        int       // entitled to an amount that hangs on an unknown fact
	Times            int64     // services a period, over those whose frequency is known
	TimesUndecided   int       // entitled to a frequency that hangs on an unknown fact
}

// Tally counts item i.
func (r *Result) Tally(i int) Tally {
	it := &r.Plan.items[i]
	t := Tally{Yes: r.counts[it.yes], No: r.counts[it.no]}
	t.Unknown = r.Pop.Len() - t.Yes - t.No
	decided := 0
	for _, l := range it.amount {
		n := r.counts[l.out]
		decided += n
		switch l.State {
		case rules.Fixed:
			t.Sum += money.Fen(int64(n) * l.N)
		case rules.Unset:
			t.Unset += n
		}
	}
	if len(it.amount) > 0 {
		t.Undecided = t.Yes - decided
	}
	decided = 0
	for _, l := range it.times {
		decided += r.counts[l.out]
		t.Times += int64(r.counts[l.out]) * l.N
	}
	if len(it.times) > 0 {
		t.TimesUndecided = t.Yes - decided
	}
	return t
}

// Yes returns a bit for everybody who is entitled to item i. It must not be changed.
func (r *Result) Yes(i int) []population.Block { return r.planes[r.Plan.items[i].yes] }

// No returns a bit for everybody who is known not to be entitled to item i.
func (r *Result) No(i int) []population.Block { return r.planes[r.Plan.items[i].no] }

// Truth returns the result of item i for one person.
func (r *Result) Truth(i, person int) rules.Truth {
	it := &r.Plan.items[i]
	switch {
	case r.has(it.yes, person):
		return rules.Yes
	case r.has(it.no, person):
		return rules.No
	default:
		return rules.Unknown
	}
}

// Amount returns what item i grants one person who is entitled to it.
func (r *Result) Amount(i, person int) rules.Quantity {
	return r.quantity(r.Plan.items[i].amount, person)
}

// Times returns how many services a period item i grants one person who is entitled to it.
func (r *Result) Times(i, person int) rules.Quantity {
	return r.quantity(r.Plan.items[i].times, person)
}

// Share returns how much of a price item i waives for one person who is entitled to it.
func (r *Result) Share(i, person int) rules.Quantity {
	return r.quantity(r.Plan.items[i].share, person)
}

// Open reports whether something that item i grants one person, who is entitled to
// it, hangs on a fact that is unknown.
func (r *Result) Open(i, person int) bool {
	it := &r.Plan.items[i]
	return it.asks && (r.open(it.amount, person) || r.open(it.times, person) || r.open(it.share, person))
}

func (r *Result) open(leaves []leaf, person int) bool {
	for _, l := range leaves {
		if r.has(l.out, person) {
			return false
		}
	}
	return len(leaves) > 0
}

func (r *Result) quantity(leaves []leaf, person int) rules.Quantity {
	for _, l := range leaves {
		if r.has(l.out, person) {
			return l.Quantity
		}
	}
	if len(leaves) == 0 {
		return rules.Quantity{}
	}
	return rules.Quantity{State: rules.Undecided}
}

func (r *Result) has(out, person int) bool {
	b := &r.planes[out][person/population.BlockPeople]
	return b[person%population.BlockPeople/64]>>(person%64)&1 == 1
}

// Case (金额档) is one case of an item's amount and the people in it.
type Case struct {
	rules.Quantity
	People []population.Block
}

// Cases returns the cases of item i's amount. They are disjoint.
func (r *Result) Cases(i int) []Case {
	leaves := r.Plan.items[i].amount
	out := make([]Case, len(leaves))
	for k, l := range leaves {
		out[k] = Case{l.Quantity, r.planes[l.out]}
	}
	return out
}

// Totals adds up for each person the amounts of all items that are granted by the
// period (rules.PerMonth …), as far as they are known.
func (r *Result) Totals(period string) []money.Fen {
	out := make([]money.Fen, r.Pop.Len())
	for i := range r.Plan.items {
		if r.Plan.Program.Items[i].Grant.Per != period {
			continue
		}
		for _, l := range r.Plan.items[i].amount {
			if l.State == rules.Fixed {
				Each(r.planes[l.out], func(person int) { out[person] += l.Fen() })
			}
		}
	}
	return out
}

// Each calls f for every bit that is set, in order.
func Each(planes []population.Block, f func(person int)) {
	for b := range planes {
		for w, word := range planes[b] {
			for ; word != 0; word &= word - 1 {
				f(b*population.BlockPeople + w*64 + bits.TrailingZeros64(word))
			}
		}
	}
}

// Add adds the counts of other people.
func (t *Tally) Add(o Tally) {
	t.Yes += o.Yes
	t.No += o.No
	t.Unknown += o.Unknown
	t.Sum += o.Sum
	t.Unset += o.Unset
	t.Undecided += o.Undecided
	t.Times += o.Times
	t.TimesUndecided += o.TimesUndecided
}
