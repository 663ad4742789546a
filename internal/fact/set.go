package fact

import (
	"math/bits"
	"strings"
)

// Set (信息项集合) is a set of facts.
type Set uint32

// Add returns the set with the fact.
func (s Set) Add(id ID) Set { return s | 1<<id }

// Has reports whether the fact is in the set.
func (s Set) Has(id ID) bool { return s>>id&1 == 1 }

// IDs returns the facts in the order of the vocabulary.
func (s Set) IDs() []ID {
	out := make([]ID, 0, bits.OnesCount32(uint32(s)))
	for ; s != 0; s &= s - 1 {
		out = append(out, ID(bits.TrailingZeros32(uint32(s))))
	}
	return out
}

// Names returns the names of the facts as files write them.
func (s Set) Names() []string {
	out := make([]string, 0, bits.OnesCount32(uint32(s)))
	for _, id := range s.IDs() {
		out = append(out, id.String())
	}
	return out
}

// String joins the names with semicolons, as result files have them.
func (s Set) String() string { return strings.Join(s.Names(), ";") }
