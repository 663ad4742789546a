package people

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zipMagic  = []byte("PK\x03\x04")
	oleMagic  = []byte{0xd0, 0xcf, 0x11, 0xe0} // .xls, and .xlsx with a password
	utf8BOM   = []byte{0xef, 0xbb, 0xbf}
	utf16LE   = []byte{0xff, 0xfe}
	utf16BE   = []byte{0xfe, 0xff}
)

// open sees from the first bytes what the file is.
func open(r io.Reader, size int) (src source, format string, err error) {
	input := &counter{r: r}
	buffered := bufio.NewReaderSize(input, 2*window)
	format = "CSV"
	head, err := peek(buffered)
	if err == nil && bytes.HasPrefix(head, gzipMagic) {
		format = "CSV.gz"
		var unzipped io.Reader
		if unzipped, err = gzip.NewReader(buffered); err != nil {
			return nil, format, readError(err)
		}
		buffered = bufio.NewReaderSize(unzipped, 2*window)
		head, err = peek(buffered)
	}
	if err != nil {
		return nil, format, err
	}
	s := &splitter{r: buffered, input: input, size: size, line: 1}
	switch {
	case bytes.HasPrefix(head, zipMagic):
		src, err = openXLSX(buffered, input, size)
		return src, "XLSX", err
	case bytes.HasPrefix(head, oleMagic):
		return nil, format, &FileError{Reason: "这是旧版 .xls 或带密码的 Excel 文件，请在 Excel 中另存为不加密的 .xlsx 或 UTF-8 CSV"}
	case bytes.HasPrefix(head, utf16LE), bytes.HasPrefix(head, utf16BE):
		return nil, format, &FileError{Reason: "文件是 UTF-16 编码，请另存为 UTF-8 CSV（Excel：另存为 → CSV UTF-8）"}
	case bytes.HasPrefix(head, utf8BOM):
		n, _ := buffered.Discard(len(utf8BOM)) // they were peeked at
		s.code, s.offset = codeUTF8, int64(n)
		s.bom = true
	}
	return s, format, nil
}

// peek returns the first four bytes, fewer if there are no more.
func peek(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, readError(err)
	}
	return head, nil
}

// readError says in Chinese what went wrong below us.
func readError(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("gzip 压缩文件损坏或不完整，请重新生成或重新传输: %w", err)
	}
	return fmt.Errorf("读取文件: %w", err)
}
