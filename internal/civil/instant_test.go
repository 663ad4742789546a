package civil

import (
	"testing"
	"time"
)

func TestInstant(t *testing.T) {
	i := At(time.Date(2026, 2, 28, 16, 30, 15, 123456789, time.UTC))
	if got, want := i.Time(), time.Date(2026, 2, 28, 16, 30, 15, 123456000, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("Time() = %s, want %s", got, want)
	}
	if got, want := i.String(), "2026-03-01 00:30:15"; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	if got, want := i.Day(), day(t, "2026-03-01"); got != want {
		t.Errorf("Day() = %s, want %s: it is already March in Beijing", got, want)
	}
	if got, want := i.Add(90*time.Minute).String(), "2026-03-01 02:00:15"; got != want {
		t.Errorf("90 minutes later it is %s, want %s", got, want)
	}
	if before := At(time.Date(1949, 9, 30, 18, 0, 0, 0, time.UTC)); before.Day() != day(t, "1949-10-01") || before >= 0 {
		t.Errorf("before 1970: %d is %s", before, before)
	}
}

func TestNoInstant(t *testing.T) {
	none := At(time.Time{})
	if !none.IsZero() || !none.Time().IsZero() || !none.Beijing().IsZero() || none.Day() != 0 || none.String() != "" {
		t.Errorf("no instant is %d, %s, %s, %s, %q", none, none.Time(), none.Beijing(), none.Day(), none)
	}
}
