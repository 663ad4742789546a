package people

import (
	"bytes"
	"encoding/csv"
	"hash/maphash"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/population"
	"yian/internal/region"
)

// anyPerson draws somebody who passes every check on testDay.
func anyPerson(t *rapid.T) fact.Person {
	var p fact.Person
	if rapid.Bool().Draw(t, "birth known") {
		p.Birth = testDay - civil.Date(rapid.IntRange(0, 47000).Draw(t, "days"))
	}
	regions := rapid.SampledFrom([]region.Code{"", "14", "1410", "141002", "141024100", "141024100001", "52"})
	p.Hukou, p.Residence = regions.Draw(t, "hukou"), regions.Draw(t, "residence")
	for id := range fact.Count {
		if id.Coded() {
			p.Codes[id] = fact.Code(rapid.IntRange(0, len(id.Def().Values)).Draw(t, id.String()))
		}
	}
	if _, why := p.Implausible(testDay); why != "" {
		p.Forget(fact.DisabilityGrade)
	}
	return p
}

// anyText writes a value in one of the ways that files have.
func anyText(t *rapid.T, id fact.ID, p *fact.Person) string {
	text := p.Text(id)
	if id.Coded() && p.Known(id) {
		v := id.Def().Values[p.Codes[id]-1]
		text = rapid.SampledFrom(append([]string{v.Name, v.Label}, v.Aliases...)).Draw(t, "text")
	}
	if id == fact.Birth && rapid.Bool().Draw(t, "slashes") {
		text = strings.ReplaceAll(text, "-", "/")
	}
	if n := len(text); id.Def().Kind == fact.Region && (n == 2 || n == 4) && rapid.Bool().Draw(t, "zeros") {
		text += strings.Repeat("0", 6-n)
	}
	return rapid.SampledFrom([]string{"", "", " ", "　"}).Draw(t, "space") + text
}

// anyCell puts a cell into quotes, or not.
func anyCell(t *rapid.T, text string) string {
	if strings.ContainsAny(text, ",\"\r\n") || rapid.IntRange(0, 3).Draw(t, "quote") == 0 {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

func TestEveryFileOfPeopleReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		crowd := rapid.SliceOfN(rapid.Custom(anyPerson), 1, 12).Draw(t, "people")
		columns := rapid.Permutation(allFacts()).Draw(t, "columns")
		columns = columns[:rapid.IntRange(1, len(columns)).Draw(t, "width")]
		feed := rapid.SampledFrom([]string{"\n", "\r\n", "\n\n"}).Draw(t, "feed")
		var file strings.Builder
		line := func(cells []string) {
			for i, c := range cells {
				if i > 0 {
					file.WriteByte(',')
				}
				file.WriteString(anyCell(t, c))
			}
			file.WriteString(feed)
		}
		head := []string{"id", "姓名"}
		for _, id := range columns {
			head = append(head, rapid.SampledFrom([]string{id.String(), strings.ToUpper(id.String()), id.Def().Label}).Draw(t, "name"))
		}
		line(head)
		for i := range crowd {
			cells := []string{string(rune('A' + i)), rapid.SampledFrom([]string{"", "王,\"五\"\n", "赵㐂"}).Draw(t, "name")}
			for _, id := range columns {
				cells = append(cells, anyText(t, id, &crowd[i]))
			}
			line(cells)
		}
		text := file.String()
		if rapid.Bool().Draw(t, "no last feed") {
			text = strings.TrimRight(text, "\r\n")
		}
		bytes := []byte(text)
		switch rapid.IntRange(0, 2).Draw(t, "encoding") {
		case 1:
			bytes = []byte("\uFEFF" + text)
		case 2:
			bytes = gb(t, text)
		}
		if rapid.Bool().Draw(t, "gzip") {
			bytes = zipped(t, bytes)
		}
		o := read(t, bytes, Options{BlockBytes: rapid.IntRange(0, 300).Draw(t, "block")})
		if o.Err != "" || len(o.Rejects) > 0 || len(o.People) != len(crowd) {
			t.Fatalf("%d of %d people read: %s %v", len(o.People), len(crowd), o.Err, o.Rejects)
		}
		for i, got := range o.People {
			want := fact.Person{}
			for _, id := range columns {
				if err := want.Set(id, crowd[i].Text(id)); err != nil {
					t.Fatal(err)
				}
			}
			if _, why := want.Implausible(testDay); why != "" {
				t.Fatal(why)
			}
			if got != want {
				t.Fatalf("person %d: got %+v, want %+v", i, got, want)
			}
		}
	})
}

