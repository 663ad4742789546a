package entitlementweb

import (
	"cmp"
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/message"
	"yian/internal/outreach"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// Messages (消息通知) sends word to somebody or his family; message.Service does.
type Messages interface {
	Preview(ctx context.Context, actor access.Actor, o message.Order) (*message.Draft, error)
	Queue(ctx context.Context, tx db.Tx, actor access.Actor, o message.Order) (n id.ID, fresh bool, err error)
}

// Letters (通知的写法) is what pages need to send word; the zero value sends none.
type Letters struct {
	Messages  Messages
	Templates func(place region.Code) []pack.Template
	// Office returns where somebody of a place asks: 尧都区民政局 0357-2012345.
	Office func(ctx context.Context, place region.Code) (string, error)
}

// letter is a message that can be sent, as it will be read.
type letter struct {
	To, Text string
	Send     ui.Action
	Refused  string // why it cannot be sent
}

// letters shows the messages there are for the occasion of a matter that stands.
func (p *Pages) letters(r *web.Request, s *subject) ([]letter, error) {
	if p.Letters.Messages == nil || len(s.what.Pairs) == 0 || s.contact.State.Closed() {
		return nil, nil
	}
	var all []letter
	for _, t := range p.Letters.Templates(s.one.Region) {
		if t.On != string(s.matter.Occasion) {
			continue
		}
		o, err := p.order(r.Context(), s, t.ID)
		if err != nil {
			return nil, err
		}
		l := letter{To: message.Receiver(t.To).Label()}
		draft, err := p.Letters.Messages.Preview(r.Context(), r.Actor, o)
		switch {
		case errs.Is(err, errs.Conflict), errs.Is(err, errs.Invalid):
			l.Refused = errs.Message(err)
		case err != nil:
			return nil, err
		default:
			l.Text = draft.Text
			l.To = draft.Receiver.Label() + " " + draft.Phone
			l.Send = ui.Action{Text: "发送", Href: "/entitlements/tell", Icon: "mail", Post: true, Confirm: "发给" + l.To + "？", Hidden: append(s.hidden(), ui.Hidden{Name: "template", Value: t.ID})}
		}
		all = append(all, l)
	}
	return all, nil
}

// order is a message about a matter.
func (p *Pages) order(ctx context.Context, s *subject, template string) (message.Order, error) {
	office, err := p.Letters.Office(ctx, s.one.Region)
	if err != nil {
		return message.Order{}, err
	}
	v := message.Values{Item: cmp.Or(s.concerns, s.name()), Amount: cmp.Or(s.gets, "按规定提供"), Apply: "带身份证到村（社区）或乡镇（街道）办理", Date: s.matter.On, Office: office}
	if it := s.item(); it != nil && it.Start == rules.Automatic {
		v.Apply = "不用申请，会有人主动上门或直接发放"
	}
	if f, ok := fact.ByName(s.matter.Item); ok && s.matter.Occasion == outreach.Missing {
		v.Apply = "说明或提供" + f.Def().Label
	}
	subject := string(s.matter.Occasion) + "/" + s.matter.Item + "/" + s.matter.On.String()
	return message.Order{Person: s.one.ID, Template: template, Subject: subject, Values: v}, nil
}

// tell sends a message about a matter.
func (p *Pages) tell(r *web.Request) (web.Response, error) {
	s, err := p.subject(r)
	if err != nil {
		return nil, err
	}
	templates := []pack.Template{}
	if p.Letters.Messages != nil {
		templates = p.Letters.Templates(s.one.Region)
	}
	i := slices.IndexFunc(templates, func(t pack.Template) bool {
		return t.ID == r.Value("template") && t.On == string(s.matter.Occasion)
	})
	if i < 0 || len(s.what.Pairs) == 0 {
		return nil, web.NotFound()
	}
	o, err := p.order(r.Context(), s, templates[i].ID)
	if err != nil {
		return nil, err
	}
	told, err := p.Work.Tell(r.Context(), r.Actor, s.matter, func(ctx context.Context, tx db.Tx) (string, error) {
		_, fresh, err := p.Letters.Messages.Queue(ctx, tx, r.Actor, o)
		if err != nil || !fresh {
			return "", err
		}
		return "已发通知消息给" + message.Receiver(templates[i].To).Label(), nil
	})
	back := contactAddress(s.one.ID, s.matter.Occasion, s.matter.Item)
	switch {
	case errs.Is(err, errs.Conflict), errs.Is(err, errs.Invalid):
		return web.Redirect(back, ui.Toast{Tone: ui.Danger, Text: "没有发送：" + errs.Message(err)}), nil
	case err != nil:
		return nil, err
	case !told:
		return web.Redirect(back, ui.Toast{Tone: ui.Info, Text: "这件事已经通知过了，没有再发。", Link: ui.Link{Text: "看发过的消息", Href: "/persons/" + s.one.ID.String() + "/messages"}}), nil
	}
	return web.Redirect(back, web.Done("已交给短信网关发送。")), nil
}
