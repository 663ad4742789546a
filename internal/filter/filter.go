// Package filter keeps the searches that a user wants to find again (常用查询). A
// search is the query of a page's address; names and numbers of people never stand in
// one, because pages keep them out of addresses.
package filter

import (
	"context"
	"strings"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// Filter (常用查询) is a search that a user keeps. Query is what stands in the address of
// the page.
type Filter struct {
	ID    id.ID
	Name  string
	Query string
}

// most is how many searches a user may keep: more are not found again.
const most = 50

var (
	keepAction = audit.Action{Code: "filter.keep", Label: "保存查询"}
	dropAction = audit.Action{Code: "filter.drop", Label: "删除保存的查询"}
)

// Actions lists what this module writes to the audit trail.
var Actions = []audit.Action{keepAction, dropAction}

// Service keeps and forgets searches.
type Service struct {
	store store
	audit *audit.Log
	ids   *id.Maker
}

// New makes the service.
func New(d *db.DB, log *audit.Log, ids *id.Maker) *Service {
	return &Service{store: store{d}, audit: log, ids: ids}
}

// Of lists the searches that the actor keeps, by name.
func (s *Service) Of(ctx context.Context, actor access.Actor) (_ []Filter, err error) {
	defer errs.Wrap(&err, "filters")
	return s.store.of(ctx, actor.User)
}

// Keep keeps a search under a name; one of that name is replaced.
func (s *Service) Keep(ctx context.Context, actor access.Actor, name, query string) (err error) {
	defer errs.Wrap(&err, "keep filter")
	if err := actor.Need(access.PersonRead); err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	var faults errs.Fields
	if n := utf8.RuneCountInString(name); n == 0 || n > 30 {
		faults.Add("name", "请给查询起个名字，最多 30 个字")
	}
	if len(query) > 2000 {
		faults.Add("query", "条件太长，无法保存")
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return s.audit.Write(ctx, actor, keepAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		n, err := s.store.keep(ctx, tx, row{ID: s.ids.New(), User: actor.User, Name: name, Query: query})
		if err != nil {
			return audit.Nothing, err
		}
		if n > most {
			return audit.Nothing, errs.New(errs.Conflict, "最多保存 %d 个查询，请先删除不用的。", most)
		}
		return audit.Change{Kind: "filter", Region: home(actor)}, nil
	})
}

// Drop forgets a search that the actor keeps.
func (s *Service) Drop(ctx context.Context, actor access.Actor, filter id.ID) (err error) {
	defer errs.Wrap(&err, "drop filter")
	return s.audit.Write(ctx, actor, dropAction, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		found, err := s.store.drop(ctx, tx, actor.User, filter)
		if err != nil || !found {
			return audit.Nothing, err
		}
		return audit.Change{Kind: "filter", Subject: filter.String(), Region: home(actor)}, nil
	})
}

// home is where something of a user himself is noted.
func home(actor access.Actor) region.Code {
	if r := actor.Scope(access.PersonRead).Regions(); len(r) > 0 {
		return r[0]
	}
	return region.Nation
}
