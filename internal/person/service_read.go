package person

import (
	"context"
	"slices"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/ledger"
)

var (
	showAction      = audit.Action{Code: "person.read", Label: "查看档案"}
	unmaskAction    = audit.Action{Code: "person.unmask", Label: "查看完整号码"}
	historyAction   = audit.Action{Code: "person.history", Label: "查看信息历史"}
	revisionsAction = audit.Action{Code: "person.revisions", Label: "查看档案修改记录"}
)

// look reads a row for an actor and puts the look on the trail.
func (s *Service) look(ctx context.Context, actor access.Actor, action audit.Action, need access.Permission, person id.ID, purpose string, detail any) (*row, error) {
	if err := actor.Need(need); err != nil {
		return nil, err
	}
	r, err := get(ctx, s.DB, actor.Scope(access.PersonRead), person)
	if err != nil {
		return nil, err
	}
	if err := actor.NeedIn(need, r.region); err != nil {
		return nil, err
	}
	c := changeOf(r, detail)
	c.Purpose = purpose
	return r, s.Audit.Read(ctx, actor, action, c)
}

// Show returns a person's file. The look goes on the trail; purpose may be empty.
func (s *Service) Show(ctx context.Context, actor access.Actor, person id.ID, purpose string) (_ *Person, err error) {
	defer errs.Wrap(&err, "show person %s", person)
	r, err := s.look(ctx, actor, showAction, access.PersonRead, person, purpose, nil)
	if err != nil {
		return nil, err
	}
	f, err := s.open(r)
	if err != nil {
		return nil, err
	}
	p := f.person()
	p.Photo, err = s.photos.Has(ctx, actor.Scope(access.PersonRead), person)
	return p, err
}

// Shown (可显示的内容) names what Unmask can give.
type Shown string

// What Unmask gives.
const (
	ShowNumber Shown = "number"
	ShowPhones Shown = "phones" // his own, then those of his contacts with their names, each on a line
)

// shortestPurpose is how many characters a purpose has at least.
const shortestPurpose = 4

// Unmask returns the whole number or the phones of a person, for a purpose of at
// least four characters, which goes on the trail.
func (s *Service) Unmask(ctx context.Context, actor access.Actor, person id.ID, what Shown, purpose string) (_ string, err error) {
	defer errs.Wrap(&err, "unmask person %s", person)
	var faults errs.Fields
	if ledger.CheckText(&faults, "purpose", &purpose); utf8.RuneCountInString(purpose) < shortestPurpose {
		faults.Add("purpose", "请写明查看的用途，至少 %d 个字", shortestPurpose)
	}
	if what != ShowNumber && what != ShowPhones {
		faults.Add("what", "请选择要查看的内容")
	}
	if err := faults.Err(); err != nil {
		return "", err
	}
	r, err := s.look(ctx, actor, unmaskAction, access.PersonUnmask, person, purpose, map[string]any{"what": what})
	if err != nil {
		return "", err
	}
	f, err := s.open(r)
	if err != nil {
		return "", err
	}
	if what == ShowNumber {
		return f.doc.Number(), nil
	}
	return f.now.Display(), nil
}

// Photo returns the photo of a person and its media type. It is a part of the file,
// so the look at the file stands for it on the trail.
func (s *Service) Photo(ctx context.Context, actor access.Actor, person id.ID) (data []byte, mediaType string, err error) {
	defer errs.Wrap(&err, "photo of person %s", person)
	return s.photos.Of(ctx, actor.Scope(access.PersonRead), person)
}

// History returns all records of a person, the oldest first. The look goes on the trail.
func (s *Service) History(ctx context.Context, actor access.Actor, person id.ID) (_ []history.Record, err error) {
	defer errs.Wrap(&err, "history of person %s", person)
	if _, err := s.look(ctx, actor, historyAction, access.PersonRead, person, "", nil); err != nil {
		return nil, err
	}
	all, err := s.ledger.Of(ctx, actor.Scope(access.PersonRead), s.DB, person)
	return all[person], err
}

// AsOf returns what held on a day (0: today), as known at a moment (0: now). The look
// goes on the trail.
func (s *Service) AsOf(ctx context.Context, actor access.Actor, person id.ID, on civil.Date, known civil.Instant) (_ history.State, err error) {
	recs, err := s.History(ctx, actor, person)
	if err != nil {
		return history.State{}, err
	}
	if on == 0 {
		on = s.Today()
	}
	return history.Resolve(recs, on, known), nil
}

