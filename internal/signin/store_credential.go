package signin

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
)

type passwordRow struct {
	bun.BaseModel `bun:"table:sign_in_password,alias:p"`

	User      id.ID         `bun:"user_id,pk"`
	Version   int64         `bun:"version"`
	Hash      string        `bun:"hash"`
	SetAt     civil.Instant `bun:"set_at"`
	Temporary bool          `bun:"temporary"`
}

type usedRow struct {
	bun.BaseModel `bun:"table:sign_in_password_used,alias:h"`

	ID   id.ID  `bun:",pk"`
	User id.ID  `bun:"user_id"`
	Hash string `bun:"hash"`
}

// password reads what is stored of a user's password; the zero row where he has none.
func (st store) password(ctx context.Context, q reader, user id.ID) (passwordRow, error) {
	var row passwordRow
	err := q.NewSelect().Model(&row).Where("p.user_id = ?", user).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return passwordRow{}, nil
	}
	return row, err
}

// setPassword replaces the password that was read, or makes the first one; false
// where somebody else did so meanwhile. The hash that goes stays in the history.
func (st store) setPassword(ctx context.Context, tx db.Tx, old passwordRow, row passwordRow, history id.ID, keep int) (bool, error) {
	row.Version = old.Version + 1
	var res sql.Result
	var err error
	if old.Version == 0 {
		res, err = tx.NewInsert().Model(&row).On("CONFLICT (user_id) DO NOTHING").Exec(ctx)
	} else {
		res, err = tx.NewUpdate().Model(&row).WherePK().Where("version = ?", old.Version).Exec(ctx)
	}
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if old.Version == 0 || keep == 0 {
		return true, nil
	}
	if _, err := tx.NewInsert().Model(&usedRow{ID: history, User: row.User, Hash: old.Hash}).Exec(ctx); err != nil {
		return false, err
	}
	_, err = tx.NewRaw(`DELETE FROM sign_in_password_used WHERE user_id = ? AND id NOT IN
		(SELECT id FROM sign_in_password_used WHERE user_id = ? ORDER BY id DESC LIMIT ?)`, row.User, row.User, keep).Exec(ctx)
	return true, err
}

// rehash stores the hash of the same password at another cost, unless the password
// changed meanwhile.
func (st store) rehash(ctx context.Context, row passwordRow, hash string) error {
	return st.quiet(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewUpdate().Model((*passwordRow)(nil)).Set("hash = ?", hash).
			Where("user_id = ?", row.User).Where("version = ?", row.Version).Exec(ctx)
		return err
	})
}

// used lists the hashes of the last passwords before the present one.
func (st store) used(ctx context.Context, q reader, user id.ID, limit int) ([]string, error) {
	var hashes []string
	err := q.NewSelect().Model((*usedRow)(nil)).Column("hash").Where("h.user_id = ?", user).Order("h.id DESC").Limit(int64(limit)).Scan(ctx, &hashes)
	return hashes, err
}

type secondRow struct {
	bun.BaseModel `bun:"table:sign_in_second,alias:f"`

	User      id.ID         `bun:"user_id,pk"`
	Secret    []byte        `bun:"secret"`
	Confirmed civil.Instant `bun:"confirmed_at"`
	Step      int64         `bun:"step"`
}

// second reads a user's second factor; the zero row where he has none.
func (st store) second(ctx context.Context, q reader, user id.ID) (secondRow, error) {
	var row secondRow
	err := q.NewSelect().Model(&row).Where("f.user_id = ?", user).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return secondRow{}, nil
	}
	return row, err
}

// proposeSecond stores a secret that is not confirmed yet; false where one is.
func (st store) proposeSecond(ctx context.Context, tx db.Tx, user id.ID, sealed []byte) (bool, error) {
	return changed(tx.NewRaw(`INSERT INTO sign_in_second (user_id, secret, confirmed_at, step) VALUES (?, ?, 0, 0)
		ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret WHERE sign_in_second.confirmed_at = 0`, user, sealed).Exec(ctx))
}

