package export

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
	"yian/internal/region"
)

// Actors (操作人查询) knows users by their numbers, with the rights that they have now.
type Actors interface {
	Actor(ctx context.Context, user id.ID) (access.Actor, error)
}

// Limits (导出限度) bound an export. The zero value of each is what Default has.
type Limits struct {
	Rows    int           // people of a file
	AtOnce  int           // files of a user that are being made
	Lasts   time.Duration // how long a file may be fetched
	Turn    time.Duration // how long a job goes on before others have their turn
	Lease   time.Duration // after how long without progress another process may go on
	Segment int           // bytes of a file that are stored in one transaction
}

// Default is what holds unless settings say otherwise.
var Default = Limits{
	Rows: 1_000_000, AtOnce: 3, Lasts: 24 * time.Hour,
	Turn: jobs.Turn * 3 / 4, Lease: 20 * time.Second, Segment: 4 << 20,
}

// or returns the limits with the zero ones filled in.
func (l Limits) or(d Limits) Limits {
	fill(&l.Rows, d.Rows)
	fill(&l.AtOnce, d.AtOnce)
	fill(&l.Lasts, d.Lasts)
	fill(&l.Turn, d.Turn)
	fill(&l.Lease, d.Lease)
	fill(&l.Segment, d.Segment)
	return l
}

func fill[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Deps are what exports stand on.
type Deps struct {
	DB     *db.DB
	Audit  *audit.Log
	Jobs   *jobs.Queue
	Blobs  *blob.Store
	People *person.Service
	Actors Actors
	IDs    *id.Maker
	Now    func() time.Time
	Log    *slog.Logger
	Limits Limits
}

// Service takes lists out of the register.
type Service struct{ Deps }

// New makes the service of exports.
func New(d Deps) *Service {
	d.Limits = d.Limits.or(Default)
	return &Service{d}
}

// The actions on the trail.
var (
	actStart  = audit.Action{Code: "export.start", Label: "导出名单"}
	actTurn   = audit.Action{Code: "export.turn", Label: "处理导出"}
	actWrite  = audit.Action{Code: "export.write", Label: "生成导出文件"}
	actEnd    = audit.Action{Code: "export.end", Label: "结束导出"}
	actFetch  = audit.Action{Code: "export.fetch", Label: "下载导出文件"}
	actExpire = audit.Action{Code: "export.expire", Label: "删除过期的导出文件"}
)

// Actions are what exports write to the trail, for those who look for it.
var Actions = []audit.Action{actStart, actTurn, actWrite, actEnd, actFetch, actExpire}

// change is what the trail says of an export.
func change(e *Export, detail any) audit.Change {
	return audit.Change{Kind: "export", Subject: e.ID.String(), Region: e.Region, Purpose: e.Purpose, Detail: detail}
}

// Order (导出要求) is what a user asks for.
type Order struct {
	Region  region.Code // the chosen one, which narrows his scope
	Query   person.Query
	Columns []string
	Whole   bool // numbers and phones unmasked
	Purpose string
}

// shortestPurpose is how many characters a purpose has at least.
const shortestPurpose = 4

// queryPiece is the place under which the query of an export is sealed.
const queryPiece = -1

// Start has a file made of a list.
func (s *Service) Start(ctx context.Context, actor access.Actor, o Order) (id.ID, error) {
	if err := actor.Need(access.PersonExport); err != nil {
		return 0, err
	}
	if err := o.check(actor); err != nil {
		return 0, err
	}
	scope := actor.Scope(access.PersonExport).Narrow(o.Region)
	total, exact, err := s.People.Count(ctx, scope, o.Query, s.Limits.Rows)
	switch {
	case err != nil:
		return 0, err
	case total == 0:
		return 0, errs.New(errs.Conflict, "名单里没有人，不用导出。请修改查询条件。")
	case !exact:
		return 0, errs.New(errs.Conflict, "名单超过 %d 人，一次导不完。请缩小地区或加上其他条件。", s.Limits.Rows)
	}
	waiting, err := s.count(ctx, system(), actor.User, Waiting)
	if err != nil {
		return 0, err
	}
	if waiting >= s.Limits.AtOnce {
		return 0, errs.New(errs.TooMany, "您有 %d 个导出还没有完成，请等它们完成后再导出。", waiting)
	}
	now := civil.At(s.Now())
	e := &Export{
		ID: s.IDs.New(), Version: 1, User: actor.User, Region: o.Region, State: Waiting, Columns: strings.Join(o.Columns, " "),
		Whole: o.Whole, Purpose: o.Purpose, Total: int64(total), Created: now, Updated: now,
	}
	sealed, err := s.Blobs.Seal(e.ID, queryPiece, []byte(o.Query.Values().Encode()))
	if err != nil {
		return 0, err
	}
	e.Query = sealed.Sealed
	return e.ID, s.Audit.Write(ctx, actor, actStart, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := insert(ctx, tx, e); err != nil {
			return audit.Nothing, err
		}
		detail := map[string]any{"people": total, "columns": o.Columns, "whole": o.Whole}
		return change(e, detail), s.Jobs.Enqueue(ctx, tx, work{e.ID})
	})
}

