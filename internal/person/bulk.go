package person

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/ledger"
	"yian/internal/region"
	"yian/internal/revision"
	"yian/internal/secret"
)

// Incoming (导入的人员) is one row of a file or one item of a feed: somebody, and what the
// source states about him. Known facts are stated; unknown ones are not spoken of.
// Of somebody who is in the register, empty details leave what is there.
type Incoming struct {
	Draft
	Source   history.Source
	From     civil.Date
	Facts    fact.Person
	Batch    id.ID // the import; 0: none
	Evidence string
}

// Prepared (已校验的人员) is an incoming person that was validated, encrypted and indexed.
type Prepared struct {
	Incoming
	Err error // why it is refused; Apply gives it back

	lacking error // why no file can be opened for him; no matter if there is one
	file    *file // as it is stored if he is not in the register yet
	records []*ledger.Row
}

// Result (导入结果) is what became of an incoming person.
type Result string

// The results.
const (
	Created   Result = "created"
	Changed   Result = "changed"
	Unchanged Result = "unchanged"
	Rejected  Result = "rejected"
)

// Applied (导入结论) is what became of an incoming person and whom it concerns.
type Applied struct {
	Result    Result
	Person    id.ID       // 0 if rejected, or new in a dry run
	Region    region.Code // who serves him now
	Conflicts fact.Set    // of the stated facts, those for which a higher source says something else
	Err       error       // why it was rejected: an errs kind, by field
}

// fresh validates somebody, encrypts and seals him, as a new person. The draft of in
// is brought into the kept form.
func (s *Service) fresh(actor access.Actor, in *Incoming) (*file, []*ledger.Row, error) {
	doc, stated, err := s.check(in)
	if err != nil {
		return nil, nil, err
	}
	now := s.now()
	f := &file{row: &row{id: s.IDs.New(), version: 1, state: Alive, created: now, updated: now}}
	f.setName(in.Name)
	s.setDocument(f, doc)
	if err := s.setDetails(f, in.Details); err != nil {
		return nil, nil, err
	}
	f.lon, f.lat = nullable(in.Lon), nullable(in.Lat)
	f.facts = in.Facts
	var rows []*ledger.Row
	add := func(r history.Record) {
		rows = append(rows, s.ledger.Seal(f.id, &r))
	}
	if r, ok := s.ledger.OfDocument(actor, nil, doc); ok {
		add(r)
		for _, one := range r.Facts.Stated.IDs() {
			history.Copy(&f.facts, &r.Facts.Person, one)
		}
	}
	if stated.Stated != 0 {
		r := s.ledger.Begin(actor, nil, in.Source, in.From, 0, in.Evidence)
		r.Facts, r.Batch = stated, in.Batch
		if err := s.timely(f.row, &r); err != nil {
			return nil, nil, err
		}
		add(r)
	}
	f.region = regionOf(&f.facts)
	s.sealRow(f.row)
	return f, rows, nil
}

// check validates an incoming person and returns his document and what is stated about
// him; what the number says needs no other source.
func (s *Service) check(in *Incoming) (doc document.Document, stated history.Facts, err error) {
	var f errs.Fields
	ledger.CheckSource(&f, in.Source)
	ledger.CheckPeriod(&f, in.From, 0)
	if in.From > s.Today() {
		f.Add("from", "起始日期 %s 还没有到", in.From)
	}
	ledger.CheckText(&f, "evidence", &in.Evidence)
	if err := in.Draft.Check(&in.Facts, s.Today()); err != nil {
		f = append(f, errs.FieldsOf(err)...)
	}
	if err := f.Err(); err != nil {
		return doc, stated, err
	}
	doc, err = in.Draft.Parse()
	stated = history.StateAll(&in.Facts)
	return doc, stated.Without(ledger.Said(doc).Stated), err
}

// Prepare validates, encrypts and indexes people on all processors. It needs no
// transaction and writes nothing: a dry run is Prepare and Compare.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, in []Incoming) ([]Prepared, error) {
	if err := actor.Need(access.PersonWrite); err != nil {
		return nil, err
	}
	all := make([]Prepared, len(in))
	var wg sync.WaitGroup
	share := (len(in) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	for from := 0; from < len(in); from += share {
		wg.Go(func() {
			for i := from; i < min(from+share, len(in)) && ctx.Err() == nil; i++ {
				all[i] = s.prepare(actor, in[i])
			}
		})
	}
	wg.Wait()
	return all, ctx.Err()
}

func (s *Service) prepare(actor access.Actor, in Incoming) Prepared {
	p := Prepared{Incoming: in}
	if strings.TrimSpace(p.Number) == "" {
		p.Err = &errs.Error{
			Kind: errs.Invalid, Message: "没有证件号码，无法判断是不是已有的档案",
			Fields: []errs.Field{{Name: "number", Message: "没有证件号码，无法判断是不是已有的档案；没有证件的老年人请逐个新建档案"}},
		}
		return p
	}
	p.lacking = p.Lacking(&p.Facts)
	p.file, p.records, p.Err = s.fresh(actor, &p.Incoming)
	return p
}

