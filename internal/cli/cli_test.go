package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"yian/internal/pack"
	"yian/internal/rules"
	"yian/policies"
)

var update = flag.Bool("update", false, "rewrite golden files")

var library = sync.OnceValues(func() (*pack.Library, error) { return pack.NewLibrary(policies.FS) })

// yian runs a command line in a directory of its own.
func yian(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return yianIn(t, context.Background(), args...)
}

func yianIn(t *testing.T, ctx context.Context, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	day := time.Date(2024, 6, 30, 12, 0, 0, 0, time.UTC)
	e := &env{ctx: ctx, stdout: &out, stderr: &errs, now: func() time.Time { return day }, workers: 2, library: library}
	code = e.main(args)
	return code, out.String(), errs.String()
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const peopleCSV = `id,birth,hukou,income,ability,tekun_support,tekun_care
张三-1,1943-01-15,141024,dibao,severe,none,
"a,""b",1943-01-15,141024,低保,,,
3,1924-06-30,141002,none,intact,,
4,1964-07-01,141002,none,intact,,
5,1950-01-01,14,tekun,,scattered,self
6,,141002001001,,,,
`

func TestEvaluateWritesResults(t *testing.T) {
	in := write(t, "people.csv", peopleCSV)
	out := filepath.Join(filepath.Dir(in), "results.csv")
	code, stdout, stderr := yian(t, "evaluate", "--list", "linfen-2023", "--at", "2024-06-30", in, "-o", out)
	if code != 0 || stderr != "" {
		t.Fatalf("code %d, %s", code, stderr)
	}
	golden(t, "evaluate", stdoutWithout(stdout, in, out))
	golden(t, "results.csv", read(t, out))
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(in), ".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// stdoutWithout takes the paths and times of a run out of its output.
func stdoutWithout(s string, paths ...string) string {
	for _, p := range paths {
		s = strings.ReplaceAll(s, p, filepath.Base(p))
	}
	var lines []string
	for line := range strings.Lines(s) {
		if !strings.Contains(line, "用时") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, path); got != want {
		t.Errorf("%s differs; run make golden and look at the change:\n%s", path, got)
	}
}

func TestFormatsAgree(t *testing.T) {
	in := write(t, "people.csv", peopleCSV)
	rows := map[string][]string{}
	for _, format := range []string{"csv", "jsonl", "parquet"} {
		out := filepath.Join(t.TempDir(), "r")
		if code, _, stderr := yian(t, "evaluate", "--list", "linfen-2023", "--all", "--format", format, in, "-o", out); code != 0 {
			t.Fatal(stderr)
		}
		rows[format] = lines(t, format, out)
		if len(rows[format]) != 6*24 {
			t.Errorf("%s: %d rows, want %d", format, len(rows[format]), 6*24)
		}
	}
	for i, want := range rows["csv"] {
		for _, format := range []string{"jsonl", "parquet"} {
			if got := rows[format][i]; got != want {
				t.Fatalf("%s row %d: %s, CSV has %s", format, i, got, want)
			}
		}
	}
}

// lines reads results of any format in the form of the CSV.
func lines(t *testing.T, format, path string) (out []string) {
	t.Helper()
	switch format {
	case "csv":
		all, err := csv.NewReader(strings.NewReader(read(t, path))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range all[1:] {
			out = append(out, strings.Join(row, "|"))
		}
	case "jsonl":
		for line := range strings.Lines(read(t, path)) {
			var r jsonRow
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			amount := ""
			if r.Amount != nil {
				amount = *r.Amount
			}
			out = append(out, strings.Join([]string{r.Person, grouped(r.ItemNo), r.Item, r.Name, r.Result, amount, strings.Join(r.Missing, ";"), r.Clause}, "|"))
		}
	case "parquet":
		all, err := parquet.ReadFile[parquetRow](path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			amount := map[string]string{"unset": "unset", "undecided": "unknown"}[r.AmountState]
			if r.AmountYuan != nil {
				amount = string(appendAmount(nil, rules.Quantity{State: rules.Fixed, N: *r.AmountYuan}))
			}
			out = append(out, strings.Join([]string{r.Person, grouped(int(r.ItemNo)), r.Item, r.Name, r.Result, amount, strings.Join(r.Missing, ";"), r.Clause}, "|"))
		}
	}
	return out
}

func TestRejectedRowsAreKeptAside(t *testing.T) {
	in := write(t, "people.csv", peopleCSV+"7,2030-01-01,141002,,,,\n8,1950-02-30,141002,,,,\n3,1950-01-01,141002,,,,\n")
	out := filepath.Join(filepath.Dir(in), "results.csv")
	code, stdout, stderr := yian(t, "evaluate", "--list", "linfen-2023", in, "-o", out)
	if code != exitInput || !strings.Contains(stdout, "读入 9 行，接受 6，拒绝 3") || !strings.Contains(stderr, out+".rejects.csv") {
		t.Fatalf("code %d\n%s\n%s", code, stdout, stderr)
	}
	rejects := read(t, out+".rejects.csv")
	for _, want := range []string{"8,birth,2030-01-01,出生日期 2030-01-01 晚于评定日 2024-06-30", "9,birth,1950-02-30", "10,id,,编号与第 4 行重复"} {
		if !strings.Contains(rejects, want) {
			t.Errorf("the rejects lack %q:\n%s", want, rejects)
		}
	}
	mended := write(t, "mended.csv", strings.NewReplacer("2030-01-01", "1940-01-01", "1950-02-30", "1950-02-28", "\n3,", "\n9,").Replace(rejects))
	if code, stdout, stderr := yian(t, "evaluate", "--list", "linfen-2023", mended); code != 0 || !strings.Contains(stdout, "接受 3，拒绝 0") {
		t.Errorf("mended rows: code %d\n%s\n%s", code, stdout, stderr)
	}
}

func TestBadInput(t *testing.T) {
	good := write(t, "people.csv", peopleCSV)
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"no file", []string{"evaluate", "--list", "linfen-2023", "nowhere.csv"}, "没有人员文件 nowhere.csv"},
		{"folder", []string{"evaluate", "--list", "linfen-2023", t.TempDir()}, "是文件夹"},
		{"empty file", []string{"evaluate", "--list", "linfen-2023", write(t, "e.csv", "")}, "文件是空的"},
		{"wrong header", []string{"evaluate", "--list", "linfen-2023", write(t, "h.csv", "id,brith\n1,1950-01-01\n")}, "最接近的是 birth"},
		{"age as a fact", []string{"evaluate", "--list", "linfen-2023", write(t, "a.csv", "id,age\n1,80\n")}, "请提供 birth"},
		{"neither UTF-8 nor GB18030", []string{"evaluate", "--list", "linfen-2023", write(t, "b.csv", "id,sex\n1,\xff\xff\n")}, "GB18030"},
		{"10 MB line", []string{"evaluate", "--list", "linfen-2023", write(t, "l.csv", "id,sex\n"+strings.Repeat("x", 10<<20)+",male\n")}, "第 2 行"},
		{"missing list", []string{"evaluate", "--list", "linfen-2024", good}, "linfen-2023"},
		{"missing list file", []string{"evaluate", "--list", "nowhere/list.yaml", good}, "nowhere/list.yaml"},
		{"before the list", []string{"evaluate", "--list", "linfen-2023", "--at", "2023-12-15", good}, "自 2023-12-16 起施行"},
		{"bad date", []string{"evaluate", "--list", "linfen-2023", "--at", "2024-02-30", good}, "2024-02-30"},
		{"bad format", []string{"evaluate", "--list", "linfen-2023", "--format", "xml", good}, "只能是"},
		{"unknown flag", []string{"evaluate", "--lst", "linfen-2023", good}, "没有这个选项"},
		{"no such command", []string{"evalute"}, "没有这个命令：evalute"},
		{"not a number", []string{"synth", "--region", "1410", "--elders", "x", "-o", "p.csv"}, "应有 整数"},
		{"empty date", []string{"evaluate", "--list", "linfen-2023", "--at", "", good}, "无效"},
		{"output is the input", []string{"evaluate", "--list", "linfen-2023", good, "-o", good}, "就是要读的文件"},
		{"output to standard output", []string{"evaluate", "--list", "linfen-2023", good, "-o", "-"}, "请给出文件名"},
		{"synth to XLSX", []string{"synth", "--region", "1410", "--elders", "1", "-o", "p.xlsx"}, "CSV"},
		{"no list", []string{"evaluate", good}, "缺少选项"},
		{"output in no folder", []string{"evaluate", "--list", "linfen-2023", good, "-o", "no/such/folder/r.csv"}, "不能写"},
		{"unknown fact in a rule", []string{"evaluate", "--list", county(t, `incme == "dibao"`, "70"), good}, "是不是 income"},
		{"unknown fact", []string{"explain", "--list", "linfen-2023", "--fact", "incme=dibao"}, `没有名为 "incme" 的事实`},
		{"age given", []string{"explain", "--list", "linfen-2023", "--fact", "age=80"}, "出生日期"},
		{"bad value", []string{"explain", "--list", "linfen-2023", "--fact", "income=poor"}, "可用：none"},
		{"no value", []string{"explain", "--list", "linfen-2023", "--fact", "income"}, "名字=值"},
		{"fact twice", []string{"explain", "--list", "linfen-2023", "--fact", "income=dibao", "--fact", "income=none"}, "两次"},
		{"impossible person", []string{"explain", "--list", "linfen-2023", "--fact", "birth=1850-01-01"}, "不可能"},
		{"unknown item", []string{"explain", "--list", "linfen-2023", "--item", "x"}, "employee-pension"},
		{"conform without above", []string{"conform", "national-2023"}, "--above"},
		{"conform, not readable", []string{"conform", write(t, "c.yaml", "list: [")}, "c.yaml:1:"},
		{"too many years", []string{"simulate", "--list", "linfen-2023", "--with", "linfen-2023", good, "--years", "51"}, "0 至 50"},
		{"synth nowhere", []string{"synth", "--region", "9999", "--elders", "1", "-o", filepath.Join(t.TempDir(), "p.csv")}, "9999"},
		{"check nowhere", []string{"check", "nowhere"}, "nowhere"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stdout, stderr := yian(t, tc.args...)
			if code != exitInput || !strings.Contains(stderr, tc.want) || stdout != "" {
				t.Errorf("code %d, want %d with %q\nout: %s\nerr: %s", code, exitInput, tc.want, stdout, stderr)
			}
		})
	}
}

