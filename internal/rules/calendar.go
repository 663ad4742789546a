package rules

import (
	"time"

	"yian/internal/civil"
	"yian/internal/fact"
)

// Change (下次变化) is a change of one item's decision that ageing alone brings.
type Change struct {
	Item         int
	Before, Then Decision
}

// NextChange returns the first day after on at which growing older, all other
// facts staying as they are, changes the result, the amount or the frequency of
// any item, and those items. It returns zero if nothing will ever change, or if
// the birth date is unknown.
func (p *Program) NextChange(who *fact.Person, on civil.Date) (civil.Date, []Change) {
	if who.Birth == 0 {
		return 0, nil
	}
	age := civil.Age(who.Birth, on)
	for _, n := range p.Thresholds() {
		if n <= age {
			continue
		}
		day := civil.Birthday(who.Birth, n)
		if changes := p.changes(who, day-1, day); len(changes) > 0 {
			return day, changes
		}
	}
	return 0, nil
}

func (p *Program) changes(who *fact.Person, from, to civil.Date) []Change {
	var out []Change
	for i := range p.Items {
		before, then := p.Decide(i, who, from), p.Decide(i, who, to)
		if !before.Same(then) {
			out = append(out, Change{Item: i, Before: before, Then: then})
		}
	}
	return out
}

// Same reports whether two decisions grant the same.
func (d Decision) Same(e Decision) bool {
	return d.Result == e.Result && d.Amount.Same(e.Amount) && d.Times.Same(e.Times) && d.Share.Same(e.Share)
}

// Same reports whether two quantities are the same; sums that are yet to be set
// are when they are to be reached in the same way.
func (q Quantity) Same(r Quantity) bool {
	return q.State == r.State && q.N == r.N && q.Most == r.Most && (q.State != Unset || q.How == r.How)
}

// MonthsDue tells for each month of the year whether item i is due. A month is
// judged on its last day, so that the month in which a condition is met counts;
// where the grant begins the month after (NextMonth), on the last day of the
// month before. Nothing is due on days on which the list does not rule.
func (p *Program) MonthsDue(i int, who *fact.Person, year int) (due [12]Truth) {
	for m := range due {
		month := time.Month(m + 1)
		if p.Items[i].Grant.First == NextMonth {
			month--
		}
		day := civil.New(year, month, 1).EndOfMonth()
		if day < p.Source.From || p.Source.To != 0 && day > p.Source.To {
			due[m] = No
			continue
		}
		due[m] = p.Items[i].Rule.Eval(who, day)
	}
	return due
}
