package person

import (
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/ledger"
	"yian/internal/revision"
)

// Joined (并档记录) is what joining two files of one person changed, for Part to put back.
// It holds personal data: whoever stores it encrypts it.
type Joined struct {
	Keep   id.ID                 `json:"keep"`
	Gone   id.ID                 `json:"gone"`
	Before *revision.Particulars `json:"before"` // of the file that is kept
	After  *revision.Particulars `json:"after"`
	Former *revision.Particulars `json:"former"` // of the file that is gone
	Copies []id.ID               `json:"copies"` // records of the file that is kept
}

// Join joins two files in the transaction of the caller, who writes the trail. The one
// that is kept gets copies of what is stated in the other, and what it lacks of phones,
// contacts and the like; the other one points to it from now on.
func (s *Service) Join(ctx context.Context, tx db.Tx, actor access.Actor, keep, gone id.ID, note string) (_ *Joined, err error) {
	defer errs.Wrap(&err, "join persons %s and %s", keep, gone)
	kept, other, err := s.openBoth(ctx, tx, actor, keep, gone)
	if err != nil {
		return nil, err
	}
	for _, f := range [...]*file{kept, other} {
		if err := f.gone(); err != nil {
			return nil, err
		}
	}
	all, err := s.ledger.Of(ctx, everywhere, tx, keep, gone)
	if err != nil {
		return nil, err
	}
	j := &Joined{Keep: keep, Gone: gone, Before: kept.particulars(note), Former: other.particulars(note)}
	d := kept.draft()
	d.Details = d.With(&other.now)
	d.Details = d.With(&kept.now) // where both say something
	if d.Lon == nil {
		d.Lon, d.Lat = pointer(other.lon), pointer(other.lat)
	}
	var added []history.Record
	if kept.doc.IsZero() && !other.doc.IsZero() {
		d.Document, d.Number = other.doc.Kind(), other.doc.Number()
		if r, ok := s.ledger.OfDocument(actor, all[keep], other.doc); ok {
			added = append(added, r)
		}
		if err := s.setIdentity(ctx, tx, actor, other, &Draft{Name: other.name, Details: other.now, Lon: pointer(other.lon), Lat: pointer(other.lat)}, j.Former); err != nil {
			return nil, err
		}
	} else if err := s.revisions.Keep(ctx, tx, actor.User, gone, other.version, j.Former); err != nil {
		return nil, err
	}
	other.state, other.stateOn, other.stateSource, other.mergedInto = Merged, s.Today(), history.Settled, keep
	if err := s.put(ctx, tx, other, nil); err != nil {
		return nil, err
	}
	if err := s.setIdentity(ctx, tx, actor, kept, &d, j.Before); err != nil {
		return nil, err
	}
	copies := s.copies(actor, all[keep], all[gone], kept, gone)
	for i := range copies {
		j.Copies = append(j.Copies, copies[i].ID)
	}
	if err := s.put(ctx, tx, kept, all[keep], append(added, copies...)...); err != nil {
		return nil, err
	}
	j.After = kept.particulars(note)
	return j, s.changed(ctx, tx, keep, gone)
}

// copies are the records of a file that is to be joined to another, for that one. What
// it has been told already, and what its number says, needs no copy.
func (s *Service) copies(actor access.Actor, recs, from []history.Record, to *file, gone id.ID) (copies []history.Record) {
	live := history.Surviving(from)
	for i := range from {
		r := &from[i]
		facts := r.Facts.Only(live[i]).Without(ledger.Said(to.doc).Stated)
		facts = ledger.News(recs, r.Source, r.From, r.To, facts)
		if r.Source == history.Document || facts.Stated == 0 {
			continue
		}
		c := s.ledger.Begin(actor, append(slices.Clip(recs), copies...), r.Source, r.From, r.To, "并自档案 "+gone.String()+"："+r.Evidence)
		c.Facts, c.Batch = facts, r.Batch
		copies = append(copies, c)
	}
	return copies
}

// Part parts two files that were joined: the records that were copied are withdrawn,
// and what identified either is as it was, but for what was changed since.
func (s *Service) Part(ctx context.Context, tx db.Tx, actor access.Actor, j *Joined, note string) (err error) {
	defer errs.Wrap(&err, "part persons %s and %s", j.Keep, j.Gone)
	kept, other, err := s.openBoth(ctx, tx, actor, j.Keep, j.Gone)
	if err != nil {
		return err
	}
	if other.state != Merged || other.mergedInto != j.Keep {
		return errs.New(errs.Conflict, "这两份档案现在不是合并的状态，请刷新后再看。")
	}
	if err := kept.gone(); err != nil {
		return err
	}
	all, err := s.ledger.Of(ctx, everywhere, tx, j.Keep)
	if err != nil {
		return err
	}
	now := kept.particulars(note)
	d := kept.draft()
	if len(now.Differs(j.After)) == 0 {
		d.Details, d.Lon, d.Lat = j.Before.Details, j.Before.Lon, j.Before.Lat
	}
	added := s.takeBack(actor, all[j.Keep], j.Copies, note)
	if j.Before.Number == "" && j.Former.Number != "" && now.Number == j.Former.Number {
		d.Document, d.Number = 0, ""
		if r, ok := s.ledger.OfDocument(actor, append(all[j.Keep], added...), document.Document{}); ok {
			added = append(added, r)
		}
	}
	if err := s.setIdentity(ctx, tx, actor, kept, &d, now); err != nil {
		return err
	}
	if err := s.put(ctx, tx, kept, all[j.Keep], added...); err != nil {
		return err
	}
	if err := s.restore(ctx, tx, actor, other, j, note); err != nil {
		return err
	}
	return s.changed(ctx, tx, j.Keep, j.Gone)
}

