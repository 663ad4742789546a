package policy

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"slices"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// row is a version as it is stored.
type row struct {
	bun.BaseModel `bun:"table:policy_version,alias:v"`

	ID          id.ID `bun:",pk"`
	Version     int64
	List        string
	No          int64
	Region      region.Code `bun:"region_code"`
	Title       string
	State       State
	RulesFrom   civil.Date
	Body        string
	Tests       string
	BasedOn     id.ID `bun:",nullzero"`
	CreatedBy   id.ID
	CreatedAt   civil.Instant
	UpdatedBy   id.ID
	UpdatedAt   civil.Instant
	ApprovedBy  id.ID         `bun:",nullzero"`
	ApprovedAt  civil.Instant `bun:",nullzero"`
	PublishedBy id.ID         `bun:",nullzero"`
	PublishedAt civil.Instant `bun:",nullzero"`
	Seal        []byte        `bun:",nullzero"`
}

func rowOf(v *Version) *row {
	return &row{
		ID: v.ID, Version: v.Version, List: v.List, No: v.No, Region: v.Region, Title: v.Title, State: v.State,
		RulesFrom: v.RulesFrom, Body: v.Text, Tests: v.Tests, BasedOn: v.BasedOn,
		CreatedBy: v.CreatedBy, CreatedAt: v.Created, UpdatedBy: v.UpdatedBy, UpdatedAt: v.Updated,
		ApprovedBy: v.ApprovedBy, ApprovedAt: v.Approved, PublishedBy: v.PublishedBy, PublishedAt: v.Published,
	}
}

func (r *row) version() Version {
	return Version{
		ID: r.ID, Version: r.Version, List: r.List, No: r.No, Region: r.Region, Title: r.Title, State: r.State,
		RulesFrom: r.RulesFrom, Text: r.Body, Tests: r.Tests, BasedOn: r.BasedOn,
		CreatedBy: r.CreatedBy, Created: r.CreatedAt, UpdatedBy: r.UpdatedBy, Updated: r.UpdatedAt,
		ApprovedBy: r.ApprovedBy, Approved: r.ApprovedAt, PublishedBy: r.PublishedBy, Published: r.PublishedAt,
	}
}

// seal is over all that a published version says.
func (s *Service) seal(r *row) []byte {
	number := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	return s.Keys.MAC("policy.version", number(int64(r.ID)), []byte(r.List), number(r.No), []byte(r.Region), []byte(r.Title),
		[]byte(r.State), number(int64(r.RulesFrom)), []byte(r.Body), []byte(r.Tests),
		number(int64(r.CreatedBy)), number(int64(r.ApprovedBy)), number(int64(r.PublishedBy)), number(int64(r.PublishedAt)))
}

func (s *Service) insert(ctx context.Context, tx db.Tx, v *Version) error {
	_, err := tx.NewInsert().Model(s.sealed(v)).Exec(ctx)
	return err
}

// sealed is a version as it is stored: with a seal from its approval on, so that nobody
// puts in force what was not approved.
func (s *Service) sealed(v *Version) *row {
	r := rowOf(v)
	if r.State == Approved || r.State == Published {
		r.Seal = s.seal(r)
	}
	return r
}

// update writes a version in the place of the one it was read as.
func (s *Service) update(ctx context.Context, tx db.Tx, v *Version) error {
	was := v.Version
	v.Version++
	result, err := tx.NewUpdate().Model(s.sealed(v)).WherePK().Where("version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return stale()
}

func stale() error {
	return errs.New(errs.Stale, "这一版清单刚刚被别人改过，您的操作没有生效。请刷新后再办。")
}

func gone() error {
	return errs.New(errs.NotFound, "没有这一版清单，或者它还没有发布、不在您的管理范围内。")
}

// visible reads versions that the scope may see: what is published is public, all else
// is seen where the scope contains the region.
func visible(q bun.IDB, scope access.Scope, rows *[]row) *bun.SelectQuery {
	where, args := scope.Where("v.region_code")
	return q.NewSelect().Model(rows).Where("(v.state = ? OR "+where+")", append([]any{Published}, args...)...)
}

// version reads a version that the scope may see.
func version(ctx context.Context, scope access.Scope, q bun.IDB, one id.ID) (*Version, error) {
	var rows []row
	if err := visible(q, scope, &rows).Where("v.id = ?", one).Scan(ctx); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, gone()
	}
	v := rows[0].version()
	return &v, nil
}

// forWriting reads a version of the scope, which until the end of the transaction
// nobody else changes, and whether its seal fits.
func (s *Service) forWriting(ctx context.Context, scope access.Scope, tx db.Tx, one id.ID) (_ *Version, intact bool, err error) {
	var rows []row
	where, args := scope.Where("v.region_code")
	q := tx.NewSelect().Model(&rows).Where(where, args...).Where("v.id = ?", one)
	if err := db.ForUpdate(q).Scan(ctx); err != nil {
		return nil, false, err
	}
	if len(rows) == 0 {
		return nil, false, gone()
	}
	v := rows[0].version()
	return &v, s.intact(&rows[0]), nil
}

