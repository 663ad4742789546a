package people

import (
	"bytes"
	"context"
	"io"
	"iter"
)

// Table (表格文件) is a file read row by row, whatever its columns mean: CSV, gzipped CSV
// or the first sheet of a workbook, in every encoding that Read takes. Days of a
// workbook come as ISO days. A Table is read once and by one goroutine.
type Table struct {
	src    source
	format string
	delim  byte // 0: the first record was not met yet
}

// Row (行) is one record of a table. Rows without any text are left out.
type Row struct {
	Line  int      // where it begins in the file
	Cells [][]byte // as the file has them; good until the next row
}

// OpenTable sees from the first bytes what the file is. A workbook is read whole.
// A fault that its owner can mend is a *FileError.
func OpenTable(r io.Reader) (*Table, error) {
	src, format, err := open(r, defaultBlock)
	if err != nil {
		return nil, err
	}
	return &Table{src: src, format: format}, nil
}

// Format returns CSV, CSV.gz or XLSX.
func (t *Table) Format() string { return t.format }

// Encoding returns what the text was found to be in until now.
func (t *Table) Encoding() string { return t.src.encoding() }

// Close gives back what the file takes.
func (t *Table) Close() { t.src.close() }

// Rows returns the rows in the order of the file. An error is the last it gives: the
// rows before it are good.
func (t *Table) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			b, ok, err := t.src.next()
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !ok || !t.block(b, yield) {
				return
			}
		}
	}
}

// block hands out the rows of a block; false: no more are wanted.
func (t *Table) block(b *block, yield func(Row, error) bool) bool {
	defer b.recycle()
	b.decode()
	k := tokenizer{block: b, delim: t.delim, line: b.line}
	for count := 0; k.skipEmpty(); count++ {
		if t.delim == 0 {
			t.begin(&k)
		}
		line := k.line
		if count < len(b.rowLines) {
			line = int(b.rowLines[count])
		}
		err := k.record()
		if err == nil && b.tail != sound && k.at == len(b.text) {
			err = k.tailFault() // the record reaches what is wrong
		}
		if err != nil {
			yield(Row{}, err)
			return false
		}
		if !blank(k.cells) && !yield(Row{Line: line, Cells: k.cells}, nil) {
			return false
		}
	}
	if b.tail != sound {
		yield(Row{}, k.tailFault())
		return false
	}
	return true
}

// begin looks at the first record for what parts the cells.
func (t *Table) begin(k *tokenizer) {
	text := k.block.text
	if bytes.HasPrefix(text[k.at:], utf8BOM) {
		k.at += len(utf8BOM) // GB18030 has a BOM too
	}
	t.delim = ','
	if len(k.block.rowLines) == 0 { // a sheet always has commas
		feed := k.at + bytes.IndexByte(text[k.at:], '\n')
		t.delim = delimiter(text[k.at:feed])
	}
	k.delim = t.delim
}
