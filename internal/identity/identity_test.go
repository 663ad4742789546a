package identity

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
)

func number(seventeen string) string { return seventeen + string(citizenid.Checksum(seventeen)) }

var wang = number("14100219400115002")

func here() *fact.Person { return &fact.Person{Residence: "141002001"} }

func TestValidateKeepsOneForm(t *testing.T) {
	d := Draft{
		Name: " 王 桂兰 ", Number: " " + strings.ToLower(wang[:6]+" "+wang[6:]) + " ",
		Details: Details{
			Phones: []string{"+86 138-1234-5678", "", "13812345678"}, Address: " 解放路 1 号 ", Marital: "30",
			Contacts: []Contact{{}, {Name: "李 明", Phone: "（0357）2012345"}},
		},
	}
	if err := d.Validate(here(), civil.New(2026, 6, 30)); err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
	if d.Name != "王桂兰" || d.Document != document.ResidentID || d.Number != wang || d.Address != "解放路 1 号" ||
		!slices.Equal(d.Phones, []string{"13812345678"}) || !slices.Equal(d.Contacts, []Contact{{Name: "李明", Phone: "03572012345"}}) {
		t.Errorf("the draft is %+v", d)
	}
}

func TestValidateNamesTheField(t *testing.T) {
	far := int64(200_000_000)
	for field, edit := range map[string]func(d *Draft, f *fact.Person){
		"name":      func(d *Draft, _ *fact.Person) { d.Name = "王" },
		"document":  func(d *Draft, _ *fact.Person) { d.Document, d.Number = 0, "AB12" },
		"number":    func(d *Draft, _ *fact.Person) { d.Number = wang[:17] },
		"birth":     func(_ *Draft, f *fact.Person) { f.Birth = civil.New(1941, 1, 15) },
		"sex":       func(_ *Draft, f *fact.Person) { f.Codes[fact.Sex] = 1 },
		"residence": func(_ *Draft, f *fact.Person) { f.Residence = "" },
		"phones": func(d *Draft, _ *fact.Person) {
			d.Phones = strings.Split("13800000001 13800000002 13800000003 13800000004 13800000005 13800000006", " ")
		},
		"phones.1":         func(d *Draft, _ *fact.Person) { d.Phones = []string{"13800000001", "138****5678"} },
		"contacts.0.phone": func(d *Draft, _ *fact.Person) { d.Contacts = []Contact{{Name: "李明", Phone: "1"}} },
		"contacts.0.relation": func(d *Draft, _ *fact.Person) {
			d.Contacts = []Contact{{Name: "李明", Relation: strings.Repeat("远", 21)}}
		},
		"address": func(d *Draft, _ *fact.Person) { d.Address = strings.Repeat("路", 201) },
		"note":    func(d *Draft, _ *fact.Person) { d.Note = "a\x00b" },
		"ethnic":  func(d *Draft, _ *fact.Person) { d.Ethnic = "\xff" },
		"marital": func(d *Draft, _ *fact.Person) { d.Marital = "31" },
		"lon":     func(d *Draft, _ *fact.Person) { d.Lon, d.Lat = &far, new(int64) },
		"lat":     func(d *Draft, _ *fact.Person) { d.Lon, d.Lat = new(int64), &far },
	} {
		d, f := Draft{Name: "王桂兰", Document: document.ResidentID, Number: wang}, here()
		edit(&d, f)
		err := d.Validate(f, civil.New(2026, 6, 30))
		if !slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Name == field && f.Message != "" }) {
			t.Errorf("%s: found %v", field, errs.FieldsOf(err))
		}
	}
}

// TestWhatIsShownMaskedComesBackWhole masks details and keeps them.
func TestWhatIsShownMaskedComesBackWhole(t *testing.T) {
	doc, err := document.Parse(document.ResidentID, wang)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		phones := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"13811115678", "13822225678", "13933335678", "03572012345"}), 0, 4, rapid.ID)
		was := Details{Phones: phones.Draw(t, "phones")}
		for i, p := range phones.Draw(t, "of contacts") {
			was.Contacts = append(was.Contacts, Contact{Name: string(rune('甲'+i)) + "某", Phone: p})
		}
		shown := Draft{Document: doc.Kind(), Number: doc.Mask(), Details: was.Masked()}
		if strings.Contains(shown.Number, wang[6:14]) {
			t.Fatalf("the number is shown as %s", shown.Number)
		}
		order := rapid.Permutation(shown.Contacts).Draw(t, "contacts")
		shown.Contacts = order
		shown.Keep(doc, &was)
		if shown.Number != wang || !slices.Equal(shown.Phones, was.Phones) {
			t.Fatalf("the number comes back as %s, the phones %v as %v", shown.Number, was.Phones, shown.Phones)
		}
		for _, c := range shown.Contacts {
			if !slices.Contains(was.Contacts, c) {
				t.Fatalf("a contact comes back as %+v, the contacts were %+v", c, was.Contacts)
			}
		}
	})
}

func TestWithTakesNothingAway(t *testing.T) {
	d := Details{Phones: []string{"1", "2"}, Address: "甲", Contacts: []Contact{{Name: "李明", Relation: "儿子", Phone: "3"}}}
	o := Details{Phones: []string{"2", "4"}, Ethnic: "回族", Contacts: []Contact{{Name: "李明", Phone: "5", Guardian: true}, {Name: "李红"}}}
	got := d.With(&o)
	want := Details{
		Phones: []string{"1", "2", "4"}, Address: "甲", Ethnic: "回族",
		Contacts: []Contact{{Name: "李明", Relation: "儿子", Phone: "5", Guardian: true}, {Name: "李红"}},
	}
	if !got.Equal(&want) {
		t.Errorf("together they are %+v", got)
	}
	if d.Contacts[0].Phone != "3" || len(d.Phones) != 2 {
		t.Errorf("the details themselves became %+v", d)
	}
	if again := got.With(&o); !again.Equal(&got) {
		t.Errorf("a second time they are %+v", again)
	}
}
