package entitlement

import (
	"cmp"
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
)

// none is the answer for people who are not there, or are others'.
func none() error {
	return errs.New(errs.NotFound, "没有这位老人的待遇认定结果，或者他不在您的管理范围内。新建的档案几秒钟后才有结果，请稍后刷新。")
}

// Of returns what a person of the scope is entitled to.
func (s *Service) Of(ctx context.Context, scope access.Scope, who id.ID) (_ *Standing, err error) {
	defer errs.Wrap(&err, "results of person %s", who)
	r, err := get(ctx, scope, s.DB, who)
	if err != nil {
		return nil, err
	}
	basis, err := s.basis(ctx, s.DB, r.Basis)
	if err != nil {
		return nil, err
	}
	b, err := s.benchOf(ctx, basis, r.On)
	if err != nil {
		return nil, err
	}
	p, err := unpackFacts(r.facts)
	if err != nil {
		return nil, err
	}
	standing := r.standing(basis, b, &p, s.Today())
	standing.Person = who
	// Since when it is so counts where he was before, too.
	changes, err := changesOf(ctx, system.Scope(access.EntitlementRead), s.DB, who)
	if err != nil {
		return nil, err
	}
	standing.date(changes)
	return standing, nil
}

// History returns what became other for a person while he was served in the scope, the
// oldest first.
func (s *Service) History(ctx context.Context, scope access.Scope, who id.ID) (_ []Change, err error) {
	defer errs.Wrap(&err, "history of results of person %s", who)
	return changesOf(ctx, scope, s.DB, who)
}

// Explain tells why an item is decided as it is for a person, on a day (0: today) as
// known at a moment (0: now). The look at his history goes on the trail.
func (s *Service) Explain(ctx context.Context, actor access.Actor, who id.ID, item string, on civil.Date, known civil.Instant) (_ *Told, err error) {
	defer errs.Wrap(&err, "explain item %s to person %s", item, who)
	if err := actor.Need(access.EntitlementRead); err != nil {
		return nil, err
	}
	if on == 0 {
		on = s.Today()
	}
	state, err := s.People.AsOf(ctx, actor, who, on, known)
	if err != nil {
		return nil, err
	}
	at := state.Person.Residence
	if at == "" {
		at = state.Person.Hukou
	}
	book, err := s.Lists.Book(ctx, on)
	if err != nil {
		return nil, err
	}
	ruling := book.For(at)
	if ruling == nil {
		return nil, errs.New(errs.NotFound, "%s那一天没有施行的服务清单。", region.Name(at))
	}
	i := ruling.Program.Find(item)
	if i < 0 {
		return nil, errs.New(errs.NotFound, "那一天施行的清单“%s”没有这一项。", ruling.Source.Title)
	}
	return &Told{Explanation: ruling.Program.Explain(i, &state.Person, on), On: on, Region: at, Ruling: ruling.Version}, nil
}

// Counts returns how many people of each place right below a region have each item and
// tag, as far as the scope goes; people who are served by the region itself come under
// its own code.
func (s *Service) Counts(ctx context.Context, scope access.Scope, in region.Code) (_ []Count, err error) {
	defer errs.Wrap(&err, "count results in %s", in)
	return readCounts(ctx, scope.Narrow(in), s.DB, digitsBelow(in))
}

// digitsBelow returns how many digits the codes right below a region have.
func digitsBelow(c region.Code) int {
	for _, n := range [...]int{2, 4, 6, 9, 12} {
		if n > len(c) {
			return n
		}
	}
	return len(c)
}

// mostRows is how many rows of a list are given at once.
const mostRows = 500

// List (变化名单条件) says which changes are wanted.
type List struct {
	Since civil.Date // from which day on
	Item  string     // empty: any
	After id.ID      // of the row before; 0: from the start
	Limit int        // 0: as many as may be
}

func (l *List) limit() int {
	if l.Limit <= 0 || l.Limit > mostRows {
		return mostRows
	}
	return l.Limit
}

// NewlyEntitled returns, in the order of time, by what people of the scope came to be
// entitled to something.
func (s *Service) NewlyEntitled(ctx context.Context, scope access.Scope, l List) (_ []Change, err error) {
	defer errs.Wrap(&err, "list newly entitled")
	return changesIn(ctx, scope, s.DB, &l, true)
}

