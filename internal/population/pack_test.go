package population

import (
	"math/rand/v2"
	"testing"

	"yian/internal/fact"
)

// TestPackersAgree holds the packer in use equal to the plain one.
func TestPackersAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for bits := 1; bits <= 8; bits++ {
		for _, n := range []int{0, 1, 63, 64, 65, 1000, BlockPeople} {
			col := make([]fact.Code, n)
			for i := range col {
				col[i] = fact.Code(r.IntN(1 << bits))
			}
			got, want := make([]Block, bits), make([]Block, bits)
			packCodes(got, col)
			packGo(want, append(col, make([]fact.Code, 63)...))
			for j := range got {
				if got[j] != want[j] {
					t.Fatalf("%d codes of %d bits: plane %d differs", n, bits, j)
				}
			}
		}
	}
}
