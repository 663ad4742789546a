package people

import (
	"encoding/binary"
	"math/bits"
	"time"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/population"
	"yian/internal/region"
)

// words returns a cell of up to sixteen bytes as two words, zero beyond its end.
// The text must go on for at least sixteen bytes behind i.
func words(text []byte, i, n int) (lo, hi uint64) {
	lo = binary.LittleEndian.Uint64(text[i:])
	if n <= 8 {
		return lo & (^uint64(0) >> (64 - 8*n)), 0
	}
	return lo, binary.LittleEndian.Uint64(text[i+8:]) & (^uint64(0) >> (128 - 8*n))
}

// mix spreads two words over the upper bits.
func mix(lo, hi uint64) uint64 {
	return (lo ^ bits.RotateLeft64(hi, 29)*0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93
}

// codeTable finds the code of a value by its text as two words. Values with longer
// texts are left to the vocabulary.
type codeTable [64]struct {
	lo, hi uint64
	code   fact.Code // Unknown: the place is free
}

func newCodeTable(id fact.ID) *codeTable {
	t := new(codeTable)
	for i, v := range id.Def().Values {
		for _, text := range append([]string{v.Name, v.Label}, v.Aliases...) {
			if len(text) > 16 {
				continue
			}
			lo, hi := words(append([]byte(text), make([]byte, padding)...), 0, len(text))
			at := mix(lo, hi) >> 58
			for t[at].code != fact.Unknown {
				at = (at + 1) % 64
			}
			t[at].lo, t[at].hi, t[at].code = lo, hi, fact.Code(i+1)
		}
	}
	return t
}

// find returns the code of a value, or Unknown.
func (t *codeTable) find(lo, hi uint64) fact.Code {
	for at := mix(lo, hi) >> 58; ; at = (at + 1) % 64 {
		e := &t[at]
		if e.lo == lo && e.hi == hi || e.code == fact.Unknown {
			return e.code
		}
	}
}

// The years of which firstDays knows the months.
const (
	firstYear = 1881
	lastYear  = 2058
)

// firstDays holds the day number of the first of each month, in the counting of
// population.Day. One more month tells how long the last one is.
var firstDays = func() (t [(lastYear-firstYear+1)*12 + 1]uint16) {
	for i := range t {
		t[i], _ = population.Day(civil.New(firstYear+i/12, time.Month(i%12+1), 1)) // these years fit
	}
	return t
}()

// isoDay reads a day as YYYY-MM-DD within the years of firstDays; false: it is
// something else, perhaps good as well.
func isoDay(b []byte) (uint16, bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y3, y2, y1, y0 := b[0]-'0', b[1]-'0', b[2]-'0', b[3]-'0'
	m1, m0, d1, d0 := b[5]-'0', b[6]-'0', b[8]-'0', b[9]-'0'
	if max(y3, y2, y1, y0, m1, m0, d1, d0) > 9 {
		return 0, false
	}
	y := int(y3)*1000 + int(y2)*100 + int(y1)*10 + int(y0)
	m, d := int(m1*10+m0), uint16(d1*10+d0)
	if y < firstYear || y > lastYear || m < 1 || m > 12 || d < 1 {
		return 0, false
	}
	i := (y-firstYear)*12 + m - 1
	day := firstDays[i] + d - 1
	return day, day < firstDays[i+1]
}

// places turns the texts of a region column into its dictionary. Texts that were
// met lately are found by their words, others in a map that lives as long as the parser.
type places struct {
	lately  [256]struct{ lo, hi, index uint64 }
	known   map[string]*place
	batch   uint64 // counts the batches: a place of an older one has no index yet
	regions *population.Regions
}

// place is a text that stands for a region.
type place struct {
	code  region.Code
	batch uint64
	index uint32
}

// maxPlaces is how many texts are remembered; there are fewer communities in a province.
const maxPlaces = 1 << 16

// begin starts the dictionary of a batch.
func (p *places) begin(r *population.Regions) {
	clear(p.lately[:])
	if p.known == nil || len(p.known) > maxPlaces {
		p.known = map[string]*place{}
	}
	p.batch++
	p.regions = r
	r.Codes = append(make([]region.Code, 0, 32), "")
}

// find returns the index of a region's text of up to sixteen bytes; false: it is not valid.
func (p *places) find(text []byte, lo, hi uint64) (uint32, bool) {
	e := &p.lately[mix(lo, hi)>>56]
	if e.lo == lo && e.hi == hi {
		return uint32(e.index), true
	}
	index, err := p.lookUp(text)
	if err != nil {
		return 0, false
	}
	e.lo, e.hi, e.index = lo, hi, uint64(index)
	return index, true
}

// lookUp returns the index of a region's text.
func (p *places) lookUp(text []byte) (uint32, error) {
	at, ok := p.known[string(text)]
	if !ok {
		code, err := region.Parse(shorten(string(text)))
		if err != nil {
			return 0, err
		}
		at = &place{code: code}
		p.known[string(text)] = at
	}
	if at.batch != p.batch {
		at.batch, at.index = p.batch, p.indexOf(at)
	}
	return at.index, nil
}

// indexOf adds the region to the dictionary unless another text for it did.
func (p *places) indexOf(at *place) uint32 {
	if canonical, ok := p.known[string(at.code)]; ok && canonical.batch == p.batch {
		return canonical.index
	} else if !ok {
		p.known[string(at.code)] = &place{code: at.code, batch: p.batch, index: uint32(len(p.regions.Codes))}
	} else {
		canonical.batch, canonical.index = p.batch, uint32(len(p.regions.Codes))
	}
	p.regions.Codes = append(p.regions.Codes, at.code)
	return uint32(len(p.regions.Codes) - 1)
}
