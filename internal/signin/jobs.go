package signin

import (
	"context"
	"time"

	"yian/internal/jobs"
)

// sweepArgs is the job that deletes what is of no use any more.
type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "signin.sweep" }

// How long what is of no use is kept. Sign-ins are on the audit trail for ever.
const (
	keepAttempts = 24 * time.Hour
	keepSignIns  = 180 * 24 * time.Hour
)

// Work registers the jobs of this module.
func Work(q *jobs.Queue, s *Service) {
	jobs.On(q, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	q.Every(time.Hour, sweepArgs{})
}

// Sweep deletes counts of attempts of long ago and sign-ins of last year.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.at()
	return s.store.sweep(ctx, now.Add(-max(keepAttempts, s.config.Lock)), now.Add(-keepSignIns))
}
