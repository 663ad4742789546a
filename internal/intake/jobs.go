package intake

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
)

// work is the job of going on with an import, whatever its state asks for.
type work struct {
	Import id.ID `json:"import"`
}

// Kind implements river.JobArgs.
func (work) Kind() string { return "intake.work" }

// sweep is the job of removing what nobody needs, and of finding work that was lost.
type sweep struct{}

// Kind implements river.JobArgs.
func (sweep) Kind() string { return "intake.sweep" }

// Register registers the workers of imports and their hours.
func (s *Service) Register() {
	jobs.On(s.Jobs, func(ctx context.Context, w work) error { return s.turn(ctx, w.Import) })
	jobs.On(s.Jobs, func(ctx context.Context, _ sweep) error { return s.sweep(ctx) })
	s.Jobs.Every(10*time.Minute, sweep{})
}

// maxAttempts is how many turns may begin without progress before an import is stopped.
const maxAttempts = 5

// wait is how long a turn waits before it looks again whether another process that
// held the import is gone.
const wait = 250 * time.Millisecond

// turn goes on with an import for a while.
func (s *Service) turn(ctx context.Context, n id.ID) error {
	imp, err := s.take(ctx, n)
	if imp == nil || err != nil {
		return err
	}
	if imp.State == Reading {
		err = s.read(ctx, imp)
	} else {
		err = s.run(ctx, imp)
	}
	if errors.Is(err, errMoved) {
		s.Log.InfoContext(ctx, "import went on elsewhere", slog.String("import", n.String()))
		return nil
	}
	return err
}

// take takes the lease of an import; nil: there is nothing to do. While another
// process holds it, take waits for as long as a turn lasts.
func (s *Service) take(ctx context.Context, n id.ID) (*Import, error) {
	tick := time.NewTicker(wait)
	defer tick.Stop()
	for range s.Limits.Turn / wait {
		imp, err := s.find(ctx, system(), n)
		if errs.Is(err, errs.NotFound) || err == nil && !imp.State.Working() {
			return nil, nil //nolint:nilnil // nothing to do
		}
		if err != nil {
			return nil, err
		}
		if imp.LeaseUntil <= civil.At(s.Now()) {
			err := s.lease(ctx, imp)
			if err == nil || !errors.Is(err, errMoved) {
				return imp, err
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, jobs.Again()
}

// lease keeps other processes away until there was no progress for a while.
func (s *Service) lease(ctx context.Context, imp *Import) error {
	imp.Attempts++
	if imp.Attempts > maxAttempts {
		s.Log.ErrorContext(ctx, "import makes no progress", slog.String("import", imp.ID.String()), slog.String("state", string(imp.State)))
		if err := s.end(ctx, access.System("导入"), imp, Stopped, "系统几次都没能处理下去。请稍后点“继续”；如果仍不行，请联系管理员查看日志。"); err != nil {
			return err
		}
		return errMoved
	}
	imp.LeaseUntil = s.leaseEnd()
	return s.Audit.Write(ctx, access.System("导入"), actTurn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(imp, map[string]any{"state": imp.State, "block": imp.Next}), s.update(ctx, tx, imp, "attempts", "lease_until")
	})
}

func (s *Service) leaseEnd() civil.Instant { return civil.At(s.Now()).Add(s.Limits.Lease) }

// again gives the lease back and asks for another turn.
func (s *Service) again(ctx context.Context, imp *Import) error {
	imp.LeaseUntil, imp.Attempts = 0, 0
	err := s.Audit.Write(ctx, access.System("导入"), actTurn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(imp, map[string]any{"state": imp.State, "block": imp.Next}), s.update(ctx, tx, imp, "attempts", "lease_until")
	})
	if err != nil {
		return err
	}
	return jobs.Again()
}

// lost is after how long without a turn an import is taken to have lost its job.
const lost = 10 * time.Minute

// sweep ends uploads that never came to an end and imports that nobody goes on with,
// removes contents whose time is over, gives jobs to imports that lost theirs, and
// forgets what no turn came back for.
func (s *Service) sweep(ctx context.Context) error {
	now := civil.At(s.Now())
	s.left.drop(s.Now().Add(-lost))
	old := now.Add(-s.Limits.Keep)
	for _, rule := range []struct {
		column string
		since  civil.Instant
		states []State
		do     func(context.Context, *Import) error
	}{
		{"i.updated_at", now.Add(-24 * time.Hour), []State{Uploading}, s.giveUp},
		{"i.updated_at", old, []State{Matching, Checked, Stopped}, s.giveUp},
		{"i.updated_at", old, []State{Done, Failed, Cancelled}, s.purge},
		{"i.lease_until", now.Add(-lost), []State{Reading, Checking, Committing}, s.revive},
	} {
		due, err := s.due(ctx, system(), rule.column, rule.since, rule.states...)
		if err != nil {
			return err
		}
		for i := range due {
			if err := rule.do(ctx, &due[i]); err != nil && !errors.Is(err, errMoved) {
				return err
			}
		}
	}
	return nil
}

// giveUp ends an import that nobody goes on with; its contents go some time later.
func (s *Service) giveUp(ctx context.Context, imp *Import) error {
	return s.end(ctx, access.System("导入"), imp, Cancelled, "很久没有人处理，已自动取消。")
}

// purge removes the contents of an import.
func (s *Service) purge(ctx context.Context, imp *Import) error {
	imp.Purged, imp.Head = true, nil
	return s.Audit.Write(ctx, access.System("导入"), actPurge, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, imp, "purged", "head"); err != nil {
			return audit.Nothing, err
		}
		for _, file := range []id.ID{imp.Upload, imp.ID} {
			if err := s.Blobs.Delete(ctx, tx, file); err != nil {
				return audit.Nothing, err
			}
		}
		return change(imp, nil), deleteBlocks(ctx, tx, imp.ID)
	})
}

// revive gives an import another job. If the first one comes back after all, the
// lease keeps them apart.
func (s *Service) revive(ctx context.Context, imp *Import) error {
	if civil.At(s.Now()) < imp.Updated.Add(lost) {
		return nil
	}
	s.Log.WarnContext(ctx, "import lost its job", slog.String("import", imp.ID.String()))
	return s.Audit.Write(ctx, access.System("导入"), actTurn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(imp, map[string]any{"state": imp.State}), s.Jobs.Enqueue(ctx, tx, work{imp.ID})
	})
}