// takeStep uses up a code; false where it, or a later one, was taken before.
func (st store) takeStep(ctx context.Context, tx db.Tx, user id.ID, step int64) (bool, error) {
	return changed(tx.NewUpdate().Model((*secondRow)(nil)).Set("step = ?", step).Where("user_id = ?", user).Where("step < ?", step).Exec(ctx))
}

func (st store) confirmSecond(ctx context.Context, tx db.Tx, user id.ID, at civil.Instant) (bool, error) {
	return changed(tx.NewUpdate().Model((*secondRow)(nil)).Set("confirmed_at = ?", at).Where("user_id = ?", user).Where("confirmed_at = 0").Exec(ctx))
}

// dropSecond forgets the second factor with its recovery codes.
func (st store) dropSecond(ctx context.Context, tx db.Tx, user id.ID) (bool, error) {
	if _, err := tx.NewDelete().Model((*recoveryRow)(nil)).Where("user_id = ?", user).Exec(ctx); err != nil {
		return false, err
	}
	return changed(tx.NewDelete().Model((*secondRow)(nil)).Where("user_id = ?", user).Exec(ctx))
}

type recoveryRow struct {
	bun.BaseModel `bun:"table:sign_in_recovery,alias:r"`

	User id.ID         `bun:"user_id,pk"`
	Hash []byte        `bun:"hash,pk"`
	Used civil.Instant `bun:"used_at"`
}

// replaceRecovery stores new codes in place of all others.
func (st store) replaceRecovery(ctx context.Context, tx db.Tx, user id.ID, hashes [][]byte) error {
	if _, err := tx.NewDelete().Model((*recoveryRow)(nil)).Where("user_id = ?", user).Exec(ctx); err != nil {
		return err
	}
	rows := make([]recoveryRow, len(hashes))
	for i := range hashes {
		rows[i] = recoveryRow{User: user, Hash: hashes[i]}
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// takeRecovery uses up a code; false where it is not one, or was used before.
func (st store) takeRecovery(ctx context.Context, tx db.Tx, user id.ID, hash []byte, at civil.Instant) (bool, error) {
	return changed(tx.NewUpdate().Model((*recoveryRow)(nil)).Set("used_at = ?", at).
		Where("user_id = ?", user).Where("hash = ?", hash).Where("used_at = 0").Exec(ctx))
}

// recoveryLeft counts the codes that were not used.
func (st store) recoveryLeft(ctx context.Context, user id.ID) (int64, error) {
	return st.db.NewSelect().Model((*recoveryRow)(nil)).Where("r.user_id = ?", user).Where("r.used_at = 0").Count(ctx)
}

type setupRow struct {
	bun.BaseModel `bun:"table:sign_in_setup,alias:l"`

	ID      id.ID         `bun:",pk"`
	Hash    []byte        `bun:"hash"`
	Expires civil.Instant `bun:"expires_at"`
}

// insertSetup stores a link beside those that other nodes have printed.
func (st store) insertSetup(ctx context.Context, tx db.Tx, row setupRow, now civil.Instant) error {
	if _, err := tx.NewDelete().Model((*setupRow)(nil)).Where("expires_at <= ?", now).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return err
}

// setup reports whether a link leads anywhere.
func (st store) setup(ctx context.Context, hash []byte, now civil.Instant) (bool, error) {
	return st.db.NewSelect().Model((*setupRow)(nil)).Where("l.hash = ?", hash).Where("l.expires_at > ?", now).Exists(ctx)
}

// takeSetup uses a link up, and all others with it: of two who use links at once the
// second waits, and then finds none.
func (st store) takeSetup(ctx context.Context, tx db.Tx, hash []byte, now civil.Instant) (bool, error) {
	var rows []setupRow
	if err := db.ForUpdate(tx.NewSelect().Model(&rows).Order("l.id")).Scan(ctx); err != nil {
		return false, err
	}
	for _, row := range rows {
		if string(row.Hash) == string(hash) && row.Expires > now {
			return changed(tx.NewDelete().Model((*setupRow)(nil)).Where("TRUE").Exec(ctx))
		}
	}
	return false, nil
}

// changed reports whether a statement changed a row.
func changed(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
