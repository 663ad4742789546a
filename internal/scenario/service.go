package scenario

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/simulate"
)

// Lists (清单来源) knows the lists in force and the versions that a scope may see; see
// package policy.
type Lists interface {
	Book(ctx context.Context, on civil.Date) (*policy.Book, error)
	Get(ctx context.Context, scope access.Scope, version id.ID) (*policy.Version, error)
	Versions(ctx context.Context, scope access.Scope, list string) ([]policy.Version, error)
}

// People (人员来源) has the columns of everybody; see snapshot.
type People interface {
	Everybody() (all *person.Everybody, made civil.Instant, release func(), err error)
}

// Deps are what scenarios stand on.
type Deps struct {
	DB       *db.DB
	Audit    *audit.Log
	Lists    Lists
	People   People
	Survival simulate.Survival
	IDs      *id.Maker
	Now      func() time.Time
	Log      *slog.Logger
}

// Service tries out changes of lists.
type Service struct {
	Deps

	turn  chan struct{} // one count goes on at a time,
	long  chan struct{} // and one forecast
	shelf shelf
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, turn: make(chan struct{}, 1), long: make(chan struct{}, 1)}
}

// The actions on the trail.
var (
	actCreate = audit.Action{Code: "scenario.create", Label: "新建测算方案"}
	actChange = audit.Action{Code: "scenario.change", Label: "修改测算方案"}
	actRun    = audit.Action{Code: "scenario.run", Label: "测算"}
	actDelete = audit.Action{Code: "scenario.delete", Label: "删除测算方案"}
)

// Actions are what is done to scenarios, for the trail.
var Actions = []audit.Action{actCreate, actChange, actRun, actDelete}

// most is how many scenarios a user may keep.
const most = 200

func change(s *Scenario) audit.Change {
	return audit.Change{
		Kind: "scenario", Subject: s.ID.String(), Region: s.Region,
		Detail: map[string]any{"list": s.List, "items": len(s.Changes.Items), "parameters": len(s.Changes.Parameters)},
	}
}

// Today is the day in the time zone of the product.
func (s *Service) Today() civil.Date { return civil.At(s.Now()).Day() }

// seen returns where the actor sees figures and lists: the one region, or nothing.
func seen(actor access.Actor, in region.Code) (access.Scope, error) {
	for _, p := range []access.Permission{access.FigureRead, access.PolicyRead} {
		if err := actor.NeedIn(p, in); err != nil {
			return access.Scope{}, err
		}
	}
	return actor.Scope(access.FigureRead).Narrow(in), nil
}

// both is where the actor has both rights; reading a scenario looks again at its region.
func both(actor access.Actor) access.Scope { return actor.Scope(access.FigureRead) }

// List returns the actor's scenarios before one of them (0: from the latest), without
// what they do.
func (s *Service) List(ctx context.Context, actor access.Actor, before id.ID, limit int) (_ []*Scenario, err error) {
	defer errs.Wrap(&err, "scenarios")
	if err := actor.Need(access.PolicyRead); err != nil {
		return nil, err
	}
	return list(ctx, both(actor), s.DB, actor.User, before, limit)
}

// Get returns a scenario of the actor.
func (s *Service) Get(ctx context.Context, actor access.Actor, which id.ID) (_ *Scenario, err error) {
	defer errs.Wrap(&err, "scenario %s", which)
	sc, err := find(ctx, both(actor), s.DB, actor.User, which)
	if err != nil {
		return nil, err
	}
	_, err = seen(actor, sc.Region)
	return sc, err
}

// Create keeps a scenario that can be counted.
func (s *Service) Create(ctx context.Context, actor access.Actor, d Draft) (_ *Scenario, err error) {
	defer errs.Wrap(&err, "create scenario")
	if err := s.check(ctx, actor, &d); err != nil {
		return nil, err
	}
	now := civil.At(s.Now())
	sc := &Scenario{ID: s.IDs.New(), Version: 1, Owner: actor.User, Draft: d, Created: now, Updated: now}
	return sc, s.Audit.Write(ctx, actor, actCreate, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(sc), s.insert(ctx, tx, sc)
	})
}

func (s *Service) insert(ctx context.Context, tx db.Tx, sc *Scenario) error {
	n, err := count(ctx, tx, sc.Owner)
	if err != nil {
		return err
	}
	if n >= most {
		return errs.New(errs.Conflict, "最多保存 %d 个方案，请先删除不用的。", most)
	}
	return insert(ctx, tx, sc)
}

// Change gives a scenario other contents; what it was found to do is forgotten. version
// is the one that the user saw.
func (s *Service) Change(ctx context.Context, actor access.Actor, which id.ID, version int64, d Draft) (_ *Scenario, err error) {
	defer errs.Wrap(&err, "change scenario %s", which)
	sc, err := s.Get(ctx, actor, which)
	if err != nil {
		return nil, err
	}
	d.Region, d.List = sc.Region, sc.List
	if err := s.check(ctx, actor, &d); err != nil {
		return nil, err
	}
	sc.Version, sc.Draft, sc.Outcome, sc.Forecast, sc.Ran, sc.Updated = version, d, nil, nil, 0, civil.At(s.Now())
	return sc, s.Audit.Write(ctx, actor, actChange, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(sc), update(ctx, tx, sc)
	})
}

// Copy makes another scenario with the same contents, to go on from there.
func (s *Service) Copy(ctx context.Context, actor access.Actor, which id.ID) (_ *Scenario, err error) {
	defer errs.Wrap(&err, "copy scenario %s", which)
	sc, err := s.Get(ctx, actor, which)
	if err != nil {
		return nil, err
	}
	now := civil.At(s.Now())
	sc.ID, sc.Version, sc.Created, sc.Updated = s.IDs.New(), 1, now, now
	sc.Name = copied(sc.Name)
	return sc, s.Audit.Write(ctx, actor, actCreate, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(sc), s.insert(ctx, tx, sc)
	})
}

// copied is the name of a copy, within the bound of names.
func copied(name string) string {
	const end = "（副本）"
	r := []rune(name)
	return string(r[:min(len(r), maxName-len([]rune(end)))]) + end
}

// Delete forgets a scenario of the actor.
func (s *Service) Delete(ctx context.Context, actor access.Actor, which id.ID) (err error) {
	defer errs.Wrap(&err, "delete scenario %s", which)
	sc, err := s.Get(ctx, actor, which)
	if err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, actDelete, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		found, err := remove(ctx, tx, actor.User, which)
		if err != nil || !found {
			return audit.Nothing, err
		}
		return change(sc), nil
	})
}

// check says what is wrong with a draft, its rules among it.
func (s *Service) check(ctx context.Context, actor access.Actor, d *Draft) error {
	if _, err := seen(actor, d.Region); err != nil {
		return err
	}
	if err := d.Check(); err != nil {
		return err
	}
	_, _, err := s.laws(ctx, actor, d)
	return err
}

func workers() int { return runtime.GOMAXPROCS(0) }
