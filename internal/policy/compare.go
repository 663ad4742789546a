package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/rules"
)

// Kind (差别种类) is how something differs between two versions.
type Kind string

// The kinds of differences.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Altered Kind = "altered"
)

// Label returns what people read.
func (k Kind) Label() string {
	return map[Kind]string{Added: "新增", Removed: "取消", Altered: "修改"}[k]
}

// Passage (改动) is one text that differs; empty: the version says nothing of it.
type Passage struct {
	Label    string // 对象, 条件, 金额 …
	Old, New string
}

// Difference (差别) is an item, a parameter or a condition that differs.
type Difference struct {
	Kind     Kind
	ID       string
	Name     string
	Passages []Passage
}

// Comparison (版本比较) is what differs between two versions, of one list or of two.
type Comparison struct {
	Old, New   Version
	Head       []Passage
	Parameters []Difference
	Define     []Difference
	Items      []Difference // in the order of the new version, then those that are gone
}

// Empty reports whether nothing differs.
func (c *Comparison) Empty() bool {
	return len(c.Head)+len(c.Parameters)+len(c.Define)+len(c.Items) == 0
}

// Compare tells what differs between two versions, both with all that they take over
// from the lists that rule today.
func (s *Service) Compare(ctx context.Context, scope access.Scope, was, is id.ID) (_ *Comparison, err error) {
	defer errs.Wrap(&err, "compare versions %s and %s", was, is)
	c := &Comparison{}
	var lists [2]*pack.List
	for i, one := range []struct {
		id id.ID
		to *Version
	}{{was, &c.Old}, {is, &c.New}} {
		v, err := version(ctx, scope, s.DB, one.id)
		if err != nil {
			return nil, err
		}
		sh, err := s.library(ctx, v, s.Today())
		if err != nil {
			return nil, err
		}
		*one.to, lists[i] = *v, sh.own.List
	}
	c.Head = differing(headFields, lists[0], lists[1])
	c.Parameters = differences(lists[0].Parameters, lists[1].Parameters, parameterFields,
		func(p *pack.Parameter) (string, string) { return p.Name, p.Label }, nil)
	c.Define = differences(lists[0].Define, lists[1].Define, defineFields,
		func(d *rules.Definition) (string, string) { return d.Name, d.Name }, nil)
	c.Items = differences(itemsOf(lists[0]), itemsOf(lists[1]), itemFields,
		func(it *pack.Item) (string, string) { return it.ID, it.Name },
		func(it *pack.Item) string { return it.Answers })
	return c, nil
}

// itemsOf returns all items of a list, with those that it takes over.
func itemsOf(l *pack.List) []pack.Item {
	src := l.Source()
	if src == nil {
		return l.Items
	}
	var out []pack.Item
	for i := range src.Items {
		if it := l.Item(src.Items[i].ID); it != nil {
			out = append(out, *it)
		}
	}
	return out
}

// part is a text of something that two versions have.
type part[T any] struct {
	label string
	of    func(*T) string
}

func differing[T any](parts []part[T], was, is *T) (out []Passage) {
	for _, p := range parts {
		before, after := "", ""
		if was != nil {
			before = p.of(was)
		}
		if is != nil {
			after = p.of(is)
		}
		if before != after {
			out = append(out, Passage{p.label, before, after})
		}
	}
	return out
}

// differences pairs what two versions have: by what a new one says it answers to, else
// by the same name.
func differences[T any](was, is []T, parts []part[T], name func(*T) (id, label string), answers func(*T) string) (out []Difference) {
	kept := map[string]bool{}
	find := func(one string) *T {
		for i := range was {
			if id, _ := name(&was[i]); id == one && one != "" {
				return &was[i]
			}
		}
		return nil
	}
	for i := range is {
		one, label := name(&is[i])
		old := find(one)
		if answers != nil && answers(&is[i]) != "" {
			old = find(answers(&is[i]))
		}
		kind := Added
		if old != nil {
			before, _ := name(old)
			kept[before] = true
			kind = Altered
		}
		if p := differing(parts, old, &is[i]); len(p) > 0 {
			out = append(out, Difference{kind, one, label, p})
		}
	}
	for i := range was {
		if one, label := name(&was[i]); !kept[one] {
			out = append(out, Difference{Removed, one, label, differing(parts, &was[i], nil)})
		}
	}
	return out
}

var headFields = []part[pack.List]{
	{"名称", func(l *pack.List) string { return l.Title }},
	{"文件", func(l *pack.List) string { return l.Document.Title }},
	{"文号", func(l *pack.List) string { return l.Document.Number }},
	{"发文机关", func(l *pack.List) string { return l.Document.Issuer }},
	{"发文日期", func(l *pack.List) string { return l.Document.Date.String() }},
	{"生效日", func(l *pack.List) string { return l.From.String() }},
	{"失效日", func(l *pack.List) string { return l.To.String() }},
	{"不低于", func(l *pack.List) string { return l.Above }},
	{"承接", func(l *pack.List) string { return l.Extends }},
	{"说明", func(l *pack.List) string { return l.Note }},
}

var parameterFields = []part[pack.Parameter]{
	{"名称", func(p *pack.Parameter) string { return p.Label }},
	{"单位", func(p *pack.Parameter) string { return p.Unit }},
	{"由谁确定", func(p *pack.Parameter) string { return p.SetBy }},
	{"标准", valuesText},
	{"依据", func(p *pack.Parameter) string { return p.Clause }},
	{"说明", func(p *pack.Parameter) string { return p.Note }},
}

var defineFields = []part[rules.Definition]{{"条件", func(d *rules.Definition) string { return d.Rule.CEL }}}

