package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/blob"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/ordered"
	"yian/internal/person"
	"yian/internal/personname"
)

// ahead is how many blocks are opened, read and encrypted while one is written. Where
// they are large one is enough.
func (s *Service) ahead() int {
	if s.DB.Engine() == db.SQLite {
		return 1
	}
	return 3
}

// piece is a block of a run on its way: its rows, and the people in those that can be
// read.
type piece struct {
	n      int64
	sealed blob.Piece
	again  []double // commit: what the dry run found

	rows   []row
	faults []Fault
	people []person.Prepared
	at     []int // the row of each of the people

	before <-chan bool // commit: whether the block before was written
	after  chan bool   // the same of this one, for the next
	first  bool        // all blocks before are written
	was    Import      // what the import was then
	last   bool        // the block ends the turn
}

// incoming is a row of a block that could be read.
type incoming struct {
	person.Incoming
	row    int
	placed bool // by default
}

// sortByName brings rows into the order of two of the indexes that their people come to
// stand in: SQLite writes a block a seventh faster so.
func sortByName(rows []incoming) {
	initials := make(map[string]string, len(rows))
	for i := range rows {
		initials[rows[i].Name] = personname.Initials(rows[i].Name)
	}
	slices.SortStableFunc(rows, func(a, b incoming) int {
		return cmp.Or(strings.Compare(initials[a.Name], initials[b.Name]), strings.Compare(a.Name, b.Name))
	})
}

// runner goes through the blocks of an import in one turn: the dry run or the commit.
type runner struct {
	s      *Service
	imp    *Import // of the goroutine that delivers; others know the import by id
	id     id.ID
	dry    bool
	actor  access.Actor
	layout *layout
	until  time.Time
}

// run goes on with a dry run or a commit.
func (s *Service) run(ctx context.Context, imp *Import) error {
	actor, err := s.Actors.Actor(ctx, imp.User)
	if err == nil {
		err = actor.Need(access.PersonImport)
	}
	switch errs.KindOf(err) {
	case errs.Denied, errs.NotFound, errs.Unauthenticated, errs.Conflict:
		return s.end(ctx, access.System("导入"), imp, Stopped, "上传人的账号已停用，或不再有导入的权限。恢复权限后可以继续；否则请取消，由其他人重新上传。")
	}
	if err != nil {
		return err
	}
	head, err := s.head(imp)
	if err != nil {
		return err
	}
	r := &runner{
		s: s, imp: imp, id: imp.ID, dry: imp.State == Checking, actor: actor,
		layout: newLayout(imp, head.Header), until: s.Now().Add(s.Limits.Turn),
	}
	if r.dry {
		err = r.check(ctx)
	} else {
		err = r.commit(ctx)
	}
	if errors.Is(err, errTurn) {
		return jobs.Again()
	}
	return err
}

// through takes every block from the next one on through do, several at a time, and
// hands them to deliver in their order.
func (r *runner) through(ctx context.Context, do, deliver func(*piece) error) error {
	n, end := r.imp.Next, r.imp.Blocks
	before := make(chan bool, 1)
	before <- true
	return ordered.Map(ctx, r.s.ahead(), func() (*piece, bool, error) {
		if n == end {
			return nil, false, nil
		}
		p, err := r.load(ctx, n)
		if err == nil {
			p.before, p.after = before, make(chan bool, 1)
			before = p.after
		}
		n++
		return p, true, err
	}, func(p *piece) (*piece, error) { return p, do(p) }, deliver)
}

// prepareOne is prepare of one block.
func (r *runner) prepareOne(ctx context.Context) func(*piece) error {
	return func(p *piece) error { return r.prepare(ctx, p) }
}

func (r *runner) load(ctx context.Context, n int64) (p *piece, err error) {
	p = &piece{n: n}
	if p.sealed, err = r.s.Blobs.Load(ctx, r.id, n); err != nil {
		return nil, err
	}
	if !r.dry {
		p.again, err = r.s.doublesOf(ctx, system(), r.id, n)
	}
	return p, err
}

