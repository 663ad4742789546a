package account

import (
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

var (
	giveGrant = audit.Action{Code: "grant.give", Label: "授予角色"}
	endGrant  = audit.Action{Code: "grant.end", Label: "收回角色"}
)

// GrantDraft (授权申请) is what a form says of a role to be given.
type GrantDraft struct {
	Role   access.Role
	Region region.Code
	From   civil.Date // zero: today
	To     civil.Date // the last day; zero: open
}

// Grant gives a user a role in a region.
func (s *Service) Grant(ctx context.Context, actor access.Actor, user id.ID, d GrantDraft) (_ id.ID, err error) {
	defer errs.Wrap(&err, "grant role to user %s", user)
	if err := actor.Need(access.AccountWrite); err != nil {
		return 0, err
	}
	if user == actor.User {
		return 0, errs.New(errs.Conflict, "不能给自己授予角色，请由其他管理员办理。")
	}
	if !actor.Scope(access.AccountWrite).Contains(d.Region) {
		return 0, errs.Fields{{Name: "region", Message: nameOf(d.Region) + "不在您的管理范围内，只能在本区域及下级授予角色"}}.Err()
	}
	g := Grant{ID: s.IDs.New(), User: user, Role: d.Role, Region: d.Region, From: d.From, To: d.To, GivenBy: actor.User, GivenAt: s.Instant()}
	if g.From.IsZero() {
		g.From = s.Today()
	}
	return g.ID, s.Audit.Write(ctx, actor, giveGrant, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		u, err := s.locked(ctx, actor, tx, user) // and with him his other grants, which the rules look at
		if err != nil {
			return audit.Nothing, err
		}
		if err := admits(u.Grants, g, s.Today()); err != nil {
			return audit.Nothing, err
		}
		if err := s.store.insertGrant(ctx, tx, g); err != nil {
			return audit.Nothing, err
		}
		return about(u, map[string]any{"role": g.Role, "region": g.Region, "from": g.From.String(), "to": g.To.String()}), nil
	})
}

// EndGrant takes a role away at once.
func (s *Service) EndGrant(ctx context.Context, actor access.Actor, user, grant id.ID) (err error) {
	defer errs.Wrap(&err, "end grant %s", grant)
	if user == actor.User {
		return errs.New(errs.Conflict, "不能收回自己的角色，请由其他管理员办理。")
	}
	return s.Audit.Write(ctx, actor, endGrant, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		administrators, err := s.store.lockAdministrators(ctx, tx)
		if err != nil {
			return audit.Nothing, err
		}
		u, err := s.locked(ctx, actor, tx, user)
		if err != nil {
			return audit.Nothing, err
		}
		for _, g := range u.Grants {
			if g.ID != grant {
				continue
			}
			if err := s.spared(u, []Grant{g}, administrators); err != nil {
				return audit.Nothing, err
			}
			if err := s.store.endGrant(ctx, tx, g.ID, actor.User, s.Instant()); err != nil {
				return audit.Nothing, err
			}
			return about(u, map[string]any{"role": g.Role, "region": g.Region}), nil
		}
		return audit.Nothing, errs.New(errs.NotFound, "没有找到这项角色，可能已被收回。")
	})
}

// HasAdministrator reports whether somebody can administer accounts today.
func (s *Service) HasAdministrator(ctx context.Context) (_ bool, err error) {
	defer errs.Wrap(&err, "look for an administrator")
	return s.administered(ctx, s.DB)
}

func (s *Service) administered(ctx context.Context, q reader) (bool, error) {
	grants, err := s.store.administrators(ctx, q)
	return slices.ContainsFunc(grants, func(g Grant) bool { return g.Holds(s.Today()) }), err
}

// First (首位管理员) is what is asked of the first administrator.
type First struct {
	Organisation OrganisationDraft
	User         UserDraft
}

// FirstAdministrator makes the first organisation and its administrator, who may
// administer the organisation's region. In the same transaction with stores how he
// signs in, and may refuse. It is refused once there is an administrator.
func (s *Service) FirstAdministrator(ctx context.Context, actor access.Actor, action audit.Action, f First,
	with func(ctx context.Context, tx db.Tx, u *User) error,
) (_ *User, err error) {
	defer errs.Wrap(&err, "first administrator")
	if err := f.clean(); err != nil {
		return nil, err
	}
	var u *User
	err = s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		o, err := s.firstOrganisation(ctx, tx, f.Organisation)
		if err != nil {
			return audit.Nothing, err
		}
		if u, err = s.insertUser(ctx, tx, f.User, o); err != nil {
			return audit.Nothing, err
		}
		if err := with(ctx, tx, u); err != nil {
			return audit.Nothing, err
		}
		switch there, err := s.administered(ctx, tx); {
		case err != nil:
			return audit.Nothing, err
		case there:
			return audit.Nothing, errs.New(errs.Conflict, "系统已有管理员，不能再用这个链接建立。请用管理员账号登录。")
		}
		g := Grant{ID: s.IDs.New(), User: u.ID, Role: access.Administrator, Region: o.Region, From: s.Today(), GivenBy: actor.User, GivenAt: s.Instant()}
		if err := s.store.insertGrant(ctx, tx, g); err != nil {
			return audit.Nothing, err
		}
		u.Grants = []Grant{g}
		return about(u, map[string]any{"role": g.Role, "region": g.Region, "organisation": o.ID}), nil
	})
	return u, err
}

// CheckFirst says what is wrong with what is asked of the first administrator.
func (s *Service) CheckFirst(f First) error { return f.clean() }

// clean collects the faults of both halves.
func (f *First) clean() error {
	f.User.Organisation, f.User.Machine, f.Organisation.Parent = 1, false, 0 // it gets its number later
	var faults errs.Fields
	for _, fault := range errs.FieldsOf(f.Organisation.clean()) {
		faults.Add("organisation_"+fault.Name, "%s", fault.Message)
	}
	faults = append(faults, errs.FieldsOf(f.User.clean())...)
	if f.Organisation.Region == region.Nation {
		faults.Add("organisation_region", "请选择单位所在的区域；系统管理员将管理这个区域及其下级")
	}
	return faults.Err()
}

// firstOrganisation makes the organisation, or takes the one of that name that was
// left when the last administrator went.
func (s *Service) firstOrganisation(ctx context.Context, tx db.Tx, d OrganisationDraft) (*Organisation, error) {
	o := &Organisation{ID: s.IDs.New(), Version: 1, Kind: d.Kind, Name: d.Name, Region: d.Region, Created: s.Instant()}
	ok, err := s.store.insertOrganisation(ctx, tx, o)
	if err != nil || ok {
		return o, err
	}
	return s.store.organisationByName(ctx, everywhere, tx, d.Region, d.Name)
}

// everywhere is the scope of the system itself, for what happens before anybody has
// signed in.
var everywhere = access.System("账号").Scope(access.AccountRead)

// nameOf names a region as texts do.
func nameOf(c region.Code) string { return region.Name(c) }
