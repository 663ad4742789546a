package identity

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/personname"
	"yian/internal/phone"
	"yian/internal/population"
)

// Draft (档案草稿) is what identifies a person, as a form, the API or an import gives it.
// In a change, a number or phone that equals the masked one stays as it is.
type Draft struct {
	Name     string
	Document document.Kind // 0: no document, or to be guessed from the number
	Number   string
	Details
	Lon, Lat *int64 // millionths of a degree
}

// The most that a file takes.
const (
	maxPhones   = 5
	maxContacts = 10
)

// Validate brings the draft into the kept form and returns what is wrong with it, by
// field: name, document, number, phones.0, address, contacts.1.phone …, and of facts
// birth, sex, residence. The facts are those that will hold: sex and birth must agree
// with the number, and the hukou or the residence must be known.
func (d *Draft) Validate(facts *fact.Person, on civil.Date) error {
	return errs.Fields(append(errs.FieldsOf(d.Lacking(facts)), errs.FieldsOf(d.Check(facts, on))...)).Err()
}

// Lacking says what a file cannot be opened without: a name, and a place that says
// who serves the person. Of somebody who has a file already neither need be told.
func (d *Draft) Lacking(facts *fact.Person) error {
	var f errs.Fields
	if strings.TrimSpace(d.Name) == "" {
		f.Add("name", "请填写姓名")
	}
	if facts.Hukou == "" && facts.Residence == "" {
		f.Add(fact.Residence.String(), "户籍地和居住地至少要填一个，否则不知道由哪里服务")
	}
	return f.Err()
}

// Check is Validate of what is told, whatever is lacking.
func (d *Draft) Check(facts *fact.Person, on civil.Date) error {
	var f errs.Fields
	if strings.TrimSpace(d.Name) != "" {
		name, err := personname.Normalize(d.Name)
		f.Check("name", err)
		d.Name = name
	}
	if doc, err := d.Parse(); err != nil {
		field := "number"
		if d.Document == 0 {
			field = "document"
		}
		f.Check(field, err)
	} else {
		d.Document, d.Number = doc.Kind(), doc.Number()
		Agree(&f, doc, facts)
		checkBorn(&f, doc, on)
	}
	d.checkDetails(&f)
	d.checkPlace(&f)
	Plausible(&f, facts, on)
	return f.Err()
}

// Parse reads the document of a draft; the zero document if it has none.
func (d *Draft) Parse() (document.Document, error) {
	number := strings.TrimSpace(d.Number)
	if number == "" {
		if d.Document != 0 {
			return document.Document{}, errors.New("请填写证件号码；没有证件的，证件类型请留空")
		}
		return document.Document{}, nil
	}
	kind := d.Document
	if kind == 0 {
		if doc, err := document.Parse(document.ResidentID, number); err == nil { // as almost all are
			return doc, nil
		}
		kinds := document.Guess(number)
		if len(kinds) == 0 || kinds[0] == document.Passport {
			if digits(number) { // most likely a mistyped identity number: say what is wrong with it
				d.Document = document.ResidentID
				return document.Parse(document.ResidentID, number)
			}
			return document.Document{}, errors.New("请选择证件类型")
		}
		kind = kinds[0]
	}
	return document.Parse(kind, number)
}

// digits reports whether a text is a number that could be meant for an identity card.
func digits(s string) bool {
	return len(s) >= 14 && strings.Trim(s, "0123456789Xx") == ""
}

// Agree notes what the number says otherwise than the facts.
func Agree(f *errs.Fields, doc document.Document, facts *fact.Person) {
	if doc.IsZero() {
		return
	}
	var d *document.Disagreement
	if !errors.As(doc.Agrees(facts.Codes[fact.Sex], facts.Birth), &d) {
		return
	}
	if d.Birth {
		f.Add(fact.Birth.String(), "出生日期与%s号码不符，请对照证件核对", doc.Kind().Label())
	}
	if d.Sex {
		f.Add(fact.Sex.String(), "性别与%s号码不符，请对照证件核对", doc.Kind().Label())
	}
}

