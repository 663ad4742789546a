package export

import (
	"bytes"
	"compress/flate"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"unicode/utf8"
)

// progress is how far a workbook has come: all that a writer needs to go on with it.
type progress struct {
	Bytes  int64  `json:"bytes"`  // of the file
	Start  int64  `json:"start"`  // of the sheet's entry in it
	Packed int64  `json:"packed"` // bytes of the sheet, compressed,
	Raw    int64  `json:"raw"`    // and as they are,
	CRC    uint32 `json:"crc"`    // and their checksum
	Rows   int64  `json:"rows"`
	Parts  []part `json:"parts"`
}

// part is an entry of the archive that is complete.
type part struct {
	Name  string `json:"name"`
	Start int64  `json:"start"`
	Size  int64  `json:"size"`
	CRC   uint32 `json:"crc"`
}

// Value implements driver.Valuer.
func (p progress) Value() (driver.Value, error) {
	b, err := json.Marshal(p)
	return string(b), err
}

// Scan implements sql.Scanner.
func (p *progress) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), p)
	case []byte:
		return json.Unmarshal(v, p)
	}
	return fmt.Errorf("export: a %T is no progress", src)
}

// sheet writes a workbook of one sheet: an archive (PKWARE APPNOTE) with XML in it
// (ECMA-376). Other writers of such files keep the sheet on disk until it is whole;
// this one gives away segments that another process can go on behind: a segment ends
// on the border of a byte, and the next one refers to nothing before it.
type sheet struct {
	progress
	out  bytes.Buffer // of the file, not given away yet
	pack *flate.Writer
	row  []byte
}

var (
	errTooLarge = errors.New("export: the sheet passes four gigabytes")
	little      = binary.LittleEndian
)

const maxSheet = 1<<32 - 1<<20 // more would need another form of archive

// newSheet goes on where a workbook is, or begins one.
func newSheet(p progress) (s *sheet, err error) {
	s = &sheet{progress: p}
	s.pack, err = flate.NewWriter((*packed)(s), flate.BestSpeed)
	return s, err
}

// packed takes the compressed sheet.
type packed sheet

// Write implements io.Writer.
func (p *packed) Write(b []byte) (int, error) {
	p.Packed += int64(len(b))
	return p.out.Write(b)
}

// at is the place in the file that was reached.
func (s *sheet) at() int64 { return s.Bytes + int64(s.out.Len()) }

// begin writes what stands before the first row, and the row of headings.
func (s *sheet) begin(columns []Column) error {
	for _, p := range packageParts {
		one := part{Name: p.name, Start: s.at(), Size: int64(len(p.text)), CRC: crc32.ChecksumIEEE([]byte(p.text))}
		s.local(one, 0, 0)
		s.out.WriteString(p.text)
		s.Parts = append(s.Parts, one)
	}
	s.Start = s.at()
	s.local(part{Name: sheetName}, sizesFollow, deflated)
	b := []byte(sheetHead + "<cols>")
	for i, c := range columns {
		b = fmt.Appendf(b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, c.width)
	}
	if err := s.write(append(b, "</cols><sheetData>"...)); err != nil {
		return err
	}
	cells := make([]cell, len(columns))
	for i, c := range columns {
		cells[i] = cell{text: c.Label, style: headStyle}
	}
	return s.add(cells)
}

// write packs a piece of the sheet.
func (s *sheet) write(b []byte) error {
	if s.Raw += int64(len(b)); s.Raw > maxSheet || s.at() > maxSheet {
		return errTooLarge
	}
	s.CRC = crc32.Update(s.CRC, crc32.IEEETable, b)
	_, err := s.pack.Write(b)
	return err
}

// cell is a cell on its way into the sheet.
type cell struct {
	text   string
	number bool
	style  int
}

// The styles, by their places in styles.xml.
const (
	headStyle   = 1
	quotedStyle = 2 // what a spreadsheet could take for a formula stays text, also when it is edited
)

// add writes a row. All but numbers are texts, which no spreadsheet evaluates.
func (s *sheet) add(cells []cell) error {
	s.Rows++
	b := strconv.AppendInt(append(s.row[:0], `<row r="`...), s.Rows, 10)
	b = append(b, `">`...)
	for i, c := range cells {
		if c.text == "" {
			continue
		}
		b = append(b, `<c r="`...)
		b = strconv.AppendInt(appendColumn(b, i), s.Rows, 10)
		if c.number {
			b = append(append(append(b, `"><v>`...), c.text...), "</v></c>"...)
			continue
		}
		if c.style == 0 && strings.IndexByte("=+-@\t\r", c.text[0]) >= 0 {
			c.style = quotedStyle
		}
		if c.style != 0 {
			b = strconv.AppendInt(append(b, `" s="`...), int64(c.style), 10)
		}
		b = append(b, `" t="inlineStr"><is><t xml:space="preserve">`...)
		b = append(appendText(b, c.text), "</t></is></c>"...)
	}
	b = append(b, "</row>"...)
	s.row = b
	return s.write(b)
}

// appendColumn appends the letters of column i, counted from 0.
func appendColumn(b []byte, i int) []byte {
	if i >= 26 {
		b = appendColumn(b, i/26-1)
	}
	return append(b, 'A'+byte(i%26))
}

// maxCell is how many characters a cell holds.
const maxCell = 32767

// appendText appends a text as XML, without the characters that XML cannot hold.
func appendText(b []byte, text string) []byte {
	n := 0
	for _, r := range text {
		if n++; n > maxCell {
			break
		}
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '\r':
			b = append(b, "&#13;"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// give gives away the file as far as it has come.
func (s *sheet) give() ([]byte, error) {
	if err := s.pack.Flush(); err != nil {
		return nil, err
	}
	return s.cut(), nil
}

func (s *sheet) cut() []byte {
	b := bytes.Clone(s.out.Bytes())
	s.Bytes += int64(len(b))
	s.out.Reset()
	return b
}

// end writes what stands behind the last row, and gives away the rest of the file.
func (s *sheet) end() ([]byte, error) {
	if err := s.write([]byte(sheetTail)); err != nil {
		return nil, err
	}
	if err := s.pack.Close(); err != nil {
		return nil, err
	}
	b := little.AppendUint32(nil, 0x08074b50) // the sizes that follow
	b = little.AppendUint32(b, s.CRC)
	b = little.AppendUint32(b, uint32(s.Packed))
	s.out.Write(little.AppendUint32(b, uint32(s.Raw)))
	s.directory()
	return s.cut(), nil
}
