package document

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"yian/internal/citizenid"
	"yian/internal/civil"
)

// normalize brings a number as people write it into the kept form, as far as that
// goes without knowing its kind.
func normalize(text string) string {
	clean := true
	for _, c := range []byte(text) {
		clean = clean && (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z')
	}
	if clean {
		return text // as almost all numbers of an import are
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // the full-width forms of ASCII
			r -= '！' - '!'
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r): // and what cannot be seen
			return -1
		}
		switch r {
		case '-', '‐', '‑', '–', '—', '―', '−', '\'', '’', '‘', '`': // spreadsheets mark text by an apostrophe
			return -1
		}
		return unicode.ToUpper(r)
	}, text)
}

// spoilt reports whether a spreadsheet took the number for a quantity: 1.10105E+17.
func spoilt(s string) bool {
	digits, exponent, ok := strings.Cut(s, "E")
	_, _, point := strings.Cut(digits, ".")
	return ok && len(exponent) > 1 && (point || exponent[0] == '+') && strings.Trim(digits, "0123456789.") == "" && strings.Trim(exponent, "+0123456789") == ""
}

func parseResident(s string) (string, error) {
	if len(s) == 15 {
		id, err := citizenid.From15(s)
		if err == nil && (isResidencePermit(string(id)) || isPermanentResidence(string(id))) {
			return "", errors.New("身份证号前 6 位不是行政区划代码，请逐位核对")
		}
		return string(id), err
	}
	if len(s) == 18 {
		if isResidencePermit(s) {
			return "", errors.New("以 810000、820000、830000 开头的是港澳台居民居住证的号码，请改选证件类型")
		}
		if isPermanentResidence(s) {
			return "", errors.New("以 9 开头的是外国人永久居留身份证的号码，请改选证件类型")
		}
	}
	id, err := citizenid.Parse(s)
	if err != nil && len(s) == 18 && strings.HasSuffix(s, "000") {
		// Excel keeps 15 digits of a quantity and writes zeros for the rest.
		return "", errors.New("身份证号末三位是 000，可能被表格软件改动过；请把该列设为“文本”，按证件重新填写")
	}
	return string(id), err
}

func parseHKMacao(s string) (string, error) {
	const form = "港澳居民来往内地通行证号码应为 H（香港）或 M（澳门）加 8 位数字，如 H12345678"
	if s[0] != 'H' && s[0] != 'M' {
		return "", errors.New(form)
	}
	if len(s) != 9 && len(s) != 11 {
		return "", fmt.Errorf("%s；这里是 %d 位", form, len([]rune(s)))
	}
	rest := s[1:]
	if rest[0] == 'A' { // holders without Chinese nationality
		rest = rest[1:]
	}
	if i := notDigit(rest); i >= 0 {
		return "", fmt.Errorf("港澳居民来往内地通行证号码第 %d 位应是数字", len(s)-len(rest)+i+1)
	}
	return s[:9], nil // the other two count renewals
}

func parseTaiwan(s string) (string, error) {
	const form = "台湾居民来往大陆通行证号码应为 8 位数字"
	digits := s
	// Cards until 2008: two digits that count issues, and the office in brackets.
	if before, office, ok := strings.Cut(s, "("); ok && len(before) == 10 && len(office) == 2 && office[1] == ')' {
		digits = before
	} else if len(s) == 11 && s[10] >= 'A' && s[10] <= 'Z' {
		digits = s[:10]
	}
	if len(digits) != 8 && len(digits) != 10 {
		return "", fmt.Errorf("%s（旧证为 10 位）；这里是 %d 位", form, len([]rune(digits)))
	}
	if i := notDigit(digits); i >= 0 {
		return "", fmt.Errorf("台湾居民来往大陆通行证号码第 %d 位应是数字", i+1)
	}
	return digits[:8], nil
}

func isResidencePermit(s string) bool {
	return strings.HasPrefix(s, "810000") || strings.HasPrefix(s, "820000") || strings.HasPrefix(s, "830000")
}

func parseResidencePermit(s string) (string, error) {
	if err := citizenid.Check(s); err != nil {
		return "", fmt.Errorf("港澳台居民居住证号码%w", err)
	}
	if !isResidencePermit(s) {
		return "", errors.New("港澳台居民居住证号码应以 810000（香港）、820000（澳门）或 830000（台湾）开头")
	}
	return s, nil
}

// provinces lists the divisions that give out permanent residence cards.
const provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"

// isPermanentResidence reports whether a number of 18 begins as a permanent residence
// card of 2023: no resident number begins with nine, except invented ones, which stand
// in no province.
func isPermanentResidence(s string) bool {
	return s[0] == '9' && strings.Contains(provinces, s[1:3]) && s[3:6] != "000"
}

func parsePermanentResidence(s string) (string, error) {
	const name = "外国人永久居留身份证号码"
	switch len(s) {
	case 18:
		if err := citizenid.Check(s); err != nil {
			return "", fmt.Errorf("%s%w", name, err)
		}
		if !isPermanentResidence(s) {
			return "", errors.New(name + "应以 9 开头，后面是省份和国籍代码，请逐位核对")
		}
		return s, nil
	case 15:
		for i := range 3 {
			if s[i] < 'A' || s[i] > 'Z' {
				return "", fmt.Errorf("旧版%s第 %d 位应是字母", name, i+1)
			}
		}
		if i := notDigit(s[3:]); i >= 0 {
			return "", fmt.Errorf("旧版%s第 %d 位应是数字", name, i+4)
		}
		if !isShortBirth(s[7:13]) {
			return "", errors.New("旧版" + name + "第 8 至 13 位应是出生日期，这里的日期不存在")
		}
		return s, nil
	default:
		return "", fmt.Errorf("%s应为 18 位（旧证 15 位），这里是 %d 位", name, len([]rune(s)))
	}
}

// isShortBirth reports whether six digits are a day of some century.
func isShortBirth(s string) bool {
	rest := s[:2] + "-" + s[2:4] + "-" + s[4:]
	_, err := civil.Parse("20" + rest) // 2000 was a leap year, 1900 was not
	return err == nil
}

func parsePassport(s string) (string, error) {
	digit := false
	for i, r := range []rune(s) {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return "", fmt.Errorf("护照号码第 %d 位应是字母或数字", i+1)
		}
		digit = digit || r <= '9'
	}
	switch {
	case len(s) < 5 || len(s) > 15:
		return "", fmt.Errorf("护照号码应为 5 至 15 位，这里是 %d 位", len(s))
	case !digit:
		return "", errors.New("护照号码里应有数字，请核对")
	}
	return s, nil
}

// notDigit returns the place of the first byte that is no digit, or -1.
func notDigit(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return -1
}
