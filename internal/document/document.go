package document

import (
	"errors"
	"fmt"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
)

// Document (证件) is a document's kind and its valid number in the kept form. The zero
// value is no document. It prints masked.
type Document struct {
	kind   Kind
	number string
}

// Parse reads the number of a document. Full-width characters, spaces, hyphens and
// lower case are as good.
func Parse(kind Kind, text string) (Document, error) {
	if !kind.valid() {
		return Document{}, errors.New("请选择证件类型")
	}
	s := normalize(text)
	if s == "" {
		return Document{}, errors.New("请填写证件号码")
	}
	if spoilt(s) {
		return Document{}, errors.New("号码被表格软件改成了科学计数法，后几位已经丢失；请把该列设为“文本”，按证件重新填写")
	}
	number, err := kinds[kind].parse(s)
	if err != nil {
		return Document{}, err
	}
	return Document{kind, number}, nil
}

// Guess returns the kinds that a number may be of, the likeliest first. Almost any
// text may be a passport's number: that is the guess where there is no other.
func Guess(text string) []Kind {
	var out []Kind
	for _, k := range Kinds() {
		if k == Passport && len(out) > 0 {
			break
		}
		if _, err := Parse(k, text); err == nil {
			out = append(out, k)
		}
	}
	return out
}

// Kind returns the kind; 0 for no document.
func (d Document) Kind() Kind { return d.kind }

// Number returns the number in the kept form. Show Mask instead.
func (d Document) Number() string { return d.number }

// IsZero reports whether there is no document.
func (d Document) IsZero() bool { return d == Document{} }

// Birth returns the birth date that the number holds, if it holds a whole one.
func (d Document) Birth() (civil.Date, bool) {
	if !d.likeResident() {
		return 0, false
	}
	n := d.number
	birth, err := civil.Parse(n[6:10] + "-" + n[10:12] + "-" + n[12:14])
	return birth, err == nil
}

// Male reports whether the number is a man's, where it tells.
func (d Document) Male() (male, known bool) {
	if !d.likeResident() {
		return false, false
	}
	return d.number[16]%2 == 1, true
}

// likeResident reports whether the number has the form of GB 11643.
func (d Document) likeResident() bool {
	switch d.kind {
	case ResidentID, ResidencePermit:
		return true
	case PermanentResidence:
		return len(d.number) == 18
	default:
		return false
	}
}

// Mask shows only as much as tells two documents of a household apart: at most three
// characters in front and four behind, of shorter numbers less.
func (d Document) Mask() string {
	n := len(d.number)
	head, tail := min(3, n/6), min(4, n/4)
	return d.number[:head] + strings.Repeat("*", n-head-tail) + d.number[n-tail:]
}

// String returns the masked number, so that none is logged by accident.
func (d Document) String() string { return d.Mask() }

// GoString returns the kind and the masked number.
func (d Document) GoString() string {
	return "document.Document(" + d.kind.Code() + " " + d.Mask() + ")"
}

// Disagreement (与证件不符) says in which fields a person's record and the number differ.
type Disagreement struct {
	Kind       Kind
	Sex, Birth bool
}

func (d *Disagreement) Error() string {
	var fields []string
	if d.Sex {
		fields = append(fields, "性别")
	}
	if d.Birth {
		fields = append(fields, "出生日期")
	}
	return fmt.Sprintf("%s与%s号码不符，请对照证件核对", strings.Join(fields, "、"), d.Kind.Label())
}

var (
	male, _   = fact.Sex.CodeOf("male")
	female, _ = fact.Sex.CodeOf("female")
)

// Agrees compares sex and birth date with what the number says of them, and returns
// a *Disagreement. What is unknown on either side disagrees with nothing.
func (d Document) Agrees(sex fact.Code, birth civil.Date) error {
	diff := Disagreement{Kind: d.kind}
	if isMale, known := d.Male(); known {
		diff.Sex = isMale && sex == female || !isMale && sex == male
	}
	if number, known := d.Birth(); known {
		diff.Birth = birth != 0 && birth != number
	} else if d.kind == PermanentResidence && birth != 0 {
		diff.Birth = shortBirth(birth) != d.number[7:13]
	}
	if !diff.Sex && !diff.Birth {
		return nil
	}
	return &diff
}

// shortBirth returns the six digits that old permanent residence cards hold.
func shortBirth(d civil.Date) string {
	s := d.String()
	return s[2:4] + s[5:7] + s[8:]
}
