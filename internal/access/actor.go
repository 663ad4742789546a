package access

import (
	"context"
	"slices"

	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// Grant (授权) is a role held in a region. The empty region is the whole country.
type Grant struct {
	Role   Role
	Region region.Code
}

// Limit (令牌范围) is what a token keeps of its user's rights. Nil permissions keep all.
type Limit struct {
	Permissions []Permission
	Region      region.Code
}

// Actor (操作人) is who acts: a user, a machine with a token, or the system. The zero value
// is nobody, who may do nothing.
type Actor struct {
	User   id.ID  // 0: nobody, or the system
	Name   string // as the audit trail shows it
	Via    string // session, token or system
	grants []Grant
	limit  *Limit
	system bool
}

// NewActor makes the actor of a user with his grants. A limit is a token's.
func NewActor(user id.ID, name, via string, grants []Grant, limit *Limit) Actor {
	return Actor{User: user, Name: name, Via: via, grants: slices.Clone(grants), limit: limit}
}

// System returns the actor of the system at work on its own behalf, for jobs that
// no user began. It may do everything, and the trail shows its name.
func System(name string) Actor { return Actor{Name: "系统：" + name, Via: "system", system: true} }

// Known reports whether somebody acts at all.
func (a Actor) Known() bool { return a.User != 0 || a.system }

// Grants returns the roles that the actor holds.
func (a Actor) Grants() []Grant { return slices.Clone(a.grants) }

// Can reports whether the actor has the permission somewhere.
func (a Actor) Can(p Permission) bool {
	switch p {
	case Public:
		return true
	case SignedIn:
		return a.Known()
	}
	return !a.Scope(p).Empty()
}

// Scope returns where the actor has the permission.
func (a Actor) Scope(p Permission) Scope {
	if a.system {
		return Scope{regions: []region.Code{region.Nation}}
	}
	if a.limit != nil && a.limit.Permissions != nil && !slices.Contains(a.limit.Permissions, p) {
		return Scope{}
	}
	var codes []region.Code
	for _, g := range a.grants {
		if g.Role.Has(p) {
			codes = append(codes, g.Region)
		}
	}
	s := newScope(codes)
	if a.limit != nil {
		s = s.Narrow(a.limit.Region)
	}
	return s
}

// Need returns a Denied error (Unauthenticated for nobody) unless the actor has the
// permission somewhere.
func (a Actor) Need(p Permission) error {
	switch {
	case a.Can(p):
		return nil
	case !a.Known():
		return errs.New(errs.Unauthenticated, "请先登录。")
	}
	return errs.New(errs.Denied, "您的角色没有这项权限，如工作需要请联系本单位的系统管理员。")
}

// NeedIn is Need for one region: elsewhere it is a Denied error. It guards writing;
// reading takes a Scope, outside which there is nothing to find.
func (a Actor) NeedIn(p Permission, c region.Code) error {
	if err := a.Need(p); err != nil {
		return err
	}
	if !a.Scope(p).Contains(c) {
		return errs.New(errs.Denied, "%s不在您的管理范围内。", region.Name(c))
	}
	return nil
}

type contextKey struct{}

// With returns a context that carries the actor, for layers whose handlers get
// nothing but a context.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

// From returns the actor of the context; nobody if there is none.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(contextKey{}).(Actor)
	return a
}
