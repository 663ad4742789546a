package person

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/personname"
	"yian/internal/revision"
)

// file is a row with its secrets open. It never leaves the service.
type file struct {
	*row
	doc document.Document
	now Details // the clear ones
}

// open decrypts a row.
func (s *Service) open(r *row) (*file, error) {
	f := &file{row: r}
	if r.number != nil {
		number, err := s.Keys.Open(r.number, numberContext(r.id))
		if err != nil {
			return nil, fmt.Errorf("number of person %s: %w", r.id, err)
		}
		kind, _ := document.KindOf(r.document)
		if f.doc, err = document.Parse(kind, string(number)); err != nil {
			return nil, fmt.Errorf("number of person %s is not what was stored", r.id)
		}
	}
	if r.details != nil {
		text, err := s.Keys.Open(r.details, detailsContext(r.id))
		if err != nil {
			return nil, fmt.Errorf("details of person %s: %w", r.id, err)
		}
		if err := json.Unmarshal(text, &f.now); err != nil {
			return nil, fmt.Errorf("details of person %s are not what was stored", r.id)
		}
	}
	return f, nil
}

// openAll decrypts rows.
func (s *Service) openAll(rows []*row) ([]*file, error) {
	files := make([]*file, len(rows))
	for i, r := range rows {
		var err error
		if files[i], err = s.open(r); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func numberContext(person id.ID) string  { return "person.number:" + person.String() }
func detailsContext(person id.ID) string { return "person.details:" + person.String() }

// setName gives the file a name in the kept form.
func (f *file) setName(name string) {
	f.name, f.initials = name, personname.Initials(name)
}

// setDocument gives the file a document; the zero one is none.
func (s *Service) setDocument(f *file, doc document.Document) {
	f.doc, f.document = doc, doc.Kind().Code()
	f.number, f.numberIndex = nil, nil
	if !doc.IsZero() {
		f.number = s.Keys.Seal([]byte(doc.Number()), numberContext(f.id))
		f.numberIndex = s.numberIndex(doc.Number())
	}
}

// setDetails gives the file details.
func (s *Service) setDetails(f *file, d Details) error {
	f.now = d
	text, err := json.Marshal(&d)
	if err != nil {
		return fmt.Errorf("details of person %s: %w", f.id, err)
	}
	f.details = s.Keys.Seal(text, detailsContext(f.id))
	return nil
}

// numberIndex is the blind index of a number in the kept form. It leaves the kind out,
// so that a number is found by whoever does not know of what document it is.
func (s *Service) numberIndex(number string) []byte { return s.Keys.Index("person.number", number) }

func (s *Service) phoneIndex(phone string) []byte { return s.Keys.Index("person.phone", phone) }

// phoneIndexes are the blind indexes of all phones of the details.
func (s *Service) phoneIndexes(d *Details) [][]byte {
	var indexes [][]byte
	for _, p := range d.AllPhones() {
		indexes = append(indexes, s.phoneIndex(p))
	}
	return indexes
}

// seal seals the row as it is now.
func (s *Service) sealRow(r *row) { r.seal = s.rowSeal(r) }

func (s *Service) rowSeal(r *row) []byte { return s.Keys.MAC("person.row", r.append(nil)) }

// person returns the file as it may leave the service.
func (f *file) person() *Person {
	p := &Person{
		ID: f.id, Version: f.version, Region: f.region, Name: f.name, Document: f.doc.Kind(), Number: f.doc.Mask(),
		Details: f.now.Masked(), State: f.state, StateOn: f.stateOn, StateSource: f.stateSource,
		MergedInto: f.mergedInto, TurnOn: f.turnOn, Created: f.created, Updated: f.updated, Facts: f.facts,
	}
	p.Lon, p.Lat = pointer(f.lon), pointer(f.lat)
	return p
}

func pointer(n sql.NullInt64) *int64 {
	if !n.Valid {
		return nil
	}
	return &n.Int64
}

func nullable(n *int64) sql.NullInt64 {
	if n == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: *n, Valid: true}
}

// particulars returns what identifies the person now; evidence is why that is about to change.
func (f *file) particulars(evidence string) *revision.Particulars {
	return &revision.Particulars{
		Name: f.name, Document: f.document, Number: f.doc.Number(), Details: f.now, Lon: pointer(f.lon), Lat: pointer(f.lat),
		State: f.state, StateOn: f.stateOn, StateSource: f.stateSource, Evidence: evidence,
	}
}

// identify gives the file the identity of a valid draft and reports whether that
// changes anything, and the phones among it.
func (s *Service) identify(f *file, d *Draft) (changed, phones bool, err error) {
	if d.Name != f.name {
		f.setName(d.Name)
		changed = true
	}
	if d.Number != f.doc.Number() || d.Document != f.doc.Kind() {
		doc, err := d.Parse()
		if err != nil {
			return false, false, err
		}
		s.setDocument(f, doc)
		changed = true
	}
	if !d.Details.Equal(&f.now) {
		phones = !slices.Equal(d.AllPhones(), f.now.AllPhones())
		if err := s.setDetails(f, d.Details); err != nil {
			return false, false, err
		}
		changed = true
	}
	if lon, lat := nullable(d.Lon), nullable(d.Lat); lon != f.lon || lat != f.lat {
		f.lon, f.lat = lon, lat
		changed = true
	}
	return changed, phones, nil
}

// gone refuses to change a file that was merged into another.
func (f *file) gone() error {
	if f.state == Merged {
		return errs.New(errs.Conflict, "这份档案已并入另一份档案，请到保留的档案中办理；并错的请先撤销合并。")
	}
	return nil
}
