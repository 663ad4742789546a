package people

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"yian/internal/xlsx"
)

// sheet reads the first sheet of a workbook row by row and writes the rows as CSV
// into blocks, so that they go the way of every other file.
type sheet struct {
	rows  *xlsx.Reader
	input *counter
	size  int
	width int // of the header; 0: it was not met yet
	done  bool
}

func openXLSX(r io.Reader, input *counter, size int) (source, error) {
	rows, err := xlsx.Open(r)
	if err != nil {
		return nil, fmt.Errorf("不是完好的 XLSX 文件（或超过 1 GiB）: %w", err)
	}
	return &sheet{rows: rows, input: input, size: size}, nil
}

func (s *sheet) encoding() string { return "UTF-8" }

func (s *sheet) close() { _ = s.rows.Close() } // only read from

// next returns the next rows as a block.
func (s *sheet) next() (*block, bool, error) {
	if s.done {
		return nil, false, nil
	}
	b := newBlock()
	b.code, b.consumed = codeUTF8, s.input.n
	line := 0
	for len(b.text) < s.size {
		row, err := s.rows.Next()
		if errors.Is(err, io.EOF) {
			s.done = true
			break
		}
		if err != nil {
			return nil, false, fmt.Errorf("XLSX 文件损坏，读到第 %d 行后面: %w", line, err)
		}
		line = row.Line
		from := len(b.text)
		if !s.append(b, row.Cells) {
			continue
		}
		b.rowLines = append(b.rowLines, uint32(line))
		if len(b.text)-from > maxRecord {
			return nil, false, &FileError{Line: line, Reason: "这一行超过 1 MiB，文件不像人员表"}
		}
	}
	if len(b.rowLines) == 0 {
		return nil, false, nil
	}
	b.line = int(b.rowLines[0])
	b.seal()
	return b, true, nil
}

// append writes a row with as many cells as the header has, if it has not more of
// its own; false: the row holds nothing but space.
func (s *sheet) append(b *block, cells [][]byte) bool {
	for len(cells) > 0 && len(bytes.TrimSpace(cells[len(cells)-1])) == 0 {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return false
	}
	if s.width == 0 {
		s.width = len(cells)
	}
	for i := range max(len(cells), s.width) {
		if i > 0 {
			b.text = append(b.text, ',')
		}
		if i >= len(cells) {
			continue // a workbook does not store empty cells
		}
		switch cell := cells[i]; string(cell) {
		case "TRUE":
			b.text = append(b.text, "true"...)
		case "FALSE":
			b.text = append(b.text, "false"...)
		default:
			b.text = AppendCell(b.text, cell)
		}
	}
	b.text = append(b.text, '\n')
	return true
}
