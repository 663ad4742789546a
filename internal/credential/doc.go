// Package credential holds what people and machines prove themselves with
// (登录凭据): passwords and the rules for them, one-time codes (TOTP), recovery codes,
// tokens. It stores nothing and knows nobody.
//
// Passwords are hashed with argon2id (RFC 9106) by the parameters that OWASP names
// for little memory: 19 MiB, two passes, one lane. The parameters stand in each
// hash, so that a hash made with others is made anew when its owner signs in. Only
// so many are computed at once as there are cores, since each takes its memory.
//
// The rules for passwords are those of 等保 level 3 (GB/T 22239-2019, 8.1.4.1):
// complexity and regular change; numbers are settings.
package credential
