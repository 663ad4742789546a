package export

import (
	"slices"
	"strconv"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/person"
	"yian/internal/region"
)

// Column (导出的列) is what a column of a file tells of people.
type Column struct {
	Key, Label string
	width      int // in characters
	number     bool
	text       func(p *person.Person, on civil.Date) string
}

// Columns lists all columns in the order in which they stand.
var Columns = func() []Column {
	all := []Column{
		{Key: "name", Label: "姓名", width: 12, text: func(p *person.Person, _ civil.Date) string { return p.Name }},
		{Key: "document", Label: "证件类型", width: 14, text: func(p *person.Person, _ civil.Date) string { return p.Document.Label() }},
		{Key: "number", Label: "证件号码", width: 22, text: func(p *person.Person, _ civil.Date) string { return p.Number }},
		{Key: "sex", Label: "性别", width: 6, text: label(fact.Sex)},
		{Key: "birth", Label: "出生日期", width: 12, text: label(fact.Birth)},
		{Key: "age", Label: "年龄", width: 6, number: true, text: age},
		{Key: "phones", Label: "电话", width: 16, text: func(p *person.Person, _ civil.Date) string { return strings.Join(p.Phones, "、") }},
		{Key: "region", Label: "服务地区", width: 28, text: func(p *person.Person, _ civil.Date) string { return place(p.Region) }},
		{Key: "hukou", Label: "户籍地", width: 28, text: func(p *person.Person, _ civil.Date) string { return place(p.Facts.Hukou) }},
		{Key: "residence", Label: "居住地", width: 28, text: func(p *person.Person, _ civil.Date) string { return place(p.Facts.Residence) }},
		{Key: "address", Label: "住址", width: 30, text: func(p *person.Person, _ civil.Date) string { return p.Address }},
		{Key: "ethnic", Label: "民族", width: 8, text: func(p *person.Person, _ civil.Date) string { return p.Ethnic }},
		{Key: "marital", Label: "婚姻状况", width: 10, text: marital},
		{Key: "contacts", Label: "联系人", width: 30, text: contacts},
	}
	for f := range fact.Count {
		if f.Coded() && f != fact.Sex {
			all = append(all, Column{Key: f.String(), Label: f.Def().Label, width: 14, text: label(f)})
		}
	}
	return append(all,
		Column{Key: "state", Label: "档案状态", width: 10, text: func(p *person.Person, _ civil.Date) string { return p.State.Label() }},
		Column{Key: "note", Label: "备注", width: 30, text: func(p *person.Person, _ civil.Date) string { return p.Note }},
		Column{Key: "updated", Label: "更新时间", width: 18, text: func(p *person.Person, _ civil.Date) string { return p.Updated.String() }},
	)
}()

// Usual are the columns that are taken unless others are chosen.
var Usual = []string{"name", "number", "sex", "birth", "age", "phones", "region", "address", "ability", "income"}

func columnOf(key string) (Column, bool) {
	i := slices.IndexFunc(Columns, func(c Column) bool { return c.Key == key })
	if i < 0 {
		return Column{}, false
	}
	return Columns[i], true
}

// label tells a fact; nothing stands where it is unknown.
func label(f fact.ID) func(*person.Person, civil.Date) string {
	return func(p *person.Person, _ civil.Date) string {
		if !p.Facts.Known(f) {
			return ""
		}
		return p.Facts.Label(f)
	}
}

func age(p *person.Person, on civil.Date) string {
	years, ok := p.Age(on)
	if !ok {
		return ""
	}
	return strconv.Itoa(years)
}

// place tells a region by its names from the prefecture down.
func place(c region.Code) string {
	if len(c) <= 4 {
		if c == "" {
			return ""
		}
		return region.Name(c)
	}
	var names []string
	for _, n := range []int{4, 6, 9, 12} {
		if len(c) >= n {
			names = append(names, region.Name(c[:n]))
		}
	}
	return strings.Join(names, " ")
}

func marital(p *person.Person, _ civil.Date) string {
	for _, c := range person.Maritals {
		if c.Code == p.Marital {
			return c.Label
		}
	}
	return ""
}

func contacts(p *person.Person, _ civil.Date) string {
	all := make([]string, len(p.Contacts))
	for i, c := range p.Contacts {
		words := []string{c.Name, c.Relation, c.Phone}
		if c.Guardian {
			words = append(words, "监护人")
		}
		all[i] = strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
	}
	return strings.Join(all, "；")
}
