package message

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/phone"
	"yian/internal/region"
	"yian/internal/secret"
)

// Templates (消息模板来源) knows the templates that hold in a place; a pack.Library does.
type Templates interface {
	Templates(place region.Code) []pack.Template
}

// Limits (发送限度) bound the sending. The zero value of each is what Default has.
type Limits struct {
	Rate     int           // messages a minute, of all processes together
	Batch    int           // messages that a process takes at once
	Lease    time.Duration // after how long another process may take up a message
	Turn     time.Duration // how long a job goes on before others have their turn
	From, To int           // hours of the day in which people are disturbed
}

// Default is what holds unless settings say otherwise. A batch that waits its longest
// for the gateway ends before its lease.
var Default = Limits{Rate: 60, Batch: 8, Lease: 2 * time.Minute, Turn: jobs.Turn * 3 / 4, From: 8, To: 20}

// or returns the limits with the zero ones filled in.
func (l Limits) or(d Limits) Limits {
	fill(&l.Rate, d.Rate)
	fill(&l.Batch, d.Batch)
	fill(&l.Lease, d.Lease)
	fill(&l.Turn, d.Turn)
	if l.From == l.To {
		l.From, l.To = d.From, d.To
	}
	return l
}

func fill[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Deps are what messages stand on.
type Deps struct {
	DB        *db.DB
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Keys      *secret.Keys
	People    *person.Service
	Templates Templates
	Gateway   Gateway
	IDs       *id.Maker
	Now       func() time.Time
	Log       *slog.Logger
	Limits    Limits
}

// Service tells old people and their families what concerns them.
type Service struct{ Deps }

// New makes the service of messages.
func New(d Deps) *Service {
	d.Limits = d.Limits.or(Default)
	return &Service{d}
}

// The actions on the trail.
var (
	actTake   = audit.Action{Code: "message.take", Label: "取出待发消息"}
	actSend   = audit.Action{Code: "message.send", Label: "发送消息"}
	actCancel = audit.Action{Code: "message.cancel", Label: "取消消息"}
	actRetry  = audit.Action{Code: "message.retry", Label: "重发消息"}
	actOptOut = audit.Action{Code: "message.optout", Label: "登记退订消息"}
	actOptIn  = audit.Action{Code: "message.optin", Label: "恢复接收消息"}
)

// Actions are what messages write to the trail, for those who look for it.
var Actions = []audit.Action{actTake, actSend, actCancel, actRetry, actOptOut, actOptIn}

// change is what the trail says of a message.
func change(m *Message, detail map[string]any) audit.Change {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["person"], detail["template"], detail["state"] = m.Person, m.Template, m.State
	return audit.Change{Kind: "message", Subject: m.ID.String(), Region: m.Region, Detail: detail}
}

func (s *Service) now() civil.Instant { return civil.At(s.Now()) }

// Order (通知要求) is what somebody is to be told.
type Order struct {
	Person   id.ID
	Template string
	// Subject names the change that is told of, such as the number of a row: the same
	// template tells a person of the same subject once. It holds no personal data.
	Subject string
	Values  Values
}

// Draft (消息草稿) is a message before it is queued.
type Draft struct {
	Text     string
	Phone    string // masked
	Receiver Receiver
}

// draft is a message that is about to be queued.
type draft struct {
	person *person.Person
	content
	who Receiver
}

// Preview returns what would be sent. It is refused as Queue is.
func (s *Service) Preview(ctx context.Context, actor access.Actor, o Order) (_ *Draft, err error) {
	defer errs.Wrap(&err, "preview a message for person %s", o.Person)
	if err := actor.Need(access.EntitlementReach); err != nil {
		return nil, err
	}
	d, err := s.compose(ctx, actor.Scope(access.EntitlementReach), s.DB, &o)
	if err != nil {
		return nil, err
	}
	return &Draft{Text: d.Text, Phone: mask(d.Phone), Receiver: d.who}, nil
}

// Queue queues a message in the transaction of the caller, who writes the trail. fresh is
// false where it is told already; the number is then that of the earlier message. A
// Conflict error with a RefusedError in it means that this person is not told, and leaves
// the transaction as good as it was.
func (s *Service) Queue(ctx context.Context, tx db.Tx, actor access.Actor, o Order) (n id.ID, fresh bool, err error) {
	defer errs.Wrap(&err, "queue a message for person %s", o.Person)
	if err := actor.Need(access.EntitlementReach); err != nil {
		return 0, false, err
	}
	if o.Subject == "" || len(o.Subject) > 100 {
		return 0, false, fmt.Errorf("the subject has %d bytes", len(o.Subject))
	}
	scope := actor.Scope(access.EntitlementReach)
	d, err := s.compose(ctx, scope, tx, &o)
	if err != nil {
		return 0, false, err
	}
	now := s.now()
	m := &Message{
		ID: s.IDs.New(), Version: 1, Person: o.Person, Region: d.person.Region, Template: o.Template, Receiver: d.who,
		Dedup: o.Template + "/" + o.Person.String() + "/" + o.Subject, State: Queued, Next: now, QueuedAt: now, QueuedBy: actor.User,
	}
	text, err := json.Marshal(d.content)
	if err != nil {
		return 0, false, err
	}
	m.Sealed = s.Keys.Seal(text, sealContext(m.ID))
	if fresh, err = insert(ctx, tx, m); err != nil || fresh {
		return m.ID, fresh, err
	}
	n, err = s.byDedup(ctx, scope, tx, m.Dedup)
	return n, false, err
}

// compose writes a message, or says why it cannot be sent.
func (s *Service) compose(ctx context.Context, scope access.Scope, q bun.IDB, o *Order) (*draft, error) {
	p, err := s.People.Reach(ctx, q, scope, o.Person)
	if err != nil {
		return nil, err
	}
	if p.State != person.Alive {
		return nil, refused(NotAlive, "老人的档案是“%s”，不能通知。", p.State.Label())
	}
	out, err := s.optOut(ctx, scope, q, o.Person)
	if err != nil {
		return nil, err
	}
	if out != nil {
		return nil, refused(OptedOut, "老人或家属已于 %s 退订消息，不能通知；请改用电话或上门。", out.At.Day())
	}
	t := s.template(p.Region, o.Template)
	if t == nil {
		return nil, errs.New(errs.Invalid, "没有编号为 %s 的消息模板，请重新选择。", o.Template)
	}
	d := &draft{person: p}
	if d.Phone, d.who = receiver(p, t.To); d.Phone == "" {
		return nil, refused(NoPhone, "档案里没有可以收消息的手机号，请补上%s的手机号，或者上门通知。", map[bool]string{true: "家属或监护人", false: "本人或监护人"}[t.To == pack.ToContact])
	}
	d.Text, err = write(t, p, &o.Values)
	return d, err
}

func refused(why Refusal, format string, args ...any) error {
	return errs.New(errs.Conflict, format, args...).Because(&RefusedError{why})
}

// template returns the template of an id in a place; nil if there is none.
func (s *Service) template(place region.Code, name string) *pack.Template {
	for _, t := range s.Templates.Templates(place) {
		if t.ID == name {
			return &t
		}
	}
	return nil
}

func sealContext(n id.ID) string { return "message:" + n.String() }

// open decrypts a message.
func (s *Service) open(m *Message) (c content, err error) {
	text, err := s.Keys.Open(m.Sealed, sealContext(m.ID))
	if err != nil {
		return c, fmt.Errorf("message %s: %w", m.ID, err)
	}
	if json.Unmarshal(text, &c) != nil {
		return c, fmt.Errorf("message %s is not what was stored", m.ID)
	}
	return c, nil
}

// mask returns a phone as it may be shown.
func mask(text string) string {
	n, err := phone.Parse(text)
	if err != nil {
		return ""
	}
	return n.Mask()
}
