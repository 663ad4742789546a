// Package secret keeps personal data unreadable to whoever has the database but
// not the keys (等保 level 3, GM/T algorithms): values are sealed with SM4-GCM, are
// found again by a blind index of HMAC-SM3, and rows and the audit chain carry
// MACs of HMAC-SM3.
//
// A key file has one line a key: an id, 32 random bytes in base64, and “current” on
// one of them. New values are sealed with the current key; a sealed value names its
// key, so that older keys go on opening what they sealed. To rotate, append a line
// and move “current” to it; values change to the new key as they are written.
//
// Indexes and MACs must not change when keys are rotated: they hang on the key of
// the first line, whichever is current. That line must stay the first. Fingerprint
// tells whether it did; a database should remember it and refuse another.
//
// Nonces are random: a key is good for some 2^32 values, far more than a province
// writes between two rotations.
package secret
