// Package revision keeps what identified people before it was changed (修改前的档案),
// encrypted, so that every former text of a file can be seen.
package revision

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/identity"
	"yian/internal/ledger"
	"yian/internal/secret"
)

// Store (修改记录) is the revisions of all people.
type Store struct {
	DB   *db.DB
	Keys *secret.Keys
	IDs  *id.Maker
	Now  func() time.Time
}

// Revision (修改前的档案) is what identified a person before it was changed.
type Revision struct {
	ID               id.ID
	Version          int64
	At               civil.Instant // when it was changed
	By               id.ID
	Name             string
	Document         document.Kind
	Number           string // masked
	identity.Details        // phones masked
	State            identity.State
	StateOn          civil.Date
	StateSource      history.Source
	Evidence         string // why it was changed
}

// Particulars (档案要素) is what a revision keeps, in clear. It never leaves the register.
type Particulars struct {
	Name        string           `json:"name"`
	Document    string           `json:"document,omitempty"` // code of the kind
	Number      string           `json:"number,omitempty"`
	Details     identity.Details `json:"details"`
	Lon         *int64           `json:"lon,omitempty"`
	Lat         *int64           `json:"lat,omitempty"`
	State       identity.State   `json:"state"`
	StateOn     civil.Date       `json:"state_on"`
	StateSource history.Source   `json:"state_source,omitempty"`
	Evidence    string           `json:"evidence,omitempty"` // of what came after
}

// Differs names what differs between two identities, without saying what it is.
func (a *Particulars) Differs(b *Particulars) (fields []string) {
	for _, one := range []struct {
		field string
		equal bool
	}{
		{"name", a.Name == b.Name},
		{"document", a.Document == b.Document && a.Number == b.Number},
		{"phones", slices.Equal(a.Details.Phones, b.Details.Phones)},
		{"contacts", slices.Equal(a.Details.Contacts, b.Details.Contacts)},
		{"address", a.Details.Address == b.Details.Address && same(a.Lon, b.Lon) && same(a.Lat, b.Lat)},
		{"ethnic", a.Details.Ethnic == b.Details.Ethnic},
		{"marital", a.Details.Marital == b.Details.Marital},
		{"household", a.Details.Household == b.Details.Household && a.Details.HouseholdRole == b.Details.HouseholdRole},
		{"note", a.Details.Note == b.Details.Note},
	} {
		if !one.equal {
			fields = append(fields, one.field)
		}
	}
	return fields
}

func same(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

// row is a row of table person_revision.
type row struct {
	bun.BaseModel `bun:"table:person_revision,alias:v"`

	ID        id.ID `bun:",pk"`
	PersonID  id.ID
	Version   int64
	At        civil.Instant
	ChangedBy id.ID
	Data      []byte
}

func sealContext(person id.ID) string { return "person.revision:" + person.String() }

// Keep stores what identified a person in a version that is about to be replaced.
func (s *Store) Keep(ctx context.Context, tx db.Tx, by, person id.ID, version int64, was *Particulars) error {
	text, err := json.Marshal(was)
	if err != nil {
		return err
	}
	r := &row{
		ID: s.IDs.New(), PersonID: person, Version: version, At: civil.At(s.Now()), ChangedBy: by,
		Data: s.Keys.Seal(text, sealContext(person)),
	}
	_, err = tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// Of returns what identified a person of the scope before, masked, the newest first.
func (s *Store) Of(ctx context.Context, scope access.Scope, person id.ID) ([]Revision, error) {
	var rows []row
	err := ledger.Visible(s.DB.NewSelect().Model(&rows), scope, "v.person_id").
		Where("v.person_id = ?", person).Order("v.version DESC").Scan(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Revision, 0, len(rows))
	for i := range rows {
		v, err := s.open(&rows[i])
		if err != nil {
			return nil, err
		}
		all = append(all, *v)
	}
	return all, nil
}

func (s *Store) open(r *row) (*Revision, error) {
	text, err := s.Keys.Open(r.Data, sealContext(r.PersonID))
	if err != nil {
		return nil, err
	}
	var was Particulars
	if err := json.Unmarshal(text, &was); err != nil {
		return nil, fmt.Errorf("revision %s is not what was stored", r.ID)
	}
	v := &Revision{
		ID: r.ID, Version: r.Version, At: r.At, By: r.ChangedBy, Name: was.Name, Details: was.Details.Masked(),
		State: was.State, StateOn: was.StateOn, StateSource: was.StateSource, Evidence: was.Evidence,
	}
	v.Document, _ = document.KindOf(was.Document)
	if doc, err := document.Parse(v.Document, was.Number); err == nil {
		v.Number = doc.Mask()
	}
	return v, nil
}
