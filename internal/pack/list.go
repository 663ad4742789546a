package pack

import (
	"io/fs"
	"strconv"
	"sync/atomic"

	"yian/internal/civil"
	"yian/internal/region"
	"yian/internal/rules"
)

// List is a service list (基本养老服务清单) as its file writes it: without the items
// of the list that it extends, which Source adds.
type List struct {
	Marks
	ID         string
	Title      string
	Region     region.Code
	Above      string // id of the upper list that it must not fall below (不低于)
	Extends    string // id of the list whose items and parameters it takes over (承接)
	Document   Document
	From, To   civil.Date // effective; To zero: no end
	Parameters []Parameter
	Define     []rules.Definition
	Items      []Item
	Note       string

	origin origin
	faults rules.Errors
	base   atomic.Pointer[List] // what Extends names, once a Library has found it
}

// Parameter is a figure of a list (参数), with every value that it has had.
type Parameter struct {
	Marks
	Name   string
	Label  string
	Unit   string
	SetBy  string // who sets it where the document does not
	Clause string
	Note   string
	Values []Value
}

// Value (参数取值) is a value of a parameter from a day on; its Bound is at_least, value or at_most.
type Value struct {
	Marks
	Figure
	From civil.Date
}

// Item is one service of a list (服务项目).
type Item struct {
	Marks
	No         int
	ID         string
	Name       string
	Audience   string // 对象
	Content    string // 服务内容
	Type       string // 物质帮助, 照护服务, 关爱服务 …
	Lead       string // 牵头部门
	Joint      []string
	Added      bool // the region's own addition (*)
	When       rules.Text
	Attest     []string
	Start      string // automatic (免申即享), application or referral; empty: not stated
	Grant      Grant
	Excludes   []Ref
	Prefer     string
	Clause     Clause
	Note       string
	Answers    string // id of the upper list's item that it answers to; empty: the same id
	Confidence string // how sure the text is, where the original was not at hand
}

// Grant is what an item gives (给付).
type Grant struct {
	Marks
	Kind   string
	Per    string
	First  string
	Amount []rules.Case
	Times  []rules.Case
	Share  []rules.Share
}

// LoadList reads a single list file. The error is rules.Errors when the file has
// faults; the list then holds what could be read. A Library's List also finds the
// lists that it builds on.
func LoadList(path string) (*List, error) {
	o, err := onDisk(path)
	if err != nil {
		return nil, err
	}
	l, err := openList(o)
	if err != nil {
		return nil, err
	}
	return l, l.err()
}

// openList reads a list; its faults are in the list.
func openList(o origin) (*List, error) {
	data, err := fs.ReadFile(o.fsys, o.path)
	if err != nil {
		return nil, unreadable(o.name, err)
	}
	return readList(o, data), nil
}

func (l *List) err() error {
	if len(l.faults) == 0 {
		return nil
	}
	return l.faults
}

func readList(o origin, data []byte) *List {
	l := &List{origin: o}
	doc, root, ok := parse(o.name, data)
	if ok {
		l.read(root)
	}
	l.faults = doc.errs
	return l
}

func (l *List) read(n node) {
	n.object(&l.Marks, "清单",
		must("list", ident(&l.ID)),
		must("title", text(&l.Title)),
		must("region", code(&l.Region)),
		may("above", ident(&l.Above)),
		may("extends", ident(&l.Extends)),
		must("document", l.Document.readUnnamed),
		must("effective", func(n node) {
			var m Marks
			n.object(&m, "effective", must("from", day(&l.From)), may("to", day(&l.To)))
			if l.To != 0 && l.To < l.From {
				n.doc.fail(m.Where("to"), "失效日 %s 早于生效日 %s", l.To, l.From)
			}
		}),
		may("parameters", named("参数", func(name Ref, n node) {
			p := Parameter{Name: name.Name}
			p.read(n)
			p.At = name.At
			l.Parameters = append(l.Parameters, p)
		})),
		may("define", named("define", func(name Ref, n node) {
			d := rules.Definition{Name: name.Name}
			cel(&d.Rule)(n)
			l.Define = append(l.Define, d)
		})),
		may("items", each("服务项目", func(n node) {
			var it Item
			it.read(n)
			l.Items = append(l.Items, it)
		})),
		may("note", text(&l.Note)),
	)
	if !l.Has("items") && l.Extends == "" && l.Has("list") {
		n.doc.fail(l.At, "清单缺少必需的键 items；只有写了 extends 的清单可以不列项目")
	}
	ids, numbers := map[string]rules.Pos{}, map[string]rules.Pos{}
	for _, it := range l.Items {
		n.doc.once(ids, it.ID, it.Where("id"), "项目编号")
		if it.No > 0 {
			n.doc.once(numbers, strconv.Itoa(it.No), it.Where("no"), "项目序号")
		}
	}
}

// once reports a name that occurs a second time.
func (d *document) once(seen map[string]rules.Pos, name string, at rules.Pos, what string) {
	if name == "" {
		return // missing, which is told elsewhere
	}
	if first, dup := seen[name]; dup {
		d.fail(at, "%s %s 重复，已见于第 %d 行", what, name, first.Line)
		return
	}
	seen[name] = at
}

// named reads a mapping from names that rules or indicators can use.
func named(what string, f func(name Ref, n node)) read {
	return func(n node) {
		n.pairs(what, func(name Ref, v node) {
			if !nameShape.MatchString(name.Name) {
				n.doc.fail(name.At, "%s的名字 %q 只能由小写字母、数字和下划线组成，以字母开头", what, name.Name)
				return
			}
			f(name, v)
		})
	}
}

func (p *Parameter) read(n node) {
	n.object(&p.Marks, "参数",
		must("label", text(&p.Label)),
		must("unit", text(&p.Unit)),
		must("values", each("参数的值", func(n node) {
			var v Value
			v.read(n)
			p.Values = append(p.Values, v)
		})),
		may("set_by", text(&p.SetBy)),
		may("clause", text(&p.Clause)),
		may("note", text(&p.Note)),
	)
	if len(p.Values) == 0 && p.SetBy == "" && p.Has("values") {
		n.fail("参数没有值，须用 set_by 写明由谁确定")
	}
	seen := map[civil.Date]bool{}
	for _, v := range p.Values {
		if seen[v.From] && v.From != 0 {
			n.doc.fail(v.Where("from"), "同一天 %s 有两个值", v.From)
		}
		seen[v.From] = true
	}
}

func (v *Value) read(n node) {
	v.Figure.object(n, &v.Marks, "参数的值", []string{"at_least", "value", "at_most"}, must("from", day(&v.From)))
}
