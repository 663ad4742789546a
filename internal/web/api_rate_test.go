package web

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// However calls come, no more get through than a burst and what has filled up since.
func TestBucketsLetThroughNoMoreThanTheyFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		now := start
		b := newBuckets(func() time.Time { return now })
		let := 0
		for range rapid.IntRange(1, 600).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "ms")) * time.Millisecond)
			wait := b.take("a")
			if wait == 0 {
				let++
				continue
			}
			if b.take("a") == 0 {
				t.Fatal("a refused call was let through at the same moment")
			}
			now = now.Add(wait + time.Microsecond)
			if b.take("a") != 0 {
				t.Fatalf("refused again after waiting %v", wait)
			}
			let++
		}
		if most := burst + now.Sub(start).Seconds()*perSecond; float64(let) > most+1e-6 {
			t.Fatalf("%d calls got through in %v, more than %v", let, now.Sub(start), most)
		}
	})
}

func TestBucketsForgetWhoHasNotCalledForLong(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	b := newBuckets(func() time.Time { return now })
	for i := range 10_000 {
		b.take(strconv.Itoa(i))
		now = now.Add(time.Second)
	}
	if len(b.of) > 5000 {
		t.Errorf("%d callers are remembered", len(b.of))
	}
}
