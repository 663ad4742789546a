package signin

import (
	"context"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// SignIns lists the latest sign-ins of the actor himself.
func (s *Service) SignIns(ctx context.Context, actor access.Actor) (_ []SignIn, err error) {
	defer errs.Wrap(&err, "list own sign-ins")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return nil, err
	}
	return s.store.signIns(ctx, u.ID, 20)
}

// SignInsOf lists the latest sign-ins of a user in the scope.
func (s *Service) SignInsOf(ctx context.Context, scope access.Scope, user id.ID) (_ []SignIn, err error) {
	defer errs.Wrap(&err, "list sign-ins of user %s", user)
	u, err := s.Accounts.User(ctx, scope, user)
	if err != nil {
		return nil, err
	}
	return s.store.signIns(ctx, u.ID, 20)
}

// EndOwn ends one of the actor's sign-ins, or all but the one he uses where signIn
// is zero.
func (s *Service) EndOwn(ctx context.Context, actor access.Actor, signIn, except id.ID) (err error) {
	defer errs.Wrap(&err, "end own sign-in")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return err
	}
	return s.end(ctx, actor, u, signIn, except, EndedByUser)
}

// EndOf ends a sign-in of a user whom the actor manages, or all where it is zero.
func (s *Service) EndOf(ctx context.Context, actor access.Actor, user, signIn id.ID) (err error) {
	defer errs.Wrap(&err, "end sign-in of user %s", user)
	u, err := s.Accounts.Manage(ctx, actor, user)
	if err != nil {
		return err
	}
	return s.end(ctx, actor, u, signIn, 0, EndedByOther)
}

func (s *Service) end(ctx context.Context, actor access.Actor, u *account.User, signIn, except id.ID, why Reason) error {
	return s.Audit.Write(ctx, actor, endSignIn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		n, err := s.store.end(ctx, tx, u.ID, signIn, except, why, s.at())
		if err != nil || n == 0 {
			return audit.Nothing, err
		}
		return about(u, map[string]any{"ended": n}), nil
	})
}

// Credentials (登录凭据状态) tells how a user signs in, without what he signs in with.
type Credentials struct {
	Password  bool
	Temporary bool
	SetAt     civil.Instant
	Expires   civil.Instant // when the password has to be changed; zero: never
	Second    civil.Instant // since when; zero: there is none
	Required  bool          // a role demands a second factor
	Codes     int64         // recovery codes left
	Locked    civil.Instant // until when; zero: not locked
}

// CredentialsOf tells how a user in the scope signs in.
func (s *Service) CredentialsOf(ctx context.Context, scope access.Scope, user id.ID) (_ *Credentials, err error) {
	defer errs.Wrap(&err, "credentials of user %s", user)
	u, err := s.Accounts.User(ctx, scope, user)
	if err != nil {
		return nil, err
	}
	return s.credentials(ctx, u)
}

// OwnCredentials tells the actor how he signs in.
func (s *Service) OwnCredentials(ctx context.Context, actor access.Actor) (_ *Credentials, err error) {
	defer errs.Wrap(&err, "own credentials")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return nil, err
	}
	return s.credentials(ctx, u)
}

func (s *Service) credentials(ctx context.Context, u *account.User) (*Credentials, error) {
	password, err := s.store.password(ctx, s.DB, u.ID)
	if err != nil {
		return nil, err
	}
	second, err := s.store.second(ctx, s.DB, u.ID)
	if err != nil {
		return nil, err
	}
	codes, err := s.store.recoveryLeft(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	states, err := s.store.attempts(ctx, s.loginKey(u.Login), secondKey(u.ID))
	if err != nil {
		return nil, err
	}
	c := &Credentials{
		Password: password.User != 0, Temporary: password.Temporary, SetAt: password.SetAt,
		Second: second.Confirmed, Codes: codes,
		Required: s.needsSecond(ByPassword, u.Actor(s.at().Day()).Grants()),
	}
	switch {
	case password.Temporary:
		c.Expires = password.SetAt.Add(temporaryDays * 24 * time.Hour)
	case c.Password && s.config.Password.Age > 0:
		c.Expires = password.SetAt.Add(s.config.Password.Age)
	}
	for _, a := range states {
		if a.Locked && a.Until > s.at() {
			c.Locked = max(c.Locked, a.Until)
		}
	}
	return c, nil
}

// Unlock lets a user try again before a lock ends.
func (s *Service) Unlock(ctx context.Context, actor access.Actor, user id.ID) (err error) {
	defer errs.Wrap(&err, "unlock user %s", user)
	u, err := s.Accounts.Manage(ctx, actor, user)
	if err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, unlock, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return about(u, nil), s.store.clear(ctx, tx, s.loginKey(u.Login), secondKey(u.ID))
	})
}
