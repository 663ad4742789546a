package person

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/ledger"
	"yian/internal/photo"
	"yian/internal/region"
	"yian/internal/revision"
	"yian/internal/secret"
)

// Deps are what the register stands on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	Jobs  *jobs.Queue
	Keys  *secret.Keys
	IDs   *id.Maker
	Now   func() time.Time
	Log   *slog.Logger
	// OnChange are called in the transaction that created people, or changed their
	// facts or what identifies them.
	OnChange []func(ctx context.Context, tx db.Tx, people []id.ID) error
}

// Service is the register of elders.
type Service struct {
	Deps
	ledger    *ledger.Ledger
	revisions *revision.Store
	photos    *photo.Store
}

// Actions lists what this module writes to the audit trail.
var Actions = []audit.Action{
	showAction,
	unmaskAction,
	historyAction,
	revisionsAction,
	recordAction,
	correctAction,
	endAction,
	withdrawAction,
	settleAction,
	hearAction,
	createAction,
	changeAction,
	stateAction,
	transferAction,
	photoAction,
	receiveAction,
	turnAction,
}

// New opens the register and lets the trail verify its rows.
func New(d Deps) *Service {
	s := &Service{
		d, &ledger.Ledger{DB: d.DB, Keys: d.Keys, IDs: d.IDs, Now: d.Now},
		&revision.Store{DB: d.DB, Keys: d.Keys, IDs: d.IDs, Now: d.Now}, &photo.Store{DB: d.DB, Keys: d.Keys, Now: d.Now},
	}
	d.Audit.Register(audit.Rows{Table: "person", Lasting: true, Check: s.verifyRows})
	d.Audit.Register(audit.Rows{Table: "person_record", Lasting: true, Check: s.ledger.Verify})
	return s
}

// What is done to files, for the trail.
var (
	createAction   = audit.Action{Code: "person.create", Label: "新建档案"}
	changeAction   = audit.Action{Code: "person.change", Label: "修改档案"}
	stateAction    = audit.Action{Code: "person.state", Label: "变更档案状态"}
	transferAction = audit.Action{Code: "person.transfer", Label: "移交档案"}
	photoAction    = audit.Action{Code: "person.photo", Label: "更换照片"}
	receiveAction  = audit.Action{Code: "person.receive", Label: "接收移交的档案"}
)

// Today returns the day that calendars of the country show.
func (s *Service) Today() civil.Date { return s.now().Day() }

func (s *Service) now() civil.Instant { return civil.At(s.Now()) }

// changeOf is the entry of a change of a file.
func changeOf(r *row, detail any) audit.Change {
	return audit.Change{Kind: "person", Subject: r.id.String(), Region: r.region, Detail: detail}
}

// edit runs fn on the locked file of a person, which the actor must have the
// permission for. fn saves what it changed.
func (s *Service) edit(
	ctx context.Context, actor access.Actor, action audit.Action, need access.Permission, person id.ID,
	fn func(ctx context.Context, tx db.Tx, f *file) (audit.Change, error),
) error {
	if err := actor.Need(need); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		r, err := lock(ctx, tx, actor.Scope(access.PersonRead), person)
		if err != nil {
			return audit.Nothing, err
		}
		if err := actor.NeedIn(need, r.region); err != nil {
			return audit.Nothing, err
		}
		f, err := s.open(r)
		if err != nil {
			return audit.Nothing, err
		}
		if err := f.gone(); err != nil {
			return audit.Nothing, err
		}
		return fn(ctx, tx, f)
	})
}

// save writes a changed file in the place of the version that was read.
func (s *Service) save(ctx context.Context, tx db.Tx, f *file) error {
	was := f.version
	f.version++
	f.updated = s.now()
	s.sealRow(f.row)
	return update(ctx, tx, f.row, was)
}

// changed tells those who asked to be told.
func (s *Service) changed(ctx context.Context, tx db.Tx, people ...id.ID) error {
	for _, tell := range s.OnChange {
		if err := tell(ctx, tx, people); err != nil {
			return err
		}
	}
	return nil
}

// ExistsError (已有档案) is in the chain of a Conflict error when a number is in the register
// already and the actor may see the file.
type ExistsError struct{ Person id.ID }

func (e *ExistsError) Error() string { return "person " + e.Person.String() + " has the number" }

// exists says that a number is in the register, and whose it is only to those who may see it.
func exists(actor access.Actor, other *row) error {
	if actor.Scope(access.PersonRead).Contains(other.region) {
		return errs.New(errs.Conflict, "这个证件号码已经建过档案，请在原档案中修改。").Because(&ExistsError{Person: other.id})
	}
	return errs.New(errs.Conflict, "这个证件号码已在其他地区建过档案，请核对号码；确已迁入的，请联系上级民政部门或原地区移交档案。")
}

// both joins the faults of two checks of one form.
func both(a, b error) error {
	if a == nil || b != nil && !errs.Is(b, errs.Invalid) {
		return b
	}
	return errs.Fields(append(errs.FieldsOf(a), errs.FieldsOf(b)...)).Err()
}

