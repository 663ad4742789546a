package policy

import (
	"context"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// FilingState (备案状态) is how far a filing has come.
type FilingState string

// The states of filings.
const (
	Sent     FilingState = "sent"
	Accepted FilingState = "accepted"
	Returned FilingState = "returned"
)

// Label returns what people read.
func (s FilingState) Label() string {
	return map[FilingState]string{Sent: "待答复", Accepted: "已备案", Returned: "已退回"}[s]
}

// Filing (备案) is a version that was sent to the level above.
type Filing struct {
	ID      id.ID
	Version int64 // of the row: what an answer must carry
	Of      id.ID // the version of the list
	List    string
	No      int64
	Title   string

	Region       region.Code // whose list it is
	Upper        region.Code // who answers
	UpperVersion id.ID       // the list that it was compared with; 0: there is none

	State      FilingState
	Shortfalls []Shortfall // where it falls below, as it was when it was sent
	Reason     string      // why it is sent all the same
	SentBy     id.ID
	Sent       civil.Instant
	AnsweredBy id.ID
	Answered   civil.Instant
	Answer     string
}

// Shortfall (不足) is how one item falls below the upper list.
type Shortfall struct {
	Item  string `json:"item"` // id of the upper list's item
	Name  string `json:"name"`
	Fault string `json:"fault"`
	Text  string `json:"text"` // with a person who shows it
}

// Shortfalls returns how a version falls below the upper list.
func (r *Report) Shortfalls() []Shortfall {
	out := []Shortfall{}
	for _, c := range r.Items {
		for i, f := range c.Findings {
			out = append(out, Shortfall{Item: c.Upper.ID, Name: c.Upper.Name, Fault: f.Fault.Label(), Text: c.Sentences[i]})
		}
	}
	return out
}

// File sends an approved or published version to the level above. One that falls below
// the upper list is sent with the reason alone.
func (s *Service) File(ctx context.Context, actor access.Actor, one id.ID, reason string) (_ *Filing, err error) {
	defer errs.Wrap(&err, "file version %s", one)
	if err := actor.Need(access.PolicyFile); err != nil {
		return nil, err
	}
	scope := actor.Scope(access.PolicyFile)
	v, err := version(ctx, scope, s.DB, one)
	if err != nil {
		return nil, err
	}
	if err := actor.NeedIn(access.PolicyFile, v.Region); err != nil {
		return nil, err
	}
	if v.Region == region.Nation {
		return nil, errs.New(errs.Conflict, "全国清单没有上一级，不需要备案。")
	}
	r, err := s.report(ctx, v)
	if err != nil {
		return nil, err
	}
	f, err := s.newFiling(actor, v, r, reason)
	if err != nil {
		return nil, err
	}
	return f, s.Audit.Write(ctx, actor, fileAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.mayFile(ctx, tx, scope, v); err != nil {
			return audit.Nothing, err
		}
		if err := s.insertFiling(ctx, tx, f); err != nil {
			return audit.Nothing, err
		}
		return f.change(), s.step(ctx, tx, actor, v.ID, Filed, f.Reason)
	})
}

