package credential

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
)

// What people have to copy by hand is without characters that look alike.
const (
	upperLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lowerLetters = "abcdefghijkmnpqrstuvwxyz"
	digits       = "23456789"
)

// NewTemporary makes a password that an administrator hands to a user: three groups
// of an upper-case letter, two lower-case ones and a digit, some 47 bits.
func NewTemporary() string {
	var b strings.Builder
	for i := range 3 {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteByte(pick(upperLetters))
		b.WriteByte(pick(lowerLetters))
		b.WriteByte(pick(lowerLetters))
		b.WriteByte(pick(digits))
	}
	return b.String()
}

// NewRecoveryCodes makes codes that each replace one second factor: ten letters and
// digits in two groups, some 49 bits.
func NewRecoveryCodes(n int) []string {
	codes := make([]string, n)
	for i := range codes {
		var b strings.Builder
		for j := range 10 {
			if j == 5 {
				b.WriteByte('-')
			}
			b.WriteByte(pick(lowerLetters + digits))
		}
		codes[i] = b.String()
	}
	return codes
}

// PlainCode takes away from a typed code what makes no difference.
func PlainCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '\u3000' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// NewToken makes a secret of 256 bits for a machine or a link, with a prefix that
// says what it is when it is found where it should not be.
func NewToken(prefix string) string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// HashToken returns what is stored of a token. A secret so long needs no slow hash.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func pick(from string) byte {
	n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(from)))) // it never fails
	return from[n.Int64()]
}
