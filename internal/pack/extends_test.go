package pack

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// empty is a file system without files.
type empty struct{}

func (empty) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

const (
	cityList = `list: city
title: 市清单
region: "1410"
document: {title: 方案, issuer: 市政府, date: 2023-01-01}
effective: {from: 2023-01-01}
parameters:
  dibao: {label: 低保标准, unit: 元/月, values: [{from: 2023-01-01, at_least: 500}]}
  nursing: {label: 护理补贴, unit: 元/月, values: [{from: 2023-01-01, at_least: 100}]}
define: {old: age >= 80}
items:
  - {no: 1, id: a, name: 甲, audience: 老年人, type: 物质帮助, when: old, grant: {kind: cash, per: month, amount: 0.5 * dibao}, clause: {at: 一, text: 甲}}
  - {no: 2, id: b, name: 乙, audience: 老年人, type: 物质帮助, when: age >= 60, grant: {kind: cash, per: month, amount: nursing}, clause: {at: 一, text: 乙}}
  - {no: 3, id: c, name: 丙, audience: 老年人, type: 关爱服务, when: lives_alone, grant: {kind: service}, clause: {at: 一, text: 丙}}
`
	countyList = `list: county
title: 区清单
region: "141002"
extends: city
document: {title: 方案, issuer: 区政府, date: 2024-01-01}
effective: {from: 2024-01-01, to: 2026-12-31}
parameters:
  dibao: {label: 区低保标准, unit: 元/月, values: [{from: 2024-07-01, value: 700}]}
  nursing: {label: 护理补贴, unit: 元/月, values: [], set_by: county}
define: {old: age >= 70}
items:
  - {no: 20, id: b, name: 区乙, audience: 老年人, type: 物质帮助, when: old, grant: {kind: cash, per: month, first: next_month, amount: nursing}, clause: {at: 二, text: 区乙}}
  - {no: 4, id: d, name: 丁, audience: 老年人, type: 关爱服务, when: old, answers: c, excludes: [c], grant: {kind: service}, clause: {at: 二, text: 丁}}
`
)

