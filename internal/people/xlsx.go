package people

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	maxXLSX    = 1 << 30  // bytes of the file
	maxUnzip   = 16 << 30 // bytes of what is in it
	unzipInRAM = 64 << 20 // of each part; larger ones go through a temporary file
)

// sheet reads the first sheet of a workbook row by row and writes the rows as CSV
// into blocks, so that they go the way of every other file.
type sheet struct {
	file  *excelize.File
	rows  *excelize.Rows
	input *counter
	size  int
	line  int
	width int // of the header; 0: it was not met yet
	done  bool
}

func openXLSX(r io.Reader, input *counter, size int) (src source, err error) {
	defer guard(&err)
	f, err := excelize.OpenReader(io.LimitReader(r, maxXLSX), excelize.Options{UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: unzipInRAM})
	if err != nil {
		return nil, fmt.Errorf("不是完好的 XLSX 文件（或超过 1 GiB）: %w", err)
	}
	s := &sheet{file: f, input: input, size: size}
	if err := s.begin(); err != nil {
		s.close()
		return nil, fmt.Errorf("读取 XLSX 的第一个工作表: %w", err)
	}
	return s, nil
}

func (s *sheet) begin() (err error) {
	names := s.file.GetSheetList()
	if len(names) == 0 {
		return fmt.Errorf("工作簿里没有工作表")
	}
	if err := plainStyles(s.file); err != nil {
		return err
	}
	s.rows, err = s.file.Rows(names[0])
	return err
}

// plainStyles makes every style that shows days show them as ISO days, and every
// other style show numbers as they are stored. A cell is a number to the file; only
// its style tells that it is a day.
func plainStyles(f *excelize.File) error {
	if f.Styles == nil || f.Styles.CellXfs == nil {
		return nil
	}
	iso := "yyyy\\-mm\\-dd"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &iso})
	if err != nil {
		return err
	}
	days, stored := *f.Styles.CellXfs.Xf[style].NumFmtID, -1 // a format that nobody has
	custom := map[int]string{}
	for _, format := range f.Styles.NumFmts.NumFmt {
		custom[format.NumFmtID] = format.FormatCode
	}
	for i := range f.Styles.CellXfs.Xf {
		id := &f.Styles.CellXfs.Xf[i].NumFmtID
		switch {
		case *id == nil:
		case showsDays(**id, custom[**id]):
			*id = &days
		default:
			*id = &stored
		}
	}
	return nil
}

// notShown are the parts of a number format that are no symbols: texts in quotes,
// escaped characters, colors and locales.
var notShown = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|(?i)general`)

// showsDays reports whether a number format shows a day; code is empty if the
// format is built in (ECMA-376 part 1, 18.8.30).
func showsDays(id int, code string) bool {
	if code != "" {
		return strings.ContainsAny(strings.ToLower(notShown.ReplaceAllString(code, "")), "ymda")
	}
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 58
}

// guard turns a panic of the XLSX library over a broken file into an error.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("XLSX 文件损坏: %v", r)
	}
}

func (s *sheet) encoding() string { return "UTF-8" }

func (s *sheet) close() {
	if s.rows != nil {
		_ = s.rows.Close() // only read from
	}
	_ = s.file.Close() // only read from
}

// next returns the next rows as a block.
func (s *sheet) next() (b *block, ok bool, err error) {
	defer guard(&err)
	if s.done {
		return nil, false, nil
	}
	b = newBlock()
	b.code, b.consumed = codeUTF8, s.input.n
	for len(b.text) < s.size {
		if !s.rows.Next() {
			s.done = true
			break
		}
		s.line++
		cells, err := s.row()
		if err != nil {
			return nil, false, fmt.Errorf("读取 XLSX 第 %d 行: %w", s.line, err)
		}
		if cells == nil {
			continue
		}
		from := len(b.text)
		b.text = append(appendRow(b.text, cells), '\n')
		b.rowLines = append(b.rowLines, uint32(s.line))
		if len(b.text)-from > maxRecord {
			return nil, false, &FileError{Line: s.line, Reason: "这一行超过 1 MiB，文件不像人员表"}
		}
	}
	if err := s.rows.Error(); err != nil {
		return nil, false, fmt.Errorf("读取 XLSX: %w", err)
	}
	if len(b.rowLines) == 0 {
		return nil, false, nil
	}
	b.line = int(b.rowLines[0])
	b.seal()
	return b, true, nil
}

// row returns the cells of the row that was reached, as many as the header has if
// they are not more; nil: it is empty.
func (s *sheet) row() ([]string, error) {
	cells, err := s.rows.Columns()
	if err != nil {
		return nil, err
	}
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil, nil
	}
	if s.width == 0 {
		s.width = len(cells)
	}
	for i, cell := range cells {
		switch cell {
		case "TRUE":
			cells[i] = "true"
		case "FALSE":
			cells[i] = "false"
		}
	}
	if n := s.width - len(cells); n > 0 {
		cells = slices.Concat(cells, make([]string, n))
	}
	return cells, nil
}