// checkBorn notes a number with a birth in it that cannot be true on a day: its check
// character may fit all the same, and often nobody but the number tells the birth.
func checkBorn(f *errs.Fields, doc document.Document, on civil.Date) {
	birth, ok := doc.Birth()
	switch {
	case !ok:
	case birth > on:
		f.Add("number", "号码里的出生日期 %s 还没有到，请对照证件逐位核对", birth)
	case civil.Age(birth, on) > fact.MaxAge:
		f.Add("number", "按号码里的出生日期 %s 已有 %d 岁，请对照证件逐位核对", birth, civil.Age(birth, on))
	}
}

// Plausible notes facts that cannot be true on a day.
func Plausible(f *errs.Fields, facts *fact.Person, on civil.Date) {
	if facts.Birth > on {
		f.Add(fact.Birth.String(), "出生日期 %s 还没有到，请核对", facts.Birth)
	} else if id, why := facts.Implausible(on); why != "" {
		f.Add(id.String(), "%s", why)
	} else if _, err := population.Day(facts.Birth); err != nil {
		f.Check(fact.Birth.String(), err)
	}
}

// checkDetails brings the details into the kept form.
func (d *Draft) checkDetails(f *errs.Fields) {
	short(f, "address", &d.Address, 200)
	short(f, "ethnic", &d.Ethnic, 20)
	short(f, "household", &d.Household, 40)
	short(f, "household_role", &d.HouseholdRole, 20)
	short(f, "note", &d.Note, 1000)
	d.Marital = strings.TrimSpace(d.Marital)
	if d.Marital != "" && !slices.ContainsFunc(Maritals, func(c Choice) bool { return c.Code == d.Marital }) {
		f.Add("marital", "婚姻状况没有这个取值，请重新选择")
	}
	phones := d.Phones[:0:0]
	for i, text := range d.Phones {
		number, err := parsePhone(text)
		f.Check(fmt.Sprintf("phones.%d", i), err)
		if number != "" && !slices.Contains(phones, number) {
			phones = append(phones, number)
		}
	}
	d.Phones = phones
	if len(phones) > maxPhones {
		f.Add("phones", "电话最多 %d 个", maxPhones)
	}
	d.checkContacts(f)
}

func (d *Draft) checkContacts(f *errs.Fields) {
	contacts := d.Contacts[:0:0]
	for i, c := range d.Contacts {
		if c == (Contact{}) {
			continue // an empty line of a form
		}
		field := fmt.Sprintf("contacts.%d.", i)
		var err error
		c.Name, err = personname.Normalize(c.Name)
		f.Check(field+"name", err)
		c.Phone, err = parsePhone(c.Phone)
		f.Check(field+"phone", err)
		short(f, field+"relation", &c.Relation, 20)
		contacts = append(contacts, c)
	}
	d.Contacts = contacts
	if len(contacts) > maxContacts {
		f.Add("contacts", "联系人最多 %d 个", maxContacts)
	}
}

// checkPlace notes a point that is not on the earth, or half of one.
func (d *Draft) checkPlace(f *errs.Fields) {
	switch {
	case (d.Lon == nil) != (d.Lat == nil):
		f.Add("lon", "经度和纬度要么都填，要么都不填")
	case d.Lon != nil && (*d.Lon < -180_000_000 || *d.Lon > 180_000_000):
		f.Add("lon", "经度应在 -180 至 180 之间")
	case d.Lat != nil && (*d.Lat < -90_000_000 || *d.Lat > 90_000_000):
		f.Add("lat", "纬度应在 -90 至 90 之间")
	}
}

// parsePhone returns the kept form of a phone; "" for none.
func parsePhone(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	n, err := phone.Parse(text)
	return n.Text(), err
}

// short trims a text and notes that it is too long.
func short(f *errs.Fields, field string, text *string, limit int) {
	*text = strings.TrimSpace(*text)
	if n := utf8.RuneCountInString(*text); n > limit {
		f.Add(field, "最多 %d 个字，这里是 %d 个", limit, n)
	} else if !utf8.ValidString(*text) || strings.ContainsRune(*text, 0) {
		f.Add(field, "含有无法识别的字符，请重新填写")
	}
}
