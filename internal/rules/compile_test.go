package rules_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

var on = civil.New(2024, 6, 30)

// list makes a list of one item with the rule and a few definitions and parameters.
func list(when string, grant rules.Grant) *rules.Source {
	define := []rules.Definition{
		{Name: "local", Rule: text(`hukou.within("1410")`)},
		{Name: "hard_up", Rule: text(`income in ["dibao", "edge", "rigid", "tekun"]`)},
	}
	return &rules.Source{
		ID: "test", Region: "1410", From: civil.New(2023, 12, 16),
		Parameters: []rules.Parameter{
			{Name: "nursing", Label: "护理补贴标准", Values: []rules.Dated{
				{From: civil.New(2023, 12, 16), Value: big.NewRat(100, 1)}, {From: civil.New(2024, 7, 1), Value: big.NewRat(120, 1)},
			}},
			{Name: "dibao", Label: "低保标准"},
		},
		Items: []rules.Item{{No: 1, ID: "a", Name: "甲", Define: define, When: text(when), Grant: grant}},
	}
}

func text(cel string) rules.Text {
	return rules.Text{CEL: cel, At: rules.Pos{File: "list.yaml", Line: 10, Column: 11}}
}

func amount(cases ...string) rules.Grant {
	g := rules.Grant{Kind: rules.Cash, Per: rules.PerMonth}
	for i := 0; i+1 < len(cases); i += 2 {
		g.Amount = append(g.Amount, rules.Case{When: text(cases[i]), Is: text(cases[i+1])})
	}
	return g
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct{ when, want string }{
		{`age >= 60 && incme == "dibao"`, `list.yaml:10:24: 不认识的名字 "incme"：既不是事实，也不是本清单的 define；是不是 income？`},
		{`income == "dibaoo"`, `list.yaml:10:21: income 没有值 "dibaoo"`},
		{`income >= "dibao"`, `没有大小之分`},
		{`income == 1`, `须与带引号的值比较`},
		{`age == "60"`, `age 须与整数比较`},
		{`age >= 60.5`, `age 须与整数比较`},
		{`birth >= 60`, `请用 age`},
		{`age`, `age 不是“是/否”的事实`},
		{`hukou == "1410"`, `within`},
		{`hukou.within("141000")`, `不带尾零的 "1410"`},
		{`hukou.within("14x0")`, `只能含数字`},
		{`hukou.within(residence)`, `写明的区划代码`},
		{`hukou == residence`, `只能与写明的值比较`},
		{`income.within("1410")`, `不是地区`},
		{`disability_grade <= ltci_level`, `只能与写明的值比较`},
		{`disability_grade == 7`, `没有值 "7"`},
		{`age + 1 >= 60`, `须是事实的名字`},
		{`lives_alone ? true : false`, `不能用 ?:`},
		{`nursing > 60.0`, `参数 nursing 只能用于金额`},
		{`income in []`, `列表是空的`},
		{`income in ["dibao", 3]`, `须与带引号的值比较`},
		{`has(income.x)`, `不能用 has`},
		{`[1, 2].exists(x, x == 1)`, `不能用 exists`},
		{`size(income) > 1`, `须是事实的名字`},
		{`age >= 60 &&`, `语法错误`},
		{`age >= 60 and lives_alone`, `语法错误`},
		{``, `空的`},
		{`"dibao"`, `应是一个条件`},
		{`vagrant == 1`, `只有 true 和 false`},
	} {
		_, err := rules.Compile(list(tc.when, rules.Grant{}), on)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s\n  got  %v\n  want %s", tc.when, err, tc.want)
		}
	}
}

