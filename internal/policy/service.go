package policy

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/secret"
)

// Deps are what lists stand on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	Keys  *secret.Keys
	IDs   *id.Maker
	Now   func() time.Time
	Log   *slog.Logger

	// OnPublish are called in the transaction in which a version is published.
	OnPublish []func(ctx context.Context, tx db.Tx, v *Version) error
}

// Service is the life of service lists.
type Service struct {
	Deps

	books shelf
}

// New opens the lists and lets the trail verify what is published.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	d.Audit.Register(audit.Rows{Table: "policy_version", Check: s.verify})
	return s
}

// Today is the day in the time zone of the product.
func (s *Service) Today() civil.Date { return civil.At(s.Now()).Day() }

func (s *Service) now() civil.Instant { return civil.At(s.Now()) }

var (
	seedAction    = audit.Action{Code: "policy.seed", Label: "装入内置清单"}
	draftAction   = audit.Action{Code: "policy.draft", Label: "起草清单"}
	changeAction  = audit.Action{Code: "policy.change", Label: "修改清单草稿"}
	discardAction = audit.Action{Code: "policy.discard", Label: "作废清单草稿"}
	submitAction  = audit.Action{Code: "policy.submit", Label: "清单提请审批"}
	returnAction  = audit.Action{Code: "policy.return", Label: "退回清单修改"}
	approveAction = audit.Action{Code: "policy.approve", Label: "批准清单"}
	publishAction = audit.Action{Code: "policy.publish", Label: "发布清单"}
	fileAction    = audit.Action{Code: "policy.file", Label: "报送清单备案"}
	answerAction  = audit.Action{Code: "policy.answer", Label: "答复清单备案"}
)

// Actions are what is done to lists, for the trail.
var Actions = []audit.Action{
	seedAction, draftAction, changeAction, discardAction, submitAction, returnAction, approveAction, publishAction, fileAction, answerAction,
}

// Seed publishes the lists of packs that the database does not know yet, each as its
// first version, which rules from the day that the list says.
func (s *Service) Seed(ctx context.Context, packs []*pack.Pack, text func(*pack.Pack) (list, tests []byte, err error)) (err error) {
	defer errs.Wrap(&err, "seed lists")
	known, err := s.listNames(ctx)
	if err != nil {
		return err
	}
	for _, p := range packs {
		if p.List == nil || known[p.List.ID] {
			continue
		}
		body, tests, err := text(p)
		if err != nil {
			return err
		}
		now := civil.At(s.Now())
		v := &Version{
			ID: s.IDs.New(), Version: 1, List: p.List.ID, No: 1, Region: p.List.Region, Title: p.List.Title, State: Published,
			RulesFrom: p.List.From, Text: string(body), Tests: string(tests), Created: now, Updated: now, Published: now,
		}
		err = s.Audit.Write(ctx, access.System("内置清单"), seedAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
			if err := s.insert(ctx, tx, v); err != nil {
				return audit.Nothing, err
			}
			return audit.Change{Kind: "policy", Subject: v.ID.String(), Region: v.Region, Detail: map[string]any{"list": v.List, "no": v.No}}, nil
		})
		if db.IsUnique(err) {
			continue // another process was faster
		}
		if err != nil {
			return fmt.Errorf("%s: %w", v.List, err)
		}
	}
	return nil
}

// shelf keeps the books of the last days that were asked for.
type shelf struct {
	mu    sync.Mutex
	books []*Book
}

const shelfSize = 8

func (sh *shelf) get(on civil.Date, fresh int64) *Book {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, b := range sh.books {
		if b.On == on && b.Fresh == fresh {
			return b
		}
	}
	return nil
}

func (sh *shelf) put(b *Book) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if len(sh.books) == shelfSize {
		sh.books = append(sh.books[:0], sh.books[1:]...)
	}
	sh.books = append(sh.books, b)
}