// Compare tells what Apply would do, and does nothing.
func (s *Service) Compare(ctx context.Context, actor access.Actor, batch []Prepared) (_ []Applied, err error) {
	defer errs.Wrap(&err, "compare people")
	b, err := s.read(ctx, s.DB, batch)
	if err != nil {
		return nil, err
	}
	_, results, err := s.plan(actor, batch, b)
	for i := range results {
		if results[i].Result == Created {
			results[i].Person = 0
		}
	}
	return results, err
}

// Apply creates or changes people in the transaction of the caller, who writes the
// trail. Done twice it changes nothing the second time: what a source has said already
// is not recorded again. People are the same if their numbers are.
func (s *Service) Apply(ctx context.Context, tx db.Tx, actor access.Actor, batch []Prepared) (_ []Applied, err error) {
	defer errs.Wrap(&err, "apply people")
	b, err := s.read(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	touched, results, err := s.plan(actor, batch, b)
	if err != nil {
		return nil, err
	}
	// Those who change are read again and locked: mostly they are few or none.
	var changing []id.ID
	for _, t := range touched {
		if !t.isNew {
			changing = append(changing, t.id)
		}
	}
	if len(changing) > 0 {
		slices.Sort(changing)
		if err := s.readFiles(ctx, tx, changing, b.files, lockAll); err != nil {
			return nil, err
		}
		if touched, results, err = s.plan(actor, batch, b); err != nil {
			return nil, err
		}
	}
	return results, s.write(ctx, tx, actor, touched)
}

// target is the file of somebody in a batch, and what the batch does to it.
type target struct {
	*file
	recs     []history.Record // all of them, the added ones at the end
	open     []ledger.Dispute
	against  []history.Contradiction
	isNew    bool
	sealed   []*ledger.Row         // of a new file: what was prepared
	added    int                   // records at the end of recs that are not stored yet
	before   *revision.Particulars // what identified him, if that changed
	phones   bool                  // whether they changed
	resolved bool                  // whether the row was brought up to the records
}

// numberKey is a blind index as a key.
type numberKey = [secret.IndexSize]byte

// present is who of a batch is in the register.
type present struct {
	owners map[numberKey]id.ID
	files  map[id.ID]*target
}

// plan decides for each of a batch what becomes of him, and returns the files that
// change. It changes them in memory alone, one after the other, so that somebody who
// comes twice is met as he was left.
func (s *Service) plan(actor access.Actor, batch []Prepared, b *present) (touched []*target, results []Applied, err error) {
	opened, seen := map[numberKey]*target{}, map[*target]bool{}
	results = make([]Applied, len(batch))
	for i := range batch {
		p := &batch[i]
		if p.Err != nil {
			results[i] = Applied{Result: Rejected, Err: p.Err}
			continue
		}
		key := numberKey(p.file.numberIndex)
		t := opened[key]
		if owner, ok := b.owners[key]; ok {
			t = b.files[owner]
		}
		if t != nil {
			results[i], err = s.apply(actor, t, p)
		} else if t, err = newTarget(actor, p); err == nil {
			opened[key] = t
			results[i] = Applied{Result: Created, Person: t.id, Region: t.region}
		}
		switch {
		case err != nil && errs.KindOf(err) == errs.Internal:
			return nil, nil, err
		case err != nil:
			results[i] = Applied{Result: Rejected, Err: err}
		case results[i].Result != Unchanged && !seen[t]:
			seen[t] = true
			touched = append(touched, t)
		}
	}
	return touched, results, nil
}

// read reads the files of those of the batch who are in the register, by number.
func (s *Service) read(ctx context.Context, q bun.IDB, batch []Prepared) (*present, error) {
	indexes := make([][]byte, 0, len(batch))
	for i := range batch {
		if batch[i].Err == nil {
			indexes = append(indexes, batch[i].file.numberIndex)
		}
	}
	owners, err := owners(ctx, q, indexes)
	if err != nil {
		return nil, err
	}
	b := &present{owners: owners, files: make(map[id.ID]*target, len(owners))}
	return b, s.readFiles(ctx, q, slices.Compact(slices.Sorted(maps.Values(owners))), b.files, scanAll)
}

// readFiles reads people with their records and open conflicts.
func (s *Service) readFiles(
	ctx context.Context, q bun.IDB, people []id.ID, into map[id.ID]*target,
	read func(context.Context, bun.IDB, access.Scope, []id.ID) ([]*row, error),
) error {
	for part := range slices.Chunk(people, 500) {
		rows, err := read(ctx, q, everywhere, part)
		if err != nil {
			return err
		}
		recs, err := s.ledger.Of(ctx, everywhere, q, part...)
		if err != nil {
			return err
		}
		open, err := s.ledger.OpenOf(ctx, everywhere, q, part...)
		if err != nil {
			return err
		}
		for _, r := range rows {
			f, err := s.open(r)
			if err != nil {
				return err
			}
			into[r.id] = &target{file: f, recs: recs[r.id], open: open[r.id]}
		}
	}
	return nil
}
