package secret

import (
	"crypto/rand"
	"errors"
	"slices"

	"yian/internal/errs"
)

// The parts of a sealed value: length of the key id (one byte), key id, nonce,
// ciphertext, tag.
const (
	nonceSize = 12
	tagSize   = 16
)

// ErrTampered is in the chain when a value was altered, cut, or belongs elsewhere.
var ErrTampered = errors.New("secret: value does not authenticate")

// UnknownKeyError is in the chain when a value was sealed with a key that is not there.
type UnknownKeyError struct{ ID string }

func (e *UnknownKeyError) Error() string { return "secret: no key " + e.ID }

// Seal encrypts plain with the current key. The context says where the value
// belongs, such as person.number:123; it is not stored, and only under the same
// context does the value open, so one copied to another row does not.
func (k *Keys) Seal(plain []byte, context string) []byte {
	return k.AppendSeal(nil, plain, []byte(context))
}

// AppendSeal appends what Seal returns to dst; with room in dst it allocates nothing.
func (k *Keys) AppendSeal(dst, plain, context []byte) []byte {
	c := k.current
	dst = slices.Grow(dst, len(c.header)+nonceSize+len(plain)+tagSize)
	dst = append(dst, c.header...)
	n := len(dst)
	dst = dst[:n+nonceSize]
	_, _ = rand.Read(dst[n:]) // it never fails
	return c.aead.Seal(dst, dst[n:], plain, context)
}

// Open decrypts what Seal made under the same context.
func (k *Keys) Open(sealed []byte, context string) ([]byte, error) {
	return k.AppendOpen(nil, sealed, []byte(context))
}

// AppendOpen appends what Open returns to dst, which must not overlap sealed.
func (k *Keys) AppendOpen(dst, sealed, context []byte) ([]byte, error) {
	id, rest, ok := split(sealed)
	if !ok {
		return nil, tampered()
	}
	one := k.find(id)
	if one == nil {
		return nil, errs.New(errs.Unavailable, "这条数据用密钥 %s 加密，而现在的密钥里没有它；请管理员把这个密钥加回密钥文件后重新启动。", id).
			Because(&UnknownKeyError{ID: string(id)})
	}
	plain, err := one.aead.Open(dst, rest[:nonceSize], rest[nonceSize:], context)
	if err != nil {
		return nil, tampered()
	}
	return plain, nil
}

func tampered() error {
	return errs.New(errs.Internal, "数据校验失败：这条加密数据被改动过，或不属于这条记录。请告诉管理员核查数据库，必要时从备份恢复。").
		Because(ErrTampered)
}

// KeyOf returns the id of the key that a value was sealed with; "" if it is no
// sealed value.
func KeyOf(sealed []byte) string {
	id, _, _ := split(sealed)
	return string(id)
}

// split takes a sealed value apart: the key id, and nonce with ciphertext and tag.
func split(sealed []byte) (id, rest []byte, ok bool) {
	if len(sealed) == 0 {
		return nil, nil, false
	}
	n := int(sealed[0])
	if len(sealed) < 1+n+nonceSize+tagSize || !validID(string(sealed[1:1+n])) {
		return nil, nil, false
	}
	return sealed[1 : 1+n], sealed[1+n:], true
}
