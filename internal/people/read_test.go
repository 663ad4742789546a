package people

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yian/internal/fact"
	"yian/internal/population"
)

// tester is what tests, properties and fuzzers have in common.
type tester interface {
	Context() context.Context
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Helper()
}

// outcome is all that reading a file gives.
type outcome struct {
	Report  Report
	IDs     []string
	People  []fact.Person
	Rejects []Reject
	Err     string
}

func read(t tester, file []byte, opt Options) outcome {
	t.Helper()
	if opt.On == 0 {
		opt.On = testDay
	}
	var o outcome
	var lastBytes int64
	report, err := Read(t.Context(), bytes.NewReader(file), opt, func(b *Batch) error {
		if b.Columns.N != b.IDs.Len() {
			t.Fatalf("%d people and %d ids", b.Columns.N, b.IDs.Len())
		}
		if b.Bytes < lastBytes {
			t.Fatalf("progress goes back from %d to %d", lastBytes, b.Bytes)
		}
		lastBytes = b.Bytes
		for i := range b.IDs.Len() {
			o.IDs = append(o.IDs, string(b.IDs.At(i)))
			o.People = append(o.People, personAt(&b.Columns, i))
		}
		o.Rejects = append(o.Rejects, b.Rejects...)
		return nil
	})
	o.Report = report
	if err != nil {
		return outcome{Err: err.Error()}
	}
	if len(o.IDs) != report.Accepted || len(o.Rejects) != report.Rejected || report.Accepted+report.Rejected != report.Rows {
		t.Fatalf("%d accepted and %d rejected rows were delivered, the report says %+v", len(o.IDs), len(o.Rejects), report)
	}
	return o
}

func personAt(c *population.Columns, i int) fact.Person {
	p := fact.Person{Hukou: c.Hukou.RegionOf(i), Residence: c.Residence.RegionOf(i)}
	if c.Birth != nil {
		p.Birth = population.Date(c.Birth[i])
	}
	for id := range fact.Count {
		if c.Codes[id] != nil {
			p.Codes[id] = c.Codes[id][i]
		}
	}
	return p
}

