package person

import (
	"bytes"
	"context"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
)

// Turn (每日更新) is the job that brings the current facts of everybody for whom a
// recorded fact begins or ends up to the day.
type Turn struct{}

// Kind implements river.JobArgs.
func (Turn) Kind() string { return "person.turn" }

// turnBatch is how many people are brought up to date in one transaction.
const turnBatch = 500

var turnAction = audit.Action{Code: "person.turn", Label: "信息到期更新"}

// Register registers the workers of the register and their hours. The turn of the day
// is looked for each hour, so that a server that slept at midnight catches up.
func (s *Service) Register() {
	jobs.On(s.Jobs, func(ctx context.Context, _ Turn) error {
		until := s.Now().Add(jobs.Turn)
		for s.Now().Before(until) {
			n, err := s.TurnSome(ctx)
			if err != nil || n == 0 {
				return err
			}
		}
		return jobs.Again()
	})
	s.Jobs.Every(time.Hour, Turn{})
}

// TurnSome brings some people up to date whose facts turned, and returns how many.
func (s *Service) TurnSome(ctx context.Context) (n int, err error) {
	defer errs.Wrap(&err, "turn facts")
	actor := access.System("信息到期更新")
	err = s.Audit.Write(ctx, actor, turnAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		var people []id.ID
		err := tx.NewSelect().TableExpr("person AS p").ColumnExpr("p.id").Where("p.turn_on <= ?", s.Today()).
			Limit(turnBatch).Scan(ctx, &people)
		if err != nil || len(people) == 0 {
			return audit.Nothing, err
		}
		n = len(people)
		if people, err = s.turn(ctx, tx, people); err != nil {
			return audit.Nothing, err
		}
		if len(people) > 0 {
			err = s.changed(ctx, tx, people...)
		}
		return audit.Change{Kind: "person", Detail: map[string]any{"looked": n, "changed": len(people)}}, err
	})
	return n, err
}

// turn brings people up to date and returns those whose facts changed.
func (s *Service) turn(ctx context.Context, tx db.Tx, people []id.ID) (changed []id.ID, err error) {
	rows, err := lockAll(ctx, tx, everywhere, people)
	if err != nil {
		return nil, err
	}
	recs, err := s.ledger.Of(ctx, everywhere, tx, people...)
	if err != nil {
		return nil, err
	}
	open, err := s.ledger.OpenOf(ctx, everywhere, tx, people...)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		facts, against := s.refresh(r, recs[r.id])
		if err := s.ledger.Contradicted(ctx, tx, r.id, r.region, against, open[r.id]); err != nil {
			return nil, err
		}
		if err := s.save(ctx, tx, &file{row: r}); err != nil {
			return nil, err
		}
		if facts != 0 {
			changed = append(changed, r.id)
		}
	}
	return changed, nil
}

// verifyRows reports people whose rows are not what the register wrote.
func (s *Service) verifyRows(ctx context.Context, report func(row, message string)) (n int64, err error) {
	after := id.ID(0)
	for {
		rows, err := scan(ctx, selectRows(s.DB, everywhere).Where("p.id > ?", after).Order("p.id").Limit(5000))
		if err != nil || len(rows) == 0 {
			return n, err
		}
		for _, r := range rows {
			if !bytes.Equal(r.seal, s.rowSeal(r)) {
				report(r.id.String(), "档案被改动，或不是本系统写入的")
			}
		}
		n += int64(len(rows))
		after = rows[len(rows)-1].id
	}
}
