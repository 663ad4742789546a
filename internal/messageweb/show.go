package messageweb

import (
	"context"
	"strconv"

	"yian/internal/access"
	"yian/internal/id"
	"yian/internal/message"
	"yian/internal/ui"
	"yian/internal/web"
)

// showPage is one message.
type showPage struct {
	ui.Frame
	Note    ui.Note
	Details ui.Details
}

func (p *Pages) show(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	e, err := p.Messages.Get(r.Context(), r.Actor.Scope(access.EntitlementReach), n)
	if err != nil {
		return nil, err
	}
	by, err := p.author(r.Context(), e.QueuedBy)
	if err != nil {
		return nil, err
	}
	files, err := p.Messages.People.Files(r.Context(), r.Actor.Scope(access.EntitlementReach), []id.ID{e.Person})
	if err != nil {
		return nil, err
	}
	who := ui.Pair{Term: "老年人", Text: "已不在本地"}
	if of := files[e.Person]; of != nil {
		who.Text, who.Href = of.Name, personAddress(of.ID)
	}
	page := &showPage{
		Frame: ui.Frame{
			Title: "消息：" + p.Messages.About(e.Region, e.Template), Narrow: true, Tags: []ui.Tag{stateTag(e.State)},
			Crumbs: []ui.Crumb{{Text: "通知消息", Href: "/messages"}}, Actions: actions(e),
		},
		Details: ui.Details{Pairs: []ui.Pair{
			who,
			{Term: "发给", Text: e.Receiver.Label(), Note: e.Phone},
			{Term: "内容", Text: e.Text},
			{Term: "登记", Text: ui.Instant(e.QueuedAt), Note: by},
			{Term: "试过", Text: ui.Number(e.Attempts) + " 次"},
		}},
	}
	switch e.State {
	case message.Sent:
		page.Details.Pairs = append(page.Details.Pairs, ui.Pair{Term: "发出", Text: ui.Instant(e.SentAt), Note: e.Gateway})
	case message.Failed:
		page.Note = ui.Note{Tone: ui.Danger, Title: "消息没有发出", Text: e.Reason + "请改用电话或上门通知，或者问题解决后重发。"}
	case message.Cancelled:
		page.Note = ui.Note{Title: "消息已取消", Text: e.Reason}
	case message.Queued:
		if e.Attempts > 0 {
			page.Note = ui.Note{Tone: ui.Warning, Title: "还没有发出", Text: next(e) + "。"}
		}
	}
	return web.Page("message/show", page), nil
}

// author returns what the user is called who queued a message.
func (p *Pages) author(ctx context.Context, user id.ID) (string, error) {
	if user == 0 {
		return "系统", nil
	}
	names, err := p.Names(ctx, []id.ID{user})
	return names[user], err
}

// actions are what can be done to a message.
func actions(e *message.Entry) (all []ui.Action) {
	hidden := []ui.Hidden{{Name: "version", Value: strconv.FormatInt(e.Version, 10)}}
	at := "/messages/" + e.ID.String()
	if e.State == message.Queued || e.State == message.Failed {
		all = append(all, ui.Action{Text: "取消", Href: at + "/cancel", Icon: "ban", Post: true, Hidden: hidden, Confirm: "取消这条消息，不再发送？"})
	}
	if e.State == message.Failed || e.State == message.Cancelled {
		all = append(all, ui.Action{Text: "重发", Href: at + "/retry", Icon: "refresh", Post: true, Hidden: hidden, Primary: true})
	}
	return all
}

func (p *Pages) cancel(r *web.Request) (web.Response, error) {
	return p.change(r, p.Messages.Cancel, "消息已取消，不再发送。")
}

func (p *Pages) retry(r *web.Request) (web.Response, error) {
	return p.change(r, p.Messages.Retry, "已排队重发。")
}

// change does something to the message that the path names.
func (p *Pages) change(r *web.Request, do func(context.Context, access.Actor, id.ID, int64) error, done string) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	version, err := strconv.ParseInt(r.Value("version"), 10, 64)
	if err != nil {
		version = 0 // stale against every version there is
	}
	if err := do(r.Context(), r.Actor, n, version); err != nil {
		return nil, err
	}
	return web.Redirect("/messages/"+n.String(), web.Done("%s", done)), nil
}
