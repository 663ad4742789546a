package account

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/web"
)

type grantRow struct {
	bun.BaseModel `bun:"table:account_grant,alias:g"`

	ID      id.ID         `bun:",pk"`
	User    id.ID         `bun:"user_id"`
	Role    access.Role   `bun:"role"`
	Region  region.Code   `bun:"region_code"`
	From    civil.Date    `bun:"from_on"`
	To      civil.Date    `bun:"to_on"`
	GivenBy id.ID         `bun:"given_by"`
	GivenAt civil.Instant `bun:"given_at"`
	EndedBy id.ID         `bun:"ended_by"`
	EndedAt civil.Instant `bun:"ended_at"`
	Seal    []byte        `bun:"seal"`
}

// seal returns the seal over all that the row says: rights given by hand in the
// database are found.
func (st store) seal(r *grantRow) []byte {
	parts := make([][]byte, 0, 10)
	for _, v := range []int64{
		int64(r.ID), int64(r.User), int64(r.From), int64(r.To), int64(r.GivenBy), int64(r.GivenAt), int64(r.EndedBy), int64(r.EndedAt),
	} {
		parts = append(parts, binary.BigEndian.AppendUint64(nil, uint64(v)))
	}
	return st.keys.MAC("account.grant", append(parts, []byte(r.Role), []byte(r.Region))...)
}

// verifyGrants reports the grants whose seals do not fit.
func (st store) verifyGrants(ctx context.Context, report func(row, message string)) (int64, error) {
	var rows []grantRow
	if err := st.db.NewSelect().Model(&rows).Order("g.id").Scan(ctx); err != nil {
		return 0, err
	}
	for i := range rows {
		if r := &rows[i]; !bytes.Equal(r.Seal, st.seal(r)) {
			report(r.ID.String(), "授权被改动，或不是本系统授予的")
		}
	}
	return int64(len(rows)), nil
}

func (r *grantRow) grant() Grant {
	return Grant{
		ID: r.ID, User: r.User, Role: r.Role, Region: r.Region, From: r.From, To: r.To,
		GivenBy: r.GivenBy, GivenAt: r.GivenAt, EndedAt: r.EndedAt,
	}
}

func grantsOf(rows []grantRow) []Grant {
	grants := make([]Grant, len(rows))
	for i := range rows {
		grants[i] = rows[i].grant()
	}
	return grants
}

// addGrants fills in the grants of users that were read, other than ended ones.
func (st store) addGrants(ctx context.Context, q reader, users []User) error {
	if len(users) == 0 {
		return nil
	}
	place := make(map[id.ID]*User, len(users))
	ids := make([]id.ID, len(users))
	for i := range users {
		place[users[i].ID], ids[i] = &users[i], users[i].ID
	}
	var rows []grantRow
	if err := q.NewSelect().Model(&rows).Where("g.user_id IN (?)", bun.List(ids)).Where("g.ended_at = 0").Order("g.id").Scan(ctx); err != nil {
		return err
	}
	for i := range rows {
		u := place[rows[i].User]
		u.Grants = append(u.Grants, rows[i].grant())
	}
	return nil
}

func (st store) insertGrant(ctx context.Context, tx db.Tx, g Grant) error {
	r := &grantRow{
		ID: g.ID, User: g.User, Role: g.Role, Region: g.Region, From: g.From, To: g.To, GivenBy: g.GivenBy, GivenAt: g.GivenAt,
	}
	r.Seal = st.seal(r)
	_, err := tx.NewInsert().Model(r).Exec(ctx)
	return err
}

func (st store) endGrant(ctx context.Context, tx db.Tx, grant, by id.ID, at civil.Instant) error {
	r := new(grantRow)
	err := db.ForUpdate(tx.NewSelect().Model(r).Where("g.id = ?", grant).Where("g.ended_at = 0")).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // somebody else has ended it
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(r.Seal, st.seal(r)) {
		return fmt.Errorf("grant %s was altered by hand", grant) // ending it would seal what was altered
	}
	r.EndedBy, r.EndedAt = by, at
	r.Seal = st.seal(r)
	_, err = tx.NewUpdate().Model(r).Column("ended_by", "ended_at", "seal").WherePK().Exec(ctx)
	return err
}

// selectAdministrators begins a query of the grants that make administrators of
// active users.
func selectAdministrators(q reader, rows *[]grantRow) *bun.SelectQuery {
	return q.NewSelect().Model(rows).Join("JOIN account AS u ON u.id = g.user_id").
		Where("g.role = ?", access.Administrator).Where("g.ended_at = 0").Where("u.state = ?", Active).Order("g.id")
}

func (st store) administrators(ctx context.Context, q reader) ([]Grant, error) {
	var rows []grantRow
	err := selectAdministrators(q, &rows).Scan(ctx)
	return grantsOf(rows), err
}

// lockAdministrators reads them so that others who do the same wait, and then see
// who is left.
func (st store) lockAdministrators(ctx context.Context, tx db.Tx) ([]Grant, error) {
	var rows []grantRow
	err := db.ForUpdate(selectAdministrators(tx, &rows)).Scan(ctx)
	return grantsOf(rows), err
}

// identity makes of a user what the site needs to know.
func (w *who) identity(user id.ID, via string, limit *access.Limit) web.Identity {
	return web.Identity{
		Actor: access.NewActor(user, w.name, via, w.grants, limit),
		Role:  roleNames(w.grants),
		Place: w.place,
	}
}
