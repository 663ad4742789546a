package ui_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"yian/internal/errs"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/ui/uitest"
)

func TestHereMarksTheLongestMatch(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/persons": "/persons", "/persons/7/facts": "/persons", "/persons/duplicates": "/persons/duplicates",
		"/personsx": "", "/elsewhere": "",
	} {
		f := ui.Frame{Nav: []ui.NavGroup{{Items: []ui.NavItem{{Href: "/", Active: true}, {Href: "/persons"}}}, {Items: []ui.NavItem{{Href: "/persons/duplicates"}}}}}
		f.Here(path)
		got := ""
		for _, g := range f.Nav {
			for _, item := range g.Items {
				if item.Active {
					got += item.Href
				}
			}
		}
		if got != want {
			t.Errorf("%s marks %q, want %q", path, got, want)
		}
	}
}

func TestWindowTitle(t *testing.T) {
	for want, f := range map[string]ui.Frame{
		"颐安": {}, "登录 · 颐安": {Title: "登录"}, "有误：登录 · 颐安": {Title: "登录", Status: 422},
	} {
		if got := f.WindowTitle(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestFailPutsFaultsInPlace(t *testing.T) {
	f := ui.Simple("/x", "", ui.Field{Name: "name"}, ui.Field{Name: "number", Error: "先说的"})
	f.Fail(errors.Join(errors.New("outer"), &errs.Error{Kind: errs.Invalid, Fields: []errs.Field{
		{Name: "gone", Message: "没有这一栏"}, {Name: "number", Message: "后说的"}, {Name: "name", Message: "请填写姓名"},
	}}))
	want := []errs.Field{{Message: "没有这一栏"}, {Name: "name", Message: "请填写姓名"}, {Name: "number", Message: "先说的"}}
	got := f.Summary().Faults
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	f = ui.Simple("/x", "")
	f.Fail(errs.New(errs.Conflict, "这位老年人已在册"))
	f.Fail(nil)
	if got := f.Summary().Faults; len(got) != 1 || got[0].Message != "这位老年人已在册" {
		t.Errorf("got %v", got)
	}
}

func TestDeepestRegion(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   region.Code
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"14", "1410", "141002"}, "141002"},
		{[]string{"14", "1410", ""}, "1410"},
		{[]string{"14", "1401", "141002"}, "1401"}, // the city was changed, the county is left over
		{[]string{"", "1410"}, ""},
		{[]string{"14", "x"}, "14"},
		{[]string{"141002", "141002001", "141002001001"}, "141002001001"},
	} {
		if got := ui.DeepestRegion(c.values); got != c.want {
			t.Errorf("%v is %q, want %q", c.values, got, c.want)
		}
	}
}

func below(c region.Code) ([]ui.Option, error) {
	var options []ui.Option
	for _, d := range region.Below(c) {
		options = append(options, ui.Option{Value: string(d.Code), Label: d.Name})
	}
	return options, nil
}

func TestRegionsAskFromTheTopDown(t *testing.T) {
	for _, c := range []struct {
		top, chosen region.Code
		want        []string
	}{
		{"1410", "", []string{""}},
		{"1410", "141002", []string{"141002", ""}},
		{"1410", "1401", []string{""}}, // outside the top
		{"141002", "141002", []string{""}},
		{"14", "141002", []string{"1410", "141002", ""}},
	} {
		s, err := ui.Regions("residence", "/regions", c.top, c.chosen, below)
		if err != nil {
			t.Fatal(err)
		}
		var values []string
		for _, level := range s.Levels {
			values = append(values, level.Value)
		}
		if !slices.Equal(values, c.want) {
			t.Errorf("from %s with %q: %q, want %q", c.top, c.chosen, values, c.want)
		}
	}
	broken := errors.New("no database")
	if _, err := ui.Regions("r", "", "14", "", func(region.Code) ([]ui.Option, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestPercentIsHundredOnlyAtTheEnd(t *testing.T) {
	for _, c := range []struct{ done, goal, want int64 }{{0, 0, 0}, {5, 0, 0}, {0, 9, 0}, {999_999, 1_000_000, 99}, {9, 9, 100}, {10, 9, 100}, {-1, 9, 0}} {
		if got := (ui.Progress{Done: c.done, Goal: c.goal}).Percent(); got != c.want {
			t.Errorf("%d of %d is %d, want %d", c.done, c.goal, got, c.want)
		}
	}
}

func TestRenderParts(t *testing.T) {
	templates := uitest.Templates(t, set(t))
	var b bytes.Buffer
	if err := templates.RenderPart(&b, "test/login", "part", count{Count: 12_345}); err != nil || b.String() != "<b>12,345</b>" {
		t.Errorf("got %q, %v", b.String(), err)
	}
	b.Reset()
	for name, err := range map[string]error{
		"another struct":  templates.Render(&b, "test/login", &gallery{}),
		"an unknown page": templates.Render(&b, "test/nowhere", &login{}),
		"an unknown part": templates.RenderPart(&b, "test/login", "content", &login{}),
		"an unknown icon": templates.RenderComponent(&b, "icon", "unicorn"),
	} {
		if err == nil {
			t.Errorf("%s is rendered", name)
		}
	}
	if b.Len() > 0 {
		t.Errorf("what failed has written %q", b.String())
	}
	if err := templates.RenderComponent(&b, "progress", ui.Progress{ID: "p", Label: "导入", Done: 1, Goal: 2}); err != nil || !strings.Contains(b.String(), "50%") {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestNewRefuses(t *testing.T) {
	page := func(text string) ui.Set {
		return ui.Set{FS: fstest.MapFS{"templates/a.html": {Data: []byte(text)}}, Pages: map[string]ui.Page{"m/a": &login{}}}
	}
	for name, sets := range map[string][]ui.Set{
		"a page twice":          {page(`{{define "content"}}{{end}}`), page(`{{define "content"}}{{end}}`)},
		"a page without a file": {{FS: fstest.MapFS{}, Pages: map[string]ui.Page{"m/a": &login{}}}},
		"no content":            {page(`text`)},
		"a broken template":     {page(`{{define "content"}}{{if}}{{end}}`)},
		"an unknown icon":       {page(`{{define "content"}}{{if .Title}}{{range .Nav}}x{{else}}{{with .Lead}}{{template "icon" "unicorn"}}{{end}}{{end}}{{end}}{{end}}`)},
		"a part of nothing":     {{FS: fstest.MapFS{"templates/a.html": {Data: []byte(`{{define "content"}}{{end}}`)}}, Pages: map[string]ui.Page{"m/a": &login{}}, Parts: map[string][]ui.Part{"m/a": {{Name: "rows"}}}}},
	} {
		if _, err := ui.New(uitest.Assets(t), sets...); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
