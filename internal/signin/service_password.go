package signin

import (
	"context"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/audit"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// PasswordDraft (修改密码) is what the form says.
type PasswordDraft struct{ Current, New, Again string }

// ChangePassword changes the actor's own password and ends his other sign-ins.
func (s *Service) ChangePassword(ctx context.Context, actor access.Actor, keep id.ID, d PasswordDraft) (err error) {
	defer errs.Wrap(&err, "change password")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return err
	}
	old, err := s.checkCurrent(ctx, u, d.Current)
	if err != nil {
		return err
	}
	var faults errs.Fields
	faults.Check("new", s.config.Password.Accept(d.New, u.Login))
	if d.New != d.Again {
		faults.Add("again", "两次填写的新密码不一致")
	}
	if len(faults) == 0 {
		used, err := s.usedBefore(ctx, old, d.New)
		if err != nil {
			return err
		}
		if used {
			faults.Add("new", "不能与最近 %d 次用过的密码相同，请换一个新的", s.config.Password.History)
		}
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return s.replace(ctx, actor, changePass, u, old, d.New, false, keep)
}

// checkCurrent compares the present password, and counts those who guess it at a
// browser that somebody left open.
func (s *Service) checkCurrent(ctx context.Context, u *account.User, typed string) (passwordRow, error) {
	now := s.at()
	key := s.loginKey(u.Login)
	refused, by, err := s.store.try(ctx, now, counted{key, limits{most: s.config.Attempts, lock: s.config.Lock}})
	if err != nil {
		return passwordRow{}, err
	}
	if by != "" {
		return passwordRow{}, refused.refusal(now, "当前密码连续输错太多次")
	}
	row, err := s.store.password(ctx, s.DB, u.ID)
	if err != nil {
		return passwordRow{}, err
	}
	ok, _, err := s.hasher.Verify(ctx, typed, row.Hash)
	if err != nil {
		return passwordRow{}, err
	}
	if !ok {
		return passwordRow{}, errs.Fields{{Name: "current", Message: "当前密码不正确"}}.Err()
	}
	return row, s.store.quiet(ctx, func(ctx context.Context, tx db.Tx) error { return s.store.clear(ctx, tx, key) })
}

// usedBefore reports whether a password is the present one or one of the last.
func (s *Service) usedBefore(ctx context.Context, present passwordRow, password string) (bool, error) {
	hashes, err := s.store.used(ctx, s.DB, present.User, s.config.Password.History-1)
	if err != nil {
		return false, err
	}
	for _, hash := range append([]string{present.Hash}, hashes...) {
		if hash == "" {
			continue
		}
		if ok, _, err := s.hasher.Verify(ctx, password, hash); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

// replace stores a password and ends the sign-ins of the user but one.
func (s *Service) replace(ctx context.Context, actor access.Actor, action audit.Action, u *account.User, old passwordRow,
	password string, temporary bool, keep id.ID,
) error {
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		row := passwordRow{User: u.ID, Hash: hash, SetAt: s.at(), Temporary: temporary}
		ok, err := s.store.setPassword(ctx, tx, old, row, s.IDs.New(), s.config.Password.History)
		if err != nil {
			return audit.Nothing, err
		}
		if !ok {
			return audit.Nothing, errs.New(errs.Stale, "密码刚刚被修改过，请用最新的密码登录后再试。")
		}
		if err := s.store.clear(ctx, tx, s.loginKey(u.Login)); err != nil {
			return audit.Nothing, err
		}
		ended, err := s.store.end(ctx, tx, u.ID, 0, keep, PasswordChanged, s.at())
		return about(u, map[string]any{"temporary": temporary, "ended": ended}), err
	})
}

// ResetPassword gives a user a temporary password, which is returned for once, ends
// his sign-ins and takes a lock from his account.
func (s *Service) ResetPassword(ctx context.Context, actor access.Actor, user id.ID) (temporary string, err error) {
	defer errs.Wrap(&err, "reset password of user %s", user)
	u, err := s.other(ctx, actor, user)
	if err != nil {
		return "", err
	}
	if u.Machine {
		return "", errs.New(errs.Conflict, "接口用户不能登录，没有密码；请为它签发令牌。")
	}
	old, err := s.store.password(ctx, s.DB, user)
	if err != nil {
		return "", err
	}
	temporary = credential.NewTemporary()
	return temporary, s.replace(ctx, actor, resetPass, u, old, temporary, true, 0)
}

// SetPassword gives a user a lasting password. Only the system itself may: it sets
// up demonstrations.
func (s *Service) SetPassword(ctx context.Context, actor access.Actor, user id.ID, password string) (err error) {
	defer errs.Wrap(&err, "set password of user %s", user)
	if !actor.Known() || actor.User != 0 {
		return errs.New(errs.Denied, "只能生成临时密码，由用户自己改成正式密码。")
	}
	u, err := s.Accounts.Manage(ctx, actor, user)
	if err != nil {
		return err
	}
	if err := s.config.Password.Accept(password, u.Login); err != nil {
		return errs.New(errs.Invalid, "%s", err)
	}
	old, err := s.store.password(ctx, s.DB, user)
	if err != nil {
		return err
	}
	return s.replace(ctx, actor, resetPass, u, old, password, false, 0)
}

// other returns a user whose credentials the actor may change: never his own, which
// ask for what he has now.
func (s *Service) other(ctx context.Context, actor access.Actor, user id.ID) (*account.User, error) {
	if user == actor.User {
		return nil, errs.New(errs.Conflict, "自己的密码和双因素认证请到“我的账号”里修改。")
	}
	return s.Accounts.Manage(ctx, actor, user)
}