func TestAmountRefusals(t *testing.T) {
	for _, tc := range []struct{ is, want string }{
		{`nursng`, `是不是 nursing？`},
		{`age * 10`, `不认识的参数 "age"`},
		{`100 - 200`, `不能为负`},
		{`100 / 0`, `除数为 0`},
		{`"100"`, `只能由数、参数`},
		{`age >= 80 ? 100 : "x"`, `只能由数、参数`},
		{`age >= "x" ? 100 : 50`, `须与整数比较`},
		{`max(1, 2)`, `只能由数、参数`},
		{`200000000`, `请核对单位`},
		{strings.Repeat(`(age >= 80 ? 1 : 2) + `, 8) + `1`, `展开后的情形超过`},
	} {
		_, err := rules.Compile(list("true", amount("", tc.is)), on)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s\n  got  %v\n  want %s", tc.is, err, tc.want)
		}
	}
	g := amount("", "1", "age >= 80", "2")
	g.Amount[0].When = rules.Text{}
	if _, err := rules.Compile(list("true", g), on); err == nil || !strings.Contains(err.Error(), "永远轮不到") {
		t.Errorf("a case behind one that always holds: %v", err)
	}
	times := rules.Grant{Times: []rules.Case{{Is: text("1.5")}}}
	if _, err := rules.Compile(list("true", times), on); err == nil || !strings.Contains(err.Error(), "次数须是整数") {
		t.Errorf("half a visit: %v", err)
	}
}

func TestEveryFaultIsTold(t *testing.T) {
	src := list(`incme == "x" && agee > 3`, amount("", "nursng"))
	src.Items[0].Define = append(src.Items[0].Define, rules.Definition{Name: "loop", Rule: text("loop")})
	_, err := rules.Compile(src, on)
	errs, ok := err.(rules.Errors) //nolint:errorlint // Compile returns it bare
	if !ok || len(errs) != 4 {
		t.Fatalf("%d faults, want 4:\n%v", len(errs), err)
	}
}

func person(t *testing.T, facts map[string]string) *fact.Person {
	t.Helper()
	var p fact.Person
	for name, value := range facts {
		id, ok := fact.ByName(name)
		if !ok {
			t.Fatalf("no fact %s", name)
		}
		if err := p.Set(id, value); err != nil {
			t.Fatal(err)
		}
	}
	return &p
}