// Lost returns, in the order of time, by what people of the scope lost something that
// they were entitled to.
func (s *Service) Lost(ctx context.Context, scope access.Scope, l List) (_ []Change, err error) {
	defer errs.Wrap(&err, "list lost")
	return changesIn(ctx, scope, s.DB, &l, false)
}

// Foreseen (将变人员) is somebody to whom a birthday will change something.
type Foreseen struct {
	Person id.ID
	Region region.Code
	On     civil.Date
	Coming []Coming
}

// WillChange returns people of the scope to whom a birthday of the next days changes
// something, the first days first, after one of them.
func (s *Service) WillChange(ctx context.Context, scope access.Scope, days int, after Foreseen, limit int) (_ []Foreseen, err error) {
	defer errs.Wrap(&err, "list coming changes")
	l := List{Limit: limit}
	rows, err := nextIn(ctx, scope, s.DB, s.Today(), s.Today()+civil.Date(days), after, l.limit())
	if err != nil {
		return nil, err
	}
	out := make([]Foreseen, 0, len(rows))
	for _, r := range rows {
		basis, err := s.basis(ctx, s.DB, r.Basis)
		if err != nil {
			return nil, err
		}
		b, err := s.benchOf(ctx, basis, r.On)
		if err != nil {
			return nil, err
		}
		p, err := unpackFacts(r.facts)
		if err != nil {
			return nil, err
		}
		out = append(out, Foreseen{Person: r.person, Region: r.region, On: r.Next, Coming: r.standing(basis, b, &p, s.Today()).Coming})
	}
	return out, nil
}

// Open (待定人员) is somebody for whom facts are missing that could decide something.
type Open struct {
	Person  id.ID
	Region  region.Code
	Items   []string // undecided ones
	Missing fact.Set
}

// Undecided returns people of the scope for whom a fact is missing that could decide
// something (fact.Count: any fact), by place and number, after one of them.
func (s *Service) Undecided(ctx context.Context, scope access.Scope, f fact.ID, after Open, limit int) (_ []Open, err error) {
	defer errs.Wrap(&err, "list undecided")
	set := fact.Set(0)
	if f == fact.Count {
		set = ^set
	} else {
		set = set.Add(f)
	}
	l := List{Limit: limit}
	rows, err := missingIn(ctx, scope, s.DB, set, after, l.limit())
	if err != nil {
		return nil, err
	}
	out := make([]Open, 0, len(rows))
	for _, r := range rows {
		basis, err := s.basis(ctx, s.DB, r.Basis)
		if err != nil {
			return nil, err
		}
		one := Open{Person: r.person, Region: r.region, Missing: r.Missing}
		r.Unknown.each(func(i int) { one.Items = append(one.Items, basis.Items[i]) })
		out = append(out, one)
	}
	return out, nil
}

// Lack (缺失信息) tells what it would bring to learn a fact of those of whom it is not
// known.
type Lack struct {
	Fact       fact.ID
	Department string // who could tell
	People     int    // for whom it could decide something
	Alone      int    // of them, those for whom nothing else is missing
}

// Planner tells which missing facts would decide something for how many people of the
// scope, those that bring most first.
func (s *Service) Planner(ctx context.Context, scope access.Scope) (_ []Lack, err error) {
	defer errs.Wrap(&err, "plan for missing facts")
	sets, err := missingSets(ctx, scope, s.DB)
	if err != nil {
		return nil, err
	}
	var all [fact.Count]Lack
	for _, one := range sets {
		missing := one.Missing.IDs()
		for _, f := range missing {
			all[f].People += one.N
			if len(missing) == 1 {
				all[f].Alone += one.N
			}
		}
	}
	var out []Lack
	for f := range fact.Count {
		if l := all[f]; l.People > 0 {
			l.Fact, l.Department = f, f.Def().Department
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Lack) int {
		return cmp.Or(cmp.Compare(b.Alone, a.Alone), cmp.Compare(b.People, a.People))
	})
	return out, nil
}
