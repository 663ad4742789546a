package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// scanner takes XML apart, as far as workbooks go: elements, attributes, text. It reads
// on as it goes and keeps no more than one token.
type scanner struct {
	r    io.Reader
	buf  []byte
	at   int // of the next token in buf
	done bool
	left int64 // bytes that may still be read

	// The last token:
	name   []byte // of an element, without the prefix of its name space; nil: text
	attrs  []byte
	end    bool // an end tag
	empty  bool // a start tag that is an end tag as well
	text   []byte
	sealed []byte // room for texts with entities
}

// maxToken bounds what one element or text may hold: a cell has 32,767 characters.
const maxToken = 1 << 20

var errForm = errors.New("xlsx: this is not the XML of a workbook")

// newScanner reads at most so many bytes.
func newScanner(r io.Reader, most int64) *scanner { return &scanner{r: r, left: most} }

// more reads on; false: there is nothing.
func (s *scanner) more() (bool, error) {
	if s.done {
		return false, nil
	}
	if s.at > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.at:])]
		s.at = 0
	}
	if len(s.buf) > maxToken {
		return false, errForm
	}
	if cap(s.buf)-len(s.buf) < 32<<10 {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)+64<<10), s.buf...)
	}
	n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if s.left -= int64(n); s.left < 0 {
		return false, errTooLarge
	}
	if errors.Is(err, io.EOF) {
		s.done, err = true, nil
	}
	return true, err
}

// find returns the place of a text from the next token on, reading on as needed; -1:
// it does not come.
func (s *scanner) find(what []byte) (int, error) {
	for from := s.at; ; {
		if i := bytes.Index(s.buf[from:], what); i >= 0 {
			return from + i, nil
		}
		kept := max(s.at, len(s.buf)-len(what)+1) - s.at
		if ok, err := s.more(); err != nil || !ok {
			return -1, err
		}
		from = s.at + kept
	}
}

var (
	opening    = []byte("<")
	closing    = []byte(">")
	commentEnd = []byte("-->")
	cdataHead  = []byte("<![CDATA[")
	cdataEnd   = []byte("]]>")
)

// next goes to the next element or text; io.EOF: there is none. Texts of nothing but
// space between elements are texts too.
func (s *scanner) next() error {
	for {
		if s.at >= len(s.buf) {
			ok, err := s.more()
			if err != nil {
				return err
			}
			if !ok {
				return io.EOF
			}
			continue
		}
		if s.buf[s.at] != '<' {
			return s.takeText()
		}
		for len(s.buf)-s.at < len(cdataHead) && !s.done {
			if _, err := s.more(); err != nil {
				return err
			}
		}
		head := s.buf[s.at:]
		switch {
		case bytes.HasPrefix(head, []byte("<!--")):
			if err := s.skip(commentEnd); err != nil {
				return err
			}
		case bytes.HasPrefix(head, []byte("<?")):
			if err := s.skip(closing); err != nil {
				return err
			}
		case bytes.HasPrefix(head, cdataHead):
			return s.takeCDATA()
		case bytes.HasPrefix(head, []byte("<!")):
			return errForm // a document type could name files of ours
		default:
			return s.takeTag()
		}
	}
}

// skip goes behind an end mark.
func (s *scanner) skip(mark []byte) error {
	i, err := s.find(mark)
	if err == nil && i < 0 {
		err = io.ErrUnexpectedEOF
	}
	s.at = i + len(mark)
	return err
}

func (s *scanner) takeText() error {
	i, err := s.find(opening)
	if err != nil {
		return err
	}
	if i < 0 {
		i = len(s.buf)
	}
	s.name, s.end, s.empty = nil, false, false
	s.text, err = s.unescape(s.buf[s.at:i])
	s.at = i
	return err
}

func (s *scanner) takeCDATA() error {
	i, err := s.find(cdataEnd)
	if err == nil && i < 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	s.name, s.end, s.empty = nil, false, false
	s.text = s.buf[s.at+len(cdataHead) : i]
	s.at = i + len(cdataEnd)
	return nil
}

