package message

import (
	"context"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/region"
)

// List returns messages of the scope before one of them (0: from the latest), the latest
// first.
func (s *Service) List(ctx context.Context, scope access.Scope, f Filter, before id.ID, limit int) (_ []Entry, err error) {
	defer errs.Wrap(&err, "list messages")
	found, err := s.page(ctx, scope, f, before, limit)
	if err != nil {
		return nil, err
	}
	all := make([]Entry, len(found))
	for i := range found {
		one, err := s.entry(&found[i])
		if err != nil {
			return nil, err
		}
		all[i] = *one
	}
	return all, nil
}

// occasions says what templates tell of.
var occasions = map[string]string{
	pack.OnNewly: "可以享受", pack.OnLost: "不再符合", pack.OnChanging: "将有变化", pack.OnMissing: "需要核对",
}

// About says in a few words what a template of a place tells, and to whom.
func (s *Service) About(place region.Code, template string) string {
	t := s.template(place, template)
	if t == nil {
		return template // of a pack that is no more
	}
	return occasions[t.On] + "（" + Receiver(t.To).Label() + "）"
}

// Get returns a message of the scope.
func (s *Service) Get(ctx context.Context, scope access.Scope, n id.ID) (_ *Entry, err error) {
	defer errs.Wrap(&err, "message %s", n)
	m, err := s.find(ctx, scope, s.DB, n)
	if err != nil {
		return nil, err
	}
	return s.entry(m)
}

// entry opens a message for those who may see it.
func (s *Service) entry(m *Message) (*Entry, error) {
	c, err := s.open(m)
	return &Entry{Message: *m, Phone: mask(c.Phone), Text: c.Text}, err
}

// Count returns how many messages of the scope are in each state; the state of the filter
// does not matter.
func (s *Service) Count(ctx context.Context, scope access.Scope, f Filter) (_ Counts, err error) {
	defer errs.Wrap(&err, "count messages")
	return s.counts(ctx, scope, f)
}

// Cancel keeps a message from being sent.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, n id.ID, version int64) (err error) {
	defer errs.Wrap(&err, "cancel message %s", n)
	return s.edit(ctx, actor, actCancel, n, version, func(_ context.Context, _ db.Tx, m *Message) error {
		if m.State != Queued && m.State != Failed {
			return errs.New(errs.Conflict, "这条消息现在是“%s”，不能取消。", m.State.Label())
		}
		m.State, m.Reason = Cancelled, "人工取消。"
		return nil
	})
}

// Retry has a message sent that failed or was cancelled.
func (s *Service) Retry(ctx context.Context, actor access.Actor, n id.ID, version int64) (err error) {
	defer errs.Wrap(&err, "retry message %s", n)
	return s.edit(ctx, actor, actRetry, n, version, func(ctx context.Context, tx db.Tx, m *Message) error {
		if m.State != Failed && m.State != Cancelled {
			return errs.New(errs.Conflict, "这条消息现在是“%s”，不用重发。", m.State.Label())
		}
		out, err := s.optOut(ctx, actor.Scope(access.EntitlementReach), tx, m.Person)
		if err != nil {
			return err
		}
		if out != nil {
			return refused(OptedOut, "老人或家属已退订消息，不能重发；请改用电话或上门。")
		}
		m.State, m.Reason, m.Attempts, m.Next = Queued, "", 0, s.now()
		return nil
	})
}

// edit changes a message of the version that the actor saw.
func (s *Service) edit(
	ctx context.Context, actor access.Actor, action audit.Action, n id.ID, version int64,
	fn func(ctx context.Context, tx db.Tx, m *Message) error,
) error {
	if err := actor.Need(access.EntitlementReach); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		m, err := s.find(ctx, actor.Scope(access.EntitlementReach), tx, n)
		if err != nil {
			return audit.Nothing, err
		}
		if m.Version != version {
			return audit.Nothing, errs.New(errs.Stale, "这条消息的状态刚刚变了，请刷新页面。")
		}
		was := m.State
		if err := fn(ctx, tx, m); err != nil {
			return audit.Nothing, err
		}
		return change(m, map[string]any{"was": was}), update(ctx, tx, m)
	})
}
