package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"time"
)

const (
	maxColumns = 16384   // of a sheet
	maxRows    = 1 << 20 // of a sheet
)

// Reader (工作表读取器) reads the first visible sheet of a workbook.
type Reader struct {
	book *book
	part io.Closer
	scan *scanner
	row  Row
	line int
	ends []int  // of the cells in text
	text []byte // of the row at work
	cell textOf
}

// Row (行) is a row of a sheet that holds something. Days are ISO days, numbers the
// digits that the sheet holds, truths TRUE and FALSE.
type Row struct {
	Line  int
	Cells [][]byte // up to the last that holds something; good until the next row
}

// Open reads a workbook and goes to the beginning of its first sheet.
func Open(r io.Reader) (*Reader, error) {
	b, sheet, err := openBook(r)
	if err != nil {
		return nil, err
	}
	part, err := b.open(sheet)
	if err != nil {
		return nil, err
	}
	return &Reader{book: b, part: part, scan: newScanner(part, maxSheet)}, nil
}

// Close gives back what the reader takes.
func (r *Reader) Close() error { return r.part.Close() }

// Next returns the next row; io.EOF: there is none.
func (r *Reader) Next() (*Row, error) {
	for {
		if err := r.scan.next(); err != nil {
			return nil, err
		}
		switch {
		case r.scan.is("row"):
			if err := r.begin(); err != nil {
				return nil, err
			}
			if !r.scan.empty {
				if err := r.cells(); err != nil {
					return nil, err
				}
			}
			if r.finish() {
				return &r.row, nil
			}
		case r.scan.ends("sheetData"):
			return nil, io.EOF
		}
	}
}

// begin begins a row.
func (r *Reader) begin() error {
	r.line++
	if at := r.scan.attr("r"); at != nil {
		n, err := strconv.Atoi(string(at))
		if err != nil || n < r.line || n > maxRows {
			return errForm
		}
		r.line = n
	}
	r.ends, r.text = r.ends[:0], r.text[:0]
	return nil
}

// cells reads the cells of a row to its end.
func (r *Reader) cells() error {
	for {
		if err := r.next(); err != nil {
			return err
		}
		if r.scan.ends("row") {
			return nil
		}
		if !r.scan.is("c") {
			continue
		}
		column := len(r.ends)
		if at := r.scan.attr("r"); at != nil {
			n, ok := columnOf(at)
			if !ok || n < column {
				return errForm
			}
			column = n
		}
		if column >= maxColumns {
			return errForm
		}
		for len(r.ends) < column {
			r.ends = append(r.ends, len(r.text))
		}
		if err := r.value(); err != nil {
			return err
		}
		r.ends = append(r.ends, len(r.text))
	}
}

// next is the scanner's, within a row: the end of the sheet is unexpected there.
func (r *Reader) next() error {
	err := r.scan.next()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// columnOf reads the letters of B12.
func columnOf(at []byte) (int, bool) {
	n := 0
	for i, c := range at {
		switch {
		case c >= 'A' && c <= 'Z' && i < 3:
			n = n*26 + int(c-'A') + 1
		case c >= '0' && c <= '9' && n > 0:
			return n - 1, true
		default:
			return 0, false
		}
	}
	return 0, false
}

// value appends the text of the cell that was reached.
func (r *Reader) value() error {
	kind, style := kindOf(r.scan.attr("t")), -1
	if s := r.scan.attr("s"); s != nil {
		style, _ = strconv.Atoi(string(s)) // a wrong one shows no day
	}
	if r.scan.empty {
		return nil
	}
	r.cell.begin()
	for {
		if err := r.next(); err != nil {
			return err
		}
		if r.scan.ends("c") {
			break
		}
		if r.scan.name != nil && string(r.scan.name) == "v" {
			r.cell.in = !r.scan.end && !r.scan.empty
			continue
		}
		r.cell.take(r.scan)
	}
	r.text = r.book.append(r.text, kind, style, r.cell.text)
	return nil
}

// The kinds of cells.
type kind uint8

const (
	number kind = iota
	shared
	inline
	truth
	iso   // a day as a text
	other // a formula's text, an error
)

func kindOf(t []byte) kind {
	switch string(t) {
	case "", "n":
		return number
	case "s":
		return shared
	case "inlineStr":
		return inline
	case "b":
		return truth
	case "d":
		return iso
	default:
		return other
	}
}

// append appends the text of a cell.
func (b *book) append(dst []byte, k kind, style int, v []byte) []byte {
	switch k {
	case shared:
		i, err := strconv.Atoi(string(bytes.TrimSpace(v)))
		if err != nil {
			return dst
		}
		text, _ := b.shared.at(i) // a text that is not there is empty
		return append(dst, text...)
	case inline:
		return append(dst, unfold(v)...)
	case truth:
		if v = bytes.TrimSpace(v); len(v) == 0 {
			return dst
		}
		if string(v) == "1" || string(v) == "true" {
			return append(dst, "TRUE"...)
		}
		return append(dst, "FALSE"...)
	case number:
		return b.appendNumber(dst, style, bytes.TrimSpace(v))
	case iso:
		day, _, _ := bytes.Cut(v, []byte("T"))
		return append(dst, day...)
	default:
		return append(dst, v...)
	}
}

// appendNumber appends a number, or the day that it stands for.
func (b *book) appendNumber(dst []byte, style int, v []byte) []byte {
	if style >= 0 && style < len(b.days) && b.days[style] {
		if f, err := strconv.ParseFloat(string(v), 64); err == nil && f >= 0 && f < 2958466 { // 9999-12-31
			return b.day(f).AppendFormat(dst, time.DateOnly)
		}
		return append(dst, v...)
	}
	if plainNumber(v) {
		return append(dst, v...)
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return append(dst, v...)
	}
	// Of more than fifteen digits a sheet keeps only so many: it must be seen.
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if digits := len(dst) - from - bytes.Count(dst[from:], []byte{'.'}); digits > 15 {
		dst = strconv.AppendFloat(dst[:from], f, 'G', 15, 64)
	}
	return dst
}

// plainNumber reports whether a number is a few digits, as almost all are.
func plainNumber(v []byte) bool {
	if len(v) > 15 || len(v) > 1 && v[0] == '0' {
		return false
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// day is the day of a serial number. Sheets believe in a 29th of February 1900: before
// it the numbers stand for a day later.
func (b *book) day(serial float64) time.Time {
	n := int(serial)
	if b.y1904 {
		return time.Date(1904, 1, 1+n, 0, 0, 0, 0, time.UTC)
	}
	if n < 60 {
		n++
	}
	return time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC)
}

// finish ends a row; false: nothing is in it.
func (r *Reader) finish() bool {
	cells, from := r.row.Cells[:0], 0
	last := 0
	for i, end := range r.ends {
		cells = append(cells, r.text[from:end])
		if end > from {
			last = i + 1
		}
		from = end
	}
	r.row.Line, r.row.Cells = r.line, cells[:last]
	return last > 0
}
