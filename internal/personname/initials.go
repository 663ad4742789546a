package personname

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// block is a range of characters and the first letter of each; a full stop stands
// where no reading is known.
type block struct {
	first   rune
	letters string
}

// surnames lists the surnames whose letter is not that of the table. One reads so
// only where it begins a name without dots.
var surnames = map[rune]byte{
	'单': 's', '仇': 'q', '区': 'o', '查': 'z', '解': 'x', '乐': 'y', '折': 's', '种': 'c',
	'秘': 'b', '繁': 'p', '覃': 'q', '阚': 'k', '佴': 'n', '句': 'g', '祭': 'z', '炅': 'g',
	'莘': 's',
}

// doubles lists the surnames of two characters that read differently as one surname.
var doubles = map[string]string{
	"万俟": "mq", "尉迟": "yc", "长孙": "zs", "单于": "cy", "澹台": "tt", "子车": "zj",
}

// longest bounds what a person types as initials, and what Initials returns.
const longest = maxLength

// Initials returns the first letters of a name's characters in pinyin, lower case, for
// a normalized name: 王桂兰 is wgl. Every part of a name with dots counts; Latin
// letters stay, without their marks. Characters without a known reading are left out.
func Initials(name string) string {
	var buf [longest]byte
	out := buf[:0]
	rest := name
	if !strings.ContainsRune(name, Dot) {
		out, rest = surname(out, name)
	}
	for _, r := range rest {
		if b := initial(r); b != 0 && len(out) < longest {
			out = append(out, b)
		}
	}
	return string(out)
}

// surname appends the letters of a surname that reads differently, and returns what
// follows it.
func surname(out []byte, name string) ([]byte, string) {
	first, n := utf8.DecodeRuneInString(name)
	if n < 3 {
		return out, name // no Chinese character
	}
	_, m := utf8.DecodeRuneInString(name[n:])
	if letters, ok := doubles[name[:n+m]]; ok && len(name) > n+m {
		return append(out, letters...), name[n+m:]
	}
	if letter, ok := surnames[first]; ok {
		return append(out, letter), name[n:]
	}
	return out, name
}

// initial returns the letter of a character, or 0.
func initial(r rune) byte {
	switch {
	case r >= 'a' && r <= 'z':
		return byte(r)
	case r >= 'A' && r <= 'Z':
		return byte(r) + 'a' - 'A'
	case r < 0x80:
		return 0
	}
	for _, b := range blocks {
		if i := int(r - b.first); i >= 0 && i < len(b.letters) {
			if letter := b.letters[i]; letter != '.' {
				return letter
			}
			return 0
		}
	}
	return marked(r)
}

// marked returns the letter below the marks of a letter of Latin-1, or 0.
func marked(r rune) byte {
	const below = "aaaaaaaceeeeiiiidnooooo.ouuuuyty" // à to ÿ
	if i := int(unicode.ToLower(r) - 'à'); i >= 0 && i < len(below) && below[i] != '.' {
		return below[i]
	}
	return 0
}

// IsInitials reports whether a query may be meant as initials: letters only.
func IsInitials(query string) bool {
	if query == "" || len(query) > longest {
		return false
	}
	for _, c := range []byte(query) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}
