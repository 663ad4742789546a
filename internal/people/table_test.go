package people

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"
)

// rows reads a table into lines and texts.
func rows(t testing.TB, file []byte) (lines []int, cells [][]string, err error) {
	t.Helper()
	table, err := OpenTable(bytes.NewReader(file))
	if err != nil {
		return nil, nil, err
	}
	defer table.Close()
	for row, err := range table.Rows(t.Context()) {
		if err != nil {
			return lines, cells, err
		}
		lines = append(lines, row.Line)
		cells = append(cells, texts(row.Cells))
	}
	return lines, cells, nil
}

func TestTableOfEveryForm(t *testing.T) {
	text := "花名册,,\r\n姓名,身份证号,备注\r\n\r\n王秀英,14,\"两行\n与\"\"引号\"\"\"\r\n,,\r\n李建国,15,\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(gb)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	want := [][]string{{"花名册", "", ""}, {"姓名", "身份证号", "备注"}, {"王秀英", "14", "两行\n与\"引号\""}, {"李建国", "15", ""}}
	for name, file := range map[string]string{
		"UTF-8": text, "BOM": string(utf8BOM) + text, "GB18030": gb, "gzip": zipped.String(),
		"tabs": strings.ReplaceAll(text, ",", "\t"),
	} {
		lines, cells, err := rows(t, []byte(file))
		if err != nil || !slices.Equal(lines, []int{1, 2, 4, 7}) || !slices.EqualFunc(cells, want, slices.Equal) {
			t.Errorf("%s: lines %v, cells %q (%v)", name, lines, cells, err)
		}
	}
}

func TestTableOfAWorkbook(t *testing.T) {
	born := time.Date(1943, 1, 15, 0, 0, 0, 0, time.UTC)
	lines, cells, err := rows(t, workbook(t, [][]any{nil, {"姓名", "出生日期", "独居"}, {"王秀英", born, true}, nil, {"李建国"}}))
	want := [][]string{{"姓名", "出生日期", "独居"}, {"王秀英", "1943-01-15", "true"}, {"李建国", "", ""}}
	if err != nil || !slices.Equal(lines, []int{2, 3, 5}) || !slices.EqualFunc(cells, want, slices.Equal) {
		t.Errorf("lines %v, cells %q (%v)", lines, cells, err)
	}
}

// TestTableStopsAtAFault gives the rows before a fault and its line.
func TestTableStopsAtAFault(t *testing.T) {
	for name, tc := range map[string]struct {
		file string
		rows int
		line int
	}{
		"a byte of no text":     {"姓名,备注\n王秀英,好\n李建国,\xff\xff\xff\n张三,好\n", 2, 3},
		"a NUL":                 {"姓名\n王秀英\n李\x00\n", 2, 3},
		"a quote without end":   {"姓名\n王秀英\n\"李建国\n张三\n", 2, 0},
		"a quote in the middle": {"姓名\n王\"秀英\n", 1, 2},
	} {
		_, cells, err := rows(t, []byte(tc.file))
		var fault *FileError
		if !errors.As(err, &fault) || len(cells) != tc.rows || tc.line > 0 && fault.Line != tc.line {
			t.Errorf("%s: %d rows %q, %v", name, len(cells), cells, err)
		}
	}
	if _, _, err := rows(t, []byte("\xd0\xcf\x11\xe0 old")); err == nil {
		t.Error("an .xls is taken for a table")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	table, err := OpenTable(strings.NewReader("a\nb\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range table.Rows(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("goes on after the end: %v", err)
		}
	}
}

// TestTableReadsWhatIsWritten holds for any texts in any cells.
func TestTableReadsWhatIsWritten(t *testing.T) {
	cell := rapid.StringOf(rapid.SampledFrom([]rune("a1,;\t\"'\n 王好=")))
	rapid.Check(t, func(r *rapid.T) {
		width := rapid.IntRange(2, 4).Draw(r, "width")
		want := [][]string{slices.Repeat([]string{"列"}, width)}
		file := append(appendRow(nil, want[0]), '\n')
		for range rapid.IntRange(0, 5).Draw(r, "rows") {
			row := rapid.SliceOfN(cell, width, width).Draw(r, "row")
			file = append(appendRow(file, row), '\n')
			if strings.TrimSpace(strings.Join(row, "")) != "" {
				want = append(want, row)
			}
		}
		if _, got, err := rows(t, file); err != nil || !slices.EqualFunc(got, want, slices.Equal) {
			r.Fatalf("%q reads as %q (%v)", file, got, err)
		}
	})
}

func BenchmarkTable(b *testing.B) {
	file := invented(200_000)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		table, err := OpenTable(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range table.Rows(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
		}
		table.Close()
	}
}