// takeTag takes a tag. A > within quotes does not end it.
func (s *scanner) takeTag() error {
	for n := 1; ; {
		i := bytes.IndexByte(s.buf[s.at+n:], '>')
		if i < 0 {
			n = len(s.buf) - s.at
			ok, err := s.more()
			if err == nil && !ok {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
			continue
		}
		n += i
		if tag := s.buf[s.at+1 : s.at+n]; !quoted(tag) {
			s.at += n + 1
			return s.tag(tag)
		}
		n++
	}
}

// quoted reports whether a quote is open at the end of a tag.
func quoted(tag []byte) bool {
	if bytes.IndexByte(tag, '\'') < 0 { // as almost always
		return bytes.Count(tag, []byte{'"'})%2 == 1
	}
	open := byte(0)
	for _, c := range tag {
		switch {
		case open == 0 && (c == '"' || c == '\''):
			open = c
		case c == open:
			open = 0
		}
	}
	return open != 0
}

// tag reads what is between < and >.
func (s *scanner) tag(tag []byte) error {
	s.text, s.attrs = nil, nil
	if s.end = len(tag) > 0 && tag[0] == '/'; s.end {
		tag = tag[1:]
	}
	if s.empty = len(tag) > 0 && tag[len(tag)-1] == '/'; s.empty {
		tag = tag[:len(tag)-1]
	}
	i := 0
	for i < len(tag) && !space(tag[i]) {
		i++
	}
	s.name, s.attrs = tag[:i], tag[i:]
	if colon := bytes.IndexByte(s.name, ':'); colon >= 0 {
		s.name = s.name[colon+1:]
	}
	if len(s.name) == 0 {
		return errForm
	}
	return nil
}

// is reports whether the token is the start of an element.
func (s *scanner) is(name string) bool { return !s.end && string(s.name) == name }

// ends reports whether an element ends with the token.
func (s *scanner) ends(name string) bool { return (s.end || s.empty) && string(s.name) == name }

// attr returns an attribute of the element; nil: it has none. A prefix of the name
// counts only if it is asked for.
func (s *scanner) attr(name string) []byte {
	rest := s.attrs
	for {
		rest = trimmed(rest)
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := rest[:eq]
		for len(key) > 0 && space(key[len(key)-1]) {
			key = key[:len(key)-1]
		}
		rest = trimmed(rest[eq+1:])
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// trimmed takes away space in front.
func trimmed(b []byte) []byte {
	for len(b) > 0 && space(b[0]) {
		b = b[1:]
	}
	return b
}

// value returns an attribute with its entities resolved.
func (s *scanner) value(name string) string {
	b, err := s.unescape(s.attr(name))
	if err != nil {
		return ""
	}
	return string(b)
}

// entities are those that every XML has.
var entities = map[string]byte{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

// unescape resolves entities. What it returns is good until the next call.
func (s *scanner) unescape(b []byte) ([]byte, error) {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return b, nil
	}
	out := s.sealed[:0]
	for i >= 0 {
		out = append(out, b[:i]...)
		b = b[i+1:]
		semicolon := bytes.IndexByte(b, ';')
		if semicolon < 1 || semicolon > 10 {
			return nil, errForm
		}
		name := b[:semicolon]
		b = b[semicolon+1:]
		if c, ok := entities[string(name)]; ok {
			out = append(out, c)
		} else {
			r, ok := character(name)
			if !ok {
				return nil, errForm
			}
			out = utf8.AppendRune(out, r)
		}
		i = bytes.IndexByte(b, '&')
	}
	out = append(out, b...)
	s.sealed = out
	return out, nil
}

// character reads #65 or #x41.
func character(name []byte) (rune, bool) {
	if name[0] != '#' || len(name) < 2 {
		return 0, false
	}
	digits, base := string(name[1:]), 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	return rune(v), err == nil && v > 0 && v <= utf8.MaxRune
}
