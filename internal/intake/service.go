package intake

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
)

// Actors (操作人查询) knows users by their numbers, with the rights that they have now.
type Actors interface {
	Actor(ctx context.Context, user id.ID) (access.Actor, error)
}

// Limits (导入限度) bound an import. The zero value of each is what Default has.
type Limits struct {
	Upload int64         // bytes of a file
	Rows   int64         // rows of a file
	Batch  int           // rows of a block: of one transaction
	Turn   time.Duration // how long a job goes on before others have their turn
	Lease  time.Duration // after how long without progress another process may go on
	Keep   time.Duration // how long contents are kept after the end
}

// Default is what holds unless settings say otherwise. A turn may wait as long again for
// the one before it, and a job ends after two minutes.
var Default = Limits{
	Upload: 512 << 20, Rows: 1_000_000, Batch: 5000,
	Turn: 45 * time.Second, Lease: 20 * time.Second, Keep: 30 * 24 * time.Hour,
}

// or returns the limits with the zero ones filled in.
func (l Limits) or(d Limits) Limits {
	fill(&l.Upload, d.Upload)
	fill(&l.Rows, d.Rows)
	fill(&l.Batch, d.Batch)
	fill(&l.Turn, d.Turn)
	fill(&l.Lease, d.Lease)
	fill(&l.Keep, d.Keep)
	return l
}

