package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// all reads a workbook: each row with its line in front.
func all(file []byte) (rows [][]string, err error) {
	r, err := Open(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		cells := []string{fmt.Sprint(row.Line)}
		for _, c := range row.Cells {
			cells = append(cells, string(c))
		}
		rows = append(rows, cells)
	}
}

// bookOf makes a workbook of a sheet's XML, and of other parts.
func bookOf(t testing.TB, sheet string, parts ...string) []byte {
	t.Helper()
	files := map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook><sheets><sheet name="隐" r:id="h" state="hidden"/><sheet name="一" r:id="s"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="s" Type="http://x/worksheet" Target="worksheets/One.xml"/></Relationships>`,
		"xl/worksheets/one.xml":      sheet,
	}
	for i := 0; i < len(parts); i += 2 {
		files[parts[i]] = parts[i+1]
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSheetsAsOthersWriteThem(t *testing.T) {
	styles := []string{
		"xl/_rels/workbook.xml.rels", `<Relationships xmlns="x"><Relationship Target="worksheets/One.xml" Type="http://x/worksheet" Id="s"/>
			<Relationship Id="t" Type="http://x/styles" Target="/xl/Styles.xml"/><Relationship Id="u" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml", `<x:styleSheet xmlns:x="y"><x:numFmts><x:numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m"/></x:numFmts>
			<x:cellStyleXfs><x:xf numFmtId="14"/></x:cellStyleXfs><x:cellXfs><x:xf numFmtId="0"/><x:xf numFmtId="14"/><x:xf numFmtId="170"/></x:cellXfs></x:styleSheet>`,
		"xl/sharedStrings.xml", `<sst><si><t>王</t></si><si><r><t xml:space="preserve">李 </t></r><r><t>建&amp;国</t></r><rPh><t>li</t></rPh></si><si/><si><t>a_x000D_b_x005F_c_xyz_</t></si></sst>`,
	}
	for name, tc := range map[string]struct {
		sheet string
		parts []string
		want  [][]string
	}{
		"places of cells": {
			`<worksheet><sheetData><row r="2"><c r="B2"><v>7</v></c><c r="D2" t="b"><v>1</v></c></row><row/><row r="5"><c><v>1</v></c><c t="str"><f>A&lt;1</f><v>文&#25991;</v></c></row></sheetData></worksheet>`, nil,
			[][]string{{"2", "", "7", "", "TRUE"}, {"5", "1", "文文"}},
		},
		"prefixes": {
			`<?xml version="1.0"?><!-- > --><x:worksheet xmlns:x="y"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>甲</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`, nil,
			[][]string{{"1", "甲"}},
		},
		"texts": {
			`<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v> 1 </v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c><c t="s"><v>9</v></c><c t="e"><v>#N/A</v></c><c t="str"><v><![CDATA[<a>]]></v></c></row></sheetData></worksheet>`, styles,
			[][]string{{"1", "王", "李 建&国", "", "a\rb_c_xyz_", "", "#N/A", "<a>"}},
		},
		"days": {
			`<worksheet><sheetData><row><c s="1"><v>15721</v></c><c s="2"><v>15721.99</v></c><c s="0"><v>15721</v></c><c s="1" t="s"><v>0</v></c><c s="1"><v>1</v></c><c s="1"><v>61</v></c><c s="1"><v>-1</v></c><c t="d"><v>1943-01-15T00:00:00</v></c><c s="99"><v>3</v></c></row></sheetData></worksheet>`, styles,
			[][]string{{"1", "1943-01-15", "1943-01-15", "15721", "王", "1900-01-01", "1900-03-01", "-1", "1943-01-15", "3"}},
		},
		"numbers": {
			`<worksheet><sheetData><row><c><v>141002001001</v></c><c><v>1.41002194301155E+17</v></c><c><v>0.50</v></c><c><v>1E3</v></c><c><v>141002194301155003</v></c><c><v>x</v></c><c/></row></sheetData></worksheet>`, nil,
			[][]string{{"1", "141002001001", "1.41002194301155E+17", "0.5", "1000", "1.41002194301155E+17", "x"}},
		},
		"behind the rows": {`<worksheet><sheetData><row><c><v>1</v></c></row></sheetData><row><c><v>2</v></c></row></worksheet>`, nil, [][]string{{"1", "1"}}},
		"days from 1904": {
			`<worksheet><sheetData><row><c s="1"><v>14259</v></c></row></sheetData></worksheet>`,
			append(styles, "xl/workbook.xml", `<workbook><workbookPr date1904="1"/><sheets><sheet r:id="s"/></sheets></workbook>`),
			[][]string{{"1", "1943-01-15"}},
		},
		"another prefix": {
			`<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`,
			[]string{"xl/workbook.xml", `<workbook><sheets><sheet name="a>b" rel:id="s"/></sheets></workbook>`},
			[][]string{{"1", "1"}},
		},
	} {
		got, err := all(bookOf(t, tc.sheet, tc.parts...))
		if err != nil || !slices.EqualFunc(got, tc.want, slices.Equal) {
			t.Errorf("%s: %q, want %q (%v)", name, got, tc.want, err)
		}
	}
}

