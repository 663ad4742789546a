package entitlement

import (
	"context"
	"log/slog"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
)

// Deps are what results stand on.
type Deps struct {
	DB     *db.DB
	Audit  *audit.Log
	Jobs   *jobs.Queue
	IDs    *id.Maker
	Now    func() time.Time
	Log    *slog.Logger
	People *person.Service
	Lists  *policy.Service
}

// Service keeps the results of everybody.
type Service struct {
	Deps

	rack    rack
	portion int           // people of a transaction
	byName  int           // up to how many changed people a job looks at by their numbers
	turn    time.Duration // how long a job goes on before others have their turn
	enqueue func(ctx context.Context, tx db.Tx, args job) error
}

// job is what the queue takes.
type job interface{ Kind() string }

// portion is how many people are judged in one transaction: two blocks of the engine.
// SQLite writes fewer pages of its indexes with more, and others wait for it longer.
const portion = 8192

// New opens the results.
func New(d Deps) *Service {
	s := &Service{Deps: d, portion: portion, byName: byName, turn: turn}
	s.enqueue = func(ctx context.Context, tx db.Tx, args job) error { return d.Jobs.Enqueue(ctx, tx, args) }
	return s
}

// Today is the day in the time zone of the product.
func (s *Service) Today() civil.Date { return s.now().Day() }

func (s *Service) now() civil.Instant { return civil.At(s.Now()) }

var judgeAction = audit.Action{Code: "entitlement.judge", Label: "重新认定待遇"}

// Actions are what is done to results, for the trail.
var Actions = []audit.Action{judgeAction}

// system is who judges.
var system = access.System(judgeAction.Label)

// byName is up to how many changed people a job looks at by their numbers.
const byName = 500

// Changed has people judged again after their facts changed; it is a hook of the
// register (person.Deps.OnChange). For the many of an import their counties are
// marked, which are gone through when the import has come to rest.
func (s *Service) Changed(ctx context.Context, tx db.Tx, people []id.ID) (err error) {
	defer errs.Wrap(&err, "note changed people")
	switch n := len(people); {
	case n == 0:
		return nil
	case n <= s.byName:
		return s.enqueue(ctx, tx, Recheck{People: people})
	}
	shards, err := shardsOf(ctx, tx, people)
	if err != nil {
		return err
	}
	rows := make([]touch, len(shards))
	for i, c := range shards {
		rows[i] = touch{ID: s.IDs.New(), Region: c, At: s.now()}
	}
	return addTouches(ctx, tx, rows)
}

// Published has counties judged again whose list changed; it is a hook of lists
// (policy.Deps.OnPublish). A list that rules later is found by the job of that night.
func (s *Service) Published(ctx context.Context, tx db.Tx, v *policy.Version) error {
	if v.RulesFrom > s.Today() {
		return nil
	}
	return s.enqueue(ctx, tx, Nightly{})
}

// inOne returns the region of an entry of the trail that concerns some counties.
func inOne(shards []region.Code) region.Code {
	if len(shards) == 1 {
		return shards[0]
	}
	return region.Nation
}
