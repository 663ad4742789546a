//go:build !amd64

package engine

import "yian/internal/population"

// step executes one instruction on a block.
func step(code opcode, dst, a, b *population.Block) { stepGo(code, dst, a, b) }
