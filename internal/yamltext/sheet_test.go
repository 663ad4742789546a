package yamltext

import (
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"
)

func TestScalar(t *testing.T) {
	for _, tc := range []struct {
		text         string
		line, inFlow string
	}{
		{"老年人", "老年人", "老年人"},
		{"甲, 乙", "甲, 乙", `"甲, 乙"`},
		{"甲：乙", "甲：乙", "甲：乙"},
		{"a: b", `"a: b"`, `"a: b"`},
		{"a #b", `"a #b"`, `"a #b"`},
		{"yes", `"yes"`, `"yes"`},
		{"No", `"No"`, `"No"`},
		{"yesterday", "yesterday", "yesterday"},
		{"2023-12-16", `"2023-12-16"`, `"2023-12-16"`},
		{"1410", `"1410"`, `"1410"`},
		{"", `""`, `""`},
		{" a", `" a"`, `" a"`},
		{`income in ["dibao"]`, `income in ["dibao"]`, `'income in ["dibao"]'`},
		{`"a" == 'b'`, `'"a" == ''b'''`, `'"a" == ''b'''`},
		{"a\tb", `"a\tb"`, `"a\tb"`},
		{"\u2028", `"\u2028"`, `"\u2028"`},
	} {
		if got := Scalar(tc.text, false); got != tc.line {
			t.Errorf("%q is written as %s, want %s", tc.text, got, tc.line)
		}
		if got := Scalar(tc.text, true); got != tc.inFlow {
			t.Errorf("within braces %q is written as %s, want %s", tc.text, got, tc.inFlow)
		}
	}
}

func TestSheet(t *testing.T) {
	var s Sheet
	s.Text("title", "甲")
	s.MayText("note", "")
	s.Text("note", "一\n\n  二")
	s.Under("rule", func() { s.Source("when", "a &&\n        b &&\n c"); s.Source("is", "0.50") })
	s.Under("items", func() {
		s.Element(func() {
			s.Line("no", "1")
			s.Texts("joint", []string{"乙", "yes"})
			s.Texts("none", nil)
		})
	})
	s.Under("values", func() {
		var f Flow
		f.Add("from", "2023-12-16")
		f.Text("why", "a, b")
		f.Text("none", "")
		f.Source("is", "70")
		s.Entry(f.String())
	})
	want := `title: 甲
note: |-
  一

    二
rule:
  when: |-
    a &&
        b &&
    c
  is: 0.50
items:
  - no: 1
    joint: [乙, "yes"]
values:
  - {from: 2023-12-16, why: "a, b", is: 70}
`
	if got := string(s.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestAnyScalar reads back with another reader what is written.
func TestAnyScalar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("a1 :#-'\"\\\n\t{}[],&*!|>%@`?=~中。\u0085\u2028")), 0, 12, -1).Draw(t, "text")
		var m map[string]string
		source := "{a: " + Scalar(text, true) + "}"
		if err := yaml.Unmarshal([]byte(source), &m); err != nil || m["a"] != text {
			t.Fatalf("%s is read as %q (%v)", source, m["a"], err)
		}
		source = "a: " + Scalar(text, false) + "\n"
		if err := yaml.Unmarshal([]byte(source), &m); err != nil || m["a"] != text {
			t.Fatalf("%s is read as %q (%v)", source, m["a"], err)
		}
	})
}