func gb(t tester, s string) []byte {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func zipped(t tester, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFileErrors(t *testing.T) {
	huge := strings.Repeat("x", maxRecord)
	const head = "id,birth,sex\n"
	for _, tc := range []struct{ name, file, want string }{
		{"empty", "", "文件是空的"},
		{"only a BOM", "\xef\xbb\xbf", "文件是空的"},
		{"only empty lines", "\n\r\n\n", "文件是空的"},
		{"no id", "birth,sex\n", "第 1 行：表头缺少 id（编号）列"},
		{"no fact", "\nid,name\n", "第 2 行：表头没有任何事实列"},
		{"age", "id,age\n", "请提供 birth(出生日期)"},
		{"age in Chinese", "id,sex,年龄\n", "第 3 列“年龄”不能用：年龄天天在变，请提供 birth(出生日期)"},
		{"unknown", "id,sex,brith\n", "第 3 列“brith”不认识，最接近的是 birth（出生日期）"},
		{"unknown in Chinese", "编号,出身日期\n", "第 2 列“出身日期”不认识，最接近的是 birth（出生日期）"},
		{"no name", "id,sex,\n", "第 3 列没有名称"},
		{"twice", "id,sex,Sex \n", "第 3 列“Sex”与第 2 列“sex”重复"},
		{"twice by label", "id,sex,编号,性别\n", "第 4 列“性别”与第 2 列“sex”重复"},
		{"ignored twice", "id,sex,name,姓名\n", "第 4 列“姓名”与第 3 列“name”重复"},
		{"many faults", "id" + strings.Repeat(",x", 50) + "\n", "等 51 处"},
		{"service columns not last", "id,sex,line,column,value,reason,name\n", "第 3 列“line”不认识"},
		{"quote within", head + "1,,\n2,a\"b,\n", "第 3 行：引号出现在单元格中间"},
		{"text behind quote", head + "1,,\n2,\"a\"b,\n", "第 3 行：引号结束后还有文字"},
		{"text behind quote of several lines", head + "1,\"\n\n\"b,\n", "第 4 行：引号结束后还有文字"},
		{"open quote", head + "1,\"\n\",\n2,,\n3,\"x,\n4,,\n", "第 5 行：有一个引号直到文件末尾也没有结束"},
		{"open quote in the header", "\nid,\"sex\n1,\n", "第 2 行：有一个引号直到文件末尾也没有结束"},
		{"long line", head + "1,,\n2," + huge + ",\n3,,\n", "第 3 行：从这一行开始的一条记录超过 1 MiB"},
		{"long line at the end", head + "1,,\n2,,\n3,,\n4," + huge, "第 5 行：从这一行开始的一条记录超过 1 MiB"},
		{"long line by a quote", head + "1,,\n2,\"," + strings.Repeat("\n1,,", maxRecord/4), "第 3 行：从这一行开始的一条记录超过 1 MiB"},
		{"long header", "id," + huge, "第 1 行：从这一行开始的一条记录超过 1 MiB"},
		{"ten megabytes", strings.Repeat("0123456789", maxRecord), "第 1 行：从这一行开始的一条记录超过 1 MiB"},
		{"NUL", head + "1,,\n2,\x00,\n", "第 3 行：文件第 20 字节是 NUL"},
		{"NUL at the beginning", "\x00\x01", "第 1 行：文件第 1 字节是 NUL"},
		{"UTF-16 LE", "\xff\xfei\x00d\x00", "请另存为 UTF-8 CSV"},
		{"UTF-16 BE", "\xfe\xff\x00i\x00d", "请另存为 UTF-8 CSV"},
		{"xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为不加密的 .xlsx"},
		{"neither encoding", head + "1,,\n2,,\xff\xff\n", "第 3 行：文件第 21 字节 0xFF 既不是 UTF-8 也不是 GB18030"},
		{"damaged UTF-8", head + "1,,男\n2,,男\n3,,\"\n\x80男\"\n", "第 5 行：文件第 33 字节 0x80 既不是"},
		{"damaged UTF-8 with BOM", "\xef\xbb\xbf" + head + "1,,\xff\n", "第 2 行：文件第 20 字节 0xFF 既不是"},
		{"damaged GB18030", "id,sex\n1,\xc4\xd0\n2,\xc4\n", "第 3 行：文件第 15 字节 0xC4 既不是"},
		{"not assigned in GB18030", "id,sex\n1,\xc4\xd0\n2,\xfe\x39\xfe\x39\n", "第 3 行：文件第 15 字节 0xFE 既不是"},
		{"broken gzip", "\x1f\x8b\x08", "gzip 压缩文件损坏或不完整"},
		{"gzip that breaks off", string(zipped(t, invented(50))[:900]), "gzip 压缩文件损坏或不完整"},
		{"broken xlsx", "PK\x03\x04 and no more", "不是完好的 XLSX 文件"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, size := range []int{1, 7, 100, 0} {
				if size == 1 && len(tc.file) > 2*maxRecord {
					continue
				}
				o := read(t, []byte(tc.file), Options{BlockBytes: size, Workers: 2})
				if !strings.Contains(o.Err, tc.want) {
					t.Fatalf("blocks of %d: %q, want %q", size, o.Err, tc.want)
				}
			}
		})
	}
}

func TestRejectedRows(t *testing.T) {
	const head = "id,birth,sex,hukou,disability_kind,disability_grade,name\n"
	const two = "0,,,,,,\"a\nb\"\n" // the next row begins in line 4
	long := strings.Repeat("长", 50)
	for _, tc := range []struct{ name, rows, want string }{
		{"too many cells", "1,,,,,,,\n", "4||| 表头有 7 个单元格，这一行有 8 个"},
		{"too few cells", "1,,\n", "4||| 表头有 7 个单元格，这一行有 3 个"},
		{"no id", " ,,male,,,,\n", "4|id|| 编号为空"},
		{"nothing but commas", ",,, ,,,\n,,\n1,,x,,,,\n", "6|sex|x| 性别"},
		{"long id", strings.Repeat("1", 256) + ",,,,,,\n", "4|id|| 编号超过 255 字节"},
		{"scientific id", "1.41002E+17,,,,,,\n", "4|id|| 像是被 Excel 改成了科学计数法"},
		{"no such day", "1,1943-02-29,,,,,\n", "4|birth|1943-02-29| 日期 \"1943-02-29\" 无效"},
		{"too early", "1,1879-12-31,,,,,\n", "4|birth|1879-12-31| 出生日期 1879-12-31 超出可处理的范围"},
		{"unborn", "1,2026-07-01,,,,,\n", "4|birth|2026-07-01| 出生日期 2026-07-01 晚于评定日 2026-06-30"},
		{"too old", "1,1895-06-30,,,,,\n", "4|birth|1895-06-30| 出生日期 1895-06-30 到评定日 2026-06-30 已 131 岁"},
		{"no such sex", "1,,男性,,,,\n", "4|sex|男性| 性别不能是 \"男性\""},
		{"long value", "1,," + long + ",,,,\n", "4|sex|" + long[:120] + "…| 性别不能是 \"" + long[:120] + "…\""},
		{"no region", "1,,,14100,,,\n", "4|hukou|14100| 区划代码 \"14100\" 应为"},
		{"scientific region", "1,,,1.41002E+11,,,\n", "4|hukou|1.41002E+11| 像是被 Excel 改成了科学计数法"},
		{"grade without kind", "1,,,,none,2,\n", "4|disability_grade|2| 残疾等级为二级，而残疾类别为无"},
		{"several", "1,1943-13-01,x,,无,二级,\n", "4|birth|1943-13-01| 日期;4|sex|x| 性别;4|disability_grade|2| 残疾等级"},
		{"twice", "1,,,,,,\n\n 1 ,,,,,,\n", "6|id|| 编号与第 4 行重复"},
		{"twice, the first was rejected", "1,,x,,,,\n1,,,,,,\n", "4|sex|x| 性别;5|id|| 编号与第 4 行重复"},
		{"twice, both were rejected", "1,,x,,,,\n1,,y,,,,\n", "4|sex|x| 性别;5|sex|y| 性别;5|id|| 编号与第 4 行重复"},
		{"twice in quotes", "1,,,,,,\n\"1\",,,,,,\"\n\"\n2,,x,,,,\n", "5|id|| 编号与第 4 行重复;7|sex|x| 性别"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, size := range []int{1, 0} {
				o := read(t, []byte(head+two+tc.rows), Options{BlockBytes: size})
				if o.Err != "" {
					t.Fatal(o.Err)
				}
				var got []CellError
				for _, r := range o.Rejects {
					got = append(got, r.Reasons...)
				}
				want := strings.Split(tc.want, ";")
				if len(got) != len(want) {
					t.Fatalf("got %v, want %q", got, want)
				}
				for i, w := range want {
					place, reason, _ := strings.Cut(w, "| ")
					e := got[i]
					if at := fmt.Sprintf("%d|%s|%s", e.Line, e.Column, e.Value); at != place || !strings.HasPrefix(e.Reason, reason) {
						t.Fatalf("blocks of %d: got %s %q, want %s %q", size, at, e.Reason, place, reason)
					}
				}
			}
		})
	}
}

