package policy

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// stepRow is a row of table policy_step.
type stepRow struct {
	bun.BaseModel `bun:"table:policy_step,alias:s"`

	ID        id.ID `bun:",pk"`
	VersionID id.ID
	Step      Move
	At        civil.Instant `bun:"at"`
	ByID      id.ID
	ByName    string
	Note      string
}

func (s *Service) step(ctx context.Context, tx db.Tx, actor access.Actor, version id.ID, move Move, note string) error {
	_, err := tx.NewInsert().Model(&stepRow{
		ID: s.IDs.New(), VersionID: version, Step: move, At: s.now(), ByID: actor.User, ByName: actor.Name, Note: note,
	}).Exec(ctx)
	return err
}

// stepsOf reads what was done to a version, in order. The caller has seen the version.
func stepsOf(ctx context.Context, q bun.IDB, version id.ID) ([]Step, error) {
	var rows []stepRow
	if err := q.NewSelect().Model(&rows).Where("s.version_id = ?", version).Order("s.id").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Step, len(rows))
	for i := range rows {
		out[i] = Step{Move: rows[i].Step, At: rows[i].At, By: rows[i].ByID, Name: rows[i].ByName, Note: rows[i].Note}
	}
	return out, nil
}

// filingRow is a row of table policy_filing.
type filingRow struct {
	bun.BaseModel `bun:"table:policy_filing,alias:f"`

	ID           id.ID `bun:",pk"`
	Version      int64
	VersionID    id.ID
	RegionCode   region.Code
	UpperRegion  region.Code
	UpperVersion id.ID
	State        FilingState
	Findings     string
	Reason       string
	SentBy       id.ID
	SentAt       civil.Instant
	AnsweredBy   id.ID         `bun:",nullzero"`
	AnsweredAt   civil.Instant `bun:",nullzero"`
	Answer       string

	List  string `bun:",scanonly"`
	No    int64  `bun:",scanonly"`
	Title string `bun:",scanonly"`
}

func (r *filingRow) filing() (Filing, error) {
	f := Filing{
		ID: r.ID, Version: r.Version, Of: r.VersionID, List: r.List, No: r.No, Title: r.Title, Region: r.RegionCode, Upper: r.UpperRegion, UpperVersion: r.UpperVersion,
		State: r.State, Reason: r.Reason, SentBy: r.SentBy, Sent: r.SentAt, AnsweredBy: r.AnsweredBy, Answered: r.AnsweredAt, Answer: r.Answer,
	}
	return f, json.Unmarshal([]byte(r.Findings), &f.Shortfalls)
}

// selectFilings selects filings that the scope may see: those of its lists. The level
// above contains them.
func selectFilings(q bun.IDB, scope access.Scope, rows *[]filingRow) *bun.SelectQuery {
	where, args := scope.Where("f.region_code")
	return q.NewSelect().Model(rows).ColumnExpr("f.*").ColumnExpr("v.list, v.no, v.title").
		Join("JOIN policy_version AS v ON v.id = f.version_id").Where(where, args...)
}

// filings reads filings of the scope, the newest first.
func filings(ctx context.Context, scope access.Scope, q bun.IDB, more func(*bun.SelectQuery) *bun.SelectQuery) ([]Filing, error) {
	var rows []filingRow
	if err := more(selectFilings(q, scope, &rows)).Order("f.id DESC").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Filing, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].filing(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// standingFilings reads the filings of a version that were not returned.
func standingFilings(ctx context.Context, scope access.Scope, q bun.IDB, version id.ID) ([]Filing, error) {
	return filings(ctx, scope, q, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("f.version_id = ?", version).Where("f.state <> ?", Returned)
	})
}

// latestFilings reads the last filing of each list.
func latestFilings(ctx context.Context, scope access.Scope, q bun.IDB) ([]Filing, error) {
	return filings(ctx, scope, q, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("f.id IN (SELECT max(g.id) FROM policy_filing AS g JOIN policy_version AS w ON w.id = g.version_id GROUP BY w.list)")
	})
}

// listFilings reads what a query finds.
func listFilings(ctx context.Context, scope access.Scope, q bun.IDB, query FilingQuery) ([]Filing, error) {
	return filings(ctx, scope, q, func(q *bun.SelectQuery) *bun.SelectQuery {
		if query.State != "" {
			q = q.Where("f.state = ?", query.State)
		}
		if query.Of != 0 {
			q = q.Where("f.version_id = ?", query.Of)
		}
		if query.Before != 0 {
			q = q.Where("f.id < ?", query.Before)
		}
		if query.ToAnswer {
			where, args := scope.Where("f.upper_region")
			q = q.Where(where, args...)
		}
		return q.Limit(int64(max(1, min(query.Limit, 200))))
	})
}

// filing reads one filing.
func filing(ctx context.Context, scope access.Scope, q bun.IDB, one id.ID) (*Filing, error) {
	all, err := filings(ctx, scope, q, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("f.id = ?", one) })
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errs.New(errs.NotFound, "没有这次备案，或者它不在您的管理范围内。")
	}
	return &all[0], nil
}

func (s *Service) insertFiling(ctx context.Context, tx db.Tx, f *Filing) error {
	text, err := json.Marshal(f.Shortfalls)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&filingRow{
		ID: f.ID, Version: f.Version, VersionID: f.Of, RegionCode: f.Region, UpperRegion: f.Upper, UpperVersion: f.UpperVersion, State: f.State,
		Findings: string(text), Reason: f.Reason, SentBy: f.SentBy, SentAt: f.Sent,
	}).Exec(ctx)
	return err
}

// answerFiling writes the answer in the place of the version it was read as.
func answerFiling(ctx context.Context, tx db.Tx, f *Filing) error {
	was := f.Version
	f.Version++
	result, err := tx.NewUpdate().Model((*filingRow)(nil)).
		Set("version = ?", f.Version).Set("state = ?", f.State).Set("answer = ?", f.Answer).
		Set("answered_by = ?", f.AnsweredBy).Set("answered_at = ?", f.Answered).
		Where("f.id = ?", f.ID).Where("f.version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return errs.New(errs.Stale, "这次备案刚刚被别人办理过，您的操作没有生效。请刷新后再看。")
}
