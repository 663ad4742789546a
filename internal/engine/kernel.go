package engine

import (
	"math/bits"

	"yian/internal/population"
)

// stepGo executes one instruction on a block, on any processor.
func stepGo(code opcode, dst, a, b *population.Block) {
	switch code {
	case opAnd:
		for i := 0; i < population.BlockWords; i += 4 {
			dst[i], dst[i+1], dst[i+2], dst[i+3] = a[i]&b[i], a[i+1]&b[i+1], a[i+2]&b[i+2], a[i+3]&b[i+3]
		}
	case opOr:
		for i := 0; i < population.BlockWords; i += 4 {
			dst[i], dst[i+1], dst[i+2], dst[i+3] = a[i]|b[i], a[i+1]|b[i+1], a[i+2]|b[i+2], a[i+3]|b[i+3]
		}
	case opAndNot:
		for i := 0; i < population.BlockWords; i += 4 {
			dst[i], dst[i+1], dst[i+2], dst[i+3] = a[i]&^b[i], a[i+1]&^b[i+1], a[i+2]&^b[i+2], a[i+3]&^b[i+3]
		}
	case opXor:
		for i := range dst {
			dst[i] = a[i] ^ b[i]
		}
	case opNot:
		for i := range dst {
			dst[i] = ^a[i]
		}
	default:
		*dst = *a
	}
}

// count returns the number of bits in a block.
func count(b *population.Block) (n int) {
	for i := 0; i < population.BlockWords; i += 4 {
		n += bits.OnesCount64(b[i]) + bits.OnesCount64(b[i+1]) + bits.OnesCount64(b[i+2]) + bits.OnesCount64(b[i+3])
	}
	return n
}