// anyFile draws something between a good file and garbage.
func anyFile(t *rapid.T) string {
	piece := rapid.SampledFrom([]string{
		"1", "2", "3", "男", "female", "x", " ", ",", ",", ",,", "\n", "\n", "\r\n", "\"", "\"\"", "\"a\nb\"",
		"1943-01-15", "1410", ",male,\n", "\n7,,\n", "\n8,,\n", "\n9,1943-01-15,\"\"\n", "\xc5\xae", "\xc4\xd0", "\xff", "\x00",
	})
	text := strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), "")
	return rapid.SampledFrom([]string{"id,birth,sex\n", "\n\nid,sex,\"birth\"\r\n", "\xef\xbb\xbf编号,性别,name\n", ""}).Draw(t, "head") + text
}

func TestBlocksDoNotShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := []byte(anyFile(t))
		whole := read(t, file, Options{Workers: 1})
		compareWithCSV(t, file, &whole)
		for _, size := range []int{1, 3, 17, 64} {
			if cut := read(t, file, Options{BlockBytes: size, Workers: 3}); !reflect.DeepEqual(cut, whole) {
				t.Fatalf("%q in blocks of %d:\n%+v\nin one:\n%+v", file, size, cut, whole)
			}
		}
	})
}

// compareWithCSV asks the standard library for the number of rows and about quotes.
func compareWithCSV(t tester, file []byte, o *outcome) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, utf8BOM)))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if len(rows) > 0 { // rows of nothing are passed over
		rows = append(rows[:1], slices.DeleteFunc(rows[1:], func(row []string) bool {
			return strings.TrimSpace(strings.Join(row, "")) == ""
		})...)
	}
	switch {
	case o.Err == "" && (err != nil || len(rows)-1 != o.Report.Rows):
		t.Fatalf("%q: %d rows, want %d (%v)", file, o.Report.Rows, len(rows)-1, err)
	case strings.Contains(o.Err, "引号") && err == nil:
		t.Fatalf("%q: refused for its quotes: %s", file, o.Err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("id,birth,sex\n1,1943-01-15,male\n\"2\",,\"\"\"\"\n"), 10)
	f.Add([]byte("编号\t性别\t姓名\r\n1\t女\t\"a\r\nb\"\r\n1\tx\n"), 1)
	f.Add(gb(f, "编号,性别\n1,女\n"), 3)
	f.Add(zipped(f, []byte("id,sex\n1,male\n")), 0)
	f.Add(workbook(f, [][]any{{"id", "birth"}, {1, "1943-01-15"}}), 0)
	f.Fuzz(func(t *testing.T, file []byte, size int) {
		o := read(t, file, Options{BlockBytes: size % 1000})
		if o.Err != "" {
			return
		}
		again := read(t, file, Options{Workers: 1})
		if !reflect.DeepEqual(o, again) {
			t.Fatalf("in blocks of %d:\n%+v\nin one:\n%+v", size%1000, o, again)
		}
		for _, id := range o.IDs {
			if strings.TrimSpace(id) != id || id == "" {
				t.Fatalf("id %q", id)
			}
		}
		for i := range o.People {
			if _, why := o.People[i].Implausible(testDay); why != "" {
				t.Fatalf("accepted, though %s", why)
			}
		}
		if sorted := slices.Sorted(slices.Values(o.IDs)); len(slices.Compact(sorted)) != len(o.IDs) {
			t.Fatalf("an id twice among %q", o.IDs)
		}
	})
}

// rejects reads a file and writes its rejected rows.
func rejects(t tester, file string, opt Options) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewRejectWriter(&out)
	opt.On = testDay
	if _, err := Read(t.Context(), strings.NewReader(file), opt, w.Write); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRejectsAreMendedAndReadAgain(t *testing.T) {
	const file = "id;sex;姓名\n1;x;\"王;\"\"二\"\"\n\"\n2;male;\n2;female;赵\n3;male;a;\"b,\"\"c\"\"\"\n4;male;\n;y;\n"
	for _, size := range []int{1, 0} {
		out := rejects(t, file, Options{BlockBytes: size})
		text, bom := strings.CutPrefix(string(out), "\uFEFF")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || !bom {
			t.Fatalf("not a CSV with BOM: %v\n%s", err, out)
		}
		want := [][]string{
			{"id", "sex", "姓名", "line", "column", "value", "reason"},
			{"1", "x", "王;\"二\"\n", "2", "sex", "x", "性别不能是 \"x\"，可用：male(男)、female(女)"},
			{"2", "female", "赵", "5", "id", "", "编号与第 4 行重复"},
			{"", "", "", "6", "", "3,male,a,\"b,\"\"c\"\"\"", "表头有 3 个单元格，这一行有 4 个"},
			{"", "y", "", "8", "id；sex", "；y", "编号为空；性别不能是 \"y\"，可用：male(男)、female(女)"},
		}
		if !reflect.DeepEqual(rows, want) {
			t.Fatalf("got %q, want %q", rows, want)
		}
		mended := strings.NewReplacer("1,x,", "1,男,", "\r\n,,,", "\r\n3,male,,", "\r\n,y,", "\r\n5,女,").Replace(string(out))
		o := read(t, []byte(mended), Options{})
		if o.Err != "" || len(o.Rejects) > 0 || !slices.Equal(o.IDs, []string{"1", "2", "3", "5"}) {
			t.Fatalf("the mended file gives %+v", o)
		}
		if !slices.Equal(o.Report.Columns, rows[0][:3]) {
			t.Fatalf("columns %q", o.Report.Columns)
		}
	}
}