// newFiling makes the filing of a version.
func (s *Service) newFiling(actor access.Actor, v *Version, r *Report, reason string) (*Filing, error) {
	var faults errs.Fields
	checkNote(&faults, "reason", &reason)
	short := r.Shortfalls()
	switch {
	case r.Findings.Errors() > 0:
		return nil, errs.New(errs.Conflict, "这一版清单按现行的上级清单有 %d 处错误，无法对照，不能报送。请先校验。", r.Findings.Errors())
	case reason != "":
	case len(short) > 0:
		faults.Add("reason", "清单有 %d 处低于上级清单，报送须写明理由。第一处：“%s”：%s", len(short), short[0].Name, short[0].Text)
	case r.Apart != "":
		faults.Add("reason", "无法与上级清单对照（%s），报送须写明理由", r.Apart)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return &Filing{
		ID: s.IDs.New(), Version: 1, Of: v.ID, List: v.List, No: v.No, Title: v.Title, Region: v.Region, Upper: above(v.Region), UpperVersion: r.Version,
		State: Sent, Shortfalls: short, Reason: reason, SentBy: actor.User, Sent: s.now(),
	}, nil
}

// mayFile refuses what was not approved, and what the level above has already. The
// version's row is held until the end, so that two who file at once take turns.
func (s *Service) mayFile(ctx context.Context, tx db.Tx, scope access.Scope, v *Version) error {
	now, _, err := s.forWriting(ctx, scope, tx, v.ID)
	if err != nil {
		return err
	}
	if now.Version != v.Version {
		return stale()
	}
	if now.State != Approved && now.State != Published {
		return errs.New(errs.Conflict, "这一版清单是%s，批准以后才能报送备案。", now.State.Label())
	}
	sent, err := standingFilings(ctx, scope, tx, v.ID)
	if err == nil && len(sent) > 0 {
		return errs.New(errs.Conflict, "这一版清单已经报送备案（%s），不必再报。", sent[0].State.Label())
	}
	return err
}

func (f *Filing) change() audit.Change {
	detail := map[string]any{"version": f.Of, "list": f.List, "no": f.No, "state": f.State, "shortfalls": len(f.Shortfalls)}
	return audit.Change{Kind: "filing", Subject: f.ID.String(), Region: f.Region, Detail: detail}
}

// Answer accepts a filing or returns it with the reasons.
func (s *Service) Answer(ctx context.Context, actor access.Actor, one id.ID, seen int64, accept bool, text string) (out *Filing, err error) {
	defer errs.Wrap(&err, "answer filing %s", one)
	if err := actor.Need(access.PolicyFile); err != nil {
		return nil, err
	}
	var faults errs.Fields
	if checkNote(&faults, "answer", &text); text == "" && !accept {
		faults.Add("answer", "请写明退回的理由，以便下级修改")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	scope := actor.Scope(access.PolicyFile)
	err = s.Audit.Write(ctx, actor, answerAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		f, err := filing(ctx, scope, tx, one)
		switch {
		case err != nil:
			return audit.Nothing, err
		case !scope.Contains(f.Upper):
			return audit.Nothing, errs.New(errs.Denied, "备案由%s答复。", region.Name(f.Upper))
		case f.SentBy == actor.User:
			return audit.Nothing, errs.New(errs.Denied, "报送的人不能答复同一次备案，请由另一人答复。")
		case f.Version != seen || f.State != Sent:
			return audit.Nothing, errs.New(errs.Stale, "这次备案已经答复过（%s）。请刷新后再看。", f.State.Label())
		}
		move := FilingRefusal
		if f.State = Returned; accept {
			f.State, move = Accepted, FilingAnswer
		}
		f.Answer, f.AnsweredBy, f.Answered = text, actor.User, s.now()
		if err := answerFiling(ctx, tx, f); err != nil {
			return audit.Nothing, err
		}
		out = f
		return f.change(), s.step(ctx, tx, actor, f.Of, move, text)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// FilingQuery (备案查询) says which filings to list.
type FilingQuery struct {
	State    FilingState // empty: any
	Of       id.ID       // the version; 0: any
	ToAnswer bool        // only those that the scope answers
	Before   id.ID       // key of paging: filings older than this one
	Limit    int
}

// Filings lists filings of the scope, the newest first: the lower side sees what it
// sent, the upper one what it got.
func (s *Service) Filings(ctx context.Context, scope access.Scope, query FilingQuery) (_ []Filing, err error) {
	defer errs.Wrap(&err, "list filings")
	return listFilings(ctx, scope, s.DB, query)
}

// Filing returns one filing.
func (s *Service) Filing(ctx context.Context, scope access.Scope, one id.ID) (_ *Filing, err error) {
	defer errs.Wrap(&err, "filing %s", one)
	return filing(ctx, scope, s.DB, one)
}
