package intake

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"yian/internal/id"
)

// row is one row of a file, as it was read.
type row struct {
	line  int
	cells []string
}

// appendRow appends a row to the text of a block: its line and its cells, each with
// its length before it.
func appendRow(b []byte, line int, cells [][]byte) []byte {
	b = binary.AppendUvarint(b, uint64(line))
	b = binary.AppendUvarint(b, uint64(len(cells)))
	for _, c := range cells {
		b = binary.AppendUvarint(b, uint64(len(c)))
		b = append(b, c...)
	}
	return b
}

var errBlock = errors.New("intake: a block is not in the form that the product writes")

// readRows reads the text of a block. The cells lie in one string.
func readRows(b []byte) ([]row, error) {
	text := string(b)
	var rows []row
	var cells []string // of several rows
	at := 0
	number := func() (int, bool) {
		v, n := binary.Uvarint(b[at:])
		if n <= 0 || v > 1<<31 {
			return 0, false
		}
		at += n
		return int(v), true
	}
	for at < len(b) {
		line, ok := number()
		count, ok2 := number()
		if !ok || !ok2 || count > len(b)-at {
			return nil, errBlock
		}
		if cap(cells)-len(cells) < count {
			cells = make([]string, 0, max(count, 4096))
		}
		from := len(cells)
		for range count {
			n, ok := number()
			if !ok || n > len(b)-at {
				return nil, errBlock
			}
			cells = append(cells, text[at:at+n])
			at += n
		}
		rows = append(rows, row{line, cells[from:len(cells):len(cells)]})
	}
	return rows, nil
}

// seenRow is the first row of a file that speaks of somebody.
type seenRow struct {
	line     int
	content  uint64 // hash of its cells
	rejected bool
}

// seen remembers who was met in a file, by 128 bits of a hash that differs from run to
// run: two numbers of a million never meet in it.
type seen struct {
	high, low maphash.Seed
	rows      map[[2]uint64]seenRow
}

func newSeen() *seen {
	return &seen{high: maphash.MakeSeed(), low: maphash.MakeSeed(), rows: map[[2]uint64]seenRow{}}
}

// key stands for a document.
func (s *seen) key(kind, number string) [2]uint64 {
	text := kind + ":" + number
	return [2]uint64{maphash.String(s.high, text), maphash.String(s.low, text)}
}

// content stands for all cells of a row.
func (s *seen) content(cells []string) uint64 {
	var h maphash.Hash
	h.SetSeed(s.high)
	for _, c := range cells {
		_, _ = h.WriteString(clean(c))
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}

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

// double (重复行) is a row that repeats an earlier one of the file.
type double struct {
	Row   int  `json:"r"` // in its block
	First int  `json:"f"` // the line of the earlier one
	Same  bool `json:"s,omitempty"`
	Bad   bool `json:"b,omitempty"` // the earlier one was rejected
}

// meet remembers the row of somebody, or tells that an earlier one speaks of him.
func (s *seen) meet(key [2]uint64, r seenRow) (again bool) {
	if _, again = s.rows[key]; !again {
		s.rows[key] = r
	}
	return again
}

// reject notes that the first row of somebody was not accepted.
func (s *seen) reject(key [2]uint64) {
	if first, ok := s.rows[key]; ok {
		first.rejected = true
		s.rows[key] = first
	}
}

// double tells of a later row of somebody, at a place in its block, how it repeats the
// first one.
func (s *seen) double(key [2]uint64, content uint64, at int) double {
	first := s.rows[key]
	return double{Row: at, First: first.line, Same: first.content == content, Bad: first.rejected}
}

// reason says why a double is rejected; "" if it only says the same again.
func (d double) reason() string {
	switch {
	case !d.Same:
		return "与第 " + itoa(d.First) + " 行是同一个人，内容不同；请只留一行"
	case d.Bad:
		return "与第 " + itoa(d.First) + " 行相同，那一行没有通过"
	default:
		return ""
	}
}

func encodeDoubles(d []double) ([]byte, error) {
	if len(d) == 0 {
		return nil, nil
	}
	return json.Marshal(d)
}

func decodeDoubles(b []byte) (d []double, err error) {
	if len(b) > 0 {
		err = json.Unmarshal(b, &d)
	}
	return d, err
}