var itemFields = []part[pack.Item]{
	{"名称", func(it *pack.Item) string { return it.Name }},
	{"对象", func(it *pack.Item) string { return it.Audience }},
	{"内容", func(it *pack.Item) string { return it.Content }},
	{"类型", func(it *pack.Item) string { return it.Type }},
	{"牵头部门", func(it *pack.Item) string { return it.Lead }},
	{"配合部门", func(it *pack.Item) string { return strings.Join(it.Joint, "、") }},
	{"条件", func(it *pack.Item) string { return it.When.CEL }},
	{"须确认", func(it *pack.Item) string { return strings.Join(it.Attest, "；") }},
	{"启动方式", func(it *pack.Item) string {
		return map[string]string{rules.Automatic: "免申即享", rules.Application: "依申请", rules.Referral: "转介"}[it.Start]
	}},
	{"给付", grantText},
	{"金额", func(it *pack.Item) string { return casesText(it.Grant.Amount) }},
	{"次数", func(it *pack.Item) string { return casesText(it.Grant.Times) }},
	{"优惠", func(it *pack.Item) string { return sharesText(it.Grant.Share) }},
	{"互斥", excludesText},
	{"条款位置", func(it *pack.Item) string { return it.Clause.Place }},
	{"条款", func(it *pack.Item) string { return it.Clause.Text }},
	{"说明", func(it *pack.Item) string { return it.Note }},
}

func valuesText(p *pack.Parameter) string {
	var out []string
	for _, v := range p.Values {
		if v.Number != nil {
			bound := map[string]string{"at_least": "不少于 ", "at_most": "不超过 "}[v.Bound]
			out = append(out, fmt.Sprintf("%s 起 %s%s", v.From, bound, strings.TrimRight(strings.TrimRight(v.Number.FloatString(6), "0"), ".")))
		}
	}
	return strings.Join(out, "；")
}

func grantText(it *pack.Item) string {
	g := rules.Grant{Kind: it.Grant.Kind, Per: it.Grant.Per}
	out := g.KindLabel()
	if g.Per != "" {
		out += "，" + every(&g)
	}
	if it.Grant.First == rules.NextMonth {
		out += "，次月起"
	}
	return out
}

func casesText(cases []rules.Case) string {
	lines := make([]string, len(cases))
	for i, c := range cases {
		lines[i] = caseText(c.When.CEL, c.Is.CEL)
	}
	return strings.Join(lines, "\n")
}

func sharesText(shares []rules.Share) string {
	lines := make([]string, len(shares))
	for i, c := range shares {
		lines[i] = caseText(c.When.CEL, c.Is)
	}
	return strings.Join(lines, "\n")
}

func caseText(when, is string) string {
	if when == "" {
		return is
	}
	return when + "：" + is
}

func excludesText(it *pack.Item) string {
	var out []string
	for _, e := range it.Excludes {
		out = append(out, e.Name)
	}
	if it.Prefer != "" {
		out = append(out, "择高")
	}
	return strings.Join(out, "、")
}

// parentsOf returns the rulings that a place lies in, the largest region first.
func parentsOf(b *Book, place region.Code) []*Ruling {
	return slices.DeleteFunc(slices.Clone(b.Rulings), func(r *Ruling) bool { return !place.Within(r.Source.Region) })
}

// Levels (各级清单对照) is the lists of all levels that rule a place today, side by side.
type Levels struct {
	Lists []*Ruling // the largest region first
	Apart []string  // by list: why it cannot be compared with the one before it; empty: it was
	Rows  []LevelRow
}

// LevelRow (对照行) is one item in the lists of all levels.
type LevelRow struct {
	Name  string // as the lowest list that has it calls it
	Cells []LevelCell
}

// LevelCell (对照格) is an item in one list.
type LevelCell struct {
	Item      *rules.Item  // nil: the list has none
	Inherited bool         // taken over as it is from the list above
	Answer    *Conformance // of the item of the list before; nil: there is nothing to compare with
}

// Levels puts the lists side by side that rule a place: the nation's, the province's,
// the city's, the county's, with a proof for each item that it does not fall below.
func (s *Service) Levels(ctx context.Context, place region.Code) (_ *Levels, err error) {
	defer errs.Wrap(&err, "levels of %s", place)
	book, err := s.Book(ctx, s.Today())
	if err != nil {
		return nil, err
	}
	l := &Levels{Lists: parentsOf(book, place)}
	l.Apart = make([]string, len(l.Lists))
	for k, r := range l.Lists {
		answers := map[string]*Conformance{}
		if k > 0 {
			var all []Conformance
			all, l.Apart[k] = conformance(r.Source, l.Lists[k-1].Source)
			for i := range all {
				answers[all[i].Upper.ID] = &all[i]
			}
		}
		l.column(k, r, answers)
	}
	return l, nil
}

// column adds the items of a list: each in the row of the item that it answers to.
func (l *Levels) column(k int, r *Ruling, answers map[string]*Conformance) {
	row := map[string]int{} // of the items of the list before
	if k > 0 {
		for i := range l.Rows {
			if it := l.Rows[i].Cells[k-1].Item; it != nil {
				row[it.ID] = i
				l.Rows[i].Cells[k].Answer = answers[it.ID]
			}
		}
	}
	taken := map[int]bool{}
	for i := range r.Source.Items {
		it := &r.Source.Items[i]
		at, ok := row[it.Answers]
		if !ok || taken[at] {
			at = len(l.Rows)
			l.Rows = append(l.Rows, LevelRow{Cells: make([]LevelCell, len(l.Lists))})
		}
		taken[at] = true
		l.Rows[at].Name = it.Name
		l.Rows[at].Cells[k].Item = it
		l.Rows[at].Cells[k].Inherited = k > 0 && it.At.File != r.List.ID
	}
}
