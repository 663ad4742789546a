package scenario

import (
	"context"
	"log/slog"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/region"
)

// Run counts what a scenario does today, and keeps it.
func (s *Service) Run(ctx context.Context, actor access.Actor, which id.ID) (_ *Scenario, err error) {
	defer errs.Wrap(&err, "run scenario %s", which)
	return s.counted(ctx, actor, which, func(sc *Scenario, before, after *law) error {
		return s.use(ctx, actor, sc.Region, func(w *warm) (err error) {
			sc.Outcome, err = compare(ctx, w, before, after, workers())
			sc.Forecast = nil // it may be of other people
			return err
		}, before, after)
	})
}

// Foretell counts what a scenario does in the years to come, and keeps it. It takes
// longer than Run, so forecasts have a turn of their own: who only counts does not wait
// for them.
func (s *Service) Foretell(ctx context.Context, actor access.Actor, which id.ID) (_ *Scenario, err error) {
	defer errs.Wrap(&err, "foretell scenario %s", which)
	return s.counted(ctx, actor, which, func(sc *Scenario, before, after *law) (err error) {
		var w *warm // packed people do not change
		if err := s.use(ctx, actor, sc.Region, func(packed *warm) error { w = packed; return nil }, before, after); err != nil {
			return err
		}
		if err := wait(ctx, s.long); err != nil {
			return err
		}
		defer func() { <-s.long }()
		sc.Forecast, err = ahead(ctx, w, before, after, workers(), s.Survival)
		return err
	})
}

// wait waits for a turn.
func wait(ctx context.Context, turn chan struct{}) error {
	select {
	case turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// counted has a scenario counted and stores it.
func (s *Service) counted(ctx context.Context, actor access.Actor, which id.ID, count func(sc *Scenario, before, after *law) error) (*Scenario, error) {
	sc, err := s.Get(ctx, actor, which)
	if err != nil {
		return nil, err
	}
	before, after, err := s.laws(ctx, actor, &sc.Draft)
	if err != nil {
		return nil, err
	}
	begin := s.Now()
	if err := count(sc, before, after); err != nil {
		return nil, err
	}
	s.Log.DebugContext(ctx, "scenario counted", slog.Duration("took", s.Now().Sub(begin)))
	sc.Ran = civil.At(s.Now())
	return sc, s.Audit.Write(ctx, actor, actRun, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(sc), update(ctx, tx, sc)
	})
}

// use hands out the packed people of a region, in turn: others wait until it is done.
func (s *Service) use(ctx context.Context, actor access.Actor, in region.Code, f func(*warm) error, laws ...*law) error {
	scope, err := seen(actor, in)
	if err != nil {
		return err
	}
	if err := wait(ctx, s.turn); err != nil {
		return err
	}
	defer func() { <-s.turn }()
	all, made, release, err := s.People.Everybody()
	if err != nil {
		return err
	}
	defer release()
	lists := listRegions(in, laws...)
	w := s.shelf.take(all, keyOf(in, lists))
	if w == nil {
		w = packed(all, scope, in, lists)
		w.made = made
		s.shelf.put(w)
	}
	return f(w)
}

// laws returns the lists that a draft starts from and what it makes of them.
func (s *Service) laws(ctx context.Context, actor access.Actor, d *Draft) (before, after *law, err error) {
	on := d.On
	if on.IsZero() {
		on = s.Today()
	}
	book, err := s.Lists.Book(ctx, on)
	if err != nil {
		return nil, nil, err
	}
	before = lawOf(book)
	if d.Base != 0 {
		if before, err = s.version(ctx, actor, before, d.List, d.Base); err != nil {
			return nil, nil, err
		}
	}
	after = before
	if d.Changes.Version != 0 {
		if after, err = s.version(ctx, actor, before, d.List, d.Changes.Version); err != nil {
			return nil, nil, err
		}
	}
	if after.find(d.List) == nil {
		return nil, nil, errs.New(errs.Conflict, "清单 %s 在 %s 还没有施行，请另选清单或日期。", d.List, on)
	}
	if len(d.Changes.Items)+len(d.Changes.Parameters) > 0 {
		if after, err = after.changed(d.List, &d.Changes); err != nil {
			return nil, nil, faultsOf(err)
		}
	}
	return before, after, nil
}

// version puts a version of a list into the law.
func (s *Service) version(ctx context.Context, actor access.Actor, l *law, list string, version id.ID) (*law, error) {
	v, err := s.Lists.Get(ctx, actor.Scope(access.PolicyRead), version)
	if err != nil {
		return nil, err
	}
	if v.List != list {
		return nil, errs.New(errs.Invalid, "这个版本不是清单 %s 的，请重新选择。", list)
	}
	out, err := l.with(v.Text, list, version, s.reader(ctx, actor))
	return out, faultsOf(err)
}

// reader reads versions that rule.
func (s *Service) reader(ctx context.Context, actor access.Actor) reader {
	return func(version id.ID) (string, error) {
		v, err := s.Lists.Get(ctx, actor.Scope(access.PolicyRead), version)
		if err != nil {
			return "", err
		}
		return v.Text, nil
	}
}

// Rulings returns the lists that a scenario of a region can change: the one that rules
// the region, and those that rule places in it, on a day (zero: today).
func (s *Service) Rulings(ctx context.Context, actor access.Actor, in region.Code, on civil.Date) (out []*policy.Ruling, err error) {
	defer errs.Wrap(&err, "lists of a region")
	if _, err := seen(actor, in); err != nil {
		return nil, err
	}
	if on.IsZero() {
		on = s.Today()
	}
	book, err := s.Lists.Book(ctx, on)
	if err != nil {
		return nil, err
	}
	around := book.For(in)
	for _, r := range book.Rulings {
		if r == around || r.Source.Region != in && r.Source.Region.Within(in) {
			out = append(out, r)
		}
	}
	return out, nil
}
