package entitlement

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
)

// Bits (项目集合) is a set of items or tags by their places.
type Bits uint64

// Has reports whether place i is in the set.
func (b Bits) Has(i int) bool { return b>>i&1 == 1 }

// each calls f for every place in the set, in order.
func (b Bits) each(f func(i int)) {
	for ; b != 0; b &= b - 1 {
		f(bits.TrailingZeros64(uint64(b)))
	}
}

// Result (认定结果) is what a list grants one person of all its items on a day, packed.
type Result struct {
	Basis       id.ID      // 0: no list rules there
	On          civil.Date // the day for which it was found
	Next        civil.Date // the next day on which ageing alone changes a result; 0: never
	Due         civil.Date // the next day on which anything of this may be other; 0: never
	Yes         Bits
	Unknown     Bits
	Amounts     []byte   // a number for each item of Yes that states an amount, in order
	Missing     fact.Set // unknown facts that could still decide something
	Tags        Bits
	TagsUnknown Bits
}

// Same reports whether two results say the same, be they of different days.
func (r *Result) Same(o *Result) bool {
	return r.Basis == o.Basis && r.Next == o.Next && r.Due == o.Due && r.Yes == o.Yes && r.Unknown == o.Unknown &&
		bytes.Equal(r.Amounts, o.Amounts) && r.Missing == o.Missing && r.Tags == o.Tags && r.TagsUnknown == o.TagsUnknown
}

// truth returns the result at place i of two sets.
func truth(yes, unknown Bits, i int) rules.Truth {
	switch {
	case i < 0:
		return rules.No
	case yes.Has(i):
		return rules.Yes
	case unknown.Has(i):
		return rules.Unknown
	}
	return rules.No
}

// amount (金额编码) is what is known of an amount, as it is stored: the sum, whether it
// is a ceiling, and its rules.State.
type amount uint64

func amountOf(q rules.Quantity) amount {
	a := amount(q.State)
	if q.State == rules.Fixed {
		a |= amount(q.N) << 3
	}
	if q.Most {
		a |= 4
	}
	return a
}

// quantity returns the amount as the rules have it, without how it was reached.
func (a amount) quantity() rules.Quantity {
	return rules.Quantity{State: rules.State(a & 3), N: int64(a >> 3), Most: a&4 != 0}
}

// fen returns the sum if it is known.
func (a amount) fen() (fen int64, known bool) {
	return int64(a >> 3), rules.State(a&3) == rules.Fixed
}

// amounts unpacks the amounts of a result by the places of items; cash are the items
// that state one.
func (r *Result) amounts(cash Bits) (all [policy.MostItems]amount) {
	rest := r.Amounts
	(r.Yes & cash).each(func(i int) {
		n, size := binary.Uvarint(rest)
		if size > 0 {
			all[i], rest = amount(n), rest[size:]
		}
	})
	return all
}

// row is a result as it is stored.
type row struct {
	person id.ID
	region region.Code
	Result
	since civil.Date
	facts []byte
}

// shardOf returns the county in whose shard the people of a place are: people who are
// served by a larger division itself have the shard of its code.
func shardOf(c region.Code) region.Code { return c.County() }

// coded are the facts that have a code, in the order of the vocabulary.
var coded = func() (all []fact.ID) {
	for f := range fact.Count {
		if f.Coded() {
			all = append(all, f)
		}
	}
	return all
}()

// packFacts appends the facts that a result was found from: the day of birth, half a
// byte a coded fact, the regions.
func packFacts(b []byte, p *fact.Person) []byte {
	day, err := population.Day(p.Birth)
	if err != nil {
		day = 0
	}
	b = append(b, byte(day>>8), byte(day), byte(len(coded)))
	for i := 0; i < len(coded); i += 2 {
		c := p.Codes[coded[i]]
		if i+1 < len(coded) {
			c |= p.Codes[coded[i+1]] << 4
		}
		b = append(b, c)
	}
	b = append(b, byte(len(p.Hukou)))
	b = append(b, p.Hukou...)
	return append(b, p.Residence...)
}

var errFacts = errors.New("packed facts are damaged")

// unpackFacts reads what packFacts wrote. Facts that joined the vocabulary at its end
// since then are unknown.
func unpackFacts(b []byte) (p fact.Person, err error) {
	if len(b) < 3 {
		return p, errFacts
	}
	p.Birth = population.Date(uint16(b[0])<<8 | uint16(b[1]))
	n := int(b[2])
	b = b[3:]
	half := (n + 1) / 2
	if n > len(coded) || len(b) <= half || len(b) < half+1+int(b[half]) {
		return p, errFacts
	}
	for i := range n {
		p.Codes[coded[i]] = b[i/2] >> (i % 2 * 4) & 15
	}
	b = b[half:]
	p.Hukou, p.Residence = region.Code(b[1:1+b[0]]), region.Code(b[1+b[0]:])
	return p, nil
}

// birthday returns the first day after on of those on which somebody reaches one of
// the ages, which rise; 0 if there is none.
func birthday(birth civil.Date, ages []int, on civil.Date) civil.Date {
	if birth == 0 {
		return 0
	}
	for _, n := range ages {
		if day := civil.Birthday(birth, n); day > on {
			return day
		}
	}
	return 0
}
