package credential

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost (哈希强度) is how hard a hash is to compute.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost is what OWASP asks for at least where memory is short.
var DefaultCost = Cost{Memory: 19 << 10, Time: 2, Threads: 1}

// Check refuses costs that protect nothing or that the server does not bear. A test
// may go below what is safe; a configuration may not.
func (c Cost) Check() error {
	if c.Memory < 8<<10 || c.Memory > 1<<20 || c.Time < 1 || c.Time > 16 || c.Threads < 1 || c.Threads > 16 {
		return errors.New("密码哈希强度：内存应在 8 MiB 到 1 GiB 之间，次数和线程数应在 1 到 16 之间")
	}
	return nil
}

const (
	saltSize = 16
	hashSize = 32
)

// Hasher (密码哈希) makes and compares hashes of passwords, a few at a time.
type Hasher struct {
	cost  Cost
	gate  chan struct{}
	dummy string
}

// NewHasher makes a Hasher that works at one cost.
func NewHasher(cost Cost) *Hasher {
	h := &Hasher{cost: cost, gate: make(chan struct{}, runtime.GOMAXPROCS(0))}
	h.dummy = cost.encode(make([]byte, saltSize), make([]byte, hashSize))
	return h
}

// Hash returns the hash of a password with its parameters ($argon2id$…).
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // it never fails
	sum, err := h.compute(ctx, h.cost, password, salt)
	if err != nil {
		return "", err
	}
	return h.cost.encode(salt, sum), nil
}

// Verify reports whether the password has the hash, and whether the hash was made
// at another cost and should be made anew. An empty hash is nobody's: it takes the
// same time and never fits.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	nobody := hash == ""
	if nobody {
		hash = h.dummy
	}
	cost, salt, want, err := decode(hash)
	if err != nil {
		return false, false, err
	}
	sum, err := h.compute(ctx, cost, password, salt)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(sum, want) == 1 && !nobody
	return ok, ok && cost != h.cost, nil
}

// compute waits for its turn, which the end of the context gives up.
func (h *Hasher) compute(ctx context.Context, c Cost, password string, salt []byte) ([]byte, error) {
	select {
	case h.gate <- struct{}{}:
		defer func() { <-h.gate }()
		return argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, hashSize), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// encode writes a hash as the password hashing competition has it.
func (c Cost) encode(salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

var errHash = errors.New("credential: a stored password hash is damaged")

// decode reads what encode wrote. Bounds keep a damaged hash from taking all memory.
func decode(hash string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Cost{}, nil, nil, errHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil || n != 3 {
		return Cost{}, nil, nil, errHash
	}
	if c.Memory > 1<<20 || c.Time < 1 || c.Time > 16 || c.Threads < 1 {
		return Cost{}, nil, nil, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(sum) != hashSize {
		return Cost{}, nil, nil, errHash
	}
	return c, salt, sum, nil
}
