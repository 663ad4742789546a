package pack

import (
	"errors"
	"slices"
	"strings"

	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// list checks the pack's list.
func (c *checker) list() {
	l := c.pack.List
	if l.Has("region") && !c.pack.single && !l.Region.Within(c.pack.Region) && c.pack.Has("region") {
		c.errorf(l.Where("region"), "清单的地区 %s 不在政策包的地区 %s 之内", region.Name(l.Region), region.Name(c.pack.Region))
	}
	if l.Document.Date != 0 && l.From != 0 && l.From < l.Document.Date {
		c.notef(l.Where("effective"), "清单自 %s 起生效，早于文件日期 %s", l.From, l.Document.Date)
	}
	upper := c.above()
	for i := range l.Items {
		c.item(&l.Items[i])
		c.answers(&l.Items[i], upper)
	}
	if err := c.lib.link(l); err != nil {
		c.wrong(err)
		return
	}
	src := l.Source()
	base := l.base.Load()
	if base != nil {
		c.rules(base, l.Where("extends"), "承接")
	}
	c.merged(src)
	named := c.names()
	c.unused(src)
	c.unset(src)
	if named {
		c.compiled(src)
	}
}

// wrong reports an error that knows its places, or has none.
func (c *checker) wrong(err error) {
	if errs, ok := errors.AsType[rules.Errors](err); ok {
		c.faults(errs)
		return
	}
	c.errorf(c.pack.List.At, "%s", err)
}

// above finds the upper list and follows it upwards.
func (c *checker) above() *List {
	l := c.pack.List
	upper, err := c.lib.Above(l)
	if err != nil {
		c.wrong(err)
		return nil
	}
	if upper == nil {
		return nil
	}
	c.rules(upper, l.Where("above"), "上级")
	chain := []*List{l}
	for up := upper; up != nil && err == nil; up, err = c.lib.Above(up) {
		if slices.Contains(chain, up) {
			c.errorf(l.Where("above"), "上级清单绕回了 %s", up.ID)
			return nil
		}
		chain = append(chain, up)
	}
	return upper // an upper list's own faults are told where it is checked
}

// rules checks that a list that l builds on rules where l does.
func (c *checker) rules(up *List, at rules.Pos, what string) {
	if l := c.pack.List; !l.Region.Within(up.Region) {
		c.errorf(at, "%s清单 %s 属于%s，管不到%s", what, up.ID, region.Name(up.Region), region.Name(l.Region))
	}
}

// item checks one item by itself.
func (c *checker) item(it *Item) {
	g := &it.Grant
	switch {
	case g.Kind == rules.Cash && !g.Has("amount"):
		c.errorf(g.At, "现金项目须有 amount；金额未定的，写一个没有值的参数")
	case g.Kind != rules.Cash && g.Kind != "" && g.Has("amount"):
		c.errorf(g.Where("amount"), "%s 项目不发钱，不能有 amount（现金用 kind: cash）", g.Kind)
	}
	if g.Kind == rules.Cash && !g.Has("per") {
		c.errorf(g.At, "现金项目须有 per（month、year、once 或 day）")
	}
	if g.Kind != rules.Discount && g.Kind != "" && g.Has("share") {
		c.errorf(g.Where("share"), "share 是优惠幅度，只用于 kind: discount")
	}
	if it.Has("prefer") && len(it.Excludes) == 0 {
		c.errorf(it.Where("prefer"), "有 prefer 而没有 excludes：没有互斥的项目，无从择高")
	}
}

// answers checks that the item of the upper list exists.
func (c *checker) answers(it *Item, upper *List) {
	if !it.Has("answers") || it.Answers == "" {
		return
	}
	l := c.pack.List
	if l.Above == "" && l.Extends == "" {
		c.errorf(it.Where("answers"), "有 answers 而清单没有上级清单（above 或 extends）")
		return
	}
	var ids []string
	for _, up := range []*List{upper, l.base.Load()} {
		if up == nil {
			continue
		}
		if src := up.Source(); src != nil {
			ids = append(ids, itemIDs(src)...)
		}
	}
	if len(ids) > 0 {
		c.known(Ref{it.Answers, it.Where("answers")}, ids, "上级清单里")
	}
}

func itemIDs(src *rules.Source) []string {
	ids := make([]string, len(src.Items))
	for i := range src.Items {
		ids[i] = src.Items[i].ID
	}
	return ids
}

// merged checks what shows only beside inherited items: numbers and exclusions.
func (c *checker) merged(src *rules.Source) {
	l := c.pack.List
	ids := itemIDs(src)
	for i := range l.Items {
		it := &l.Items[i]
		for j := range src.Items {
			up := &src.Items[j]
			if it.No > 0 && up.No == it.No && up.ID != it.ID && up.At.File != it.At.File {
				c.errorf(it.Where("no"), "项目序号 %d 与承接的项目 %s（%s）重复", it.No, up.ID, up.At)
			}
		}
		for _, e := range it.Excludes {
			if e.Name == it.ID {
				c.errorf(e.At, "项目不能与自己互斥")
				continue
			}
			c.known(e, ids, "清单里")
		}
	}
}

// celWords cannot name anything in CEL.
var celWords = strings.Fields("true false null in as break const continue else for function if import let loop package namespace return var void while")

// names checks that every name in rules means one thing. Rules of a list whose
// names are in doubt are not compiled: each use would be an error of its own.
func (c *checker) names() bool {
	before := len(c.found)
	l := c.pack.List
	for _, p := range l.Parameters {
		c.name(p.Name, p.At, "参数")
	}
	for _, d := range l.Define {
		c.name(d.Name, d.Rule.At, "define")
	}
	for _, up := range l.lists() { // a parameter holds in the rules of upper lists too
		for _, d := range up.Define {
			for _, p := range c.parameters(d.Name) {
				if up == l {
					c.errorf(d.Rule.At, "define %s 与参数（%s）同名，请换一个名字", d.Name, p.At)
				} else if p.At.File != up.At.File {
					c.errorf(p.At, "参数 %s 与承接的 define（%s）同名，请换一个名字", d.Name, d.Rule.At)
				}
			}
		}
	}
	return len(c.found) == before
}

// parameters returns the lowest parameter of a name, if there is one.
func (c *checker) parameters(name string) []Parameter {
	for _, up := range c.pack.List.lists() {
		for i := range up.Parameters {
			if up.Parameters[i].Name == name {
				return up.Parameters[i : i+1]
			}
		}
	}
	return nil
}

func (c *checker) name(name string, at rules.Pos, what string) {
	switch _, isFact := fact.ByName(name); {
	case isFact || name == rules.AgeName:
		c.errorf(at, "%s %s 与事实同名，请换一个名字", what, name)
	case slices.Contains(celWords, name):
		c.errorf(at, "%s 不能叫 %s，这是规则语言的保留字", what, name)
	}
}
