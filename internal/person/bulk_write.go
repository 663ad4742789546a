package person

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/ledger"
	"yian/internal/personname"
)

// newTarget opens the file that was prepared.
func newTarget(actor access.Actor, p *Prepared) (*target, error) {
	if p.lacking != nil {
		return nil, unknown(p.lacking)
	}
	if err := actor.NeedIn(access.PersonWrite, p.file.region); err != nil {
		return nil, err
	}
	r := *p.file.row // what is prepared stays as it is
	return &target{file: &file{row: &r, doc: p.file.doc, now: p.file.now}, isNew: true, sealed: p.records}, nil
}

// unknown says that no file has the number, and why none can be opened.
func unknown(lacking error) error {
	var what []string
	for _, f := range errs.FieldsOf(lacking) {
		what = append(what, map[string]string{"name": "姓名", fact.Residence.String(): "地区"}[f.Name])
	}
	var f errs.Fields
	f.Add("number", "没有这个证件号码的档案，文件里又没有%s，不能新建；请核对号码，或补上%[1]s", strings.Join(what, "和"))
	return f.Err()
}

// apply lets somebody who is in the register be as p says.
func (s *Service) apply(actor access.Actor, t *target, p *Prepared) (Applied, error) {
	if !actor.Scope(access.PersonWrite).Contains(t.region) {
		return Applied{}, exists(actor, t.row)
	}
	if p.Name != "" && t.name != p.Name {
		return Applied{}, errs.New(errs.Conflict, "这个证件号码的档案上是另一个姓名，请核对号码和姓名；确已改名的，请先在档案中修改姓名。")
	}
	if t.isNew && t.recs == nil { // he comes twice in the batch that opens his file
		for _, r := range t.sealed {
			h, err := r.Record()
			if err != nil {
				return Applied{}, err
			}
			t.recs = append(t.recs, h)
		}
	}
	stated := history.StateAll(&p.Facts).Without(ledger.Said(p.file.doc).Stated)
	stated = ledger.News(t.recs, p.Source, p.From, 0, stated)
	d := Draft{Name: t.name, Document: t.doc.Kind(), Number: t.doc.Number(), Details: t.now.With(&p.Details), Lon: p.Lon, Lat: p.Lat}
	if d.Lon == nil {
		d.Lon, d.Lat = pointer(t.lon), pointer(t.lat)
	}
	same := d.Details.Equal(&t.now) && nullable(d.Lon) == t.lon && nullable(d.Lat) == t.lat
	if same && stated.Stated == 0 {
		return Applied{Result: Unchanged, Person: t.id, Region: t.region}, nil
	}
	if t.state == Deceased {
		return Applied{}, errs.New(errs.Conflict, "档案已登记 %s 去世，没有改动；登记有误的，请先更正档案状态。", t.stateOn)
	}
	if stated.Stated != 0 {
		r := s.ledger.Begin(actor, t.recs, p.Source, p.From, 0, p.Evidence)
		r.Facts, r.Batch = stated, p.Batch
		if err := s.hear(actor, access.PersonWrite, t, r); err != nil {
			return Applied{}, err
		}
	}
	before := t.particulars("")
	changed, phones, err := s.identify(t.file, &d)
	if err != nil {
		return Applied{}, err
	}
	if changed && t.before == nil {
		t.before = before
	}
	t.phones = t.phones || phones
	return Applied{Result: Changed, Person: t.id, Region: t.region, Conflicts: factsOf(t.against) & stated.Stated}, nil
}

// hear adds a record to a target, which stays as it was if that may not be.
func (s *Service) hear(actor access.Actor, need access.Permission, t *target, r history.Record) error {
	if err := s.timely(t.row, &r); err != nil {
		return err
	}
	was, against := *t.row, t.against
	t.recs = append(t.recs, r)
	_, t.against = s.refresh(t.row, t.recs)
	err := s.plausible(t.file, &was.facts)
	if err == nil {
		err = mayMove(actor, need, was.region, t.region)
	}
	if err != nil {
		*t.row, t.against, t.recs = was, against, t.recs[:len(t.recs)-1]
		return err
	}
	t.added++
	t.resolved = true
	return nil
}

