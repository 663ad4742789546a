package export

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

// BySignIn implements web.Identifier.
func (u users) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	return web.Identity{Actor: u[signIn], Role: "经办"}, nil
}

// ByToken implements web.Identifier.
func (users) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

// browser is somebody signed in to the pages of exports.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
	body   string
	path   string
	header http.Header
}

func (k *kit) site(t *testing.T) *httptest.Server {
	t.Helper()
	m := web.New(web.Config{
		DB: k.DB, Templates: uitest.Templates(t, web.Views(), Views()), Accounts: k.users,
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	k.Routes(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/exports"), r.Session.Renew(r.Context())
	})
	s := httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return s
}

func as(t *testing.T, s *httptest.Server, user int) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, url: s.URL, client: &http.Client{Jar: jar}}
	b.want(http.StatusOK, http.MethodGet, fmt.Sprintf("/sign/%d", user), nil)
	return b
}

// want asks for a page and looks at what comes back.
func (b *browser) want(status int, method, path string, form url.Values, texts ...string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.body, b.path, b.header = string(text), res.Request.URL.Path, res.Header
	if res.StatusCode != status {
		b.t.Fatalf("%s %s: status %d, want %d:\n%s", method, path, res.StatusCode, status, text)
	}
	for _, want := range texts {
		if !strings.Contains(b.body, want) {
			b.t.Errorf("%s %s: no %q in:\n%s", method, path, want, text)
		}
	}
}

func TestPages(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.users[2], k.users[3] = actor(2, access.Officer, "1410"), actor(3, access.VillageWorker, "141002001")
	k.register(t, 12)
	s := k.site(t)
	b := as(t, s, 1)
	b.want(http.StatusOK, http.MethodGet, "/exports", nil, "还没有导出过名单")
	query := url.Values{"name": {"王秀英甲"}}.Encode()
	b.want(http.StatusOK, http.MethodPost, "/exports", url.Values{"query": {query}}, "导出的列", "能力等级", "用途")
	b.want(http.StatusUnprocessableEntity, http.MethodPost, "/exports",
		url.Values{"query": {query}, "columns": {"name", "number"}, "clear": {"1"}, "purpose": {"无"}}, "请写明用途", `value="number" checked`)
	b.want(http.StatusUnprocessableEntity, http.MethodPost, "/exports", url.Values{"query": {"state=none"}, "columns": {"name"}})
	b.want(http.StatusOK, http.MethodPost, "/exports", url.Values{"query": {query}, "columns": {"name", "number"}}, "正在生成文件")
	at := b.path
	b.want(http.StatusConflict, http.MethodGet, at+"/file", nil)
	n, err := id.Parse(strings.TrimPrefix(at, "/exports/"))
	if err != nil {
		t.Fatal(err)
	}
	k.work(t, n)
	b.want(http.StatusOK, http.MethodGet, at+"/progress", nil, "文件已生成")
	b.want(http.StatusOK, http.MethodGet, "/exports", nil, "可下载", at+"/file", "姓名、证件号码")
	b.want(http.StatusOK, http.MethodGet, at+"/file", nil, "PK")
	if got := b.header.Get("Content-Disposition"); !strings.Contains(got, "attachment") || !strings.Contains(got, "xlsx") {
		t.Errorf("it is sent as %q", got)
	}
	other := as(t, s, 2)
	for _, path := range []string{at, at + "/progress", at + "/file"} {
		other.want(http.StatusNotFound, http.MethodGet, path, nil)
	}
	village := &browser{t: t, url: s.URL, client: other.client}
	village.want(http.StatusForbidden, http.MethodGet, "/sign/3", nil) // on the list
	village.want(http.StatusForbidden, http.MethodPost, "/exports", url.Values{"query": {query}, "columns": {"name"}})
	k.clock.pass(25 * time.Hour)
	b.want(http.StatusOK, http.MethodGet, at, nil, "文件已过期删除")
	b.want(http.StatusNotFound, http.MethodGet, at+"/file", nil)
}
