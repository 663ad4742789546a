package main

import "io"

// lines is a reader of a text that is made line by line: line appends the next one
// to b, or reports false.
type lines struct {
	line func(b []byte) ([]byte, bool)
	rest []byte
	buf  []byte
}

func (l *lines) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		b, ok := l.line(l.buf[:0])
		if !ok {
			return 0, io.EOF
		}
		l.buf, l.rest = b, b
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
