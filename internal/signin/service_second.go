package signin

import (
	"context"
	"strings"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/ui"
)

// recoveryCodes is how many codes replace a telephone that was lost.
const recoveryCodes = 10

func secretContext(user id.ID) string { return "signin.second:" + user.String() }

// recoveryHash is what is stored of a recovery code: with a key, as 50 bits alone
// could be tried out by whoever has the database.
func (s *Service) recoveryHash(user id.ID, code string) []byte {
	return s.Keys.MAC("signin.recovery", []byte(user.String()), []byte(credential.PlainCode(code)))
}

func wrongCode() error {
	return errs.Fields{{Name: "code", Message: "验证码不正确或已用过。请等手机上显示下一个验证码后再填；手机不在身边可用恢复码"}}.Err()
}

// take uses up a code of the second factor, or a recovery code, and says which.
func (s *Service) take(ctx context.Context, tx db.Tx, user id.ID, code string, now civil.Instant) (how string, err error) {
	row, err := s.store.second(ctx, tx, user)
	if err != nil {
		return "", err
	}
	if row.Confirmed.IsZero() {
		return "", wrongCode()
	}
	ok := false
	if plain := credential.PlainCode(code); len(plain) == 6 && strings.Trim(plain, "0123456789") == "" {
		how = "totp"
		ok, err = s.takeCode(ctx, tx, row, plain, now)
	} else {
		how = "recovery"
		ok, err = s.store.takeRecovery(ctx, tx, user, s.recoveryHash(user, code), now)
	}
	if err == nil && !ok {
		err = wrongCode()
	}
	return how, err
}

// takeCode uses up a code of the secret.
func (s *Service) takeCode(ctx context.Context, tx db.Tx, row secondRow, code string, now civil.Instant) (bool, error) {
	secret, err := s.Keys.Open(row.Secret, secretContext(row.User))
	if err != nil {
		return false, err
	}
	step, ok, err := credential.Match(string(secret), code, now.Time())
	if err != nil || !ok {
		return false, err
	}
	return s.store.takeStep(ctx, tx, row.User, step)
}

// StartSecond makes a secret for the actor's telephone. It counts for nothing until
// he shows a code made with it.
func (s *Service) StartSecond(ctx context.Context, actor access.Actor) (err error) {
	defer errs.Wrap(&err, "start second factor")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return err
	}
	sealed := s.Keys.Seal([]byte(credential.NewSecret()), secretContext(u.ID))
	return s.store.quiet(ctx, func(ctx context.Context, tx db.Tx) error {
		ok, err := s.store.proposeSecond(ctx, tx, u.ID, sealed)
		if err == nil && !ok {
			err = errs.New(errs.Conflict, "双因素认证已启用。要换手机，请先用现在的验证码或恢复码关闭它。")
		}
		return err
	})
}

// Enrolment (双因素登记) is what a telephone needs to make codes.
type Enrolment struct {
	Secret  string // in groups, to be typed
	Address string // in the QR code
}

// PendingSecond returns the secret that the actor has not confirmed yet; NotFound
// where there is none.
func (s *Service) PendingSecond(ctx context.Context, actor access.Actor) (_ *Enrolment, err error) {
	defer errs.Wrap(&err, "pending second factor")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return nil, err
	}
	row, err := s.store.second(ctx, s.DB, u.ID)
	if err != nil {
		return nil, err
	}
	if row.User == 0 || !row.Confirmed.IsZero() {
		return nil, errs.New(errs.NotFound, "没有正在设置的双因素认证，请从“我的账号”重新开始。")
	}
	secret, err := s.Keys.Open(row.Secret, secretContext(u.ID))
	if err != nil {
		return nil, err
	}
	return &Enrolment{
		Secret:  credential.Spaced(string(secret)),
		Address: credential.Enrolment(ui.Brand, u.Login, string(secret)),
	}, nil
}

