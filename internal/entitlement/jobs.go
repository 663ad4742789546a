package entitlement

import (
	"context"
	"time"

	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/region"
)

// Recheck (重新认定) is the job that judges a few people whose facts changed.
type Recheck struct {
	People []id.ID `json:"people"`
}

// Kind implements river.JobArgs.
func (Recheck) Kind() string { return "entitlement.recheck" }

// County (全县重新认定) is the job that goes through a county that is stale.
type County struct {
	Region region.Code `json:"region"`
}

// Kind implements river.JobArgs.
func (County) Kind() string { return "entitlement.county" }

// Nightly (每日认定) is the job of the night. It is looked for each hour, so that a
// server that slept at midnight catches up.
type Nightly struct{}

// Kind implements river.JobArgs.
func (Nightly) Kind() string { return "entitlement.nightly" }

// Stale (查找待重新认定的县) is the job that finds counties to go through.
type Stale struct{}

// Kind implements river.JobArgs.
func (Stale) Kind() string { return "entitlement.stale" }

// Register registers the workers and their hours.
func (s *Service) Register() {
	jobs.On(s.Jobs, func(ctx context.Context, r Recheck) error { return s.Recheck(ctx, r.People) })
	jobs.On(s.Jobs, func(ctx context.Context, c County) error {
		done, err := s.Run(ctx, c.Region)
		if err != nil {
			return err
		}
		if !done {
			return jobs.Again()
		}
		return s.Sweep(ctx)
	})
	jobs.On(s.Jobs, func(ctx context.Context, _ Nightly) error {
		done, err := s.Night(ctx)
		if err == nil && !done {
			err = jobs.Again()
		}
		return err
	})
	jobs.On(s.Jobs, func(ctx context.Context, _ Stale) error { return s.Sweep(ctx) })
	s.Jobs.Every(time.Hour, Nightly{})
	s.Jobs.Every(rest, Stale{})
}
