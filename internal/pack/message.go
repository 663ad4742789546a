package pack

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yian/internal/region"
	"yian/internal/rules"
)

// What a template tells of: an item that somebody newly has, has no longer, will have
// otherwise soon, or that cannot be decided for want of facts.
const (
	OnNewly    = "newly"
	OnLost     = "lost"
	OnChanging = "changing"
	OnMissing  = "missing"
)

// To whom a message goes: the old person, or somebody to call about him.
const (
	ToPerson  = "person"
	ToContact = "contact"
)

// Placeholders are all that a text may have filled in. There is none for a number of a
// document, an address or an illness, so that no template can tell one.
var Placeholders = []string{"称呼", "项目", "金额", "办理", "日期", "咨询"}

// maxTemplate is how many characters a template may have.
const maxTemplate = 300

// Template (消息模板) is the text of a message about an item, for an occasion.
type Template struct {
	Marks
	ID   string
	On   string
	To   string
	Text string // with placeholders: {项目}

	source rules.Text // as it stands in the file
}

func readTemplates(to *[]Template) read {
	return func(n node) {
		var m Marks
		n.object(&m, "消息", must("messages", each("消息模板", func(n node) {
			var t Template
			t.read(n)
			*to = append(*to, t)
		})))
	}
}

func (t *Template) read(n node) {
	n.object(&t.Marks, "消息模板",
		must("id", ident(&t.ID)),
		must("on", oneOf(&t.On, OnNewly, OnLost, OnChanging, OnMissing)),
		must("to", oneOf(&t.To, ToPerson, ToContact)),
		must("text", func(n node) {
			s, ok := n.str()
			if !ok {
				return
			}
			t.Text = strings.Join(strings.Fields(s), " ")
			t.source.CEL, t.source.At, _ = n.source()
		}),
	)
}

var (
	// brackets finds a placeholder, or a bracket that belongs to none.
	brackets = regexp.MustCompile(`\{([^{}｛｝\n]*)\}|[{}｛｝]`)
	// longNumber is what could be the number of a document.
	longNumber = regexp.MustCompile(`[0-9]{15,}[0-9Xx]*`)
)

// templates checks the texts of the pack's messages, and that a template says the same
// occasion as the one of an upper pack that it takes the place of.
func (c *checker) templates() {
	first := map[string]rules.Pos{}
	for i := range c.pack.Templates {
		t := &c.pack.Templates[i]
		if at, dup := first[t.ID]; dup && t.ID != "" {
			c.errorf(t.Where("id"), "消息模板 %s 重复，已见于第 %d 行", t.ID, at.Line)
			continue
		}
		first[t.ID] = t.At
		t.check(c)
		if up := c.upperTemplate(t.ID); up != nil && t.On != "" && up.On != t.On {
			c.errorf(t.Where("on"), "上级政策包的模板 %s 用于 %s，这里是 %s；替换它的模板须用于同一件事，否则请换一个编号", t.ID, up.On, t.On)
		}
	}
}

func (t *Template) check(c *checker) {
	if n := utf8.RuneCountInString(t.Text); n > maxTemplate {
		c.errorf(t.Where("text"), "消息有 %d 个字，最多 %d 个", n, maxTemplate)
	}
	for _, m := range brackets.FindAllStringSubmatchIndex(t.source.CEL, -1) {
		at := inside(t.source, m[0])
		if m[2] < 0 {
			c.errorf(at, "这里的“%s”不成对；要填入的内容写成半角的花括号，如 {项目}", t.source.CEL[m[0]:m[1]])
		} else if name := t.source.CEL[m[2]:m[3]]; !slices.Contains(Placeholders, name) {
			c.errorf(at, "消息里不能填入 {%s}%s", name, suggest(name, Placeholders))
		}
	}
	for _, m := range longNumber.FindAllStringIndex(t.source.CEL, -1) {
		c.errorf(inside(t.source, m[0]), "消息里不能有证件号码一样的长数字")
	}
}

// inside returns the place of an offset in a text.
func inside(s rules.Text, offset int) rules.Pos {
	before, at := s.CEL[:offset], s.At
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		at.Line += strings.Count(before, "\n")
		at.Column, before = 1, before[i+1:]
	}
	at.Column += utf8.RuneCountInString(before)
	return at
}

// upperTemplate returns what an id means in the regions in which the pack's lies; nil
// where it means nothing there.
func (c *checker) upperTemplate(id string) *Template {
	for _, p := range slices.Backward(c.lib.above(c.pack.Region)) {
		if p.Region == c.pack.Region {
			continue
		}
		if i := slices.IndexFunc(p.Templates, func(t Template) bool { return t.ID == id }); i >= 0 {
			return &p.Templates[i]
		}
	}
	return nil
}

// Templates returns the templates of messages that hold in a place: those of the
// packs of the regions that it lies in, the upper ones first, a template of a lower
// pack in the place of an upper one of the same id.
func (lib *Library) Templates(place region.Code) []Template {
	var all []Template
	for _, p := range lib.above(place) {
		for _, t := range p.Templates {
			if i := slices.IndexFunc(all, func(up Template) bool { return up.ID == t.ID }); i >= 0 {
				all[i] = t
			} else {
				all = append(all, t)
			}
		}
	}
	return all
}

// above returns the packs of the regions in which a place lies, the largest first.
func (lib *Library) above(place region.Code) []*Pack {
	var packs []*Pack
	for _, p := range lib.packs {
		if strings.HasPrefix(string(place), string(p.Region)) {
			packs = append(packs, p)
		}
	}
	slices.SortStableFunc(packs, func(a, b *Pack) int { return cmp.Compare(len(a.Region), len(b.Region)) })
	return packs
}

// Fill puts values in the place of the placeholders. A placeholder without a value is
// an error that names it: a message with a hole is worse than none.
func (t *Template) Fill(values map[string]string) (string, error) {
	missing := ""
	text := brackets.ReplaceAllStringFunc(t.Text, func(s string) string {
		name := strings.Trim(s, "{}")
		if values[name] == "" {
			missing = name
		}
		return values[name]
	})
	if missing != "" {
		return "", fmt.Errorf("模板 %s 要填入“%s”，这里没有", t.ID, missing)
	}
	return text, nil
}