func TestAcceptedFiles(t *testing.T) {
	const want = "A1:1943-01-15,female,1410;B2:,,"
	for name, file := range map[string]string{
		"plain":              "id,birth,sex,hukou\nA1,1943-01-15,female,1410\nB2,,,\n",
		"no last feed":       "id,birth,sex,hukou\nA1,1943-01-15,female,1410\nB2,,,",
		"CRLF":               "id,birth,sex,hukou\r\nA1,1943-01-15,female,1410\r\n\r\nB2,,,\r\n",
		"quotes":             "\"id\",\"birth\",\"sex\",\"hukou\"\n\"A1\",\"1943-01-15\",\"female\",\"1410\"\n\"B2\",\"\",\"\",\"\"",
		"spaces":             " id , birth,sex ,hukou\n A1 , 1943-01-15 ,female ,1410 \nB2,　, ,",
		"tabs":               "id\tbirth\tsex\thukou\nA1\t1943-01-15\tfemale\t1410\nB2\t\t\t\n",
		"semicolons":         "id;birth;sex;hukou\nA1;1943-01-15;female;1410\nB2;;;\n",
		"labels":             "编号,出生日期,性别,户籍地\nA1,1943-01-15,女,1410\nB2,,,\n",
		"capitals":           "ID,Birth,SEX,HuKou\nA1,1943-01-15,female,1410\nB2,,,\n",
		"slashes":            "id,birth,sex,hukou\nA1,1943/1/15,female,141000000000\nB2,,,\n",
		"other order":        "hukou,姓名,sex,身份证号,birth,id\n1410,\"王, \"\"二\"\"\n\",female,1,1943-01-15,A1\n,,,,,B2\n",
		"columns of rejects": "id,birth,sex,hukou,line,column,value,reason\nA1,1943-01-15,female,1410,3,sex,f,\"x,y\"\nB2,,,,,,,\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, encode := range []func(string) []byte{
				func(s string) []byte { return []byte(s) },
				func(s string) []byte { return []byte("\xef\xbb\xbf" + s) },
				func(s string) []byte { return gb(t, s) },
				func(s string) []byte { return gb(t, "\uFEFF"+s) },
				func(s string) []byte { return zipped(t, []byte(s)) },
			} {
				o := read(t, encode(file), Options{BlockBytes: 5})
				if o.Err != "" || len(o.Rejects) > 0 {
					t.Fatalf("refused: %s %v", o.Err, o.Rejects)
				}
				var got []string
				for i, p := range o.People {
					got = append(got, fmt.Sprintf("%s:%s,%s,%s", o.IDs[i], p.Text(fact.Birth), p.Text(fact.Sex), p.Text(fact.Hukou)))
				}
				if strings.Join(got, ";") != want {
					t.Fatalf("got %s, want %s", got, want)
				}
			}
		})
	}
}

