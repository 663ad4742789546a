package rules_test

import (
	"strings"
	"testing"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// draw writes a tree of conditions, one a line: result, mark of a deciding one, text, value.
func draw(b *strings.Builder, n rules.Node, depth int) {
	b.WriteString(strings.Repeat("  ", depth) + n.Result.String())
	if n.Deciding {
		b.WriteString("*")
	}
	b.WriteString(" " + n.Text)
	if n.Value != "" {
		b.WriteString(" [" + n.Value + "]")
	}
	b.WriteString("\n")
	for _, k := range n.Kids {
		draw(b, k, depth+1)
	}
}

func TestExplain(t *testing.T) {
	prog, err := rules.Compile(list(`local && age >= 60 && hard_up && !(in_facility || ability in ["severe", "total"])`, amount("age >= 80", "2 * nursing", "", "nursing")), on)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		facts map[string]string
		want  string
	}{
		{map[string]string{"hukou": "141024", "birth": "1943-01-15", "income": "dibao", "in_facility": "true"}, `
no* 以下全部成立
  yes 户籍地在临汾市 [洪洞县]
  yes 年满 60 周岁 [81 岁]
  yes 困难类别是低保边缘、刚性支出困难、低保、特困 [低保]
  no* 以下不成立
    yes* 以下任一成立
      yes* 入住养老机构：是 [是]
      unknown 能力等级是重度失能、完全失能 [未知]
`},
		{map[string]string{"hukou": "141024", "birth": "1943-01-15", "income": "dibao", "in_facility": "false"}, `
unknown* 以下全部成立
  yes 户籍地在临汾市 [洪洞县]
  yes 年满 60 周岁 [81 岁]
  yes 困难类别是低保边缘、刚性支出困难、低保、特困 [低保]
  unknown* 以下不成立
    unknown* 以下任一成立
      no 入住养老机构：是 [否]
      unknown* 能力等级是重度失能、完全失能 [未知]
`},
	} {
		x := prog.Explain(0, person(t, tc.facts), on)
		var b strings.Builder
		draw(&b, x.Rule, 0)
		if got := "\n" + b.String(); got != tc.want {
			t.Errorf("got%s", got)
		}
	}
	x := prog.Explain(0, person(t, map[string]string{"hukou": "141024", "birth": "1943-01-15", "income": "dibao", "in_facility": "false", "ability": "intact"}), on)
	if x.Result != rules.Yes || x.Amount.Fen().String() != "200" || x.Amount.How != "2 × 护理补贴标准 100 = 200" || len(x.Cases) != 1 {
		t.Errorf("%+v", x.Decision)
	}
}

func TestExclusions(t *testing.T) {
	for _, tc := range []struct {
		name         string
		a, b         string // amounts of the items
		excludes     string // of a
		prefer       string
		bFacts       map[string]string
		wantA, wantB rules.Truth
	}{
		{"plain", "100", "200", "b", "", map[string]string{"lives_alone": "true"}, rules.No, rules.Yes},
		{"plain, the other not held", "100", "200", "b", "", map[string]string{"lives_alone": "false"}, rules.Yes, rules.No},
		{"plain, the other open", "100", "200", "b", "", nil, rules.Unknown, rules.Unknown},
		{"higher is the other", "100", "200", "b", "higher", map[string]string{"lives_alone": "true"}, rules.No, rules.Yes},
		{"higher is this", "300", "200", "b", "higher", map[string]string{"lives_alone": "true"}, rules.Yes, rules.No},
		{"equal: the first", "200", "200", "b", "higher", map[string]string{"lives_alone": "true"}, rules.Yes, rules.No},
		{"unset leaves it open", "dibao", "200", "b", "higher", map[string]string{"lives_alone": "true"}, rules.Unknown, rules.Unknown},
		{"unset does not matter without the other", "dibao", "200", "b", "higher", map[string]string{"lives_alone": "false"}, rules.Yes, rules.No},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := list("true", amount("", tc.a))
			src.Items[0].Excludes, src.Items[0].Prefer = []string{tc.excludes}, tc.prefer
			src.Items = append(src.Items, rules.Item{No: 2, ID: "b", Name: "乙", Define: src.Items[0].Define, When: text("lives_alone"), Grant: amount("", tc.b)})
			prog, err := rules.Compile(src, on)
			if err != nil {
				t.Fatal(err)
			}
			who := person(t, tc.bFacts)
			if a, b := prog.Decide(0, who, on).Result, prog.Decide(1, who, on).Result; a != tc.wantA || b != tc.wantB {
				t.Errorf("got %v and %v, want %v and %v", a, b, tc.wantA, tc.wantB)
			}
		})
	}
	src := list("true", amount("", "1"))
	src.Items[0].Excludes = []string{"b"}
	src.Items = append(src.Items, rules.Item{ID: "b", Define: src.Items[0].Define, When: text("true"), Excludes: []string{"a"}})
	if _, err := rules.Compile(src, on); err == nil || !strings.Contains(err.Error(), "prefer: higher") {
		t.Errorf("mutual exclusion: %v", err)
	}
}