// prepare reads a block and makes people of its rows.
func (r *runner) prepare(ctx context.Context, p *piece) (err error) {
	if p.rows, err = r.s.rows(p.sealed); err != nil {
		return err
	}
	p.sealed.Sealed = nil
	again := p.again
	read := make([]incoming, 0, len(p.rows))
	for i, row := range p.rows {
		if len(again) > 0 && again[0].Row == i {
			again = again[1:]
			continue
		}
		one, byDefault, faults := r.layout.incoming(row.cells)
		if len(faults) > 0 {
			r.reject(p, i, faults)
			continue
		}
		read = append(read, incoming{one, i, byDefault})
	}
	if !r.dry && r.s.DB.Engine() == db.SQLite { // a dry run meets them in the order of the file
		sortByName(read)
	}
	in := make([]person.Incoming, len(read))
	p.at = make([]int, len(read))
	for i := range read {
		in[i], p.at[i] = read[i].Incoming, read[i].row
	}
	if p.people, err = r.s.People.Prepare(ctx, r.actor, in); err != nil {
		return err
	}
	// A new file is made with the default place by now. Of somebody who is in the
	// register the row says nothing of where he lives, so nothing is stated.
	for i := range read {
		if read[i].placed {
			p.people[i].Facts.Residence = ""
		}
	}
	return nil
}

// reject notes why a row is not accepted.
func (r *runner) reject(p *piece, at int, faults []fault) {
	row := p.rows[at]
	for _, f := range faults {
		one := Fault{Row: at, Line: row.line, Reason: masked(f.reason, 200)}
		if f.column >= 0 {
			one.Column = ColumnName(r.layout.header, f.column)
			one.Value = masked(row.cells[f.column], 40)
		}
		p.faults = append(p.faults, one)
	}
}

// ColumnName is what a column is called, also where its header is empty.
func ColumnName(header []string, i int) string {
	if header[i] == "" {
		return "第 " + itoa(i+1) + " 列"
	}
	return header[i]
}

// settle counts what became of people and notes who was rejected.
func (r *runner) settle(p *piece, at []int, applied []person.Applied, counts *Counts) {
	for i := range applied {
		if applied[i].Result == person.Rejected {
			r.reject(p, at[i], r.layout.faultsOf(applied[i].Err))
		} else {
			counts.add(&applied[i])
		}
	}
}

// repeat counts the rows that only say again what an earlier one said, and rejects the
// other doubles.
func (r *runner) repeat(p *piece, doubles []double, counts *Counts) {
	for _, d := range doubles {
		if reason := d.reason(); reason != "" {
			r.reject(p, d.Row, []fault{{-1, reason}})
		} else {
			counts.Unchanged++
		}
	}
}

// outcome counts the rows of a block and seals what is wrong with some.
func (r *runner) outcome(p *piece, doubles []double, counts *Counts) (o outcome, err error) {
	o = outcome{n: p.n}
	counts.Rows += int64(len(p.rows))
	if o.doubles, err = encodeDoubles(doubles); err != nil || len(p.faults) == 0 {
		return o, err
	}
	slices.SortStableFunc(p.faults, func(a, b Fault) int { return a.Row - b.Row })
	last := -1
	for _, f := range p.faults {
		if f.Row != last {
			last = f.Row
			o.rejected++
		}
	}
	counts.Rejected += o.rejected
	b, err := json.Marshal(p.faults)
	if err != nil {
		return o, err
	}
	sealed, err := r.s.Blobs.Seal(r.id, outcomePiece(p.n), b)
	o.sealed = sealed.Sealed
	return o, err
}

// faults opens an outcome.
func (s *Service) faults(imp id.ID, o outcome) (faults []Fault, err error) {
	if len(o.sealed) == 0 {
		return nil, nil
	}
	b, err := s.Blobs.Unseal(blob.Piece{File: imp, N: outcomePiece(o.n), Sealed: o.sealed})
	if err != nil {
		return nil, err
	}
	return faults, json.Unmarshal(b, &faults)
}

// keyOf stands for the document of somebody, once his draft is in the kept form.
func keyOf(s *seen, d *person.Draft) ([2]uint64, bool) {
	if d.Number == "" || d.Document == 0 {
		return [2]uint64{}, false
	}
	if _, err := document.Parse(d.Document, d.Number); err != nil {
		return [2]uint64{}, false
	}
	return s.key(d.Document.Code(), d.Number), true
}
