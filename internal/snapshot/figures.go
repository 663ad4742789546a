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
	Made    civil.Instant // as of when they are; 0: there is no snapshot yet
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
	out := newCount(f, scope, on).figures()
	out.Made = s.asOf(f)
	return out, nil
}

// count counts the people of one scope, a block of them at a time.
type count struct {
	file   *file
	scope  access.Scope
	inside []uint8         // of each code of Served: 0xff if the scope sees it
	bands  *[1 << 16]uint8 // of each day of birth: its band and 1
	served []int           // people by code of Served, of all scopes
	births [8]int          // by band and 1; 0 are those outside, noBand those without a birth date
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
			table[day] = uint8(band) + 1
		}
	}
	return &table
}

func (c *count) figures() *Figures {
	all := &c.file.all
	for from := 0; from < all.N; from += blockPeople {
		c.block(from, min(from+blockPeople, all.N))
	}
	out := &Figures{NoBirth: c.births[noBand], Facts: c.facts}
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
	few := len(n) <= 4
	for ; len(codes) >= 64 && len(mask) >= 64; codes, mask = codes[64:], mask[64:] {
		p := masked((*[64]uint8)(codes), (*[64]uint8)(mask))
		if few {
			countFew(n, &p)
		} else {
			countMany(n, &p)
		}
	}
	for i, code := range codes {
		if code &= mask[i]; code != fact.Unknown {
			n[code]++
		}
	}
}

// lows has the lowest bit of each byte.
const lows = 0x0101010101010101

// eights are the codes of 64 people, eight in a word.
type eights [8]uint64

func masked(codes, mask *[64]uint8) (p eights) {
	for k := range p {
		p[k] = binary.NativeEndian.Uint64(codes[8*k:]) & binary.NativeEndian.Uint64(mask[8*k:])
	}
	return p
}

// plane gathers a bit of the codes of all 64; their order does not matter.
func (p *eights) plane(bit uint) uint64 {
	bit &= 7
	return p[0]>>bit&lows | p[1]>>bit&lows<<1 | p[2]>>bit&lows<<2 | p[3]>>bit&lows<<3 |
		p[4]>>bit&lows<<4 | p[5]>>bit&lows<<5 | p[6]>>bit&lows<<6 | p[7]>>bit&lows<<7
}

// countFew counts codes of two bits, which most facts have.
func countFew(n []int, p *eights) {
	low, high := p.plane(0), p.plane(1)
	n[1] += bits.OnesCount64(low &^ high)
	n[2] += bits.OnesCount64(high &^ low)
	if len(n) > 3 {
		n[3] += bits.OnesCount64(high & low)
	}
}

// countMany counts codes of up to four bits.
func countMany(n []int, p *eights) {
	p0, p1, p2, p3 := p.plane(0), p.plane(1), p.plane(2), p.plane(3)
	low := [4]uint64{^p1 &^ p0, p0 &^ p1, p1 &^ p0, p1 & p0}
	high := [4]uint64{^p3 &^ p2, p2 &^ p3, p3 &^ p2, p3 & p2}
	for code := 1; code < len(n); code++ {
		n[code] += bits.OnesCount64(low[code&3] & high[code>>2&3])
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
