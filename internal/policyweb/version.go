package policyweb

import (
	"slices"
	"strconv"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/policyform"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// versionPage is a version of a list with its items.
type versionPage struct {
	ui.Frame
	Tabs       ui.Tabs
	Note       ui.Note
	Steps      ui.Steps // without items where it was discarded
	Details    ui.Details
	Groups     []group
	Editing    bool
	Own        string // of an item that the list itself writes; empty where all are
	Empty      ui.EmptyState
	Parameters ui.Table
	Timeline   ui.Timeline
	Versions   ui.Table
}

// group is the items of one audience.
type group struct {
	Audience string
	Items    []itemRow
}

// itemRow is an item in words.
type itemRow struct {
	No, ID, Name string
	Tags         []ui.Tag
	Content      string
	Rule         string
	Grant        []string
	Clause       string
	Lead         string
	Edit         ui.Link
}

func (p *Pages) version(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	s, err := p.open(r, v)
	if err != nil {
		return nil, err
	}
	page := &versionPage{Tabs: tabs(v, "")}
	moves, err := p.frame(r, v, &page.Frame)
	if err != nil {
		return nil, err
	}
	page.Editing = v.State == policy.Draft && can(r, access.PolicyWrite, v.Region)
	page.Note, page.Steps = p.note(s), progress(v)
	page.Details = head(s)
	page.Groups = groups(s, page.Editing)
	page.Empty = ui.EmptyState{Icon: "clipboard-list", Title: "清单还没有项目", Text: "可以逐项新增，也可以在“修改文字”里粘贴整份清单。"}
	page.Parameters = parameters(s, page.Editing || v.State == policy.Published && can(r, access.PolicyWrite, v.Region), p.Lists.Today())
	page.Timeline = timeline(moves)
	all, err := p.Lists.Versions(r.Context(), r.Actor.Scope(access.PolicyRead), v.List)
	if err != nil {
		return nil, err
	}
	page.Versions = versions(all, v.ID)
	return web.Page("policy/version", page), nil
}

// frame fills the head that all pages on a version share, with the buttons for what
// the actor may do with it now.
func (p *Pages) frame(r *web.Request, v *policy.Version, f *ui.Frame) (moves []policy.Step, err error) {
	f.Title, f.Crumbs = v.Title, []ui.Crumb{home}
	f.Lead = place(v.Region) + "，第 " + strconv.FormatInt(v.No, 10) + " 版"
	f.Tags = []ui.Tag{stateTag(v.State)}
	if v.State == policy.Published {
		tag, err := p.ruleTag(r, v)
		if err != nil {
			return nil, err
		}
		f.Tags = append(f.Tags, tag)
	}
	scope := r.Actor.Scope(access.PolicyRead)
	if !scope.Contains(v.Region) {
		return nil, nil // somebody else's list: it is read, and how it came about is not shown
	}
	if moves, err = p.Lists.Steps(r.Context(), scope, v.ID); err != nil {
		return nil, err
	}
	f.Actions = actions(r, v, moves)
	return moves, nil
}

// versions lists the other versions of a list, the latest first.
func versions(all []policy.Version, here id.ID) ui.Table {
	t := ui.Table{ID: "versions", Caption: "这份清单的其他版本", Columns: []ui.Column{{Label: "版本"}, {Label: "状态"}, {Label: "施行"}, {Label: "操作", Quiet: true}}}
	for i := range slices.Backward(all) {
		v := &all[i]
		if v.ID == here {
			continue
		}
		span := ui.Unknown
		if v.RulesFrom != 0 {
			span = v.RulesFrom.String() + " 起"
			if end := policy.Superseded(all, v.ID); end != 0 {
				span = v.RulesFrom.String() + " 至 " + (end - 1).String()
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: "第 " + strconv.FormatInt(v.No, 10) + " 版", Href: link(v.ID, ""), Note: v.Title},
			{Tags: []ui.Tag{stateTag(v.State)}},
			{Text: span},
			{Links: []ui.Link{{Text: "与本版比较", Href: compareLink(v.ID, here)}}},
		}})
	}
	return t
}