// Told (部门申报) is what a source states about whoever has a number, as a department's
// system tells it.
type Told struct {
	Document document.Kind // 0: to be guessed from the number
	Number   string
	Name     string // compared with the file's if it is given
	Statement
}

var hearAction = audit.Action{Code: "fact.batch", Label: "批量登记信息"}

// heard is a statement that was read: whose, and what it says.
type heard struct {
	Told
	key   numberKey
	facts history.Facts
}

// Hear records statements about people who are in the register, all in one
// transaction. Each is recorded or rejected for itself; what its source has said
// already is not recorded again, so the same batch twice changes nothing.
func (s *Service) Hear(ctx context.Context, actor access.Actor, told []Told) (results []Applied, err error) {
	defer errs.Wrap(&err, "hear statements")
	if err := actor.Need(access.FactRecord); err != nil {
		return nil, err
	}
	results = make([]Applied, len(told))
	all := make([]heard, len(told))
	for i := range told {
		if all[i], results[i].Err = s.understand(told[i]); results[i].Err != nil {
			results[i].Result = Rejected
		}
	}
	err = s.Audit.Write(ctx, actor, hearAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		b, err := s.lockHeard(ctx, tx, all, results)
		if err != nil {
			return audit.Nothing, err
		}
		var touched []*target
		for i := range all {
			if results[i].Result == Rejected {
				continue
			}
			t := b.files[b.owners[all[i].key]]
			if results[i], err = s.tell(actor, t, &all[i]); err != nil {
				return audit.Nothing, err
			}
			if results[i].Result == Changed && !slices.Contains(touched, t) {
				touched = append(touched, t)
			}
		}
		if len(touched) == 0 {
			return audit.Nothing, nil
		}
		c := audit.Change{Kind: "person", Region: actor.Scope(access.FactRecord).Regions()[0], Detail: counts(results)}
		return c, s.write(ctx, tx, actor, touched)
	})
	return results, err
}

// counts are the results by kind, for the trail.
func counts(results []Applied) map[Result]int {
	n := map[Result]int{}
	for _, r := range results {
		n[r.Result]++
	}
	return n
}

// understand reads a statement.
func (s *Service) understand(t Told) (h heard, err error) {
	var f errs.Fields
	d := Draft{Document: t.Document, Number: t.Number}
	doc, err := d.Parse()
	if err == nil && doc.IsZero() {
		f.Add("number", "请填写证件号码")
	}
	f.Check("number", err)
	if t.Name != "" {
		t.Name, err = personname.Normalize(t.Name)
		f.Check("name", err)
	}
	ledger.CheckSource(&f, t.Source)
	facts, err := t.Read()
	f = append(f, errs.FieldsOf(err)...)
	if err := f.Err(); err != nil {
		return h, err
	}
	return heard{Told: t, key: numberKey(s.numberIndex(doc.Number())), facts: facts}, nil
}

// lockHeard reads and locks the files of those of whom something was said.
func (s *Service) lockHeard(ctx context.Context, tx db.Tx, all []heard, results []Applied) (*present, error) {
	var indexes [][]byte
	for i := range all {
		if results[i].Result != Rejected {
			indexes = append(indexes, all[i].key[:])
		}
	}
	owners, err := owners(ctx, tx, indexes)
	if err != nil {
		return nil, err
	}
	b := &present{owners: owners, files: make(map[id.ID]*target, len(owners))}
	return b, s.readFiles(ctx, tx, slices.Compact(slices.Sorted(maps.Values(owners))), b.files, lockAll)
}

