package duplicate

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/ledger"
	"yian/internal/person"
	"yian/internal/secret"
)

// Deps are what the service stands on.
type Deps struct {
	DB     *db.DB
	Audit  *audit.Log
	Jobs   *jobs.Queue
	Keys   *secret.Keys
	IDs    *id.Maker
	Now    func() time.Time
	Log    *slog.Logger
	People *person.Service
}

// Service finds, joins and parts files.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

var (
	compareAction = audit.Action{Code: "person.compare", Label: "比对疑似重复档案"}
	dismissAction = audit.Action{Code: "person.different", Label: "认定不是同一人"}
	mergeAction   = audit.Action{Code: "person.merge", Label: "合并档案"}
	unmergeAction = audit.Action{Code: "person.unmerge", Label: "撤销合并"}
)

func (s *Service) now() civil.Instant { return civil.At(s.Now()) }

// Actions lists what this module writes to the audit trail.
var Actions = []audit.Action{
	compareAction,
	dismissAction,
	mergeAction,
	unmergeAction,
	findAction,
}

// Pairs returns pairs in a state of the scope after a key, the oldest first.
func (s *Service) Pairs(ctx context.Context, scope access.Scope, state State, after id.ID, limit int) (_ []Pair, err error) {
	defer errs.Wrap(&err, "list pairs")
	rows, err := pairs(ctx, scope, s.DB, state, after, limit)
	if err != nil {
		return nil, err
	}
	return s.complete(ctx, scope, rows)
}

// PairsOf returns the open pairs of one person.
func (s *Service) PairsOf(ctx context.Context, scope access.Scope, one id.ID) (_ []Pair, err error) {
	defer errs.Wrap(&err, "pairs of person %s", one)
	rows, err := pairsOf(ctx, scope, s.DB, Open, []id.ID{one})
	if err != nil {
		return nil, err
	}
	return s.complete(ctx, scope, rows)
}

// Count returns how many pairs of the scope are open.
func (s *Service) Count(ctx context.Context, scope access.Scope) (_ int, err error) {
	defer errs.Wrap(&err, "count pairs")
	var rows []pairRow
	n, err := selectPairs(s.DB, scope, &rows).Where("d.state = ?", Open).Count(ctx)
	return int(n), err
}

// Pair returns one pair. The look at both files goes on the trail.
func (s *Service) Pair(ctx context.Context, actor access.Actor, which id.ID) (_ *Pair, err error) {
	defer errs.Wrap(&err, "pair %s", which)
	if err := actor.Need(access.PersonMerge); err != nil {
		return nil, err
	}
	scope := actor.Scope(access.PersonMerge)
	row, err := pair(ctx, scope, s.DB, which)
	if err != nil {
		return nil, err
	}
	for _, one := range [...]id.ID{row.Low, row.High} {
		c := audit.Change{Kind: "person", Subject: one.String(), Region: row.Region, Detail: map[string]any{"pair": row.ID}}
		if err := s.Audit.Read(ctx, actor, compareAction, c); err != nil {
			return nil, err
		}
	}
	all, err := s.complete(ctx, scope, []pairRow{*row})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errs.New(errs.NotFound, "这对档案中有一份已不在您的管理范围内。")
	}
	return &all[0], nil
}

// complete adds to pairs the two files. A pair of which one is out of sight is left out.
func (s *Service) complete(ctx context.Context, scope access.Scope, rows []pairRow) ([]Pair, error) {
	var people []id.ID
	for i := range rows {
		people = append(people, rows[i].Low, rows[i].High)
	}
	files, err := s.People.Files(ctx, scope, people)
	if err != nil {
		return nil, err
	}
	all := make([]Pair, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		p := Pair{
			ID: r.ID, Version: r.Version, Region: r.Region, Low: files[r.Low], High: files[r.High], Reason: r.Reason,
			State: r.State, Found: r.FoundAt, Settled: r.SettledAt, SettledBy: r.SettledBy, Note: r.Note,
		}
		if p.Low == nil || p.High == nil {
			continue
		}
		if r.State == Merged {
			p.Keep = r.Low
			if p.Low.State == person.Merged {
				p.Keep = r.High
			}
		}
		all = append(all, p)
	}
	return all, nil
}

// settle runs fn on a pair in one of the states, and stores what it made of it.
func (s *Service) settle(
	ctx context.Context, actor access.Actor, action audit.Action, which id.ID, version int64, note *string, from []State,
	fn func(ctx context.Context, tx db.Tx, r *pairRow) error,
) error {
	if err := actor.Need(access.PersonMerge); err != nil {
		return err
	}
	var faults errs.Fields
	ledger.CheckText(&faults, "note", note)
	if err := faults.Err(); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		r, err := pair(ctx, actor.Scope(access.PersonMerge), tx, which)
		if err != nil {
			return audit.Nothing, err
		}
		if r.Version != version || !slices.Contains(from, r.State) {
			return audit.Nothing, stale()
		}
		r.SettledAt, r.SettledBy, r.Note = s.now(), actor.User, *note
		if err := fn(ctx, tx, r); err != nil {
			return audit.Nothing, err
		}
		if err := update(ctx, tx, r); err != nil {
			return audit.Nothing, err
		}
		detail := map[string]any{"low": r.Low, "high": r.High, "state": r.State}
		return audit.Change{Kind: "pair", Subject: r.ID.String(), Region: r.Region, Detail: detail}, nil
	})
}

// Dismiss says that the two are different people.
func (s *Service) Dismiss(ctx context.Context, actor access.Actor, which id.ID, version int64, note string) (err error) {
	defer errs.Wrap(&err, "dismiss pair %s", which)
	return s.settle(ctx, actor, dismissAction, which, version, &note, []State{Open}, func(_ context.Context, _ db.Tx, r *pairRow) error {
		r.State = Different
		return nil
	})
}

// Merge joins the two files; the other than keep is gone and points to it.
func (s *Service) Merge(ctx context.Context, actor access.Actor, which id.ID, version int64, keep id.ID, note string) (err error) {
	defer errs.Wrap(&err, "merge pair %s", which)
	return s.settle(ctx, actor, mergeAction, which, version, &note, []State{Open, Different}, func(ctx context.Context, tx db.Tx, r *pairRow) error {
		gone := r.Low
		switch keep {
		case r.Low:
			gone = r.High
		case r.High:
		default:
			return (&errs.Fields{{Name: "keep", Message: "请选择保留哪一份档案"}}).Err()
		}
		joined, err := s.People.Join(ctx, tx, actor, keep, gone, note)
		if err != nil {
			return err
		}
		text, err := json.Marshal(joined)
		if err != nil {
			return err
		}
		r.State, r.Undo = Merged, s.Keys.Seal(text, undoContext(r.ID))
		return nil
	})
}

func undoContext(pair id.ID) string { return "person_pair.undo:" + pair.String() }

// Unmerge parts two files that were joined and puts everything back.
func (s *Service) Unmerge(ctx context.Context, actor access.Actor, which id.ID, version int64, note string) (err error) {
	defer errs.Wrap(&err, "unmerge pair %s", which)
	return s.settle(ctx, actor, unmergeAction, which, version, &note, []State{Merged}, func(ctx context.Context, tx db.Tx, r *pairRow) error {
		text, err := s.Keys.Open(r.Undo, undoContext(r.ID))
		if err != nil {
			return err
		}
		var joined person.Joined
		if err := json.Unmarshal(text, &joined); err != nil {
			return fmt.Errorf("what pair %s changed is not what was stored", r.ID)
		}
		r.State, r.Undo = Open, nil
		return s.People.Part(ctx, tx, actor, &joined, note)
	})
}
