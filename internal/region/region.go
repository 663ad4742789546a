// Package region holds the codes of China's administrative divisions (行政区划代码)
// and the names of those that the policy packs speak of.
package region

import (
	"fmt"
	"strings"
)

// Code (行政区划) is the code of a division without its trailing zeros: 14 ⊃ 1410 ⊃ 141002
// ⊃ 141002001 ⊃ 141002001001 (GB/T 2260 and the statistical codes below the
// county). As the region of a list the empty code is the whole country; as the
// region of a person it means "not known".
type Code string

// Nation (全国) is the region of a list that rules everywhere.
const Nation Code = ""

// Parse reads a code of 2, 4, 6, 9 or 12 digits. Trailing zero groups name the
// level above: 141000 and 141000000000 are 1410.
func Parse(s string) (Code, error) {
	switch len(s) {
	case 2, 4, 6, 9, 12:
	default:
		return "", fmt.Errorf("区划代码 %q 应为 2、4、6、9 或 12 位数字", s)
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return "", fmt.Errorf("区划代码 %q 只能含数字", s)
		}
	}
	for _, up := range []int{9, 6, 4, 2} {
		if len(s) > up && strings.Trim(s[up:], "0") == "" {
			s = s[:up]
		}
	}
	if s == "00" {
		return "", fmt.Errorf("区划代码不能全为 0")
	}
	return Code(s), nil
}

// Within reports whether c lies in outer or is outer.
func (c Code) Within(outer Code) bool { return strings.HasPrefix(string(c), string(outer)) }

// County returns the code of the county (县级) that c lies in, or c itself where
// c is a prefecture or larger.
func (c Code) County() Code {
	if len(c) > 6 {
		return c[:6]
	}
	return c
}
