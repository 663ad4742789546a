package person

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// maxFilters is how many searches a user may keep: more are not found again.
const maxFilters = 50

var (
	actKeepFilter = audit.Action{Code: "filter.keep", Label: "保存查询"}
	actDropFilter = audit.Action{Code: "filter.drop", Label: "删除保存的查询"}
)

type filterRow struct {
	bun.BaseModel `bun:"table:person_filter"`

	ID    id.ID  `bun:",pk"`
	User  id.ID  `bun:"user_id"`
	Name  string `bun:"name"`
	Query string `bun:"query"`
}

// Filters lists the searches that the actor keeps, by name.
func (s *Service) Filters(ctx context.Context, actor access.Actor) (_ []Filter, err error) {
	defer errs.Wrap(&err, "filters")
	var rows []filterRow
	if err := s.DB.NewSelect().Model(&rows).Where("user_id = ?", actor.User).Order("name").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Filter, len(rows))
	for i, r := range rows {
		out[i] = Filter{ID: r.ID, Name: r.Name, Query: r.Query}
	}
	return out, nil
}

// KeepFilter keeps a search under a name; one of that name is replaced.
func (s *Service) KeepFilter(ctx context.Context, actor access.Actor, name, query string) (err error) {
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
	return s.Audit.Write(ctx, actor, actKeepFilter, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		row := filterRow{ID: s.IDs.New(), User: actor.User, Name: name, Query: query}
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (user_id, name) DO UPDATE").Set("query = EXCLUDED.query").Returning("NULL").Exec(ctx)
		if err != nil {
			return audit.Nothing, err
		}
		n, err := tx.NewSelect().Model((*filterRow)(nil)).Where("user_id = ?", actor.User).Count(ctx)
		if err != nil {
			return audit.Nothing, err
		}
		if n > maxFilters {
			return audit.Nothing, errs.New(errs.Conflict, "最多保存 %d 个查询，请先删除不用的。", maxFilters)
		}
		return audit.Change{Kind: "filter", Region: firstRegion(actor)}, nil
	})
}

// DropFilter forgets a search that the actor keeps.
func (s *Service) DropFilter(ctx context.Context, actor access.Actor, filter id.ID) (err error) {
	defer errs.Wrap(&err, "drop filter")
	return s.Audit.Write(ctx, actor, actDropFilter, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		res, err := tx.NewDelete().Model((*filterRow)(nil)).Where("id = ? AND user_id = ?", filter, actor.User).Exec(ctx)
		if err != nil {
			return audit.Nothing, err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return audit.Nothing, err
		}
		return audit.Change{Kind: "filter", Subject: filter.String(), Region: firstRegion(actor)}, nil
	})
}

// firstRegion is where something of a user himself is noted.
func firstRegion(actor access.Actor) region.Code {
	if r := actor.Scope(access.PersonRead).Regions(); len(r) > 0 {
		return r[0]
	}
	return region.Nation
}
