package outreach

import (
	"context"
	"time"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/ledger"
)

// Deps are what the service stands on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	IDs   *id.Maker
	Now   func() time.Time
	// Actor returns a user with his rights, to know where he may be sent.
	Actor func(ctx context.Context, user id.ID) (access.Actor, error)
}

// Service keeps what is done about results.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

var (
	assignAction = audit.Action{Code: "outreach.assign", Label: "分派联系任务"}
	recordAction = audit.Action{Code: "outreach.record", Label: "登记联系结果"}
)

// Actions lists what this module writes to the audit trail.
var Actions = []audit.Action{assignAction, recordAction, tellAction}

func (s *Service) now() civil.Instant { return civil.At(s.Now()) }

// Today is the day in the time zone of the product.
func (s *Service) Today() civil.Date { return s.now().Day() }

// most is how many matters are assigned in one go.
const most = 500

// Get returns what was done about a matter, the first thing first.
func (s *Service) Get(ctx context.Context, scope access.Scope, m Matter) (_ *Contact, _ []Note, err error) {
	defer errs.Wrap(&err, "contact of person %s", m.Person)
	found, err := find(ctx, scope, s.DB, m.Occasion, []id.ID{m.Person})
	if err != nil {
		return nil, nil, err
	}
	c, there := found[Key{m.Person, m.Item}]
	if !there {
		return &Contact{Matter: m, State: Open}, nil, nil
	}
	notes, err := notesOf(ctx, scope, s.DB, c.ID)
	if err != nil {
		return nil, nil, err
	}
	c = c.about(m)
	return &c, notes, nil
}

// Key (联系键) names a contact among those on one occasion.
type Key struct {
	Person id.ID
	Item   string
}

// Look returns how far matters on one occasion have come; all of them are in the answer.
func (s *Service) Look(ctx context.Context, scope access.Scope, occasion Occasion, matters []Matter) (_ map[Key]Contact, err error) {
	defer errs.Wrap(&err, "look up contacts")
	people := make([]id.ID, len(matters))
	for i := range matters {
		people[i] = matters[i].Person
	}
	found, err := find(ctx, scope, s.DB, occasion, people)
	if err != nil {
		return nil, err
	}
	all := make(map[Key]Contact, len(matters))
	for _, m := range matters {
		key := Key{m.Person, m.Item}
		c, there := found[key]
		if !there {
			c = Contact{Matter: m, State: Open}
		}
		all[key] = c.about(m)
	}
	return all, nil
}

// Query (查询条件) says which contacts to list. Empty conditions hold for all.
type Query struct {
	Occasion Occasion
	Item     string
	State    State
	Assignee id.ID
	After    id.ID // key of paging
	Limit    int
}

// List returns contacts of the scope, in the order in which they were begun.
func (s *Service) List(ctx context.Context, scope access.Scope, q Query) (_ []Contact, err error) {
	defer errs.Wrap(&err, "list contacts")
	return list(ctx, scope, s.DB, q)
}

// Counts counts contacts of the scope on an occasion by places of so many digits.
func (s *Service) Counts(ctx context.Context, scope access.Scope, occasion Occasion, digits int) (_ []Count, err error) {
	defer errs.Wrap(&err, "count contacts")
	return count(ctx, scope, s.DB, occasion, digits)
}

// Assign gives matters to a user (0: to nobody), to be dealt with by a day. What is
// closed, or out of the scope, stays as it is. It returns how many it gave.
func (s *Service) Assign(ctx context.Context, actor access.Actor, matters []Matter, to id.ID, due civil.Date) (n int, err error) {
	defer errs.Wrap(&err, "assign contacts")
	if err := s.checkAssign(actor, matters, due); err != nil {
		return 0, err
	}
	// Somebody who is not there, or no longer, may be sent nowhere. The answer is that of
	// somebody who works elsewhere: nobody learns who is a user there.
	var who access.Actor
	if to != 0 {
		if who, err = s.Actor(ctx, to); err != nil && !errs.Is(err, errs.NotFound) {
			return 0, err
		}
	}
	err = s.Audit.Write(ctx, actor, assignAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		w, err := s.begin(ctx, actor, tx, matters)
		if err != nil {
			return audit.Nothing, err
		}
		for _, m := range matters {
			c, ok := w.contact(m)
			if !ok || c.State.Closed() || c.Assignee == to && c.Due == due {
				continue
			}
			if to != 0 && who.NeedIn(access.EntitlementReach, c.Region) != nil {
				return audit.Nothing, fieldError("assignee", "这位工作人员的账号已停用，或者不负责所选老年人所在的地区，请另选一位")
			}
			c.Assignee, c.Due = to, due
			switch {
			case to != 0 && c.State == Open:
				c.State = Assigned
			case to == 0 && c.State == Assigned:
				c.State = Open
			}
			if err := w.save(ctx, c, ""); err != nil {
				return audit.Nothing, err
			}
			n++
		}
		if n == 0 {
			return audit.Nothing, nil
		}
		return w.change(map[string]any{"contacts": n, "to": to}), nil
	})
	return n, err
}

