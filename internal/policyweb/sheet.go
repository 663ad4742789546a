package policyweb

import (
	"context"
	"errors"

	"yian/internal/access"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/web"
)

// sheet is a version whose text was read, with all that its list takes over.
type sheet struct {
	*policy.Version

	list    *pack.List
	tests   []pack.TestCase
	source  *rules.Source  // nil: what it takes over is not in force
	program *rules.Program // nil: its rules have faults
	faults  rules.Errors   // of the rules
}

// open reads the text of a version. Faults in it are no error: Check tells them.
func (p *Pages) open(r *web.Request, v *policy.Version) (*sheet, error) {
	s, err := p.parse(r.Context(), r.Actor, v)
	if err == nil {
		s.compile(p)
	}
	return s, err
}

// parse reads the text of a version without compiling its rules.
func (p *Pages) parse(ctx context.Context, actor access.Actor, v *policy.Version) (*sheet, error) {
	own := pack.Read(v.List, []byte(v.Text), []byte(v.Tests))
	packs, err := p.bases(ctx, actor, own.List)
	if err != nil {
		return nil, err
	}
	pack.LibraryOf(append(packs, own)...)
	return &sheet{Version: v, list: own.List, tests: own.Tests}, nil
}

// bases reads the lists in force that a list takes over, one through the other.
func (p *Pages) bases(ctx context.Context, actor access.Actor, l *pack.List) ([]*pack.Pack, error) {
	if l.Extends == "" {
		return nil, nil
	}
	book, err := p.Lists.Book(ctx, p.Lists.Today())
	if err != nil {
		return nil, err
	}
	var out []*pack.Pack
	known := map[string]bool{l.ID: true}
	for name := l.Extends; name != "" && !known[name]; {
		known[name] = true
		next := ""
		for _, ruling := range book.Rulings {
			if ruling.Source.ID != name {
				continue
			}
			v, err := p.Lists.Get(ctx, actor.Scope(access.PolicyRead), ruling.Version)
			if err != nil {
				return nil, err
			}
			one := pack.Read(v.List, []byte(v.Text), nil)
			out, next = append(out, one), one.List.Extends
		}
		name = next
	}
	return out, nil
}

// compile compiles the rules for today, or for the first day on which the list rules.
func (s *sheet) compile(p *Pages) {
	s.source = s.list.Source()
	if s.source == nil {
		return
	}
	program, err := rules.Compile(s.source, max(p.Lists.Today(), s.source.From))
	if err != nil {
		errors.As(err, &s.faults)
		return
	}
	s.program = program
}

// item returns an item of the list or of what it takes over, and whether the list
// writes it itself.
func (s *sheet) item(name string) (it *pack.Item, own bool) {
	for i := range s.list.Items {
		if s.list.Items[i].ID == name {
			return &s.list.Items[i], true
		}
	}
	return s.list.Item(name), false
}

// compiled returns an item with its rule; nil where the rules have faults.
func (s *sheet) compiled(name string) *rules.Compiled {
	if s.program == nil {
		return nil
	}
	if at := s.program.Find(name); at >= 0 {
		return &s.program.Items[at]
	}
	return nil
}

// items are the ids of all items in their order.
func (s *sheet) items() []string {
	var out []string
	if s.source == nil {
		for i := range s.list.Items {
			out = append(out, s.list.Items[i].ID)
		}
		return out
	}
	for i := range s.source.Items {
		out = append(out, s.source.Items[i].ID)
	}
	return out
}

// upperText says whose list it is and what it takes over.
func upperText(l *pack.List) string {
	if l.Extends == "" {
		return ""
	}
	return "承接 " + l.Extends + " 的全部项目"
}

// levelText names the level of a place.
func levelText(c region.Code) string {
	switch len(c) {
	case 0:
		return "国家"
	case 2:
		return "省"
	case 4:
		return "市"
	case 6:
		return "县"
	}
	return "乡镇"
}

// clauseWords is the passage that an item stands on.
func clauseWords(c *pack.Clause) string {
	if c.Place == "" {
		return c.Text
	}
	return c.Place + "：" + c.Text
}

// document tells of the document of a list: its title and number.
func document(d *pack.Document) string {
	if d.Number == "" {
		return d.Title
	}
	return d.Title + "（" + d.Number + "）"
}
