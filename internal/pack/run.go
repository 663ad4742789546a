package pack

import (
	"fmt"
	"slices"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/rules"
)

// TestResult (测试结论) is the outcome of one expectation of one test person.
type TestResult struct {
	Person  string // 测试人物
	Item    string // id; empty when the person could not be tested at all
	At      rules.Pos
	Failure string // empty: as expected
}

// RunTests decides every test person of the pack and compares with what is expected.
// A list that cannot be used fails once, not for every person.
func RunTests(p *Pack, lib *Library) []TestResult {
	if p.List == nil || len(p.Tests) == 0 {
		return nil // Check tells people without a list
	}
	err := lib.link(p.List)
	if err == nil {
		err = p.List.err()
	}
	run := runner{list: p.List, programs: map[civil.Date]*rules.Program{}}
	var out []TestResult
	for i := range p.Tests {
		t := &p.Tests[i]
		var prog *rules.Program
		if err == nil {
			prog, err = run.program(t.On)
		}
		if err != nil {
			return []TestResult{{Person: t.Name, At: t.At, Failure: "清单有错，不能认定：" + err.Error()}}
		}
		for j := range t.Expect {
			e := &t.Expect[j]
			out = append(out, TestResult{Person: t.Name, Item: e.Item.Name, At: e.Item.At, Failure: e.compare(prog, t)})
		}
	}
	return out
}

// runner compiles the list once for each day that test people are decided on.
type runner struct {
	list     *List
	programs map[civil.Date]*rules.Program
}

func (r *runner) program(day civil.Date) (*rules.Program, error) {
	if prog := r.programs[day]; prog != nil {
		return prog, nil
	}
	prog, err := rules.Compile(r.list.Source(), day)
	if err != nil {
		return nil, err
	}
	r.programs[day] = prog
	return prog, nil
}

// compare says how the decision differs from what is expected; "" if it does not.
func (e *Expect) compare(prog *rules.Program, t *TestCase) string {
	i := prog.Find(e.Item.Name)
	if i < 0 {
		return fmt.Sprintf("清单里没有项目 %q", e.Item.Name)
	}
	d := prog.Decide(i, &t.Person, t.On)
	var diff []string
	say := func(format string, args ...any) { diff = append(diff, fmt.Sprintf(format, args...)) }
	if d.Result != e.Result {
		say("结果应为 %s，却是 %s%s", e.Result, d.Result, missingText(d.Missing.IDs()))
	}
	if e.Amount.Number != nil && d.Result == rules.Yes {
		want := money.FromYuan(e.Amount.Number)
		switch got := d.Amount.Fen(); {
		case d.Amount.State != rules.Fixed:
			say("金额应为 %s 元，却是%s", want, stateText(d.Amount))
		case e.Amount.Bound == "amount" && got != want:
			say("金额应为 %s 元，却是 %s 元", want, got)
		case e.Amount.Bound == "at_least" && got < want:
			say("金额应不少于 %s 元，却是 %s 元", want, got)
		}
	}
	if e.Times != nil && d.Result == rules.Yes {
		if d.Times.State != rules.Fixed {
			say("次数应为 %d，却是%s", *e.Times, stateText(d.Times))
		} else if d.Times.N != int64(*e.Times) {
			say("次数应为 %d，却是 %d", *e.Times, d.Times.N)
		}
	}
	if got := d.Missing.IDs(); !e.any && !slices.Equal(got, sortedIDs(e.Missing)) {
		say("缺少的事实应为 %s，却是 %s", idsText(e.Missing), idsText(got))
	}
	return strings.Join(diff, "；")
}

func sortedIDs(ids []fact.ID) []fact.ID {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

func missingText(ids []fact.ID) string {
	if len(ids) == 0 {
		return ""
	}
	return "（缺 " + idsText(ids) + "）"
}

func idsText(ids []fact.ID) string {
	if len(ids) == 0 {
		return "无"
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return strings.Join(names, "、")
}

func stateText(q rules.Quantity) string {
	switch q.State {
	case rules.Unset:
		return "待确定（参数 " + strings.Join(q.Unset, "、") + " 没有值）"
	case rules.Undecided:
		return "尚不能确定"
	default:
		return "没有"
	}
}