// tell adds a statement to a file. Only an error that nobody foresaw is returned.
func (s *Service) tell(actor access.Actor, t *target, h *heard) (Applied, error) {
	refused := func(err error) (Applied, error) {
		if errs.KindOf(err) == errs.Internal {
			return Applied{}, err
		}
		return Applied{Result: Rejected, Err: err}, nil
	}
	if t == nil || !actor.Scope(access.PersonRead).Contains(t.region) {
		return refused(errs.New(errs.NotFound, "没有这个证件号码的档案，或不在您的管理范围内。"))
	}
	if err := actor.NeedIn(access.FactRecord, t.region); err != nil {
		return refused(err)
	}
	if err := t.gone(); err != nil {
		return refused(err)
	}
	if h.Name != "" && h.Name != t.name {
		return refused(errs.New(errs.Conflict, "这个证件号码的档案上是另一个姓名，请核对号码和姓名。"))
	}
	stated := ledger.News(t.recs, h.Source, h.From, h.To, h.facts)
	if stated.Stated == 0 {
		return Applied{Result: Unchanged, Person: t.id, Region: t.region}, nil
	}
	r := s.ledger.Begin(actor, t.recs, h.Source, h.From, h.To, h.Evidence)
	r.Facts = stated
	if err := s.hear(actor, access.FactRecord, t, r); err != nil {
		return refused(err)
	}
	return Applied{Result: Changed, Person: t.id, Region: t.region, Conflicts: factsOf(t.against) & stated.Stated}, nil
}

// write stores what plan decided.
func (s *Service) write(ctx context.Context, tx db.Tx, actor access.Actor, targets []*target) error {
	var fresh, old []*target
	people := make([]id.ID, 0, len(targets))
	for _, t := range targets {
		people = append(people, t.id)
		if !t.isNew {
			old = append(old, t)
			continue
		}
		fresh = append(fresh, t)
		if t.resolved || t.before != nil { // he came twice
			s.sealRow(t.row)
		}
	}
	if err := insertRows(ctx, tx, func(yield func(*row) bool) {
		for _, t := range fresh {
			if !yield(t.row) {
				return
			}
		}
	}); err != nil {
		return err
	}
	if err := s.writeOld(ctx, tx, actor, old); err != nil {
		return err
	}
	if err := s.ledger.Insert(ctx, tx, s.newRecords(targets)); err != nil {
		return err
	}
	if err := insertPhones(ctx, tx, func(yield func(id.ID, [][]byte) bool) {
		for _, t := range fresh {
			if !yield(t.id, s.phoneIndexes(&t.file.now)) {
				return
			}
		}
	}); err != nil {
		return err
	}
	for _, t := range targets {
		if !t.resolved {
			continue
		}
		if err := s.ledger.Contradicted(ctx, tx, t.id, t.region, t.against, t.open); err != nil {
			return err
		}
	}
	if len(people) == 0 {
		return nil
	}
	return s.changed(ctx, tx, people...)
}

// writeOld stores files that were in the register before.
func (s *Service) writeOld(ctx context.Context, tx db.Tx, actor access.Actor, targets []*target) error {
	for _, t := range targets {
		if t.before != nil {
			if err := s.revisions.Keep(ctx, tx, actor.User, t.id, t.version, t.before); err != nil {
				return err
			}
		}
		if t.phones {
			if err := setPhones(ctx, tx, t.id, s.phoneIndexes(&t.file.now)); err != nil {
				return err
			}
		}
		if err := s.save(ctx, tx, t.file); err != nil {
			return err
		}
	}
	return nil
}

// newRecords are the sealed rows of all records that are not stored yet.
func (s *Service) newRecords(targets []*target) iter.Seq[*ledger.Row] {
	return func(yield func(*ledger.Row) bool) {
		for _, t := range targets {
			for _, r := range t.sealed {
				if !yield(r) {
					return
				}
			}
			for r := range s.ledger.SealAll(t.id, t.recs[len(t.recs)-t.added:]) {
				if !yield(r) {
					return
				}
			}
		}
	}
}
