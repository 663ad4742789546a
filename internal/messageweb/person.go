package messageweb

import (
	"yian/internal/access"
	"yian/internal/id"
	"yian/internal/message"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

// personPage is what a person was told, and whether he wants to be.
type personPage struct {
	ui.Frame
	Note  ui.Note
	Table ui.Table
	Form  ui.Form
}

// personMost is how many messages the page of a person shows.
const personMost = 100

func personAddress(n id.ID) string { return "/persons/" + n.String() + "/messages" }

func (p *Pages) person(r *web.Request) (web.Response, error) {
	page, _, err := p.personPage(r, "")
	return web.Page("message/person", page), err
}

// personPage makes the page of the person that the path names.
func (p *Pages) personPage(r *web.Request, reason string) (*personPage, id.ID, error) {
	of, err := p.find(r)
	if err != nil {
		return nil, 0, err
	}
	scope := r.Actor.Scope(access.EntitlementReach)
	out, err := p.Messages.OptedOut(r.Context(), scope, of.ID)
	if err != nil {
		return nil, 0, err
	}
	found, err := p.Messages.List(r.Context(), scope, message.Filter{Person: of.ID}, 0, personMost)
	if err != nil {
		return nil, 0, err
	}
	page := &personPage{
		Frame: ui.Frame{
			Title: of.Name + "的消息", Lead: "告诉老人和家属的消息，以及他们要不要收。",
			Crumbs: []ui.Crumb{{Text: "老年人档案", Href: "/persons"}, {Text: of.Name, Href: "/persons/" + of.ID.String()}},
		},
		Table: ui.Table{
			Caption: "发给" + of.Name + "和家属的消息",
			Columns: []ui.Column{{Label: "时间"}, {Label: "事由"}, {Label: "发给"}, {Label: "状态"}, {Label: "内容", Wide: true}},
			Empty:   ui.EmptyState{Icon: "mail", Title: "还没有消息"},
		},
	}
	for i := range found {
		row := p.row(&found[i], of)
		row.Cells = append(row.Cells[:1], row.Cells[2:]...) // all are about him
		page.Table.Rows = append(page.Table.Rows, row)
	}
	if out == nil {
		page.Form = optOutForm(of, reason)
		return page, of.ID, nil
	}
	page.Tags = []ui.Tag{{Text: "已退订", Tone: ui.Warning}}
	page.Note = ui.Note{Tone: ui.Warning, Title: "已退订，不再发送消息", Text: ui.Instant(out.At) + "，" + out.ByName + "：" + out.Reason + "。有事请打电话或上门。"}
	page.Actions = []ui.Action{{Text: "恢复接收", Href: personAddress(of.ID) + "/optin", Icon: "mail", Post: true, Confirm: "老人或家属同意重新接收消息？"}}
	return page, of.ID, nil
}

// find reads the file of the person that the path names.
func (p *Pages) find(r *web.Request) (*person.Person, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	files, err := p.Messages.People.Files(r.Context(), r.Actor.Scope(access.EntitlementReach), []id.ID{n})
	if err == nil && files[n] == nil {
		err = web.NotFound()
	}
	return files[n], err
}

func optOutForm(of *person.Person, reason string) ui.Form {
	f := ui.Simple(personAddress(of.ID)+"/optout", "登记退订", ui.Field{
		Name: "reason", Label: "退订：谁要求的，为什么", Value: reason, Required: true, MaxLength: 100, Autocomplete: "off",
		Hint: "如：本人来电，不想收短信。退订后取消还没有发出的消息，以后只能打电话或上门通知；随时可以恢复。",
	})
	f.Danger = true
	return f
}

func (p *Pages) optOut(r *web.Request) (web.Response, error) {
	page, of, err := p.personPage(r, r.Value("reason"))
	if err != nil {
		return nil, err
	}
	if err := p.Messages.OptOut(r.Context(), r.Actor, of, r.Value("reason")); err != nil {
		return web.Again("message/person", page, &page.Form, err)
	}
	return web.Redirect(personAddress(of), web.Done("已登记退订，还没有发出的消息已取消。")), nil
}

func (p *Pages) optIn(r *web.Request) (web.Response, error) {
	of, err := p.find(r)
	if err != nil {
		return nil, err
	}
	if err := p.Messages.OptIn(r.Context(), r.Actor, of.ID); err != nil {
		return nil, err
	}
	return web.Redirect(personAddress(of.ID), web.Done("已恢复接收。以前取消的消息不会补发。")), nil
}
