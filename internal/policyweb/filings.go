package policyweb

import (
	"strconv"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/ui"
	"yian/internal/web"
)

// filingsPage lists filings.
type filingsPage struct {
	ui.Frame
	Tabs  ui.Tabs
	Table ui.Table
}

// filedPage is the filings of a version.
type filedPage struct {
	ui.Frame
	Tabs  ui.Tabs
	Table ui.Table
}

// filingPage is one filing.
type filingPage struct {
	ui.Frame
	Note       ui.Note
	Details    ui.Details
	Shortfalls ui.Table
	Form       ui.Form // of the answer; without fields there is none
}

const perPage = 50

// filingTag is the state of a filing in its colour.
func filingTag(s policy.FilingState) ui.Tag {
	return ui.Tag{Text: s.Label(), Tone: map[policy.FilingState]ui.Tone{policy.Sent: ui.Warning, policy.Accepted: ui.Success, policy.Returned: ui.Danger}[s]}
}

func (p *Pages) filings(r *web.Request) (web.Response, error) {
	before, err := asked(r, "before")
	if err != nil {
		return nil, err
	}
	box := r.Value("box")
	query := policy.FilingQuery{Before: before, Limit: perPage + 1}
	if box != "all" {
		box, query.ToAnswer, query.State = "answer", true, policy.Sent
	}
	found, err := p.Lists.Filings(r.Context(), r.Scope(access.PolicyRead), query)
	if err != nil {
		return nil, err
	}
	page := &filingsPage{
		Frame: ui.Frame{Title: "清单备案", Lead: "下级清单批准以后报送上级备案；上级核对后接受，或写明理由退回。"},
		Tabs: ui.Tabs{Label: "备案", Items: []ui.Tab{
			{Text: "待我答复", Href: "/filings", Active: box == "answer"}, {Text: "全部备案", Href: "/filings?box=all", Active: box == "all"},
		}},
		Table: filingTable(found),
	}
	page.Table.Empty = ui.EmptyState{Icon: "inbox", Title: "没有待答复的备案"}
	if box == "all" {
		page.Table.Empty = ui.EmptyState{Icon: "inbox", Title: "还没有备案", Text: "清单批准以后，在清单的页面上报送备案。"}
	}
	if len(found) > perPage {
		page.Table.Rows = page.Table.Rows[:perPage]
		page.Table.Pager.Next = "/filings?box=" + box + "&before=" + found[perPage-1].ID.String()
	}
	if before != 0 {
		page.Table.Pager.Previous = "/filings?box=" + box
	}
	return web.Page("policy/filings", page), nil
}

func filingTable(found []policy.Filing) ui.Table {
	t := ui.Table{Caption: "备案", Columns: []ui.Column{{Label: "清单", Wide: true}, {Label: "地区"}, {Label: "报送"}, {Label: "低于上级", Number: true}, {Label: "状态"}, {Label: "答复"}}}
	for i := range found {
		f := &found[i]
		answered := ui.Cell{Text: ui.Unknown}
		if f.Answered != 0 {
			answered = ui.Cell{Text: ui.Instant(f.Answered), Note: f.Answer}
		}
		t.Rows = append(t.Rows, ui.Row{ID: "f" + f.ID.String(), Cells: []ui.Cell{
			{Text: f.Title, Href: filingLink(f.ID), Note: "第 " + strconv.FormatInt(f.No, 10) + " 版"},
			{Text: place(f.Region), Note: "报送" + place(f.Upper)},
			{Text: ui.Instant(f.Sent)},
			{Text: ui.Number(len(f.Shortfalls))},
			{Tags: []ui.Tag{filingTag(f.State)}},
			answered,
		}})
	}
	return t
}

func filingLink(one id.ID) string { return "/filings/" + one.String() }

// filed lists the filings of a version.
func (p *Pages) filed(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	page := &filedPage{Tabs: tabs(v, "/filings")}
	if _, err := p.frame(r, v, &page.Frame); err != nil {
		return nil, err
	}
	found, err := p.Lists.Filings(r.Context(), r.Actor.Scope(access.PolicyRead), policy.FilingQuery{Of: v.ID, Limit: perPage})
	if err != nil {
		return nil, err
	}
	page.Table = filingTable(found)
	page.Table.Empty = ui.EmptyState{Icon: "inbox", Title: "这一版还没有报送备案", Text: "批准以后可以报送上级备案；低于上级清单的要写明理由。"}
	return web.Page("policy/filed", page), nil
}

func (p *Pages) readFiling(r *web.Request) (*policy.Filing, error) {
	one, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.Lists.Filing(r.Context(), r.Actor.Scope(access.PolicyRead), one)
}

