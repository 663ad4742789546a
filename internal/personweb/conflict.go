package personweb

import (
	"fmt"
	"strconv"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

// conflictsPage lists what sources contradict each other in.
type conflictsPage struct {
	ui.Frame
	Table ui.Table
}

// conflictPage shows both statements side by side and asks which one holds.
type conflictPage struct {
	ui.Frame
	Note    ui.Note
	Fact    string
	Held    statementBox
	Claimed statementBox
	Form    ui.Form
}

// statementBox is what one source says.
type statementBox struct {
	Heading, Value string
	Details        ui.Details
}

func (p *Pages) conflicts(r *web.Request) (web.Response, error) {
	var after id.ID
	if text := r.Value("after"); text != "" {
		var err error
		if after, err = id.Parse(text); err != nil {
			return nil, web.NotFound()
		}
	}
	scope := r.Scope(access.FactSettle)
	found, err := p.People.Conflicts(r.Context(), scope, after, perPage+1)
	if err != nil {
		return nil, err
	}
	page := &conflictsPage{Frame: ui.Frame{Title: "信息争议", Lead: "不同来源对同一件事说法不一，需要由人核定。先登记的排在前面。"}}
	page.Table = ui.Table{
		Caption: "待核定的信息争议",
		Columns: []ui.Column{{Label: "老年人"}, {Label: "服务地区"}, {Label: "信息项"}, {Label: "现在采用"}, {Label: "不同的说法"}, {Label: "登记时间"}, {Label: "操作", Quiet: true}},
		Empty:   ui.EmptyState{Icon: "circle-check", Title: "没有待核定的争议", Text: "各来源的说法一致，或者都已核定。"},
	}
	if len(found) > perPage {
		found = found[:perPage]
		page.Table.Pager.Next = "/conflicts?after=" + found[perPage-1].ID.String()
	}
	if after != 0 {
		page.Table.Pager.Previous = "/conflicts"
	}
	for i := range found {
		c := &found[i]
		page.Table.Rows = append(page.Table.Rows, ui.Row{ID: "c" + c.ID.String(), Cells: []ui.Cell{
			{Text: c.Name, Href: link(c.Person, "")},
			{Text: near(c.Region)},
			{Text: c.Fact.Def().Label},
			{Text: Value(&c.Held.Facts.Person, c.Fact), Note: c.Held.Source.Label()},
			{Text: Value(&c.Claimed.Facts.Person, c.Fact), Note: c.Claimed.Source.Label()},
			{Text: ui.Instant(c.Opened)},
			{Links: []ui.Link{{Text: "核定", Href: "/conflicts/" + c.ID.String()}}},
		}})
	}
	n, err := p.People.CountConflicts(r.Context(), scope)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		page.Table.Pager.Text = "共 " + ui.Number(n) + " 项"
	}
	return web.Page("person/conflicts", page), nil
}

// readConflict reads the conflict that the path names.
func (p *Pages) readConflict(r *web.Request) (*person.Conflict, error) {
	conflict, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.People.Conflict(r.Context(), r.Actor.Scope(access.FactSettle), conflict)
}

func (p *Pages) conflict(r *web.Request) (web.Response, error) {
	c, err := p.readConflict(r)
	if err != nil {
		return nil, err
	}
	page, err := p.conflictPage(r, c)
	if err != nil {
		return nil, err
	}
	return web.Page("person/conflict", page), nil
}

func (p *Pages) conflictPage(r *web.Request, c *person.Conflict) (*conflictPage, error) {
	names, err := p.authors(r.Context(), []history.Record{c.Held, c.Claimed, {By: c.SettledBy}}, nil)
	if err != nil {
		return nil, err
	}
	label := c.Fact.Def().Label
	page := &conflictPage{
		Frame: ui.Frame{
			Title: label + "有争议", Lead: c.Name + " · " + Place(c.Region),
			Crumbs:  []ui.Crumb{{Text: "信息争议", Href: "/conflicts"}},
			Actions: []ui.Action{{Text: "打开档案", Href: link(c.Person, ""), Icon: "user"}},
		},
		Fact: label,
		Held: box("现在采用的", c, &c.Held, names), Claimed: box("不同的说法", c, &c.Claimed, names),
	}
	page.Held.Details.Pairs = append(page.Held.Details.Pairs, ui.Pair{Term: "为什么采用", Text: rankText(c)})
	if c.State == person.ConflictOpen {
		page.Form = settleForm(c, "", "")
	} else {
		page.Note = settledNote(c, names)
	}
	return page, nil
}

