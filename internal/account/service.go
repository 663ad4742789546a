package account

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/secret"
	"yian/internal/web"
)

// Deps is what the service works with.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	Keys  *secret.Keys
	IDs   *id.Maker
	Now   func() time.Time
	Log   *slog.Logger
}

// Service holds the use cases of users, organisations, roles and tokens.
type Service struct {
	Deps
	store store
	used  *Lately
}

// New makes the service.
func New(d Deps) *Service {
	st := store{d.DB, d.Keys}
	d.Audit.Register(audit.Rows{Table: "account_grant", Check: st.verifyGrants})
	return &Service{
		Deps: d, store: st,
		used: NewLately(d.DB, d.Log, "UPDATE account_token SET used_at = $2 WHERE id = $1 AND used_at < $2"),
	}
}

// What the audit trail says of users.
var (
	createUser  = audit.Action{Code: "user.create", Label: "新建用户"}
	changeUser  = audit.Action{Code: "user.change", Label: "修改用户资料"}
	disableUser = audit.Action{Code: "user.disable", Label: "停用用户"}
	enableUser  = audit.Action{Code: "user.enable", Label: "启用用户"}
)

// Actions lists what this module writes to the audit trail.
var Actions = []audit.Action{
	createUser, changeUser, disableUser, enableUser, giveGrant, endGrant,
	createOrganisation, changeOrganisation, createToken, revokeToken,
}

// Instant returns the moment by the clock of the service.
func (s *Service) Instant() civil.Instant { return civil.At(s.Now()) }

// Today returns the day by the clock of the service.
func (s *Service) Today() civil.Date { return s.Instant().Day() }

// about says which user a change is about.
func about(u *User, detail any) audit.Change {
	return audit.Change{Kind: "user", Subject: u.ID.String(), Region: u.Organisation.Region, Detail: detail}
}

// CreateUser adds a user to an organisation. He has no role and no password yet.
func (s *Service) CreateUser(ctx context.Context, actor access.Actor, d UserDraft) (_ *User, err error) {
	defer errs.Wrap(&err, "create user")
	if err := actor.Need(access.AccountWrite); err != nil {
		return nil, err
	}
	if err := d.clean(); err != nil {
		return nil, err
	}
	var u *User
	err = s.Audit.Write(ctx, actor, createUser, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		o, err := s.store.organisation(ctx, actor.Scope(access.AccountWrite), tx, d.Organisation)
		if errs.Is(err, errs.NotFound) {
			return audit.Nothing, errs.Fields{{Name: "organisation", Message: "请选择您管理范围内的单位"}}.Err()
		}
		if err != nil {
			return audit.Nothing, err
		}
		u, err = s.insertUser(ctx, tx, d, o)
		if err != nil {
			return audit.Nothing, err
		}
		return about(u, map[string]any{"organisation": o.ID, "machine": d.Machine}), nil
	})
	return u, err
}

// insertUser stores a new user; a login name is taken once.
func (s *Service) insertUser(ctx context.Context, tx db.Tx, d UserDraft, o *Organisation) (*User, error) {
	u := &User{
		ID: s.IDs.New(), Version: 1, Login: d.Login, Name: d.Name, Organisation: *o, Phone: d.Phone,
		State: Active, Machine: d.Machine, Created: s.Instant(),
	}
	switch ok, err := s.store.insertUser(ctx, tx, u); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errs.Fields{{Name: "login", Message: "这个登录名已有人用，请换一个，如在后面加单位简称或数字"}}.Err()
	}
	return u, nil
}

// ChangeUser changes what a form says of a user, as of the version it was read at.
func (s *Service) ChangeUser(ctx context.Context, actor access.Actor, user id.ID, version int64, d UserDraft) (err error) {
	defer errs.Wrap(&err, "change user %s", user)
	if err := d.clean(); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, changeUser, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		u, err := s.locked(ctx, actor, tx, user)
		if err != nil {
			return audit.Nothing, err
		}
		if u.Version != version {
			return audit.Nothing, stale()
		}
		if u.ID == actor.User && u.Organisation.ID != d.Organisation {
			return audit.Nothing, errs.Fields{{Name: "organisation", Message: "不能变更自己所在的单位，请由其他管理员办理"}}.Err()
		}
		o, err := s.store.organisation(ctx, actor.Scope(access.AccountWrite), tx, d.Organisation)
		if errs.Is(err, errs.NotFound) {
			return audit.Nothing, errs.Fields{{Name: "organisation", Message: "请选择您管理范围内的单位"}}.Err()
		}
		if err != nil {
			return audit.Nothing, err
		}
		changed := changedFields(u, d)
		if len(changed) == 0 {
			return audit.Nothing, nil
		}
		u.Login, u.Name, u.Organisation, u.Phone = d.Login, d.Name, *o, d.Phone
		switch ok, err := s.store.updateUser(ctx, tx, u); {
		case err != nil:
			return audit.Nothing, err
		case !ok:
			return audit.Nothing, errs.Fields{{Name: "login", Message: "这个登录名已有人用，请换一个"}}.Err()
		}
		return about(u, map[string]any{"changed": changed}), nil
	})
}

