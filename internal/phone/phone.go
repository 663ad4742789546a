// Package phone reads telephone numbers (电话号码) as people in China write them and
// keeps them in one form, so that a number is found however it was written. Numbers
// are personal data: whatever shows one shows Mask, and no error quotes one.
//
// Kept are the digits: 13812345678; with area code 03572012345, and with an extension
// 03572012345-801; 4008123456; and of other countries +85261234567. The plan of
// numbers is that of the Telecommunications Network Numbering Plan (2017); lengths of
// land-line numbers are seven or eight, eight under three-digit area codes.
package phone

import "strings"

// Kind is what sort of number it is.
type Kind uint8

// The kinds. The zero value is no number.
const (
	Mobile   Kind = iota + 1 // 手机
	Landline                 // 固定电话
	Service                  // 400、800
	Abroad                   // 境外，含港澳台
)

// Number (电话号码) is a valid number in the kept form. The zero value is no number. It
// prints masked.
type Number struct {
	kind Kind
	text string
}

// Kind returns the kind; 0 for no number.
func (n Number) Kind() Kind { return n.kind }

// Text returns the kept form, for storing, looking up and dialling.
func (n Number) Text() string { return n.text }

// IsZero reports whether there is no number.
func (n Number) IsZero() bool { return n == Number{} }

// Display returns the whole number as people write it: 0357-2012345 转 801.
func (n Number) Display() string {
	if n.kind != Landline {
		return n.text
	}
	area, rest := n.text[:areaLen(n.text)], n.text[areaLen(n.text):]
	local, extension, ok := strings.Cut(rest, "-")
	if !ok {
		return area + "-" + local
	}
	return area + "-" + local + " 转 " + extension
}

// Mask hides at least four digits: 138****5678, 0357-****345.
func (n Number) Mask() string {
	s := n.text
	switch n.kind {
	case Mobile, Service:
		return s[:3] + "****" + s[7:]
	case Landline:
		area := areaLen(s)
		local, _, _ := strings.Cut(s[area:], "-")
		return s[:area] + "-****" + local[4:]
	case Abroad:
		head := 4
		tail := min(3, len(s)-head-4)
		return s[:head] + strings.Repeat("*", len(s)-head-tail) + s[len(s)-tail:]
	default:
		return ""
	}
}

// String returns the masked number, so that none is logged by accident.
func (n Number) String() string { return n.Mask() }

// GoString returns the masked number.
func (n Number) GoString() string { return "phone.Number(" + n.Mask() + ")" }

// areaLen returns the length of the area code (区号) that a land-line number begins
// with: 010 and 020 to 029 have three digits, all others four.
func areaLen(s string) int {
	if s[1] <= '2' {
		return 3
	}
	return 4
}