// county writes a county's list that replaces one item.
func county(t *testing.T, when, amount string) string {
	t.Helper()
	return write(t, "county.yaml", `list: county
title: 某县清单
region: "141024"
extends: linfen-2023
above: linfen-2023
document: {title: 某县方案, issuer: 某县人民政府, date: 2024-03-01}
effective: {from: 2024-03-01}
items:
  - no: 13
    id: care-service-subsidy
    name: 养老服务补贴
    audience: 经济困难的老年人
    type: 物质帮助
    when: hukou.within("141024") && age >= 60 && `+when+`
    grant: {kind: cash, per: month, amount: `+amount+`}
    clause: {at: 第13项, text: 每人每月`+amount+`元。}
`)
}

func TestOutputFollowsLinksAndSparesPipes(t *testing.T) {
	in, dir := write(t, "people.csv", peopleCSV), t.TempDir()
	target, link, pipe := filepath.Join(dir, "target.csv"), filepath.Join(dir, "link.csv"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := yian(t, "evaluate", "--list", "linfen-2023", in, "-o", link); code != 0 {
		t.Fatal(stderr)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.HasPrefix(read(t, target), "person,") {
		t.Errorf("the link was replaced: %v %v", info, err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() { b, _ := os.ReadFile(pipe); got <- string(b) }()
	if code, _, stderr := yian(t, "evaluate", "--list", "linfen-2023", in, "-o", pipe); code != 0 {
		t.Fatal(stderr)
	}
	if text := <-got; !strings.HasPrefix(text, "person,") {
		t.Errorf("the pipe got %q", text)
	}
	if info, _ := os.Stat(pipe); info.Mode().IsRegular() {
		t.Error("the pipe was replaced")
	}
}

func TestCleanRunTellsOfStaleRejects(t *testing.T) {
	in := write(t, "people.csv", peopleCSV+"7,2030-01-01,141002,,,,\n")
	out := filepath.Join(t.TempDir(), "r.csv")
	if code, _, _ := yian(t, "evaluate", "--list", "linfen-2023", in, "-o", out); code != exitInput {
		t.Fatal(code)
	}
	if code, _, stderr := yian(t, "evaluate", "--list", "linfen-2023", write(t, "p.csv", peopleCSV), "-o", out); code != 0 || !strings.Contains(stderr, "与这次的结果无关") {
		t.Fatal(code, stderr)
	}
	if _, err := os.Stat(out + ".rejects.csv"); err != nil {
		t.Error("rows that somebody may be mending are gone")
	}
}

func TestConform(t *testing.T) {
	lower := county(t, `income in ["dibao", "tekun", "edge", "rigid"]`, "70")
	if code, stdout, _ := yian(t, "conform", lower); code != 0 || !strings.Contains(stdout, "24 项中 24 项已证明") {
		t.Errorf("code %d\n%s", code, stdout)
	}
	lower = county(t, `income in ["dibao", "tekun", "edge"]`, "60")
	code, stdout, _ := yian(t, "conform", lower)
	if code != exitNo {
		t.Errorf("code %d", code)
	}
	golden(t, "conform", stdoutWithout(stdout, lower))
	code, stdout, _ = yian(t, "conform", lower, "--json")
	var out struct {
		Conforms bool
		Items    []jsonVerdict
	}
	if err := json.Unmarshal([]byte(stdout), &out); err != nil || code != exitNo || out.Conforms || len(out.Items) != 24 {
		t.Fatalf("code %d, %v\n%s", code, err, stdout)
	}
	for _, v := range out.Items {
		if v.Proved != (v.Upper != "care-service-subsidy") || !v.Proved && v.Findings[0].Person["income"] != "rigid" {
			t.Errorf("%+v", v)
		}
	}
}

func TestEveryPlaceConformsToTheNation(t *testing.T) {
	for _, list := range []string{"guizhou-2023", "huancui-2022", "linfen-2023", "jilin-2021", "urumqi-2024"} {
		if code, stdout, stderr := yian(t, "conform", list); code != 0 {
			t.Errorf("%s: code %d\n%s\n%s", list, code, stdout, stderr)
		}
	}
}

func TestExplain(t *testing.T) {
	args := []string{
		"explain", "--list", "linfen-2023", "--at", "2024-06-30", "--fact", "birth=1943-01-15",
		"--fact", "hukou=141024", "--fact", "income=tekun", "--fact", "tekun_support=scattered", "--fact", "tekun_care=partial",
	}
	code, stdout, _ := yian(t, args...)
	if code != 0 {
		t.Fatal(code)
	}
	golden(t, "explain", stdout)
	code, stdout, _ = yian(t, append(args, "--item", "nursing-subsidy", "--json")...)
	if code != 0 {
		t.Fatal(code)
	}
	golden(t, "explain.json", stdout)
}

func TestNext(t *testing.T) {
	in := write(t, "people.csv", peopleCSV)
	out := filepath.Join(filepath.Dir(in), "next.csv")
	if code, _, stderr := yian(t, "next", "--list", "linfen-2023", in, "-o", out); code != 0 {
		t.Fatal(stderr)
	}
	golden(t, "next.csv", read(t, out))
}

func TestSimulate(t *testing.T) {
	in, changed := write(t, "people.csv", peopleCSV), county(t, `income == "tekun"`, "90")
	out := filepath.Join(filepath.Dir(in), "sim.csv")
	code, stdout, stderr := yian(t, "simulate", "--list", "linfen-2023", "--with", changed, in, "--years", "2", "-o", out, "--who", out+".who")
	if code != 0 {
		t.Fatal(stderr)
	}
	golden(t, "simulate", stdoutWithout(stdout, in, out))
	golden(t, "who.csv", read(t, out+".who"))
	if rows := strings.Count(read(t, out), "\n"); rows != 1+24*4 {
		t.Errorf("%d rows, want a header and 24 items of 4 counties", rows)
	}
}

func TestPacksAndCheck(t *testing.T) {
	code, stdout, _ := yian(t, "packs")
	if code != 0 || strings.Count(stdout, "\n") != 7 {
		t.Errorf("code %d\n%s", code, stdout)
	}
	if code, stdout, _ := yian(t, "check"); code != 0 || !strings.Contains(stdout, "临汾市：0 个错误") {
		t.Errorf("code %d\n%s", code, stdout)
	}
	if code, stdout, _ := yian(t, "check", county(t, `incme == "dibao"`, "70")); code != exitNo || !strings.Contains(stdout, "county.yaml:14:") {
		t.Errorf("code %d\n%s", code, stdout)
	}
}

func TestSynth(t *testing.T) {
	var files [2]string
	for i := range files {
		out := filepath.Join(t.TempDir(), "p.csv")
		if code, _, stderr := yian(t, "synth", "--region", "1410", "--elders", "2000", "--seed", "1", "-o", out, "--names", "--citizen-ids"); code != 0 {
			t.Fatal(stderr)
		}
		files[i] = read(t, out)
		if code, stdout, stderr := yian(t, "evaluate", "--list", "linfen-2023", out); code != 0 || !strings.Contains(stdout, "接受 2,000，拒绝 0") {
			t.Errorf("code %d\n%s\n%s", code, stdout, stderr)
		}
	}
	if files[0] != files[1] || strings.Count(files[0], "\n") != 2001 {
		t.Error("the same seed must give the same file of 2,000 people")
	}
}

func TestDemo(t *testing.T) {
	if code, stdout, stderr := yian(t, "sample", "--elders", "3000"); code != 0 || !strings.Contains(stdout, "3,000 人×24 项") {
		t.Errorf("code %d\n%s\n%s", code, stdout, stderr)
	}
}

func TestInterruptedWorkLeavesNothing(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	in := write(t, "people.csv", peopleCSV)
	dir := t.TempDir()
	for _, args := range [][]string{
		{"evaluate", "--list", "linfen-2023", in, "-o", filepath.Join(dir, "r.csv")},
		{"next", "--list", "linfen-2023", in, "-o", filepath.Join(dir, "n.csv")},
		{"synth", "--region", "1410", "--elders", "100", "-o", filepath.Join(dir, "p.csv")},
	} {
		code, _, stderr := yianIn(t, ctx, args...)
		if code != exitInterrupted || !strings.Contains(stderr, "已中断") {
			t.Errorf("%v: code %d, %s", args, code, stderr)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestHelpIsChinese(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"evaluate", "--help"}} {
		code, stdout, _ := yian(t, args...)
		if code != 0 || !strings.Contains(stdout, "用法：") || strings.Contains(stdout, "Usage") || strings.Contains(stdout, "Show context") {
			t.Errorf("%v: code %d\n%s", args, code, stdout)
		}
	}
}
