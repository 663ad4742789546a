package message

import (
	"strings"
	"testing"

	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/person"
)

func TestAddressTellsNoName(t *testing.T) {
	for _, tc := range []struct{ name, sex, want string }{
		{"王秀兰", "female", "王女士"},
		{"欧阳锋", "male", "欧阳先生"},
		{"东方", "", "东老人家"},
		{"上官", "male", "上先生"},
		{"李四", "", "李老人家"},
		{"买买提·吐尔逊", "male", "买买提先生"},
		{"JOHN SMITH", "male", "JOHN SMITH先生"},
	} {
		p := &person.Person{Name: tc.name}
		if tc.sex != "" {
			p.Facts.Codes[fact.Sex], _ = fact.Sex.CodeOf(tc.sex)
		}
		if got := address(p); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestReceiverHasAMobilePhone(t *testing.T) {
	kin := person.Contact{Name: "刘强", Phone: kinPhone}
	guardian := person.Contact{Name: "刘明", Phone: "13700000000", Guardian: true}
	for name, tc := range map[string]struct {
		own      []string
		contacts []person.Contact
		to       string
		phone    string
		who      Receiver
	}{
		"his own":                    {[]string{"03572012345", ownPhone}, []person.Contact{kin, guardian}, pack.ToPerson, ownPhone, Person},
		"the guardian's":             {[]string{"03572012345"}, []person.Contact{kin, guardian}, pack.ToPerson, "13700000000", Contact},
		"not that of anybody":        {nil, []person.Contact{kin}, pack.ToPerson, "", Contact},
		"the guardian before others": {[]string{ownPhone}, []person.Contact{kin, guardian}, pack.ToContact, "13700000000", Contact},
		"somebody to call":           {[]string{ownPhone}, []person.Contact{kin}, pack.ToContact, kinPhone, Contact},
		"the family has none":        {[]string{ownPhone}, []person.Contact{{Name: "刘强", Phone: "03572012345"}}, pack.ToContact, "", Contact},
	} {
		p := &person.Person{Details: person.Details{Phones: tc.own, Contacts: tc.contacts}}
		if number, who := receiver(p, tc.to); number != tc.phone || who != tc.who {
			t.Errorf("%s: %q to %q", name, number, who)
		}
	}
}

func TestTextTellsNoMoreThanItMay(t *testing.T) {
	p := &person.Person{Name: "王秀兰"}
	one := &pack.Template{ID: "newly", Text: "{称呼}：{项目}，{办理}。{日期}"}
	for name, tc := range map[string]struct {
		v    Values
		want string // of the text, or of what is wrong
		ok   bool
	}{
		"as it is":        {Values{Item: " 高龄\n津贴 ", Apply: "到村委会。", Date: values.Date}, "王老人家：高龄 津贴，到村委会。2026年12月1日", true},
		"without a day":   {Values{Item: "高龄津贴", Apply: "到村委会"}, "日期", false},
		"without an item": {Values{Apply: "到村委会", Date: values.Date}, "项目", false},
		"too long":        {Values{Item: "高龄津贴", Apply: strings.Repeat("办", 450), Date: values.Date}, "最多 460 个", false},
		"with a number":   {Values{Item: "高龄津贴", Apply: "证件 14100219400115002X", Date: values.Date}, "证件号码", false},
	} {
		text, err := write(one, p, &tc.v)
		switch {
		case tc.ok && (err != nil || text != tc.want):
			t.Errorf("%s: %q, %v", name, text, err)
		case !tc.ok && (!errs.Is(err, errs.Invalid) || !strings.Contains(errs.Message(err), tc.want)):
			t.Errorf("%s: %v", name, err)
		}
	}
}