func (s *Service) checkAssign(actor access.Actor, matters []Matter, due civil.Date) error {
	if err := actor.Need(access.EntitlementReach); err != nil {
		return err
	}
	var faults errs.Fields
	switch n := len(matters); {
	case n == 0:
		faults.Add("matter", "请先勾选要分派的老年人")
	case n > most:
		faults.Add("matter", "一次最多分派 %d 件，请分几次办理", most)
	}
	if due != 0 && due < s.Today() {
		faults.Add("due", "办理期限不能早于今天")
	}
	for _, m := range matters {
		if err := m.check(); err != nil {
			return err
		}
	}
	return faults.Err()
}

// check refuses what no page of ours sends.
func (m *Matter) check() error {
	if !m.Occasion.Known() || m.Person == 0 || m.Item == "" || len(m.Item) > 64 || (m.On == 0) != (m.Occasion == Missing) {
		return errs.New(errs.Invalid, "没有这一联系事项，请回到工作清单重新选择。")
	}
	return nil
}

// Record notes what came of a contact, as of the version that the user saw (0: nobody
// had touched the matter).
func (s *Service) Record(ctx context.Context, actor access.Actor, m Matter, seen int64, st Step) (_ *Contact, err error) {
	defer errs.Wrap(&err, "record contact of person %s", m.Person)
	if err := actor.Need(access.EntitlementReach); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := s.checkStep(m.Occasion, &st); err != nil {
		return nil, err
	}
	var after Contact
	err = s.Audit.Write(ctx, actor, recordAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		w, err := s.begin(ctx, actor, tx, []Matter{m})
		if err != nil {
			return audit.Nothing, err
		}
		c, ok := w.contact(m)
		switch {
		case !ok:
			return audit.Nothing, errs.New(errs.NotFound, "没有这位老年人，或者不在您的管理范围内。")
		case c.Version != seen:
			return audit.Nothing, stale()
		case !follows(m.Occasion, c.State, st.State):
			return audit.Nothing, fieldError("state", "“"+c.State.Label()+"”的事项不能改为“"+st.State.Label()+"”")
		}
		c.State, c.Due = st.State, st.Due
		if c.State == Open && c.Assignee != 0 {
			c.State = Assigned
		}
		if err := w.save(ctx, c, st.Text); err != nil {
			return audit.Nothing, err
		}
		after = *c
		return w.change(map[string]any{"occasion": m.Occasion, "item": m.Item, "state": c.State}), nil
	})
	if err != nil {
		return nil, err
	}
	return &after, nil
}

// least is how many characters a reason has.
const least = 2

func (s *Service) checkStep(o Occasion, st *Step) error {
	var faults errs.Fields
	if st.State != Open && !follows(o, Open, st.State) {
		faults.Add("state", "请选择联系结果")
	}
	ledger.CheckText(&faults, "text", &st.Text)
	if len(faults) == 0 && utf8.RuneCountInString(st.Text) < least {
		switch st.State {
		case Declined:
			faults.Add("text", "请写明本人不要的原因")
		case Open:
			faults.Add("text", "请写明为什么重新联系")
		}
	}
	switch {
	case st.State.Closed():
		st.Due = 0
	case st.Due != 0 && st.Due < s.Today():
		faults.Add("due", "下次联系的日期不能早于今天")
	}
	return faults.Err()
}

func fieldError(name, message string) error {
	return (&errs.Fields{{Name: name, Message: message}}).Err()
}

func stale() error {
	return errs.New(errs.Stale, "这件事刚刚被别人处理过，您的登记没有生效。请刷新后再看。")
}
