package web

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
)

const (
	// lease is how long a run may hold a key without an answer; no operation may run so long.
	lease = 5 * time.Minute
	// keptFor is how long an answer can be had again.
	keptFor = 24 * time.Hour
)

// Sealer encrypts what is kept of requests and makes keyed hashes; secret.Keys does.
type Sealer interface {
	MAC(label string, parts ...[]byte) []byte
	Seal(plain []byte, context string) []byte
	Open(sealed []byte, context string) ([]byte, error)
}

// apiRequest is a row of api_request.
type apiRequest struct {
	bun.BaseModel `bun:"table:api_request,alias:q"`

	Key     []byte        `bun:"key,pk"`
	Body    []byte        `bun:"body"`
	Run     int64         `bun:"run"`
	At      civil.Instant `bun:"claimed_at"`
	Carried bool          `bun:"carried"`
	Status  *int          `bun:"status"`
	Answer  []byte        `bun:"answer,nullzero"`
}

// claim is a key held by one run of an operation.
type claim struct {
	site      *Site
	key, body []byte
	run       int64
	at        time.Time
}

func newRun() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return int64(binary.BigEndian.Uint64(b[:]) >> 1)
}

// take claims the key. It returns the row of whoever has it, nil if this run has.
func (c *claim) take(ctx context.Context) (other *apiRequest, err error) {
	defer errs.Wrap(&err, "web: claim an idempotency key")
	mine := &apiRequest{Key: c.key, Body: c.body, Run: c.run, At: civil.At(c.at)}
	err = c.site.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		done, err := affected(tx.NewInsert().Model(mine).On("CONFLICT (key) DO NOTHING").Exec(ctx))
		if err != nil || done {
			return err
		}
		there := &apiRequest{Key: c.key}
		switch err := tx.NewSelect().Model(there).WherePK().Scan(ctx); {
		case errors.Is(err, sql.ErrNoRows): // released or swept this moment
			return errTaken
		case err != nil:
			return err
		case !c.free(there):
			other = there
			return nil
		}
		done, err = affected(tx.NewUpdate().Model(mine).WherePK().
			Where("run = ? AND carried = ?", there.Run, there.Carried).Exec(ctx))
		if err == nil && !done {
			err = errTaken // by another at the same moment
		}
		return err
	})
	return other, err
}

var errTaken = errs.New(errs.Conflict, "同一个键的请求正在处理，请过 1 秒再试。").Because(retryAfter(time.Second))

// free reports whether a key may be claimed anew: its run was killed before it wrote
// anything, or its answer is no longer kept.
func (c *claim) free(row *apiRequest) bool {
	return !row.Carried && row.Status == nil && c.lapsed(row) || !c.at.Before(row.At.Time().Add(keptFor))
}

// lapsed reports whether the run of a row can no longer be going on.
func (c *claim) lapsed(row *apiRequest) bool { return !c.at.Before(row.At.Time().Add(lease)) }

// carried notes that the write of the run is committed with tx.
func (c *claim) carried(ctx context.Context, tx db.Tx) error {
	ours, err := affected(tx.NewUpdate().Model((*apiRequest)(nil)).Set("carried = TRUE").
		Where("key = ? AND run = ?", c.key, c.run).Exec(ctx))
	if err == nil && !ours {
		err = errTaken
	}
	if err != nil {
		return fmt.Errorf("web: mark an idempotency key: %w", err)
	}
	return nil
}

// keep stores the answer of the run.
func (c *claim) keep(ctx context.Context, a answer) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("web: keep an answer: %w", err)
	}
	return c.write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewUpdate().Model((*apiRequest)(nil)).Set("status = ?", a.Status).
			Set("answer = ?", c.site.Sealer.Seal(plain, c.context())).
			Where("key = ? AND run = ?", c.key, c.run).Exec(ctx)
		return err
	})
}

// release gives the key back after a run that wrote nothing.
func (c *claim) release(ctx context.Context) error {
	return c.write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewDelete().Model((*apiRequest)(nil)).
			Where("key = ? AND run = ? AND carried = FALSE", c.key, c.run).Exec(ctx)
		return err
	})
}

func (c *claim) write(ctx context.Context, fn func(context.Context, db.Tx) error) (err error) {
	defer errs.Wrap(&err, "web: end an idempotency key")
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return c.site.DB.Write(ctx, fn)
}

// context says where a kept answer belongs.
func (c *claim) context() string { return "api_request.answer:" + hex.EncodeToString(c.key) }

// affected reports whether a statement changed a row.
func affected(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// SweepRequests forgets the requests whose answers are no longer kept.
func SweepRequests(ctx context.Context, d *db.DB, now time.Time) error {
	return d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewDelete().Model((*apiRequest)(nil)).Where("claimed_at <= ?", civil.At(now.Add(-keptFor))).Exec(ctx)
		return err
	})
}
