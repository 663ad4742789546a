package scenarioweb

import (
	"slices"

	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/scenario"
	"yian/internal/simulate"
	"yian/internal/ui"
	"yian/internal/web"
)

// comparePage shows two scenarios side by side.
type comparePage struct {
	ui.Frame
	Note  ui.Note
	Pick  ui.SearchBar
	Sums  ui.Table
	Items ui.Table
	Chart ui.Chart // without categories there is none
}

// mostPicked is how many scenarios can be chosen from.
const mostPicked = 200

func (p *Pages) compare(r *web.Request) (web.Response, error) {
	all, err := p.Scenarios.List(r.Context(), r.Actor, 0, mostPicked)
	if err != nil {
		return nil, err
	}
	page := &comparePage{Frame: ui.Frame{Title: "比较两个方案", Crumbs: []ui.Crumb{home}}, Pick: pick(r, all)}
	if page.Note, err = p.sides(r, page); err != nil {
		return nil, err
	}
	return web.Page("scenario/compare", page), nil
}

func pick(r *web.Request, all []*scenario.Scenario) ui.SearchBar {
	field := func(name, label string) ui.Field {
		f := ui.Field{Name: name, Label: label, Kind: ui.KindSelect, Value: r.Value(name), Options: []ui.Option{{Label: "请选择"}}}
		for _, sc := range all {
			f.Options = append(f.Options, ui.Option{Value: sc.ID.String(), Label: sc.Name})
		}
		return f
	}
	return ui.SearchBar{Action: "/scenarios/compare", Fields: []ui.Field{field("a", "方案甲"), field("b", "方案乙")}, Submit: "比较"}
}

// sides fills in both scenarios, or says why they cannot be compared.
func (p *Pages) sides(r *web.Request, page *comparePage) (ui.Note, error) {
	var both [2]*scenario.Scenario
	for i, name := range []string{"a", "b"} {
		which, err := asked(r, name)
		if err != nil {
			return ui.Note{}, err
		}
		if which == id.ID(0) {
			return ui.Note{Tone: ui.Info, Text: "请选择两个已经测算过的方案。"}, nil
		}
		if both[i], err = p.Scenarios.Get(r.Context(), r.Actor, which); err != nil {
			return ui.Note{}, err
		}
		if both[i].Outcome == nil {
			return ui.Note{Tone: ui.Warning, Title: "“" + both[i].Name + "”还没有测算", Text: "先测算，再比较。", Link: ui.Link{Text: "去测算", Href: address(both[i])}}, nil
		}
	}
	page.fill(both[0], both[1])
	switch a, b := both[0], both[1]; {
	case a.Region != b.Region:
		return ui.Note{Tone: ui.Warning, Text: "两个方案统计的地区不同（" + region.Name(a.Region) + "和" + region.Name(b.Region) + "），人数不能直接相比。"}, nil
	case a.Outcome.On != b.Outcome.On || a.Outcome.People != b.Outcome.People:
		return ui.Note{Tone: ui.Warning, Text: "两个方案测算的日期或在册人数不同，相差的不全是改动造成的。重新测算后再比较。"}, nil
	}
	return ui.Note{}, nil
}

func (page *comparePage) fill(a, b *scenario.Scenario) {
	x, y := a.Outcome.Total(), b.Outcome.Total()
	columns := func(first string) []ui.Column {
		return []ui.Column{{Label: first, Wide: true}, {Label: "甲：" + a.Name, Number: true}, {Label: "乙：" + b.Name, Number: true}}
	}
	page.Sums = ui.Table{ID: "sums", Caption: "两个方案合计", Columns: columns("合计"), Rows: []ui.Row{
		row("测算的日期", a.Outcome.On.String(), b.Outcome.On.String()),
		row("在册老年人（人）", ui.Number(a.Outcome.People), ui.Number(b.Outcome.People)),
		row("新增（人次）", ui.Number(x.Gain), ui.Number(y.Gain)),
		row("失去（人次）", ui.Number(x.Lose), ui.Number(y.Lose)),
		row("转为待核（人次）", ui.Number(x.Doubt), ui.Number(y.Doubt)),
		row("金额升（人次）", ui.Number(x.More), ui.Number(y.More)),
		row("金额降（人次）", ui.Number(x.Less), ui.Number(y.Less)),
		row("原每月（元）", ui.Yuan(x.Before.Month()), ui.Yuan(y.Before.Month())),
		row("改后每月（元）", ui.Yuan(x.After.Month()), ui.Yuan(y.After.Month())),
		row("每月增减（元）", signed(scenario.Monthly(x)), signed(scenario.Monthly(y))),
		row("一次性增减（元）", signed(x.After.Once-x.Before.Once), signed(y.After.Once-y.Before.Once)),
	}}
	page.items(a, b, columns("服务项目"))
}

// items lists the items that either changes.
func (page *comparePage) items(a, b *scenario.Scenario, columns []ui.Column) {
	page.Items = ui.Table{ID: "items", Caption: "各项目的变化", Columns: columns, Empty: ui.EmptyState{Icon: "circle-check", Title: "两个方案都没有人受影响"}}
	page.Chart = ui.Chart{ID: "by-item", Title: "各项目每月增减", Axis: "服务项目", Unit: "元/月", Series: []ui.Series{{Name: "甲"}, {Name: "乙"}}}
	lines := slices.Concat(a.Outcome.Items, b.Outcome.Items)
	seen := map[string]bool{}
	for i := range lines {
		l := &lines[i]
		x, y := line(a, l.ID), line(b, l.ID)
		if seen[l.ID] || (x == nil || !x.Changed()) && (y == nil || !y.Changed()) {
			continue
		}
		seen[l.ID] = true
		page.Items.Rows = append(page.Items.Rows, ui.Row{Cells: []ui.Cell{{Text: l.Name}, side(x), side(y)}})
		page.Chart.Categories = append(page.Chart.Categories, l.Name)
		page.Chart.Series[0].Values = append(page.Chart.Series[0].Values, yuan(scenario.Monthly(changeOfLine(x))))
		page.Chart.Series[1].Values = append(page.Chart.Series[1].Values, yuan(scenario.Monthly(changeOfLine(y))))
	}
}

func line(sc *scenario.Scenario, item string) *scenario.Line {
	if i := slices.IndexFunc(sc.Outcome.Items, func(l scenario.Line) bool { return l.ID == item }); i >= 0 {
		return &sc.Outcome.Items[i]
	}
	return nil
}

func changeOfLine(l *scenario.Line) simulate.Change {
	if l == nil {
		return simulate.Change{}
	}
	return l.Change
}

// side tells a change in a cell; a list that does not have the item says so.
func side(l *scenario.Line) ui.Cell {
	if l == nil {
		return ui.Cell{Text: "没有这一项"}
	}
	c := l.Change
	return ui.Cell{
		Text: signed(scenario.Monthly(c)) + " 元/月",
		Note: "新增 " + ui.Number(c.Gain) + " 人，失去 " + ui.Number(c.Lose) + " 人，待核 " + ui.Number(c.Doubt) + " 人",
	}
}