func TestMonthsDue(t *testing.T) {
	months := func(due [12]rules.Truth) (s string) {
		for _, d := range due {
			s += d.String()[:1]
		}
		return s
	}
	for _, tc := range []struct{ first, birth, when, want string }{
		{rules.SameMonth, "1944-03-31", "age >= 80", "nnyyyyyyyyyy"},
		{rules.SameMonth, "1944-03-01", "age >= 80", "nnyyyyyyyyyy"},
		{rules.NextMonth, "1944-03-01", "age >= 80", "nnnyyyyyyyyy"},
		{rules.NextMonth, "1944-03-31", "age >= 80", "nnnyyyyyyyyy"},
		{rules.NextMonth, "1943-12-31", "age >= 80", "yyyyyyyyyyyy"},
		{rules.SameMonth, "1959-07-15", "age >= 60 && age < 65", "yyyyyynnnnnn"},
		{rules.SameMonth, "", "age >= 80", "uuuuuuuuuuuu"},
		{rules.SameMonth, "1944-02-29", "age >= 80", "nyyyyyyyyyyy"},
	} {
		prog, err := rules.Compile(list(tc.when, rules.Grant{First: tc.first}), on)
		if err != nil {
			t.Fatal(err)
		}
		if got := months(prog.MonthsDue(0, person(t, map[string]string{"birth": tc.birth}), 2024)); got != tc.want {
			t.Errorf("%s born %s, %s: %s, want %s", tc.when, tc.birth, tc.first, got, tc.want)
		}
	}
}

func TestNothingIsDueBeforeTheListRules(t *testing.T) {
	prog, err := rules.Compile(list("true", rules.Grant{}), on)
	if err != nil {
		t.Fatal(err)
	}
	if due := prog.MonthsDue(0, person(t, nil), 2023); due[10] != rules.No || due[11] != rules.Yes { // from 2023-12-16
		t.Errorf("%v", due)
	}
}

func TestNextChange(t *testing.T) {
	prog, err := rules.Compile(list("age >= 60", amount("age >= 100", "300", "age >= 80", "100")), on)
	if err != nil {
		t.Fatal(err)
	}
	for birth, want := range map[string]string{
		"1970-01-01": "2030-01-01", "1964-02-29": "2044-02-29", "1924-02-29": "", "1925-02-28": "2025-02-28", "1941-02-28": "2041-02-28", "": "",
	} {
		day, changes := prog.NextChange(person(t, map[string]string{"birth": birth}), on)
		if day.String() != want || (want == "") != (len(changes) == 0) {
			t.Errorf("born %q: %s %v, want %s", birth, day, changes, want)
		}
	}
}

func TestNothingAllocatesInADecision(t *testing.T) {
	prog, err := rules.Compile(list(`local && age >= 60 && hard_up`, amount("age >= 80", "nursing")), on)
	if err != nil {
		t.Fatal(err)
	}
	who := fact.Person{Birth: civil.New(1940, 1, 1), Hukou: "141024"}
	if n := testing.AllocsPerRun(100, func() { prog.Decide(0, &who, on) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
