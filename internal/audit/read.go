package audit

import (
	"context"

	"yian/internal/access"
	"yian/internal/db"
)

// reader is somebody who waits until his look at a file is on the trail.
type reader struct {
	entry *Entry
	done  chan error
}

// Read records that the actor looked at c.Subject. It returns when the entry is
// stored: nobody sees a file before. Readers who come while others are being
// stored are stored together.
func (l *Log) Read(ctx context.Context, actor access.Actor, action Action, c Change) error {
	e, err := l.entry(actor, action, c, nil)
	if err != nil {
		return err
	}
	r := &reader{entry: e, done: make(chan error, 1)}
	l.mu.Lock()
	l.waiting = append(l.waiting, r)
	start := !l.draining
	l.draining = true
	l.mu.Unlock()
	if start {
		go l.drain(context.WithoutCancel(ctx))
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done(): // the entry may be stored all the same: a look that nobody saw
		return ctx.Err()
	}
}

// drain stores the waiting readers in batches until nobody waits.
func (l *Log) drain(ctx context.Context) {
	for {
		l.mu.Lock()
		batch := l.waiting[:min(len(l.waiting), 500)]
		l.waiting = l.waiting[len(batch):]
		l.draining = len(batch) > 0
		l.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		entries := make([]*Entry, len(batch))
		for i, r := range batch {
			entries[i] = r.entry
		}
		err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			_, err := tx.NewInsert().Model(&entries).Exec(ctx)
			return err
		})
		for _, r := range batch {
			r.done <- err
		}
	}
}
