package policyweb

import (
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/policy"
	"yian/internal/policyform"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// levelsPage shows the lists of all levels above a place side by side.
type levelsPage struct {
	ui.Frame
	Notes  []ui.Note // which lists cannot be compared
	Choice ui.Form
	Stats  []ui.Stat
	Table  ui.Table
}

func (p *Pages) levels(r *web.Request) (web.Response, error) {
	in := r.Region
	if text := r.Value("region"); text != "" {
		var err error
		if in, err = region.Parse(text); err != nil {
			return nil, web.NotFound()
		}
	}
	levels, err := p.Lists.Levels(r.Context(), in)
	if err != nil {
		return nil, err
	}
	page := &levelsPage{Frame: ui.Frame{Title: "上下级对照", Lead: "国家、省、市、县的现行清单并排：每一项下级是不是做到了上级的要求。", Crumbs: []ui.Crumb{home}}}
	page.Choice = placeForm(r, in)
	page.Table, page.Stats = sideBySide(levels)
	page.Table.Empty = ui.EmptyState{Icon: "scale", Title: "这里没有现行清单", Text: "请选择别的地区。"}
	for i, why := range levels.Apart {
		if why != "" {
			page.Notes = append(page.Notes, ui.Note{Tone: ui.Warning, Title: place(levels.Lists[i].Source.Region) + "的清单无法与上一级对照", Text: why})
		}
	}
	return web.Page("policy/levels", page), nil
}

// placeForm lets the user choose: his regions and those right below.
func placeForm(r *web.Request, in region.Code) ui.Form {
	codes := append(places(r.Actor.Scope(access.PolicyRead)), in)
	slices.Sort(codes)
	var options []ui.Option
	for _, c := range slices.Compact(codes) {
		options = append(options, ui.Option{Value: string(c), Label: place(c)})
	}
	f := ui.Simple("/policies/levels", "查看", ui.Field{Name: "region", Label: "地区", Kind: ui.KindSelect, Value: string(in), Options: options, Width: "m"})
	f.Get = true
	return f
}

// sideBySide makes a column of each list, the largest region first.
func sideBySide(l *policy.Levels) (ui.Table, []ui.Stat) {
	t := ui.Table{Caption: "各级清单逐项对照", Columns: []ui.Column{{Label: "项目"}}}
	below := make([]int, len(l.Lists))
	for _, ruling := range l.Lists {
		t.Columns = append(t.Columns, ui.Column{Label: levelText(ruling.Source.Region) + "：" + place(ruling.Source.Region)})
	}
	for i := range l.Rows {
		cells := []ui.Cell{{Text: l.Rows[i].Name}}
		for k := range l.Rows[i].Cells {
			c := &l.Rows[i].Cells[k]
			if c.Answer != nil && !c.Answer.Proved() {
				below[k]++
			}
			cells = append(cells, levelCell(l.Lists[k], c))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	var stats []ui.Stat
	for k, ruling := range l.Lists {
		if k == 0 || l.Apart[k] != "" {
			continue
		}
		s := ui.Stat{
			Label: place(ruling.Source.Region) + "低于" + place(l.Lists[k-1].Source.Region), Value: ui.Number(below[k]), Unit: "项",
			Icon: "scale", Tone: ui.Success, Href: link(ruling.Version, "/check"),
		}
		if below[k] > 0 {
			s.Tone = ui.Danger
		}
		stats = append(stats, s)
	}
	return t, stats
}

// levelCell is an item in one list, with whether it is kept and a person who shows it
// where it is not.
func levelCell(ruling *policy.Ruling, c *policy.LevelCell) ui.Cell {
	cell := ui.Cell{Text: "没有"}
	var notes []string
	if c.Item != nil {
		it, at := ruling.Item(c.Item.ID), ruling.Program.Find(c.Item.ID)
		if it != nil && at >= 0 {
			compiled := &ruling.Program.Items[at]
			cell = ui.Cell{Text: policyform.Sentence(compiled.Own), Href: link(ruling.Version, "#i-"+c.Item.ID)}
			notes = append(notes, strings.Join(policyform.Grant(it, compiled), "；"))
		}
	}
	if c.Inherited {
		cell.Tags = append(cell.Tags, ui.Tag{Text: "承接上级"})
	}
	if c.Answer != nil {
		cell.Tags = append(cell.Tags, conformTag(c.Answer))
		notes = append(notes, c.Answer.Sentences...)
	}
	cell.Note = strings.Join(notes, "。")
	return cell
}