// check says what is wrong with an order, and brings it into the kept form.
func (o *Order) check(actor access.Actor) error {
	var f errs.Fields
	var known []string
	for _, c := range Columns {
		if slices.Contains(o.Columns, c.Key) {
			known = append(known, c.Key)
		}
	}
	if o.Columns = known; len(known) == 0 {
		f.Add("columns", "请至少选择一列")
	}
	o.Purpose = strings.Join(strings.Fields(o.Purpose), " ")
	n := utf8.RuneCountInString(o.Purpose)
	switch {
	case o.Whole && !actor.Can(access.PersonUnmask):
		f.Add("clear", "您没有查看完整证件号码的权限，请不要勾选这一项")
	case o.Whole && n < shortestPurpose:
		f.Add("purpose", "导出完整的证件号码和电话，请写明用途，至少 %d 个字", shortestPurpose)
	case n > 100:
		f.Add("purpose", "用途最多 100 个字，这里是 %d 个", n)
	}
	return f.Err()
}

// query opens the query of an export.
func (s *Service) query(e *Export) (q person.Query, err error) {
	b, err := s.Blobs.Unseal(blob.Piece{File: e.ID, N: queryPiece, Sealed: e.Query})
	if err != nil {
		return q, err
	}
	v, err := url.ParseQuery(string(b))
	if err != nil {
		return q, errors.New("export: the query is not one") // its text may hold a name
	}
	return person.ParseQuery(v)
}

// List returns the actor's exports before one of them (0: from the latest).
func (s *Service) List(ctx context.Context, actor access.Actor, before id.ID, limit int) ([]Export, error) {
	return s.page(ctx, actor.Scope(access.PersonExport), actor.User, before, limit)
}

// Waiting returns how many files are ready for the actor that he has not fetched.
func (s *Service) Waiting(ctx context.Context, actor access.Actor) (n int, err error) {
	all, err := s.page(ctx, actor.Scope(access.PersonExport), actor.User, 0, 100)
	for _, e := range all {
		if e.State == Ready && e.Fetched == 0 && civil.At(s.Now()) < e.Expires {
			n++
		}
	}
	return n, err
}

// Get returns an export of the actor.
func (s *Service) Get(ctx context.Context, actor access.Actor, n id.ID) (*Export, error) {
	return s.find(ctx, actor.Scope(access.PersonExport), actor.User, n)
}

// Fetch returns the file of an export of the actor. That he fetched it goes on the trail.
func (s *Service) Fetch(ctx context.Context, actor access.Actor, n id.ID) (*Export, io.ReadCloser, error) {
	e, err := s.Get(ctx, actor, n)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case e.State == Expired, e.State == Ready && civil.At(s.Now()) >= e.Expires:
		return nil, nil, errs.New(errs.NotFound, "文件已过期删除，请重新导出。")
	case e.State != Ready:
		return nil, nil, errs.New(errs.Conflict, "文件现在是“%s”，不能下载。", e.State.Label())
	}
	if err := stillMay(actor, e); err != nil {
		return nil, nil, err
	}
	e.Fetched++
	err = s.Audit.Write(ctx, actor, actFetch, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(e, map[string]any{"people": e.Written, "whole": e.Whole}), s.update(ctx, tx, e, "fetched")
	})
	if err != nil {
		return nil, nil, err
	}
	return e, s.Blobs.Open(ctx, e.ID, e.Pieces), nil
}

// stillMay refuses a file that holds more than the actor may see by now.
func stillMay(actor access.Actor, e *Export) error {
	scope := actor.Scope(access.PersonExport)
	for r := range strings.SplitSeq(e.Regions, " ") {
		if !scope.Contains(region.Code(r)) || e.Whole && !actor.Can(access.PersonUnmask) {
			return errs.New(errs.Denied, "您的权限在导出后变了，这个文件不能再下载；请按现在的权限重新导出。")
		}
	}
	return nil
}
