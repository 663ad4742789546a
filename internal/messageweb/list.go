package messageweb

import (
	"fmt"
	"net/url"
	"slices"

	"yian/internal/access"
	"yian/internal/id"
	"yian/internal/message"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

const perPage = 50

// listPage lists messages.
type listPage struct {
	ui.Frame
	Tabs   ui.Tabs
	Search ui.SearchBar
	Table  ui.Table
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	f := message.Filter{State: message.State(r.Value("state")), Template: r.Value("template")}
	if f.State.Label() == "" {
		f.State = ""
	}
	at, err := before(r)
	if err != nil {
		return nil, err
	}
	scope := r.Scope(access.EntitlementReach)
	found, err := p.Messages.List(r.Context(), scope, f, at, perPage+1)
	if err != nil {
		return nil, err
	}
	counts, err := p.Messages.Count(r.Context(), scope, f)
	if err != nil {
		return nil, err
	}
	page := &listPage{
		Frame: ui.Frame{Title: "通知消息", Lead: p.lead()},
		Tabs:  stateTabs(f, counts), Search: p.search(r.Region, f),
		Table: ui.Table{
			Caption: "通知消息",
			Columns: []ui.Column{{Label: "时间"}, {Label: "老年人"}, {Label: "事由"}, {Label: "发给"}, {Label: "状态"}, {Label: "内容", Wide: true}},
			Empty:   ui.EmptyState{Icon: "mail", Title: "没有这样的消息", Text: "在待遇工作清单里通知老人或家属以后，消息会出现在这里。"},
		},
	}
	if len(found) > perPage {
		found = found[:perPage]
		page.Table.Pager.Next = address(f, found[perPage-1].ID)
	}
	if at != 0 {
		page.Table.Pager.Previous = address(f, 0)
	}
	page.Table.Rows, err = p.rows(r, found)
	return web.Page("message/list", page), err
}

// lead says when messages are sent.
func (p *Pages) lead() string {
	l := p.Messages.Limits
	return fmt.Sprintf("告诉老人和家属的消息。每天 %d 点到 %d 点发送；退订、去世、迁出的不发。", l.From, l.To)
}

// rows shows messages with whom they are about.
func (p *Pages) rows(r *web.Request, found []message.Entry) ([]ui.Row, error) {
	var people []id.ID
	for i := range found {
		if !slices.Contains(people, found[i].Person) {
			people = append(people, found[i].Person)
		}
	}
	files, err := p.Messages.People.Files(r.Context(), r.Actor.Scope(access.EntitlementReach), people)
	if err != nil {
		return nil, err
	}
	rows := make([]ui.Row, len(found))
	for i := range found {
		rows[i] = p.row(&found[i], files[found[i].Person])
	}
	return rows, nil
}

// row shows a message; of somebody who has moved away nothing more is known here.
func (p *Pages) row(e *message.Entry, of *person.Person) ui.Row {
	who := ui.Cell{Text: "已不在本地", Note: region.Name(e.Region)}
	if of != nil {
		who.Text, who.Href = of.Name, personAddress(of.ID)
	}
	at := "/messages/" + e.ID.String()
	return ui.Row{ID: "m" + e.ID.String(), Cells: []ui.Cell{
		{Text: ui.Instant(e.QueuedAt), Href: at},
		who,
		{Text: p.Messages.About(e.Region, e.Template)},
		{Text: e.Receiver.Label(), Note: e.Phone},
		{Tags: []ui.Tag{stateTag(e.State)}, Note: next(e)},
		{Text: e.Text},
	}}
}

// stateTabs are the lists by state, with what waits and what failed.
func stateTabs(f message.Filter, counts message.Counts) ui.Tabs {
	all := message.Filter{Template: f.Template}
	t := ui.Tabs{Label: "消息状态", Items: []ui.Tab{{Text: "全部", Href: address(all, 0), Active: f.State == ""}}}
	for _, s := range message.States {
		one := all
		one.State = s
		tab := ui.Tab{Text: s.Label(), Href: address(one, 0), Active: s == f.State}
		if n := counts[s]; n > 0 {
			tab.Count = ui.Number(n)
		}
		t.Items = append(t.Items, tab)
	}
	return t
}

func (p *Pages) search(place region.Code, f message.Filter) ui.SearchBar {
	field := ui.Field{Name: "template", Label: "事由", Kind: ui.KindSelect, Value: f.Template, Options: []ui.Option{{Label: "全部事由"}}, Width: "m"}
	for _, t := range p.Messages.Templates.Templates(place) {
		field.Options = append(field.Options, ui.Option{Value: t.ID, Label: p.Messages.About(place, t.ID)})
	}
	if !slices.ContainsFunc(field.Options, func(o ui.Option) bool { return o.Value == f.Template }) {
		field.Options = append(field.Options, ui.Option{Value: f.Template, Label: f.Template})
	}
	s := ui.SearchBar{Action: "/messages", Fields: []ui.Field{field}}
	if f.State != "" {
		s.Hidden = []ui.Hidden{{Name: "state", Value: string(f.State)}}
	}
	return s
}

// address is the list before a message; 0 is its first page.
func address(f message.Filter, before id.ID) string {
	v := url.Values{}
	for key, text := range map[string]string{"state": string(f.State), "template": f.Template, "before": before.String()} {
		if text != "" {
			v.Set(key, text)
		}
	}
	if len(v) == 0 {
		return "/messages"
	}
	return "/messages?" + v.Encode()
}
