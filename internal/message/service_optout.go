package message

import (
	"context"
	"strings"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// OptedOut returns since when a person of the scope wants no messages; nil if he does.
func (s *Service) OptedOut(ctx context.Context, scope access.Scope, person id.ID) (_ *OptOut, err error) {
	defer errs.Wrap(&err, "opt-out of person %s", person)
	if _, err := s.People.Reach(ctx, s.DB, scope, person); err != nil {
		return nil, err
	}
	return s.optOut(ctx, scope, s.DB, person)
}

// OptOut notes that a person wants no messages, for a reason, and cancels those that
// wait. One that is being sent at the moment may still arrive.
func (s *Service) OptOut(ctx context.Context, actor access.Actor, person id.ID, reason string) (err error) {
	defer errs.Wrap(&err, "person %s opts out", person)
	if err := actor.Need(access.EntitlementReach); err != nil {
		return err
	}
	if err := checkReason(&reason); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, actOptOut, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		p, err := s.People.Reach(ctx, tx, actor.Scope(access.EntitlementReach), person)
		if err != nil {
			return audit.Nothing, err
		}
		fresh, err := setOptOut(ctx, tx, &OptOut{Person: person, At: s.now(), By: actor.User, ByName: actor.Name, Reason: reason})
		if err != nil || !fresh {
			return audit.Nothing, err
		}
		n, err := cancelQueued(ctx, tx, person, "老人或家属退订了消息。")
		return audit.Change{Kind: "person", Subject: person.String(), Region: p.Region, Detail: map[string]any{"cancelled": n}}, err
	})
}

// OptIn notes that a person wants messages again. What was cancelled stays so.
func (s *Service) OptIn(ctx context.Context, actor access.Actor, person id.ID) (err error) {
	defer errs.Wrap(&err, "person %s opts in", person)
	if err := actor.Need(access.EntitlementReach); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, actOptIn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		p, err := s.People.Reach(ctx, tx, actor.Scope(access.EntitlementReach), person)
		if err != nil {
			return audit.Nothing, err
		}
		found, err := dropOptOut(ctx, tx, person)
		if err != nil || !found {
			return audit.Nothing, err
		}
		return audit.Change{Kind: "person", Subject: person.String(), Region: p.Region}, nil
	})
}

// shortestReason is how many characters a reason has at least.
const shortestReason = 2

// checkReason brings a reason into the kept form.
func checkReason(reason *string) error {
	var f errs.Fields
	*reason = strings.Join(strings.Fields(*reason), " ")
	switch n := utf8.RuneCountInString(*reason); {
	case n < shortestReason:
		f.Add("reason", "请写明是谁要求的、为什么，如：本人来电，不想收短信")
	case n > 100:
		f.Add("reason", "最多 100 个字，这里是 %d 个", n)
	}
	return f.Err()
}
