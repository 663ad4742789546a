package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
)

// allTargets is a layout with a column for every target.
func allTargets() *layout {
	imp := &Import{Source: "eldercare", From: civil.New(2026, 6, 1), Place: "1410"}
	var header []string
	for _, info := range Targets {
		imp.Mapping, header = append(imp.Mapping, info.Target), append(header, info.Label)
	}
	return newLayout(imp, header)
}

func TestCells(t *testing.T) {
	l := allTargets()
	for _, tc := range []struct {
		target Target
		cell   string
		fault  string // part of the reason; "": none
		want   string // of what the draft or the fact holds
	}{
		{Name, " 王秀英 ", "", "王秀英"},
		{Name, "/", "", ""},
		{DocumentKind, "台胞证", "", "taiwan_permit"},
		{DocumentKind, "驾照", "不认识", ""},
		{Phone, "13812345678、0357-2012345", "", "13812345678+0357-2012345"},
		{Phone, "无", "", ""},
		{Phone, "'+8613812345678", "", "+8613812345678"},
		{Note, "'=1+1", "", "=1+1"},
		{Note, "'好'", "", "'好'"},
		{Marital, "离异", "", "40"},
		{Marital, "?", "不认识", ""},
		{From, "2026/5/1", "", "2026-05-01"},
		{From, "昨天", "昨天", ""},
		{Lon, "111.5179734", "", "111517973"},
		{Lat, "北", "经纬度", ""},
		{"lives_alone", "√", "", "true"},
		{"lives_alone", "×", "", "false"},
		{"lives_alone", "", "", ""},
		{"lives_alone", "也许", "独居不能是“也许”，可用：是、否", ""},
		{"income", "无", "", "none"},
		{"birth", "无", "", ""},
		{"hukou", "尧都区", "", "141002"},
		{"hukou", "山西省 临汾市 尧都区", "", "141002"},
		{"hukou", "141002001001", "", "141002001001"},
		{"hukou", "火星", "没有找到", ""},
		{"hukou", "1410021", "应为", ""},
	} {
		cells := make([]string, len(l.header))
		cells[slices.Index(l.mapping, tc.target)] = tc.cell
		in, _, faults := l.incoming(cells)
		if tc.fault != "" {
			if len(faults) != 1 || !strings.Contains(faults[0].reason, tc.fault) || l.mapping[faults[0].column] != tc.target {
				t.Errorf("%s %q: faults %v", tc.target, tc.cell, faults)
			}
			continue
		}
		got := ""
		switch tc.target {
		case Name:
			got = in.Name
		case DocumentKind:
			got = in.Document.Code()
		case Phone:
			got = strings.Join(in.Phones, "+")
		case Note:
			got = in.Note
		case Marital:
			got = in.Marital
		case From:
			got = in.From.String()
		case Lon:
			got = itoa(int(*in.Lon))
		default:
			f, _ := tc.target.fact()
			got = in.Facts.Text(f)
		}
		if got != tc.want || len(faults) != 0 {
			t.Errorf("%s %q: %q, want %q (%v)", tc.target, tc.cell, got, tc.want, faults)
		}
	}
}

// TestUnknownStaysUnknown reads an empty row: nothing is known of anybody but where
// he is by default.
func TestUnknownStaysUnknown(t *testing.T) {
	l := allTargets()
	in, placed, faults := l.incoming(make([]string, len(l.header)))
	want := fact.Person{Residence: "1410"}
	if in.Facts != want || !placed || len(faults) != 0 || in.From != l.from || len(in.Contacts) != 0 {
		t.Errorf("read %+v, %v", in, faults)
	}
}

