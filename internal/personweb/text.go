package personweb

import (
	"fmt"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/ui"
)

// Place tells a region by the names from the prefecture down; digits stand where
// the table has no name.
func Place(c region.Code) string {
	if c == "" {
		return ""
	}
	var parts []string
	for _, n := range []int{4, 6, 9, 12} {
		if len(c) < n {
			break
		}
		parts = append(parts, region.Name(c[:n]))
	}
	if len(parts) == 0 {
		return region.Name(c)
	}
	return strings.Join(parts, " ")
}

// Value tells what is known of a fact, as people read it.
func Value(p *fact.Person, f fact.ID) string {
	if !f.Coded() && f != fact.Birth && p.Known(f) {
		return Place(p.Region(f))
	}
	return p.Label(f)
}

// span tells the days on which something holds.
func span(from, to civil.Date) string {
	if to == 0 {
		return from.String() + " 起"
	}
	return fmt.Sprintf("%s 至 %s", from, to-1)
}

// summary tells who a person is in one line, without what only his file should show.
func summary(p *person.Person, on civil.Date) string {
	var parts []string
	if p.Facts.Known(fact.Sex) {
		parts = append(parts, p.Facts.Label(fact.Sex))
	}
	if years, ok := p.Age(on); ok && p.State != person.Deceased {
		parts = append(parts, fmt.Sprintf("%d 岁", years))
	}
	if n := p.MaskedNumber(); n != "" {
		parts = append(parts, n)
	}
	if where := Place(p.Region); where != "" {
		parts = append(parts, where)
	}
	return strings.Join(parts, " · ")
}

// stateTag is the state of a file.
func stateTag(s person.State) ui.Tag {
	tones := map[person.State]ui.Tone{person.Alive: ui.Success, person.Moved: ui.Warning}
	return ui.Tag{Text: s.Label(), Tone: tones[s]}
}

// group is the facts for which a department answers.
type group struct {
	Department string
	Facts      []fact.ID
}

// groups lists the facts by department, in the order of the vocabulary.
var groups = func() []group {
	var all []group
	at := map[string]int{}
	for f := range fact.Count {
		department := f.Def().Department
		if _, ok := at[department]; !ok {
			at[department] = len(all)
			all = append(all, group{Department: department})
		}
		g := &all[at[department]]
		g.Facts = append(g.Facts, f)
	}
	return all
}()

// sourceOptions are the sources that somebody may state facts for by hand: what the
// document says comes with its number, what was settled from settling.
func sourceOptions() []ui.Option {
	options := []ui.Option{{Label: "请选择"}}
	for _, s := range history.Sources {
		if s.Source != history.Settled && s.Source != history.Document {
			options = append(options, ui.Option{Value: string(s.Source), Label: s.Label})
		}
	}
	return options
}

// factOptions are the values of a coded fact behind one that chooses none.
func factOptions(f fact.ID, none string) []ui.Option {
	options := []ui.Option{{Label: none}}
	for _, v := range f.Def().Values {
		options = append(options, ui.Option{Value: v.Name, Label: v.Label})
	}
	return options
}

// link is the address of a person's file, or of a page below it.
func link(p interface{ String() string }, below string) string {
	return "/persons/" + p.String() + below
}

// crumbs lead to a page below a person's file.
func crumbs(p *person.Person) []ui.Crumb {
	return []ui.Crumb{{Text: "老年人档案", Href: "/persons"}, {Text: p.Name, Href: link(p.ID, "")}}
}