// ruleTag tells whether a published version rules.
func (p *Pages) ruleTag(r *web.Request, v *policy.Version) (ui.Tag, error) {
	all, err := p.Lists.Versions(r.Context(), r.Actor.Scope(access.PolicyRead), v.List)
	if err != nil {
		return ui.Tag{}, err
	}
	today, end := p.Lists.Today(), policy.Superseded(all, v.ID)
	switch {
	case end != 0 && end <= today:
		return ui.Tag{Text: end.String() + " 起由新版代替", Tone: ui.Neutral}, nil
	case v.RulesFrom > today:
		return ui.Tag{Text: v.RulesFrom.String() + " 起施行", Tone: ui.Info}, nil
	}
	return ui.Tag{Text: "现行", Tone: ui.Success}, nil
}

// tabs are the pages on a version.
func tabs(v *policy.Version, active string) ui.Tabs {
	t := ui.Tabs{Label: "这一版清单"}
	for _, one := range [][2]string{{"清单", ""}, {"规则与测试", "/check"}, {"备案", "/filings"}, {"导出", "/export"}} {
		if one[1] == "/filings" && v.Region == region.Nation {
			continue
		}
		t.Items = append(t.Items, ui.Tab{Text: one[0], Href: link(v.ID, one[1]), Active: one[1] == active})
	}
	if v.BasedOn != 0 {
		t.Items = append(t.Items, ui.Tab{Text: "与上一版比较", Href: compareLink(v.BasedOn, v.ID)})
	}
	return t
}

func compareLink(a, b id.ID) string { return "/policies/compare?a=" + a.String() + "&b=" + b.String() }

// note says what stands in the way of reading or deciding a version.
func (p *Pages) note(s *sheet) ui.Note {
	switch {
	case s.source == nil:
		return ui.Note{Tone: ui.Danger, Title: "承接的清单不在现行清单里", Text: "清单写明承接 " + s.list.Extends + "，但它现在没有施行。请在“修改文字”里改正 extends，或等上级发布。"}
	case len(s.faults) > 0:
		return ui.Note{
			Tone: ui.Danger, Title: "规则有 " + strconv.Itoa(len(s.faults)) + " 处错误", Text: "第一处：第 " + strconv.Itoa(s.faults[0].At.Line) + " 行，" + s.faults[0].Msg,
			Link: ui.Link{Text: "查看全部", Href: link(s.ID, "/check")},
		}
	case s.State == policy.Draft:
		return ui.Note{Tone: ui.Info, Text: "这是草稿，不影响任何人的待遇。修改以后先看“规则与测试”，没有错误才能送审。", Link: ui.Link{Text: "规则与测试", Href: link(s.ID, "/check")}}
	}
	return ui.Note{}
}

// progress shows how far a version has come.
func progress(v *policy.Version) ui.Steps {
	at := slices.Index([]policy.State{policy.Draft, policy.Review, policy.Approved, policy.Published}, v.State)
	var s ui.Steps
	if at < 0 {
		return s
	}
	for i, text := range []string{"起草", "审批", "发布", "施行"} {
		s.Items = append(s.Items, ui.Step{Text: text, Done: i < at, Current: i == at})
	}
	return s
}

// head tells of the list as a whole.
func head(s *sheet) ui.Details {
	l := s.list
	d := ui.Details{Pairs: []ui.Pair{
		{Term: "文件", Text: document(&l.Document), Note: l.Document.Issuer},
		{Term: "编号", Text: l.ID, Note: upperText(l)},
	}}
	if l.Document.Date != 0 {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "发文日期", Text: l.Document.Date.String()})
	}
	if l.From != 0 {
		span := l.From.String() + " 起"
		if l.To != 0 {
			span = l.From.String() + " 至 " + l.To.String()
		}
		d.Pairs = append(d.Pairs, ui.Pair{Term: "清单写明的有效期", Text: span})
	}
	if s.RulesFrom != 0 {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "施行", Text: s.RulesFrom.String() + " 起"})
	}
	if l.Note != "" {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "说明", Text: l.Note})
	}
	return d
}

