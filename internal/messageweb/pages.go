package messageweb

import (
	"context"
	"embed"
	"strings"

	"yian/internal/access"
	"yian/internal/id"
	"yian/internal/message"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages on messages.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"message/list":   &listPage{},
		"message/show":   &showPage{},
		"message/person": &personPage{},
	}}
}

// Pages are the pages on messages.
type Pages struct {
	Messages *message.Service
	// Names returns what users are called.
	Names func(ctx context.Context, users []id.ID) (map[id.ID]string, error)
}

// Register registers the routes and the place in the navigation.
func (p *Pages) Register(m *web.Mux) {
	m.Menu(143, "服务找人", ui.NavItem{Text: "通知消息", Href: "/messages", Icon: "mail"}, access.EntitlementReach)

	m.Handle("GET /messages", access.EntitlementReach, p.list)
	m.Handle("GET /messages/{id}", access.EntitlementReach, p.show)
	m.Handle("POST /messages/{id}/cancel", access.EntitlementReach, p.cancel)
	m.Handle("POST /messages/{id}/retry", access.EntitlementReach, p.retry)
	m.Handle("GET /persons/{id}/messages", access.EntitlementReach, p.person)
	m.Handle("POST /persons/{id}/messages/optout", access.EntitlementReach, p.optOut)
	m.Handle("POST /persons/{id}/messages/optin", access.EntitlementReach, p.optIn)
}

// tones are the colours of states.
var tones = map[message.State]ui.Tone{
	message.Queued: ui.Info, message.Sending: ui.Info, message.Sent: ui.Success, message.Failed: ui.Danger, message.Cancelled: ui.Neutral,
}

func stateTag(s message.State) ui.Tag { return ui.Tag{Text: s.Label(), Tone: tones[s]} }

// next says what will become of a message, or why nothing will.
func next(e *message.Entry) string {
	switch {
	case e.State == message.Queued && e.Attempts > 0:
		return strings.TrimSuffix(e.Reason, "。") + "，" + ui.Instant(e.Next) + " 再试"
	case e.State == message.Sent:
		return ui.Instant(e.SentAt)
	}
	return e.Reason
}

// before reads the place in a list.
func before(r *web.Request) (id.ID, error) {
	text := r.Value("before")
	if text == "" {
		return 0, nil
	}
	n, err := id.Parse(text)
	if err != nil {
		return 0, web.NotFound()
	}
	return n, nil
}
