package web

import (
	"context"
	"database/sql"
	"encoding/gob"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/ui"
)

func init() { gob.Register([]ui.Toast(nil)) }

// Session is what the server remembers of a browser (会话).
type Session struct {
	manager *scs.SessionManager
	loaded  bool
}

// Get returns a value; "" if there is none.
func (s *Session) Get(ctx context.Context, key string) string {
	if !s.loaded {
		return ""
	}
	return s.manager.GetString(ctx, key)
}

// Put keeps a value.
func (s *Session) Put(ctx context.Context, key, value string) { s.manager.Put(ctx, key, value) }

// Remove forgets a value.
func (s *Session) Remove(ctx context.Context, key string) { s.manager.Remove(ctx, key) }

// Renew gives the session a new token: whenever somebody signs in, so that a token
// known before is worth nothing.
func (s *Session) Renew(ctx context.Context) error { return s.manager.RenewToken(ctx) }

// Destroy forgets the session.
func (s *Session) Destroy(ctx context.Context) error { return s.manager.Destroy(ctx) }

const flashKey = "flash"

// Flash keeps messages for the next page.
func (s *Session) Flash(ctx context.Context, toasts ...ui.Toast) {
	if len(toasts) == 0 || !s.loaded {
		return
	}
	kept, _ := s.manager.Get(ctx, flashKey).([]ui.Toast)
	s.manager.Put(ctx, flashKey, append(kept, toasts...))
}

// toasts returns the messages for a page of a status, and those that wait for another:
// that something was done is not told on a page that says it was not.
func (s *Session) toasts(ctx context.Context, status int) (now, later []ui.Toast) {
	if !s.loaded {
		return nil, nil
	}
	kept, _ := s.manager.Get(ctx, flashKey).([]ui.Toast)
	if status < http.StatusBadRequest {
		return kept, nil
	}
	for _, t := range kept {
		if t.Tone == ui.Success {
			later = append(later, t)
		} else {
			now = append(now, t)
		}
	}
	return now, later
}

// shown forgets the messages that a page of a status showed.
func (s *Session) shown(ctx context.Context, status int) {
	now, later := s.toasts(ctx, status)
	switch {
	case len(now) == 0:
	case len(later) == 0:
		s.manager.Remove(ctx, flashKey)
	default:
		s.manager.Put(ctx, flashKey, later)
	}
}

// newSessions makes the manager of sessions. Idle time is counted by the module of
// accounts, so that a page that is only read writes nothing here.
func newSessions(d *db.DB, lifetime time.Duration, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = &store{db: d}
	m.Lifetime = lifetime
	m.HashTokenInStore = true
	m.Cookie.Name = "yian"
	m.Cookie.HttpOnly = true
	m.Cookie.Secure = secure
	m.Cookie.SameSite = http.SameSiteLaxMode // strict would lose the session on the way back from an identity provider
	m.Cookie.Persist = false
	return m
}

// store keeps sessions in the database. scs reads the clock itself.
type store struct{ db *db.DB }

// FindCtx implements scs.CtxStore.
func (s *store) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	var expires int64
	err := s.db.DB.DB.QueryRowContext(ctx, "SELECT data, expires_at FROM session WHERE token = $1", token).Scan(&data, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil && expires > int64(civil.At(time.Now())), err //nolint:forbidigo // scs sets the time by the same clock
}

// CommitCtx implements scs.CtxStore.
func (s *store) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.Tx.Tx.ExecContext(ctx, `INSERT INTO session (token, data, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
			token, data, int64(civil.At(expiry)))
		return err
	})
}

// DeleteCtx implements scs.CtxStore.
func (s *store) DeleteCtx(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.Tx.Tx.ExecContext(ctx, "DELETE FROM session WHERE token = $1", token)
		return err
	})
}

// Find implements scs.Store.
func (s *store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s *store) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete implements scs.Store.
func (s *store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// SweepSessions deletes the sessions that have ended.
func SweepSessions(ctx context.Context, d *db.DB, now time.Time) error {
	return d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.Tx.Tx.ExecContext(ctx, "DELETE FROM session WHERE expires_at <= $1", int64(civil.At(now)))
		return err
	})
}
