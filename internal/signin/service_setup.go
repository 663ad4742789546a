package signin

import (
	"context"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/audit"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// linkHours is how long the link for the first administrator works.
const linkHours = 24

// SetupLink makes a link for the first administrator, whose token follows /setup/.
// It is not needed once somebody administers accounts.
func (s *Service) SetupLink(ctx context.Context) (token string, needed bool, err error) {
	defer errs.Wrap(&err, "setup link")
	there, err := s.Accounts.HasAdministrator(ctx)
	if err != nil || there {
		return "", false, err
	}
	token = credential.NewToken("")
	err = s.Audit.Write(ctx, access.System("启动"), setupLink, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		row := setupRow{ID: s.IDs.New(), Hash: credential.HashToken(token), Expires: s.at().Add(linkHours * time.Hour)}
		return audit.Change{Kind: "setup", Subject: row.ID.String()}, s.store.insertSetup(ctx, tx, row, s.at())
	})
	return token, err == nil, err
}

func badLink() error {
	return errs.New(errs.NotFound, "链接无效、已用过或已过期（有效期 %d 小时）。如果系统还没有管理员，请在服务器上重新启动 yian serve，会打印新的链接。", linkHours)
}

// CheckSetup says whether a link leads anywhere.
func (s *Service) CheckSetup(ctx context.Context, token string) (err error) {
	defer errs.Wrap(&err, "check setup link")
	ok, err := s.store.setup(ctx, credential.HashToken(token), s.at())
	if err == nil && !ok {
		err = badLink()
	}
	return err
}

// SetupDraft (首位管理员) is what the form of the link says.
type SetupDraft struct {
	account.First
	Password, Again string
}

// FirstAdministrator makes the first administrator by a link, which is used up.
func (s *Service) FirstAdministrator(ctx context.Context, token string, d SetupDraft) (_ id.ID, err error) {
	defer errs.Wrap(&err, "first administrator")
	if err := s.CheckSetup(ctx, token); err != nil {
		return 0, err
	}
	var faults errs.Fields
	faults.Check("new", s.config.Password.Accept(d.Password, account.PlainLogin(d.User.Login)))
	if d.Password != d.Again {
		faults.Add("again", "两次填写的密码不一致")
	}
	if err := s.Accounts.CheckFirst(d.First); err != nil {
		faults = append(errs.FieldsOf(err), faults...)
	}
	if err := faults.Err(); err != nil {
		return 0, err
	}
	hash, err := s.hasher.Hash(ctx, d.Password)
	if err != nil {
		return 0, err
	}
	u, err := s.Accounts.FirstAdministrator(ctx, access.System("首次设置"), setupFirst, d.First,
		func(ctx context.Context, tx db.Tx, u *account.User) error {
			ok, err := s.store.takeSetup(ctx, tx, credential.HashToken(token), s.at())
			if err == nil && !ok {
				err = badLink()
			}
			if err != nil {
				return err
			}
			_, err = s.store.setPassword(ctx, tx, passwordRow{}, passwordRow{User: u.ID, Hash: hash, SetAt: s.at()}, 0, 0)
			return err
		})
	if err != nil {
		return 0, err
	}
	return u.ID, nil
}
