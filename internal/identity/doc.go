// Package identity is what identifies a person (身份信息): name, document, phones, address,
// contacts and household, as somebody gives it and as it is kept.
//
// It checks a draft, brings it into the kept form, and masks what may not be shown. It
// knows no database; the register (package person) stores it encrypted.
package identity