func TestFaultsFindTheirColumns(t *testing.T) {
	l := allTargets()
	for field, want := range map[string]Target{
		"number": Number, "phones.1": Phone, "phones": Phone, "contacts.0.phone": ContactPhone, "contacts.1.name": ContactName,
		"residence": "residence", "sex": "sex", "from": From, "source": "-",
	} {
		got := Target("-")
		if i := l.columnOf(field); i >= 0 {
			got = l.mapping[i]
		}
		if got != want {
			t.Errorf("%s is of column %q, want %q", field, got, want)
		}
	}
}

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		"141002194301155X": "141***********5X", "13812345678": "138******78", "王秀英": "王秀英", "1943-01-15": "1943-01-15",
		"电话13812345678，备注": "电话138******78，备注", "123456": "123456", "": "",
	} {
		if got := masked(text, 40); got != want {
			t.Errorf("%q is masked as %q, want %q", text, got, want)
		}
	}
	if got := masked(strings.Repeat("长", 50), 40); got != strings.Repeat("长", 40)+"…" {
		t.Errorf("a long text is cut to %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("0123456789aX王-"))).Draw(t, "text")
		if got := masked(text, 1000); utf8.RuneCountInString(got) != utf8.RuneCountInString(text) || masked(got, 1000) != got {
			t.Fatalf("%q is masked as %q", text, got)
		}
	})
}

func TestGazetteerKnowsEveryFullName(t *testing.T) {
	g := newGazetteer()
	for _, d := range region.Inside("1410", 9) {
		name := region.Name("14") + region.Name("1410") + region.Name(d.Code[:6]) + d.Name
		if got, err := g.find(name); err != nil || got != d.Code {
			t.Errorf("%s is %s (%v), want %s", name, got, err, d.Code)
		}
	}
	if _, err := g.find("城关镇"); err == nil {
		t.Error("one of many places of a name is taken")
	}
}

func TestGuardedComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringOf(rapid.SampledFrom([]rune("=+-@'1王"))).Draw(t, "cell")
		if strings.HasPrefix(cell, "'") {
			return // the mark itself is not kept apart from one that somebody typed
		}
		got := guarded(cell)
		if formula(got) {
			t.Fatalf("%q is written as a formula: %q", cell, got)
		}
		if nothing[cell] {
			return
		}
		if clean(got) != cell {
			t.Fatalf("%q is written as %q and comes back as %q", cell, got, clean(got))
		}
	})
}

func FuzzRow(f *testing.F) {
	l := allTargets()
	f.Add("王秀英|居民身份证|990000194301150025|2026-01-01|138/139|=1")
	f.Add("|||||||||||||||||999|-1|e5")
	f.Fuzz(func(t *testing.T, text string) {
		cells := strings.Split(text, "|")
		cells = append(cells, make([]string, max(0, len(l.header)-len(cells)))...)
		in, _, faults := l.incoming(cells[:len(l.header)])
		for _, x := range faults {
			if x.reason == "" || x.column < -1 || x.column >= len(l.header) {
				t.Fatalf("fault %+v", x)
			}
		}
		if err := in.Validate(&in.Facts, civil.New(2026, 6, 30)); err != nil {
			for _, x := range l.faultsOf(err) {
				if x.reason == "" {
					t.Fatalf("%v without a reason", err)
				}
			}
		}
	})
}

func FuzzReadRows(f *testing.F) {
	f.Add(appendRow(appendRow(nil, 2, [][]byte{[]byte("王"), nil}), 700, nil))
	f.Add([]byte{1, 255, 255, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := readRows(b)
		if err != nil {
			return
		}
		var again []byte
		for _, r := range rows {
			cells := make([][]byte, len(r.cells))
			for i, c := range r.cells {
				cells[i] = []byte(c)
			}
			again = appendRow(again, r.line, cells)
		}
		back, err := readRows(again)
		if err != nil || !slices.EqualFunc(rows, back, func(a, b row) bool { return a.line == b.line && slices.Equal(a.cells, b.cells) }) {
			t.Fatalf("%v comes back as %v (%v)", rows, back, err)
		}
	})
}

// TestCountsAreKept holds the columns of counts to what is in them.
func TestCountsAreKept(t *testing.T) {
	want := Counts{Rows: 6, Created: 1, Changed: 2, Unchanged: 3, Conflicts: 1, Rejected: 4}
	v, err := want.Value()
	if err != nil {
		t.Fatal(err)
	}
	var got Counts
	if err := got.Scan(v); err != nil || got != want || !json.Valid([]byte(v.(string))) {
		t.Errorf("%v comes back as %+v (%v)", v, got, err)
	}
	if err := got.Scan(3); err == nil {
		t.Error("a number is taken for counts")
	}
}