// versions reads the versions of a list that the scope may see, the first one first.
func versions(ctx context.Context, scope access.Scope, q bun.IDB, list string) ([]Version, error) {
	var rows []row
	if err := visible(q, scope, &rows).Where("v.list = ?", list).Order("v.no").Scan(ctx); err != nil {
		return nil, err
	}
	return each(rows), nil
}

// heads reads all versions that the scope may see, without their texts.
func heads(ctx context.Context, scope access.Scope, q bun.IDB) ([]Version, error) {
	var rows []row
	err := visible(q, scope, &rows).ExcludeColumn("body", "tests").Where("v.state <> ?", Discarded).
		Order("v.region_code", "v.list", "v.no").Scan(ctx)
	return each(rows), err
}

func each(rows []row) []Version {
	out := make([]Version, len(rows))
	for i := range rows {
		out[i] = rows[i].version()
	}
	return out
}

// places reads what the lists of all places are called, but for those that were given
// up before anything of them was published. Names of lists are public.
func places(ctx context.Context, q bun.IDB) (map[string]region.Code, error) {
	var rows []row
	if err := q.NewSelect().Model(&rows).Column("list", "region_code").Where("v.state <> ?", Discarded).Group("list", "region_code").Scan(ctx); err != nil {
		return nil, err
	}
	out := map[string]region.Code{}
	for i := range rows {
		out[rows[i].List] = rows[i].Region
	}
	return out, nil
}

// last returns the highest number of a list, and its version that is on its way, if
// there is one.
func last(ctx context.Context, q bun.IDB, list string) (no int64, way *Version, err error) {
	var rows []row
	if err := q.NewSelect().Model(&rows).ExcludeColumn("body", "tests").Where("v.list = ?", list).Order("v.no").Scan(ctx); err != nil {
		return 0, nil, err
	}
	for i := range rows {
		no = rows[i].No
		if v := rows[i].version(); slices.Contains(open, v.State) {
			way = &v
		}
	}
	return no, way, nil
}

// lastFrom returns the day from which the last published version of a list rules;
// zero if none was published.
func lastFrom(ctx context.Context, q bun.IDB, list string) (civil.Date, error) {
	var rows []row
	err := q.NewSelect().Model(&rows).Column("rules_from").Where("v.list = ?", list).Where("v.state = ?", Published).
		Order("v.rules_from DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].RulesFrom, nil
}

// intact reports whether a version that was approved is what was approved.
func (s *Service) intact(r *row) bool {
	if r.State != Approved && r.State != Published {
		return r.Seal == nil
	}
	return bytes.Equal(r.Seal, s.seal(r))
}

// verify reports approved and published versions that are not what was approved or
// published.
func (s *Service) verify(ctx context.Context, report func(row, message string)) (int64, error) {
	var rows []row
	if err := s.DB.NewSelect().Model(&rows).Order("id").Scan(ctx); err != nil {
		return 0, err
	}
	for i := range rows {
		if r := &rows[i]; !s.intact(r) {
			report(r.ID.String(), "已批准或发布的清单被改动，或不是本系统批准、发布的")
		}
	}
	return int64(len(rows)), nil
}

func (s *Service) listNames(ctx context.Context) (map[string]bool, error) {
	var names []string
	err := s.DB.NewSelect().Model((*row)(nil)).ColumnExpr("DISTINCT v.list").Scan(ctx, &names)
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	return known, err
}

// fresh changes with every publication, and with two in the same microsecond.
func (s *Service) fresh(ctx context.Context) (int64, error) {
	var at sql.NullInt64
	var n int64
	err := s.DB.NewSelect().Model((*row)(nil)).ColumnExpr("max(v.published_at)").ColumnExpr("count(*)").
		Where("v.state = ?", Published).Scan(ctx, &at, &n)
	return at.Int64 + n, err
}

// ruling returns the published version of each list that rules on a day, those of
// larger regions first: of the regions at, or without any everywhere. Lists are public,
// so it takes no scope.
func (s *Service) ruling(ctx context.Context, on civil.Date, at ...region.Code) ([]Version, error) {
	var rows []row
	q := s.DB.NewSelect().Model(&rows).Where("v.state = ?", Published).Where("v.rules_from <= ?", on)
	if len(at) > 0 {
		q = q.Where("v.region_code IN (?)", bun.List(at))
	}
	if err := q.Order("v.region_code", "v.list", "v.rules_from", "v.no").Scan(ctx); err != nil {
		return nil, err
	}
	var out []Version
	for i := range rows { // of each list the last one
		if i+1 == len(rows) || rows[i+1].List != rows[i].List {
			out = append(out, rows[i].version())
		}
	}
	return out, nil
}
