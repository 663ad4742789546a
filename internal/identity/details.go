package identity

import (
	"slices"
	"strings"

	"yian/internal/document"
	"yian/internal/phone"
)

// Details (档案详情) is what is encrypted as one.
type Details struct {
	Phones        []string  `json:"phones,omitempty"`
	Address       string    `json:"address,omitempty"`
	Ethnic        string    `json:"ethnic,omitempty"`
	Marital       string    `json:"marital,omitempty"`        // a code of Maritals
	Household     string    `json:"household,omitempty"`      // the number of the household
	HouseholdRole string    `json:"household_role,omitempty"` // what he is to its head
	Contacts      []Contact `json:"contacts,omitempty"`
	Note          string    `json:"note,omitempty"`
}

// Contact (联系人) is somebody to call about a person.
type Contact struct {
	Name     string `json:"name"`
	Relation string `json:"relation,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Guardian bool   `json:"guardian,omitempty"` // 监护人
}

// Choice (选项) is a code with its Chinese word.
type Choice struct{ Code, Label string }

// Maritals lists the marital states (GB/T 2261.2-2003).
var Maritals = []Choice{
	{"10", "未婚"},
	{"20", "已婚"},
	{"30", "丧偶"},
	{"40", "离婚"},
	{"90", "未说明"},
}

// Masked returns the details as they may be shown.
func (d *Details) Masked() Details {
	m := *d
	m.Phones, m.Contacts = slices.Clone(d.Phones), slices.Clone(d.Contacts)
	for i, p := range m.Phones {
		m.Phones[i] = maskPhone(p)
	}
	for i := range m.Contacts {
		m.Contacts[i].Phone = maskPhone(m.Contacts[i].Phone)
	}
	return m
}

// AllPhones returns his own phones and those of his contacts, each once.
func (d *Details) AllPhones() []string {
	if len(d.Contacts) == 0 {
		return d.Phones
	}
	all := slices.Clone(d.Phones)
	for _, c := range d.Contacts {
		if c.Phone != "" && !slices.Contains(all, c.Phone) {
			all = append(all, c.Phone)
		}
	}
	return all
}

// Display writes all phones as people write them.
func (d *Details) Display() string {
	var lines []string
	write := func(text, who string) {
		if n, err := phone.Parse(text); err == nil {
			lines = append(lines, strings.TrimSpace(n.Display()+" "+who))
		}
	}
	for _, p := range d.Phones {
		write(p, "")
	}
	for _, c := range d.Contacts {
		write(c.Phone, c.Name)
	}
	return strings.Join(lines, "\n")
}

// Equal compares details; no phones and an empty list of them are the same.
func (d *Details) Equal(o *Details) bool {
	return d.Address == o.Address && d.Ethnic == o.Ethnic && d.Marital == o.Marital && d.Household == o.Household &&
		d.HouseholdRole == o.HouseholdRole && d.Note == o.Note &&
		slices.Equal(d.Phones, o.Phones) && slices.Equal(d.Contacts, o.Contacts)
}

// With returns the details with what somebody else gave of them; what he left empty
// stays, and phones and contacts come together.
func (d *Details) With(o *Details) Details {
	m := *d
	for _, one := range []struct{ to, from *string }{
		{&m.Address, &o.Address},
		{&m.Ethnic, &o.Ethnic},
		{&m.Marital, &o.Marital},
		{&m.Household, &o.Household},
		{&m.HouseholdRole, &o.HouseholdRole},
		{&m.Note, &o.Note},
	} {
		if *one.from != "" {
			*one.to = *one.from
		}
	}
	m.Phones = slices.Clone(d.Phones)
	for _, p := range o.Phones {
		if !slices.Contains(m.Phones, p) && len(m.Phones) < maxPhones {
			m.Phones = append(m.Phones, p)
		}
	}
	m.Contacts = slices.Clone(d.Contacts)
	for _, c := range o.Contacts {
		at := slices.IndexFunc(m.Contacts, func(w Contact) bool { return w.Name == c.Name })
		switch {
		case at < 0 && len(m.Contacts) < maxContacts:
			m.Contacts = append(m.Contacts, c)
		case at >= 0:
			w := &m.Contacts[at]
			w.Guardian = w.Guardian || c.Guardian
			if c.Phone != "" {
				w.Phone = c.Phone
			}
			if c.Relation != "" {
				w.Relation = c.Relation
			}
		}
	}
	return m
}

// Keep puts the clear number and phones of the file in the place of masked ones that
// came back as they were shown.
func (d *Draft) Keep(doc document.Document, was *Details) {
	if d.Number != "" && d.Document == doc.Kind() && strings.TrimSpace(d.Number) == doc.Mask() {
		d.Number = doc.Number()
	}
	pool := slices.Clone(was.Phones)
	take := func(masked string, prefer string) string {
		at := slices.Index(pool, prefer)
		if at < 0 || maskPhone(pool[at]) != masked {
			at = slices.IndexFunc(pool, func(p string) bool { return maskPhone(p) == masked })
		}
		if at < 0 {
			return masked
		}
		clear := pool[at]
		pool = slices.Delete(pool, at, at+1)
		return clear
	}
	d.Phones = slices.Clone(d.Phones)
	for i, p := range d.Phones {
		d.Phones[i] = take(strings.TrimSpace(p), "")
	}
	pool = nil
	for _, c := range was.Contacts {
		pool = append(pool, c.Phone)
	}
	d.Contacts = slices.Clone(d.Contacts)
	for i, c := range d.Contacts {
		prefer := ""
		if at := slices.IndexFunc(was.Contacts, func(w Contact) bool { return w.Name == strings.TrimSpace(c.Name) }); at >= 0 {
			prefer = was.Contacts[at].Phone
		}
		d.Contacts[i].Phone = take(strings.TrimSpace(c.Phone), prefer)
	}
}

// maskPhone returns a phone as it may be shown.
func maskPhone(text string) string {
	n, err := phone.Parse(text)
	if err != nil {
		return ""
	}
	return n.Mask()
}
