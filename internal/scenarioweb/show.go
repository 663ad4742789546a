package scenarioweb

import (
	"strconv"
	"strings"

	"yian/internal/money"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/scenario"
	"yian/internal/simulate"
	"yian/internal/ui"
	"yian/internal/web"
)

// showPage is a scenario and what it does.
type showPage struct {
	ui.Frame
	Note      ui.Note
	Changes   ui.Table
	Another   ui.SearchBar // the next item to be changed
	Stats     []ui.Stat
	Charts    []ui.Chart
	Items     ui.Table
	Places    ui.Table
	Courses   []ui.Chart // of the years to come
	Foretell  ui.Action
	Forecast  string // what the years to come leave out
	SmallText []string
}

// count counts a scenario that was just saved and shows it.
func (p *Pages) count(r *web.Request, sc *scenario.Scenario) (web.Response, error) {
	if _, err := p.Scenarios.Run(r.Context(), r.Actor, sc.ID); err != nil {
		return nil, err
	}
	return web.Redirect(address(sc), web.Done("已测算")), nil
}

func (p *Pages) run(r *web.Request) (web.Response, error) {
	sc, err := p.read(r)
	if err != nil {
		return nil, err
	}
	return p.count(r, sc)
}

func (p *Pages) foretell(r *web.Request) (web.Response, error) {
	which, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	sc, err := p.Scenarios.Foretell(r.Context(), r.Actor, which)
	if err != nil {
		return nil, err
	}
	return web.Redirect(address(sc)+"#ahead", web.Done("已预测今后十年")), nil
}

func (p *Pages) show(r *web.Request) (web.Response, error) {
	sc, err := p.read(r)
	if err != nil {
		return nil, err
	}
	page := &showPage{Frame: ui.Frame{Title: sc.Name, Lead: region.Name(sc.Region) + "，改动 " + sc.List, Crumbs: []ui.Crumb{home}, Actions: actions(sc)}}
	ruling, err := p.ruling(r, sc)
	if err != nil {
		page.Note = ui.Note{Tone: ui.Warning, Text: "方案所改的清单已不再施行，不能再测算。以下是当时的结果。"}
	} else {
		page.Another = another(sc, ruling)
	}
	page.Changes = changesTable(sc, ruling)
	if sc.Outcome == nil {
		if err == nil {
			page.Note = ui.Note{Tone: ui.Info, Title: "还没有测算", Text: "点“测算”，马上能看到谁受益、谁受损。"}
		}
		return web.Page("scenario/show", page), nil
	}
	page.outcome(sc.Outcome)
	page.forecast(sc)
	return web.Page("scenario/show", page), nil
}

func actions(sc *scenario.Scenario) []ui.Action {
	at := address(sc)
	run := ui.Action{Text: "测算", Href: at + "/run", Icon: "refresh", Primary: true, Post: true}
	if sc.Outcome == nil {
		return []ui.Action{run, {Text: "改名和日期", Href: at + "/change", Icon: "pencil"}, {Text: "删除", Href: at + "/delete", Icon: "trash"}}
	}
	run.Text, run.Primary = "重新测算", false
	return []ui.Action{
		run,
		{Text: "改名和日期", Href: at + "/change", Icon: "pencil"},
		{Text: "复制", Href: at + "/copy", Icon: "copy", Post: true},
		{Text: "与另一方案比较", Href: "/scenarios/compare?a=" + sc.ID.String(), Icon: "scale"},
		{Text: "导出 XLSX", Href: at + "/xlsx", Icon: "file-spreadsheet"},
		{Text: "导出 CSV", Href: at + "/csv", Icon: "download"},
		{Text: "删除", Href: at + "/delete", Icon: "trash"},
	}
}

// another offers the items of the list for a further change.
func another(sc *scenario.Scenario, ruling *policy.Ruling) ui.SearchBar {
	f := ui.Field{Name: "item", Label: "再改一项", Kind: ui.KindSelect}
	for i := range ruling.Source.Items {
		it := &ruling.Source.Items[i]
		f.Options = append(f.Options, ui.Option{Value: it.ID, Label: strconv.Itoa(it.No) + " " + it.Name})
	}
	return ui.SearchBar{Action: address(sc) + "/change", Fields: []ui.Field{f}, Submit: "去修改"}
}

