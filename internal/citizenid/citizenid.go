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
	if err := Check(s); err != nil {
		return "", fmt.Errorf("身份证号%w", err)
	}
	if s[17] == 'x' {
		s = s[:17] + "X"
	}
	return ID(s), nil
}

// Check reports what is wrong with a number of this form. Residence permits have the
// form too, so its errors do not say what is wrong: the name goes before them.
func Check(s string) error {
	if len(s) != 18 {
		return fmt.Errorf("应为 18 位，这里是 %d 位", utf8.RuneCountInString(s))
	}
	if err := digits(s[:17]); err != nil {
		return err
	}
	if _, err := civil.Parse(s[6:10] + "-" + s[10:12] + "-" + s[12:14]); err != nil {
		return errors.New("第 7 至 14 位应是出生日期，这里的日期不存在")
	}
	switch last := s[17]; {
	case (last < '0' || last > '9') && last != 'X' && last != 'x':
		return errors.New("第 18 位应是数字或 X")
	case last != Checksum(s[:17]) && (last != 'x' || Checksum(s[:17]) != 'X'):
		return errors.New("的末位校验码与前 17 位不符，多半有一位写错或两位颠倒，请逐位核对")
	}
	return nil
}

func digits(s string) error {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return fmt.Errorf("第 %d 位应是数字", i+1)
		}
	}
	return nil
}

// From15 reads a number of the first generation (GB 11643-1989, 15 digits, until
// 2013) and returns the one of 18 that its holder has had since 1999. It has neither
// century nor check character. All who were registered under it were born in the
// 1900s, except the centenarians of that time, for whom 996 to 999 were kept (so by
// all published conversions; the standard's own text was not at hand).
func From15(s string) (ID, error) {
	if len(s) != 15 {
		return "", fmt.Errorf("第一代身份证号应为 15 位，这里是 %d 位", utf8.RuneCountInString(s))
	}
	if err := digits(s); err != nil {
		return "", fmt.Errorf("身份证号%w", err)
	}
	century := "19"
	if s[12:] >= "996" {
		century = "18"
	}
	if _, err := civil.Parse(century + s[6:8] + "-" + s[8:10] + "-" + s[10:12]); err != nil {
		return "", errors.New("身份证号第 7 至 12 位应是出生日期，这里的日期不存在")
	}
	body := s[:6] + century + s[6:]
	return ID(body + string(Checksum(body))), nil
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
