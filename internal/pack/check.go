package pack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"yian/internal/near"
	"yian/internal/rules"
)

// minPeople is how many test people every item of a list must have.
const minPeople = 3

// checker looks for contradictions in one pack.
type checker struct {
	pack  *Pack
	lib   *Library
	found Findings
}

// Check finds the faults of the pack: those of its files, those of its rules, and
// everything in it that contradicts something else. lib knows the lists that the
// pack's list builds on.
func Check(p *Pack, lib *Library) Findings {
	c := &checker{pack: p, lib: lib}
	c.faults(p.faults)
	if p.List != nil {
		c.list()
	}
	if p.Plan != nil {
		c.document()
	}
	c.templates()
	c.tests()
	return c.found.sorted()
}

func (c *checker) errorf(at rules.Pos, format string, args ...any) {
	c.found.add(Error, at, format, args...)
}

func (c *checker) notef(at rules.Pos, format string, args ...any) {
	c.found.add(Note, at, format, args...)
}

func (c *checker) faults(errs rules.Errors) {
	for _, e := range errs {
		c.errorf(e.At, "%s", e.Msg)
	}
}

// document checks that the plan names a document of the pack.
func (c *checker) document() {
	ids := make([]string, len(c.pack.Documents))
	for i, d := range c.pack.Documents {
		if d.ID == c.pack.Plan.Document {
			return
		}
		ids[i] = d.ID
	}
	if id := c.pack.Plan.Document; id != "" && len(ids) > 0 {
		c.errorf(c.pack.Plan.Where("document"), "pack.yaml 里没有编号为 %q 的文件%s", id, suggest(id, ids))
	}
}

// tests checks that test people ask for items that exist on days when the list
// rules, and that every item which the list writes has enough of them. Inherited
// items are tested where they are written.
func (c *checker) tests() {
	l := c.pack.List
	if l == nil {
		for _, t := range c.pack.Tests {
			c.errorf(t.At, "政策包没有清单（%s），测试人物无从认定", listFile)
		}
		return
	}
	src := l.Source()
	if src == nil || l.ID == "" {
		return // the list's own faults come first
	}
	ids := itemIDs(src)
	people := map[string]int{}
	for _, t := range c.pack.Tests {
		if t.On != 0 && l.From != 0 && (t.On < l.From || l.To != 0 && t.On > l.To) {
			c.errorf(t.Where("at"), "%s 不在清单的有效期内（%s 起%s）", t.On, l.From, until(l))
		}
		for _, e := range t.Expect {
			people[e.Item.Name]++
			c.known(e.Item, ids, "清单里")
		}
	}
	for _, it := range l.Items {
		if n := people[it.ID]; n < minPeople && it.ID != "" && !c.pack.single {
			c.errorf(it.Where("id"), "项目 %s 只有 %d 个测试人物，至少要 %d 个", it.ID, n, minPeople)
		}
	}
}

func until(l *List) string {
	if l.To == 0 {
		return ""
	}
	return "至 " + l.To.String()
}

// known reports a reference that leads nowhere.
func (c *checker) known(ref Ref, ids []string, where string) {
	if slices.Contains(ids, ref.Name) {
		return
	}
	c.errorf(ref.At, "%s没有项目 %q%s", where, ref.Name, suggest(ref.Name, near.Order(ref.Name, ids)[:min(5, len(ids))]))
}

// Severity (错误) tells an error from a note.
type Severity uint8

// The severities of findings.
const (
	Note  Severity = iota // 提示: right as it is, but worth knowing
	Error                 // 错误: the pack cannot be used like this
)

// Label returns the severity in Chinese.
func (s Severity) Label() string {
	if s == Error {
		return "错误"
	}
	return "提示"
}

// Finding (校验结果) is something that Check found.
type Finding struct {
	Severity Severity
	At       rules.Pos
	Msg      string
}

func (f Finding) String() string {
	return f.At.String() + ": " + f.Severity.Label() + "：" + f.Msg
}

// Findings (校验结果) are in the order of their places.
type Findings []Finding

// Errors returns the number of errors.
func (f Findings) Errors() int {
	n := 0
	for _, one := range f {
		if one.Severity == Error {
			n++
		}
	}
	return n
}

func (f Findings) String() string {
	var b strings.Builder
	for _, one := range f {
		b.WriteString(one.String())
		b.WriteByte('\n')
	}
	return b.String()
}

func (f *Findings) add(s Severity, at rules.Pos, format string, args ...any) {
	*f = append(*f, Finding{s, at, fmt.Sprintf(format, args...)})
}

// sorted returns the findings by place, each once.
func (f Findings) sorted() Findings {
	slices.SortStableFunc(f, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line),
			cmp.Compare(a.At.Column, b.At.Column), cmp.Compare(b.Severity, a.Severity))
	})
	return slices.Compact(f)
}