func fill[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Deps are what imports stand on.
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

// Service is the import of files of people.
type Service struct {
	Deps

	left leftovers
}

// New makes the service of imports.
func New(d Deps) *Service {
	d.Limits = d.Limits.or(Default)
	return &Service{Deps: d}
}

// The actions on the trail.
var (
	actUpload = audit.Action{Code: "intake.upload", Label: "上传人员文件"}
	actRead   = audit.Action{Code: "intake.read", Label: "读取人员文件"}
	actMatch  = audit.Action{Code: "intake.match", Label: "确定导入的列"}
	actTurn   = audit.Action{Code: "intake.turn", Label: "处理导入"}
	actCheck  = audit.Action{Code: "intake.check", Label: "试运行导入"}
	actCommit = audit.Action{Code: "intake.commit", Label: "导入人员"}
	actState  = audit.Action{Code: "intake.state", Label: "改变导入状态"}
	actFetch  = audit.Action{Code: "intake.rejects", Label: "下载导入退回文件"}
	actPurge  = audit.Action{Code: "intake.purge", Label: "清除导入内容"}
)

// Actions are what imports write to the trail, for those who look for it.
var Actions = []audit.Action{actUpload, actRead, actMatch, actTurn, actCheck, actCommit, actState, actFetch, actPurge}

// change is what the trail says of an import.
func change(imp *Import, detail any) audit.Change {
	return audit.Change{Kind: "import", Subject: imp.ID.String(), Region: imp.Region, Detail: detail}
}

// Today returns the day that calendars of the country show.
func (s *Service) Today() civil.Date { return civil.At(s.Now()).Day() }

// List returns imports of the scope before one of them (0: from the latest).
func (s *Service) List(ctx context.Context, scope access.Scope, before id.ID, limit int) ([]Import, error) {
	return s.page(ctx, scope, before, limit)
}

// Waiting returns how many imports wait for the actor: for their columns, or for his word.
func (s *Service) Waiting(ctx context.Context, actor access.Actor) (n int, err error) {
	for _, state := range []State{Matching, Checked, Stopped} {
		more, err := s.count(ctx, actor.Scope(access.PersonImport), actor.User, state)
		if err != nil {
			return 0, err
		}
		n += more
	}
	return n, nil
}

// Get returns an import of the scope.
func (s *Service) Get(ctx context.Context, scope access.Scope, n id.ID) (*Import, error) {
	return s.find(ctx, scope, n)
}

// own returns an import that the actor uploaded himself: its contents are for him.
func (s *Service) own(ctx context.Context, actor access.Actor, n id.ID) (*Import, error) {
	imp, err := s.find(ctx, actor.Scope(access.PersonImport), n)
	if err == nil && imp.User != actor.User {
		return nil, errs.New(errs.Denied, "这个文件是%s上传的，只有上传人可以处理；需要接手的，请重新上传文件。", imp.UserName)
	}
	return imp, err
}

// Head (文件开头) is what a file looks like.
type Head struct {
	Header  []string   `json:"header"`
	Samples [][]string `json:"samples"` // the first rows
}

// headPiece is the place under which the head of an import is sealed; blocks have
// theirs from 0 on, outcomes below.
const headPiece = -1

// outcomePiece is the place under which the outcome of a block is sealed.
func outcomePiece(n int64) int64 { return headPiece - 1 - n }

// Head returns the header and the first rows of the actor's own file, numbers masked.
func (s *Service) Head(ctx context.Context, actor access.Actor, n id.ID) (*Head, error) {
	imp, err := s.own(ctx, actor, n)
	if err != nil {
		return nil, err
	}
	head, err := s.head(imp)
	if err != nil {
		return nil, err
	}
	for _, row := range head.Samples {
		for i, cell := range row {
			row[i] = masked(cell, 40)
		}
	}
	return head, nil
}

func (s *Service) head(imp *Import) (*Head, error) {
	if len(imp.Head) == 0 {
		return nil, errs.New(errs.Conflict, "文件还没有读完，或内容已按期清除。")
	}
	b, err := s.Blobs.Unseal(blob.Piece{File: imp.ID, N: headPiece, Sealed: imp.Head})
	if err != nil {
		return nil, err
	}
	head := new(Head)
	return head, json.Unmarshal(b, head)
}

// Match says what the columns of a file are for, and has it tried.
func (s *Service) Match(ctx context.Context, actor access.Actor, n id.ID, version int64, set Settings) error {
	imp, err := s.own(ctx, actor, n)
	if err != nil {
		return err
	}
	if imp.State != Matching && imp.State != Checked && (imp.State != Stopped || imp.Back != Checking) {
		return wrongState(imp)
	}
	head, err := s.head(imp)
	if err != nil {
		return err
	}
	if err := s.checkSettings(actor, set, head.Header); err != nil {
		return err
	}
	imp.Source, imp.From, imp.Place, imp.Mapping = set.Source, set.From, set.Place, set.Mapping
	kept := core(head.Header)
	return s.start(ctx, actor, actMatch, imp, version, Checking, func(ctx context.Context, tx db.Tx) error {
		return keepMapping(ctx, tx, imp.Source, fingerprint(kept), imp.Mapping[:len(kept)], civil.At(s.Now()))
	})
}

func (s *Service) checkSettings(actor access.Actor, set Settings, header []string) error {
	var f errs.Fields
	if !set.Source.Known() || set.Source == history.Settled {
		f.Add("source", "请选择数据来自哪个部门")
	}
	switch {
	case set.From.IsZero():
		f.Add("from", "请填写信息从哪一天起有效，一般是数据统计的日期")
	case set.From > s.Today():
		f.Add("from", "信息起始日期 %s 晚于今天", set.From)
	case set.From < civil.New(1990, 1, 1):
		f.Add("from", "信息起始日期 %s 太早，请核对", set.From)
	}
	if set.Place != "" && !actor.Scope(access.PersonImport).Contains(set.Place) {
		f.Add("place", "默认地区不在您的管理范围内")
	}
	err := set.Mapping.check(header)
	if errs.FieldsOf(err) == nil && err != nil {
		return err
	}
	return append(f, errs.FieldsOf(err)...).Err()
}

// Check has a file tried again.
func (s *Service) Check(ctx context.Context, actor access.Actor, n id.ID, version int64) error {
	imp, err := s.own(ctx, actor, n)
	if err != nil {
		return err
	}
	if imp.State != Checked {
		return wrongState(imp)
	}
	return s.start(ctx, actor, actState, imp, version, Checking, nil)
}

// Commit brings a file that was tried into the register.
func (s *Service) Commit(ctx context.Context, actor access.Actor, n id.ID, version int64) error {
	imp, err := s.own(ctx, actor, n)
	if err != nil {
		return err
	}
	if imp.State != Checked {
		return wrongState(imp)
	}
	if imp.Checked.Rejected == imp.Checked.Rows {
		return errs.New(errs.Conflict, "没有可以导入的行：%d 行都有问题。请先按退回文件修改，或检查列的对应。", imp.Checked.Rows)
	}
	return s.start(ctx, actor, actState, imp, version, Committing, nil)
}

// GoOn lets an import that was stopped go on where it was.
func (s *Service) GoOn(ctx context.Context, actor access.Actor, n id.ID, version int64) error {
	imp, err := s.own(ctx, actor, n)
	if err != nil {
		return err
	}
	if imp.State != Stopped {
		return wrongState(imp)
	}
	imp.Version = version
	imp.State, imp.Back, imp.Reason, imp.Attempts, imp.LeaseUntil = imp.Back, "", "", 0, 0
	return s.Audit.Write(ctx, actor, actState, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, imp, "state", "back", "reason", "attempts", "lease_until"); err != nil {
			return audit.Nothing, err
		}
		return change(imp, map[string]any{"state": imp.State}), s.Jobs.Enqueue(ctx, tx, work{imp.ID})
	})
}

