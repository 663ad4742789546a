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
	if !strings.Contains(table.Source(), "World Population Prospects 2024, CC BY 3.0 IGO") {
		t.Errorf("the source is not cited: %q", table.Source())
	}
	m, f, u := table.Survival(sex("male"), 80, 5), table.Survival(sex("female"), 80, 5), table.Survival(fact.Unknown, 80, 5)
	if !(m < u && u < f) || math.Abs(u-(m+f)/2) > 1e-12 {
		t.Errorf("unknown sex: %v between %v and %v", u, m, f)
	}
	if got := table.Survival(fact.Unknown, 70, 0); got != 1 {
		t.Errorf("no years: %v", got)
	}
	for _, s := range []string{"male", "female"} {
		for age := 30; age < 130; age++ {
			if now, next := table.Survival(sex(s), age, 1), table.Survival(sex(s), age+1, 1); next > now && age != 99 {
				t.Errorf("%s: %d lives on more often than %d", s, age+1, age)
			} // at 100 the open group of the source begins, whose mean is below the rate at 99
		}
	}
}

// TestExpectationOfLife compares with what the United Nations publish for the same
// years (e0 of the source), and bounds what follows from it at 60.
func TestExpectationOfLife(t *testing.T) {
	for _, tc := range []struct {
		sex        string
		birth      float64
		low60, h60 float64
	}{{"male", 76.746, 20, 22}, {"female", 82.0655, 24, 26}} {
		if e := lived(sex(tc.sex), 0, 200); math.Abs(e-tc.birth) > 0.01 {
			t.Errorf("%s: %.3f years at birth, published are %.3f", tc.sex, e, tc.birth)
		}
		e := lived(sex(tc.sex), 60, 200) / Table().Survival(sex(tc.sex), 0, 60)
		if e < tc.low60 || e > tc.h60 {
			t.Errorf("%s: %.2f years at 60, want %.0f to %.0f", tc.sex, e, tc.low60, tc.h60)
		}
	}
}

// TestGroupsHaveTheirPublishedRates undoes the interpolation.
func TestGroupsHaveTheirPublishedRates(t *testing.T) {
	for i, from := range groups[:len(groups)-1] {
		to := groups[i+1]
		for name, want := range map[string]float64{"male": publishedMale[i], "female": publishedFemale[i]} {
			s := sex(name)
			deaths := Table().Survival(s, 0, from) - Table().Survival(s, 0, to)
			if got := 1000 * deaths / lived(s, from, to); math.Abs(got-want) > 0.0001*want+0.00002 {
				t.Errorf("%s %d to %d: %.5f a thousand, published are %.5f", name, from, to, got, want)
			}
		}
	}
}

// groups are the first ages of the groups of the source, and what it has for them.
var (
	groups        = []int{0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100}
	publishedMale = []float64{
		5.63339, 0.32624, 0.26117, 0.32985, 0.40674, 0.62320, 0.79181, 0.89510, 1.10461, 1.79026, 2.85990,
		4.98302, 7.10753, 12.53440, 19.55189, 31.89020, 50.88390, 89.83929, 154.62258, 266.19139, 466.60527,
	}
	publishedFemale = []float64{
		4.75456, 0.32942, 0.22317, 0.21016, 0.25065, 0.39961, 0.47451, 0.52586, 0.63963, 0.94802, 1.40366,
		2.34322, 3.31170, 5.91443, 9.77341, 18.12223, 31.10624, 60.49454, 109.84018, 197.25497, 337.31682,
	}
)

// lived returns the years that a newborn lives on average between two ages.
func lived(s fact.Code, from, to int) (years float64) {
	for age := from; age < to; age++ {
		l, p := Table().Survival(s, 0, age), Table().Survival(s, age, 1)
		years += l * (1 - p) / -math.Log(p) // deaths over the rate
	}
	return years
}

func TestSurvivalAcrossRows(t *testing.T) {
	table, err := Read(strings.NewReader(header + "\n0,10,5\n64,20,10\n65,30,20\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		age, years int
		want       float64
	}{{64, 2, 20 + 30}, {60, 5, 4*10 + 20}, {70, 3, 3 * 30}} {
		if got, want := table.Survival(sex("male"), tc.age, tc.years), math.Exp(-tc.want/1000); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d years from %d: %v, want %v", tc.years, tc.age, got, want)
		}
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
	f.Add(wpp2024)
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
