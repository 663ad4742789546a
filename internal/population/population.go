package population

import (
	"sync"

	"yian/internal/fact"
	"yian/internal/region"
)

// A block is the number of people that are worked on together. Its planes fit
// into the first-level cache beside the intermediate results.
const (
	BlockWords  = 64
	BlockPeople = BlockWords * 64
)

// Block (人群分块) is one bit of something for each person of a block.
type Block = [BlockWords]uint64

// The planes of the birth date: the bits of its day number, then one that tells
// whose is known.
const (
	BirthBits  = 16
	BirthKnown = BirthBits
)

// Planes is the number of planes that a block has.
var Planes = func() int {
	n := BirthBits + 1
	for id := range fact.Count {
		n += id.Bits()
	}
	return n
}()

// firstPlane tells where the planes of a fact begin; those of the birth date are first.
var firstPlane = func() (first [fact.Count]int) {
	next := BirthBits + 1
	for id := range fact.Count {
		if id == fact.Birth {
			continue
		}
		first[id] = next
		next += id.Bits()
	}
	return first
}()

// Plane returns the place of bit i of the fact's code among the planes of a block.
func Plane(id fact.ID, i int) int { return firstPlane[id] + i }

// Population (人群) is people as bit planes. It is immutable and safe for concurrent use.
type Population struct {
	n       int
	planes  []Block // block-major: Planes of the first block, then of the second …
	birth   []uint16
	regions [2]Regions
	derived sync.Map // of func() []Block: planes that others have made from it
}

// New packs columns. The population keeps the birth and region columns of c.
func New(c *Columns) *Population {
	blocks := (c.N + BlockPeople - 1) / BlockPeople
	p := &Population{n: c.N, planes: make([]Block, blocks*Planes), birth: c.Birth, regions: [2]Regions{c.Hukou, c.Residence}}
	if p.birth == nil {
		p.birth = make([]uint16, c.N)
	}
	for b := range blocks {
		p.packBlock(c, b)
	}
	return p
}

// Len returns the number of people.
func (p *Population) Len() int { return p.n }

// Blocks returns the number of blocks.
func (p *Population) Blocks() int { return len(p.planes) / Planes }

// Block returns the planes of block b.
func (p *Population) Block(b int) []Block { return p.planes[b*Planes : (b+1)*Planes] }

// Full returns the words of block b in which bits stand for people: all of them
// but in the last block, and a mask for the last of those words.
func (p *Population) Full(b int) (words int, last uint64) {
	rest := min(p.n-b*BlockPeople, BlockPeople)
	words = (rest + 63) / 64
	if rest%64 == 0 {
		return words, ^uint64(0)
	}
	return words, 1<<(rest%64) - 1
}

// Day returns the day number of the birth of person i; 0: unknown.
func (p *Population) Day(i int) uint16 { return p.birth[i] }

// Regions returns the column of a Region fact.
func (p *Population) Regions(id fact.ID) *Regions {
	if id == fact.Hukou {
		return &p.regions[0]
	}
	return &p.regions[1]
}

// RegionOf returns the region of person i.
func (r *Regions) RegionOf(i int) region.Code {
	if r.Index == nil {
		return ""
	}
	return r.Codes[r.Index[i]]
}

// Code returns the code of a coded fact of person i.
func (p *Population) Code(id fact.ID, i int) fact.Code {
	block := p.Block(i / BlockPeople)
	word, bit := i%BlockPeople/64, i%64
	var c fact.Code
	for j := range id.Bits() {
		c |= fact.Code(block[firstPlane[id]+j][word]>>bit&1) << j
	}
	return c
}

// Person gathers all that is known of person i.
func (p *Population) Person(i int) fact.Person {
	person := fact.Person{
		Birth:     Date(p.birth[i]),
		Hukou:     p.regions[0].RegionOf(i),
		Residence: p.regions[1].RegionOf(i),
	}
	for id := range fact.Count {
		if id.Coded() {
			person.Codes[id] = p.Code(id, i)
		}
	}
	return person
}

// Bytes returns the memory that the population holds.
func (p *Population) Bytes() int {
	n := len(p.planes)*BlockWords*8 + 2*cap(p.birth)
	for _, r := range p.regions {
		n += 4*cap(r.Index) + 28*cap(r.Codes)
	}
	return n
}

// Select makes two planes of a table over the codes of a Region fact: bit 0 of
// table[i] goes to a, bit 1 to b, for the people of a block whose region is Codes[i].
func (r *Regions) Select(block, n int, table []uint8, a, b *Block) {
	from, to := block*BlockPeople, min((block+1)*BlockPeople, n)
	var values [BlockPeople]fact.Code
	if r.Index == nil {
		for i := range to - from {
			values[i] = table[0]
		}
	} else {
		for i, at := range r.Index[from:to] {
			values[i] = table[at]
		}
	}
	var planes [2]Block
	packCodes(planes[:], values[:to-from])
	*a, *b = planes[0], planes[1]
}

// Planes returns what is kept with the population under the key, making it first
// where it is not there yet.
func (p *Population) Planes(key any, fill func() []Block) []Block {
	v, _ := p.derived.LoadOrStore(key, sync.OnceValue(fill))
	return v.(func() []Block)()
}