// Create opens a file. The facts are stated by the source from the day on; birth and
// sex may be left to the number.
func (s *Service) Create(
	ctx context.Context, actor access.Actor, d Draft, source history.Source, facts fact.Person, from civil.Date,
) (_ *Person, err error) {
	defer errs.Wrap(&err, "create a person")
	if err := actor.Need(access.PersonWrite); err != nil {
		return nil, err
	}
	f, rows, err := s.fresh(actor, &Incoming{Draft: d, Source: source, Facts: facts, From: from})
	if err = both(d.Lacking(&facts), err); err != nil {
		return nil, err
	}
	if err := actor.NeedIn(access.PersonWrite, f.region); err != nil {
		return nil, err
	}
	err = s.Audit.Write(ctx, actor, createAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.free(ctx, tx, actor, f); err != nil {
			return audit.Nothing, err
		}
		if err := insertRows(ctx, tx, slices.Values([]*row{f.row})); err != nil {
			return audit.Nothing, err
		}
		if err := s.ledger.Insert(ctx, tx, slices.Values(rows)); err != nil {
			return audit.Nothing, err
		}
		if err := setPhones(ctx, tx, f.id, s.phoneIndexes(&f.now)); err != nil {
			return audit.Nothing, err
		}
		return changeOf(f.row, map[string]any{"records": len(rows)}), s.changed(ctx, tx, f.id)
	})
	if err != nil {
		return nil, s.taken(ctx, actor, f, err)
	}
	return f.person(), nil
}

// free refuses a number that somebody else in the register has.
func (s *Service) free(ctx context.Context, tx db.Tx, actor access.Actor, f *file) error {
	if f.numberIndex == nil {
		return nil
	}
	others, err := byNumbers(ctx, tx, [][]byte{f.numberIndex})
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.id != f.id {
			return exists(actor, o)
		}
	}
	return nil
}

// taken makes the error of a number that somebody else wrote a moment before.
func (s *Service) taken(ctx context.Context, actor access.Actor, f *file, cause error) error {
	if !db.IsUnique(cause) || f.numberIndex == nil {
		return cause
	}
	others, err := byNumbers(ctx, s.DB, [][]byte{f.numberIndex})
	if err != nil || len(others) == 0 {
		return cause
	}
	return exists(actor, others[0])
}

// regionOf is who serves a person of whom the facts are known.
func regionOf(p *fact.Person) region.Code {
	if p.Residence != "" {
		return p.Residence
	}
	return p.Hukou
}

// Change changes what identifies a person; the former text becomes a revision. What
// another number says of birth and sex takes the place of what the former one said.
func (s *Service) Change(ctx context.Context, actor access.Actor, person id.ID, version int64, d Draft) (_ *Person, err error) {
	defer errs.Wrap(&err, "person %s: change", person)
	var after *file
	err = s.edit(ctx, actor, changeAction, access.PersonWrite, person, func(ctx context.Context, tx db.Tx, f *file) (audit.Change, error) {
		after = f
		if f.version != version {
			return audit.Nothing, stale()
		}
		return s.change(ctx, tx, actor, f, d)
	})
	if err != nil {
		if after != nil {
			err = s.taken(ctx, actor, after, err)
		}
		return nil, err
	}
	return after.person(), nil
}

func (s *Service) change(ctx context.Context, tx db.Tx, actor access.Actor, f *file, d Draft) (audit.Change, error) {
	d.Keep(f.doc, &f.now)
	all, err := s.ledger.Of(ctx, everywhere, tx, f.id)
	if err != nil {
		return audit.Nothing, err
	}
	recs := all[f.id]
	facts, added := f.facts, []history.Record(nil)
	if doc, err := d.Parse(); err == nil && doc != f.doc { // a bad number is Validate's to name
		if r, ok := s.ledger.OfDocument(actor, recs, doc); ok {
			added = append(added, r)
			facts = history.Resolve(append(slices.Clip(recs), r), s.Today(), 0).Person
		}
	}
	if err := d.Validate(&facts, s.Today()); err != nil {
		return audit.Nothing, err
	}
	before := f.particulars("")
	changed, phones, err := s.identify(f, &d)
	if err != nil || !changed {
		return audit.Nothing, err
	}
	if err := s.free(ctx, tx, actor, f); err != nil {
		return audit.Nothing, err
	}
	if err := s.revisions.Keep(ctx, tx, actor.User, f.id, f.version, before); err != nil {
		return audit.Nothing, err
	}
	if phones {
		if err := setPhones(ctx, tx, f.id, s.phoneIndexes(&f.now)); err != nil {
			return audit.Nothing, err
		}
	}
	if len(added) > 0 {
		if _, err := s.add(ctx, tx, f, recs, added...); err != nil {
			return audit.Nothing, err
		}
	}
	if err := s.save(ctx, tx, f); err != nil {
		return audit.Nothing, err
	}
	return changeOf(f.row, map[string]any{"fields": before.Differs(f.particulars(""))}), s.changed(ctx, tx, f.id)
}

