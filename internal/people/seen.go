package people

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/maphash"

	"yian/internal/fact"
	"yian/internal/population"
)

// seen remembers every id with its line. A slot holds 24 bits of the hash and the
// place of the entry in the arena, which decides whether the id is the same.
type seen struct {
	seed  maphash.Seed
	slots []uint64
	count int
	arena [][]byte // chunks of entries: 4 bytes of line, 1 of length, the id
}

const (
	chunkBits = 20
	placeBits = 40
	firstSize = 1 << 10
)

func newSeen(seed maphash.Seed) *seen {
	return &seen{seed: seed, slots: make([]uint64, firstSize)}
}

// add remembers the id; if it was there already, it returns the line of that time.
func (s *seen) add(id []byte, hash uint64, line int) (earlier int, dup bool) {
	mask := uint64(len(s.slots) - 1)
	tag := hash >> placeBits << placeBits
	at := hash & mask
	for ; s.slots[at] != 0; at = (at + 1) & mask {
		if slot := s.slots[at]; slot>>placeBits<<placeBits == tag {
			entry := s.entry(slot)
			if bytes.Equal(entry[5:5+int(entry[4])], id) {
				return int(binary.LittleEndian.Uint32(entry)), true
			}
		}
	}
	s.slots[at] = tag | s.keep(id, line)
	if s.count++; s.count > len(s.slots)/4*3 {
		s.grow()
	}
	return 0, false
}

// entry returns the arena from the entry of a slot on.
func (s *seen) entry(slot uint64) []byte {
	place := slot&(1<<placeBits-1) - 1
	return s.arena[place>>chunkBits][place&(1<<chunkBits-1):]
}

// keep appends an entry and returns its place, counted from 1.
func (s *seen) keep(id []byte, line int) uint64 {
	n := len(s.arena)
	if n == 0 || cap(s.arena[n-1])-len(s.arena[n-1]) < 5+len(id) {
		s.arena = append(s.arena, make([]byte, 0, 1<<chunkBits))
		n++
	}
	chunk := s.arena[n-1]
	place := uint64(n-1)<<chunkBits | uint64(len(chunk))
	chunk = binary.LittleEndian.AppendUint32(chunk, uint32(line))
	chunk = append(chunk, byte(len(id)))
	s.arena[n-1] = append(chunk, id...)
	return place + 1
}

// grow makes more slots, at first in longer strides; the entries lie one behind the
// other and are hashed again.
func (s *seen) grow() {
	by := 2
	if len(s.slots) < 1<<20 {
		by = 4
	}
	s.slots = make([]uint64, by*len(s.slots))
	mask := uint64(len(s.slots) - 1)
	for n, chunk := range s.arena {
		for i := 0; i < len(chunk); i += 5 + int(chunk[i+4]) {
			hash := maphash.Bytes(s.seed, chunk[i+5:i+5+int(chunk[i+4])])
			at := hash & mask
			for s.slots[at] != 0 {
				at = (at + 1) & mask
			}
			s.slots[at] = hash>>placeBits<<placeBits | (uint64(n)<<chunkBits | uint64(i) + 1)
		}
	}
}

// rejected is a row on its way to be a Reject; without id if that is not known.
type rejected struct {
	row  Reject
	id   []byte
	hash uint64
}

// finish looks for ids that occurred before, in the order of the file. A rejected
// row counts too: its id is taken unless it could not be read.
func (b *block) finish(j *job, s *seen) *Batch {
	batch := b.batch
	var rejects []Reject
	var drop []int
	add := func(r *rejected) {
		if r.id != nil {
			if earlier, dup := s.add(r.id, r.hash, r.row.Line); dup {
				r.row.Reasons = append(r.row.Reasons, j.duplicate(r.row.Line, earlier))
			}
		}
		rejects = append(rejects, r.row)
	}
	left := b.rejected
	for i, line := range b.lines {
		for len(left) > 0 && left[0].row.Line < int(line) {
			add(&left[0])
			left = left[1:]
		}
		earlier, dup := s.add(batch.IDs.At(i), b.hashes[i], int(line))
		if !dup {
			continue
		}
		drop = append(drop, i)
		t := tokenizer{block: b, delim: j.delim, at: int(b.starts[i])}
		if t.record() == nil { // it was read before
			rejects = append(rejects, Reject{
				Line: int(line), Cells: texts(t.cells[:len(j.names)]), Reasons: []CellError{j.duplicate(int(line), earlier)},
			})
		}
	}
	for i := range left {
		add(&left[i])
	}
	batch.Rejects = rejects
	if drop != nil {
		batch.drop(drop)
	}
	return batch
}

func (j *job) duplicate(line, earlier int) CellError {
	e := CellError{Line: line, Reason: fmt.Sprintf("编号与第 %d 行重复", earlier)}
	for i, c := range j.columns {
		if c.role == idRole {
			e.Column = j.names[i]
		}
	}
	return e
}

// drop takes rows out of the batch; their numbers ascend.
func (b *Batch) drop(rows []int) {
	c := &b.Columns
	c.Birth = without(c.Birth, rows)
	for id := range fact.Count {
		c.Codes[id] = without(c.Codes[id], rows)
	}
	c.Hukou.Index = without(c.Hukou.Index, rows)
	c.Residence.Index = without(c.Residence.Index, rows)
	c.N -= len(rows)

	kept := IDs{text: b.IDs.text[:0], ends: b.IDs.ends[:0]}
	n := b.IDs.Len()
	start := uint32(0)
	for i := range n {
		end := b.IDs.ends[i]
		if len(rows) > 0 && rows[0] == i {
			rows = rows[1:]
		} else {
			kept.text = append(kept.text, b.IDs.text[start:end]...)
			kept.ends = append(kept.ends, uint32(len(kept.text)))
		}
		start = end
	}
	b.IDs = kept
}

// without removes the rows from a column; their numbers ascend.
func without[T any](col []T, rows []int) []T {
	if col == nil {
		return nil
	}
	to := rows[0]
	for i, row := range rows {
		end := len(col)
		if i+1 < len(rows) {
			end = rows[i+1]
		}
		to += copy(col[to:], col[row+1:end])
	}
	return col[:to]
}

// cut shortens the columns to the people that they hold.
func cut(c *population.Columns) {
	c.Birth = upTo(c.Birth, c.N)
	for id := range fact.Count {
		c.Codes[id] = upTo(c.Codes[id], c.N)
	}
	c.Hukou.Index = upTo(c.Hukou.Index, c.N)
	c.Residence.Index = upTo(c.Residence.Index, c.N)
}

// upTo returns the first n of a column; nil stays nil.
func upTo[T any](col []T, n int) []T {
	if col == nil {
		return nil
	}
	return col[:n:n]
}
