package pack

import (
	"math/big"

	"yian/internal/civil"
	"yian/internal/fact"
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
