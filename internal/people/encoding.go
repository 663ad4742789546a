package people

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// coding is the character encoding of a text.
type coding uint8

const (
	codeASCII coding = iota // nothing else until now: not decided
	codeUTF8
	codeGB18030
)

// window is how much of the text decides about the encoding, from its first byte
// that is not ASCII on. A few words are not enough: 女 in GB18030 is also valid UTF-8.
const window = 64 << 10

// nonASCII returns the place of the first byte that is not ASCII, or the length of b.
func nonASCII(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if binary.LittleEndian.Uint64(b[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// recognize decides about the encoding once the newly read text has more than ASCII.
// The answer depends on the file alone and not on how it was cut.
func (s *splitter) recognize(text []byte) {
	text = text[nonASCII(text):]
	if len(text) == 0 {
		return
	}
	whole := false
	if len(text) < window {
		more, err := s.r.Peek(window - len(text))
		text, whole = append(slices.Clone(text), more...), errors.Is(err, io.EOF)
	}
	s.code = decide(text[:min(len(text), window)], whole)
}

// decide tells UTF-8 from GB18030. Chinese takes three bytes in UTF-8, so a text
// with mostly such characters is UTF-8, if a damaged one; a text that is valid
// UTF-8 by a few characters of two bytes is GB18030 if it is valid there too.
func decide(text []byte, whole bool) coding {
	long, bad := 0, 0
	for rest := text; len(rest) > 0; {
		rest = rest[nonASCII(rest):]
		if len(rest) == 0 || !whole && !utf8.FullRune(rest) {
			break
		}
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 2:
			long++
		}
		rest = rest[size:]
	}
	if long > bad {
		return codeUTF8
	}
	if bad > 0 {
		return codeGB18030
	}
	if _, at := appendGB18030(nil, text); at < 0 || !whole && at > len(text)-4 {
		return codeGB18030
	}
	return codeUTF8
}

// decode makes the text UTF-8 and finds the first byte that belongs into no text;
// the block is cut there, so that the record with that byte is seen to be at fault.
func (b *block) decode() {
	if b.decoded {
		return
	}
	b.decoded = true
	at := -1
	if nonASCII(b.text) < len(b.text) {
		if b.code == codeGB18030 {
			b.spare, at = appendGB18030(b.spare[:0], b.text)
		} else if !utf8.Valid(b.text) {
			at = badUTF8(b.text)
		}
	}
	if nul := bytes.IndexByte(b.text, 0); nul >= 0 && (at < 0 || nul < at) {
		at = nul
	}
	if at >= 0 {
		b.cutAt(at)
	}
	if b.code == codeGB18030 {
		if at >= 0 || len(b.spare) == 0 {
			b.spare, _ = appendGB18030(b.spare[:0], b.text)
		}
		b.spare, b.text = b.text, b.spare
		b.pad()
	}
}

// cutAt ends the block before the faulty byte at the place at.
func (b *block) cutAt(at int) {
	b.tail, b.tailByte = badByte, b.text[at]
	b.tailFile, b.tailLine = b.offset+int64(at), b.line+bytes.Count(b.text[:at], []byte{'\n'})
	b.text = b.text[:at]
	b.seal()
}

// fault describes the byte at which decode stopped.
func (b *block) fault() error {
	if b.tailByte == 0 {
		return &FileError{Line: b.tailLine, Reason: fmt.Sprintf("文件第 %d 字节是 NUL，这不是文本文件；请另存为 UTF-8 CSV", b.tailFile+1)}
	}
	return &FileError{Line: b.tailLine, Reason: fmt.Sprintf("文件第 %d 字节 0x%02X 既不是 UTF-8 也不是 GB18030；请另存为 UTF-8 CSV", b.tailFile+1, b.tailByte)}
}

// badUTF8 returns the place of the first byte that is not UTF-8.
func badUTF8(b []byte) int {
	for i := 0; i < len(b); {
		if i += nonASCII(b[i:]); i == len(b) {
			break
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// lengthGB18030 returns the length of the character that is not ASCII at the
// beginning of b; 0: it is malformed.
func lengthGB18030(b []byte) int {
	between := func(i int, lo, hi byte) bool { return i < len(b) && lo <= b[i] && b[i] <= hi }
	switch {
	case b[0] == 0x80: // the euro sign of Windows
		return 1
	case !between(0, 0x81, 0xfe):
		return 0
	case between(1, 0x40, 0x7e), between(1, 0x80, 0xfe):
		return 2
	case between(1, 0x30, 0x39) && between(2, 0x81, 0xfe) && between(3, 0x30, 0x39):
		return 4
	default:
		return 0
	}
}

// pairs holds the characters of two bytes by these bytes; 0: not assigned. The
// library alone would be slower than all the rest of the reader.
var pairs = sync.OnceValue(func() *[1 << 16]rune {
	t := new([1 << 16]rune)
	for i := 0x8140; i <= 0xfefe; i++ {
		pair := []byte{byte(i >> 8), byte(i)}
		if lengthGB18030(pair) == 2 {
			t[i] = charGB18030(pair)
		}
	}
	return t
})

// charGB18030 decodes one well-formed character; 0: it is not assigned.
func charGB18030(char []byte) rune {
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(char)
	r, _ := utf8.DecodeRune(text)
	if err != nil || r == utf8.RuneError && string(char) != "\x84\x31\xa4\x37" {
		return 0
	}
	return r
}

// appendGB18030 appends src as UTF-8, up to the first character that is malformed
// or not assigned; it returns the place of that in src, -1: all is well.
func appendGB18030(dst, src []byte) (out []byte, bad int) {
	table := pairs()
	dst = slices.Grow(dst, len(src)+len(src)/2)
	for i := 0; i < len(src); {
		if src[i] < utf8.RuneSelf {
			n := nonASCII(src[i:])
			dst = append(dst, src[i:i+n]...)
			i += n
			continue
		}
		var r rune
		n := lengthGB18030(src[i:])
		switch n {
		case 0:
			return dst, i
		case 2:
			r = table[int(src[i])<<8|int(src[i+1])]
		default:
			r = charGB18030(src[i : i+n])
		}
		if r == 0 {
			return dst, i
		}
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	return dst, -1
}
