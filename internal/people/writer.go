package people

import (
	"io"

	"yian/internal/fact"
)

// flushAt is how much is held back before it is written.
const flushAt = 64 << 10

// written holds a comma and the name of each value, by its code.
var written = func() (t [fact.Count][]string) {
	for id := range fact.Count {
		for c := range len(id.Def().Values) + 1 {
			t[id] = append(t[id], ","+id.ValueName(fact.Code(c)))
		}
	}
	return t
}()

// Layout is the columns of a people file behind its id (文件的列). Its methods only
// append, so that several goroutines can write parts of one file.
type Layout []fact.ID

// AppendHeader appends the header.
func (l Layout) AppendHeader(b []byte) []byte {
	b = append(b, "id"...)
	for _, id := range l {
		b = append(append(b, ','), id.String()...)
	}
	return append(b, '\n')
}

// AppendRow appends a person, with values by their names.
func (l Layout) AppendRow(b, id []byte, p *fact.Person) []byte {
	b = AppendCell(b, id)
	for _, f := range l {
		switch f {
		case fact.Birth:
			b = p.Birth.Append(append(b, ','))
		case fact.Hukou:
			b = append(append(b, ','), p.Hukou...)
		case fact.Residence:
			b = append(append(b, ','), p.Residence...)
		default:
			b = append(b, written[f][p.Codes[f]]...)
		}
	}
	return append(b, '\n')
}

// Writer writes a people file (人员文件) in UTF-8, as Read reads it.
type Writer struct {
	layout Layout
	w      io.Writer
	buf    []byte
}

// NewWriter makes a writer of a file with the columns of the layout.
func NewWriter(w io.Writer, layout Layout) *Writer {
	return &Writer{layout: layout, w: w, buf: make([]byte, 0, flushAt+flushAt/8)}
}

// WriteHeader writes the header. It comes first.
func (w *Writer) WriteHeader() { w.buf = w.layout.AppendHeader(w.buf) }

// AppendRow writes a person.
func (w *Writer) AppendRow(id []byte, p *fact.Person) error {
	w.buf = w.layout.AppendRow(w.buf, id, p)
	if len(w.buf) < flushAt {
		return nil
	}
	return w.Flush()
}

// Flush writes what is still held back.
func (w *Writer) Flush() error {
	_, err := w.w.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

// appendRow appends cells as a record without its end.
func appendRow(b []byte, cells []string) []byte {
	for i, cell := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendCell(b, cell)
	}
	return b
}

// AppendCell appends a cell of a CSV file, in quotes where it needs them.
func AppendCell[T string | []byte](b []byte, cell T) []byte {
	plain := true
	for i := range len(cell) {
		if c := cell[i]; c == ',' || c == '"' || c == '\n' || c == '\r' {
			plain = false
			break
		}
	}
	if plain {
		return append(b, cell...)
	}
	b = append(b, '"')
	for i := range len(cell) {
		if cell[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, cell[i])
	}
	return append(b, '"')
}
