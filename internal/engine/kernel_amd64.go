package engine

import (
	"golang.org/x/sys/cpu"

	"yian/internal/population"
)

//go:noescape
func andAVX2(dst, a, b *population.Block)

//go:noescape
func orAVX2(dst, a, b *population.Block)

//go:noescape
func xorAVX2(dst, a, b *population.Block)

//go:noescape
func andNotAVX2(dst, a, b *population.Block)

// step executes one instruction on a block.
var step = func() func(code opcode, dst, a, b *population.Block) {
	if cpu.X86.HasAVX2 {
		return stepAVX2
	}
	return stepGo
}()

func stepAVX2(code opcode, dst, a, b *population.Block) {
	switch code {
	case opAnd:
		andAVX2(dst, a, b)
	case opOr:
		orAVX2(dst, a, b)
	case opAndNot:
		andNotAVX2(dst, a, b)
	case opXor:
		xorAVX2(dst, a, b)
	default:
		stepGo(code, dst, a, b)
	}
}
