package people

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yian/internal/fact"
)

// workbook makes a sheet; a nil row is left out.
func workbook(t testing.TB, rows [][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if row == nil {
			continue
		}
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestXLSX(t *testing.T) {
	born := time.Date(1943, 1, 15, 0, 0, 0, 0, time.UTC)
	file := workbook(t, [][]any{
		nil,
		{" ID", "姓名", "出生日期", "sex", "hukou", "lives_alone", "disability_grade", "empty_nest"},
		{1001, "王\n二", born, "女", 141002, true, 2, "否"},
		nil,
		{"A2", "", "1943-01-15", nil, "141002001001", false},
		{"A3", "", "1943/1/15"},
		{1.41002194301155e+17, nil, born},
		{"A4", nil, 15721, "x", "1.41002E+11"},
		{"A5", nil, nil, nil, nil, 1},
		{"A6", nil, nil, nil, nil, nil, nil, nil, nil, "more"},
		{1001, nil, nil, "male"},
	})
	for _, size := range []int{1, 0} {
		o := read(t, file, Options{BlockBytes: size})
		if o.Err != "" || o.Report.Format != "XLSX" || o.Report.Rows != 8 {
			t.Fatalf("got %s %+v", o.Err, o.Report)
		}
		want := map[string]map[fact.ID]string{
			"1001": {fact.Birth: "1943-01-15", fact.Sex: "female", fact.Hukou: "141002", fact.LivesAlone: "true", fact.DisabilityGrade: "2", fact.EmptyNest: "false"},
			"A2":   {fact.Birth: "1943-01-15", fact.Hukou: "141002001001", fact.LivesAlone: "false"},
			"A3":   {fact.Birth: "1943-01-15"},
		}
		if len(o.IDs) != len(want) {
			t.Fatalf("accepted %q, rejected %+v", o.IDs, o.Rejects)
		}
		for i, id := range o.IDs {
			for f := range fact.Count {
				if got := o.People[i].Text(f); got != want[id][f] {
					t.Errorf("%s of %s: %q, want %q", f, id, got, want[id][f])
				}
			}
		}
		for i, w := range []struct {
			line    int
			reasons []string
		}{
			{7, []string{"科学计数法"}},
			{8, []string{`日期 "15721" 无效`, "性别不能是", "科学计数法"}},
			{9, []string{"独居不能是"}},
			{10, []string{"表头有 8 个单元格，这一行有 10 个"}},
			{11, []string{"编号与第 3 行重复"}},
		} {
			r := o.Rejects[i]
			if r.Line != w.line || len(r.Reasons) != len(w.reasons) {
				t.Fatalf("got %+v, want %+v", r, w)
			}
			for j, reason := range w.reasons {
				if r.Reasons[j].Line != w.line || !strings.Contains(r.Reasons[j].Reason, reason) {
					t.Errorf("got %+v, want line %d: %s", r.Reasons[j], w.line, reason)
				}
			}
		}
	}
}

func TestXLSXDates(t *testing.T) {
	f := excelize.NewFile()
	formats := []string{"yyyy-mm-dd", "yyyy/m/d", "m/d/yy", "yyyy年m月d日", "[$-804]aaaa", "d.m.yyyy", "yyyy-mm-dd hh:mm:ss"}
	if err := f.SetSheetRow("Sheet1", "A1", &[]any{"id", "birth"}); err != nil {
		t.Fatal(err)
	}
	for i, format := range formats {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		id, _ := excelize.CoordinatesToCellName(1, i+2)
		day, _ := excelize.CoordinatesToCellName(2, i+2)
		for _, err := range []error{
			f.SetCellInt("Sheet1", id, int64(i)), f.SetCellFloat("Sheet1", day, 15721.25, -1, 64), f.SetCellStyle("Sheet1", day, day, style),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	// A text stays a text whatever its style, and a number a number in other styles.
	style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	decimals, err := f.NewStyle(&excelize.Style{NumFmt: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		f.SetSheetRow("Sheet1", "A9", &[]any{141002001001, "1943/1/15"}), f.SetCellStyle("Sheet1", "B9", "B9", style),
		f.SetCellStyle("Sheet1", "A9", "A9", decimals),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	o := read(t, out.Bytes(), Options{})
	formats = append(formats, "text")
	if len(o.People) != len(formats) || o.IDs[7] != "141002001001" {
		t.Fatalf("got %s %+v", o.Err, o.Rejects)
	}
	for i, p := range o.People {
		if got := p.Birth.String(); got != "1943-01-15" {
			t.Errorf("%s: %s", formats[i], got)
		}
	}
}

func TestXLSXErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		rows [][]any
		want string
	}{
		{"empty", nil, "文件是空的"},
		{"age", [][]any{nil, nil, {"id", "age"}}, "第 3 行：表头第 2 列“age”不能用"},
		{"long row", [][]any{{"id", "sex"}, {1, "x"}, append([]any{2}, repeat(strings.Repeat("\"", 30000), 20)...)}, "第 3 行：这一行超过 1 MiB"},
	} {
		if o := read(t, workbook(t, tc.rows), Options{}); !strings.Contains(o.Err, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, o.Err, tc.want)
		}
	}
}

func repeat(s string, n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = s
	}
	return out
}

func TestWriter(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Layout{fact.Sex, fact.Birth, fact.Hukou, fact.Residence})
	w.WriteHeader()
	var p fact.Person
	for id, text := range map[fact.ID]string{fact.Sex: "男", fact.Birth: "1943-01-15", fact.Hukou: "1410"} {
		if err := p.Set(id, text); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"1", `a"b,c`} {
		if err := w.AppendRow([]byte(id), &p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "id,sex,birth,hukou,residence\n1,male,1943-01-15,1410,\n\"a\"\"b,c\",male,1943-01-15,1410,\n"
	if out.String() != want {
		t.Fatalf("got %q, want %q", out.String(), want)
	}
	big := read(t, invented(3000), Options{BlockBytes: 10_000})
	if big.Err != "" || big.Report.Accepted != 3000 {
		t.Fatalf("got %s %+v", big.Err, big.Report)
	}
}