func box(heading string, c *person.Conflict, rec *history.Record, names map[id.ID]string) statementBox {
	author := "系统"
	if rec.By != 0 {
		author = names[rec.By]
	}
	return statementBox{Heading: heading, Value: Value(&rec.Facts.Person, c.Fact), Details: ui.Details{Pairs: []ui.Pair{
		{Term: "来源", Text: rec.Source.Label()},
		{Term: "有效期", Text: span(rec.From, rec.To)},
		{Term: "依据", Text: rec.Evidence},
		{Term: "登记", Text: ui.Instant(rec.At), Note: author},
	}}}
}

// rankText tells why the one statement counts and the other does not.
func rankText(c *person.Conflict) string {
	switch {
	case c.Held.Source == history.Settled:
		return "这一项由人核定过"
	case history.Rank(c.Held.Source, c.Fact) == 1:
		return c.Held.Source.Label() + "对这一项负责"
	default:
		return "来源的优先级更高"
	}
}

func settleForm(c *person.Conflict, choice, note string) ui.Form {
	option := func(code string, rec *history.Record, what string) ui.Option {
		return ui.Option{Value: code, Label: what + "：" + Value(&rec.Facts.Person, c.Fact), Hint: rec.Source.Label() + "，" + span(rec.From, rec.To)}
	}
	f := ui.Simple("/conflicts/"+c.ID.String(), "核定",
		ui.Field{Name: "accept", Label: "核定结果", Kind: ui.KindRadio, Required: true, Value: choice, Options: []ui.Option{
			option("no", &c.Held, "维持现在采用的"), option("yes", &c.Claimed, "改为不同的说法"),
		}},
		ui.Field{Name: "note", Label: "核定说明", Kind: ui.KindTextarea, Required: true, Value: note, MaxLength: 300, Rows: 3, Hint: "怎么核实的、依据是什么。说明会写进历史。"})
	f.Hidden = []ui.Hidden{{Name: "version", Value: strconv.FormatInt(c.Version, 10)}}
	f.Cancel = ui.Link{Text: "返回", Href: "/conflicts"}
	return f
}

func settledNote(c *person.Conflict, names map[id.ID]string) ui.Note {
	n := ui.Note{Tone: ui.Success, Text: fmt.Sprintf("%s，%s：%s", ui.Instant(c.Settled), names[c.SettledBy], c.Note)}
	switch c.State {
	case person.ConflictAccepted:
		n.Title = "已核定：改为不同的说法"
	case person.ConflictKept:
		n.Title = "已核定：维持现在采用的"
	default:
		n = ui.Note{Title: "争议已消除", Text: "各来源的说法已经一致，不用再核定。"}
	}
	return n
}

func (p *Pages) settle(r *web.Request) (web.Response, error) {
	c, err := p.readConflict(r)
	if err != nil {
		return nil, err
	}
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	choice := in.Get("accept")
	if choice != "yes" && choice != "no" {
		in.faults.Add("accept", "请选择核定结果")
	}
	note := in.required("note", "请写明怎么核实的")
	err = in.faults.Err()
	if err == nil {
		err = p.People.Settle(r.Context(), r.Actor, c.ID, version(in), choice == "yes", note)
	}
	if err == nil {
		return web.Redirect("/conflicts", web.Done("已核定%s的%s。", c.Name, c.Fact.Def().Label)), nil
	}
	page, wrong := p.conflictPage(r, c)
	if wrong != nil {
		return nil, wrong
	}
	if c.State == person.ConflictOpen {
		page.Form = settleForm(c, choice, note)
	}
	if errs.Is(err, errs.Stale) && c.State != person.ConflictOpen {
		page.Status = errs.Stale.Status()
		return web.Page("person/conflict", page), nil
	}
	return web.Again("person/conflict", page, &page.Form, err)
}
