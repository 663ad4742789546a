package signin

import (
	"context"
	"log/slog"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// Passed (登录结果) is how far somebody got who proved who he is.
type Passed struct {
	User   id.ID
	Method Method
	SignIn id.ID // zero: a second factor is still asked for
}

// temporaryDays is how long a temporary password can be used.
const temporaryDays = 3

// Login signs a user in by his password, or up to his second factor.
func (s *Service) Login(ctx context.Context, login, password string, from From) (_ Passed, err error) {
	defer errs.Wrap(&err, "log in")
	login, from = account.PlainLogin(login), from.cut()
	if login == "" || password == "" {
		return Passed{}, errs.Fields{{Name: "login", Message: "请填写登录名和密码"}}.Err()
	}
	if len(login) > 200 || len(password) > 1000 {
		return Passed{}, errs.New(errs.Invalid, "登录名或密码太长。")
	}
	now := s.at()
	if err := s.countPassword(ctx, login, from.Address, now); err != nil {
		return Passed{}, err
	}
	u, row, err := s.find(ctx, login)
	if err != nil {
		return Passed{}, err
	}
	ok, outdated, err := s.hasher.Verify(ctx, password, row.Hash)
	if err != nil {
		return Passed{}, err
	}
	if !ok {
		return Passed{}, s.wrong(ctx, u, login, from)
	}
	if err := s.store.forgive(ctx, s.loginKey(login), addressKey(from.Address), now); err != nil {
		return Passed{}, err
	}
	if err := admitted(u, row, now); err != nil {
		return Passed{}, s.fail(ctx, u, from, "not_admitted", err)
	}
	if outdated {
		s.rehash(ctx, row, password)
	}
	return s.pass(ctx, u, ByPassword, from)
}

// countPassword adds an attempt to the counts of account and address, unless one of
// them refuses it.
func (s *Service) countPassword(ctx context.Context, login, address string, now civil.Instant) error {
	refused, by, err := s.store.try(ctx, now,
		counted{s.loginKey(login), limits{most: s.config.Attempts, lock: s.config.Lock, delay: true}},
		counted{addressKey(address), limits{most: s.config.PerAddress, lock: s.config.Lock}})
	switch {
	case err != nil:
		return err
	case by == "":
		return nil
	case by == addressKey(address):
		return refused.refusal(now, "从您所在的网络登录失败的次数太多")
	default:
		return refused.refusal(now, "密码连续输错太多次")
	}
}

// find reads a user who could sign in with his password. Where there is none the
// hash is empty, which takes as long to compare.
func (s *Service) find(ctx context.Context, login string) (*account.User, passwordRow, error) {
	u, err := s.Accounts.ByLogin(ctx, everyone, login)
	if errs.Is(err, errs.NotFound) {
		return nil, passwordRow{}, nil
	}
	if err != nil {
		return nil, passwordRow{}, err
	}
	if u.Machine {
		return u, passwordRow{}, nil
	}
	row, err := s.store.password(ctx, s.DB, u.ID)
	return u, row, err
}

// admitted says why somebody who knows his password may not come in all the same.
func admitted(u *account.User, row passwordRow, now civil.Instant) error {
	switch {
	case u.State != account.Active:
		return errs.New(errs.Conflict, "该账号已停用。如需恢复，请联系本单位的系统管理员。")
	case row.Temporary && now > row.SetAt.Add(temporaryDays*24*time.Hour):
		return errs.New(errs.Conflict, "临时密码已过期（有效期 %d 天）。请联系本单位的系统管理员重新生成。", temporaryDays)
	}
	return nil
}

// wrong tells of a wrong password, whether or not there is such a user.
func (s *Service) wrong(ctx context.Context, u *account.User, login string, from From) error {
	left := s.config.Attempts
	states, err := s.store.attempts(ctx, s.loginKey(login))
	if err != nil {
		return err
	}
	for _, a := range states {
		left -= int(a.Failures)
		if a.Locked {
			return s.failAs(ctx, lockedOut, u, from, "password", a.refusal(s.at(), "密码连续输错太多次"))
		}
	}
	return s.fail(ctx, u, from, "password",
		errs.New(errs.Invalid, "登录名或密码不正确。请检查大小写后重试；再错 %d 次将锁定 %s。", max(1, left), minutes(s.config.Lock)))
}

// fail puts a failed attempt on the trail and returns what to tell.
func (s *Service) fail(ctx context.Context, u *account.User, from From, why string, tell error) error {
	return s.failAs(ctx, failed, u, from, why, tell)
}

func (s *Service) failAs(ctx context.Context, action audit.Action, u *account.User, from From, why string, tell error) error {
	err := s.Audit.Write(ctx, access.Actor{Name: "未登录", Via: "login"}, action, func(ctx context.Context, _ db.Tx) (audit.Change, error) {
		detail := map[string]any{"address": from.Address, "reason": why}
		if u != nil {
			return about(u, detail), nil
		}
		root, err := s.Accounts.Root(ctx) // nobody's region: told to whoever watches over the whole
		return audit.Change{Kind: "sign_in", Region: root, Detail: detail}, err
	})
	if err != nil {
		return err
	}
	return tell
}

// rehash makes the hash anew after the cost was changed. Signing in does not fail for it.
func (s *Service) rehash(ctx context.Context, row passwordRow, password string) {
	hash, err := s.hasher.Hash(ctx, password)
	if err == nil {
		err = s.store.rehash(ctx, row, hash)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "password not hashed anew", slog.String("user", row.User.String()), slog.String("error", err.Error()))
	}
}

