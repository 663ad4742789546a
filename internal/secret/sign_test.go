package secret

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/emmansun/gmsm/sm3"
)

// TestSignSM3 holds the signature to the definition of HMAC (RFC 2104), worked out by
// hand, so that any other implementation verifies it.
func TestSignSM3(t *testing.T) {
	for _, key := range [][]byte{[]byte("k"), bytes.Repeat([]byte("0123456789abcdef"), 4), bytes.Repeat([]byte("k"), 100)} {
		block := make([]byte, 64)
		if len(key) > len(block) {
			sum := sm3.Sum(key)
			copy(block, sum[:])
		} else {
			copy(block, key)
		}
		inner, outer := []byte{}, []byte{}
		for _, b := range block {
			inner, outer = append(inner, b^0x36), append(outer, b^0x5c)
		}
		first := sm3.Sum(append(inner, "一段文字"...))
		want := sm3.Sum(append(outer, first[:]...))
		if got := SignSM3(key, []byte("一段文字")); !bytes.Equal(got, want[:]) {
			t.Errorf("key of %d bytes: %s, want %s", len(key), hex.EncodeToString(got), hex.EncodeToString(want[:]))
		}
	}
}
