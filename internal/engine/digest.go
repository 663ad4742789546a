package engine

import (
	"crypto/sha256"
	"encoding/binary"
)

// digest identifies what a node computes, whichever graph it stands in.
type digest [16]byte

// digests returns the digest of every node of a graph.
func digests(g *graph, sels []selection) []digest {
	out := make([]digest, len(g.ops))
	firstSel := g.inputs - 2*len(sels)
	var buf []byte
	for n, o := range g.ops {
		buf = append(buf[:0], byte(o.code))
		switch {
		case n >= g.inputs:
			buf = append(append(buf, out[o.a][:]...), out[o.b][:]...)
		case n >= firstSel:
			s := sels[(n-firstSel)/2]
			buf = append(append(buf, 0xff, byte(s.fact), byte((n-firstSel)%2)), s.within...)
		default:
			buf = binary.LittleEndian.AppendUint32(buf, uint32(n))
		}
		sum := sha256.Sum256(buf)
		out[n] = digest(sum[:16])
	}
	return out
}