// start puts an import into a state in which a job goes through its blocks from the
// beginning.
func (s *Service) start(ctx context.Context, actor access.Actor, action audit.Action, imp *Import, version int64, to State, also func(context.Context, db.Tx) error) error {
	imp.Version = version
	imp.State, imp.Back, imp.Reason, imp.Next, imp.Attempts, imp.LeaseUntil = to, "", "", 0, 0, 0
	columns := []string{"state", "back", "reason", "next_block", "attempts", "lease_until", "source", "from_on", "place_code", "mapping"}
	if to == Checking {
		imp.Checked = Counts{}
		columns = append(columns, "checked")
	} else {
		imp.Brought = Counts{}
		columns = append(columns, "brought")
	}
	return s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, imp, columns...); err != nil {
			return audit.Nothing, err
		}
		if also != nil {
			if err := also(ctx, tx); err != nil {
				return audit.Nothing, err
			}
		}
		return change(imp, map[string]any{"state": to, "source": imp.Source}), s.Jobs.Enqueue(ctx, tx, work{imp.ID})
	})
}

// Cancel ends an import. What was brought in stays.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, n id.ID, version int64) error {
	for {
		imp, err := s.find(ctx, actor.Scope(access.PersonImport), n)
		if err != nil {
			return err
		}
		if imp.State.Ended() || imp.State == Uploading {
			return wrongState(imp)
		}
		working := imp.State.Working()
		if !working {
			imp.Version = version
		}
		// The version of one that is being worked at moves on with each block, which says
		// nothing against cancelling it: what counts is that it has not ended.
		err = s.end(ctx, actor, imp, Cancelled, "")
		if !working || !errs.Is(err, errs.Stale) || ctx.Err() != nil {
			return err
		}
	}
}

// end puts an import into a state in which nothing goes on, for a reason.
func (s *Service) end(ctx context.Context, actor access.Actor, imp *Import, to State, reason string) error {
	if to == Stopped {
		imp.Back = imp.State
	}
	imp.State, imp.Reason, imp.LeaseUntil = to, reason, 0
	return s.Audit.Write(ctx, actor, actState, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(imp, map[string]any{"state": to, "blocks": imp.Next, "brought": imp.Brought}),
			s.update(ctx, tx, imp, "state", "back", "reason", "lease_until")
	})
}

func wrongState(imp *Import) error {
	return errs.New(errs.Conflict, "这次导入现在是“%s”，不能这样做；请看页面上的下一步。", imp.State.Label())
}

// service are the columns that a file of rejects has behind those of its origin.
var service = []string{"行号", "原因"}

// core returns the header without the columns that a file of rejects adds.
func core(header []string) []string {
	if n := len(header) - len(service); n > 0 && slices.Equal(header[n:], service) {
		return header[:n]
	}
	return header
}
