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
	switch len(planes) {
	case 2: // what is true or false: half of all facts
		const l = lows
		planes[0][w] = flip(x0&l | x1&l<<1 | x2&l<<2 | x3&l<<3 | x4&l<<4 | x5&l<<5 | x6&l<<6 | x7&l<<7)
		planes[1][w] = flip(x0>>1&l | x1&(l<<1) | x2<<1&(l<<2) | x3<<2&(l<<3) | x4<<3&(l<<4) | x5<<4&(l<<5) | x6<<5&(l<<6) | x7<<6&(l<<7))
		return
	case 8: // whole bytes: three rounds of exchanges leave plane j in word j
		const m1, m2, m4 = 0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f
		x0, x1 = x0&m1|x1&m1<<1, x0>>1&m1|x1&^m1
		x2, x3 = x2&m1|x3&m1<<1, x2>>1&m1|x3&^m1
		x4, x5 = x4&m1|x5&m1<<1, x4>>1&m1|x5&^m1
		x6, x7 = x6&m1|x7&m1<<1, x6>>1&m1|x7&^m1
		x0, x2 = x0&m2|x2&m2<<2, x0>>2&m2|x2&^m2
		x1, x3 = x1&m2|x3&m2<<2, x1>>2&m2|x3&^m2
		x4, x6 = x4&m2|x6&m2<<2, x4>>2&m2|x6&^m2
		x5, x7 = x5&m2|x7&m2<<2, x5>>2&m2|x7&^m2
		x0, x4 = x0&m4|x4&m4<<4, x0>>4&m4|x4&^m4
		x1, x5 = x1&m4|x5&m4<<4, x1>>4&m4|x5&^m4
		x2, x6 = x2&m4|x6&m4<<4, x2>>4&m4|x6&^m4
		x3, x7 = x3&m4|x7&m4<<4, x3>>4&m4|x7&^m4
		p := (*[8]Block)(planes)
		p[0][w], p[1][w], p[2][w], p[3][w] = flip(x0), flip(x1), flip(x2), flip(x3)
		p[4][w], p[5][w], p[6][w], p[7][w] = flip(x4), flip(x5), flip(x6), flip(x7)
		return
	}
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
