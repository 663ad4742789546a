package mortality

import (
	"math"
	"strings"
	"testing"

	"yian/internal/fact"
)

func sex(name string) fact.Code {
	c, _ := fact.Sex.CodeOf(name)
	return c
}

func TestEmbeddedTable(t *testing.T) {
	table := Table()
	if !strings.Contains(table.Source(), "国家统计局") {
		t.Errorf("the source is not cited: %q", table.Source())
	}
	expectation := func(s fact.Code, age int) (e float64) {
		for y := 1; y < 60; y++ {
			e += table.Survival(s, age, y)
		}
		return e + 0.5
	}
	// The expectation of life at 60 that the census of 2000 implies lies near 17 and 20 years.
	for _, tc := range []struct {
		sex    string
		lo, hi float64
	}{{"male", 15, 19}, {"female", 18, 22}} {
		if e := expectation(sex(tc.sex), 60); e < tc.lo || e > tc.hi {
			t.Errorf("%s: expectation of life at 60 is %.1f, want %.0f to %.0f", tc.sex, e, tc.lo, tc.hi)
		}
	}
	if got, want := table.Survival(sex("male"), 64, 2), math.Exp(-(17.92+29.59)/1000); math.Abs(got-want) > 1e-12 {
		t.Errorf("two years from 64: %v, want %v", got, want)
	}
	if got := table.Survival(fact.Unknown, 70, 0); got != 1 {
		t.Errorf("no years: %v", got)
	}
	m, f, u := table.Survival(sex("male"), 80, 5), table.Survival(sex("female"), 80, 5), table.Survival(fact.Unknown, 80, 5)
	if !(m < u && u < f) || math.Abs(u-(m+f)/2) > 1e-12 {
		t.Errorf("unknown sex: %v between %v and %v", u, m, f)
	}
}

func TestReadRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "没有死亡率",
		header + "\n":                    "没有死亡率",
		"age,m,f\n0,1,1\n":               "第 1 行：表头",
		header + "\n5,1,1\n":             "第 2 行：年龄应从 0 起",
		header + "\n0,1,1\n0,1,1\n":      "第 3 行：年龄应从 0 起",
		header + "\n0,1\n":               "第 2 行：应有 3 格",
		header + "\nx,1,1\n":             "第 2 行：年龄",
		header + "\n0,-1,1\n":            "第 2 行：死亡率",
		header + "\n0,NaN,1\n":           "第 2 行：死亡率",
		"# 来源\n" + header + "\n0,1,2000": "第 3 行：死亡率",
	} {
		if _, err := Read(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
	if table, err := Read(strings.NewReader("\ufeff# 某表\n" + header + "\r\n0,1,2\r\n")); err != nil || table.Source() != "某表" {
		t.Errorf("%v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(census2000)
	f.Fuzz(func(t *testing.T, s string) {
		table, err := Read(strings.NewReader(s))
		if err != nil {
			return
		}
		if p := table.Survival(fact.Unknown, 60, 10); !(p >= 0 && p <= 1) {
			t.Fatalf("survival %v", p)
		}
	})
}