func TestUnmendedRejectsStayRejected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := "id,birth,sex\n" + anyFile(t)
		whole := read(t, []byte(file), Options{})
		if whole.Err != "" || whole.Report.Rejected == 0 {
			return
		}
		first := read(t, rejects(t, file, Options{}), Options{})
		if first.Err != "" {
			t.Fatalf("the file of rejects is refused: %s", first.Err)
		}
		var expected int
		for _, r := range whole.Rejects {
			// An id that was there before is no longer a fault when its first row is elsewhere.
			if !strings.Contains(r.Reasons[0].Reason, "重复") {
				expected++
			}
		}
		if first.Report.Rejected < expected {
			t.Fatalf("%d rejected, want at least %d", first.Report.Rejected, expected)
		}
	})
}

func TestDoubtfulMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		on := civil.New(rapid.IntRange(1875, 2200).Draw(t, "year"), 2, rapid.IntRange(1, 31).Draw(t, "day"))
		day := uint16(rapid.IntRange(0, 1<<16-1).Draw(t, "birth"))
		if back := on - civil.Date(rapid.IntRange(47700, 47900).Draw(t, "back")); rapid.Bool().Draw(t, "about the limit") {
			day, _ = population.Day(back) // 0 where it does not fit
		}
		p := &parser{job: &job{on: on, oldest: civil.LatestBirth(fact.MaxAge+1, on)}, out: &Batch{}}
		p.none, _ = fact.DisabilityKind.CodeOf("none")
		c := &p.out.Columns
		c.Birth = []uint16{day}
		for _, id := range []fact.ID{fact.DisabilityKind, fact.DisabilityGrade} {
			if rapid.Bool().Draw(t, "column") {
				c.Codes[id] = []fact.Code{fact.Code(rapid.IntRange(0, len(id.Def().Values)).Draw(t, id.String()))}
			}
		}
		person := p.person()
		if _, why := person.Implausible(on); (why != "") != p.doubtful() {
			t.Fatalf("on %s: %+v is implausible (%q), doubtful is %v", on, person, why, p.doubtful())
		}
	})
}

func TestIsoDayAgreesWithCivil(t *testing.T) {
	for d := civil.New(1881, 1, 1); d <= civil.New(2058, 12, 31); d++ {
		want, err := population.Day(d)
		if got, ok := isoDay([]byte(d.String())); err != nil || !ok || got != want {
			t.Fatalf("%s: %d, %v, want %d", d, got, ok, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(19|20)[0-9]{2}[-/][0-3][0-9][-/][0-4][0-9:]`).Draw(t, "text")
		if _, ok := isoDay([]byte(text)); ok {
			if _, err := civil.Parse(text); err != nil {
				t.Fatalf("%s is taken for a day", text)
			}
		}
	})
}

func TestCodeTablesAgreeWithTheVocabulary(t *testing.T) {
	for id := range fact.Count {
		if !id.Coded() {
			continue
		}
		table := newCodeTable(id)
		for other := range fact.Count {
			for _, v := range other.Def().Values {
				for _, text := range append([]string{v.Name, v.Label, v.Name + "x"}, v.Aliases...) {
					want, _ := id.Parse(text)
					if len(text) > 16 {
						continue
					}
					padded := append([]byte(text), make([]byte, 16)...)
					if got := table.find(words(padded, 0, len(text))); got != want {
						t.Errorf("%s: %q is %d, want %d", id, text, got, want)
					}
				}
			}
		}
	}
}

func TestSeenIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSeen(maphash.MakeSeed())
		lines := map[string]int{}
		bad := rapid.Bool().Draw(t, "all hashes collide")
		ids := rapid.SliceOfN(rapid.StringMatching(`[ab]{1,7}`), 0, 400).Draw(t, "ids")
		for i, id := range ids {
			hash := maphash.Bytes(s.seed, []byte(id))
			if bad {
				hash = 1<<63 | 7
			}
			earlier, dup := s.add([]byte(id), hash, i)
			if first, was := lines[id]; was != dup || dup && first != earlier {
				t.Fatalf("%q: %d, %v, want %d, %v", id, earlier, dup, first, was)
			}
			if !dup {
				lines[id] = i
			}
		}
	})
	s := newSeen(maphash.MakeSeed())
	for round := range 2 {
		for i := range 100_000 {
			id := []byte(strings.Repeat("x", i%40) + string(civil.Date(i+1).Append(nil)))
			if earlier, dup := s.add(id, maphash.Bytes(s.seed, id), i); dup != (round == 1) || dup && earlier != i {
				t.Fatalf("round %d, id %d: %d, %v", round, i, earlier, dup)
			}
		}
	}
}