// changesTable lists what the scenario changes, as it was and as it is to be.
func changesTable(sc *scenario.Scenario, ruling *policy.Ruling) ui.Table {
	t := ui.Table{ID: "changes", Caption: "方案的改动", Columns: []ui.Column{{Label: "改什么"}, {Label: "原来", Wide: true}, {Label: "改为", Wide: true}}}
	c := &sc.Changes
	if sc.Base != 0 {
		t.Rows = append(t.Rows, row("起点", "现行清单", "另选的版本"))
	}
	if c.Version != 0 {
		t.Rows = append(t.Rows, linked(row("整份清单", "现行清单", "另一版本"), address(sc)+"/change?item="+versionOf))
	}
	for i := range c.Items {
		it := &c.Items[i]
		name, when, amount := it.Item, "", ""
		if ruling != nil {
			if at := ruling.Program.Find(it.Item); at >= 0 {
				item := &ruling.Source.Items[at]
				own, cases := shown(&scenario.Draft{}, item)
				name, when, amount = item.Name, own, casesText(cases)
			}
		}
		edit := address(sc) + "/change?item=" + it.Item
		if it.When != "" {
			t.Rows = append(t.Rows, linked(row(name+"：条件", when, it.When), edit))
		}
		if len(it.Amount) > 0 {
			t.Rows = append(t.Rows, linked(row(name+"：金额", amount, casesText(it.Amount)), edit))
		}
	}
	for _, p := range c.Parameters {
		label, was := p.Name, ""
		if ruling != nil {
			label, was = parameterText(ruling, p.Name)
		}
		t.Rows = append(t.Rows, row(label, was, p.Value+"（"+p.From.String()+" 起）"))
	}
	return t
}

func row(cells ...string) ui.Row {
	out := ui.Row{}
	for _, c := range cells {
		if c == "" {
			c = ui.Unknown
		}
		out.Cells = append(out.Cells, ui.Cell{Text: c})
	}
	return out
}

func linked(r ui.Row, href string) ui.Row {
	r.Cells[0].Href = href
	return r
}

func casesText(cases []scenario.Case) string {
	texts := make([]string, len(cases))
	for i, c := range cases {
		texts[i] = c.Is
		if c.When != "" {
			texts[i] = c.When + " 时 " + c.Is
		}
	}
	return strings.Join(texts, "；")
}

func parameterText(ruling *policy.Ruling, name string) (label, was string) {
	for i := range ruling.Source.Parameters {
		if p := &ruling.Source.Parameters[i]; p.Name == name {
			if v := p.On(ruling.Program.At); v.Value != nil {
				was = number(v.Value) + " " + p.Unit
			}
			return p.Label, was
		}
	}
	return name, ""
}

// outcome fills the page with what a scenario does.
func (p *showPage) outcome(o *scenario.Outcome) {
	total := o.Total()
	p.Stats = []ui.Stat{
		{Label: "新增", Value: ui.Number(total.Gain), Unit: "人次", Note: "原来不能享受，改后能", Icon: "user-plus", Tone: ui.Success},
		{Label: "失去", Value: ui.Number(total.Lose), Unit: "人次", Note: "原来能享受，改后不能", Icon: "user-off", Tone: tone(total.Lose)},
		{Label: "转为待核", Value: ui.Number(total.Doubt), Unit: "人次", Note: "改后缺信息，不能确定", Icon: "help-circle", Tone: ui.Warning},
		{Label: "每月增减", Value: signed(scenario.Monthly(total)), Unit: "元/月", Note: once(total), Icon: "coin-yuan", Tone: ui.Info},
	}
	p.Charts = []ui.Chart{itemChart(o), costChart(o)}
	if len(o.Places) > 1 {
		p.Charts = append(p.Charts, placeChart(o))
	}
	p.Items, p.Places = itemTable(o), placeTable(o)
	p.SmallText = []string{
		"按 " + ui.Instant(o.AsOf) + " 的在册老年人 " + ui.Number(o.People) + " 人统计，年龄和标准按 " + o.On.String() + " 计算；一个人在几个项目上有变化就计几次。",
		"费用只含已经确定的标准；标准未定的项目只计人数，金额未计入。",
		"除年龄外的情况（收入、能力、户籍等）按现有登记不变，信息不全的人列为待核，不计入新增或失去。",
	}
	if o.Unruled > 0 {
		p.SmallText = append(p.SmallText, "有 "+ui.Number(o.Unruled)+" 人所在的地方没有施行中的清单，不享受任何项目。")
	}
}

