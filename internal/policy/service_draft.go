package policy

import (
	"context"
	"fmt"
	"slices"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/region"
)

// Draft begins the next version of a list: with the text of another version of it, or
// (0) of the one that rules today. A list has one version on its way at a time.
func (s *Service) Draft(ctx context.Context, actor access.Actor, list string, from id.ID, note string) (_ *Version, err error) {
	defer errs.Wrap(&err, "draft of list %s", list)
	if err := actor.Need(access.PolicyWrite); err != nil {
		return nil, err
	}
	base, err := s.base(ctx, actor, list, from)
	if err != nil {
		return nil, err
	}
	v := &Version{List: base.List, Region: base.Region, Title: base.Title, Text: base.Text, Tests: base.Tests, BasedOn: base.ID}
	return v, s.begin(ctx, actor, v, note)
}

// base finds the version that a draft begins with.
func (s *Service) base(ctx context.Context, actor access.Actor, list string, from id.ID) (*Version, error) {
	all, err := versions(ctx, actor.Scope(access.PolicyWrite), s.DB, list)
	if err != nil {
		return nil, err
	}
	var base *Version
	for i := range all {
		v := &all[i]
		switch {
		case from != 0 && v.ID == from:
			return v, nil
		case from == 0 && v.State == Published && (base == nil || v.RulesFrom <= s.Today()):
			base = v
		}
	}
	if base == nil {
		return nil, gone()
	}
	return base, nil
}

// DraftNew begins the first list of a place, which takes over everything of the list
// that rules there now (extends): what is written into it is the place's own.
func (s *Service) DraftNew(ctx context.Context, actor access.Actor, place region.Code, note string) (_ *Version, err error) {
	defer errs.Wrap(&err, "draft of a list for %s", place)
	if err := actor.NeedIn(access.PolicyWrite, place); err != nil {
		return nil, err
	}
	known, err := places(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	for list, of := range known {
		if of == place {
			return nil, errs.New(errs.Conflict, "%s已有清单 %s，请从它起草新的一版。", region.Name(place), list)
		}
	}
	book, err := s.Book(ctx, s.Today())
	if err != nil {
		return nil, err
	}
	upper := book.For(place)
	if upper == nil {
		return nil, errs.New(errs.Conflict, "%s没有可以承接的上级清单，请先由上级发布。", region.Name(place))
	}
	name := region.Name(place)
	l := &pack.List{
		ID: fmt.Sprintf("%s-%d", place, s.Today().Year()), Title: name + "基本养老服务清单", Region: place, Extends: upper.Source.ID, From: s.Today(),
		Document: pack.Document{Title: name + "基本养老服务清单", Issuer: name + "人民政府"},
	}
	text, err := l.YAML()
	if err != nil {
		return nil, err
	}
	v := &Version{List: l.ID, Region: place, Title: l.Title, Text: string(text)}
	return v, s.begin(ctx, actor, v, note)
}

// begin stores a new draft.
func (s *Service) begin(ctx context.Context, actor access.Actor, v *Version, note string) error {
	if err := actor.NeedIn(access.PolicyWrite, v.Region); err != nil {
		return err
	}
	var faults errs.Fields
	checkNote(&faults, "note", &note)
	if err := faults.Err(); err != nil {
		return err
	}
	v.ID, v.Version, v.State, v.RulesFrom = s.IDs.New(), 1, Draft, 0
	v.CreatedBy, v.UpdatedBy, v.Created, v.Updated = actor.User, actor.User, s.now(), s.now()
	err := s.Audit.Write(ctx, actor, draftAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		no, way, err := last(ctx, tx, v.List)
		if err != nil {
			return audit.Nothing, err
		}
		if way != nil {
			return audit.Nothing, errs.New(errs.Conflict, "%s的第 %d 版正在办理（%s）。一份清单同时只能有一版在办，请先办完或作废它。", way.Title, way.No, way.State.Label())
		}
		v.No = no + 1
		if err := s.insert(ctx, tx, v); err != nil {
			return audit.Nothing, err
		}
		return v.change(), s.step(ctx, tx, actor, v.ID, Drafted, note)
	})
	if db.IsUnique(err) {
		return errs.New(errs.Conflict, "别人刚刚起草了%s的新一版，请刷新后再看。", v.Title).Because(err)
	}
	return err
}

