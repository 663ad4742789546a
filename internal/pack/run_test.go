package pack

import (
	"os"
	"strings"
	"testing"
)

// TestFailures gives the people of the good pack expectations that do not hold.
func TestFailures(t *testing.T) {
	const person = `- name: 甲
  at: 2024-06-30
  facts: {birth: 1943-05-01, hukou: "141002", income: dibao, ability: severe, lives_alone: true}
  expect: {`
	for expect, want := range map[string]string{
		"allowance: yes":                                    "",
		"allowance: no":                                     "结果应为 no，却是 yes",
		"allowance: {result: yes, amount: 1}":               "金额应为 1 元，却是待确定（参数 dibao_standard 没有值）",
		"allowance: {result: yes, times: 1}":                "次数应为 1，却是没有",
		"nursing: {result: yes, amount: 100}":               "",
		"nursing: {result: yes, amount: 99.5}":              "金额应为 99.50 元，却是 100 元",
		"nursing: {result: yes, at_least: 100.01}":          "金额应不少于 100.01 元，却是 100 元",
		"nursing: {result: yes, missing: []}":               "",
		"nursing: {result: yes, missing: [sex, ability]}":   "缺少的事实应为 sex、ability，却是 无",
		"nursing: unknown":                                  "结果应为 unknown，却是 yes",
		"visit: {result: yes, times: 1}":                    "次数应为 1，却是 2",
		"visit: {result: unknown, missing: [lives_alone]}":  "结果应为 unknown，却是 yes；缺少的事实应为 lives_alone，却是 无",
		"visit: {result: yes, times: 2, missing: [income]}": "缺少的事实应为 income，却是 无",
	} {
		lib := cityLibrary(t)
		p, err := Load(os.DirFS("testdata/good"), "city")
		if err != nil {
			t.Fatal(err)
		}
		p.Tests = nil
		doc, root, _ := parse("tests/a.yaml", []byte(person+expect+"}\n"))
		readTests(&p.Tests)(root)
		if len(doc.errs) > 0 {
			t.Fatal(doc.errs)
		}
		got := RunTests(p, lib)
		if len(got) != 1 || got[0].Failure != want || got[0].At.String() != "tests/a.yaml:4:12" {
			t.Errorf("%s: got %+v, want %q", expect, got, want)
		}
	}
}

func TestTestsOfAListWithFaults(t *testing.T) {
	p, err := Load(os.DirFS("testdata/bad"), "schema")
	if err == nil || !strings.Contains(err.Error(), "schema/list.yaml:2:8: 这里应有文字，却是空的") {
		t.Errorf("Load must tell the faults, got %v", err)
	}
	got := RunTests(p, cityLibrary(t))
	if len(got) != 1 || !strings.HasPrefix(got[0].Failure, "清单有错，不能认定") {
		t.Errorf("got %+v, want one failure that tells that the list has faults", got)
	}
}

func TestOpen(t *testing.T) {
	lib := cityLibrary(t)
	dir := folder(t, map[string]string{"county.yaml": countyList, "city.yaml": cityList})
	for path, want := range map[string]string{
		"city":               "city",
		"testdata/good/city": "city",
		"testdata/good":      "city",
		"testdata/bad":       "ages circle-a circle-b county lost messages names  sense syntax",
		dir + "/county.yaml": "",
		dir:                  "error: " + dir + " 里没有政策包（含 pack.yaml 的文件夹）",
		"testdata/none":      "error: 找不到 testdata/none",
	} {
		packs, err := lib.Open(path)
		places := make([]string, len(packs))
		for i, p := range packs {
			places[i] = p.Place
		}
		got := strings.Join(places, " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want {
			t.Errorf("Open(%s): got %q, want %q", path, got, want)
		}
	}
	packs, err := lib.Open(dir + "/county.yaml")
	if err != nil || Check(packs[0], lib).Errors() != 0 {
		t.Errorf("a single list needs no tests: %v, %v", err, Check(packs[0], lib))
	}
}

func TestBounds(t *testing.T) {
	for name, tc := range map[string]struct{ file, want string }{
		"bytes":    {"a: " + strings.Repeat("x", maxBytes), "a.yaml:1:1: 文件有"},
		"keys":     {strings.Repeat("a:\n", maxKeys+1), "a.yaml:20001:2: 文件的键超过"},
		"brackets": {"a: " + strings.Repeat("[", 100), "a.yaml:1:36: 嵌套超过 32 层"},
		"entries":  {strings.Repeat("- ", 100), "a.yaml:1:65: 嵌套超过 32 层"},
	} {
		if doc, _, ok := parse("a.yaml", []byte(tc.file)); ok || !strings.HasPrefix(doc.errs.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", name, doc.errs, tc.want)
		}
	}
}
