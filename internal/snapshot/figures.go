package snapshot

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/population"
	"yian/internal/region"
)

// Figures (统计数字) are counts of the people of a scope on a day.
type Figures struct {
	Made    civil.Instant // when the facts were read; 0: there is no snapshot yet
	People  int
	Ages    []Band // age bands; those without a birth date are in none
	NoBirth int
	Facts   [fact.Count][]int // by code, 0 is unknown; nil for birth and regions
	Below   []Place           // the regions right below, where the scope is one region
}

// Band (年龄段) is a count of the ages From to To (0: no upper bound).
type Band struct {
	From, To int
	Count    int
}

// Place (下级地区) is a count of one region; of those whom no region below serves, of
// the region itself.
type Place struct {
	Region region.Code
	Count  int
}

// bandsFrom are the ages at which the bands begin.
var bandsFrom = [...]int{0, 60, 70, 80, 90, 100}

// Figures counts the people of the scope.
func (s *Snapshot) Figures(scope access.Scope, on civil.Date) (*Figures, error) {
	f := s.acquire()
	if f == nil {
		return &Figures{}, nil
	}
	defer s.release(f)
	return newCount(f, scope, on).figures(), nil
}

// count counts the people of one scope, a block of them at a time.
type count struct {
	file   *file
	scope  access.Scope
	inside []uint8                 // of each code of Served: 0xff if the scope sees it
	bands  *[1 << 16]uint8         // of each day of birth: its band and 1
	served []int                   // people by code of Served, of all scopes
	births [8]int // by band and 1; 0 are those outside, noBand those without a birth date
	facts  [fact.Count][]int
}

const (
	blockPeople = 4096
	noBand      = uint8(len(bandsFrom) + 1)
)

func newCount(f *file, scope access.Scope, on civil.Date) *count {
	c := &count{file: f, scope: scope, bands: bands(on), served: make([]int, len(f.all.Served.Codes))}
	c.inside = make([]uint8, len(f.all.Served.Codes))
	for i, code := range f.all.Served.Codes {
		if scope.Contains(code) {
			c.inside[i] = 0xff
		}
	}
	for id := range fact.Count {
		if id.Coded() {
			c.facts[id] = make([]int, len(id.Def().Values)+1)
		}
	}
	return c
}

// bands tells the band of every day of birth that a column can hold.
func bands(on civil.Date) *[1 << 16]uint8 {
	var table [1 << 16]uint8
	table[0] = noBand
	day, first := 1, population.Date(1)
	for band := len(bandsFrom) - 1; band >= 0; band-- { // from the oldest
		end := len(table)
		if band > 0 {
			end = min(end, int(civil.LatestBirth(bandsFrom[band], on)-first)+2)
		}
		for ; day < end; day++ {
			table[day] = uint8(band) + 1 //nolint:gosec // there are few bands
		}
	}
	return &table
}

func (c *count) figures() *Figures {
	all := &c.file.all
	for from := 0; from < all.N; from += blockPeople {
		c.block(from, min(from+blockPeople, all.N))
	}
	out := &Figures{Made: c.file.mark.Made, NoBirth: c.births[noBand], Facts: c.facts}
	for i, n := range c.served {
		if c.inside[i] != 0 {
			out.People += n
		}
	}
	for i, from := range bandsFrom {
		band := Band{From: from, Count: c.births[i+1]}
		if i+1 < len(bandsFrom) {
			band.To = bandsFrom[i+1] - 1
		}
		out.Ages = append(out.Ages, band)
	}
	for _, counts := range out.Facts {
		if counts == nil {
			continue
		}
		counts[fact.Unknown] = out.People
		for _, n := range counts[1:] {
			counts[fact.Unknown] -= n
		}
	}
	if in := c.scope.Regions(); len(in) == 1 {
		out.Below = c.below(in[0])
	}
	return out
}

