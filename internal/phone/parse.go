package phone

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// extensions are the words before an extension, in upper case.
var extensions = strings.NewReplacer("转", "X", "分机", "X", "EXT", "X", "#", "X", "*", "X")

// Parse reads a number. Full-width characters, spaces, brackets, dots and hyphens,
// +86 and a zero before a mobile number are as good.
func Parse(text string) (Number, error) {
	if isMobile(text) && allDigits(text) { // as almost all numbers of an import are
		return Number{Mobile, text}, nil
	}
	s := normalize(text)
	if s == "" {
		return Number{}, errors.New("请填写电话号码")
	}
	if strings.ContainsAny(s, "/、,;；，|") {
		return Number{}, errors.New("这里有几个电话号码，请分开填写，一处一个")
	}
	if strings.Contains(s, "E+") {
		return Number{}, errors.New("号码被表格软件改成了科学计数法；请把该列设为“文本”，重新填写")
	}
	local, abroad := country(s)
	if abroad {
		return parseAbroad(local)
	}
	local, extension := cutExtension(local)
	local = strings.ReplaceAll(local, "-", "")
	if !allDigits(local) || !allDigits(extension) {
		return Number{}, errors.New("电话号码里只能有数字，分机号前写“转”；备注请另填")
	}
	n, err := domestic(local)
	if err != nil || extension == "" {
		return n, err
	}
	if n.kind == Mobile || len(extension) > 6 {
		return Number{}, errors.New("只有固定电话可以带分机号，最多 6 位；若是两个号码，请分开填写")
	}
	n.text += "-" + extension
	return n, nil
}

// normalize leaves digits, plus, hyphens and what does not belong there.
func normalize(text string) string {
	s := strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // the full-width forms of ASCII
			r -= '！' - '!'
		}
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		switch r {
		case '(', ')', '.', '\'', '’', '‘', '`', '·':
			return -1
		case '‐', '‑', '–', '—', '―', '−', '_':
			return '-'
		}
		return unicode.ToUpper(r)
	}, text)
	return strings.Trim(extensions.Replace(s), "-")
}

// country takes the prefix of China off, and reports numbers of elsewhere, which it
// returns without plus or 00.
func country(s string) (rest string, abroad bool) {
	bare, plus := strings.CutPrefix(s, "+")
	if !plus {
		bare, plus = strings.CutPrefix(s, "00")
	}
	home, china := strings.CutPrefix(bare, "86")
	home = strings.TrimPrefix(home, "-")
	switch {
	case plus && !china:
		return bare, true
	case plus && !strings.HasPrefix(home, "0") && !strings.HasPrefix(home, "1") && !isService(home),
		plus && strings.HasPrefix(home, "10"): // +86 357 2012345, +86 10 62531234
		return "0" + home, false
	case plus, china && isMobile(strings.ReplaceAll(home, "-", "")):
		return home, false
	}
	return s, false
}

func parseAbroad(s string) (Number, error) {
	s = strings.ReplaceAll(s, "-", "")
	if !allDigits(s) {
		return Number{}, errors.New("境外号码只能有数字，前面写 + 和国家或地区代码，如 +852 6123 4567")
	}
	if len(s) < 7 || len(s) > 15 || s[0] == '0' { // E.164
		return Number{}, errors.New("境外号码连同国家或地区代码应为 7 至 15 位，如 +852 6123 4567")
	}
	return Number{Abroad, "+" + s}, nil
}

// cutExtension parts a number from its extension: after a word for it, or as a last
// group behind a whole number, as in 0357-2012345-801.
func cutExtension(s string) (local, extension string) {
	if before, after, ok := strings.Cut(s, "X"); ok {
		return before, strings.Trim(after, "-")
	}
	groups := strings.Split(s, "-")
	n := len(groups)
	if n < 2 || !strings.HasPrefix(s, "0") && !isService(s) {
		return s, ""
	}
	before := strings.Join(groups[:n-1], "")
	if _, err := domestic(before); err == nil {
		return before, groups[n-1]
	}
	return s, ""
}

// domestic reads the digits of a number in China.
func domestic(s string) (Number, error) {
	switch {
	case s == "":
		return Number{}, errors.New("电话号码不完整，请补全")
	case len(s) == 12 && s[0] == '0' && isMobile(s[1:]): // as dialled from another place
		return Number{Mobile, s[1:]}, nil
	case isMobile(s):
		return Number{Mobile, s}, nil
	case isService(s) && len(s) == 10:
		return Number{Service, s}, nil
	case s[0] == '0':
		return landline(s)
	case len(s) == 11 && s[0] == '1':
		return Number{}, errors.New("手机号应以 13 至 19 开头，请核对")
	case s[0] == '1':
		return Number{}, fmt.Errorf("手机号应为 11 位，这里是 %d 位", len(s))
	case len(s) == 7 || len(s) == 8:
		return Number{}, errors.New("固定电话请加区号，如 0357-2012345")
	}
	return Number{}, fmt.Errorf("这里是 %d 位，不是电话号码：手机号应为 11 位，固定电话应有以 0 开头的区号；几个号码请分开填写", len(s))
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func isMobile(s string) bool { return len(s) == 11 && s[0] == '1' && s[1] >= '3' && s[1] <= '9' }

func isService(s string) bool { return strings.HasPrefix(s, "400") || strings.HasPrefix(s, "800") }

func landline(s string) (Number, error) {
	if len(s) < 3 || s[1] == '0' || s[1] == '1' && s[2] != '0' {
		return Number{}, errors.New("区号不存在，请核对；固定电话如 0357-2012345")
	}
	area := areaLen(s)
	local := len(s) - area
	if local != 8 && (area == 3 || local != 7) {
		return Number{}, fmt.Errorf("区号 %s 后应为 %s 位号码，这里是 %d 位", s[:min(area, len(s))], lengths(area), max(local, 0))
	}
	if s[area] < '2' {
		return Number{}, errors.New("固定电话区号后的号码不能以 0 或 1 开头，请核对")
	}
	return Number{Landline, s}, nil
}

func lengths(area int) string {
	if area == 3 {
		return "8"
	}
	return "7 或 8"
}
