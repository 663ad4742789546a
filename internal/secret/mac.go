package secret

import (
	"crypto/hmac"
	"encoding/binary"
	"hash"
	"maps"
	"sync"

	"github.com/emmansun/gmsm/sm3"
)

// IndexSize is the length of a blind index: so long that two of a billion values
// do not meet by chance.
const IndexSize = 16

// macName is what a derived MAC key is for.
type macName struct {
	index bool
	label string
}

// macs is a pool of hashes that are keyed already: keying costs as much as hashing.
type macs struct {
	key  []byte
	pool sync.Pool
}

// mac is one keyed hash with room to work in.
type mac struct {
	hash.Hash
	buf []byte
}

// Index returns the blind index (盲索引) of a value: equal values of a kind have
// equal indexes, which tell nothing without the key. Normalize the value first. It
// does not depend on the current key.
func (k *Keys) Index(kind, value string) []byte {
	return k.AppendIndex(make([]byte, 0, IndexSize), kind, value)
}

// AppendIndex appends what Index returns to dst.
func (k *Keys) AppendIndex(dst []byte, kind, value string) []byte {
	pool := k.pool(macName{index: true, label: kind})
	m := pool.get()
	m.buf = append(m.buf[:0], value...)
	_, _ = m.Write(m.buf)
	clear(m.buf) // personal data do not linger in the pool
	m.buf = m.Sum(m.buf[:0])
	dst = append(dst, m.buf[:IndexSize]...)
	pool.put(m)
	return dst
}

// MAC returns 32 bytes that nobody makes without the key, over the parts in order;
// the boundaries between the parts count. A label is a constant of the code and
// says what it is for: the same parts under another label have another MAC.
func (k *Keys) MAC(label string, parts ...[]byte) []byte {
	return k.AppendMAC(make([]byte, 0, sm3.Size), label, parts...)
}

// AppendMAC appends what MAC returns to dst.
func (k *Keys) AppendMAC(dst []byte, label string, parts ...[]byte) []byte {
	pool := k.pool(macName{label: label})
	m := pool.get()
	for _, p := range parts {
		m.buf = binary.AppendUvarint(m.buf[:0], uint64(len(p)))
		_, _ = m.Write(m.buf)
		_, _ = m.Write(p)
	}
	dst = m.Sum(dst)
	pool.put(m)
	return dst
}

// NewMAC returns a hash for long or many data under a label. Whoever writes to it
// marks the boundaries. MAC writes the length of each part (uvarint), then the part.
func (k *Keys) NewMAC(label string) hash.Hash {
	return hmac.New(sm3.New, k.pool(macName{label: label}).key)
}

// pool returns the keyed hashes of a name. The map is copied when a name is new, so
// that looking one up takes no lock; names are few.
func (k *Keys) pool(name macName) *macs {
	if p := (*k.macs.Load())[name]; p != nil {
		return p
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	old := *k.macs.Load()
	if p := old[name]; p != nil {
		return p
	}
	root := k.macRoot
	if name.index {
		root = k.indexRoot
	}
	h := hmac.New(sm3.New, root)
	_, _ = h.Write([]byte(name.label))
	p := &macs{key: h.Sum(nil)}
	grown := maps.Clone(old)
	grown[name] = p
	k.macs.Store(&grown)
	return p
}

func (p *macs) get() *mac {
	if m, ok := p.pool.Get().(*mac); ok {
		return m
	}
	return &mac{Hash: hmac.New(sm3.New, p.key), buf: make([]byte, 0, 64)}
}

func (p *macs) put(m *mac) {
	m.Reset()
	p.pool.Put(m)
}
