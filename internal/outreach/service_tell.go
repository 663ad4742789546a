package outreach

import (
	"context"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
)

var tellAction = audit.Action{Code: "outreach.tell", Label: "发送待遇通知"}

// Tell notes that word was sent about a matter; how far the matter has come stays as it
// is, because nobody knows whether it was read. send sends it in the transaction and says
// what to note; nothing is noted where it says nothing, as of what was sent before.
func (s *Service) Tell(ctx context.Context, actor access.Actor, m Matter, send func(ctx context.Context, tx db.Tx) (note string, err error)) (told bool, err error) {
	defer errs.Wrap(&err, "send word to person %s", m.Person)
	if err := actor.Need(access.EntitlementReach); err != nil {
		return false, err
	}
	if err := m.check(); err != nil {
		return false, err
	}
	err = s.Audit.Write(ctx, actor, tellAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		told = false
		w, err := s.begin(ctx, actor, tx, []Matter{m})
		if err != nil {
			return audit.Nothing, err
		}
		c, ok := w.contact(m)
		if !ok {
			return audit.Nothing, errs.New(errs.NotFound, "没有这位老年人，或者不在您的管理范围内。")
		}
		note, err := send(ctx, tx)
		if err != nil || note == "" {
			return audit.Nothing, err
		}
		if err := w.save(ctx, c, note); err != nil {
			return audit.Nothing, err
		}
		told = true
		return w.change(map[string]any{"occasion": m.Occasion, "item": m.Item}), nil
	})
	return told, err
}
