package xlsx

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// written writes rows, and after each one for which cut says so another writer goes on.
func written(t testing.TB, columns []Column, rows [][]string, cut func(i int) bool) []byte {
	t.Helper()
	s, err := NewWriter(Progress{})
	if err != nil {
		t.Fatal(err)
	}
	var file []byte
	give := func(b []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, b...)
	}
	if err := s.Begin(columns); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		cells := make([]Cell, len(row))
		for j, text := range row {
			cells[j] = Cell{Text: text, Number: columns[j].Label == "年龄"}
		}
		if err := s.Add(cells); err != nil {
			t.Fatal(err)
		}
		if !cut(i) {
			continue
		}
		give(s.Give())
		v, err := s.Value()
		if err != nil {
			t.Fatal(err)
		}
		var p Progress
		if err := p.Scan(v); err != nil {
			t.Fatal(err)
		}
		if s, err = NewWriter(p); err != nil {
			t.Fatal(err)
		}
	}
	give(s.End())
	return file
}

var threeColumns = []Column{{Label: "姓名", Width: 10}, {Label: "年龄", Width: 5}, {Label: "备注", Width: 20}}

func TestWorkbookIsOne(t *testing.T) {
	rows := [][]string{
		{"王秀英", "83", "=1+1"},
		{"", "", "+86"},
		{"李<建>&国", "70", " 两行\n与\t制表\"引号' "},
		{"\x00\x01坏", "", "-1"},
	}
	file := written(t, threeColumns, rows, func(i int) bool { return i == 1 })
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil { // checks the sums
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	got, err := book.GetRows("名单")
	want := [][]string{{"姓名", "年龄", "备注"}, rows[0], rows[1], rows[2], {"坏", "", "-1"}}
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("rows %q (%v)", got, err)
	}
	for _, at := range []string{"C2", "C3", "C5"} {
		formula, err := book.GetCellFormula("名单", at)
		kind, typeErr := book.GetCellType("名单", at)
		if formula != "" || kind != excelize.CellTypeInlineString || err != nil || typeErr != nil {
			t.Errorf("%s is a formula %q or of type %v", at, formula, kind)
		}
	}
	if kind, err := book.GetCellType("名单", "B2"); kind != excelize.CellTypeUnset || err != nil { // a number
		t.Errorf("an age is of type %v (%v)", kind, err)
	}
}

// TestWritersGoOn writes the same file wherever one stops and another goes on.
func TestWritersGoOn(t *testing.T) {
	text := rapid.StringOf(rapid.SampledFrom([]rune("王=<&a 1")))
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(r, "rows")
		rows := make([][]string, n)
		for i := range rows {
			rows[i] = []string{"甲" + text.Draw(r, "name"), "7", text.Draw(r, "note") + "乙"}
		}
		cuts := rapid.SliceOfN(rapid.Bool(), n, n).Draw(r, "cuts")
		got, err := all(written(t, threeColumns, rows, func(i int) bool { return cuts[i] }))
		if err != nil || len(got) != n+1 {
			r.Fatalf("%d rows instead of %d (%v)", len(got), n, err)
		}
		for i, row := range got[1:] {
			if row[1] != rows[i][0] || row[3] != rows[i][2] {
				r.Fatalf("row %d: %q instead of %q", i, row, rows[i])
			}
		}
	})
}

func TestColumnsOfASheet(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := string(appendColumn(nil, i)); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
	if n := len([]rune(string(appendText(nil, strings.Repeat("长", maxCell+5))))); n != maxCell {
		t.Errorf("a cell of %d characters", n)
	}
}
