package message

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/personname"
	"yian/internal/phone"
)

// Values (填入内容) is what a template is filled with, beside what the person is called. A
// template that asks for one which is empty is refused.
type Values struct {
	Item   string     // 项目: 高龄津贴
	Amount string     // 金额: 每月 50 元
	Apply  string     // 办理: 带身份证到村委会申请
	Date   civil.Date // 日期
	Office string     // 咨询: 尧都区民政局 0357-2012345
}

// of returns the values by their placeholders, for a person.
func (v *Values) of(p *person.Person) map[string]string {
	all := map[string]string{"称呼": address(p), "项目": v.Item, "金额": v.Amount, "办理": v.Apply, "咨询": v.Office}
	for k, text := range all {
		all[k] = strings.TrimRight(strings.Join(strings.Fields(text), " "), "。")
	}
	if v.Date != 0 {
		y, m, d := v.Date.Date()
		all["日期"] = fmt.Sprintf("%d年%d月%d日", y, int(m), d)
	}
	return all
}

// doubles are the frequent surnames of two characters.
var doubles = []string{
	"欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "司空", "长孙", "宇文", "夏侯",
	"端木", "南宫", "独孤", "呼延", "闻人", "澹台", "单于", "申屠", "公羊", "淳于", "鲜于", "太史", "轩辕", "万俟", "赫连", "拓跋", "西门",
}

// address returns what a person is called in a message: by the surname alone, so that
// whoever sees the phone learns no name. A name with dots has no surname; its first part
// is what people say.
func address(p *person.Person) string {
	name := p.Name
	if first, _, dots := strings.Cut(name, string(personname.Dot)); dots {
		name = first
	} else if i := slices.IndexFunc(doubles, func(d string) bool { return strings.HasPrefix(name, d) && name != d }); i >= 0 {
		name = doubles[i]
	} else if r, _ := utf8.DecodeRuneInString(name); utf8.RuneLen(r) > 1 {
		name = string(r)
	}
	switch fact.Sex.ValueName(p.Facts.Codes[fact.Sex]) {
	case "male":
		return name + "先生"
	case "female":
		return name + "女士"
	}
	return name + "老人家"
}

// receiver returns the phone that a message for a person goes to: his own, else that of
// a guardian; where the family is to be told, that of a guardian, else of anybody who is
// to be called. Only mobile phones take messages. "" if there is none.
func receiver(p *person.Person, to string) (number string, who Receiver) {
	var guardians, others []string
	for _, c := range p.Contacts {
		if c.Guardian {
			guardians = append(guardians, c.Phone)
		} else {
			others = append(others, c.Phone)
		}
	}
	if to == pack.ToContact {
		return mobile(append(guardians, others...)), Contact
	}
	if number = mobile(p.Phones); number != "" {
		return number, Person
	}
	return mobile(guardians), Contact
}

// mobile returns the first mobile phone; "" if there is none.
func mobile(numbers []string) string {
	for _, text := range numbers {
		if n, err := phone.Parse(text); err == nil && n.Kind() == phone.Mobile {
			return n.Text()
		}
	}
	return ""
}

// longest is how many characters a message may have once it is filled: what a gateway
// sends as seven parts.
const longest = 460

// documentNumber is what looks like the number of a document.
var documentNumber = regexp.MustCompile(`[0-9]{15,}`)

// checkText refuses a filled text that is too long or tells too much.
func checkText(text string) error {
	if n := utf8.RuneCountInString(text); n > longest {
		return errs.New(errs.Invalid, "消息填好后有 %d 个字，最多 %d 个。请把办理方法写短一些。", n, longest)
	}
	if documentNumber.MatchString(text) {
		return errs.New(errs.Invalid, "消息里有像证件号码一样的长数字，不能发送。请检查填入的内容。")
	}
	return nil
}

// write fills a template for a person.
func write(t *pack.Template, p *person.Person, v *Values) (string, error) {
	text, err := t.Fill(v.of(p))
	if err != nil {
		return "", errs.New(errs.Invalid, "%s。", err)
	}
	return text, checkText(text)
}