func TestAmounts(t *testing.T) {
	for _, tc := range []struct {
		name  string
		grant rules.Grant
		facts map[string]string
		want  string
	}{
		{"whole number", amount("", "100"), nil, "fixed 100"},
		{"exact decimal", amount("", "1.1 * nursing"), nil, "fixed 110"},
		{"whole times parameter", amount("", "3 * nursing + 0.005"), nil, "fixed 300.01"},
		{"unset", amount("", "1.3 * dibao + nursing"), nil, "unset dibao"},
		{"precedence", amount("", "(nursing + 20) / 3"), nil, "fixed 40"},
		{"first case", amount(`tekun_care == "self"`, "1", `tekun_care == "full"`, "3"), map[string]string{"tekun_care": "self"}, "fixed 1"},
		{"no case", amount(`tekun_care == "self"`, "1"), map[string]string{"tekun_care": "full"}, "none"},
		{"case unknown", amount(`tekun_care == "self"`, "1", "", "2"), nil, "undecided tekun_care"},
		{"ternary", amount("", "age >= 100 ? 300 : 100"), map[string]string{"birth": "1924-06-30"}, "fixed 300"},
		{"ternary inside", amount("", "10 + (age >= 100 ? 300 : 100) * 2"), map[string]string{"birth": "1924-07-01"}, "fixed 210"},
		{"no amount", amount(), nil, "none"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			prog, err := rules.Compile(list("true", tc.grant), on)
			if err != nil {
				t.Fatal(err)
			}
			d := prog.Decide(0, person(t, tc.facts), on)
			got := d.Amount.State.String()
			switch d.Amount.State {
			case rules.Fixed:
				got += " " + d.Amount.Fen().String()
			case rules.Unset:
				got += " " + strings.Join(d.Amount.Unset, ",")
			case rules.Undecided:
				got += " " + d.Missing.String()
			}
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestParametersHaveTheValueOfTheDay(t *testing.T) {
	src := list("true", amount("", "nursing"))
	for day, want := range map[string]string{"2023-12-15": "unset", "2023-12-16": "100", "2024-06-30": "100", "2024-07-01": "120"} {
		at, _ := civil.Parse(day)
		prog, err := rules.Compile(src, at)
		if err != nil {
			t.Fatal(err)
		}
		q := prog.Decide(0, &fact.Person{}, at).Amount
		if got := q.Fen().String(); q.State == rules.Fixed && got != want || q.State != rules.Fixed && q.State.String() != want {
			t.Errorf("%s: %v %s, want %s", day, q.State, got, want)
		}
	}
}

func TestKleene(t *testing.T) {
	for _, tc := range []struct {
		when    string
		facts   map[string]string
		want    rules.Truth
		missing string
	}{
		{"local && age >= 60", map[string]string{"hukou": "52"}, rules.No, ""},
		{"local && age >= 60", map[string]string{"hukou": "141024"}, rules.Unknown, "birth"},
		{"local && age >= 60", map[string]string{"hukou": "14", "birth": "1950-01-01"}, rules.Unknown, "hukou"},
		{"lives_alone || empty_nest", map[string]string{"lives_alone": "true"}, rules.Yes, ""},
		{"lives_alone || empty_nest", map[string]string{"lives_alone": "false"}, rules.Unknown, "empty_nest"},
		{"!(lives_alone && empty_nest)", map[string]string{"lives_alone": "false"}, rules.Yes, ""},
		{"hard_up && (age >= 80 || dementia)", map[string]string{"income": "dibao"}, rules.Unknown, "birth;dementia"},
		{"age >= 80", map[string]string{"birth": "1944-06-30"}, rules.Yes, ""},
		{"age >= 80", map[string]string{"birth": "1944-07-01"}, rules.No, ""},
		{"60 <= age && age < 65", map[string]string{"birth": "1964-06-30"}, rules.Yes, ""},
		{"disability_grade in [1, 2]", map[string]string{"disability_grade": "0"}, rules.No, ""},
		{"disability_grade < 3 && disability_grade > 0", map[string]string{"disability_grade": "二级"}, rules.Yes, ""},
	} {
		prog, err := rules.Compile(list(tc.when, rules.Grant{}), on)
		if err != nil {
			t.Fatal(err)
		}
		d := prog.Decide(0, person(t, tc.facts), on)
		if d.Result != tc.want || d.Missing.String() != tc.missing {
			t.Errorf("%s %v: %v missing %q, want %v missing %q", tc.when, tc.facts, d.Result, d.Missing, tc.want, tc.missing)
		}
	}
}

func TestRulesAreBounded(t *testing.T) {
	src := list("d40", rules.Grant{})
	define := []rules.Definition{{Name: "d0", Rule: text("lives_alone")}}
	for i := 1; i <= 40; i++ {
		define = append(define, rules.Definition{Name: fmt.Sprintf("d%d", i), Rule: text(fmt.Sprintf("d%d && !d%d", i-1, i-1))})
	}
	src.Items[0].Define = define
	if _, err := rules.Compile(src, on); err == nil || !strings.Contains(err.Error(), "请简化") {
		t.Errorf("%v", err)
	}
}

// FuzzCompile feeds any text as a rule and as an amount: it is refused with a place
// or it can be decided, and never panics.
func FuzzCompile(f *testing.F) {
	f.Add(`hukou.within("1410") && age >= 60 && income in ["dibao", "tekun"]`, `1.3 * dibao + (age >= 80 ? nursing : 50)`)
	f.Add(`!(lives_alone || disability_grade <= 2)`, `nursing / 0`)
	f.Add("local\n&& incme", `-1`)
	f.Fuzz(func(t *testing.T, when, is string) {
		prog, err := rules.Compile(list(when, amount("", is)), on)
		if err != nil {
			errs, ok := err.(rules.Errors) //nolint:errorlint // Compile returns it bare
			if !ok || len(errs) == 0 || errs[0].At.Line == 0 {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		prog.Explain(0, &fact.Person{}, on)
		prog.NextChange(&fact.Person{Birth: on - 25000}, on)
	})
}
