// Package civil holds calendar days without a clock or a time zone, and the one
// rule by which the whole product counts a person's age.
package civil

import (
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar, counted from 0001-01-01 = 1.
// The zero value is "no date" and is distinct from every day.
type Date int32

// epoch is 1970-01-01 in the counting of Date.
const epoch = 719163

// New returns the day y-m-d. Out-of-range months and days roll over as in
// time.Date; use Parse for input that must be valid.
func New(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + epoch)
}

// Parse reads an ISO day (2006-01-02), or the form that spreadsheets in China
// write back (2006/1/2). It refuses days that do not exist.
func Parse(s string) (Date, error) {
	d, ok := parse(s)
	if !ok {
		return 0, fmt.Errorf("日期 %q 无效，应为 YYYY-MM-DD 的真实日期，如 1943-01-15", s)
	}
	return d, nil
}

func parse(s string) (Date, bool) {
	if len(s) < 8 || len(s) > 10 {
		return 0, false
	}
	sep := s[4]
	if sep != '-' && sep != '/' {
		return 0, false
	}
	y, i, ok := digits(s, 0, 4)
	if !ok || i != 4 {
		return 0, false
	}
	m, i, ok := digits(s, 5, 2)
	if !ok || i >= len(s) || s[i] != sep {
		return 0, false
	}
	d, j, ok := digits(s, i+1, 2)
	if !ok || j != len(s) || sep == '-' && len(s) != 10 {
		return 0, false
	}
	if y < 1 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, false
	}
	return ordinal(y, m, d), true
}

// digits reads up to n digits of s from i; it reports the value and the next index.
func digits(s string, i, n int) (v, next int, ok bool) {
	start := i
	for i < len(s) && i < start+n && s[i]-'0' <= 9 {
		v = v*10 + int(s[i]-'0')
		i++
	}
	return v, i, i > start
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func daysIn(y, m int) int {
	if m == 2 && leap(y) {
		return 29
	}
	return monthDays[m]
}

// ordinal counts days by the usual shift of the year to March, which is several
// times faster than time.Date; files hold millions of birthdays.
func ordinal(y, m, d int) Date {
	if m <= 2 {
		y--
		m += 12
	}
	return Date(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 306)
}

// Date returns year, month and day.
func (d Date) Date() (y int, m time.Month, day int) {
	n := int(d) + 305 // days since 0000-03-01
	era := n / 146097
	doe := n % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	m = time.Month(mp + 3)
	y = yoe + era*400
	if m > 12 {
		m -= 12
		y++
	}
	return y, m, day
}

// Year returns the calendar year.
func (d Date) Year() int { y, _, _ := d.Date(); return y }

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d == 0 }

// String returns the ISO form, or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return string(d.Append(nil))
}

// Append appends the ISO form to b.
func (d Date) Append(b []byte) []byte {
	if d == 0 {
		return b
	}
	y, m, day := d.Date()
	return append(b, byte('0'+y/1000%10), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+day/10), byte('0'+day%10))
}

// MarshalText writes the ISO form.
func (d Date) MarshalText() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalText reads what Parse reads; empty text is no date.
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	*d, err = Parse(string(b))
	return err
}

// EndOfMonth returns the last day of the month of d.
func (d Date) EndOfMonth() Date {
	y, m, _ := d.Date()
	return ordinal(y, int(m), daysIn(y, int(m)))
}
