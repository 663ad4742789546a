package intake

import (
	"sync"
	"time"

	"yian/internal/id"
)

// leftovers is what dry runs of this process knew at the end of their last turns, so
// that the next turn need not go through the file again from its beginning: of a
// million rows that would take most of each turn.
type leftovers struct {
	mu  sync.Mutex
	all map[id.ID]leftover
}

// leftover is who was met by the dry run that left an import in a version.
type leftover struct {
	version int64
	seen    *seen
	at      time.Time
}

// keep keeps what was seen until the next turn.
func (l *leftovers) keep(imp *Import, s *seen, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[id.ID]leftover{}
	}
	l.all[imp.ID] = leftover{version: imp.Version, seen: s, at: now}
}

// take returns what was seen in the turn before and forgets it; nil if that turn was
// another process's, or the import is not as that turn left it but for its lease.
func (l *leftovers) take(imp *Import) *seen {
	l.mu.Lock()
	defer l.mu.Unlock()
	o, ok := l.all[imp.ID]
	delete(l.all, imp.ID)
	if !ok || o.version+1 != imp.Version {
		return nil
	}
	return o.seen
}

// drop forgets what nobody came back for.
func (l *leftovers) drop(before time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, o := range l.all {
		if o.at.Before(before) {
			delete(l.all, n)
		}
	}
}
