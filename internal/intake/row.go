package intake

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/region"
)

// layout knows how to read the rows of one file. It is safe for concurrent use.
type layout struct {
	header  []string
	mapping Mapping
	facts   []fact.ID // by column, of those that are facts
	source  history.Source
	from    civil.Date
	place   region.Code
	batch   id.ID
	names   *gazetteer
}

func newLayout(imp *Import, header []string) *layout {
	l := &layout{
		header: header, mapping: imp.Mapping, source: imp.Source, from: imp.From, place: imp.Place, batch: imp.ID,
		facts: make([]fact.ID, len(header)), names: newGazetteer(),
	}
	for i, t := range l.mapping {
		l.facts[i], _ = t.fact()
	}
	return l
}

// fault is what is wrong with a cell; column -1: with the row.
type fault struct {
	column int
	reason string
}

// incoming reads a row. What it says of a person is complete only without faults.
// placed tells that the row names no place, and the default one stands in.
func (l *layout) incoming(cells []string) (in person.Incoming, placed bool, faults []fault) {
	in = person.Incoming{Source: l.source, From: l.from, Batch: l.batch}
	if len(cells) != len(l.header) {
		return in, false, []fault{{-1, "表头有 " + itoa(len(l.header)) + " 个单元格，这一行有 " + itoa(len(cells)) + " 个"}}
	}
	var contact, guardian person.Contact
	for i, t := range l.mapping {
		if t == Ignored {
			continue
		}
		cell := clean(cells[i])
		if cell == "" || noWord[cell] && !l.facts[i].Coded() {
			continue
		}
		if err := l.set(&in, &contact, &guardian, i, cell); err != nil {
			faults = append(faults, fault{i, errs.Text(err)})
		}
	}
	for _, c := range []person.Contact{contact, guardian} {
		if c.Name != "" || c.Phone != "" || c.Relation != "" {
			in.Contacts = append(in.Contacts, c)
		}
	}
	if in.Facts.Hukou == "" && in.Facts.Residence == "" {
		in.Facts.Residence, placed = l.place, true
	}
	return in, placed, faults
}

// set takes over a cell that holds something.
func (l *layout) set(in *person.Incoming, contact, guardian *person.Contact, i int, cell string) (err error) {
	switch t := l.mapping[i]; t {
	case Name:
		in.Name = cell
	case DocumentKind:
		kind, ok := document.KindOf(cell)
		if !ok {
			return errors.New("不认识的证件类型；可用：居民身份证、港澳居民来往内地通行证、台湾居民来往大陆通行证、港澳台居民居住证、外国人永久居留身份证、护照")
		}
		in.Document = kind
	case Number:
		in.Number = cell
	case From:
		in.From, err = civil.Parse(cell)
	case Phone:
		in.Phones = append(in.Phones, strings.FieldsFunc(cell, parting)...)
	case Address:
		in.Address = cell
	case Ethnic:
		in.Ethnic = cell
	case Marital:
		in.Marital, err = marital(cell)
	case Household:
		in.Household = cell
	case HouseholdRole:
		in.HouseholdRole = cell
	case ContactName:
		contact.Name = cell
	case ContactRelation:
		contact.Relation = cell
	case ContactPhone:
		contact.Phone = cell
	case GuardianName:
		guardian.Name, guardian.Guardian = cell, true
	case GuardianRelation:
		guardian.Relation = cell
	case GuardianPhone:
		guardian.Phone = cell
	case Lon:
		in.Lon, err = degrees(cell)
	case Lat:
		in.Lat, err = degrees(cell)
	case Note:
		in.Note = cell
	default:
		return l.setFact(&in.Facts, l.facts[i], cell)
	}
	return err
}

// setFact reads a fact; places may be written by their names, and truths by a tick.
func (l *layout) setFact(p *fact.Person, f fact.ID, cell string) error {
	switch {
	case f == fact.Hukou || f == fact.Residence:
		code, err := l.names.find(cell)
		if err != nil {
			return err
		}
		if f == fact.Hukou {
			p.Hukou = code
		} else {
			p.Residence = code
		}
		return nil
	case f.Def().Kind == fact.Bool:
		if v, ok := truths[cell]; ok {
			p.Codes[f] = v
			return nil
		}
	}
	return fact.Plain(p.Set(f, cell))
}

var truths = map[string]fact.Code{
	"1": fact.True, "√": fact.True, "✓": fact.True, "有": fact.True, "Y": fact.True, "y": fact.True,
	"0": fact.False, "×": fact.False, "✗": fact.False, "无": fact.False, "N": fact.False, "n": fact.False,
}

// nothing are the texts that people write where nothing is to be written.
var nothing = map[string]bool{
	"/": true, "\\": true, "-": true, "--": true, "—": true, "——": true, "_": true, ".": true, "N/A": true, "#N/A": true, "NULL": true, "null": true, "None": true,
}

// noWord says that there is none; a value of some facts, and nothing elsewhere.
var noWord = map[string]bool{"无": true, "没有": true}

// clean trims a cell, takes away the mark before what Excel could take for a formula,
// and returns "" for what stands for nothing.
func clean(cell string) string {
	cell = strings.TrimSpace(cell)
	if len(cell) > 1 && cell[0] == '\'' && formula(cell[1:]) {
		cell = cell[1:]
	}
	if nothing[cell] {
		return ""
	}
	return cell
}

// formula reports whether a spreadsheet could take a text for a formula.
func formula(s string) bool { return s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 }

// parting reports whether a character stands between two phones in one cell.
func parting(r rune) bool { return strings.ContainsRune("/、,，;；|\n", r) }

// maritals finds the code of a marital state by what files write.
var maritals = map[string]string{"有配偶": "20", "再婚": "20", "复婚": "20", "初婚": "20", "离异": "40", "丧偶未再婚": "30", "未婚": "10"}

func marital(cell string) (string, error) {
	for _, c := range person.Maritals {
		if cell == c.Code || cell == c.Label {
			return c.Code, nil
		}
	}
	if code, ok := maritals[cell]; ok {
		return code, nil
	}
	return "", errors.New("不认识的婚姻状况；可用：未婚、已婚、丧偶、离婚、未说明")
}

// degrees reads a longitude or latitude into millionths.
func degrees(cell string) (*int64, error) {
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > 360 {
		return nil, errors.New("经纬度应是十进制的度数，如 111.517973")
	}
	n := int64(math.Round(v * 1e6))
	return &n, nil
}

// faultsOf turns what the register found wrong into faults of columns.
func (l *layout) faultsOf(err error) []fault {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return []fault{{-1, errs.Message(err)}}
	}
	out := make([]fault, len(fields))
	for i, f := range fields {
		out[i] = fault{l.columnOf(f.Name), f.Message}
	}
	return out
}

// columnOf finds the column that a field of the register comes from; -1: none.
func (l *layout) columnOf(field string) int {
	t := Target(field)
	switch {
	case strings.HasPrefix(field, "phones"):
		t = Phone
	case strings.HasPrefix(field, "contacts."):
		t = ContactName
		if _, part, ok := strings.Cut(strings.TrimPrefix(field, "contacts."), "."); ok {
			t = Target("contact." + part)
		}
	}
	i := slices.Index(l.mapping, t)
	if i < 0 && t == DocumentKind { // it was to be guessed from the number
		i = slices.Index(l.mapping, Number)
	}
	return i
}

func itoa(n int) string { return strconv.Itoa(n) }
