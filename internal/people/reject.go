package people

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// CellError is a fault because of which a row is rejected (单元格错误).
type CellError struct {
	Line   int    // where the row begins
	Column string // as the header has it; empty: the fault is of the row as a whole
	Value  string // at most 40 characters; empty for ids, which would name a person
	Reason string
}

func (e *CellError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("第 %d 行：%s", e.Line, e.Reason)
	}
	return fmt.Sprintf("第 %d 行 %s 列：%s", e.Line, e.Column, e.Reason)
}

// Reject is a row that was not accepted (退回的行).
type Reject struct {
	Line    int
	Cells   []string // as the file has them, without the columns of a rejects file
	Reasons []CellError
}

// RejectWriter writes rejected rows to a file (退回文件) that Excel opens and Read
// reads again once it is mended: the columns of the file they came from, then line,
// column, value and reason. A row with the wrong number of cells has no place for
// them: it leaves its columns empty and shows its text in value, so that it cannot
// be taken for mended by mistake.
type RejectWriter struct {
	w     io.Writer
	buf   []byte
	begun bool
}

// NewRejectWriter makes a writer of rejected rows.
func NewRejectWriter(w io.Writer) *RejectWriter { return &RejectWriter{w: w} }

// Write writes the rejected rows of a batch, and the header before the first batch.
func (w *RejectWriter) Write(b *Batch) error {
	if !w.begun {
		w.begun = true
		w.buf = append(w.buf, utf8BOM...)
		w.row(slices.Concat(b.Header, service))
	}
	for i := range b.Rejects {
		r := &b.Rejects[i]
		var columns, values, reasons []string
		for _, e := range r.Reasons {
			columns = append(columns, e.Column)
			values = append(values, e.Value)
			reasons = append(reasons, e.Reason)
		}
		cells, value := r.Cells, join(values)
		if len(cells) != len(b.Header) || r.Reasons[0].Column == "" {
			cells, value = make([]string, len(b.Header)), string(appendRow(nil, r.Cells))
		}
		w.row(slices.Concat(cells, []string{strconv.Itoa(r.Line), join(columns), value, join(reasons)}))
		if len(w.buf) > flushAt {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush writes what is still held back.
func (w *RejectWriter) Flush() error {
	_, err := w.w.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

func (w *RejectWriter) row(cells []string) {
	w.buf = append(appendRow(w.buf, cells), '\r', '\n')
}

// join puts several texts into one cell; it is empty if all of them are.
func join(texts []string) string {
	if !slices.ContainsFunc(texts, func(s string) bool { return s != "" }) {
		return ""
	}
	return strings.Join(texts, "；")
}
