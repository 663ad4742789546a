package population

import (
	"encoding/binary"

	"yian/internal/fact"
)

// lows has the lowest bit of each byte.
const lows = 0x0101010101010101

// packBlock turns the columns of block b into planes.
func (p *Population) packBlock(c *Columns, b int) {
	planes := p.Block(b)
	from, to := b*BlockPeople, min((b+1)*BlockPeople, c.N)
	for id := range fact.Count {
		if id.Coded() && c.Codes[id] != nil {
			packCodes(planes[firstPlane[id]:][:id.Bits()], c.Codes[id][from:to])
		}
	}
	if c.Birth != nil {
		packDays(planes[:BirthBits+1], c.Birth[from:to])
	}
}

// packCodes spreads the bits of up to 4,096 codes over planes.
func packCodes(planes []Block, col []fact.Code) {
	whole := len(col) / 64
	packWhole(planes, col[:whole*64])
	if rest := col[whole*64:]; len(rest) > 0 {
		var tail [64]fact.Code
		copy(tail[:], rest)
		pack64(planes, whole, &tail)
	}
}

// packGo packs codes by the 64, on any processor.
func packGo(planes []Block, col []fact.Code) {
	for w := 0; len(col) >= 64; w++ {
		pack64(planes, w, (*[64]fact.Code)(col))
		col = col[64:]
	}
}

func pack64(planes []Block, w int, c *[64]fact.Code) {
	x0, x1 := binary.LittleEndian.Uint64(c[0:]), binary.LittleEndian.Uint64(c[8:])
	x2, x3 := binary.LittleEndian.Uint64(c[16:]), binary.LittleEndian.Uint64(c[24:])
	x4, x5 := binary.LittleEndian.Uint64(c[32:]), binary.LittleEndian.Uint64(c[40:])
	x6, x7 := binary.LittleEndian.Uint64(c[48:]), binary.LittleEndian.Uint64(c[56:])
	for j := range planes {
		planes[j][w] = flip(x0&lows | x1&lows<<1 | x2&lows<<2 | x3&lows<<3 | x4&lows<<4 | x5&lows<<5 | x6&lows<<6 | x7&lows<<7)
		x0, x1, x2, x3 = x0>>1, x1>>1, x2>>1, x3>>1
		x4, x5, x6, x7 = x4>>1, x5>>1, x6>>1, x7>>1
	}
}

// flip transposes the 8 by 8 bits of a word, in which bit i of byte k stands for
// person 8·i+k, so that the bits come in the order of people.
func flip(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}

// packDays does the same for the two bytes of day numbers, and marks who has one.
func packDays(planes []Block, col []uint16) {
	var lo, hi [BlockPeople]fact.Code
	for i, day := range col {
		lo[i], hi[i] = byte(day), byte(day>>8)
	}
	packCodes(planes[:8], lo[:len(col)])
	packCodes(planes[8:BirthBits], hi[:len(col)])
	known := &planes[BirthKnown]
	for _, p := range planes[:BirthBits] {
		for w, word := range p {
			known[w] |= word
		}
	}
}
