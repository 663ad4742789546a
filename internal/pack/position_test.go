package pack

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/near"
	"yian/internal/rules"
)

// written is a way to write a CEL text in YAML, below a key that is indented by four.
var written = map[string]func(cel string) string{
	"plain":        func(cel string) string { return " " + cel },
	"spaced":       func(cel string) string { return "    " + cel + "  # 注释" },
	"single":       func(cel string) string { return " '" + cel + "'" },
	"double":       func(cel string) string { return ` "` + strings.ReplaceAll(cel, `"`, `\"`) + `"` },
	"padded":       func(cel string) string { return " '  " + cel + " ' # 注释" },
	"next line":    func(cel string) string { return "\n      " + cel },
	"next, quoted": func(cel string) string { return "\n      '" + cel + "'" },
	"literal":      func(cel string) string { return " |\n      " + cel },
	"folded":       func(cel string) string { return " >-\n\n        " + cel + "\n        && age < 120" },
	"kept":         func(cel string) string { return " |+ # 注释\n      " + cel + "\n" },
}

// before is what may stand in front of a rule and lead a careless count astray.
var before = []string{
	"", "    note: 说明，有“引号”和标点\n", "    # 中文注释：甲\n", "    note: |-\n      第一行\n\n      第二行: 冒号\n",
	"    note: \"两行\n      文字\"\n", "    note: 'it''s'\n", "    note: >\n      折叠\n      文字\n", "    joint: [市民政局, '财政局']\n", "\n",
	"    note: 一段\n      写成两行的文字\n", "    name: \"\\u4e2d\\t文\"\n",
}

func TestRulePositionsAreExact(t *testing.T) {
	rules := []string{"age >= 60", "local && age >= 80 && lives_alone", `income in ["dibao", "edge"]`, `hukou.within("1410") || !vagrant`}
	rapid.Check(t, func(t *rapid.T) {
		cel := rapid.SampledFrom(rules).Draw(t, "rule")
		style := rapid.SampledFrom(keys(written)).Draw(t, "style")
		var b strings.Builder
		b.WriteString("# 文件开头的注释\nlist: a\nitems:\n  - id: a # 注释\n")
		for range rapid.IntRange(0, 4).Draw(t, "lines before") {
			b.WriteString(rapid.SampledFrom(before).Draw(t, "before"))
		}
		b.WriteString("    when:" + written[style](cel) + "\n    answers: b\n")
		file := b.String()
		if rapid.Bool().Draw(t, "windows") {
			file = "\ufeff" + strings.ReplaceAll(file, "\n", "\r\n")
		}
		l := readList(origin{name: "a.yaml"}, []byte(file))
		if len(l.Items) != 1 || l.Items[0].Answers != "b" {
			t.Fatalf("not read: %v\n%s", l.faults, file)
		}
		got := l.Items[0].When
		if !strings.HasPrefix(got.CEL, cel) {
			t.Fatalf("%s: read %q, want %q", style, got.CEL, cel)
		}
		begin, _, _ := strings.Cut(cel, `"`)
		if at := textAt(file, got.At); !strings.HasPrefix(at, begin) {
			t.Fatalf("%s: %s points at %q in\n%s", style, got.At, at, file)
		}
	})
}

func TestCasePositionsAreExact(t *testing.T) {
	const file = `list: a
parameters:
  中: {label: 甲, unit: 元, values: []}
define: {甲: x, local: 'hukou.within("14")', plain: age >= 60}
items:
  - {no: 1, name: 一二三, when: "age >= 60", grant: {kind: cash, amount: 1.50 * a, times: 2}}
  - when: true
    grant:
      amount:
        - {when: 'a == "中"', is: x}
        - is: >
            b +
              c
`
	l := readList(origin{}, []byte(file))
	var got []string
	see := func(x rules.Text) {
		got = append(got, x.CEL)
		line, _, _ := strings.Cut(x.CEL, "\n")
		if at := textAt(file, x.At); !strings.HasPrefix(at, line) {
			t.Errorf("%s points at %q, want %q", x.At, at, x.CEL)
		}
	}
	for _, d := range l.Define {
		see(d.Rule)
	}
	for _, it := range l.Items {
		see(it.When)
		for _, c := range append(it.Grant.Amount, it.Grant.Times...) {
			if c.When.CEL != "" {
				see(c.When)
			}
			see(c.Is)
		}
	}
	want := []string{
		`hukou.within("14")`, "age >= 60", "age >= 60", "1.50 * a", "2", "true", `a == "中"`, "x", "b +\n              c",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// textAt returns the rest of the line from a place on.
func textAt(file string, at rules.Pos) string {
	file = strings.ReplaceAll(strings.TrimPrefix(file, "\ufeff"), "\r\n", "\n")
	lines := strings.Split(file, "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	line := []rune(lines[at.Line-1])
	if at.Column < 1 || at.Column > len(line) {
		return ""
	}
	return string(line[at.Column-1:])
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return near.Order("", out)
}

// FuzzLoadList reads whatever it is given; it must not panic, every fault must have
// a place, and what it could read must check and compile without a panic too.
func FuzzLoadList(f *testing.F) {
	for _, seed := range []string{
		"", "list: a\n", "items:\n  - {no: 1, id: a, when: 'age >= 60'}\n", "define: {a: b && c}\n", "a: &x [*x]\n", "- - - -\n",
		"list: city-2023\nextends: city-2023\nregion: \"\"\neffective: {from: 2023-01-01}\nitems: []\n",
		"? [a]: b\n", "a: !!binary x\n", "<<: {a: b}\n", "a: |\n b\n  c\n", "\ufeffa: 'b'\r\n", "a: \"\\u00\"\n", "%YAML 1.2\n---\na: b\n",
		cityList,
	} {
		f.Add([]byte(seed))
	}
	lib := cityLibrary(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		l := readList(origin{name: "a.yaml", fsys: empty{}, path: "a.yaml"}, data)
		for _, e := range l.faults {
			if e.At.Line < 1 || e.At.Column < 1 || e.Msg == "" {
				t.Errorf("a fault without a place: %+v", e)
			}
		}
		p := &Pack{List: l, faults: l.faults, single: true}
		Check(p, lib)
		RunTests(p, lib)
	})
}
