package signin

import (
	"context"
	"encoding/hex"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/secret"
	"yian/internal/web"
)

// Deps is what the service works with.
type Deps struct {
	DB       *db.DB
	Audit    *audit.Log
	Keys     *secret.Keys
	IDs      *id.Maker
	Now      func() time.Time
	Log      *slog.Logger
	Accounts *account.Service
	Client   *http.Client // to the provider of identities; nil: the ordinary one
}

// Service holds the use cases of signing in. It is the web.Identifier of the site.
type Service struct {
	Deps
	config   Config
	store    store
	hasher   *credential.Hasher
	seen     *account.Lately
	provider *provider // nil: there is none
}

// New makes the service. The configuration must have been checked.
func New(d Deps, c Config) *Service {
	s := &Service{
		Deps: d, config: c, store: store{d.DB}, hasher: credential.NewHasher(c.Hash),
		seen: account.NewLately(d.DB, d.Log, "UPDATE sign_in SET seen_at = $2 WHERE id = $1 AND seen_at < $2"),
	}
	if c.Provider != nil {
		s.provider = newProvider(*c.Provider, c.URL, d.Client, d.Now)
	}
	return s
}

// What the audit trail says of signing in.
var (
	signedIn   = audit.Action{Code: "sign_in.ok", Label: "登录"}
	failed     = audit.Action{Code: "sign_in.fail", Label: "登录失败"}
	lockedOut  = audit.Action{Code: "sign_in.lock", Label: "登录锁定"}
	signedOut  = audit.Action{Code: "sign_in.out", Label: "退出登录"}
	endSignIn  = audit.Action{Code: "sign_in.end", Label: "结束登录会话"}
	unlock     = audit.Action{Code: "sign_in.unlock", Label: "解除登录锁定"}
	changePass = audit.Action{Code: "password.change", Label: "修改密码"}
	resetPass  = audit.Action{Code: "password.reset", Label: "重置密码"}
	secondOn   = audit.Action{Code: "second.on", Label: "启用双因素认证"}
	secondOff  = audit.Action{Code: "second.off", Label: "关闭双因素认证"}
	newCodes   = audit.Action{Code: "second.codes", Label: "更换恢复码"}
	resetOther = audit.Action{Code: "second.reset", Label: "重置双因素认证"}
	setupLink  = audit.Action{Code: "setup.link", Label: "生成首位管理员链接"}
	setupFirst = audit.Action{Code: "setup.first", Label: "建立首位管理员"}
)

// Actions lists what this module writes to the audit trail.
var Actions = []audit.Action{
	signedIn, failed, lockedOut, signedOut, endSignIn, unlock, changePass, resetPass,
	secondOn, secondOff, newCodes, resetOther, setupLink, setupFirst,
}

// everyone is the scope of the system itself, which looks users up before anybody
// has signed in, and one's own account.
var everyone = access.System("登录").Scope(access.AccountRead)

// Config returns the configuration.
func (s *Service) Config() Config { return s.config }

func (s *Service) at() civil.Instant { return civil.At(s.Now()) }

func about(u *account.User, detail any) audit.Change {
	return audit.Change{Kind: "user", Subject: u.ID.String(), Region: u.Organisation.Region, Detail: detail}
}

// Me returns the user who acts, signed in himself.
func (s *Service) Me(ctx context.Context, actor access.Actor) (*account.User, error) {
	if err := actor.Need(access.SignedIn); err != nil {
		return nil, err
	}
	if actor.Via != "session" {
		return nil, errs.New(errs.Denied, "令牌不能修改账号的登录设置。")
	}
	return s.Accounts.User(ctx, everyone, actor.User)
}

// The keys of counts of attempts. What was typed as a login name may be a password
// typed in the wrong place, and is not stored.
func (s *Service) loginKey(login string) string {
	return "login:" + hex.EncodeToString(s.Keys.Index("signin.attempt", login))
}

func addressKey(address string) string { return "address:" + address }

func secondKey(user id.ID) string { return "second:" + strconv.FormatInt(int64(user), 36) }

// BySignIn implements half of web.Identifier. It runs on every request: two prepared
// queries, and nothing is written before the answer.
func (s *Service) BySignIn(ctx context.Context, signIn id.ID) (_ web.Identity, err error) {
	defer errs.Wrap(&err, "identify sign-in %s", signIn)
	st, err := s.store.standing(ctx, signIn)
	if errs.Is(err, errs.NotFound) {
		return web.Identity{}, errs.New(errs.Unauthenticated, "登录已失效，请重新登录。")
	}
	if err != nil {
		return web.Identity{}, err
	}
	if !st.ended.IsZero() {
		return web.Identity{}, errs.New(errs.Unauthenticated, "%s", st.reason.text())
	}
	now := s.at()
	seen := st.seen
	if at, ok := s.seen.Waiting(signIn); ok {
		seen = max(seen, at)
	}
	if now > seen.Add(s.config.Idle) {
		if err := s.store.lapse(ctx, st.user, signIn, Idle, now); err != nil {
			return web.Identity{}, err
		}
		return web.Identity{}, errs.New(errs.Unauthenticated, "%s", Idle.text())
	}
	who, err := s.Accounts.Identity(ctx, st.user)
	if errs.Is(err, errs.NotFound) {
		if err := s.store.lapse(ctx, st.user, signIn, EndedByOther, now); err != nil {
			return web.Identity{}, err
		}
		return web.Identity{}, errs.New(errs.Unauthenticated, "您的账号已停用。如有疑问请联系本单位的系统管理员。")
	}
	if err != nil {
		return web.Identity{}, err
	}
	if now >= seen.Add(time.Minute) {
		s.seen.Note(ctx, signIn, now)
	}
	who.Must = s.must(st, who.Actor, now)
	return who, nil
}

// must names the page that somebody has to go through before any other.
func (s *Service) must(st *standing, actor access.Actor, now civil.Instant) string {
	if st.method == ByPassword && (st.temporary || s.expired(st.setAt, now)) {
		return passwordPage
	}
	if st.second.IsZero() && s.needsSecond(st.method, actor.Grants()) {
		return secondPage
	}
	return ""
}

const (
	passwordPage = "/account/password"
	secondPage   = "/account/second"
)

// expired reports whether a password is too old.
func (s *Service) expired(setAt, now civil.Instant) bool {
	return s.config.Password.Age > 0 && now > setAt.Add(s.config.Password.Age)
}

// needsSecond reports whether one of the roles demands a second factor here.
func (s *Service) needsSecond(m Method, grants []access.Grant) bool {
	if m == ByProvider && s.config.Provider != nil && s.config.Provider.Second {
		return false
	}
	return slices.ContainsFunc(grants, func(g access.Grant) bool { return slices.Contains(s.config.RequireTOTP, g.Role) })
}

// ByToken implements the other half of web.Identifier.
func (s *Service) ByToken(ctx context.Context, token string) (web.Identity, error) {
	return s.Accounts.ByToken(ctx, token)
}
