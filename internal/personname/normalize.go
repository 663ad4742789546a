package personname

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a name's length in characters. Names on identity cards reach some
// thirty characters with their dots.
const (
	minLength = 2
	maxLength = 50
)

// Dot (间隔号) stands between the parts of a minority's name, U+00B7 as on identity cards.
const Dot = '·'

// Normalize brings a name into the form in which it is kept, and says in Chinese what
// makes it no name: spaces around and within Chinese names go, dots of all kinds
// become one, full-width letters become plain.
func Normalize(name string) (string, error) {
	if plain(name) {
		return name, nil // as almost all names of an import are
	}
	runes := make([]rune, 0, len(name))
	for _, r := range name {
		if r, keep := clean(r); keep {
			runes = append(runes, r)
		}
	}
	s := join(runes)
	if s == "" {
		return "", errors.New("请填写姓名")
	}
	for _, r := range s {
		if fault := faultOf(r); fault != "" {
			return "", errors.New(fault)
		}
	}
	switch n := utf8.RuneCountInString(s); {
	case n < minLength:
		return "", errors.New("姓名至少 2 个字，请填写证件上的全名")
	case n > maxLength:
		return "", fmt.Errorf("姓名最多 %d 个字，这里是 %d 个；备注请另填", maxLength, n)
	}
	if s[0] == '-' || s[0] == '\'' || strings.HasPrefix(s, string(Dot)) || strings.HasSuffix(s, string(Dot)) {
		return "", errors.New("姓名不能以间隔号或标点开头、结尾，请对照证件核对")
	}
	return s, nil
}

// plain reports whether a name consists of two or more common characters, and so is
// in the kept form already.
func plain(name string) bool {
	n := 0
	for _, r := range name {
		if r < 0x4e00 || r > 0x9fff {
			return false
		}
		n++
	}
	return n >= minLength && n <= maxLength
}

// clean makes one of what is written in several ways, and drops what cannot be seen.
func clean(r rune) (rune, bool) {
	switch {
	case r >= '！' && r <= '～': // the full-width forms of ASCII
		r -= '！' - '!'
	case unicode.IsSpace(r):
		return ' ', true
	case unicode.Is(unicode.Cf, r):
		return 0, false
	}
	switch r {
	case '•', '・', '･', '‧', '∙', '⋅', '●', '᛫', '。', '．', '｡', '˙', '▪':
		return Dot, true
	case '‐', '‑', '–', '—', '―', '−':
		return '-', true
	case '’', '‘', '`', 'ʼ':
		return '\'', true
	}
	return r, true
}

// join drops spaces beside Chinese characters and dots and leaves one elsewhere; a
// full stop beside a Chinese character was meant as a dot, and dots in a row are one.
func join(runes []rune) string {
	var out []rune
	space := false
	for i, r := range runes {
		last := rune(0)
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		if r == '.' && (chinese(last) || chinese(next(runes[i+1:]))) {
			r = Dot
		}
		switch {
		case r == ' ':
			space = true
			continue
		case r == Dot && last == Dot:
			space = false
			continue
		case space && last != 0 && last != Dot && r != Dot && !(chinese(last) || chinese(r)):
			out = append(out, ' ')
		}
		out = append(out, r)
		space = false
	}
	return string(out)
}

// next returns the first character that is no space, or 0.
func next(runes []rune) rune {
	for _, r := range runes {
		if r != ' ' {
			return r
		}
	}
	return 0
}

// chinese reports whether r is a Chinese character, or one of the private codes that
// stood for rare characters before they had one: a person may be registered so.
func chinese(r rune) bool { return unicode.Is(unicode.Han, r) || r >= 0xe000 && r <= 0xf8ff }

// faultOf says what is wrong with a character in a name, if anything.
func faultOf(r rune) string {
	switch {
	case chinese(r), unicode.Is(unicode.Latin, r), r == Dot, r == ' ', r == '-', r == '\'', r == '.', unicode.Is(unicode.Mn, r):
		return ""
	case unicode.IsDigit(r):
		return "姓名里不能有数字，请对照证件核对"
	case r == '*' || r == '＊' || r == '×' || r == '□' || r == '○':
		return "姓名被遮住了一部分，请填写全名"
	case r == '?' || r == utf8.RuneError:
		return "姓名里有乱码，请对照证件改正；若是整份文件都乱，请换编码（UTF-8 或 GB18030）重新导出"
	case strings.ContainsRune("()[]{}（）【】〔〕", r):
		return "姓名里不能有括号，备注请另填"
	case strings.ContainsRune("/、,;，；|&+", r):
		return "这里像是几个姓名，请分开填写，一处一个"
	default:
		return "姓名只能有汉字、拉丁字母和间隔号“·”，请对照证件核对"
	}
}

// Mask shows the first letter and, of three or more, the last: 王*兰, 王*. Dots and
// spaces stay.
func Mask(name string) string {
	runes := []rune(name)
	letters := 0
	for _, r := range runes {
		if !between(r) {
			letters++
		}
	}
	seen := 0
	for i, r := range runes {
		if between(r) {
			continue
		}
		seen++
		first, last := seen == 1 && letters > 1, seen == letters && letters > 2
		if !first && !last {
			runes[i] = '*'
		}
	}
	return string(runes)
}

// between reports whether r parts the letters of a name.
func between(r rune) bool { return r == Dot || r == ' ' }
