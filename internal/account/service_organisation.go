package account

import (
	"context"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

var (
	createOrganisation = audit.Action{Code: "organisation.create", Label: "新建单位"}
	changeOrganisation = audit.Action{Code: "organisation.change", Label: "修改单位"}
)

func aboutOrganisation(o *Organisation, detail any) audit.Change {
	return audit.Change{Kind: "organisation", Subject: o.ID.String(), Region: o.Region, Detail: detail}
}

// CreateOrganisation adds an organisation.
func (s *Service) CreateOrganisation(ctx context.Context, actor access.Actor, d OrganisationDraft) (_ *Organisation, err error) {
	defer errs.Wrap(&err, "create organisation")
	if err := s.mayPlace(actor, &d); err != nil {
		return nil, err
	}
	o := &Organisation{ID: s.IDs.New(), Version: 1, Parent: d.Parent, Kind: d.Kind, Name: d.Name, Region: d.Region, Created: s.Instant()}
	return o, s.Audit.Write(ctx, actor, createOrganisation, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.checkParent(ctx, tx, o.ID, d); err != nil {
			return audit.Nothing, err
		}
		switch ok, err := s.store.insertOrganisation(ctx, tx, o); {
		case err != nil:
			return audit.Nothing, err
		case !ok:
			return audit.Nothing, sameName(d.Region)
		}
		return aboutOrganisation(o, map[string]any{"kind": o.Kind}), nil
	})
}

// ChangeOrganisation changes what a form says of an organisation, as of the version
// it was read at.
func (s *Service) ChangeOrganisation(ctx context.Context, actor access.Actor, organisation id.ID, version int64, d OrganisationDraft) (err error) {
	defer errs.Wrap(&err, "change organisation %s", organisation)
	if err := s.mayPlace(actor, &d); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, changeOrganisation, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		o, err := s.store.organisation(ctx, actor.Scope(access.AccountWrite), tx, organisation)
		if err != nil {
			return audit.Nothing, err
		}
		if o.Version != version {
			return audit.Nothing, stale()
		}
		if err := s.checkParent(ctx, tx, o.ID, d); err != nil {
			return audit.Nothing, err
		}
		before := *o
		o.Kind, o.Name, o.Region, o.Parent = d.Kind, d.Name, d.Region, d.Parent
		if before == *o {
			return audit.Nothing, nil
		}
		switch ok, err := s.store.updateOrganisation(ctx, tx, o); {
		case err != nil:
			return audit.Nothing, err
		case !ok:
			return audit.Nothing, sameName(d.Region)
		}
		return aboutOrganisation(o, map[string]any{"kind": o.Kind, "region_before": before.Region}), nil
	})
}

// mayPlace checks a draft and that its region is the actor's.
func (s *Service) mayPlace(actor access.Actor, d *OrganisationDraft) error {
	if err := actor.Need(access.AccountWrite); err != nil {
		return err
	}
	if err := d.clean(); err != nil {
		return err
	}
	if !actor.Scope(access.AccountWrite).Contains(d.Region) {
		return errs.Fields{{Name: "region", Message: nameOf(d.Region) + "不在您的管理范围内"}}.Err()
	}
	return nil
}

// checkParent looks at the organisation above, which may lie outside one's scope: a
// county stands under its city.
func (s *Service) checkParent(ctx context.Context, tx db.Tx, self id.ID, d OrganisationDraft) error {
	for at, above := d.Parent, 0; at != 0; above++ {
		o, err := s.store.organisation(ctx, everywhere, tx, at)
		if errs.Is(err, errs.NotFound) {
			return errs.Fields{{Name: "parent", Message: "请选择上级单位"}}.Err()
		}
		if err != nil {
			return err
		}
		if at == d.Parent {
			err = d.below(self, o)
		} else if o.ID == self || above > 20 {
			err = errs.Fields{{Name: "parent", Message: "这样会使上下级关系成为一个圈"}}.Err()
		}
		if err != nil {
			return err
		}
		at = o.Parent
	}
	return nil
}

func sameName(c region.Code) error {
	return errs.Fields{{Name: "name", Message: nameOf(c) + "已有同名单位"}}.Err()
}

// Organisation returns an organisation.
func (s *Service) Organisation(ctx context.Context, scope access.Scope, organisation id.ID) (_ *Organisation, err error) {
	defer errs.Wrap(&err, "organisation %s", organisation)
	return s.store.organisation(ctx, scope, s.DB, organisation)
}

// Organisations lists organisations by region.
func (s *Service) Organisations(ctx context.Context, scope access.Scope, q OrganisationQuery) (_ OrganisationPage, err error) {
	defer errs.Wrap(&err, "list organisations")
	return s.store.organisations(ctx, scope, q)
}

// Root returns the smallest region that all organisations lie in: what this system
// is for as a whole.
func (s *Service) Root(ctx context.Context) (_ region.Code, err error) {
	defer errs.Wrap(&err, "root region")
	return s.store.root(ctx)
}
