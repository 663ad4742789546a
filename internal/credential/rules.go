package credential

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Rules (密码规则) are what a new password has to satisfy.
type Rules struct {
	Length  int           // characters at least
	Classes int           // kinds of characters at least: upper, lower, digits, others
	History int           // last passwords that may not be taken again, the present one among them
	Age     time.Duration // after which it has to be changed; 0: never
}

// DefaultRules are the rules where nothing is configured.
var DefaultRules = Rules{Length: 10, Classes: 3, History: 5, Age: 90 * 24 * time.Hour}

// longest keeps somebody from having the server hash a book.
const longest = 128

// Check refuses rules that 等保 level 3 does not allow.
func (r Rules) Check() error {
	switch {
	case r.Length < 8 || r.Length > 64:
		return errors.New("密码最短长度：应在 8 到 64 位之间")
	case r.Classes < 3 || r.Classes > 4:
		return errors.New("密码字符种类：应为 3 或 4 种（大写字母、小写字母、数字、符号）")
	case r.History < 1 || r.History > 24:
		return errors.New("密码历史：应在 1 到 24 次之间")
	case r.Age < 0 || r.Age > 0 && r.Age < 24*time.Hour:
		return errors.New("密码有效期：应至少 1 天；0 表示不过期")
	}
	return nil
}

// Text tells the rules to whoever chooses a password.
func (r Rules) Text() string {
	return fmt.Sprintf("至少 %d 位，含大写字母、小写字母、数字、符号中的至少 %d 种；不能含登录名，不能是常见密码，不能与最近 %d 次用过的相同。",
		r.Length, r.Classes, r.History)
}

// Accept says in Chinese what is wrong with a password, all at once; nil if nothing
// is. That it was used before is for whoever has the history.
func (r Rules) Accept(password, login string) error {
	if password == "" {
		return errors.New("请填写密码")
	}
	var wrong []string
	n := utf8.RuneCountInString(password)
	if n < r.Length {
		wrong = append(wrong, fmt.Sprintf("太短（现在 %d 位，至少 %d 位）", n, r.Length))
	}
	if n > longest || !utf8.ValidString(password) {
		wrong = append(wrong, fmt.Sprintf("太长或含无法识别的字符（最多 %d 位）", longest))
	}
	if c := classes(password); c < r.Classes {
		wrong = append(wrong, fmt.Sprintf("字符种类不够（大写字母、小写字母、数字、符号中至少要有 %d 种，现在有 %d 种）", r.Classes, c))
	}
	if len(login) >= 3 && strings.Contains(strings.ToLower(password), strings.ToLower(login)) {
		wrong = append(wrong, "含有登录名")
	}
	if common(password) {
		wrong = append(wrong, "是常见密码，或只在常见密码前后加了数字、符号")
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("密码不符合要求：%s。", strings.Join(wrong, "；"))
}

// classes counts the kinds of characters. Letters without case, such as Chinese
// ones, count as symbols.
func classes(s string) int {
	var upper, lower, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return upper + lower + digit + other
}

// commonTxt lists what people choose when they are asked for a password, in lower
// case and without what they add to it.
//
//go:embed common.txt
var commonTxt string

var commonWords = func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonTxt) {
		words[strings.TrimSpace(line)] = true
	}
	return words
}()

// leet undoes the letters that people replace.
var leet = strings.NewReplacer("@", "a", "4", "a", "0", "o", "1", "l", "!", "i", "3", "e", "$", "s", "5", "s", "7", "t")

// common reports whether the password is a common one, as it stands, with letters
// put back, or with digits and signs taken away at its ends.
func common(password string) bool {
	s := strings.ToLower(password)
	core := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, candidate := range []string{s, core, leet.Replace(s), leet.Replace(core)} {
		if commonWords[candidate] {
			return true
		}
	}
	return run(s)
}

// run reports whether the password is little more than a character repeated or a
// row of the alphabet, the digits or the keyboard.
func run(s string) bool {
	rows := []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"}
	steps := 0
	for i := 1; i < len(s); i++ {
		pair := s[i-1 : i+1]
		follows := s[i] == s[i-1]
		for _, row := range rows {
			follows = follows || strings.Contains(row, pair)
		}
		if follows {
			steps++
		}
	}
	return len(s) > 1 && steps*4 >= (len(s)-1)*3
}
