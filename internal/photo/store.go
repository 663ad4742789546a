package photo

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/ledger"
	"yian/internal/secret"
)

// Store (照片库) is the photos of all people, encrypted.
type Store struct {
	DB   *db.DB
	Keys *secret.Keys
	Now  func() time.Time
}

// row is a row of table person_photo.
type row struct {
	bun.BaseModel `bun:"table:person_photo,alias:f"`

	PersonID  id.ID `bun:",pk"`
	Type      string
	Data      []byte
	UpdatedAt civil.Instant
}

func sealContext(person id.ID) string { return "person.photo:" + person.String() }

// find selects the photo of a person of the scope.
func (s *Store) find(scope access.Scope, person id.ID, r *row) *bun.SelectQuery {
	return ledger.Visible(s.DB.NewSelect().Model(r), scope, "f.person_id").Where("f.person_id = ?", person)
}

// Has reports whether there is a photo of a person of the scope.
func (s *Store) Has(ctx context.Context, scope access.Scope, person id.ID) (bool, error) {
	return s.find(scope, person, new(row)).Exists(ctx)
}

// Of returns the photo of a person of the scope and its media type.
func (s *Store) Of(ctx context.Context, scope access.Scope, person id.ID) (data []byte, mediaType string, err error) {
	var r row
	err = s.find(scope, person, &r).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", errs.New(errs.NotFound, "没有照片。")
	}
	if err != nil {
		return nil, "", err
	}
	data, err = s.Keys.Open(r.Data, sealContext(person))
	return data, r.Type, err
}

// Set stores a photo that Shrink made; no data removes it.
func (s *Store) Set(ctx context.Context, tx db.Tx, person id.ID, data []byte) error {
	if _, err := tx.NewDelete().Model((*row)(nil)).Where("person_id = ?", person).Exec(ctx); err != nil || len(data) == 0 {
		return err
	}
	r := &row{PersonID: person, Type: "image/jpeg", Data: s.Keys.Seal(data, sealContext(person)), UpdatedAt: civil.At(s.Now())}
	_, err := tx.NewInsert().Model(r).Exec(ctx)
	return err
}
