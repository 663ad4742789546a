package population

import (
	"golang.org/x/sys/cpu"

	"yian/internal/fact"
)

//go:noescape
func packAVX2(planes *Block, codes *uint8, groups, n int)

// packWhole packs codes by the 64.
func packWhole(planes []Block, col []fact.Code) {
	if !cpu.X86.HasAVX2 || len(col) == 0 {
		packGo(planes, col)
		return
	}
	packAVX2(&planes[0], &col[0], len(col)/64, len(planes))
}
