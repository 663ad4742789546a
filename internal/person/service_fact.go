package person

import (
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/identity"
	"yian/internal/ledger"
	"yian/internal/region"
)

// Outcome (登记结果) is what a statement changed of the current facts.
type Outcome struct {
	Record    id.ID
	Changed   []fact.ID // facts whose current value is another now
	Conflicts []fact.ID // of the stated facts, those for which a higher source says something else
}

// What is done to facts, for the trail.
var (
	recordAction   = audit.Action{Code: "fact.record", Label: "登记信息"}
	correctAction  = audit.Action{Code: "fact.correct", Label: "更正信息"}
	endAction      = audit.Action{Code: "fact.end", Label: "终止信息"}
	withdrawAction = audit.Action{Code: "fact.withdraw", Label: "撤回信息"}
	settleAction   = audit.Action{Code: "fact.settle", Label: "核定争议信息"}
)

// Record adds a statement. It may be of a past period, or of one that has not begun.
func (s *Service) Record(ctx context.Context, actor access.Actor, person id.ID, st Statement) (_ *Outcome, err error) {
	defer errs.Wrap(&err, "person %s: record", person)
	var faults errs.Fields
	ledger.CheckSource(&faults, st.Source)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	facts, err := st.Read()
	if err != nil {
		return nil, err
	}
	return s.state(ctx, actor, recordAction, person, func(f *file, recs []history.Record) (history.Record, error) {
		r := s.ledger.Begin(actor, recs, st.Source, st.From, st.To, st.Evidence)
		r.Facts = facts
		return r, s.timely(f.row, &r)
	})
}

// Correct replaces a record for the facts of the statement, which it must hold.
func (s *Service) Correct(ctx context.Context, actor access.Actor, person, record id.ID, st Statement) (_ *Outcome, err error) {
	defer errs.Wrap(&err, "person %s: correct record %s", person, record)
	facts, err := st.Read()
	if err != nil {
		return nil, err
	}
	return s.state(ctx, actor, correctAction, person, func(f *file, recs []history.Record) (history.Record, error) {
		old, err := ledger.Surviving(recs, record, facts.Stated)
		if err != nil {
			return history.Record{}, err
		}
		if st.Source == "" {
			st.Source = old.Source
		}
		var faults errs.Fields
		if ledger.CheckSource(&faults, st.Source); st.Source != old.Source && faults.Err() != nil {
			return history.Record{}, faults.Err()
		}
		r := s.ledger.Begin(actor, recs, st.Source, st.From, st.To, st.Evidence)
		r.Facts, r.Replaces = facts, old.ID
		return r, s.timely(f.row, &r)
	})
}

// End says that facts of a record hold no longer from the day on.
func (s *Service) End(
	ctx context.Context, actor access.Actor, person, record id.ID, facts []fact.ID, on civil.Date, evidence string,
) (_ *Outcome, err error) {
	defer errs.Wrap(&err, "person %s: end record %s", person, record)
	set, err := setOf(facts, &evidence)
	if err != nil {
		return nil, err
	}
	return s.state(ctx, actor, endAction, person, func(f *file, recs []history.Record) (history.Record, error) {
		old, err := ledger.Surviving(recs, record, set)
		if err != nil {
			return history.Record{}, err
		}
		var faults errs.Fields
		switch {
		case on == 0:
			faults.Add("on", "请填写从哪一天起不再有效")
		case on <= old.From:
			faults.Add("on", "终止日期应晚于起始日期 %s；这条记录从一开始就不对的，请用“撤回”", old.From)
		case old.To != 0 && on >= old.To:
			faults.Add("on", "这条记录到 %s 已经终止", old.To)
		}
		if err := faults.Err(); err != nil {
			return history.Record{}, err
		}
		r := s.ledger.Begin(actor, recs, old.Source, old.From, on, evidence)
		r.Replaces = old.ID
		r.Facts = old.Facts.Only(set)
		return r, nil
	})
}

// Withdraw takes facts of a record back, as if they had never been stated.
func (s *Service) Withdraw(
	ctx context.Context, actor access.Actor, person, record id.ID, facts []fact.ID, evidence string,
) (_ *Outcome, err error) {
	defer errs.Wrap(&err, "person %s: withdraw record %s", person, record)
	set, err := setOf(facts, &evidence)
	if err != nil {
		return nil, err
	}
	return s.state(ctx, actor, withdrawAction, person, func(f *file, recs []history.Record) (history.Record, error) {
		old, err := ledger.Surviving(recs, record, set)
		if err != nil {
			return history.Record{}, err
		}
		return s.ledger.Withdrawal(actor, recs, old, set, evidence), nil
	})
}