func TestBrokenWorkbooksAreRefused(t *testing.T) {
	row := func(s string) string { return `<worksheet><sheetData>` + s + `</sheetData></worksheet>` }
	for name, file := range map[string][]byte{
		"nothing":               nil,
		"no archive":            []byte("PK\x03\x04"),
		"a document type":       bookOf(t, `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>`),
		"an unknown entity":     bookOf(t, row(`<row><c t="str"><v>&b;</v></c></row>`)),
		"the end in a row":      bookOf(t, `<worksheet><sheetData><row><c><v>1`),
		"the end in a tag":      bookOf(t, `<worksheet><sheetData><row r="1`),
		"rows backwards":        bookOf(t, row(`<row r="5"><c><v>1</v></c></row><row r="4"/>`)),
		"cells backwards":       bookOf(t, row(`<row><c r="B1"/><c r="A1"/></row>`)),
		"a column far away":     bookOf(t, row(`<row><c r="ZZZ1"><v>1</v></c></row>`)),
		"a row far away":        bookOf(t, row(`<row r="99999999"/>`)),
		"a text without an end": bookOf(t, row(`<row><c t="str"><v>`+strings.Repeat("长", 1<<20))),
		"no sheet":              bookOf(t, "", "xl/workbook.xml", "<workbook/>"),
		"a sheet that is lost":  bookOf(t, "", "xl/_rels/workbook.xml.rels", "<Relationships/>"),
	} {
		if rows, err := all(file); err == nil {
			t.Errorf("%s reads as %q", name, rows)
		}
	}
}

// TestReadsAsExcelizeDoes holds the reader equal to one that others wrote. Days are
// left out: that one shows them as a person in America sees them.
func TestReadsAsExcelizeDoes(t *testing.T) {
	value := rapid.OneOf(
		rapid.Map(rapid.StringOf(rapid.SampledFrom([]rune("王a1 <&>\"'\n_x0041_=é𠮷"))), func(s string) any { return s }),
		rapid.Map(rapid.Int64Range(-1e15, 1e15), func(n int64) any { return n }),
		rapid.Map(rapid.Float64Range(0, 1e20), func(f float64) any { return f }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Just[any](nil),
	)
	rapid.Check(t, func(r *rapid.T) {
		f := excelize.NewFile()
		for y := range rapid.IntRange(0, 6).Draw(r, "rows") {
			row := rapid.SliceOfN(value, 0, 6).Draw(r, "row")
			at, err := excelize.CoordinatesToCellName(1, y+1)
			if err == nil {
				err = f.SetSheetRow("Sheet1", at, &row)
			}
			if err != nil {
				r.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			r.Fatal(err)
		}
		book, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			r.Fatal(err)
		}
		theirs, err := book.GetRows("Sheet1")
		if err != nil {
			r.Fatal(err)
		}
		var want [][]string
		for y, row := range theirs {
			for len(row) > 0 && row[len(row)-1] == "" {
				row = row[:len(row)-1]
			}
			if len(row) > 0 {
				want = append(want, append([]string{fmt.Sprint(y + 1)}, row...))
			}
		}
		got, err := all(b.Bytes())
		if err != nil {
			r.Fatal(err)
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			r.Fatalf("read %q, excelize reads %q", got, want)
		}
	})
}

func FuzzSheet(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="2"><c r="B2" s="1"><v>7</v></c><c t="inlineStr"><is><t>a&amp;b</t></is></c></row></sheetData></worksheet>`)
	f.Add(`<a><!-- x --><![CDATA[y]]><row><c t='s'><v>0</v></c></row>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		whole, err := all(bookOf(t, sheet))
		// However the input comes in pieces, the answer is the same.
		r := &Reader{book: &book{}, part: io.NopCloser(nil), scan: newScanner(&drops{strings.NewReader(sheet)}, maxSheet)}
		var pieces [][]string
		var pieceErr error
		for {
			row, err := r.Next()
			if err != nil {
				pieceErr = err
				break
			}
			cells := []string{fmt.Sprint(row.Line)}
			for _, c := range row.Cells {
				cells = append(cells, string(c))
			}
			pieces = append(pieces, cells)
		}
		if errors.Is(pieceErr, io.EOF) {
			pieceErr = nil
		}
		if (err == nil) != (pieceErr == nil) || !slices.EqualFunc(whole, pieces, slices.Equal) {
			t.Fatalf("at once %q (%v), in pieces %q (%v)", whole, err, pieces, pieceErr)
		}
	})
}

// drops gives a byte at a time.
type drops struct{ io.Reader }

func (d *drops) Read(p []byte) (int, error) { return d.Reader.Read(p[:1]) }

func BenchmarkReader(b *testing.B) {
	f := excelize.NewFile()
	for y := range 20_000 {
		row := make([]any, 30)
		for i := range row {
			row[i] = fmt.Sprintf("文字%d", (y*i)%1000)
		}
		at, _ := excelize.CoordinatesToCellName(1, y+1)
		if err := f.SetSheetRow("Sheet1", at, &row); err != nil {
			b.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, err := Open(bytes.NewReader(file.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