// folder writes files and returns the folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func county(t *testing.T) *rules.Source {
	t.Helper()
	dir := folder(t, map[string]string{"city.yaml": cityList, "county.yaml": countyList})
	l, err := cityLibrary(t).List(filepath.Join(dir, "county.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return l.Source()
}

func TestExtends(t *testing.T) {
	src := county(t)
	if src.ID != "county" || src.Region != "141002" || src.From != civil.New(2024, 1, 1) || src.To != civil.New(2026, 12, 31) {
		t.Errorf("the lower list's own head does not hold: %+v", src)
	}
	var got []string
	for _, it := range src.Items {
		got = append(got, fmt.Sprintf("%d %s %s answers %s define %s first %s", it.No, it.ID, it.Name, it.Answers, it.Define[0].Rule.CEL, it.Grant.First))
	}
	want := []string{
		"1 a 甲 answers a define age >= 80 first same_month",
		"20 b 区乙 answers b define age >= 70 first next_month",
		"3 c 丙 answers c define age >= 80 first same_month",
		"4 d 丁 answers c define age >= 70 first same_month",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("items: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestParametersOfBothLists(t *testing.T) {
	src := county(t)
	for _, tc := range []struct {
		name string
		day  civil.Date
		want string
	}{
		{"dibao", civil.New(2023, 6, 1), "500/1"},   // the city's, before the county's first
		{"dibao", civil.New(2024, 6, 30), "500/1"},  // the day before
		{"dibao", civil.New(2024, 7, 1), "700/1"},   // the county's
		{"nursing", civil.New(2024, 7, 1), "100/1"}, // the county sets none: the city's stands
	} {
		for i := range src.Parameters {
			if p := &src.Parameters[i]; p.Name == tc.name && p.On(tc.day).Value.String() != tc.want {
				t.Errorf("%s on %s is %s, want %s", tc.name, tc.day, p.On(tc.day).Value, tc.want)
			}
		}
	}
	if len(src.Parameters) != 2 || src.Parameters[0].Label != "区低保标准" {
		t.Errorf("parameters: %+v", src.Parameters)
	}
	// The inherited item a pays by the county's standard, and keeps the city's "old".
	day := civil.New(2024, 8, 1)
	prog, err := rules.Compile(src, day)
	if err != nil {
		t.Fatal(err)
	}
	for age, want := range map[int]rules.Truth{79: rules.No, 80: rules.Yes} {
		who := fact.Person{Birth: civil.New(2024-age, 8, 1)}
		d := prog.Decide(prog.Find("a"), &who, day)
		if d.Result != want || want == rules.Yes && d.Amount.Fen() != 350_00 {
			t.Errorf("aged %d: %v, %s yuan", age, d.Result, d.Amount.Fen())
		}
	}
}

func TestSourceOfListsNobodyLinked(t *testing.T) {
	dir := folder(t, map[string]string{"city.yaml": cityList, "county.yaml": countyList})
	l, err := LoadList(filepath.Join(dir, "county.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Source() != nil {
		t.Error("a list whose upper list is not known yet must have no source")
	}
	if l, err = LoadList(filepath.Join(dir, "city.yaml")); err != nil || l.Source() == nil {
		t.Errorf("a list of its own must have a source: %v", err)
	}
}

func TestFindingLists(t *testing.T) {
	extends := func(id, base string) string {
		return strings.Replace(strings.Replace(countyList, "list: county", "list: "+id, 1), "extends: city", "extends: "+base, 1)
	}
	city := func(title string) string { return strings.Replace(cityList, "市清单", title, 1) }
	for _, tc := range []struct {
		name  string
		files map[string]string
		ask   string // a file of files, or an id
		want  string // title of the upper list, or part of the error
	}{
		{"in the same folder", map[string]string{"x/county.yaml": countyList, "x/city.yaml": city("同夹")}, "x/county.yaml", "同夹"},
		{"in a folder beside", map[string]string{"p/q/list.yaml": countyList, "p/r/list.yaml": city("隔壁")}, "p/q/list.yaml", "隔壁"},
		{"in a folder below", map[string]string{"p/county.yaml": countyList, "p/r/list.yaml": city("下面")}, "p/county.yaml", "下面"},
		{"of a folder", map[string]string{"p/q/list.yaml": countyList, "p/r/list.yaml": city("隔壁")}, "p/q", "隔壁"},
		{"among the library", map[string]string{"a.yaml": extends("county", "city-2023")}, "./a.yaml", "市清单"},
		{"nowhere", map[string]string{"a.yaml": extends("county", "city-2024")}, "a.yaml", `a.yaml:4:10: 承接清单：没有编号为 "city-2024" 的清单；已有：city-2023`},
		{"twice", map[string]string{"a.yaml": countyList, "b.yaml": cityList, "c.yaml": cityList}, "a.yaml", `编号 "city" 的清单不止一个`},
		{"itself", map[string]string{"a.yaml": extends("county", "county")}, "a.yaml", "extends 绕成了圈：county → county"},
		{"a circle of three", map[string]string{"a.yaml": extends("a", "b"), "b.yaml": extends("b", "c"), "c.yaml": extends("c", "a")}, "a.yaml", "a → b → c → a"},
		{"with faults", map[string]string{"a.yaml": countyList, "b.yaml": cityList + "extra: 1\n"}, "a.yaml", "city 自身有 1 处错误，第一处"},
		{"no such file", nil, "a.yaml", "找不到"},
		{"no such id", nil, "city-2032", `没有编号为 "city-2032" 的清单；已有：city-2023`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ask := tc.ask
			if isPath(ask) {
				ask = filepath.Join(folder(t, tc.files), ask)
			}
			l, err := cityLibrary(t).List(ask)
			got := fmt.Sprint(err)
			if err == nil && l.base.Load() != nil {
				got = l.base.Load().Title
			}
			if !strings.Contains(got, tc.want) {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// TestCountyThatOnlySetsFigures needs no items, and an own item may use the upper
// list's definitions.
func TestCountyThatOnlySetsFigures(t *testing.T) {
	figures, _, _ := strings.Cut(countyList, "define:")
	own := figures + "items:\n  - {no: 9, id: e, name: 戊, audience: 老年人, type: 关爱服务, when: old && lives_alone, grant: {kind: service}, clause: {at: 二, text: 戊}}\n"
	for name, text := range map[string]string{"figures only": figures, "an own item": own} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"city.yaml": cityList, "county.yaml": text})
			lib, err := NewLibrary(empty{})
			if err != nil {
				t.Fatal(err)
			}
			l, err := lib.List(filepath.Join(dir, "county.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := rules.Compile(l.Source(), civil.New(2024, 7, 1)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestYears(t *testing.T) {
	for in, want := range map[string]int{"65": 65, "六十": 60, "六十五": 65, "八十": 80, "一百": 100, "十": 10, "十八": 18, "一百零五": 105} {
		if got := years(in); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
}