// SetState records that a person moved away, died, or is alive after all.
func (s *Service) SetState(
	ctx context.Context, actor access.Actor, person id.ID, version int64, state State, on civil.Date, source history.Source, evidence string,
) (err error) {
	defer errs.Wrap(&err, "person %s: set the state", person)
	var faults errs.Fields
	if !slices.Contains(States, state) {
		faults.Add("state", "请选择档案状态")
	}
	s.checkDay(&faults, "on", on)
	ledger.CheckSource(&faults, source)
	ledger.CheckText(&faults, "evidence", &evidence)
	if err := faults.Err(); err != nil {
		return err
	}
	return s.edit(ctx, actor, stateAction, access.PersonWrite, person, func(ctx context.Context, tx db.Tx, f *file) (audit.Change, error) {
		switch {
		case f.version != version:
			return audit.Nothing, stale()
		case f.facts.Birth != 0 && on < f.facts.Birth:
			faults.Add("on", "日期早于出生日期 %s", f.facts.Birth)
			return audit.Nothing, faults.Err()
		case f.state == state && f.stateOn == on && f.stateSource == source:
			return audit.Nothing, nil
		}
		if err := s.revisions.Keep(ctx, tx, actor.User, f.id, f.version, f.particulars(evidence)); err != nil {
			return audit.Nothing, err
		}
		was := f.state
		f.state, f.stateOn, f.stateSource = state, on, source
		if _, err := s.add(ctx, tx, f, nil); err != nil {
			return audit.Nothing, err
		}
		if err := s.save(ctx, tx, f); err != nil {
			return audit.Nothing, err
		}
		return changeOf(f.row, map[string]any{"was": was, "state": state, "on": on, "source": source}), s.changed(ctx, tx, f.id)
	})
}

// Transfer hands a person over to the region where he lives from the day on, be it
// out of the actor's scope. The trail of either region has an entry.
func (s *Service) Transfer(
	ctx context.Context, actor access.Actor, person id.ID, version int64, to region.Code, on civil.Date, source history.Source, evidence string,
) (err error) {
	defer errs.Wrap(&err, "person %s: transfer", person)
	var faults errs.Fields
	if len(to) < 6 {
		faults.Add("residence", "请选到县（市、区）或更下一级")
	}
	s.checkDay(&faults, "on", on)
	ledger.CheckSource(&faults, source)
	ledger.CheckText(&faults, "evidence", &evidence)
	if err := faults.Err(); err != nil {
		return err
	}
	var received audit.Change
	err = s.edit(ctx, actor, transferAction, access.PersonWrite, person, func(ctx context.Context, tx db.Tx, f *file) (audit.Change, error) {
		from := f.region
		switch {
		case f.version != version:
			return audit.Nothing, stale()
		case from == to:
			return audit.Nothing, errs.New(errs.Conflict, "老年人已在%s，不用移交。", region.Name(to))
		}
		all, err := s.ledger.Of(ctx, everywhere, tx, f.id)
		if err != nil {
			return audit.Nothing, err
		}
		r := s.ledger.Begin(actor, all[f.id], source, on, 0, evidence)
		if err := r.Facts.State(fact.Residence, string(to)); err != nil {
			return audit.Nothing, err
		}
		if _, err := s.add(ctx, tx, f, all[f.id], r); err != nil {
			return audit.Nothing, err
		}
		if f.region != to {
			return audit.Nothing, errs.New(errs.Conflict, "居住地已有更优先或更晚的记录，移交不能生效。请先更正居住地的现有记录，或改选信息来源和日期。")
		}
		if err := s.save(ctx, tx, f); err != nil {
			return audit.Nothing, err
		}
		out := changeOf(f.row, map[string]any{"from": from, "to": to, "on": on})
		received = out
		out.Region = from
		return out, s.changed(ctx, tx, f.id)
	})
	if err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, receiveAction, func(context.Context, db.Tx) (audit.Change, error) { return received, nil })
}

// SetPhoto stores a photo, made anew from the picture in data; no data removes it.
func (s *Service) SetPhoto(ctx context.Context, actor access.Actor, person id.ID, data []byte) (err error) {
	defer errs.Wrap(&err, "set photo of person %s", person)
	if len(data) > 0 {
		if data, err = photo.Shrink(data); err != nil {
			return err
		}
	}
	return s.edit(ctx, actor, photoAction, access.PersonWrite, person, func(ctx context.Context, tx db.Tx, f *file) (audit.Change, error) {
		return changeOf(f.row, map[string]any{"bytes": len(data)}), s.photos.Set(ctx, tx, person, data)
	})
}

// checkDay notes a day that is missing or has not come yet.
func (s *Service) checkDay(f *errs.Fields, field string, day civil.Date) {
	switch {
	case day == 0:
		f.Add(field, "请填写日期")
	case day > s.Today():
		f.Add(field, "日期 %s 还没有到", day)
	}
}