// state adds to the file of a person the record that make returns, for an actor.
func (s *Service) state(
	ctx context.Context, actor access.Actor, action audit.Action, person id.ID,
	make func(f *file, recs []history.Record) (history.Record, error),
) (out *Outcome, err error) {
	err = s.edit(ctx, actor, action, access.FactRecord, person, func(ctx context.Context, tx db.Tx, f *file) (audit.Change, error) {
		all, err := s.ledger.Of(ctx, everywhere, tx, f.id)
		if err != nil {
			return audit.Nothing, err
		}
		r, err := make(f, all[f.id])
		if err != nil {
			return audit.Nothing, err
		}
		from := f.region
		if out, err = s.add(ctx, tx, f, all[f.id], r); err != nil {
			return audit.Nothing, err
		}
		if err := mayMove(actor, access.FactRecord, from, f.region); err != nil {
			return audit.Nothing, err
		}
		if err := s.save(ctx, tx, f); err != nil {
			return audit.Nothing, err
		}
		detail := map[string]any{"record": r.ID, "facts": r.Facts.Held().Names(), "source": r.Source, "from": r.From, "to": r.To}
		if r.Replaces != 0 {
			detail["replaces"] = r.Replaces
		}
		return changeOf(f.row, detail), s.changed(ctx, tx, f.id)
	})
	return out, err
}

// mayMove refuses a statement that takes a person out of the actor's sight: that is
// what Transfer is for.
func mayMove(actor access.Actor, need access.Permission, from, to region.Code) error {
	if from == to || actor.Scope(need).Contains(to) {
		return nil
	}
	return errs.New(errs.Denied, "%s不在您的管理范围内，登记后您将看不到这份档案。老年人确已搬走的，请用“移交档案”。", region.Name(to))
}

// add stores records of a person and brings his file up to date; the caller saves it.
// recs are all records that he has, nil if they are not known.
func (s *Service) add(ctx context.Context, tx db.Tx, f *file, recs []history.Record, added ...history.Record) (*Outcome, error) {
	if recs == nil {
		all, err := s.ledger.Of(ctx, everywhere, tx, f.id)
		if err != nil {
			return nil, err
		}
		recs = all[f.id]
	}
	open, err := s.ledger.OpenOf(ctx, everywhere, tx, f.id)
	if err != nil {
		return nil, err
	}
	if err := s.ledger.Insert(ctx, tx, s.ledger.SealAll(f.id, added)); err != nil {
		return nil, err
	}
	before := f.facts
	changed, against := s.refresh(f.row, append(slices.Clip(recs), added...))
	if err := s.ledger.Contradicted(ctx, tx, f.id, f.region, against, open[f.id]); err != nil {
		return nil, err
	}
	out := &Outcome{Changed: changed.IDs()}
	var held fact.Set
	for i := range added {
		held |= added[i].Facts.Held()
		out.Record = added[i].ID
	}
	out.Conflicts = (factsOf(against) & held).IDs()
	if held == 0 {
		return out, nil
	}
	return out, s.plausible(f, &before)
}

// setOf reads a choice of facts.
func setOf(facts []fact.ID, evidence *string) (set fact.Set, err error) {
	var f errs.Fields
	ledger.CheckText(&f, "evidence", evidence)
	for _, one := range facts {
		set = set.Add(one)
	}
	if set == 0 {
		f.Add("facts", "请至少选择一项信息")
	}
	return set, f.Err()
}

// plausible refuses statements after which the facts cannot all be true, or disagree
// with the number, if they were all right before.
func (s *Service) plausible(f *file, before *fact.Person) error {
	var old, faults errs.Fields
	identity.Agree(&old, f.doc, before)
	identity.Plausible(&old, before, s.Today())
	if len(old) > 0 {
		return nil
	}
	identity.Agree(&faults, f.doc, &f.facts)
	identity.Plausible(&faults, &f.facts, s.Today())
	return faults.Err()
}

// timely refuses a record that cannot be true of somebody's life, whoever else says
// something: plausible looks only at what holds in the end.
func (s *Service) timely(r *row, rec *history.Record) error {
	var faults errs.Fields
	death := civil.Date(0)
	if r.state == Deceased {
		death = r.stateOn
	}
	ledger.CheckLife(&faults, rec, r.facts.Birth, death, s.Today())
	identity.Plausible(&faults, &rec.Facts.Person, s.Today())
	return faults.Err()
}