// Revisions returns what identified a person before, the newest first. The look goes
// on the trail.
func (s *Service) Revisions(ctx context.Context, actor access.Actor, person id.ID) (_ []Revision, err error) {
	defer errs.Wrap(&err, "revisions of person %s", person)
	if _, err := s.look(ctx, actor, revisionsAction, access.PersonRead, person, "", nil); err != nil {
		return nil, err
	}
	return s.revisions.Of(ctx, actor.Scope(access.PersonRead), person)
}

// List returns a page of the register.
func (s *Service) List(ctx context.Context, scope access.Scope, q Query) (_ Page, err error) {
	defer errs.Wrap(&err, "list people")
	rows, more, err := list(ctx, s.DB, scope, &q, s.Today())
	if err != nil {
		return Page{}, err
	}
	files, err := s.openAll(rows)
	if err != nil {
		return Page{}, err
	}
	page := Page{People: make([]Person, len(files))}
	for i, f := range files {
		page.People[i] = *f.person()
	}
	if n := len(files); n > 0 {
		backwards := q.Before != "" && q.After == ""
		if more || backwards {
			page.Next = files[n-1].id.String()
		}
		if backwards && more || q.After != "" {
			page.Prev = files[0].id.String()
		}
	}
	return page, nil
}

// Count returns how many people the query finds; it stops at the limit, and exact is
// false if there are more.
func (s *Service) Count(ctx context.Context, scope access.Scope, q Query, limit int) (n int, exact bool, err error) {
	defer errs.Wrap(&err, "count people")
	n, err = count(ctx, s.DB, scope, &q, s.Today(), limit+1)
	return min(n, limit), n <= limit, err
}

// Export hands out everybody whom the query finds after a person, in the order of
// the query, masked. It writes nothing on the trail: the caller does.
func (s *Service) Export(ctx context.Context, scope access.Scope, q Query, after id.ID, each func(*Person) error) (err error) {
	defer errs.Wrap(&err, "export people")
	return s.eachFile(ctx, scope, q, after, func(f *file) error { return each(f.person()) })
}

// ExportWhole is Export with whole numbers and phones where the actor may unmask them.
// The caller asks for the purpose, and puts it on the trail.
func (s *Service) ExportWhole(ctx context.Context, actor access.Actor, scope access.Scope, q Query, after id.ID, each func(*Person) error) (err error) {
	defer errs.Wrap(&err, "export people whole")
	may := actor.Scope(access.PersonUnmask)
	return s.eachFile(ctx, scope, q, after, func(f *file) error {
		p := f.person()
		if may.Contains(f.region) {
			p.Number, p.Details = f.doc.Number(), f.now
		}
		return each(p)
	})
}

// eachFile opens the files that the query finds after a person, a portion at a time.
func (s *Service) eachFile(ctx context.Context, scope access.Scope, q Query, after id.ID, each func(*file) error) error {
	q.After, q.Before, q.Limit = after.String(), "", 1000
	for {
		rows, more, err := list(ctx, s.DB, scope, &q, s.Today())
		if err != nil {
			return err
		}
		files, err := s.openAll(rows)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := each(f); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
		q.After = files[len(files)-1].id.String()
	}
}

// Find makes a query of what somebody typed into the one search box: a number, a
// phone, a name or the initials of one. A text that may be several numbers is taken
// for the one that somebody of the scope has.
func (s *Service) Find(ctx context.Context, scope access.Scope, text string) (_ Query, err error) {
	defer errs.Wrap(&err, "find people")
	q, candidates := classify(text)
	for i, c := range candidates {
		one := Query{AnyState: true}
		if c.number != "" {
			one.NumberIndex = s.numberIndex(c.number)
		} else {
			one.PhoneIndex = s.phoneIndex(c.phone)
		}
		if i == 0 {
			q = one
		}
		if len(candidates) == 1 {
			break
		}
		n, err := count(ctx, s.DB, scope, &one, s.Today(), 1)
		if err != nil {
			return Query{}, err
		}
		if n > 0 {
			return one, nil
		}
	}
	return q, nil
}

// Files returns the files of people of the scope, masked. It writes nothing on the
// trail: the caller does.
func (s *Service) Files(ctx context.Context, scope access.Scope, people []id.ID) (_ map[id.ID]*Person, err error) {
	defer errs.Wrap(&err, "read files")
	all := make(map[id.ID]*Person, len(people))
	for part := range slices.Chunk(people, 500) {
		rows, err := scanAll(ctx, s.DB, scope, part)
		if err != nil {
			return nil, err
		}
		files, err := s.openAll(rows)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			all[f.id] = f.person()
		}
	}
	return all, nil
}
