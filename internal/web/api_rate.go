package web

import (
	"maps"
	"sync"
	"time"

	"yian/internal/civil"
)

// How often one caller may call the interface: bursts, and in the long run. Each
// process counts for itself.
const (
	burst     = 100
	perSecond = 20
)

// buckets count the calls of callers: each has a bucket of calls that fills with time.
type buckets struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[string]bucket
}

type bucket struct {
	calls float64
	at    civil.Instant
}

func newBuckets(now func() time.Time) *buckets {
	return &buckets{now: now, of: map[string]bucket{}}
}

// take takes one call out of the caller's bucket; where there is none left it returns
// how long to wait for one.
func (b *buckets) take(caller string) time.Duration {
	at := civil.At(b.now())
	b.mu.Lock()
	defer b.mu.Unlock()
	own, ok := b.of[caller]
	if !ok {
		if len(b.of) >= 4096 {
			maps.DeleteFunc(b.of, func(_ string, x bucket) bool { return x.filled(at) == burst })
		}
		own = bucket{burst, at}
	}
	own = bucket{own.filled(at), at}
	if own.calls < 1 {
		return time.Duration((1 - own.calls) / perSecond * float64(time.Second))
	}
	own.calls--
	b.of[caller] = own
	return 0
}

// filled returns how many calls there are in the bucket at a moment.
func (b bucket) filled(at civil.Instant) float64 {
	passed := max(0, at.Time().Sub(b.at.Time()).Seconds())
	return min(burst, b.calls+passed*perSecond)
}