// pass signs a user in, or leaves it at the second factor that he has.
func (s *Service) pass(ctx context.Context, u *account.User, m Method, from From) (Passed, error) {
	p := Passed{User: u.ID, Method: m}
	if m != ByProvider || !s.config.Provider.Second {
		second, err := s.store.second(ctx, s.DB, u.ID)
		if err != nil || !second.Confirmed.IsZero() {
			return p, err
		}
	}
	err := s.Audit.Write(ctx, u.Actor(s.at().Day()), signedIn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		var err error
		p.SignIn, err = s.begin(ctx, tx, u, m, from)
		return about(u, map[string]any{"address": from.Address, "method": m}), err
	})
	return p, err
}

// begin stores a new sign-in.
func (s *Service) begin(ctx context.Context, tx db.Tx, u *account.User, m Method, from From) (id.ID, error) {
	in := SignIn{ID: s.IDs.New(), User: u.ID, Method: m, Since: s.at(), Seen: s.at(), Address: from.Address, Agent: from.Agent}
	return in.ID, s.store.insertSignIn(ctx, tx, in)
}

// Second finishes signing in with a code of the second factor or a recovery code.
func (s *Service) Second(ctx context.Context, user id.ID, m Method, code string, from From) (_ Passed, err error) {
	defer errs.Wrap(&err, "second factor of user %s", user)
	from = from.cut()
	if credential.PlainCode(code) == "" {
		return Passed{}, errs.Fields{{Name: "code", Message: "请填写验证码"}}.Err()
	}
	now := s.at()
	if err := s.countSecond(ctx, user, from.Address, now); err != nil {
		return Passed{}, err
	}
	u, err := s.Accounts.User(ctx, everyone, user)
	if err != nil {
		return Passed{}, err
	}
	if u.State != account.Active {
		return Passed{}, admitted(u, passwordRow{}, now)
	}
	p := Passed{User: user, Method: m}
	err = s.Audit.Write(ctx, u.Actor(now.Day()), signedIn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		how, err := s.take(ctx, tx, user, code, now)
		if err != nil {
			return audit.Nothing, err
		}
		p.SignIn, err = s.begin(ctx, tx, u, m, from)
		return about(u, map[string]any{"address": from.Address, "method": m, "second": how}), err
	})
	if errs.Is(err, errs.Invalid) {
		return Passed{}, s.fail(ctx, u, from, "second", err)
	}
	if err != nil {
		return Passed{}, err
	}
	return p, s.store.forgive(ctx, secondKey(user), addressKey(from.Address), now)
}

func (s *Service) countSecond(ctx context.Context, user id.ID, address string, now civil.Instant) error {
	refused, by, err := s.store.try(ctx, now,
		counted{secondKey(user), limits{most: s.config.Attempts, lock: s.config.Lock}},
		counted{addressKey(address), limits{most: s.config.PerAddress, lock: s.config.Lock}})
	if err != nil || by == "" {
		return err
	}
	return refused.refusal(now, "验证码连续输错太多次")
}

// SignOut ends the actor's own sign-in.
func (s *Service) SignOut(ctx context.Context, actor access.Actor, signIn id.ID) (err error) {
	defer errs.Wrap(&err, "sign out")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, signedOut, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		n, err := s.store.end(ctx, tx, u.ID, signIn, 0, SignedOut, s.at())
		if err != nil || n == 0 || signIn == 0 {
			return audit.Nothing, err
		}
		return about(u, nil), nil
	})
}
