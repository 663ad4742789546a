// Package accounttest makes users for tests and signs them in by the login page, so
// that a test meets the site as a browser does.
package accounttest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/audit"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/signin"
)

// Password is what every user of a test signs in with.
const Password = "Lin-fen 2026 test" //nolint:gosec // of users who live as long as a test

// System acts before there is anybody who could.
var System = access.System("测试")

// Config is a configuration whose hashes are quick to compute and safe for nobody.
func Config() signin.Config {
	c := signin.DefaultConfig()
	c.Hash = credential.Cost{Memory: 64, Time: 1, Threads: 1}
	c.RequireTOTP = nil
	return c
}

// Keys are the keys of the tests of this process.
func Keys(t testing.TB) *secret.Keys {
	t.Helper()
	file, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// Kit (测试套件) is the services of accounts on a database.
type Kit struct {
	DB       *db.DB
	Audit    *audit.Log
	Keys     *secret.Keys
	IDs      *id.Maker
	Accounts *account.Service
	SignIns  *signin.Service
}

// New makes the services with a clock.
func New(t testing.TB, d *db.DB, c signin.Config, now func() time.Time) *Kit {
	t.Helper()
	k := &Kit{DB: d, Keys: Keys(t), IDs: id.NewMaker(now)}
	k.Audit = audit.New(d, k.Keys, k.IDs, now)
	log := slog.New(slog.DiscardHandler)
	k.Accounts = account.New(account.Deps{DB: d, Audit: k.Audit, Keys: k.Keys, IDs: k.IDs, Now: now, Log: log})
	k.SignIns = signin.New(signin.Deps{
		DB: d, Audit: k.Audit, Keys: k.Keys, IDs: k.IDs, Now: now, Log: log, Accounts: k.Accounts,
	}, c)
	return k
}

var made atomic.Int64

// kindOf tells the kind of organisation by the digits of its region.
var kindOf = map[int]account.Kind{2: account.Province, 4: account.City, 6: account.County, 9: account.Town, 12: account.Village}

// Organisation returns the organisation of a region that tests share, making it the
// first time.
func Organisation(t testing.TB, accounts *account.Service, at region.Code) *account.Organisation {
	t.Helper()
	kind, ok := kindOf[len(at)]
	if !ok {
		kind = account.Department
	}
	name := "测试单位 " + string(at)
	scope := System.Scope(access.AccountRead)
	found, err := accounts.Organisations(t.Context(), scope, account.OrganisationQuery{Text: name, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for i := range found.Organisations {
		if o := &found.Organisations[i]; o.Name == name && o.Region == at {
			return o
		}
	}
	o, err := accounts.CreateOrganisation(t.Context(), System, account.OrganisationDraft{Kind: kind, Name: name, Region: at})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// User makes a user who holds a role in a region and works there. Without a role he
// holds none.
func User(t testing.TB, signIns *signin.Service, role access.Role, at region.Code) *account.User {
	t.Helper()
	n := made.Add(1)
	return NamedUser(t, signIns, fmt.Sprintf("test%d", n), fmt.Sprintf("测试用户%d", n), role, at)
}

// NamedUser is User with a login and a name of one's choice.
func NamedUser(t testing.TB, signIns *signin.Service, login, name string, role access.Role, at region.Code) *account.User {
	t.Helper()
	ctx, accounts := t.Context(), signIns.Accounts
	u, err := accounts.CreateUser(ctx, System, account.UserDraft{
		Login: login, Name: name, Organisation: Organisation(t, accounts, at).ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := signIns.SetPassword(ctx, System, u.ID, Password); err != nil {
		t.Fatal(err)
	}
	if role == "" {
		return u
	}
	if _, err := accounts.Grant(ctx, System, u.ID, account.GrantDraft{Role: role, Region: at}); err != nil {
		t.Fatal(err)
	}
	if u, err = accounts.User(ctx, System.Scope(access.AccountRead), u.ID); err != nil {
		t.Fatal(err)
	}
	return u
}

// Client returns a browser in which a new user with a role in a region has signed in.
// A second factor that the role demands is set up on the way. It does not follow
// redirects: a test sees where it is sent.
func Client(t testing.TB, server *httptest.Server, signIns *signin.Service, role access.Role, at region.Code) *http.Client {
	t.Helper()
	return SignIn(t, server, signIns, User(t, signIns, role, at))
}

// SignIn returns a browser in which a user made here has signed in.
func SignIn(t testing.TB, server *httptest.Server, signIns *signin.Service, u *account.User) *http.Client {
	t.Helper()
	client := Browser(t, server)
	location := Post(t, client, server.URL+"/login", url.Values{"login": {u.Login}, "password": {Password}})
	code := ""
	if demands(signIns, u) {
		code = enrol(t, signIns, u)
		location = Post(t, client, server.URL+"/login", url.Values{"login": {u.Login}, "password": {Password}})
	}
	if code != "" {
		location = Post(t, client, server.URL+location, url.Values{"code": {code}})
	}
	if location != "/" {
		t.Fatalf("signing %s in leads to %q, want /", u.Login, location)
	}
	return client
}

// Browser returns a browser that keeps cookies and does not follow redirects.
func Browser(t testing.TB, server *httptest.Server) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{
		Transport: server.Client().Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Post sends a form and returns where it leads; "" where it leads nowhere.
func Post(t testing.TB, client *http.Client, address string, form url.Values) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.Header.Get("Location")
}

// demands reports whether one of the user's roles needs a second factor.
func demands(signIns *signin.Service, u *account.User) bool {
	required := signIns.Config().RequireTOTP
	return slices.ContainsFunc(u.Grants, func(g account.Grant) bool { return slices.Contains(required, g.Role) })
}

// enrol sets up a second factor and returns a recovery code: the code of this half
// minute has been used.
func enrol(t testing.TB, signIns *signin.Service, u *account.User) string {
	t.Helper()
	ctx, actor := t.Context(), u.Actor(signIns.Accounts.Today())
	if err := signIns.StartSecond(ctx, actor); err != nil {
		t.Fatal(err)
	}
	e, err := signIns.PendingSecond(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	code, err := credential.Code(strings.ReplaceAll(e.Secret, " ", ""), credential.Step(signIns.Now()))
	if err != nil {
		t.Fatal(err)
	}
	codes, err := signIns.ConfirmSecond(ctx, actor, code)
	if err != nil {
		t.Fatal(err)
	}
	return codes[0]
}
