package entitlement

import (
	"encoding/binary"
	"sync"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/policy"
	"yian/internal/population"
	"yian/internal/rules"
)

// bench (评定台) is a list made ready to judge people on a day. The zero program is that
// of places without a list, where people have tags alone.
type bench struct {
	*Basis
	on      civil.Date
	program *rules.Program
	from    civil.Date // since when the list rules

	columns func() (*engine.Plan, *engine.Calendar) // made when the first block needs it
}

func newBench(r *policy.Ruling, on civil.Date) (*bench, error) {
	if r == nil {
		return &bench{Basis: noBasis, on: on}, nil
	}
	basis, err := basisOf(r)
	if err != nil {
		return nil, err
	}
	return &bench{
		Basis: basis, on: on, program: r.Program, from: r.From,
		columns: sync.OnceValues(func() (*engine.Plan, *engine.Calendar) {
			return engine.NewPlan(r.Program, on), engine.NewCalendar(r.Program, on)
		}),
	}, nil
}

// Judge (认定) finds what a ruling grants one person on a day; no ruling grants nothing.
func Judge(p *fact.Person, r *policy.Ruling, on civil.Date) (Result, error) {
	b, err := newBench(r, on)
	if err != nil {
		return Result{}, err
	}
	return b.one(p), nil
}

// one judges one person.
func (b *bench) one(p *fact.Person) Result {
	r := Result{Basis: b.ID, On: b.on, Amounts: []byte{}}
	r.Tags, r.TagsUnknown = tagsOf(p)
	if b.program == nil {
		return r
	}
	for i := range b.Items {
		d := b.program.Decide(i, p, b.on)
		switch d.Result {
		case rules.Yes:
			r.Yes |= 1 << i
			if b.Cash.Has(i) {
				r.Amounts = binary.AppendUvarint(r.Amounts, uint64(amountOf(d.Amount)))
			}
		case rules.Unknown:
			r.Unknown |= 1 << i
		}
		r.Missing |= d.Missing
	}
	r.Next, _ = b.program.NextChange(p, b.on)
	r.Due = b.due(p, &r)
	return r
}

// due returns when a result is to be looked at again. As long as facts are missing,
// every birthday that a rule speaks of may change which ones.
func (b *bench) due(p *fact.Person, r *Result) civil.Date {
	if r.Missing != 0 {
		return birthday(p.Birth, b.program.Thresholds(), b.on)
	}
	return r.Next
}

// few is up to how many people are judged one by one: columns do not pay for them.
const few = 16

// all judges many people; the results are those that one finds.
func (b *bench) all(people []fact.Person) ([]Result, error) {
	out := make([]Result, len(people))
	if len(people) <= few || b.program == nil {
		for i := range people {
			out[i] = b.one(&people[i])
		}
		return out, nil
	}
	var c population.Columns
	for i := range people {
		if err := c.Append(&people[i]); err != nil {
			return nil, err
		}
	}
	b.block(population.New(&c), people, out)
	return out, nil
}

// block judges a population by columns.
func (b *bench) block(pop *population.Population, people []fact.Person, out []Result) {
	plan, calendar := b.columns()
	found := plan.Run(pop, engine.Options{})
	no := make([]Bits, len(out))
	for i := range b.Items {
		engine.Each(found.Yes(i), func(k int) { out[k].Yes |= 1 << i })
		engine.Each(found.No(i), func(k int) { no[k] |= 1 << i })
	}
	calendar.Run(pop, 1).Days(func(k int, day civil.Date, _ int) { out[k].Next = day })
	every := Bits(1)<<len(b.Items) - 1
	for k := range out {
		r := &out[k]
		r.Basis, r.On, r.Amounts = b.ID, b.on, []byte{}
		r.Unknown = every &^ r.Yes &^ no[k]
		r.Unknown.each(func(i int) { r.Missing |= b.program.Decide(i, &people[k], b.on).Missing })
		r.Yes.each(func(i int) {
			if b.Cash.Has(i) {
				r.Amounts = binary.AppendUvarint(r.Amounts, uint64(amountOf(found.Amount(i, k))))
			}
			if found.Open(i, k) {
				r.Missing |= b.program.Decide(i, &people[k], b.on).Missing
			}
		})
		r.Tags, r.TagsUnknown = tagsOf(&people[k])
		r.Due = b.due(&people[k], r)
	}
}