// ConfirmSecond turns the second factor on by a first code, and returns the recovery
// codes for once.
func (s *Service) ConfirmSecond(ctx context.Context, actor access.Actor, code string) (codes []string, err error) {
	defer errs.Wrap(&err, "confirm second factor")
	u, err := s.Me(ctx, actor)
	if err != nil {
		return nil, err
	}
	codes = credential.NewRecoveryCodes(recoveryCodes)
	return codes, s.Audit.Write(ctx, actor, secondOn, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		row, err := s.store.second(ctx, tx, u.ID)
		if err != nil {
			return audit.Nothing, err
		}
		if row.User == 0 || !row.Confirmed.IsZero() {
			return audit.Nothing, errs.New(errs.Conflict, "没有正在设置的双因素认证，请重新开始。")
		}
		ok, err := s.takeCode(ctx, tx, row, code, s.at())
		if err != nil {
			return audit.Nothing, err
		}
		if !ok {
			return audit.Nothing, errs.Fields{{Name: "code", Message: "验证码不正确。请确认手机时间准确，等显示下一个验证码后再填"}}.Err()
		}
		if ok, err := s.store.confirmSecond(ctx, tx, u.ID, s.at()); err != nil || !ok {
			return audit.Nothing, err
		}
		return about(u, nil), s.storeCodes(ctx, tx, u.ID, codes)
	})
}

func (s *Service) storeCodes(ctx context.Context, tx db.Tx, user id.ID, codes []string) error {
	hashes := make([][]byte, len(codes))
	for i, c := range codes {
		hashes[i] = s.recoveryHash(user, c)
	}
	return s.store.replaceRecovery(ctx, tx, user, hashes)
}

// NewCodes replaces the actor's recovery codes and returns the new ones for once.
func (s *Service) NewCodes(ctx context.Context, actor access.Actor, code string) (codes []string, err error) {
	defer errs.Wrap(&err, "new recovery codes")
	codes = credential.NewRecoveryCodes(recoveryCodes)
	return codes, s.withCode(ctx, actor, newCodes, code, func(ctx context.Context, tx db.Tx) error {
		return s.storeCodes(ctx, tx, actor.User, codes)
	})
}

// DropSecond turns the actor's own second factor off, as before another telephone.
func (s *Service) DropSecond(ctx context.Context, actor access.Actor, code string) (err error) {
	defer errs.Wrap(&err, "drop second factor")
	return s.withCode(ctx, actor, secondOff, code, func(ctx context.Context, tx db.Tx) error {
		_, err := s.store.dropSecond(ctx, tx, actor.User)
		return err
	})
}

// withCode does something that asks for a code first. Wrong codes are counted as
// when signing in.
func (s *Service) withCode(ctx context.Context, actor access.Actor, action audit.Action, code string, do func(context.Context, db.Tx) error) error {
	u, err := s.Me(ctx, actor)
	if err != nil {
		return err
	}
	now := s.at()
	refused, by, err := s.store.try(ctx, now, counted{secondKey(u.ID), limits{most: s.config.Attempts, lock: s.config.Lock}})
	if err != nil {
		return err
	}
	if by != "" {
		return refused.refusal(now, "验证码连续输错太多次")
	}
	return s.Audit.Write(ctx, actor, action, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if _, err := s.take(ctx, tx, u.ID, code, now); err != nil {
			return audit.Nothing, err
		}
		if err := s.store.clear(ctx, tx, secondKey(u.ID)); err != nil {
			return audit.Nothing, err
		}
		return about(u, nil), do(ctx, tx)
	})
}

// ResetSecond turns another user's second factor off, who has lost his telephone
// and his codes.
func (s *Service) ResetSecond(ctx context.Context, actor access.Actor, user id.ID) (err error) {
	defer errs.Wrap(&err, "reset second factor of user %s", user)
	u, err := s.other(ctx, actor, user)
	if err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, resetOther, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		ok, err := s.store.dropSecond(ctx, tx, u.ID)
		if err != nil || !ok {
			return audit.Nothing, err
		}
		if err := s.store.clear(ctx, tx, secondKey(u.ID)); err != nil {
			return audit.Nothing, err
		}
		_, err = s.store.end(ctx, tx, u.ID, 0, 0, EndedByOther, s.at())
		return about(u, nil), err
	})
}
