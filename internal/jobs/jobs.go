// Package jobs runs work in the background (后台任务) on River, on either engine.
//
// A job is enqueued inside the transaction that makes it necessary, so it exists
// exactly when its cause does. A job is done at least once: workers ask the
// database what is left to do. Long work is cut into turns of about [Turn], and of less
// than two minutes in any case; a worker that is not finished returns [Again]. A job that runs much longer belongs
// to a process that was killed, and is given to another.
package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"yian/internal/db"
)

const (
	// Turn is how long a worker goes on before it returns [Again], unless it takes long
	// to begin.
	Turn = 20 * time.Second
	// limit ends a worker that does not.
	limit = 2 * time.Minute
	// lost is after how long a running job is taken to be of a killed process.
	lost = limit + 30*time.Second
)

// Queue is the jobs of a database. Modules register workers with [On] and [Queue.Every]
// while the program is put together; [Queue.Start] begins to work.
type Queue struct {
	db       *db.DB
	node     string
	log      *slog.Logger
	workers  *river.Workers
	periodic []*river.PeriodicJob
	client   *river.Client[*sql.Tx]
	stopping atomic.Bool
}

// New makes a queue. node names this process and stays the same when it is started
// again: jobs it was at when it was killed are taken up at once.
func New(d *db.DB, node string, log *slog.Logger) *Queue {
	return &Queue{db: d, node: node, log: log, workers: river.NewWorkers()}
}

// Again is what a worker returns whose turn is over and whose work is not.
func Again() error { return river.JobSnooze(0) }

// worker adapts a function.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	queue *Queue
	work  func(context.Context, T) error
}

// Timeout implements river.Worker.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return limit }

// Work implements river.Worker. Work that is interrupted by the end of the process
// is handed back without counting as a failure.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	err := w.work(db.Background(ctx), j.Args)
	if err != nil && ctx.Err() != nil && w.queue.stopping.Load() {
		return Again()
	}
	return err
}

// On registers the function that does the jobs of a kind.
func On[T river.JobArgs](q *Queue, work func(ctx context.Context, args T) error) {
	river.AddWorker(q.workers, &worker[T]{queue: q, work: work})
}

// Every has a job done at intervals, by one process of those that share a database.
func (q *Queue) Every(interval time.Duration, args river.JobArgs) {
	q.periodic = append(q.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval), func() (river.JobArgs, *river.InsertOpts) {
		return args, &river.InsertOpts{MaxAttempts: 1}
	}, &river.PeriodicJobOpts{RunOnStart: true}))
}

// Open migrates the tables of the queue, one process at a time. After it jobs can be
// enqueued; nothing is done before Start.
func (q *Queue) Open(ctx context.Context) error {
	if err := q.db.Migrate(ctx, q.migrate); err != nil {
		return err
	}
	client, err := river.NewClient(q.driver(), &river.Config{
		ID:                   q.node,
		Logger:               slog.New(warnings{q.log.Handler()}),
		Workers:              q.workers,
		PeriodicJobs:         q.periodic,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: max(4, runtime.GOMAXPROCS(0))}},
		PollOnly:             true,
		FetchCooldown:        10 * time.Millisecond,
		FetchPollInterval:    250 * time.Millisecond,
		RescueStuckJobsAfter: lost,
		JobTimeout:           limit,
	})
	if err != nil {
		return fmt.Errorf("job client: %w", err)
	}
	q.client = client
	return nil
}

func (q *Queue) driver() riverdriver.Driver[*sql.Tx] {
	if q.db.Engine() == db.Postgres {
		return riverdatabasesql.New(q.db.Writer())
	}
	return riversqlite.New(q.db.Writer())
}

func (q *Queue) migrate(ctx context.Context, _ *sql.DB) error {
	migrator, err := rivermigrate.New(q.driver(), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("job tables: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate job tables: %w", err)
	}
	return nil
}

// Enqueue adds a job in the transaction.
func (q *Queue) Enqueue(ctx context.Context, tx db.Tx, args river.JobArgs) error {
	_, err := q.client.InsertTx(ctx, tx.Tx.Tx, args, nil)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Start takes up what this node left behind and begins to work. The context ends
// the work at once; Stop ends it gently.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.takeUp(ctx); err != nil {
		return fmt.Errorf("take up jobs of node %s: %w", q.node, err)
	}
	if err := q.client.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// takeUp hands the jobs back that this node was at when it was killed.
func (q *Queue) takeUp(ctx context.Context) error {
	mine := "EXISTS (SELECT 1 FROM json_each(attempted_by) a WHERE a.value = ?)"
	if q.db.Engine() == db.Postgres {
		mine = "? = ANY (attempted_by)"
	}
	return q.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw("UPDATE river_job SET state = 'available' WHERE state = 'running' AND "+mine, q.node).Exec(ctx)
		return err
	})
}

// Stop hands running jobs back and waits for them, as long as the context allows.
func (q *Queue) Stop(ctx context.Context) error {
	q.stopping.Store(true)
	if err := q.client.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// Count is how many jobs of a kind are in a state.
type Count struct {
	Kind  string
	State string
	N     int
}

// Counts tells how many jobs of each kind there are in each state.
func (q *Queue) Counts(ctx context.Context) ([]Count, error) {
	var counts []Count
	err := q.db.NewRaw("SELECT kind, CAST(state AS TEXT) AS state, count(*) AS n FROM river_job GROUP BY 1, 2 ORDER BY 1, 2").Scan(ctx, &counts)
	return counts, err
}

// warnings drops what River says below a warning: it says much.
type warnings struct{ slog.Handler }

// Enabled implements slog.Handler.
func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (w warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{w.Handler.WithAttrs(a)} }

// WithGroup implements slog.Handler.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
