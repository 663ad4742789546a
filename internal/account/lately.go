package account

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
)

// Lately (最近使用时间) notes when rows were last used, beside the requests that use
// them: a page never waits for a writer because of it, and those who come together
// share a transaction. It changes nothing that an audit trail tells of.
type Lately struct {
	db     *db.DB
	log    *slog.Logger
	update string

	mu       sync.Mutex
	waiting  map[id.ID]civil.Instant
	draining bool
}

// NewLately makes one for a column. The update gets the row as $1 and the instant
// as $2, and never sets a time back.
func NewLately(d *db.DB, log *slog.Logger, update string) *Lately {
	return &Lately{db: d, log: log, update: update, waiting: map[id.ID]civil.Instant{}}
}

// Note has the row's time written soon. What is lost when the process is killed is
// noted by the next use.
func (l *Lately) Note(ctx context.Context, row id.ID, at civil.Instant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[row] = at
	if !l.draining {
		l.draining = true
		go l.drain(context.WithoutCancel(ctx))
	}
}

// Waiting returns the time that is about to be written for a row.
func (l *Lately) Waiting(row id.ID) (at civil.Instant, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok = l.waiting[row]
	return at, ok
}

// drain writes what waits until nothing does. A row stays in the map while it is
// written, so that a request meanwhile does not note it again.
func (l *Lately) drain(ctx context.Context) {
	for {
		l.mu.Lock()
		batch := maps.Clone(l.waiting)
		l.draining = len(batch) > 0
		l.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		if err := l.write(ctx, batch); err != nil {
			l.log.WarnContext(ctx, "time of last use not noted", slog.Int("rows", len(batch)), slog.String("error", err.Error()))
		}
		l.mu.Lock()
		for row, at := range batch {
			if l.waiting[row] == at {
				delete(l.waiting, row)
			}
		}
		l.mu.Unlock()
	}
}

func (l *Lately) write(ctx context.Context, batch map[id.ID]civil.Instant) error {
	return l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, row := range slices.Sorted(maps.Keys(batch)) { // in one order, so that nodes do not lock one another out
			if _, err := tx.Tx.Tx.ExecContext(ctx, l.update, int64(row), int64(batch[row])); err != nil {
				return err
			}
		}
		return nil
	})
}