// refresh brings a row up to what the records say today, and returns the facts that
// changed and what contradicts them.
func (s *Service) refresh(r *row, recs []history.Record) (changed fact.Set, against []history.Contradiction) {
	today := s.Today()
	state := history.Resolve(recs, today, 0)
	for one := range fact.Count {
		if !history.Same(&r.facts, &state.Person, one) {
			changed = changed.Add(one)
		}
	}
	r.facts, r.turnOn = state.Person, history.Turn(recs, today)
	if to := regionOf(&state.Person); to != "" { // if nothing says where, he stays
		r.region = to
	}
	if r.state == Deceased || r.state == Merged {
		return changed, nil
	}
	return changed, state.Contradictions
}

// factsOf returns the facts of contradictions.
func factsOf(against []history.Contradiction) (set fact.Set) {
	for _, c := range against {
		set = set.Add(c.Fact)
	}
	return set
}

// Conflicts returns open conflicts of the scope after a key, the oldest first.
func (s *Service) Conflicts(ctx context.Context, scope access.Scope, after id.ID, limit int) (_ []Conflict, err error) {
	defer errs.Wrap(&err, "list conflicts")
	return s.ledger.Conflicts(ctx, scope, after, limit)
}

// ConflictsOf returns the open conflicts of one person.
func (s *Service) ConflictsOf(ctx context.Context, scope access.Scope, person id.ID) (_ []Conflict, err error) {
	defer errs.Wrap(&err, "conflicts of person %s", person)
	open, err := s.ledger.OpenOf(ctx, scope, s.DB, person)
	if err != nil {
		return nil, err
	}
	return s.ledger.WithRecords(ctx, scope, open[person])
}

// Conflict returns one conflict of the scope, whatever its state.
func (s *Service) Conflict(ctx context.Context, scope access.Scope, conflict id.ID) (_ *Conflict, err error) {
	defer errs.Wrap(&err, "conflict %s", conflict)
	return s.ledger.Conflict(ctx, scope, conflict)
}

// CountConflicts returns how many conflicts of the scope are open.
func (s *Service) CountConflicts(ctx context.Context, scope access.Scope) (n int, err error) {
	defer errs.Wrap(&err, "count conflicts")
	return s.ledger.CountConflicts(ctx, scope)
}

// Settle decides a conflict: accept takes the claim, else what holds is confirmed.
// Either way the decision is a record of its own, which answers all claims made so far.
func (s *Service) Settle(ctx context.Context, actor access.Actor, conflict id.ID, version int64, accept bool, note string) (err error) {
	defer errs.Wrap(&err, "settle conflict %s", conflict)
	var faults errs.Fields
	if ledger.CheckText(&faults, "note", &note); note == "" {
		faults.Add("note", "请写明核定的依据")
	}
	if err := faults.Err(); err != nil {
		return err
	}
	about, err := s.ledger.Conflict(ctx, actor.Scope(access.PersonRead), conflict)
	if err != nil {
		return err
	}
	return s.edit(ctx, actor, settleAction, access.FactSettle, about.Person, func(ctx context.Context, tx db.Tx, f *file) (audit.Change, error) {
		open, err := s.ledger.OpenOf(ctx, everywhere, tx, f.id)
		if err != nil {
			return audit.Nothing, err
		}
		at := slices.IndexFunc(open[f.id], func(c ledger.Dispute) bool { return c.ID == conflict })
		if at < 0 || open[f.id][at].Version != version {
			return audit.Nothing, ledger.Stale()
		}
		c := &open[f.id][at]
		all, err := s.ledger.Of(ctx, everywhere, tx, f.id)
		if err != nil {
			return audit.Nothing, err
		}
		r, err := s.ledger.Settle(ctx, tx, actor, c, all[f.id], accept, note)
		if err != nil {
			return audit.Nothing, err
		}
		from := f.region
		if _, err := s.add(ctx, tx, f, all[f.id], r); err != nil {
			return audit.Nothing, err
		}
		if err := mayMove(actor, access.FactSettle, from, f.region); err != nil {
			return audit.Nothing, err
		}
		if err := s.save(ctx, tx, f); err != nil {
			return audit.Nothing, err
		}
		detail := map[string]any{"conflict": c.ID, "fact": c.Fact, "record": r.ID, "decision": c.State}
		return changeOf(f.row, detail), s.changed(ctx, tx, f.id)
	})
}