func TestReport(t *testing.T) {
	late := "id,sex,name\n" + strings.Repeat("x,,"+strings.Repeat("z", 1000)+"\n", 3000) + "y,女,\n"
	for _, tc := range []struct {
		name             string
		file             []byte
		format, encoding string
	}{
		{"header only", []byte("id,sex"), "CSV", "UTF-8"},
		{"ASCII", []byte("id,sex\n1,male\n"), "CSV", "UTF-8"},
		{"BOM", []byte("\xef\xbb\xbfid,sex\n1,男\n"), "CSV", "UTF-8（带 BOM）"},
		{"one word in GB18030 that is valid UTF-8", gb(t, "id,sex\n1,女\n"), "CSV", "GB18030"},
		{"GB18030 far behind", gb(t, late), "CSV", "GB18030"},
		{"UTF-8 far behind", []byte(late), "CSV", "UTF-8"},
		{"four bytes", gb(t, "id,sex,name\n1,女,㐂\U00020000\n"), "CSV", "GB18030"},
		{"gzip", zipped(t, gb(t, "编号,性别\n1,男\n")), "CSV.gz", "GB18030"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := read(t, tc.file, Options{})
			if o.Err != "" || o.Report.Format != tc.format || o.Report.Encoding != tc.encoding {
				t.Fatalf("%s %+v, want %s in %s", o.Err, o.Report, tc.format, tc.encoding)
			}
			for i, p := range o.People {
				if o.IDs[i] != "x" && p.Codes[fact.Sex] == fact.Unknown {
					t.Errorf("the sex of %s was lost", o.IDs[i])
				}
			}
		})
	}
	o := read(t, []byte("\xef\xbb\xbfid, 姓名,性别,line,column,value,reason\n1,,男,,,,\n2,,x,,,,\n1,,,,,,\n"), Options{})
	r := o.Report
	if !slices.Equal(r.Columns, []string{"id", "姓名", "性别"}) || r.Facts.String() != "sex" || r.Rows != 3 || r.Accepted != 1 || r.Rejected != 2 {
		t.Fatalf("got %+v", r)
	}
}

func TestColumnsThatAreMissingStayNil(t *testing.T) {
	_, err := Read(t.Context(), strings.NewReader("id,sex\n1,male\n"), Options{On: testDay}, func(b *Batch) error {
		c := &b.Columns
		if c.Birth != nil || c.Hukou.Index != nil || c.Codes[fact.Income] != nil || len(c.Codes[fact.Sex]) != 1 {
			t.Errorf("got %+v", c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stop is a reader without end that cancels after some bytes.
type stop struct {
	left   int
	cancel func()
}

func (s *stop) Read(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		s.cancel()
	}
	return copy(p, "id,sex\n"), nil
}

func TestReadStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Read(ctx, &stop{1 << 20, cancel}, Options{On: testDay}, func(*Batch) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the end of the context", err)
	}
	broken := errors.New("no more")
	if _, err := Read(t.Context(), io.MultiReader(strings.NewReader("id,sex\n1,\n"), &failing{broken}), Options{On: testDay}, func(*Batch) error { return nil }); !errors.Is(err, broken) {
		t.Fatalf("got %v, want the error of the reader", err)
	}
	if _, err := Read(t.Context(), strings.NewReader("id,sex\n1,\n"), Options{On: testDay}, func(*Batch) error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("got %v, want the error of each", err)
	}
	if _, err := Read(t.Context(), strings.NewReader("id,sex\n1,\n"), Options{}, func(*Batch) error { return nil }); err == nil {
		t.Fatal("a day of evaluation must be given")
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }
