package export

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
	"yian/internal/xlsx"
)

// work is the job of going on with an export.
type work struct {
	Export id.ID `json:"export"`
}

// Kind implements river.JobArgs.
func (work) Kind() string { return "person.export" }

// sweep is the job of removing files whose time is over, and of finding work that was lost.
type sweep struct{}

// Kind implements river.JobArgs.
func (sweep) Kind() string { return "person.export_sweep" }

// Register registers the workers of exports and their hours.
func (s *Service) Register() {
	jobs.On(s.Jobs, func(ctx context.Context, w work) error { return s.turn(ctx, w.Export) })
	jobs.On(s.Jobs, func(ctx context.Context, _ sweep) error { return s.sweep(ctx) })
	s.Jobs.Every(10*time.Minute, sweep{})
}

const (
	// maxAttempts is how many turns may begin without progress before an export fails.
	maxAttempts = 5
	// wait is how long a turn waits before it looks again whether another process that
	// held the export is gone.
	wait = 250 * time.Millisecond
	// lost is after how long without a turn an export is taken to have lost its job.
	lost = 10 * time.Minute
	// checkpoint is after how long at most a turn notes how far it has come.
	checkpoint = 2 * time.Second
)

// errTurn ends a turn before its work is done.
var errTurn = errors.New("export: the turn is over")

// turn goes on with an export for a while.
func (s *Service) turn(ctx context.Context, n id.ID) error {
	e, err := s.take(ctx, n)
	if e == nil || err != nil {
		return err
	}
	switch err = s.write(ctx, e); {
	case errors.Is(err, errTurn):
		return jobs.Again()
	case errors.Is(err, errMoved):
		s.Log.InfoContext(ctx, "export went on elsewhere", slog.String("export", n.String()))
		return nil
	case errors.Is(err, xlsx.ErrFull):
		return s.fail(ctx, e, "文件太大，一个表格放不下。请减少导出的列，或缩小范围分几次导出。")
	case errs.Is(err, errs.Invalid) && e.Pieces > 0:
		return s.again(ctx, e) // whoever was written last is out of the list by now
	}
	return err
}

// again begins a file anew.
func (s *Service) again(ctx context.Context, e *Export) error {
	e.Pieces, e.Progress, e.Written, e.Last, e.LeaseUntil = 0, xlsx.Progress{}, 0, 0, 0
	err := s.Audit.Write(ctx, access.System("导出"), actTurn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, e, "pieces", "progress", "written", "last_id", "lease_until"); err != nil {
			return audit.Nothing, err
		}
		return change(e, map[string]any{"written": e.Written}), s.Blobs.Delete(ctx, tx, e.ID)
	})
	if err != nil {
		return err
	}
	return jobs.Again()
}

// take takes the lease of an export; nil: there is nothing to do.
func (s *Service) take(ctx context.Context, n id.ID) (*Export, error) {
	tick := time.NewTicker(wait)
	defer tick.Stop()
	for range s.Limits.Turn / wait {
		e, err := s.find(ctx, system(), 0, n)
		if errs.Is(err, errs.NotFound) || err == nil && e.State != Waiting {
			return nil, nil //nolint:nilnil // nothing to do
		}
		if err != nil {
			return nil, err
		}
		if e.LeaseUntil <= civil.At(s.Now()) {
			if err := s.lease(ctx, e); err == nil || !errors.Is(err, errMoved) {
				return e, err
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
func (s *Service) lease(ctx context.Context, e *Export) error {
	if e.Attempts++; e.Attempts > maxAttempts {
		s.Log.ErrorContext(ctx, "export makes no progress", slog.String("export", e.ID.String()))
		if err := s.fail(ctx, e, "系统几次都没能生成文件，请稍后重新导出；如果仍不行，请联系管理员查看日志。"); err != nil {
			return err
		}
		return errMoved
	}
	e.LeaseUntil = s.leaseEnd()
	return s.Audit.Write(ctx, access.System("导出"), actTurn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(e, map[string]any{"written": e.Written}), s.update(ctx, tx, e, "attempts", "lease_until")
	})
}

func (s *Service) leaseEnd() civil.Instant { return civil.At(s.Now()).Add(s.Limits.Lease) }

// writing is the making of a file in one turn.
type writing struct {
	s       *Service
	e       *Export
	actor   access.Actor
	sheet   *xlsx.Writer
	columns []Column
	cells   []xlsx.Cell
	on      civil.Date
	until   time.Time
	noted   time.Time
}

// write goes on with the file of an export, by the rights that the user has now.
func (s *Service) write(ctx context.Context, e *Export) error {
	actor, err := s.Actors.Actor(ctx, e.User)
	if err == nil {
		err = actor.Need(access.PersonExport)
	}
	if err == nil && e.Whole {
		err = actor.Need(access.PersonUnmask)
	}
	switch errs.KindOf(err) {
	case errs.Denied, errs.NotFound, errs.Unauthenticated, errs.Conflict:
		return s.fail(ctx, e, "账号已停用，或不再有导出的权限。")
	}
	if err != nil {
		return err
	}
	q, err := s.query(e)
	if err != nil {
		return err
	}
	now := s.Now()
	w := &writing{s: s, e: e, actor: actor, columns: e.columns(), on: civil.At(now).Day(), until: now.Add(s.Limits.Turn), noted: now}
	w.cells = make([]xlsx.Cell, len(w.columns))
	if w.sheet, err = xlsx.NewWriter(e.Progress); err != nil {
		return err
	}
	scope := actor.Scope(access.PersonExport).Narrow(e.Region)
	if e.Pieces == 0 {
		if err := w.sheet.Begin(headings(w.columns)); err != nil {
			return err
		}
	}
	add := func(p *person.Person) error { return w.add(ctx, p) }
	if e.Whole {
		err = s.People.ExportWhole(ctx, actor, scope, q, e.Last, add)
	} else {
		err = s.People.Export(ctx, scope, q, e.Last, add)
	}
	if err != nil {
		return err
	}
	return w.finish(ctx, scope)
}

// headings are the columns of the sheet.
func headings(columns []Column) []xlsx.Column {
	all := make([]xlsx.Column, len(columns))
	for i, c := range columns {
		all[i] = xlsx.Column{Label: c.Label, Width: c.width}
	}
	return all
}

// add writes a person, and notes from time to time how far the file has come.
func (w *writing) add(ctx context.Context, p *person.Person) error {
	for i, c := range w.columns {
		w.cells[i] = xlsx.Cell{Text: c.text(p, w.on), Number: c.number}
	}
	if err := w.sheet.Add(w.cells); err != nil {
		return err
	}
	w.e.Written++
	w.e.Last = p.ID
	if w.e.Written%100 != 0 {
		return nil
	}
	now := w.s.Now()
	over := !now.Before(w.until)
	if !over && now.Sub(w.noted) < checkpoint && w.sheet.Pending() < w.s.Limits.Segment {
		return nil
	}
	w.noted = now
	data, err := w.sheet.Give()
	if err != nil {
		return err
	}
	if over {
		w.e.LeaseUntil = 0
	} else {
		w.e.LeaseUntil = w.s.leaseEnd()
	}
	if err := w.note(ctx, data); err != nil || !over {
		return err
	}
	return errTurn
}

// finish writes the rest of the file, which can be fetched then.
func (w *writing) finish(ctx context.Context, scope access.Scope) error {
	data, err := w.sheet.End()
	if err != nil {
		return err
	}
	var regions []string
	for _, r := range scope.Regions() {
		regions = append(regions, string(r))
	}
	w.e.State, w.e.Regions, w.e.LeaseUntil = Ready, strings.Join(regions, " "), 0
	w.e.Expires = civil.At(w.s.Now()).Add(w.s.Limits.Lasts)
	return w.note(ctx, data)
}

// note stores a segment of the file and how far it has come.
func (w *writing) note(ctx context.Context, data []byte) error {
	e, s := w.e, w.s
	piece := s.Blobs.SealStored(e.ID, e.Pieces, data)
	e.Pieces++
	e.Progress, e.Attempts = w.sheet.Progress, 0
	return s.Audit.Write(ctx, w.actor, actWrite, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		err := s.update(ctx, tx, e, "state", "regions", "written", "last_id", "pieces", "progress", "attempts", "lease_until", "expires_at")
		if err != nil {
			return audit.Nothing, err
		}
		return change(e, map[string]any{"written": e.Written, "state": e.State}), s.Blobs.Insert(ctx, tx, []blob.Piece{piece})
	})
}

// fail ends an export for a reason.
func (s *Service) fail(ctx context.Context, e *Export, reason string) error {
	e.State, e.Reason, e.LeaseUntil = Failed, reason, 0
	return s.Audit.Write(ctx, access.System("导出"), actEnd, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, e, "state", "reason", "lease_until"); err != nil {
			return audit.Nothing, err
		}
		return change(e, map[string]any{"state": e.State}), s.Blobs.Delete(ctx, tx, e.ID)
	})
}

// sweep removes files whose time is over, and gives jobs to exports that lost theirs.
func (s *Service) sweep(ctx context.Context) error {
	now := civil.At(s.Now())
	for _, rule := range []struct {
		state  State
		column string
		until  civil.Instant
		do     func(context.Context, *Export) error
	}{
		{Ready, "e.expires_at", now + 1, s.expire},
		{Waiting, "e.updated_at", now.Add(-lost), s.revive},
	} {
		due, err := s.due(ctx, system(), rule.state, rule.column, rule.until)
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

// expire removes a file.
func (s *Service) expire(ctx context.Context, e *Export) error {
	e.State = Expired
	return s.Audit.Write(ctx, access.System("导出"), actExpire, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, e, "state"); err != nil {
			return audit.Nothing, err
		}
		return change(e, nil), s.Blobs.Delete(ctx, tx, e.ID)
	})
}

// revive gives an export another job. If the first one comes back after all, the
// lease keeps them apart.
func (s *Service) revive(ctx context.Context, e *Export) error {
	s.Log.WarnContext(ctx, "export lost its job", slog.String("export", e.ID.String()))
	return s.Audit.Write(ctx, access.System("导出"), actTurn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(e, map[string]any{"written": e.Written}), s.Jobs.Enqueue(ctx, tx, work{e.ID})
	})
}