// block counts the people from a place up to another.
func (c *count) block(from, to int) {
	all := &c.file.all
	var mask [blockPeople]uint8 // 0xff for whom the scope sees
	seen, inside, served := uint8(0), c.inside, c.served
	for i, at := range all.Served.Index[from:to] {
		m := inside[at]
		mask[i] = m
		seen |= m
		served[at]++
	}
	if seen == 0 {
		return
	}
	c.countBirths(from, to, &mask)
	for id, codes := range all.Codes {
		if codes != nil && c.facts[id] != nil {
			countCodes(c.facts[id], codes[from:to], mask[:to-from])
		}
	}
}

// countBirths counts bands; people of whom no birth date is known may have no column.
func (c *count) countBirths(from, to int, mask *[blockPeople]uint8) {
	if c.file.all.Birth == nil {
		for _, m := range mask[:to-from] {
			c.births[noBand&m]++
		}
		return
	}
	bands, births := c.bands, &c.births
	for i, day := range c.file.all.Birth[from:to] {
		births[bands[day]&mask[i]&7]++
	}
}

// countCodes adds to n, by code, the people under the mask; unknown ones are left out.
func countCodes(n []int, codes []fact.Code, mask []uint8) {
	count64 := count64
	if len(n) <= 4 {
		count64 = countFew64
	}
	for ; len(codes) >= 64; codes, mask = codes[64:], mask[64:] {
		var people [8]uint64
		for k := range people {
			people[k] = binary.NativeEndian.Uint64(codes[8*k:]) & binary.NativeEndian.Uint64(mask[8*k:])
		}
		count64(n, &people)
	}
	for i, code := range codes {
		if code &= mask[i]; code != fact.Unknown {
			n[code]++
		}
	}
}

// lows has the lowest bit of each byte.
const lows = 0x0101010101010101

// plane gathers bit j of the codes of 64 people; their order does not matter.
func plane(people *[8]uint64, j int) uint64 {
	return people[0]>>j&lows | people[1]>>j&lows<<1 | people[2]>>j&lows<<2 | people[3]>>j&lows<<3 |
		people[4]>>j&lows<<4 | people[5]>>j&lows<<5 | people[6]>>j&lows<<6 | people[7]>>j&lows<<7
}

// countFew64 counts codes of two bits, which most facts have.
func countFew64(n []int, people *[8]uint64) {
	low, high := plane(people, 0), plane(people, 1)
	n[1] += bits.OnesCount64(low &^ high)
	n[2] += bits.OnesCount64(high &^ low)
	if len(n) > 3 {
		n[3] += bits.OnesCount64(high & low)
	}
}

// codeBits is how many bits of a code are counted.
const codeBits = 4

// count64 counts codes of up to four bits.
func count64(n []int, people *[8]uint64) {
	var with [1 << codeBits]uint64 // the people whose highest bits are those of the index
	with[0] = ^uint64(0)
	width := bits.Len(uint(len(n) - 1))
	for j := width - 1; j >= 0; j-- {
		p := plane(people, j)
		for c := 1<<(width-1-j) - 1; c >= 0; c-- {
			with[2*c+1], with[2*c] = with[c]&p, with[c]&^p
		}
	}
	for code := 1; code < len(n); code++ {
		n[code] += bits.OnesCount64(with[code])
	}
}

// digitsBelow is the length of the codes right below a code of a length.
var digitsBelow = map[int]int{0: 2, 2: 4, 4: 6, 6: 9, 9: 12}

// below counts by the regions right below one, those that the table of divisions knows
// and those where people are.
func (c *count) below(in region.Code) []Place {
	digits := digitsBelow[len(in)]
	if digits == 0 {
		return nil
	}
	counts := map[region.Code]int{}
	for _, d := range region.Below(in) {
		counts[d.Code] = 0
	}
	for i, code := range c.file.all.Served.Codes {
		switch {
		case c.inside[i] == 0 || c.served[i] == 0:
		case len(code) < digits:
			counts[in] += c.served[i]
		default:
			counts[code[:digits]] += c.served[i]
		}
	}
	places := make([]Place, 0, len(counts))
	for code, n := range counts {
		places = append(places, Place{Region: code, Count: n})
	}
	slices.SortFunc(places, func(a, b Place) int { return strings.Compare(string(a.Region), string(b.Region)) })
	return places
}
