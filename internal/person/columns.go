package person

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/population"
	"yian/internal/region"
)

// Everybody (在册人群) is the current facts of people as columns, in the order in which
// they were read, with what else tells them apart.
type Everybody struct {
	population.Columns
	People []id.ID
	Served population.Regions // who serves them, which is where a scope finds them
}

// Columns reads the current facts of everybody alive in the scope, for the engine.
func (s *Service) Columns(ctx context.Context, scope access.Scope) (*population.Columns, []id.ID, error) {
	all, err := s.Everybody(ctx, scope)
	if err != nil {
		return nil, nil, err
	}
	return &all.Columns, all.People, nil
}

// Everybody reads the current facts of everybody alive in the scope, and who serves them.
func (s *Service) Everybody(ctx context.Context, scope access.Scope) (_ *Everybody, err error) {
	defer errs.Wrap(&err, "read columns")
	r := newReader()
	query, args := everybodyQuery(scope)
	if err := s.DB.Stream(ctx, query, args, r.add); err != nil {
		return nil, err
	}
	return r.finish(), nil
}

// The places of the first columns of everybodyQuery; the coded facts follow.
const (
	idPlace = iota
	servedPlace
	birthPlace
	hukouPlace
	residencePlace
	codesPlace
)

// coded are the facts that have a code, in the order of the query.
var coded = func() (all []fact.ID) {
	for f := range fact.Count {
		if f.Coded() {
			all = append(all, f)
		}
	}
	return all
}()

// everybodyQuery asks for everybody alive in the scope. For the whole country it does
// not speak of regions: SQLite would go by their index, from row to row all over the
// file, which takes twice as long.
func everybodyQuery(scope access.Scope) (query string, args []any) {
	var b strings.Builder
	b.WriteString("SELECT id, region_code, birth, hukou, residence")
	for _, f := range coded {
		b.WriteString(", " + f.String())
	}
	b.WriteString(" FROM person WHERE state = 'alive'")
	if scope.Contains(region.Nation) {
		return b.String(), nil
	}
	where, args := scope.Where("region_code")
	for i := range args {
		where = strings.Replace(where, "?", fmt.Sprintf("$%d", i+1), 1)
	}
	return b.String() + " AND " + where, args
}

// reader collects rows as columns, which are longer than the rows so far.
type reader struct {
	all   Everybody
	codes [][]fact.Code // of the coded facts
	most  []int64       // the greatest code of each
	place map[string]uint32
	last  uint32 // of the regions: many come from one place, one after the other
}

func newReader() *reader {
	c := &reader{codes: make([][]fact.Code, len(coded)), place: map[string]uint32{"": 0}}
	for _, f := range coded {
		c.most = append(c.most, int64(len(f.Def().Values)))
	}
	c.all.Served.Codes = []region.Code{""}
	return c
}

// add takes the next row.
func (c *reader) add(r db.Row) error {
	n := c.all.N
	if n == len(c.all.People) {
		c.grow()
	}
	key, _ := r.Int(idPlace)
	person := id.ID(key)
	day, err := population.Day(r.Date(birthPlace))
	if err != nil {
		day = 0 // one impossible birthday must not stop everybody's figures: it is as unknown
	}
	c.all.People[n], c.all.Birth[n] = person, day
	c.all.Hukou.Index[n] = c.region(r.Text(hukouPlace))
	c.all.Residence.Index[n] = c.region(r.Text(residencePlace))
	c.all.Served.Index[n] = c.region(r.Text(servedPlace))
	for i, most := range c.most {
		code, known := r.Int(codesPlace + i)
		if known && (code < 1 || code > most) {
			return fmt.Errorf("person %s: column %s holds %d, which is no value of the fact", person, coded[i], code)
		}
		c.codes[i][n] = fact.Code(code)
	}
	c.all.N++
	return nil
}

// grow makes room for as many people again.
func (c *reader) grow() {
	n := max(4096, c.all.N)
	c.all.People = append(c.all.People, make([]id.ID, n)...)
	c.all.Birth = append(c.all.Birth, make([]uint16, n)...)
	for _, r := range []*population.Regions{&c.all.Hukou, &c.all.Residence, &c.all.Served} {
		r.Index = append(r.Index, make([]uint32, n)...)
	}
	for i := range c.codes {
		c.codes[i] = append(c.codes[i], make([]fact.Code, n)...)
	}
}

// region returns the place of a code in the dictionary, which all three columns
// share: a million people live in a few thousand places, most where they are registered.
func (c *reader) region(text []byte) uint32 {
	codes := c.all.Served.Codes
	if string(text) == string(codes[c.last]) {
		return c.last
	}
	at, ok := c.place[string(text)]
	if !ok {
		at = uint32(len(codes))
		c.all.Served.Codes = append(c.all.Served.Codes, region.Code(text))
		c.place[string(text)] = at
	}
	c.last = at
	return at
}

// finish cuts the columns to the people there are.
func (c *reader) finish() *Everybody {
	e, n := &c.all, c.all.N
	e.People, e.Birth = slices.Clip(e.People[:n]), slices.Clip(e.Birth[:n])
	for _, r := range []*population.Regions{&e.Hukou, &e.Residence, &e.Served} {
		r.Index, r.Codes = slices.Clip(r.Index[:n]), e.Served.Codes
	}
	for i, f := range coded {
		e.Codes[f] = slices.Clip(c.codes[i][:n])
	}
	return e
}
