package people

import (
	"bytes"
	"sync"
)

// maxRecord is the greatest length of a record in bytes. It bounds the memory that
// one missing quote can take.
const maxRecord = 1 << 20

// padding stands behind the text of a block, so that words of eight bytes can be
// read anywhere in it.
const padding = 16

// block is a piece of a file from the beginning of a record to the end of one,
// and what was made of it.
type block struct {
	text     []byte // ends with a line feed; UTF-8 after decode
	spare    []byte // takes the text before decoding, to be used again
	line     int    // of the first byte, from 1
	offset   int64  // of the first byte in the (unzipped) file
	code     coding
	tail     tail
	tailLine int      // of badByte: its line,
	tailFile int64    // its place in the file
	tailByte byte     // and the byte itself
	decoded  bool     // decode was called
	rowLines []uint32 // XLSX: the line of each record
	consumed int64    // bytes of the input read so far
	records  int      // at most as many begin in it

	// What parse finds: of each accepted row its place, line and hash of the id.
	starts, lines []uint32
	hashes        []uint64
	rejected      []rejected
	batch         *Batch
}

// tail says what is wrong with the end of a block; the record that reaches it is at fault.
type tail uint8

const (
	sound   tail = iota
	tooLong      // the record does not end within maxRecord bytes
	badByte      // a byte that does not belong into a text stands there
)

var blocks = sync.Pool{New: func() any { return new(block) }}

// newBlock takes a block whose buffers may have been used before.
func newBlock() *block {
	b := blocks.Get().(*block)
	*b = block{
		text: b.text[:0], spare: b.spare[:0], rowLines: b.rowLines[:0],
		starts: b.starts[:0], lines: b.lines[:0], hashes: b.hashes[:0],
	}
	return b
}

// recycle gives the buffers back. Nothing that was delivered lies in them.
func (b *block) recycle() {
	if cap(b.text) <= 8*defaultBlock { // a giant would be kept for the sake of one file
		b.batch, b.rejected = nil, nil
		blocks.Put(b)
	}
}

// seal ends the text with a line feed and padding. A bad tail gets one of its own.
func (b *block) seal() {
	if n := len(b.text); b.tail != sound || n == 0 || b.text[n-1] != '\n' {
		b.text = append(b.text, '\n')
	}
	b.pad()
}

// pad puts zeros behind the text and counts its lines.
func (b *block) pad() {
	n := len(b.text)
	b.text = append(b.text, make([]byte, padding)...)[:n]
	b.records = bytes.Count(b.text, []byte{'\n'})
}
