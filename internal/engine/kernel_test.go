package engine

import (
	"math/rand/v2"
	"testing"

	"yian/internal/population"
)

// TestKernelsAgree holds the kernel in use equal to the plain one, bit by bit, also
// where the result replaces an operand.
func TestKernelsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var a, b population.Block
	for i := range a {
		a[i], b[i] = r.Uint64(), r.Uint64()
	}
	for code := opAnd; code <= opCopy; code++ {
		var got, want population.Block
		step(code, &got, &a, &b)
		stepGo(code, &want, &a, &b)
		if got != want {
			t.Errorf("operation %d differs", code)
		}
		inPlace := a
		step(code, &inPlace, &inPlace, &b)
		if inPlace != want {
			t.Errorf("operation %d in place of its first operand differs", code)
		}
		inPlace = b
		step(code, &inPlace, &a, &inPlace)
		if inPlace != want {
			t.Errorf("operation %d in place of its second operand differs", code)
		}
	}
}
