package pack

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/rules"
)

// TestCase is a person of a pack's tests (测试人物) and what the list must give them.
type TestCase struct {
	Marks
	Name   string
	On     civil.Date // the day of the decision
	Person fact.Person
	Expect []Expect
}

// Expect (应得) is what a test person must get of one item.
type Expect struct {
	Item    Ref
	Result  rules.Truth
	Amount  Figure    // in yuan; Bound is amount, at_least or "" for any
	Times   *int      // nil: any
	Missing []fact.ID // the facts that must be reported missing, all of them
	any     bool      // Missing is not compared
}

func readTests(to *[]TestCase) read {
	return each("测试人物", func(n node) {
		t := TestCase{}
		t.read(n)
		*to = append(*to, t)
	})
}

func (t *TestCase) read(n node) {
	n.object(&t.Marks, "测试人物",
		must("name", text(&t.Name)),
		must("at", day(&t.On)),
		must("facts", func(n node) { readFacts(n, &t.Person) }),
		must("expect", func(n node) {
			n.pairs("expect", func(item Ref, v node) {
				e := Expect{Item: item, any: true}
				e.read(v)
				t.Expect = append(t.Expect, e)
			})
		}),
	)
	if t.Has("expect") && len(t.Expect) == 0 {
		n.doc.fail(t.Where("expect"), "expect 是空的：测试人物须至少期望一个项目的结果")
	}
	if t.On == 0 {
		return
	}
	if _, why := t.Person.Implausible(t.On); why != "" {
		n.doc.fail(t.Where("facts"), "%s", why)
	}
}

// readFacts reads facts by their names; what is not given is unknown.
func readFacts(n node, p *fact.Person) {
	n.pairs("facts", func(key Ref, v node) {
		id, ok := findFact(v.doc, key)
		if !ok || v.null() {
			return
		}
		s, ok := v.raw()
		if !ok {
			v.want("事实的值")
			return
		}
		if err := p.Set(id, s); err != nil {
			v.fail("%s", err)
		}
	})
}

// findFact finds the fact of a name, or says what is wrong with it.
func findFact(doc *document, name Ref) (fact.ID, bool) {
	id, ok := fact.ByName(name.Name)
	switch {
	case ok:
		return id, true
	case name.Name == rules.AgeName:
		doc.fail(name.At, "年龄请用出生日期 birth 给出")
	default:
		known := make([]string, fact.Count)
		for id := range fact.Count {
			known[id] = id.String()
		}
		doc.fail(name.At, "没有名为 %q 的事实%s", name.Name, suggest(name.Name, known))
	}
	return 0, false
}

func (e *Expect) read(n node) {
	if _, ok := n.raw(); ok {
		result(&e.Result)(n)
		return
	}
	var m Marks
	n.object(&m, "期望",
		must("result", result(&e.Result)),
		may("amount", e.yuan("amount")),
		may("at_least", e.yuan("at_least")),
		may("times", func(n node) {
			e.Times = new(int)
			whole(e.Times)(n)
		}),
		may("missing", each("事实名", func(n node) {
			if s, ok := n.str(); ok {
				if id, ok := findFact(n.doc, Ref{Name: s, At: n.at}); ok {
					e.Missing = append(e.Missing, id)
				}
			}
		})),
	)
	e.any = !m.Has("missing")
	if m.Has("amount") && m.Has("at_least") {
		n.doc.fail(m.Where("at_least"), "amount 和 at_least 只能有一个")
	}
	for _, key := range []string{"amount", "at_least", "times"} {
		if m.Has(key) && m.Has("result") && e.Result != rules.Yes {
			n.doc.fail(m.Where(key), "结果不是 yes 时没有 %s", key)
		}
	}
}

func (e *Expect) yuan(bound string) read {
	return func(n node) {
		var v *big.Rat
		decimal(&v)(n)
		e.Amount = Figure{Bound: bound, Number: v}
	}
}

// result reads yes, no or unknown. In YAML 1.2 these are words, not booleans.
func result(to *rules.Truth) read {
	return func(n node) {
		s, _ := n.raw()
		for _, t := range []rules.Truth{rules.Yes, rules.No, rules.Unknown} {
			if s == t.String() {
				*to = t
				return
			}
		}
		n.fail("结果应为 yes、no 或 unknown，却是 %q", s)
	}
}

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
