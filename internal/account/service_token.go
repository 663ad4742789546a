package account

import (
	"context"
	"slices"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/web"
)

var (
	createToken = audit.Action{Code: "token.create", Label: "签发令牌"}
	revokeToken = audit.Action{Code: "token.revoke", Label: "吊销令牌"}
)

// CreateToken makes a token for a machine and returns it in clear, for once.
func (s *Service) CreateToken(ctx context.Context, actor access.Actor, d TokenDraft) (clear string, _ *Token, err error) {
	defer errs.Wrap(&err, "create token")
	if err := actor.Need(access.TokenWrite); err != nil {
		return "", nil, err
	}
	clear = credential.NewToken(tokenPrefix)
	t := &Token{ID: s.IDs.New(), User: d.User, Created: s.Instant(), Expires: d.expiry(s.Instant())}
	err = s.Audit.Write(ctx, actor, createToken, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		u, err := s.store.user(ctx, actor.Scope(access.TokenWrite), tx, d.User)
		if errs.Is(err, errs.NotFound) {
			return audit.Nothing, errs.Fields{{Name: "user", Message: "请选择接口用户"}}.Err()
		}
		if err != nil {
			return audit.Nothing, err
		}
		if err := reaches(actor.Scope(access.TokenWrite), u, s.Today()); err != nil {
			return audit.Nothing, err
		}
		if err := d.clean(u, s.Today()); err != nil {
			return audit.Nothing, err
		}
		slices.Sort(d.Permissions)
		t.Name, t.Permissions, t.Region = d.Name, slices.Compact(d.Permissions), d.Region
		t.Login, t.Place = u.Login, u.Organisation.Name
		if err := s.store.insertToken(ctx, tx, t, credential.HashToken(clear), actor.User); err != nil {
			return audit.Nothing, err
		}
		return aboutToken(t, u), nil
	})
	if err != nil {
		return "", nil, err
	}
	return clear, t, nil
}

func aboutToken(t *Token, u *User) audit.Change {
	return audit.Change{Kind: "token", Subject: t.ID.String(), Region: u.Organisation.Region, Detail: map[string]any{
		"user": u.ID, "permissions": t.Permissions, "region": t.Region, "expires": t.Expires.String(),
	}}
}

// RevokeToken ends a token at once.
func (s *Service) RevokeToken(ctx context.Context, actor access.Actor, token id.ID) (err error) {
	defer errs.Wrap(&err, "revoke token %s", token)
	if err := actor.Need(access.TokenWrite); err != nil {
		return err
	}
	return s.Audit.Write(ctx, actor, revokeToken, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		t, err := s.store.token(ctx, actor.Scope(access.TokenWrite), tx, token)
		if err != nil || !t.Revoked.IsZero() {
			return audit.Nothing, err
		}
		u, err := s.store.user(ctx, actor.Scope(access.TokenWrite), tx, t.User)
		if err != nil {
			return audit.Nothing, err
		}
		if err := s.store.revokeToken(ctx, tx, t.ID, s.Instant()); err != nil {
			return audit.Nothing, err
		}
		return aboutToken(t, u), nil
	})
}

// Tokens lists tokens of machines in the scope, the newest first.
func (s *Service) Tokens(ctx context.Context, scope access.Scope, q TokenQuery) (_ []Token, err error) {
	defer errs.Wrap(&err, "list tokens")
	return s.store.tokens(ctx, scope, q)
}

// Token returns a token of a machine in the scope.
func (s *Service) Token(ctx context.Context, scope access.Scope, token id.ID) (_ *Token, err error) {
	defer errs.Wrap(&err, "token %s", token)
	return s.store.token(ctx, scope, s.DB, token)
}

// ByToken implements half of web.Identifier: who acts with a token. It is one query.
func (s *Service) ByToken(ctx context.Context, token string) (_ web.Identity, err error) {
	defer errs.Wrap(&err, "identify token")
	wrong := errs.New(errs.Unauthenticated, "令牌无效、已过期或已吊销，请向系统管理员索取新的令牌。")
	if len(token) > 200 {
		return web.Identity{}, wrong
	}
	t, who, err := s.store.byToken(ctx, credential.HashToken(token), s.Today())
	if errs.Is(err, errs.NotFound) || err == nil && !t.Valid(s.Instant()) {
		return web.Identity{}, wrong
	}
	if err != nil {
		return web.Identity{}, err
	}
	if s.Instant() >= t.Used.Add(time.Minute) {
		s.used.Note(ctx, t.ID, s.Instant())
	}
	return who.identity(t.User, "token", &access.Limit{Permissions: t.Permissions, Region: t.Region}), nil
}
