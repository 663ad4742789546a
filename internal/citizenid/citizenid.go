// Package citizenid reads and checks the identity numbers of citizens (公民身份号码,
// GB 11643-1999). Numbers are personal data: whatever shows one shows Mask.
package citizenid

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"yian/internal/civil"
	"yian/internal/region"
)

// ID is a valid identity number: six digits of a county, eight of the birth date,
// three in sequence of which the last is odd for men, and a check character.
type ID string

// Parse reads a number of 18 characters; the last may be x.
func Parse(s string) (ID, error) {
	if len(s) != 18 {
		return "", fmt.Errorf("身份证号应为 18 位，这里是 %d 位", utf8.RuneCountInString(s))
	}
	for i := range 17 {
		if s[i] < '0' || s[i] > '9' {
			return "", errors.New("身份证号前 17 位只能是数字")
		}
	}
	if _, err := civil.Parse(s[6:10] + "-" + s[10:12] + "-" + s[12:14]); err != nil {
		return "", errors.New("身份证号中的出生日期不存在")
	}
	last := s[17]
	if last == 'x' {
		last = 'X'
	}
	if last != Checksum(s[:17]) {
		return "", errors.New("身份证号的校验位不符，请核对")
	}
	return ID(s[:17] + string(last)), nil
}

// Checksum returns the check character of the first 17 digits (ISO 7064, MOD 11-2).
func Checksum(digits string) byte {
	sum := 0
	for _, d := range []byte(digits) {
		sum = (sum + int(d-'0')) * 2 % 11
	}
	return "10X98765432"[sum]
}

// Birth returns the birth date.
func (id ID) Birth() civil.Date {
	d, _ := civil.Parse(string(id[6:10] + "-" + id[10:12] + "-" + id[12:14]))
	return d
}

// Male reports whether the number belongs to a man.
func (id ID) Male() bool { return id[16]%2 == 1 }

// County returns the county in which the number was first given out.
func (id ID) County() region.Code { return region.Code(id[:6]) }

// Mask shows only as much as tells two numbers of a household apart.
func (id ID) Mask() string { return string(id[:3]) + "***********" + string(id[14:]) }
