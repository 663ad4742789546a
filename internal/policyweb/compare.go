package policyweb

import (
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/policyform"
	"yian/internal/ui"
	"yian/internal/web"
)

// comparePage shows two versions item by item.
type comparePage struct {
	ui.Frame
	Choice     ui.Form
	Stats      []ui.Stat
	Head       ui.Table
	Items      []difference
	Parameters []difference
	Same       string // names of the items without a change
}

// difference is something that is not the same in both.
type difference struct {
	Heading string
	Tag     ui.Tag
	Table   ui.Table
}

// kindTag marks how something differs.
func kindTag(k policy.Kind) ui.Tag {
	return ui.Tag{Text: k.Label(), Tone: map[policy.Kind]ui.Tone{policy.Added: ui.Success, policy.Removed: ui.Danger, policy.Altered: ui.Warning}[k]}
}

func (p *Pages) compare(r *web.Request) (web.Response, error) {
	var both [2]id.ID
	for i, name := range []string{"a", "b"} {
		one, err := asked(r, name)
		if err != nil {
			return nil, err
		}
		if one == 0 {
			return nil, web.NotFound()
		}
		both[i] = one
	}
	c, err := p.Lists.Compare(r.Context(), r.Actor.Scope(access.PolicyRead), both[0], both[1])
	if err != nil {
		return nil, err
	}
	a, err := p.open(r, &c.Old)
	if err != nil {
		return nil, err
	}
	b, err := p.open(r, &c.New)
	if err != nil {
		return nil, err
	}
	page := &comparePage{Frame: ui.Frame{
		Title: "比较清单", Lead: "逐项比较文字、规则和给付。", Crumbs: back(&c.New),
		Actions: []ui.Action{{Text: "测算影响", Href: "/scenarios/new?list=" + c.New.List + "&base=" + c.New.ID.String(), Icon: "chart-bar"}},
	}}
	if page.Choice, err = p.choice(r, &c.Old, &c.New); err != nil {
		return nil, err
	}
	page.Head = passages("head", c.Head, nil, nil)
	counts := map[policy.Kind]int{}
	for i := range c.Items {
		d := &c.Items[i]
		counts[d.Kind]++
		page.Items = append(page.Items, difference{Heading: d.Name, Tag: kindTag(d.Kind), Table: passages("i-"+d.ID, d.Passages, ruleOf(a, d.ID), ruleOf(b, d.ID))})
	}
	for _, some := range [][]policy.Difference{c.Parameters, c.Define} {
		for _, d := range some {
			page.Parameters = append(page.Parameters, difference{Heading: d.Name, Tag: kindTag(d.Kind), Table: passages("p-"+d.ID, d.Passages, nil, nil)})
		}
	}
	same := unchanged(b, c.Items)
	page.Same = strings.Join(same, "、")
	for _, kind := range []policy.Kind{policy.Added, policy.Removed, policy.Altered} {
		page.Stats = append(page.Stats, ui.Stat{Label: kind.Label(), Value: ui.Number(counts[kind]), Unit: "项"})
	}
	page.Stats = append(page.Stats, ui.Stat{Label: "不变", Value: ui.Number(len(same)), Unit: "项"})
	return web.Page("policy/compare", page), nil
}

// unchanged names the items that are not among those that differ.
func unchanged(s *sheet, differ []policy.Difference) (out []string) {
	for _, name := range s.items() {
		if slices.ContainsFunc(differ, func(d policy.Difference) bool { return d.ID == name }) {
			continue
		}
		if it, _ := s.item(name); it != nil {
			out = append(out, it.Name)
		}
	}
	return out
}

// ruleOf returns what puts the rule of an item into words.
func ruleOf(s *sheet, name string) func(string) string {
	c := s.compiled(name)
	if c == nil {
		return nil
	}
	return func(string) string { return policyform.Sentence(c.Own) }
}

// passages lists what differs, side by side; rules also in plain words.
func passages(name string, all []policy.Passage, old, now func(string) string) ui.Table {
	t := ui.Table{ID: name, Caption: "改动", Columns: []ui.Column{{Label: "方面"}, {Label: "旧", Wide: true}, {Label: "新", Wide: true}}}
	for _, one := range all {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: one.Label}, side(one, one.Old, old), side(one, one.New, now)}})
	}
	return t
}

func side(one policy.Passage, text string, words func(string) string) ui.Cell {
	switch {
	case text == "":
		return ui.Cell{Text: ui.Unknown}
	case one.Label == "条件" && words != nil:
		return ui.Cell{Text: words(text), Note: text}
	}
	return ui.Cell{Text: strings.ReplaceAll(text, "\n", "；")}
}

// choice lets the user compare others: any version of either list, and what is in force
// around them.
func (p *Pages) choice(r *web.Request, a, b *policy.Version) (ui.Form, error) {
	var options []ui.Option
	known := map[id.ID]bool{}
	add := func(v *policy.Version) {
		if !known[v.ID] {
			known[v.ID] = true
			options = append(options, ui.Option{Value: v.ID.String(), Label: place(v.Region) + "：" + v.Title + edition(v) + "，" + v.State.Label()})
		}
	}
	scope := r.Actor.Scope(access.PolicyRead)
	for _, list := range slices.Compact([]string{a.List, b.List}) {
		all, err := p.Lists.Versions(r.Context(), scope, list)
		if err != nil {
			return ui.Form{}, err
		}
		for i := range all {
			add(&all[i])
		}
	}
	shelves, err := p.Lists.Lists(r.Context(), scope)
	if err != nil {
		return ui.Form{}, err
	}
	for i := range shelves {
		for _, v := range []*policy.Version{shelves[i].InForce, shelves[i].Next, shelves[i].OnItsWay} {
			if v != nil {
				add(v)
			}
		}
	}
	f := ui.Simple("/policies/compare", "比较",
		ui.Field{Name: "a", Label: "旧的（或上级）", Kind: ui.KindSelect, Value: a.ID.String(), Options: options},
		ui.Field{Name: "b", Label: "新的（或下级）", Kind: ui.KindSelect, Value: b.ID.String(), Options: options})
	f.Get, f.Sections[0].Columns = true, true
	return f, nil
}
