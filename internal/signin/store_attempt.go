package signin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
)

type attemptRow struct {
	bun.BaseModel `bun:"table:sign_in_attempt,alias:a"`

	ID       string        `bun:",pk"`
	Failures int64         `bun:"failures"`
	Last     civil.Instant `bun:"last_at"`
	Until    civil.Instant `bun:"until_at"`
	Locked   bool          `bun:"locked"`
}

func (r *attemptRow) attempt() attempt { return attempt{r.Failures, r.Last, r.Until, r.Locked} }

// counted is one of the counts that an attempt adds to.
type counted struct {
	key    string
	limits limits
}

// quiet writes what the audit trail need not tell: counts of attempts, which are
// told as failed sign-ins, and sign-ins that end because nothing or nobody uses them.
func (st store) quiet(ctx context.Context, fn func(ctx context.Context, tx db.Tx) error) error {
	return st.db.Write(ctx, fn)
}

var errRefused = errors.New("attempt refused")

// try adds an attempt to all counts, or to none where one of them refuses; by is
// the key of that one.
func (st store) try(ctx context.Context, now civil.Instant, counts ...counted) (state attempt, by string, err error) {
	slices.SortFunc(counts, func(a, b counted) int { return strings.Compare(a.key, b.key) }) // locked in one order
	err = st.quiet(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, c := range counts {
			row := attemptRow{ID: c.key}
			if _, err := tx.NewInsert().Model(&row).On("CONFLICT (id) DO NOTHING").Exec(ctx); err != nil {
				return err
			}
			if err := db.ForUpdate(tx.NewSelect().Model(&row).WherePK()).Scan(ctx); err != nil {
				return err
			}
			next, ok := row.attempt().try(now, c.limits)
			if !ok {
				state, by = next, c.key
				return errRefused
			}
			row = attemptRow{ID: c.key, Failures: next.Failures, Last: next.Last, Until: next.Until, Locked: next.Locked}
			if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errRefused) {
		return state, by, nil
	}
	return attempt{}, "", err
}

// forgive takes the attempt of a moment back after it succeeded: all failures of the
// account, and the one attempt from the address, with the lock if it was what locked.
func (st store) forgive(ctx context.Context, account, address string, at civil.Instant) error {
	return st.quiet(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewUpdate().Model((*attemptRow)(nil)).Set("failures = failures - 1").
			Set("locked = (locked AND last_at <> ?)", at).
			Set("until_at = CASE WHEN last_at = ? THEN 0 ELSE until_at END", at).
			Where("id = ?", address).Where("failures > 0").Exec(ctx) // the address first, as in try
		if err != nil {
			return err
		}
		return st.clear(ctx, tx, account)
	})
}

// clear forgets the failures of keys.
func (st store) clear(ctx context.Context, tx db.Tx, keys ...string) error {
	_, err := tx.NewDelete().Model((*attemptRow)(nil)).Where("id IN (?)", bun.List(keys)).Exec(ctx)
	return err
}

// attempts reads the counts of keys.
func (st store) attempts(ctx context.Context, keys ...string) ([]attempt, error) {
	var rows []attemptRow
	if err := st.db.NewSelect().Model(&rows).Where("a.id IN (?)", bun.List(keys)).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]attempt, len(rows))
	for i := range rows {
		list[i] = rows[i].attempt()
	}
	return list, nil
}

// lapse notes that a sign-in has ended by itself.
func (st store) lapse(ctx context.Context, user, signIn id.ID, why Reason, at civil.Instant) error {
	return st.quiet(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := st.end(ctx, tx, user, signIn, 0, why, at)
		return err
	})
}

// sweep deletes what is of no use any more: counts of long ago, sign-ins that
// ended long ago.
func (st store) sweep(ctx context.Context, attemptsBefore, signInsBefore civil.Instant) error {
	return st.quiet(ctx, func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.NewDelete().Model((*attemptRow)(nil)).Where("last_at < ?", attemptsBefore).Where("until_at < ?", attemptsBefore).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewDelete().Model((*signInRow)(nil)).Where("seen_at < ?", signInsBefore).Exec(ctx)
		return err
	})
}
