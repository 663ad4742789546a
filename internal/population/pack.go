package population

import (
	"encoding/binary"

	"yian/internal/fact"
)

const (
	// lows has the lowest bit of each byte.
	lows = 0x0101010101010101
	// gather brings the lowest bits of eight bytes together into the top byte.
	gather = 0x0102040810204080
)

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
		packDays(planes[:BirthBits], c.Birth[from:to])
	}
}

// packCodes spreads the bits of up to 4,096 codes over planes.
func packCodes(planes []Block, col []fact.Code) {
	var tail [64]fact.Code
	for w := 0; len(col) > 0; w++ {
		chunk := col
		if len(col) < 64 {
			n := copy(tail[:], col)
			clear(tail[n:])
			chunk, col = tail[:], nil
		} else {
			col = col[64:]
		}
		pack64(planes, w, (*[64]fact.Code)(chunk))
	}
}

func pack64(planes []Block, w int, c *[64]fact.Code) {
	x0, x1 := binary.LittleEndian.Uint64(c[0:]), binary.LittleEndian.Uint64(c[8:])
	x2, x3 := binary.LittleEndian.Uint64(c[16:]), binary.LittleEndian.Uint64(c[24:])
	x4, x5 := binary.LittleEndian.Uint64(c[32:]), binary.LittleEndian.Uint64(c[40:])
	x6, x7 := binary.LittleEndian.Uint64(c[48:]), binary.LittleEndian.Uint64(c[56:])
	for j := range planes {
		planes[j][w] = x0&lows*gather>>56 | x1&lows*gather>>56<<8 |
			x2&lows*gather>>56<<16 | x3&lows*gather>>56<<24 |
			x4&lows*gather>>56<<32 | x5&lows*gather>>56<<40 |
			x6&lows*gather>>56<<48 | x7&lows*gather>>56<<56
		x0, x1, x2, x3 = x0>>1, x1>>1, x2>>1, x3>>1
		x4, x5, x6, x7 = x4>>1, x5>>1, x6>>1, x7>>1
	}
}

// packDays does the same for the two bytes of day numbers.
func packDays(planes []Block, col []uint16) {
	var lo, hi [64]fact.Code
	for w := 0; len(col) > 0; w++ {
		n := min(64, len(col))
		if n < 64 {
			clear(lo[n:])
			clear(hi[n:])
		}
		for i, day := range col[:n] {
			lo[i], hi[i] = byte(day), byte(day>>8)
		}
		col = col[n:]
		pack64(planes[:8], w, &lo)
		pack64(planes[8:16], w, &hi)
	}
}
