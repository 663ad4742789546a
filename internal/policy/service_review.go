package policy

import (
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// Submit sends a draft to review. Whatever Check finds to be an error, and test people
// who do not get what they should, must be mended first.
func (s *Service) Submit(ctx context.Context, actor access.Actor, one id.ID, seen int64, note string) (_ *Version, err error) {
	defer errs.Wrap(&err, "submit version %s", one)
	if err := s.ready(ctx, actor, access.PolicyWrite, one, seen, s.Today()); err != nil {
		return nil, err
	}
	return s.move(ctx, actor, access.PolicyWrite, submitAction, Submitted, one, seen, note, []State{Draft}, func(_ context.Context, _ db.Tx, v *Version) error {
		v.State = Review
		return nil
	})
}

// ready refuses a version that has errors on a day. It runs before the transaction, as
// it takes longer than others should wait; the version that it looked at is the one
// that the transaction finds.
func (s *Service) ready(ctx context.Context, actor access.Actor, right access.Permission, one id.ID, seen int64, on civil.Date) error {
	if err := actor.Need(right); err != nil {
		return err
	}
	v, err := version(ctx, actor.Scope(right), s.DB, one)
	if err != nil {
		return err
	}
	if v.Version != seen {
		return stale()
	}
	if !slices.Contains(open, v.State) {
		return nil // the state is refused where it is read again
	}
	sh, err := s.library(ctx, v, on)
	if err != nil {
		return err
	}
	return sh.try(on).Err()
}

// Return sends a version back to its authors, with the reason.
func (s *Service) Return(ctx context.Context, actor access.Actor, one id.ID, seen int64, reason string) (_ *Version, err error) {
	defer errs.Wrap(&err, "return version %s", one)
	if err := actor.Need(access.PolicyApprove); err != nil {
		return nil, err
	}
	if err := given("note", reason, "请写明退回的理由，以便修改"); err != nil {
		return nil, err
	}
	return s.move(ctx, actor, access.PolicyApprove, returnAction, SentBack, one, seen, reason, []State{Review, Approved}, func(_ context.Context, _ db.Tx, v *Version) error {
		v.State, v.ApprovedBy, v.Approved = Draft, 0, 0
		return nil
	})
}

// Approve agrees to a version in the name of the government of that level. Who wrote
// any of it, or sent it to review, cannot.
func (s *Service) Approve(ctx context.Context, actor access.Actor, one id.ID, seen int64, note string) (_ *Version, err error) {
	defer errs.Wrap(&err, "approve version %s", one)
	return s.move(ctx, actor, access.PolicyApprove, approveAction, Agreed, one, seen, note, []State{Review}, func(ctx context.Context, tx db.Tx, v *Version) error {
		if err := s.other(ctx, tx, actor, v); err != nil {
			return err
		}
		v.State, v.ApprovedBy, v.Approved = Approved, actor.User, s.now()
		return nil
	})
}

// other refuses who had a hand in the version.
func (s *Service) other(ctx context.Context, tx db.Tx, actor access.Actor, v *Version) error {
	steps, err := stepsOf(ctx, tx, v.ID)
	if err != nil {
		return err
	}
	made := actor.User == v.CreatedBy || actor.User == v.UpdatedBy
	for _, st := range steps {
		made = made || st.By == actor.User && slices.Contains([]Move{Drafted, Changed, Submitted}, st.Move)
	}
	if made {
		return errs.New(errs.Denied, "起草、修改或提请审批的人不能批准同一版清单，请由另一人批准。")
	}
	return nil
}

// Publish puts an approved version in force from a day on: today or later, and later
// than the version before it.
func (s *Service) Publish(ctx context.Context, actor access.Actor, one id.ID, seen int64, from civil.Date, note string) (_ *Version, err error) {
	defer errs.Wrap(&err, "publish version %s", one)
	if from < s.Today() {
		return nil, (&errs.Fields{{Name: "from", Message: "请填写从哪一天起施行；不能早于今天 " + s.Today().String()}}).Err()
	}
	if err := s.ready(ctx, actor, access.PolicyApprove, one, seen, from); err != nil {
		return nil, err
	}
	return s.move(ctx, actor, access.PolicyApprove, publishAction, PutInForce, one, seen, note, []State{Approved}, func(ctx context.Context, tx db.Tx, v *Version) error {
		if err := s.inOrder(ctx, tx, v, from); err != nil {
			return err
		}
		v.State, v.RulesFrom, v.PublishedBy, v.Published = Published, from, actor.User, s.now()
		return nil
	})
}

// inOrder refuses a day on which the list does not say that it rules, or which is not
// after that of the version before.
func (s *Service) inOrder(ctx context.Context, tx db.Tx, v *Version, from civil.Date) error {
	before, err := lastFrom(ctx, tx, v.List)
	if err != nil {
		return err
	}
	l := read(v).List
	var faults errs.Fields
	switch {
	case from <= before:
		faults.Add("from", "上一版自 %s 起施行，这一版须晚于它", before)
	case from < l.From:
		faults.Add("from", "清单写明自 %s 起生效，不能更早施行", l.From)
	case l.To != 0 && from > l.To:
		faults.Add("from", "清单写明 %s 失效，请先修改清单的有效期", l.To)
	}
	return faults.Err()
}

// given refuses an empty text.
func given(field, text, message string) error {
	var faults errs.Fields
	checkNote(&faults, field, &text)
	if text == "" {
		faults.Add(field, "%s", message)
	}
	return faults.Err()
}
