package secret

import (
	"crypto/hmac"

	"github.com/emmansun/gmsm/sm3"
)

// SignSM3 returns the HMAC-SM3 of a text under a key that is shared with another system,
// which verifies it. What only this program verifies has a MAC of Keys.
func SignSM3(key, text []byte) []byte {
	h := hmac.New(sm3.New, key)
	_, _ = h.Write(text)
	return h.Sum(nil)
}
