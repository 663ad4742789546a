package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"yian/internal/account"
	"yian/internal/credential"
	"yian/internal/errs"
)

// provider speaks with the provider of identities. It is asked about itself when
// somebody wants to sign in: the site starts without it.
type provider struct {
	config Provider
	back   string // where it sends browsers back to
	client *http.Client
	now    func() time.Time

	mu       sync.Mutex
	oauth    *oauth2.Config
	verifier *oidc.IDTokenVerifier
}

// providerPatience is how long a page waits for the provider.
const providerPatience = 10 * time.Second

func newProvider(c Provider, site string, client *http.Client, now func() time.Time) *provider {
	if client == nil {
		client = &http.Client{Timeout: providerPatience}
	}
	return &provider{config: c, back: strings.TrimRight(site, "/") + "/login/oidc/callback", client: client, now: now}
}

// open asks the provider for its addresses and keys, the first time.
func (p *provider) open(ctx context.Context) (*oauth2.Config, *oidc.IDTokenVerifier, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.oauth != nil {
		return p.oauth, p.verifier, nil
	}
	// The keys are fetched again later, beyond this request.
	known, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.config.Issuer)
	if err != nil {
		return nil, nil, errs.New(errs.Unavailable, "暂时连不上%s。请稍后再试，或用登录名和密码登录。", p.config.Label).Because(err)
	}
	p.oauth = &oauth2.Config{
		ClientID: p.config.Client, ClientSecret: p.config.Secret, Endpoint: known.Endpoint(), RedirectURL: p.back,
		Scopes: []string{oidc.ScopeOpenID, "profile"},
	}
	p.verifier = known.Verifier(&oidc.Config{ClientID: p.config.Client, Now: p.now})
	return p.oauth, p.verifier, nil
}

// Flow (认证过程) is what the browser's session remembers while its user is away.
type Flow struct{ State, Nonce, Verifier string }

// String returns the flow as a session keeps it.
func (f Flow) String() string { return f.State + " " + f.Nonce + " " + f.Verifier }

// ParseFlow reads what String wrote; anything else is a flow that nothing fits.
func ParseFlow(s string) Flow {
	parts := strings.Fields(s)
	if len(parts) != 3 {
		return Flow{}
	}
	return Flow{parts[0], parts[1], parts[2]}
}

func newFlow() Flow {
	return Flow{State: credential.NewToken(""), Nonce: credential.NewToken(""), Verifier: oauth2.GenerateVerifier()}
}

// begin returns where to send the browser.
func (p *provider) begin(ctx context.Context, f Flow) (string, error) {
	oauth, _, err := p.open(ctx)
	if err != nil {
		return "", err
	}
	return oauth.AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// finish takes the code that the browser brought back to the login name.
func (p *provider) finish(ctx context.Context, f Flow, state, code string) (string, error) {
	refused := errs.New(errs.Conflict, "%s没有完成。请重新登录；如反复出现，请联系系统管理员。", p.config.Label)
	if f.State == "" || subtle.ConstantTimeCompare([]byte(f.State), []byte(state)) != 1 || code == "" {
		return "", refused.Because(errors.New("state does not fit"))
	}
	oauth, verifier, err := p.open(ctx)
	if err != nil {
		return "", err
	}
	token, err := oauth.Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return "", refused.Because(fmt.Errorf("exchange code: %w", err))
	}
	raw, _ := token.Extra("id_token").(string)
	proof, err := verifier.Verify(oidc.ClientContext(ctx, p.client), raw)
	if err != nil {
		return "", refused.Because(fmt.Errorf("verify id token: %w", err))
	}
	if subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(f.Nonce)) != 1 {
		return "", refused.Because(errors.New("nonce does not fit"))
	}
	var claims map[string]any
	if err := proof.Claims(&claims); err != nil {
		return "", refused.Because(fmt.Errorf("read claims: %w", err))
	}
	login, _ := claims[p.config.Claim].(string)
	if login = account.PlainLogin(login); login == "" {
		return "", errs.New(errs.Conflict, "%s没有给出登录名，请联系系统管理员检查设置。", p.config.Label)
	}
	return login, nil
}

// BeginProvider returns where to send a browser whose user signs in through the
// provider of identities, and what its session has to remember.
func (s *Service) BeginProvider(ctx context.Context) (address string, _ Flow, err error) {
	defer errs.Wrap(&err, "begin at provider")
	if s.provider == nil {
		return "", Flow{}, noProvider()
	}
	f := newFlow()
	address, err = s.provider.begin(ctx, f)
	return address, f, err
}

func noProvider() error {
	return errs.New(errs.NotFound, "本系统没有启用统一身份认证，请用登录名和密码登录。")
}

// LoginByProvider signs a user in whom the provider of identities has sent back.
// Nobody is made for it: users are made by administrators.
func (s *Service) LoginByProvider(ctx context.Context, f Flow, state, code string, from From) (_ Passed, err error) {
	defer errs.Wrap(&err, "log in by provider")
	if s.provider == nil {
		return Passed{}, noProvider()
	}
	from = from.cut()
	login, err := s.provider.finish(ctx, f, state, code)
	if errs.Is(err, errs.Conflict) {
		s.Log.WarnContext(ctx, "provider of identities refused", slog.String("error", err.Error()))
		return Passed{}, s.fail(ctx, nil, from, "provider", err)
	}
	if err != nil {
		return Passed{}, err
	}
	u, err := s.Accounts.ByLogin(ctx, everyone, login)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return Passed{}, err
	}
	switch {
	case err != nil || u.Machine:
		return Passed{}, s.fail(ctx, nil, from, "provider_unknown",
			errs.New(errs.Conflict, "您已通过%s，但本系统没有为您建立账号。请联系本单位的系统管理员。", s.config.Provider.Label))
	case u.State != account.Active:
		return Passed{}, s.fail(ctx, u, from, "not_admitted", admitted(u, passwordRow{}, s.at()))
	}
	return s.pass(ctx, u, ByProvider, from)
}
