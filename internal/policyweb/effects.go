package policyweb

import (
	"reflect"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/scenario"
	"yian/internal/ui"
	"yian/internal/web"
)

// maxEffects is how many changed items are counted on the page that asks before a step;
// more are for a simulation.
const maxEffects = 12

// effects counts for each item that differs from the list in force who gains and who
// loses. Without a counter, or the right to see figures, it is empty.
func (p *Pages) effects(r *web.Request, v *policy.Version) (ui.Table, error) {
	var t ui.Table
	if p.Live == nil || !can(r, access.FigureRead, v.Region) {
		return t, nil
	}
	s, err := p.open(r, v)
	if err != nil || s.program == nil {
		return t, err
	}
	before, err := p.ruling(r, v)
	if err != nil {
		return t, err
	}
	t = ui.Table{
		ID: "effects", Caption: "这一版对人的影响",
		Columns: []ui.Column{{Label: "改动的项目", Wide: true}, {Label: "可享受", Number: true}, {Label: "新增", Number: true}, {Label: "减少", Number: true}, {Label: "每月金额（元）", Number: true}},
		Empty:   ui.EmptyState{Icon: "circle-check", Title: "与现行清单相比，没有项目的规则和给付有变化"},
	}
	names := changedItems(before, s.source)
	if len(names) > maxEffects {
		t.Pager.Text = "另有 " + ui.Number(len(names)-maxEffects) + " 个项目有变化，请用政策测算查看"
		names = names[:maxEffects]
	}
	for _, name := range names {
		n, err := p.Live.Count(r.Context(), r.Actor, v.Region, []byte(v.Text), name)
		if err != nil {
			return t, err
		}
		if len(n.Faults) > 0 {
			return ui.Table{}, nil // the check tells them
		}
		label := name
		if it, _ := s.item(name); it != nil {
			label = it.Name
		} else if was := find(before, name); was != nil {
			label = was.Name + "（取消）"
		}
		t.Rows = append(t.Rows, ui.Row{ID: "e-" + name, Cells: countCells(label, &n)})
	}
	return t, nil
}

func countCells(label string, n *scenario.LiveCount) []ui.Cell {
	cells := []ui.Cell{{Text: label}, {Text: ui.Number(n.Yes)}, {Text: ui.Number(n.Gain)}, {Text: ui.Number(n.Lose)}, {Text: ui.Yuan(n.Month)}}
	if n.Unset > 0 {
		cells[4].Note = ui.Number(n.Unset) + " 人的标准待定，未计"
		if n.Month == 0 {
			cells[4].Text = "待定"
		}
	}
	if n.Lose > 0 {
		cells[3].Tags = []ui.Tag{{Text: "有人减少", Tone: ui.Warning}}
	}
	return cells
}

// ruling returns the list in force that a version would take the place of: its own, or
// the one that rules its place now; nil if there is none.
func (p *Pages) ruling(r *web.Request, v *policy.Version) (*rules.Source, error) {
	book, err := p.Lists.Book(r.Context(), p.Lists.Today())
	if err != nil {
		return nil, err
	}
	for _, ruling := range book.Rulings {
		if ruling.Source.ID == v.List {
			return ruling.Source, nil
		}
	}
	if ruling := book.For(v.Region); ruling != nil && v.Region != region.Nation {
		return ruling.Source, nil
	}
	return nil, nil
}

// changedItems names the items whose rule or grant is not the same in two lists, those
// that went away last.
func changedItems(before, after *rules.Source) []string {
	var out []string
	parameters := changedParameters(before, after)
	for i := range after.Items {
		now := &after.Items[i]
		was := find(before, now.ID)
		if was == nil || !sameRule(was, now) || mentions(now, parameters) {
			out = append(out, now.ID)
		}
	}
	if before != nil {
		for i := range before.Items {
			if find(after, before.Items[i].ID) == nil {
				out = append(out, before.Items[i].ID)
			}
		}
	}
	return out
}

func find(src *rules.Source, name string) *rules.Item {
	if src == nil {
		return nil
	}
	at := slices.IndexFunc(src.Items, func(it rules.Item) bool { return it.ID == name })
	if at < 0 {
		return nil
	}
	return &src.Items[at]
}

// sameRule compares what decides about people, wherever it stands in a file.
func sameRule(a, b *rules.Item) bool {
	return ruleTexts(a) == ruleTexts(b) && slices.Equal(a.Excludes, b.Excludes) && a.Prefer == b.Prefer
}

// ruleTexts writes all that decides about people in one text.
func ruleTexts(it *rules.Item) string {
	parts := []string{it.When.CEL, it.Grant.Kind, it.Grant.Per, it.Grant.First}
	for _, d := range it.Define {
		parts = append(parts, d.Name, d.Rule.CEL)
	}
	for _, cases := range [][]rules.Case{it.Grant.Amount, it.Grant.Times} {
		parts = append(parts, "|")
		for _, c := range cases {
			parts = append(parts, c.When.CEL, c.Is.CEL)
		}
	}
	for _, c := range it.Grant.Share {
		parts = append(parts, c.When.CEL, c.Is)
	}
	return strings.Join(parts, "\n")
}

// changedParameters names the parameters whose values are not the same.
func changedParameters(before, after *rules.Source) []string {
	var out []string
	for i := range after.Parameters {
		now := &after.Parameters[i]
		if before == nil {
			break
		}
		at := slices.IndexFunc(before.Parameters, func(p rules.Parameter) bool { return p.Name == now.Name })
		if at < 0 || !reflect.DeepEqual(before.Parameters[at].Values, now.Values) {
			out = append(out, now.Name)
		}
	}
	return out
}

// mentions reports whether an amount of the item stands on one of the parameters.
func mentions(it *rules.Item, parameters []string) bool {
	for _, cases := range [][]rules.Case{it.Grant.Amount, it.Grant.Times} {
		for _, c := range cases {
			for _, word := range strings.FieldsFunc(c.Is.CEL, notName) {
				if slices.Contains(parameters, word) {
					return true
				}
			}
		}
	}
	return false
}

func notName(r rune) bool {
	return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
}
