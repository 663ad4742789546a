package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// keySize is how many random bytes a line of the key file holds.
const keySize = 32

// Keys (密钥) is a set of keys of which one is current. It is safe for concurrent
// use, and prints no key whatever the verb.
type Keys struct {
	ring    []*key // in the order of the file
	current *key

	indexRoot, macRoot []byte // of the first key
	mu                 sync.Mutex
	macs               atomic.Pointer[map[macName]*macs] // copied when a label is new
}

// key is one line of the file.
type key struct {
	id     string
	header []byte // what a value sealed with it begins with
	aead   cipher.AEAD
}

// The labels under which keys are derived. A change makes every database unreadable.
const (
	labelSeal  = "yian/seal/sm4-gcm/1"
	labelIndex = "yian/index/hmac-sm3/1"
	labelMAC   = "yian/mac/hmac-sm3/1"
)

func newKey(id string, raw []byte) (*key, error) {
	derived, err := derive(raw, labelSeal, sm4.BlockSize)
	if err != nil {
		return nil, err
	}
	block, err := sm4.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", id, err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", id, err)
	}
	return &key{id: id, header: append([]byte{byte(len(id))}, id...), aead: aead}, nil
}

// derive makes a key for one purpose (HKDF with SM3).
func derive(raw []byte, label string, size int) ([]byte, error) {
	derived, err := hkdf.Key(sm3.New, raw, nil, label, size)
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", label, err)
	}
	return derived, nil
}

// newKeys joins parsed lines; the first is the one that indexes and MACs hang on.
func newKeys(lines []line, current int) (*Keys, error) {
	k := &Keys{ring: make([]*key, len(lines))}
	for i, l := range lines {
		one, err := newKey(l.id, l.raw)
		if err != nil {
			return nil, err
		}
		k.ring[i] = one
	}
	k.current = k.ring[current]
	var err error
	if k.indexRoot, err = derive(lines[0].raw, labelIndex, sm3.Size); err != nil {
		return nil, err
	}
	if k.macRoot, err = derive(lines[0].raw, labelMAC, sm3.Size); err != nil {
		return nil, err
	}
	k.macs.Store(&map[macName]*macs{})
	return k, nil
}

// find returns the key of an id, or nil. Files hold a handful of keys.
func (k *Keys) find(id []byte) *key {
	for _, one := range k.ring {
		if one.id == string(id) {
			return one
		}
	}
	return nil
}

// Current returns the id of the key that seals.
func (k *Keys) Current() string { return k.current.id }

// Fingerprint names the key that indexes and MACs hang on without telling it. Under
// another fingerprint nothing is found and every seal looks broken.
func (k *Keys) Fingerprint() string { return hex.EncodeToString(k.MAC("fingerprint")[:8]) }

// Format keeps keys out of every kind of output.
func (k *Keys) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%d keys, current %s", len(k.ring), k.current.id)
}
