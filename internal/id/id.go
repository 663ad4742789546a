// Package id makes the numbers that rows are known by. They grow with time, so
// that indexes fill from one end, and need no round trip to the database.
package id

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strconv"
	"sync"
	"time"
)

// ID is the number of a row: 41 bits of milliseconds since 2024, ten of the
// process, twelve in sequence. Zero is no row. Its text has twelve characters or
// fewer of 0–9 and a–z, in JSON too, where numbers of this size lose digits.
type ID int64

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

const (
	processBits  = 10
	sequenceBits = 12
)

// Maker makes numbers that no other maker is making, for a process.
type Maker struct {
	now     func() time.Time
	process int64
	mu      sync.Mutex
	last    int64 // milliseconds and sequence of the last number
}

// NewMaker makes a Maker that reads the clock now. Two processes draw the same ten
// bits once in a thousand times, and then collide only in the same millisecond,
// which the primary key refuses.
func NewMaker(now func() time.Time) *Maker {
	var b [2]byte
	_, _ = rand.Read(b[:]) // it never fails
	return &Maker{now: now, process: int64(binary.BigEndian.Uint16(b[:])) % (1 << processBits)}
}

// New returns the next number.
func (m *Maker) New() ID {
	ms := m.now().UnixMilli() - epoch
	m.mu.Lock()
	defer m.mu.Unlock()
	// More than a millisecond can hold, or a clock set back: go on from the last.
	m.last = max(m.last+1, ms<<sequenceBits)
	ms, sequence := m.last>>sequenceBits, m.last&(1<<sequenceBits-1)
	return ID(ms<<(processBits+sequenceBits) | m.process<<sequenceBits | sequence)
}

// Time returns when the number was made, to the millisecond.
func (i ID) Time() time.Time { return time.UnixMilli(int64(i)>>(processBits+sequenceBits) + epoch) }

// At returns the least number that a maker could have made at t, to look for rows by time.
func At(t time.Time) ID { return ID((t.UnixMilli() - epoch) << (processBits + sequenceBits)) }

// Parse reads the text of a number.
func Parse(s string) (ID, error) {
	v, err := strconv.ParseInt(s, 36, 64)
	if err != nil || v <= 0 {
		return 0, errors.New("编号不正确")
	}
	return ID(v), nil
}

// String returns the text of the number; "" for none.
func (i ID) String() string {
	if i == 0 {
		return ""
	}
	return strconv.FormatInt(int64(i), 36)
}

// MarshalText implements encoding.TextMarshaler.
func (i ID) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *ID) UnmarshalText(b []byte) (err error) {
	*i = 0
	if len(b) > 0 {
		*i, err = Parse(string(b))
	}
	return err
}
