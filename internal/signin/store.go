package signin

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// store reads and writes the rows of this module. They belong to one user each, who
// is found in package account under a scope before anything here is asked for.
type store struct{ db *db.DB }

// reader is what reads: the database, or a transaction that sees its own writes.
type reader interface{ NewSelect() *bun.SelectQuery }

type signInRow struct {
	bun.BaseModel `bun:"table:sign_in,alias:s"`

	ID      id.ID         `bun:",pk"`
	User    id.ID         `bun:"user_id"`
	Method  Method        `bun:"method"`
	Since   civil.Instant `bun:"since"`
	Seen    civil.Instant `bun:"seen_at"`
	Address string        `bun:"address"`
	Agent   string        `bun:"agent"`
	Ended   civil.Instant `bun:"ended_at"`
	Reason  Reason        `bun:"reason"`
}

func (r *signInRow) signIn() SignIn {
	return SignIn{
		ID: r.ID, User: r.User, Method: r.Method, Since: r.Since, Seen: r.Seen,
		Address: r.Address, Agent: r.Agent, Ended: r.Ended, Reason: r.Reason,
	}
}

func (st store) insertSignIn(ctx context.Context, tx db.Tx, s SignIn) error {
	_, err := tx.NewInsert().Model(&signInRow{
		ID: s.ID, User: s.User, Method: s.Method, Since: s.Since, Seen: s.Seen, Address: s.Address, Agent: s.Agent,
	}).Exec(ctx)
	return err
}

// signIns lists the sign-ins of a user, the latest first.
func (st store) signIns(ctx context.Context, user id.ID, limit int) ([]SignIn, error) {
	var rows []signInRow
	if err := st.db.NewSelect().Model(&rows).Where("s.user_id = ?", user).Order("s.id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]SignIn, len(rows))
	for i := range rows {
		list[i] = rows[i].signIn()
	}
	return list, nil
}

// end ends sign-ins of a user that are open: one, or all but one where it is zero.
func (st store) end(ctx context.Context, tx db.Tx, user, one, except id.ID, reason Reason, at civil.Instant) (int64, error) {
	q := tx.NewUpdate().Model((*signInRow)(nil)).Set("ended_at = ?", at).Set("reason = ?", reason).
		Where("user_id = ?", user).Where("ended_at = 0")
	if one != 0 {
		q = q.Where("id = ?", one)
	}
	if except != 0 {
		q = q.Where("id <> ?", except)
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// standing is what every request asks of a sign-in.
type standing struct {
	user      id.ID
	method    Method
	seen      civil.Instant
	ended     civil.Instant
	reason    Reason
	setAt     civil.Instant // of the password; zero: there is none
	temporary bool
	second    civil.Instant // since when there is a second factor; zero: there is none
}

// standing is a prepared statement: it runs on every request.
func (st store) standing(ctx context.Context, signIn id.ID) (*standing, error) {
	var s standing
	var setAt, second sql.NullInt64
	var temporary sql.NullBool
	err := st.db.DB.DB.QueryRowContext(ctx, `SELECT s.user_id, s.method, s.seen_at, s.ended_at, s.reason, p.set_at, p.temporary, f.confirmed_at
		FROM sign_in s LEFT JOIN sign_in_password p ON p.user_id = s.user_id LEFT JOIN sign_in_second f ON f.user_id = s.user_id
		WHERE s.id = $1`, int64(signIn)).Scan(&s.user, &s.method, &s.seen, &s.ended, &s.reason, &setAt, &temporary, &second)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errs.New(errs.NotFound, "没有找到这次登录。")
	}
	s.setAt, s.temporary, s.second = civil.Instant(setAt.Int64), temporary.Bool, civil.Instant(second.Int64)
	return &s, err
}