func (p *Pages) filing(r *web.Request) (web.Response, error) {
	f, err := p.readFiling(r)
	if err != nil {
		return nil, err
	}
	return web.Page("policy/filing", filingPageOf(r, f, f.Version)), nil
}

func filingPageOf(r *web.Request, f *policy.Filing, version int64) *filingPage {
	page := &filingPage{
		Frame: ui.Frame{
			Title: "备案：" + f.Title, Lead: place(f.Region) + "报送" + place(f.Upper), Tags: []ui.Tag{filingTag(f.State)}, Crumbs: []ui.Crumb{{Text: "清单备案", Href: "/filings"}},
			Actions: []ui.Action{{Text: "查看这一版", Href: link(f.Of, ""), Icon: "clipboard-list"}},
		},
		Details: ui.Details{Pairs: []ui.Pair{
			{Term: "清单", Text: f.Title, Href: link(f.Of, ""), Note: "第 " + strconv.FormatInt(f.No, 10) + " 版"},
			{Term: "报送时间", Text: ui.Instant(f.Sent)},
		}},
		Shortfalls: shortfalls(f),
	}
	if f.UpperVersion != 0 {
		page.Actions = append(page.Actions, ui.Action{Text: "与上级清单比较", Href: compareLink(f.UpperVersion, f.Of), Icon: "scale"})
	}
	reason := ui.Pair{Term: "报送的理由", Text: f.Reason}
	if f.Reason == "" {
		reason.Text = "没有写（清单不低于上级，可以不写）"
	}
	page.Details.Pairs = append(page.Details.Pairs, reason)
	if f.Answered != 0 {
		answer := f.Answer
		if answer == "" {
			answer = "没有意见"
		}
		page.Details.Pairs = append(page.Details.Pairs, ui.Pair{Term: "答复", Text: answer, Note: ui.Instant(f.Answered)})
	}
	if f.State == policy.Sent && can(r, access.PolicyFile, f.Upper) {
		page.Form = answerForm(r, f, version)
	} else if f.State == policy.Sent {
		page.Note = ui.Note{Tone: ui.Info, Text: "等待" + place(f.Upper) + "答复。"}
	}
	return page
}

// shortfalls lists where the list falls below the upper one, as it was when it was sent.
func shortfalls(f *policy.Filing) ui.Table {
	t := ui.Table{
		ID: "shortfalls", Caption: "低于上级清单之处", Columns: []ui.Column{{Label: "项目"}, {Label: "不足"}, {Label: "举例", Wide: true}},
		Empty: ui.EmptyState{Icon: "circle-check", Title: "没有低于上级清单的项目", Text: "报送时逐项对照过，每一位老人得到的都不少于上级清单。"},
	}
	if f.UpperVersion == 0 {
		t.Empty = ui.EmptyState{Icon: "scale", Title: "没有可以对照的上级清单"}
	}
	for _, s := range f.Shortfalls {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Name, Note: s.Item}, {Tags: []ui.Tag{{Text: s.Fault, Tone: ui.Danger}}}, {Text: s.Text}}})
	}
	return t
}

// What can be answered.
const (
	accept = "accept"
	refuse = "refuse"
)

func answerForm(r *web.Request, f *policy.Filing, version int64) ui.Form {
	form := ui.Simple(filingLink(f.ID), "答复",
		ui.Field{Name: "choice", Label: "答复", Kind: ui.KindRadio, Required: true, Value: r.Value("choice"), Options: []ui.Option{
			{Value: accept, Label: "接受备案"}, {Value: refuse, Label: "退回", Hint: "下级按理由修改后重新报送；这一版是否继续施行由下级决定"},
		}},
		ui.Field{Name: "answer", Label: "意见", Kind: ui.KindTextarea, Value: lines(r, "answer"), MaxLength: 2000, Hint: "退回的必须写明理由。"})
	form.Hidden, form.Cancel = carry(version), ui.Link{Href: "/filings"}
	return form
}

func (p *Pages) answer(r *web.Request) (web.Response, error) {
	f, err := p.readFiling(r)
	if err != nil {
		return nil, err
	}
	choice := r.Value("choice")
	if choice != accept && choice != refuse {
		err = (&errs.Fields{{Name: "choice", Message: "请选择接受还是退回"}}).Err()
	} else {
		_, err = p.Lists.Answer(r.Context(), r.Actor, f.ID, seen(r), choice == accept, lines(r, "answer"))
	}
	if err == nil {
		return web.Redirect(filingLink(f.ID), web.Done("已答复。")), nil
	}
	page := filingPageOf(r, f, seen(r))
	return again("policy/filing", page, &page.Form, err)
}
