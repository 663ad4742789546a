package pack

import (
	"bytes"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/rules"
	"yian/policies"
)

// bare returns a copy without places, and with rules as words, whose layout may move.
func bare[T any](v T) T {
	strip(reflect.ValueOf(&v).Elem())
	return v
}

func strip(v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[rules.Pos](), reflect.TypeFor[Marks]():
		v.SetZero()
		return
	case reflect.TypeFor[rules.Text]():
		v.Set(reflect.ValueOf(rules.Text{CEL: strings.Join(strings.Fields(v.Field(0).String()), " ")}))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range v.Fields() {
			if f.CanSet() {
				strip(f)
			}
		}
	case reflect.Slice:
		if v.IsNil() || v.Len() == 0 {
			return
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range v.Len() {
			strip(v.Index(i))
		}
	}
}

// plainList is what of a list is written.
type plainList struct {
	ID, Title, Region, Above, Extends, Note string
	Document                                Document
	From, To                                int32
	Parameters                              []Parameter
	Define                                  []rules.Definition
	Items                                   []Item
}

func textOf(l *List) plainList {
	return bare(plainList{
		l.ID, l.Title, string(l.Region), l.Above, l.Extends, l.Note, l.Document, int32(l.From), int32(l.To), l.Parameters, l.Define, l.Items,
	})
}

func TestWriteEmbedded(t *testing.T) {
	lib, err := NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range lib.Packs() {
		t.Run(p.Place, func(t *testing.T) {
			first, err := p.List.YAML()
			if err != nil {
				t.Fatal(err)
			}
			tests := WriteTests(p.Tests)
			again := Read(p.List.ID, first, tests)
			if len(again.faults) > 0 {
				t.Fatalf("%v\n%s", again.faults, first)
			}
			if got, want := textOf(again.List), textOf(p.List); !reflect.DeepEqual(got, want) {
				t.Errorf("another list:\n%+v\n%+v", got, want)
			}
			if got, want := bare(again.Tests), bare(p.Tests); !reflect.DeepEqual(got, want) {
				t.Errorf("other people:\n%+v\n%+v", got, want)
			}
			second, err := again.List.YAML()
			if err != nil || !bytes.Equal(first, second) {
				t.Errorf("the second time it is written as (%v)\n%s", err, second)
			}
			if !bytes.Equal(tests, WriteTests(again.Tests)) {
				t.Errorf("the second time the people are written as\n%s", WriteTests(again.Tests))
			}
		})
	}
}

// TestWriteFindings holds what is written to the same check as what was read.
func TestWriteFindings(t *testing.T) {
	lib, err := NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	var packs []*Pack
	for _, p := range lib.Packs() {
		text, err := p.List.YAML()
		if err != nil {
			t.Fatal(err)
		}
		packs = append(packs, Read(p.List.ID, text, WriteTests(p.Tests)))
	}
	lib = LibraryOf(packs...)
	for _, p := range packs {
		if f := Check(p, lib); f.Errors() > 0 {
			t.Errorf("%s", f)
		}
		for _, r := range RunTests(p, lib) {
			if r.Failure != "" {
				t.Errorf("%s: %s: %s", r.Person, r.Item, r.Failure)
			}
		}
	}
}

// TestWriteAnyText writes texts that YAML would take for something else.
func TestWriteAnyText(t *testing.T) {
	odd := rapid.SampledFrom([]string{
		"yes", "No", "null", "~", "2023-12-16", "1410", "0.5", "- x", "a: b", "a #b", "#", "'", "\"", "\\", "{a}", "[a", "a:", "&a", "*a", "!a", "| x", "> x",
		"“引”：乙", "一行\n二行", "一行\n\n  三行", "行 \n行", "%x", "@x", "`x", "? x", ": x", "\tx\ty", "a\tb", "\u00a0a", "a\u2028b", "a\rb", "…", "1e3", "0x1f", ".inf", "<<",
	})
	rapid.Check(t, func(t *rapid.T) {
		any := rapid.OneOf(odd, rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("a1 :#-'\"\\\n{}[],&*!|>%@`?=~中。")), 1, 12, -1))
		text := func(name string) string {
			s := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(any.Draw(t, name), "\x00", ""), ""))
			if s == "" {
				return "x"
			}
			return s
		}
		l := &List{ID: "x-1", Title: text("title"), Region: "1410", From: 738000, Note: text("note"), Document: Document{Title: text("document"), Issuer: text("issuer")}}
		l.Items = []Item{{
			No: 1, ID: "a", Name: text("name"), Audience: text("audience"), Type: text("type"), Joint: []string{text("one"), text("two")}, When: rules.Text{CEL: "age >= 60"},
			Grant:  Grant{Kind: rules.Discount, Share: []rules.Share{{When: rules.Text{CEL: "age >= 70"}, Is: text("share")}, {Is: text("else")}}},
			Clause: Clause{Place: text("place"), Text: text("clause")},
		}}
		data, err := l.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again := Read("x-1", data, nil)
		if len(again.faults) > 0 {
			t.Fatalf("%v\n%s", again.faults, data)
		}
		if got, want := textOf(again.List), textOf(l); !reflect.DeepEqual(got, want) {
			t.Fatalf("\n%+v\n%+v\n%s", got, want, data)
		}
	})
}

func TestWriteRefusesFaults(t *testing.T) {
	l := Read("x", []byte("list: x\ntitle: 甲\nwrong: 1\n"), nil).List
	if data, err := l.YAML(); err == nil {
		t.Errorf("a list with faults was written:\n%s", data)
	}
}

// TestWriteRules keeps rules as they are, in one line and in several.
func TestWriteRules(t *testing.T) {
	data, err := fs.ReadFile(policies.FS, "linfen/list.yaml")
	if err != nil {
		t.Fatal(err)
	}
	l := Read("linfen", data, nil).List
	for _, rule := range []string{
		`"1410" == "1410"`, `(age >= 60)`, `!lives_alone`, "age >= 60 &&\n  lives_alone", "age >= 60 // 满六十\n        && lives_alone", `'a: b' != "c #d"`, "0.5 * nursing_subsidy", "70",
	} {
		l.Items[0].When.CEL = rule
		l.Items[0].Grant.Amount = []rules.Case{{When: rules.Text{CEL: rule}, Is: rules.Text{CEL: rule}}, {Is: rules.Text{CEL: rule}}}
		out, err := l.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again := Read("linfen", out, nil)
		if len(again.faults) > 0 {
			t.Fatal(again.faults)
		}
		words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		it := &again.List.Items[0]
		for _, got := range []string{it.When.CEL, it.Grant.Amount[0].When.CEL, it.Grant.Amount[0].Is.CEL, it.Grant.Amount[1].Is.CEL} {
			if words(got) != words(rule) || strings.Count(got, "\n") != strings.Count(rule, "\n") {
				t.Errorf("got %q, want %q", got, rule)
			}
		}
	}
}
