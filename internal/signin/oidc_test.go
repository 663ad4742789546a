package signin_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/signin"
)

// identities is a small provider of identities: it lets everybody in whose name the
// test sets, and signs what it says.
type identities struct {
	*httptest.Server
	key    *rsa.PrivateKey
	now    func() time.Time
	login  string
	nonce  string // instead of the one that was asked for
	client string // instead of the audience
	signer *rsa.PrivateKey
	codes  map[string]url.Values
}

func newIdentities(t *testing.T, now func() time.Time) *identities {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &identities{key: key, signer: key, now: now, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (p *identities) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (p *identities) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
		"n": encode(p.key.N.Bytes()), "e": encode(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// authorize asks nobody anything.
func (p *identities) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	code := fmt.Sprintf("code%d", len(p.codes))
	p.codes[code] = q
	back := q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back, http.StatusFound)
}

// token checks client, secret and proof key, as a provider does.
func (p *identities) token(w http.ResponseWriter, r *http.Request) {
	asked := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	client, secret, basic := r.BasicAuth()
	if !basic {
		client, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if asked == nil || client != "yian" || secret != "s3cret" || asked.Get("code_challenge") != encode(sum[:]) || asked.Get("code_challenge_method") != "S256" {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{
		"iss": p.URL, "aud": "yian", "sub": "42", "iat": p.now().Unix(), "exp": p.now().Add(time.Minute).Unix(),
		"nonce": asked.Get("nonce"), "employee": p.login,
	}
	if p.nonce != "" {
		claims["nonce"] = p.nonce
	}
	if p.client != "" {
		claims["aud"] = p.client
	}
	answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *identities) sign(claims map[string]any) string {
	body, _ := json.Marshal(claims)
	text := encode([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	mark, err := rsa.SignPKCS1v15(rand.Reader, p.signer, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + encode(mark)
}

// visit goes to the provider as a browser does, and returns what it brings back.
func visit(t *testing.T, address string) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	back, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	if back.Scheme+"://"+back.Host+back.Path != "http://localhost:8080/login/oidc/callback" {
		t.Fatalf("sent back to %s", back)
	}
	return back.Query()
}

func withProvider(p *identities) func(*signin.Config) {
	return func(c *signin.Config) {
		c.URL = "http://localhost:8080/"
		c.Provider = &signin.Provider{Issuer: p.URL, Client: "yian", Secret: "s3cret", Label: "山西政务统一身份认证", Claim: "employee"}
	}
}

func (k *kit) byProvider(t *testing.T) (signin.Passed, error) {
	t.Helper()
	address, flow, err := k.SignIns.BeginProvider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	back := visit(t, address)
	return k.SignIns.LoginByProvider(t.Context(), signin.ParseFlow(flow.String()), back.Get("state"), back.Get("code"), home)
}

func TestProvider(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clock := &kit{at: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)}
		p := newIdentities(t, clock.now)
		k := setup(t, d, withProvider(p))
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		p.login = " " + u.Login
		passed, err := k.byProvider(t)
		if err != nil || passed.User != u.ID || passed.Method != signin.ByProvider {
			t.Fatalf("got %+v, %v", passed, err)
		}
		k.pass(91 * 24 * time.Hour)
		passed, err = k.byProvider(t)
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("an expired proof is taken: %+v, %v", passed, err)
		}
		clock.pass(91 * 24 * time.Hour)
		if passed, err = k.byProvider(t); err != nil {
			t.Fatal(err)
		}
		if who, err := k.SignIns.BySignIn(t.Context(), passed.SignIn); err != nil || who.Must != "" {
			t.Errorf("must change a password he does not use: %+v, %v", who, err)
		}
		k.enrol(t, u)
		if passed, err = k.byProvider(t); err != nil || passed.SignIn != 0 {
			t.Errorf("no second factor is asked for: %+v, %v", passed, err)
		}
		if err := k.Accounts.SetState(t.Context(), accounttest.System, u.ID, account.Disabled); err != nil {
			t.Fatal(err)
		}
		_, err = k.byProvider(t)
		want(t, err, errs.Conflict, "该账号已停用")
	})
}

func TestProviderAsksForTheSecondFactorItself(t *testing.T) {
	clock := &kit{at: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)}
	p := newIdentities(t, clock.now)
	k := setup(t, dbtest.SQLite(t), withProvider(p), func(c *signin.Config) {
		c.Provider.Second = true
		c.RequireTOTP = []access.Role{access.Officer}
	})
	u := accounttest.User(t, k.SignIns, access.Officer, "141002")
	p.login = u.Login
	passed, err := k.byProvider(t)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := k.SignIns.BySignIn(t.Context(), passed.SignIn); err != nil || who.Must != "" {
		t.Errorf("got %+v, %v", who, err)
	}
	if who, err := k.SignIns.BySignIn(t.Context(), k.login(t, u)); err != nil || who.Must != "/account/second" {
		t.Errorf("by password: %+v, %v", who, err)
	}
}

