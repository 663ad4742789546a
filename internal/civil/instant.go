package civil

import "time"

// Instant is a moment in microseconds since 1970-01-01 00:00 UTC, as databases hold
// it. The zero value is "no instant".
type Instant int64

// beijing is the time of the whole country (北京时间), which has had no summer time since 1991.
var beijing = time.FixedZone("CST", 8*60*60)

// At returns the moment of t; the zero time is no instant.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// IsZero reports whether i is "no instant".
func (i Instant) IsZero() bool { return i == 0 }

// Time returns the moment in UTC, or the zero time for no instant.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}

// Beijing returns the moment by the clocks of the country, or the zero time for no instant.
func (i Instant) Beijing() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).In(beijing)
}

// Day returns the day that calendars of the country show at the moment.
func (i Instant) Day() Date {
	if i == 0 {
		return 0
	}
	y, m, d := i.Beijing().Date()
	return New(y, m, d)
}

// Add returns the moment d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// String returns the moment in Beijing time, as 2006-01-02 15:04:05, or "" for no instant.
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Beijing().Format(time.DateTime)
}