// change is what the trail says of a version.
func (v *Version) change() audit.Change {
	return audit.Change{Kind: "policy", Subject: v.ID.String(), Region: v.Region, Detail: map[string]any{"list": v.List, "no": v.No}}
}

// move takes a version from one state to the next: it runs fn on the version that the
// actor saw, stores what fn made of it, and notes the step.
func (s *Service) move(
	ctx context.Context, actor access.Actor, right access.Permission, action audit.Action, step Move, one id.ID, seen int64, note string,
	from []State, fn func(ctx context.Context, tx db.Tx, v *Version) error,
) (out *Version, err error) {
	if err := actor.Need(right); err != nil {
		return nil, err
	}
	var faults errs.Fields
	checkNote(&faults, "note", &note)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	err = s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		v, intact, err := s.forWriting(ctx, actor.Scope(right), tx, one)
		switch {
		case err != nil:
			return audit.Nothing, err
		case v.Version != seen:
			return audit.Nothing, stale()
		case !slices.Contains(from, v.State):
			return audit.Nothing, errs.New(errs.Conflict, "这一版清单是%s，不能%s。", v.State.Label(), step.Label())
		case !intact && step != SentBack:
			return audit.Nothing, errs.New(errs.Conflict, "这一版清单批准以后在数据库里被改动过，不能%s。请退回修改，并请审计员核查。", step.Label())
		}
		if err := fn(ctx, tx, v); err != nil {
			return audit.Nothing, err
		}
		if err := s.update(ctx, tx, v); err != nil {
			return audit.Nothing, err
		}
		if step == PutInForce {
			for _, hook := range s.OnPublish {
				if err := hook(ctx, tx, v); err != nil {
					return audit.Nothing, err
				}
			}
		}
		out = v
		return v.change(), s.step(ctx, tx, actor, v.ID, step, note)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

const maxText = 1 << 20

// Change gives a draft another text and other test people. Faults in it are kept, for
// Check to tell; only what is no list at all, or another place's, is refused.
func (s *Service) Change(ctx context.Context, actor access.Actor, one id.ID, seen int64, text, tests, note string) (_ *Version, err error) {
	defer errs.Wrap(&err, "change version %s", one)
	return s.move(ctx, actor, access.PolicyWrite, changeAction, Changed, one, seen, note, []State{Draft}, func(_ context.Context, _ db.Tx, v *Version) error {
		if len(text) > maxText || len(tests) > maxText {
			return errs.New(errs.TooLarge, "清单和测试人物各不能超过 %d 字节。", maxText)
		}
		l := pack.Read(v.List, []byte(text), nil)
		var faults errs.Fields
		switch {
		case !l.List.Has("list"):
			faults.Add("text", "这段文字不是一份清单：%s", firstFault(l))
		case l.List.ID != v.List:
			faults.Add("text", "清单的编号是 %s，不能改成别的；另一份清单请另行起草", v.List)
		case l.List.Region != v.Region || !l.List.Has("region"):
			faults.Add("text", "清单的地区是%s（region: %q），不能改成别的", region.Name(v.Region), v.Region)
		}
		if err := faults.Err(); err != nil {
			return err
		}
		v.Text, v.Tests, v.UpdatedBy, v.Updated = text, tests, actor.User, s.now()
		if l.List.Title != "" {
			v.Title = l.List.Title
		}
		return nil
	})
}

// firstFault says what is wrong with a pack first.
func firstFault(p *pack.Pack) string {
	for _, f := range pack.Check(p, pack.LibraryOf(p)) {
		if f.Severity == pack.Error {
			return sayFinding(f)
		}
	}
	return "没有 list 这个键"
}

// Discard gives up a draft. What is in review or approved is returned first.
func (s *Service) Discard(ctx context.Context, actor access.Actor, one id.ID, seen int64, note string) (_ *Version, err error) {
	defer errs.Wrap(&err, "discard version %s", one)
	return s.move(ctx, actor, access.PolicyWrite, discardAction, Abandoned, one, seen, note, []State{Draft}, func(_ context.Context, _ db.Tx, v *Version) error {
		v.State = Discarded
		return nil
	})
}