func TestProviderRefused(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*identities, *signin.Flow, url.Values)
		text   string
	}{
		{"a user who is not here", func(p *identities, _ *signin.Flow, _ url.Values) { p.login = "stranger" }, "没有为您建立账号"},
		{"no login name", func(p *identities, _ *signin.Flow, _ url.Values) { p.login = "" }, "没有给出登录名"},
		{"another state", func(_ *identities, _ *signin.Flow, v url.Values) { v.Set("state", "x") }, "没有完成"},
		{"no state at all", func(_ *identities, f *signin.Flow, v url.Values) { *f = signin.ParseFlow(""); v.Del("state") }, "没有完成"},
		{"another nonce", func(p *identities, _ *signin.Flow, _ url.Values) { p.nonce = "x" }, "没有完成"},
		{"another proof key", func(_ *identities, f *signin.Flow, _ url.Values) {
			f.Verifier = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		}, "没有完成"},
		{"another site's proof", func(p *identities, _ *signin.Flow, _ url.Values) { p.client = "other" }, "没有完成"},
		{"signed by somebody else", func(p *identities, _ *signin.Flow, _ url.Values) { p.signer = other }, "没有完成"},
		{"a code of nobody", func(_ *identities, _ *signin.Flow, v url.Values) { v.Set("code", "x") }, "没有完成"},
		{"refused at the provider", func(_ *identities, _ *signin.Flow, v url.Values) { v.Del("code") }, "没有完成"},
	} {
		clock := &kit{at: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)}
		p := newIdentities(t, clock.now)
		k := setup(t, dbtest.SQLite(t), withProvider(p))
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		p.login = u.Login
		address, flow, err := k.SignIns.BeginProvider(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		back := visit(t, address)
		c.change(p, &flow, back)
		passed, err := k.SignIns.LoginByProvider(t.Context(), flow, back.Get("state"), back.Get("code"), home)
		if passed.SignIn != 0 || !errs.Is(err, errs.Conflict) {
			t.Errorf("%s: %+v, %v", c.name, passed, err)
			continue
		}
		want(t, err, errs.Conflict, c.text)
		if got := k.actions(t)[0]; got != "sign_in.fail" {
			t.Errorf("%s: the trail tells %s", c.name, got)
		}
	}
}

func TestProviderAway(t *testing.T) {
	clock := &kit{}
	p := newIdentities(t, clock.now)
	k := setup(t, dbtest.SQLite(t), withProvider(p))
	p.Close()
	_, _, err := k.SignIns.BeginProvider(t.Context())
	want(t, err, errs.Unavailable, "暂时连不上山西政务统一身份认证")
	none := setup(t, dbtest.SQLite(t))
	_, _, err = none.SignIns.BeginProvider(t.Context())
	want(t, err, errs.NotFound, "没有启用统一身份认证")
}
