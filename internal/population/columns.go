// Package population keeps the facts of many people in the form in which the
// engine works on them: vertical bit planes, one bit of a fact's code for 64
// people in each word, in blocks whose planes lie side by side in memory.
//
// People arrive as Columns (a code a person a fact, as files and databases give
// them) and are packed once; about 19 bytes stay for a person.
package population

import (
	"fmt"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
)

// Columns (人群列数据) holds people as they are read: for each fact one code a person. A nil
// column means that nothing of that fact is known about anybody.
type Columns struct {
	N         int
	Birth     []uint16 // Day of the birth date; 0: unknown
	Codes     [fact.Count][]fact.Code
	Hukou     Regions
	Residence Regions
}

// Regions (区划列) is a dictionary-coded column of regions. Codes[0] is always "", unknown.
type Regions struct {
	Index []uint32 // into Codes, one a person; nil: unknown for everybody
	Codes []region.Code

	place map[region.Code]uint32 // of Codes, while people are appended
}

// The day numbers of a birth column count from firstDay = 1.
var (
	firstDay = civil.New(1880, 1, 1)
	lastDay  = firstDay + 1<<16 - 2
)

// Day returns the number of a birth date in a column. It fails for days that a
// column cannot hold (before 1880 or after 2059).
func Day(birth civil.Date) (uint16, error) {
	if birth == 0 {
		return 0, nil
	}
	if birth < firstDay || birth > lastDay {
		return 0, fmt.Errorf("出生日期 %s 超出可处理的范围（%s 至 %s）", birth, firstDay, lastDay)
	}
	return uint16(birth - firstDay + 1), nil
}

// Date returns the birth date of a day number; zero for 0.
func Date(day uint16) civil.Date {
	if day == 0 {
		return 0
	}
	return firstDay + civil.Date(day) - 1
}

// Append adds one person.
func (c *Columns) Append(p *fact.Person) error {
	day, err := Day(p.Birth)
	if err != nil {
		return err
	}
	if c.N > 0 && len(c.Birth) != c.N {
		return fmt.Errorf("population: Append to columns that were not built by Append")
	}
	c.Birth = append(c.Birth, day)
	for id := range fact.Count {
		if id.Coded() {
			c.Codes[id] = append(c.Codes[id], p.Codes[id])
		}
	}
	c.Hukou.append(p.Hukou)
	c.Residence.append(p.Residence)
	c.N++
	return nil
}

// append adds a code for one more person.
func (r *Regions) append(code region.Code) {
	if r.place == nil {
		r.place, r.Codes = map[region.Code]uint32{"": 0}, []region.Code{""}
	}
	at, ok := r.place[code]
	if !ok {
		at = uint32(len(r.Codes))
		r.place[code] = at
		r.Codes = append(r.Codes, code)
	}
	r.Index = append(r.Index, at)
}

// Concat joins batches that hold the same people in the same order; dictionaries
// are merged.
func Concat(batches []*Columns) *Columns {
	out := &Columns{}
	for _, b := range batches {
		out.N += b.N
	}
	out.Birth = make([]uint16, 0, out.N)
	for _, b := range batches {
		out.Birth = appendOr(out.Birth, b.Birth, b.N)
	}
	for id := range fact.Count {
		if !id.Coded() {
			continue
		}
		out.Codes[id] = make([]fact.Code, 0, out.N)
		for _, b := range batches {
			out.Codes[id] = appendOr(out.Codes[id], b.Codes[id], b.N)
		}
	}
	out.Hukou = concatRegions(batches, out.N, func(c *Columns) *Regions { return &c.Hukou })
	out.Residence = concatRegions(batches, out.N, func(c *Columns) *Regions { return &c.Residence })
	return out
}

// appendOr appends col, or n unknowns where the batch lacks the column.
func appendOr[T uint8 | uint16 | uint32](dst, col []T, n int) []T {
	if col == nil {
		return append(dst, make([]T, n)...)
	}
	return append(dst, col...)
}

func concatRegions(batches []*Columns, n int, of func(*Columns) *Regions) Regions {
	out := Regions{Index: make([]uint32, 0, n), Codes: []region.Code{""}}
	place := map[region.Code]uint32{"": 0}
	for _, b := range batches {
		r := of(b)
		if r.Index == nil {
			out.Index = append(out.Index, make([]uint32, b.N)...)
			continue
		}
		merged := make([]uint32, len(r.Codes))
		for i, code := range r.Codes {
			j, ok := place[code]
			if !ok {
				j = uint32(len(out.Codes))
				place[code] = j
				out.Codes = append(out.Codes, code)
			}
			merged[i] = j
		}
		for _, i := range r.Index {
			out.Index = append(out.Index, merged[i])
		}
	}
	return out
}

// Person gathers what is known of person i.
func (c *Columns) Person(i int) (p fact.Person) {
	if c.Birth != nil {
		p.Birth = Date(c.Birth[i])
	}
	p.Hukou, p.Residence = c.Hukou.RegionOf(i), c.Residence.RegionOf(i)
	for id, col := range c.Codes {
		if col != nil {
			p.Codes[id] = col[i]
		}
	}
	return p
}