// changedFields names what a draft would change: names only, as values are personal.
func changedFields(u *User, d UserDraft) []string {
	var names []string
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"login", u.Login != d.Login},
		{"name", u.Name != d.Name},
		{"organisation", u.Organisation.ID != d.Organisation},
		{"phone", u.Phone != d.Phone},
	} {
		if f.changed {
			names = append(names, f.name)
		}
	}
	return names
}

// SetState disables or enables a user. A disabled one is signed out at once.
func (s *Service) SetState(ctx context.Context, actor access.Actor, user id.ID, state State) (err error) {
	defer errs.Wrap(&err, "set state of user %s", user)
	action := enableUser
	if state == Disabled {
		action = disableUser
	}
	if user == actor.User {
		return errs.New(errs.Conflict, "不能停用自己的账号，请由其他管理员办理。")
	}
	return s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		administrators, err := s.store.lockAdministrators(ctx, tx) // first of all, so that two who disable one another wait
		if err != nil {
			return audit.Nothing, err
		}
		u, err := s.locked(ctx, actor, tx, user)
		if err != nil || u.State == state {
			return audit.Nothing, err
		}
		if state == Disabled {
			if err := s.spared(u, u.Grants, administrators); err != nil {
				return audit.Nothing, err
			}
		}
		u.State = state
		if _, err := s.store.updateUser(ctx, tx, u); err != nil {
			return audit.Nothing, err
		}
		return about(u, nil), nil
	})
}

// spared refuses that a region loses the last administrator who covers it.
func (s *Service) spared(u *User, lost, administrators []Grant) error {
	others := slices.DeleteFunc(slices.Clone(administrators), func(g Grant) bool { return g.User == u.ID })
	for _, g := range lost {
		if g.Role == access.Administrator && g.Holds(s.Today()) && !covered(g.Region, others, s.Today()) {
			return errs.New(errs.Conflict, "这是%s最后一个长期有效的系统管理员，不能停用或收回。请先授予另一名用户系统管理员角色。", nameOf(g.Region))
		}
	}
	return nil
}

// locked reads a user to be changed, so that others who change him wait, and checks
// that he is the actor's to change.
func (s *Service) locked(ctx context.Context, actor access.Actor, tx db.Tx, user id.ID) (*User, error) {
	if err := actor.Need(access.AccountWrite); err != nil {
		return nil, err
	}
	if err := s.store.lock(ctx, tx, user); err != nil {
		return nil, err
	}
	return s.manageable(ctx, actor, tx, user)
}

// Manage returns a user whose credentials the actor may change: one who lies in his
// scope with all that he may do.
func (s *Service) Manage(ctx context.Context, actor access.Actor, user id.ID) (_ *User, err error) {
	defer errs.Wrap(&err, "manage user %s", user)
	if err := actor.Need(access.AccountWrite); err != nil {
		return nil, err
	}
	return s.manageable(ctx, actor, s.DB, user)
}

func (s *Service) manageable(ctx context.Context, actor access.Actor, q reader, user id.ID) (*User, error) {
	u, err := s.store.user(ctx, seen(actor), q, user)
	if err != nil {
		return nil, err
	}
	return u, reaches(actor.Scope(access.AccountWrite), u, s.Today())
}

// Manages reports whether a user, with all that he may do, is the actor's to change.
func (s *Service) Manages(actor access.Actor, u *User) bool {
	return reaches(actor.Scope(access.AccountWrite), u, s.Today()) == nil
}

// seen is where an administrator may know that a user exists.
func seen(actor access.Actor) access.Scope {
	if scope := actor.Scope(access.AccountRead); !scope.Empty() {
		return scope
	}
	return actor.Scope(access.AccountWrite)
}

// User returns a user with the grants that were not ended.
func (s *Service) User(ctx context.Context, scope access.Scope, user id.ID) (_ *User, err error) {
	defer errs.Wrap(&err, "user %s", user)
	return s.store.user(ctx, scope, s.DB, user)
}

// ByLogin returns the user of a login name.
func (s *Service) ByLogin(ctx context.Context, scope access.Scope, login string) (_ *User, err error) {
	defer errs.Wrap(&err, "user by login")
	return s.store.byLogin(ctx, scope, s.DB, PlainLogin(login))
}

// Users lists users of organisations in the scope.
func (s *Service) Users(ctx context.Context, scope access.Scope, q Query) (_ Page, err error) {
	defer errs.Wrap(&err, "list users")
	return s.store.users(ctx, scope, q, s.Today())
}

// Names returns what users are called, for pages that tell who did something.
func (s *Service) Names(ctx context.Context, users []id.ID) (_ map[id.ID]string, err error) {
	defer errs.Wrap(&err, "names of users")
	return s.store.names(ctx, users)
}

// Identity returns who a user is on this day; NotFound for one who is not active.
// It runs on every request and is one query.
func (s *Service) Identity(ctx context.Context, user id.ID) (_ web.Identity, err error) {
	defer errs.Wrap(&err, "identity of user %s", user)
	who, err := s.store.identity(ctx, user, s.Today())
	if err != nil {
		return web.Identity{}, err
	}
	return who.identity(user, "session", nil), nil
}

func stale() error {
	return errs.New(errs.Stale, "保存之前，这条记录已被别人修改。请重新打开页面，看过最新内容后再改。")
}