// groups gathers the items by their audience, in the order of the list.
func groups(s *sheet, editing bool) []group {
	var out []group
	for _, name := range s.items() {
		it, own := s.item(name)
		if it == nil {
			continue
		}
		at := slices.IndexFunc(out, func(g group) bool { return g.Audience == it.Audience })
		if at < 0 {
			out = append(out, group{Audience: it.Audience})
			at = len(out) - 1
		}
		out[at].Items = append(out[at].Items, row(s, it, own, editing))
	}
	return out
}

func row(s *sheet, it *pack.Item, own, editing bool) itemRow {
	c := s.compiled(it.ID)
	out := itemRow{
		No: strconv.Itoa(it.No), ID: it.ID, Name: it.Name, Content: it.Content, Rule: policyform.Rule(it, c), Grant: policyform.Grant(it, c),
		Clause: clauseWords(&it.Clause), Lead: it.Lead,
	}
	if it.Added && own {
		out.Tags = append(out.Tags, ui.Tag{Text: "本地增加", Tone: ui.Info})
	}
	if !own {
		out.Tags = append(out.Tags, ui.Tag{Text: "承接上级"})
	}
	if editing {
		out.Edit = ui.Link{Text: "修改", Href: itemLink(s.ID, it.ID), Icon: "pencil"}
		if !own {
			out.Edit.Text = "改写"
		}
	}
	return out
}

func itemLink(version id.ID, item string) string {
	return link(version, "/items/"+item+"/edit")
}

// parameters are the figures of the list with what holds today.
func parameters(s *sheet, editing bool, today civil.Date) ui.Table {
	t := ui.Table{
		ID: "parameters", Caption: "清单的标准（参数）",
		Columns: []ui.Column{{Label: "标准", Wide: true}, {Label: "今天的数额", Number: true}, {Label: "由谁确定"}, {Label: "操作", Quiet: true}},
	}
	if s.source == nil {
		return t
	}
	for i := range s.source.Parameters {
		one := &s.source.Parameters[i]
		cell := ui.Cell{Text: "未定"}
		if v := one.On(today); v.Value != nil {
			cell = ui.Cell{Text: statedAs(s.list, one.Name, v) + decimal(v.Value) + " " + one.Unit}
		}
		act := ui.Cell{}
		if editing {
			act.Links = []ui.Link{{Text: "设定", Href: link(s.ID, "/parameters/"+one.Name)}}
		}
		t.Rows = append(t.Rows, ui.Row{ID: "p-" + one.Name, Cells: []ui.Cell{{Text: one.Label, Note: one.Name}, cell, {Text: setBy(one.SetBy)}, act}})
	}
	return t
}

// setBy names who sets a figure.
func setBy(who string) string {
	switch who {
	case "":
		return "清单"
	case "county":
		return "县级"
	case "city":
		return "市级"
	case "province":
		return "省级"
	}
	return who
}

// timeline tells what was done to a version, the latest first.
func timeline(moves []policy.Step) ui.Timeline {
	var t ui.Timeline
	for _, m := range slices.Backward(moves) {
		e := ui.Event{When: ui.Instant(m.At), Title: m.Move.Label(), By: m.Name, Text: m.Note}
		switch m.Move {
		case policy.Agreed, policy.PutInForce, policy.FilingAnswer:
			e.Tone = ui.Success
		case policy.SentBack, policy.FilingRefusal, policy.Abandoned:
			e.Tone = ui.Warning
		default:
			e.Tone = ui.Info
		}
		t.Events = append(t.Events, e)
	}
	return t
}
