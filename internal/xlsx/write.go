package xlsx

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

// Progress (写入进度) is how far a workbook has come: all that a writer needs to go on with
// it. As a value of a database it is JSON.
type Progress struct {
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
func (p Progress) Value() (driver.Value, error) {
	b, err := json.Marshal(p)
	return string(b), err
}

// Scan implements sql.Scanner.
func (p *Progress) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), p)
	case []byte:
		return json.Unmarshal(v, p)
	}
	return fmt.Errorf("xlsx: a %T is no progress", src)
}

// Writer (工作簿写入器) writes a workbook of one sheet: an archive (PKWARE APPNOTE) with XML in it
// (ECMA-376). Other writers of such files keep the sheet on disk until it is whole;
// this one gives away segments that another process can go on behind: a segment ends
// on the border of a byte, and the next one refers to nothing before it.
type Writer struct {
	Progress
	out  bytes.Buffer // of the file, not given away yet
	pack *flate.Writer
	row  []byte
}

var (
	// ErrFull says that a sheet passes the four gigabytes that an archive holds.
	ErrFull = errors.New("xlsx: the sheet passes four gigabytes")
	little  = binary.LittleEndian
)

const full = 1<<32 - 1<<20 // more would need another form of archive

// NewWriter goes on where a workbook is, or begins one.
func NewWriter(p Progress) (w *Writer, err error) {
	w = &Writer{Progress: p}
	w.pack, err = flate.NewWriter((*packed)(w), flate.BestSpeed)
	return w, err
}

// packed takes the compressed sheet.
type packed Writer

// Write implements io.Writer.
func (p *packed) Write(b []byte) (int, error) {
	p.Packed += int64(len(b))
	return p.out.Write(b)
}

// at is the place in the file that was reached.
func (w *Writer) at() int64 { return w.Bytes + int64(w.out.Len()) }

// Begin writes what stands before the first row, and the row of headings.
func (w *Writer) Begin(columns []Column) error {
	for _, p := range packageParts {
		one := part{Name: p.name, Start: w.at(), Size: int64(len(p.text)), CRC: crc32.ChecksumIEEE([]byte(p.text))}
		w.local(one, 0, 0)
		w.out.WriteString(p.text)
		w.Parts = append(w.Parts, one)
	}
	w.Start = w.at()
	w.local(part{Name: sheetName}, sizesFollow, deflated)
	b := []byte(sheetHead + "<cols>")
	for i, c := range columns {
		b = fmt.Appendf(b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, c.Width)
	}
	if err := w.write(append(b, "</cols><sheetData>"...)); err != nil {
		return err
	}
	cells := make([]Cell, len(columns))
	for i, c := range columns {
		cells[i] = Cell{Text: c.Label, style: headStyle}
	}
	return w.Add(cells)
}

// Pending returns about how many bytes of the file were not given away yet.
func (w *Writer) Pending() int { return w.out.Len() }

// write packs a piece of the sheet.
func (w *Writer) write(b []byte) error {
	if w.Raw += int64(len(b)); w.Raw > full || w.at() > full {
		return ErrFull
	}
	w.CRC = crc32.Update(w.CRC, crc32.IEEETable, b)
	_, err := w.pack.Write(b)
	return err
}

// Column (列) is a column of a sheet.
type Column struct {
	Label string
	Width int // in characters
}

// Cell (单元格) is a cell on its way into the sheet.
type Cell struct {
	Text   string
	Number bool // the text is the digits of a number
	style  int
}

// The styles, by their places in styles.xml.
const (
	headStyle   = 1
	quotedStyle = 2 // what a spreadsheet could take for a formula stays text, also when it is edited
)

// Add writes a row. All but numbers are texts, which no spreadsheet evaluates.
func (w *Writer) Add(cells []Cell) error {
	w.Rows++
	b := strconv.AppendInt(append(w.row[:0], `<row r="`...), w.Rows, 10)
	b = append(b, `">`...)
	for i, c := range cells {
		if c.Text == "" {
			continue
		}
		b = append(b, `<c r="`...)
		b = strconv.AppendInt(appendColumn(b, i), w.Rows, 10)
		if c.Number {
			b = append(append(append(b, `"><v>`...), c.Text...), "</v></c>"...)
			continue
		}
		if c.style == 0 && strings.IndexByte("=+-@\t\r", c.Text[0]) >= 0 {
			c.style = quotedStyle
		}
		if c.style != 0 {
			b = strconv.AppendInt(append(b, `" s="`...), int64(c.style), 10)
		}
		b = append(b, `" t="inlineStr"><is><t xml:space="preserve">`...)
		b = append(appendText(b, c.Text), "</t></is></c>"...)
	}
	b = append(b, "</row>"...)
	w.row = b
	return w.write(b)
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

// Give gives away the file as far as it has come.
func (w *Writer) Give() ([]byte, error) {
	if err := w.pack.Flush(); err != nil {
		return nil, err
	}
	return w.cut(), nil
}

func (w *Writer) cut() []byte {
	b := bytes.Clone(w.out.Bytes())
	w.Bytes += int64(len(b))
	w.out.Reset()
	return b
}

// End writes what stands behind the last row, and gives away the rest of the file.
func (w *Writer) End() ([]byte, error) {
	if err := w.write([]byte(sheetTail)); err != nil {
		return nil, err
	}
	if err := w.pack.Close(); err != nil {
		return nil, err
	}
	b := little.AppendUint32(nil, 0x08074b50) // the sizes that follow
	b = little.AppendUint32(b, w.CRC)
	b = little.AppendUint32(b, uint32(w.Packed))
	w.out.Write(little.AppendUint32(b, uint32(w.Raw)))
	w.directory()
	return w.cut(), nil
}