// restore makes the file that was gone what it was before.
func (s *Service) restore(ctx context.Context, tx db.Tx, actor access.Actor, f *file, j *Joined, note string) error {
	now := f.particulars(note)
	d := f.draft()
	if f.doc.IsZero() && j.Former.Number != "" {
		d.Document, _ = document.KindOf(j.Former.Document)
		d.Number = j.Former.Number
	}
	if err := s.setIdentity(ctx, tx, actor, f, &d, now); err != nil {
		return err
	}
	if err := s.free(ctx, tx, actor, f); err != nil {
		return err
	}
	f.state, f.stateOn, f.stateSource, f.mergedInto = j.Former.State, j.Former.StateOn, j.Former.StateSource, 0
	return s.put(ctx, tx, f, nil)
}

// takeBack are the records that withdraw what is left of others.
func (s *Service) takeBack(actor access.Actor, recs []history.Record, which []id.ID, note string) (added []history.Record) {
	live := history.Surviving(recs)
	copied := map[id.ID]bool{}
	for _, one := range which {
		copied[one] = true
	}
	for i := range recs {
		if copied[recs[i].ID] && live[i] != 0 {
			added = append(added, s.ledger.Withdrawal(actor, append(slices.Clip(recs), added...), &recs[i], live[i], "撤销合并："+note))
		}
	}
	return added
}

// openBoth locks and opens two files that the actor may join.
func (s *Service) openBoth(ctx context.Context, tx db.Tx, actor access.Actor, a, b id.ID) (fa, fb *file, err error) {
	rows, err := lockAll(ctx, tx, actor.Scope(access.PersonRead), []id.ID{a, b})
	if err != nil {
		return nil, nil, err
	}
	if len(rows) != 2 {
		return nil, nil, none()
	}
	files := map[id.ID]*file{}
	for _, r := range rows {
		if err := actor.NeedIn(access.PersonMerge, r.region); err != nil {
			return nil, nil, err
		}
		if files[r.id], err = s.open(r); err != nil {
			return nil, nil, err
		}
	}
	return files[a], files[b], nil
}

// draft returns what identifies the person now.
func (f *file) draft() Draft {
	return Draft{Name: f.name, Document: f.doc.Kind(), Number: f.doc.Number(), Details: f.now, Lon: pointer(f.lon), Lat: pointer(f.lat)}
}

// setIdentity gives a file another identity and keeps the former one.
func (s *Service) setIdentity(ctx context.Context, tx db.Tx, actor access.Actor, f *file, d *Draft, was *revision.Particulars) error {
	if err := s.revisions.Keep(ctx, tx, actor.User, f.id, f.version, was); err != nil {
		return err
	}
	_, phones, err := s.identify(f, d)
	if err == nil && phones {
		err = setPhones(ctx, tx, f.id, s.phoneIndexes(&f.now))
	}
	return err
}

// put adds records to a file and saves it.
func (s *Service) put(ctx context.Context, tx db.Tx, f *file, recs []history.Record, added ...history.Record) error {
	if _, err := s.add(ctx, tx, f, recs, added...); err != nil {
		return err
	}
	return s.save(ctx, tx, f)
}

// Likeness (疑似重复依据) is of a person what may show that two files are of one. It
// holds personal data and never leaves the process.
type Likeness struct {
	ID       id.ID
	Name     string
	Initials string
	Birth    civil.Date
	Citizen  citizenid.ID // the number of a resident identity card; "" if there is none
}

// Likenesses hands out everybody who was not merged, in no order.
func (s *Service) Likenesses(ctx context.Context, each func(*Likeness) error) (err error) {
	defer errs.Wrap(&err, "likenesses")
	var (
		one    Likeness
		number []byte
	)
	resident := document.ResidentID.Code()
	query := "SELECT id, name, initials, birth, document, number FROM person WHERE state <> $1"
	return s.DB.Stream(ctx, query, []any{string(Merged)}, func(r db.Row) (err error) {
		n, _ := r.Int(0)
		one = Likeness{ID: id.ID(n), Name: string(r.Text(1)), Initials: string(r.Text(2)), Birth: r.Date(3)}
		if string(r.Text(4)) == resident {
			if number, err = s.Keys.AppendOpen(number[:0], r.Text(5), []byte(numberContext(one.ID))); err != nil {
				return err
			}
			one.Citizen = citizenid.ID(number)
		}
		return each(&one)
	})
}

// Alike returns people who may be the same as one of the register: with the same name
// and birth, or with the same initials and a number that is one slip away.
func (s *Service) Alike(ctx context.Context, scope access.Scope, person id.ID, limit int) (_ *Likeness, _ []Likeness, err error) {
	defer errs.Wrap(&err, "people like person %s", person)
	r, err := get(ctx, s.DB, scope, person)
	if err != nil || r.state == Merged {
		return nil, nil, err
	}
	one, err := s.likeness(r)
	if err != nil {
		return nil, nil, err
	}
	var near [][]byte
	if one.Citizen != "" {
		for _, n := range citizenid.Neighbours(one.Citizen) {
			near = append(near, s.numberIndex(string(n)))
		}
	}
	rows, err := alike(ctx, s.DB, scope, one, near, limit)
	if err != nil {
		return nil, nil, err
	}
	all := make([]Likeness, 0, len(rows))
	for _, r := range rows {
		l, err := s.likeness(r)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, *l)
	}
	return one, all, nil
}

func (s *Service) likeness(r *row) (*Likeness, error) {
	f, err := s.open(r)
	if err != nil {
		return nil, err
	}
	l := &Likeness{ID: r.id, Name: r.name, Initials: r.initials, Birth: r.facts.Birth}
	if f.doc.Kind() == document.ResidentID {
		l.Citizen = citizenid.ID(f.doc.Number())
	}
	return l, nil
}
