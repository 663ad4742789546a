package intake

import (
	"strings"
	"unicode/utf8"
)

// masked returns a cell as it may be shown in a list of faults: runs of seven and more
// letters and digits, as numbers and phones have them, lose their middle. Faults of a
// number or phone are still found by the line. Longer texts are cut.
func masked(text string, most int) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		n := 0
		for i+n < len(text) && isNumber(text[i+n]) {
			n++
		}
		switch {
		case n >= 7:
			b.WriteString(text[i:i+3] + strings.Repeat("*", n-5) + text[i+n-2:i+n])
		case n > 0:
			b.WriteString(text[i : i+n])
		default:
			_, n = utf8.DecodeRuneInString(text[i:])
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	if s := b.String(); utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most]) + "…"
	}
	return b.String()
}

func isNumber(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
