package people

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
)

// splitter cuts a text file into blocks at the ends of records. Of CSV it knows
// only that a line feed ends a record when an even number of quotes stands before
// it; quotes and line feeds are never part of a longer character, in UTF-8 and in
// GB18030 alike, so it cuts before anything is decoded.
type splitter struct {
	r      *bufio.Reader
	input  *counter
	size   int
	carry  []byte // the beginning of a record that did not end in the last block
	line   int
	offset int64
	code   coding
	bom    bool
	done   bool
}

func (s *splitter) encoding() string {
	switch {
	case s.bom:
		return "UTF-8（带 BOM）"
	case s.code == codeGB18030:
		return "GB18030"
	default:
		return "UTF-8"
	}
}

func (s *splitter) close() {}

// next returns the next block.
func (s *splitter) next() (*block, bool, error) {
	if s.done {
		return nil, false, nil
	}
	b := newBlock()
	cut, err := s.fill(b)
	if err != nil || len(b.text) == 0 {
		return nil, false, err
	}
	s.carry = append(s.carry[:0], b.text[cut:]...)
	b.text = b.text[:cut]
	b.line, b.offset, b.code, b.consumed = s.line, s.offset, s.code, s.input.n
	s.line += bytes.Count(b.text, []byte{'\n'})
	s.offset += int64(cut)
	b.seal()
	return b, true, nil
}

// fill reads until the block holds the end of a record and returns where the last one ends.
func (s *splitter) fill(b *block) (cut int, err error) {
	b.text = append(b.text, s.carry...)
	for {
		from, want := len(b.text), max(s.size, len(b.text))
		b.text = slices.Grow(b.text, want+padding+1)[:from+want]
		n, ended, err := readFull(s.r, b.text[from:])
		if err != nil {
			return 0, err
		}
		b.text = b.text[:from+n]
		if s.code == codeASCII {
			s.recognize(b.text[from:])
		}
		if ended {
			s.done = true
			return len(b.text), nil
		}
		if cut := lastEnd(b.text); cut > 0 {
			return cut, nil
		}
		if len(b.text) > maxRecord+padding {
			s.done, b.tail = true, tooLong
			return len(b.text), nil
		}
	}
}

// readFull fills p unless the input ends before.
func readFull(r io.Reader, p []byte) (n int, ended bool, err error) {
	for n < len(p) {
		m, err := r.Read(p[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, readError(err)
		}
	}
	return n, false, nil
}

// lastEnd returns the place behind the last line feed that ends a record; 0: there is none.
func lastEnd(text []byte) int {
	quote := []byte{'"'}
	quotes := bytes.Count(text, quote)
	for end := len(text); ; {
		feed := bytes.LastIndexByte(text[:end], '\n')
		if feed < 0 {
			return 0
		}
		if quotes > 0 {
			quotes -= bytes.Count(text[feed+1:end], quote)
		}
		if quotes%2 == 0 {
			return feed + 1
		}
		end = feed
	}
}
