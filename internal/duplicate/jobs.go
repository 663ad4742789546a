package duplicate

import (
	"context"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
)

// Find (查找疑似重复) is the job that looks for who is like a few people.
type Find struct {
	People []id.ID `json:"people"`
}

// Kind implements river.JobArgs.
func (Find) Kind() string { return "duplicate.find" }

// Sweep (全面比对) is the job that compares everybody, when many are new.
type Sweep struct{}

// Kind implements river.JobArgs.
func (Sweep) Kind() string { return "duplicate.sweep" }

const (
	// few is up to how many people are looked up one by one.
	few = 200
	// mostPairs is how many pairs are proposed for one person: with more it is not
	// he who is double, but the facts that are made up.
	mostPairs = 10
	// sweepEvery is how long pairs of an import wait at most.
	sweepEvery = 10 * time.Minute
)

var findAction = audit.Action{Code: "person.duplicates", Label: "查找疑似重复档案"}

// Register registers the workers.
func (s *Service) Register() {
	jobs.On(s.Jobs, func(ctx context.Context, f Find) error { return s.Search(ctx, f.People) })
	jobs.On(s.Jobs, func(ctx context.Context, _ Sweep) error { return s.Sweep(ctx) })
	s.Jobs.Every(sweepEvery, Sweep{})
}

// Changed enqueues the search for people who are new or changed; it is a hook of the
// register (person.Deps.OnChange). The many of an import are left to the next sweep.
func (s *Service) Changed(ctx context.Context, tx db.Tx, people []id.ID) error {
	if len(people) > few {
		return nil
	}
	return s.Jobs.Enqueue(ctx, tx, Find{People: people})
}

// Search stores the pairs of a few people, and where their open pairs belong now.
func (s *Service) Search(ctx context.Context, people []id.ID) (err error) {
	defer errs.Wrap(&err, "search for duplicates")
	scope := access.System(findAction.Label).Scope(access.PersonRead)
	var all []found
	for _, one := range people {
		me, others, err := s.People.Alike(ctx, scope, one, mostPairs)
		if err != nil {
			return err
		}
		for i := range others {
			if reason, ok := reasonOf(me, &others[i]); ok {
				all = append(all, found{min(one, others[i].ID), max(one, others[i].ID), reason})
			}
		}
	}
	return s.store(ctx, scope, people, all, 0)
}

// Sweep compares everybody with those who came since the last time.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "sweep for duplicates")
	done, last, err := readMark(ctx, s.DB)
	if err != nil || done >= last {
		return err
	}
	all := newSweep()
	if err := s.People.Likenesses(ctx, all.add); err != nil {
		return err
	}
	return s.store(ctx, access.System(findAction.Label).Scope(access.PersonRead), nil, all.pairs(done, mostPairs), last)
}

// files reads the files of pairs.
func (s *Service) files(ctx context.Context, scope access.Scope, all []found, moved []pairRow) (map[id.ID]*person.Person, error) {
	people := make([]id.ID, 0, 2*len(all)+2*len(moved))
	for _, f := range all {
		people = append(people, f.low, f.high)
	}
	for i := range moved {
		people = append(people, moved[i].Low, moved[i].High)
	}
	return s.People.Files(ctx, scope, people)
}

// store adds pairs that were found and moves the open ones of people to the regions
// where they are now; mark, if any, is up to whom everybody was compared.
func (s *Service) store(ctx context.Context, scope access.Scope, people []id.ID, all []found, mark id.ID) error {
	moved, err := pairsOf(ctx, scope, s.DB, Open, people)
	if err != nil {
		return err
	}
	if len(all)+len(moved) == 0 && mark == 0 {
		return nil
	}
	files, err := s.files(ctx, scope, all, moved)
	if err != nil {
		return err
	}
	return s.Audit.Write(ctx, access.System(findAction.Label), findAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		rows := make([]*pairRow, len(all))
		for i, f := range all {
			rows[i] = &pairRow{
				ID: s.IDs.New(), Version: 1, Region: both(files[f.low].Region, files[f.high].Region), Low: f.low, High: f.high,
				Reason: f.reason, State: Open, FoundAt: s.now(),
			}
		}
		n, err := insert(ctx, tx, rows)
		if err != nil {
			return audit.Nothing, err
		}
		changed := 0
		for i := range moved {
			r := &moved[i]
			if at := both(files[r.Low].Region, files[r.High].Region); at != r.Region {
				r.Region = at
				changed++
				if err := update(ctx, tx, r); err != nil {
					return audit.Nothing, err
				}
			}
		}
		if mark != 0 {
			if err := writeMark(ctx, tx, mark); err != nil {
				return audit.Nothing, err
			}
		}
		if n == 0 && changed == 0 && mark == 0 {
			return audit.Nothing, nil
		}
		return audit.Change{Kind: "pair", Detail: map[string]any{"found": n, "moved": changed}}, nil
	})
}