func tone(n int) ui.Tone {
	if n > 0 {
		return ui.Danger
	}
	return ui.Neutral
}

// signed is an amount with its sign.
func signed(f money.Fen) string {
	if f > 0 {
		return "+" + ui.Yuan(f)
	}
	return ui.Yuan(f)
}

func once(c simulate.Change) string {
	if n := c.After.Once - c.Before.Once; n != 0 {
		return "另有一次性 " + signed(n) + " 元"
	}
	return ""
}

var changeColumns = []ui.Column{
	{Label: "新增（人）", Number: true},
	{Label: "失去（人）", Number: true},
	{Label: "转为待核（人）", Number: true},
	{Label: "金额升（人）", Number: true},
	{Label: "金额降（人）", Number: true},
	{Label: "原每月（元）", Number: true},
	{Label: "改后每月（元）", Number: true},
	{Label: "每月增减（元）", Number: true},
}

func changeCells(name ui.Cell, c simulate.Change) ui.Row {
	return ui.Row{Cells: []ui.Cell{
		name,
		{Text: ui.Number(c.Gain)},
		{Text: ui.Number(c.Lose)},
		{Text: ui.Number(c.Doubt)},
		{Text: ui.Number(c.More)},
		{Text: ui.Number(c.Less)},
		{Text: ui.Yuan(c.Before.Month())},
		{Text: ui.Yuan(c.After.Month())},
		{Text: signed(scenario.Monthly(c)), Note: once(c)},
	}}
}

// itemTable lists the items that change, those that are most felt first as the list has
// them; the others are only counted.
func itemTable(o *scenario.Outcome) ui.Table {
	t := ui.Table{
		ID: "items", Caption: "各项目的变化", Columns: append([]ui.Column{{Label: "服务项目", Wide: true}, {Label: "原享受（人）", Number: true}, {Label: "改后享受（人）", Number: true}}, changeColumns...),
		Empty: ui.EmptyState{Icon: "circle-check", Title: "没有人受影响", Text: "这个改动对现在的在册老年人没有影响。"},
	}
	same := 0
	for i := range o.Items {
		l := &o.Items[i]
		if !l.Changed() {
			same++
			continue
		}
		name := ui.Cell{Text: l.Name}
		switch {
		case l.Added:
			name.Tags = []ui.Tag{{Text: "新增项目", Tone: ui.Success}}
		case l.Removed:
			name.Tags = []ui.Tag{{Text: "取消项目", Tone: ui.Danger}}
		}
		if l.After.Unset > 0 {
			name.Note = "改后有 " + ui.Number(l.After.Unset) + " 人的标准还没有确定，金额未计入"
		}
		r := changeCells(name, l.Change)
		counts := []ui.Cell{{Text: ui.Number(l.Before.Yes), Note: unknown(l.Before)}, {Text: ui.Number(l.After.Yes), Note: unknown(l.After)}}
		r.Cells = append(r.Cells[:1:1], append(counts, r.Cells[1:]...)...)
		t.Rows = append(t.Rows, r)
	}
	if same > 0 && len(t.Rows) > 0 {
		t.Pager.Text = "另有 " + strconv.Itoa(same) + " 项没有变化。"
	}
	return t
}

func unknown(c scenario.Count) string {
	if c.Unknown == 0 {
		return ""
	}
	return "待核 " + ui.Number(c.Unknown)
}

// placeTable lists the places where something changes.
func placeTable(o *scenario.Outcome) ui.Table {
	t := ui.Table{ID: "places", Caption: "各地的变化", Columns: append([]ui.Column{{Label: "地区", Wide: true}}, changeColumns...)}
	for k, place := range o.Places {
		c := o.Place(k)
		if c == (simulate.Change{Before: c.Before, After: c.Before}) {
			continue
		}
		t.Rows = append(t.Rows, changeCells(ui.Cell{Text: scenario.PlaceName(place)}, c))
	}
	return t
}
