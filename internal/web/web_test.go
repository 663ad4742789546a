package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/access"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

// accounts knows user 1 behind sign-in 1 and the token "t"; sign-in 2 has ended.
type accounts struct{ must string }

func (a accounts) identity() web.Identity {
	actor := access.NewActor(1, "张三", "session", []access.Grant{{Role: access.Officer, Region: "141002"}}, nil)
	return web.Identity{Actor: actor, Role: "民政工作人员", Place: "尧都区民政局", Must: a.must}
}

func (a accounts) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	if signIn != 1 {
		return web.Identity{}, errs.New(errs.Unauthenticated, "长时间没有操作，已自动退出。")
	}
	return a.identity(), nil
}

func (a accounts) ByToken(_ context.Context, token string) (web.Identity, error) {
	if token != "t" {
		return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
	}
	return a.identity(), nil
}

type formPage struct {
	ui.Frame
	Form ui.Form
	Text string
}

var views = ui.Set{
	FS:    fstest.MapFS{"templates/form.html": {Data: []byte(`{{define "content"}}<p>{{.Text}}</p>{{template "form" .Form}}{{end}}`)}},
	Pages: map[string]ui.Page{"test/form": &formPage{}},
}

type server struct {
	*httptest.Server
	mux *web.Mux
	log *bytes.Buffer
}

func serve(t *testing.T, who accounts) *server {
	t.Helper()
	s := &server{log: new(bytes.Buffer)}
	s.mux = web.New(web.Config{
		DB: dbtest.SQLite(t), Templates: uitest.Templates(t, web.Views(), views), Accounts: who,
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	page := func(text string) (web.Response, error) {
		return web.Page("test/form", &formPage{Frame: ui.Frame{Title: "页面"}, Text: text}), nil
	}
	s.mux.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/mine", web.Done("已登录")), r.Session.Renew(r.Context())
	})
	s.mux.Handle("GET /mine", access.SignedIn, func(r *web.Request) (web.Response, error) {
		return page("地区" + string(r.Region) + strings.Join(codes(r.Scope(access.PersonRead)), "+"))
	})
	s.mux.Handle("GET /trail", access.AuditRead, func(*web.Request) (web.Response, error) { return page("审计") })
	s.mux.Handle("GET /crash", access.Public, func(*web.Request) (web.Response, error) { panic("secret detail") })
	s.mux.Handle("GET /broken", access.Public, func(*web.Request) (web.Response, error) { return nil, io.ErrUnexpectedEOF })
	s.mux.Handle("POST /form", access.SignedIn, func(r *web.Request) (web.Response, error) {
		p := &formPage{Frame: ui.Frame{Title: "表单"}, Form: ui.Simple("", "", ui.Field{Name: "name", Label: "姓名", Value: r.Value("name")})}
		var f errs.Fields
		f.Add("name", "姓名不能含数字")
		return web.Again("test/form", p, &p.Form, f.Err())
	})
	s.mux.Menu(1, "", ui.NavItem{Text: "档案目录", Href: "/mine", Icon: "home"}, access.PersonRead)
	s.mux.Menu(2, "", ui.NavItem{Text: "审计目录", Href: "/trail", Icon: "home"}, access.AuditRead)
	web.Operation(s.mux, access.PersonWrite, huma.Operation{OperationID: "stale", Method: http.MethodPost, Path: "/api/v1/stale"},
		func(ctx context.Context, _ *struct{}) (*struct{}, error) {
			return nil, errs.New(errs.Stale, "%s之前有人改过", access.From(ctx).Name)
		})
	s.Server = httptest.NewServer(s.mux.Handler())
	t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Client().Jar = jar
	return s
}

func codes(s access.Scope) (out []string) {
	for _, c := range s.Regions() {
		out = append(out, string(c))
	}
	return out
}

func (s *server) do(t *testing.T, method, path string, form url.Values, headers ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it is only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

func (s *server) want(t *testing.T, method, path string, status int, texts ...string) string {
	t.Helper()
	got, body, _ := s.do(t, method, path, nil)
	if got != status {
		t.Fatalf("%s %s: status %d, want %d\n%s", method, path, got, status, body)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s %s lacks %q:\n%s", method, path, text, body)
		}
	}
	return body
}

func TestPermissionComesBeforeTheHandler(t *testing.T) {
	s := serve(t, accounts{})
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	status, _, header := s.do(t, "GET", "/mine?name=王", nil)
	if status != http.StatusSeeOther || header.Get("Location") != "/login?back=%2Fmine%3Fname%3D%E7%8E%8B" {
		t.Errorf("nobody got %d to %s", status, header.Get("Location"))
	}
	s.Client().CheckRedirect = nil
	body := s.want(t, "GET", "/sign/1", 200, "已登录", "档案目录", "地区141002141002")
	if strings.Contains(body, "审计目录") {
		t.Error("the menu shows what he may not open")
	}
	if body := s.want(t, "GET", "/mine", 200); strings.Contains(body, "已登录") {
		t.Error("a message is shown twice")
	}
	s.want(t, "GET", "/trail", 403, "没有权限")
	s.want(t, "GET", "/nowhere", 404, "没有找到", "编号")
}

func TestEndedSessionSaysWhy(t *testing.T) {
	s := serve(t, accounts{})
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.do(t, "GET", "/sign/2", nil)
	if status, _, header := s.do(t, "GET", "/mine", nil); status != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), "/login") {
		t.Errorf("an ended session got %d", status)
	}
	s.want(t, "GET", "/nowhere", 404, "已自动退出")
}

// TestNothingWasDoneOnAnErrorPage leads from something that was done to a page that is not
// there, as the second of two clicks does.
func TestNothingWasDoneOnAnErrorPage(t *testing.T) {
	s := serve(t, accounts{})
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.do(t, "GET", "/sign/1", nil)
	for _, path := range []string{"/nowhere", "/trail", "/broken"} {
		if _, body, _ := s.do(t, "GET", path, nil); strings.Contains(body, "已登录") {
			t.Errorf("%s says that something was done", path)
		}
	}
	s.want(t, "GET", "/mine", 200, "已登录")
	if body := s.want(t, "GET", "/mine", 200); strings.Contains(body, "已登录") {
		t.Error("a message is shown twice")
	}
}

func TestMustComesFirst(t *testing.T) {
	s := serve(t, accounts{must: "/account/password"})
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.do(t, "GET", "/sign/1", nil)
	if _, _, header := s.do(t, "GET", "/mine", nil); header.Get("Location") != "/account/password" {
		t.Errorf("sent to %q", header.Get("Location"))
	}
}

func TestFormIsShownAgain(t *testing.T) {
	s := serve(t, accounts{})
	s.do(t, "GET", "/sign/1", nil)
	status, body, _ := s.do(t, "POST", "/form", url.Values{"name": {"王3<b>"}})
	if status != 422 || !strings.Contains(body, "姓名不能含数字") || !strings.Contains(body, `value="王3&lt;b&gt;"`) {
		t.Errorf("%d\n%s", status, body)
	}
}

func TestForeignSitesCannotWrite(t *testing.T) {
	s := serve(t, accounts{})
	s.do(t, "GET", "/sign/1", nil)
	status, body, _ := s.do(t, "POST", "/form", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	if status != 403 || !strings.Contains(body, "其他网站") {
		t.Errorf("%d\n%s", status, body)
	}
}

func TestFailuresSayNothingOfTheInside(t *testing.T) {
	s := serve(t, accounts{})
	for _, path := range []string{"/crash", "/broken"} {
		if body := s.want(t, "GET", path, 500, "系统出错了"); strings.Contains(body, "secret") || strings.Contains(body, "EOF") {
			t.Errorf("%s shows the inside:\n%s", path, body)
		}
	}
	if log := s.log.String(); !strings.Contains(log, "secret detail") || !strings.Contains(log, "unexpected EOF") {
		t.Errorf("the log lacks the causes:\n%s", log)
	}
}

func TestLogHoldsNoQuery(t *testing.T) {
	s := serve(t, accounts{})
	s.do(t, "GET", "/nowhere?name=%E7%8E%8B%E7%A7%80%E5%85%B0&number=110101194301011234", nil)
	if log := s.log.String(); strings.Contains(log, "1101011943") || strings.Contains(log, "%E7") || !strings.Contains(log, "status=404") {
		t.Errorf("the log says:\n%s", log)
	}
}

func TestHeaders(t *testing.T) {
	s := serve(t, accounts{})
	_, _, h := s.do(t, "GET", "/nowhere", nil)
	if csp := h.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	s := serve(t, accounts{})
	s.do(t, "GET", "/sign/1", nil)
	status, body, _ := s.do(t, "POST", "/preferences", url.Values{"back": {strings.Repeat("x", 2<<20)}})
	if status < 400 || status >= 500 {
		t.Errorf("%d\n%.300s", status, body)
	}
}

func TestIllegibleFormsAreRefused(t *testing.T) {
	s := serve(t, accounts{})
	s.want(t, "GET", "/nowhere?name=%00", 422, "无法识别")
	s.do(t, "GET", "/sign/1", nil)
	for _, bad := range []string{"a\x00", "\xff"} {
		if status, body, _ := s.do(t, "POST", "/form", url.Values{"name": {bad}}); status != 422 || !strings.Contains(body, "无法识别") {
			t.Errorf("%q: %d\n%s", bad, status, body)
		}
	}
}

func TestPreferences(t *testing.T) {
	s := serve(t, accounts{})
	s.do(t, "GET", "/sign/1", nil)
	_, body, _ := s.do(t, "POST", "/preferences", url.Values{"theme": {"dark"}, "region": {"141002001"}, "back": {"/mine"}})
	if !strings.Contains(body, `data-bs-theme="dark"`) || !strings.Contains(body, "地区141002001141002001") {
		t.Errorf("preferences did not hold:\n%s", body)
	}
	_, body, _ = s.do(t, "POST", "/preferences", url.Values{"region": {"52"}, "back": {"/mine"}})
	if !strings.Contains(body, "地区141002141002") {
		t.Errorf("a region outside the scope was chosen:\n%s", body)
	}
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, evil := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"} {
		if _, _, h := s.do(t, "POST", "/preferences", url.Values{"theme": {""}, "back": {evil}}); h.Get("Location") != "/" {
			t.Errorf("sent to %q", h.Get("Location"))
		}
	}
}

func TestOperations(t *testing.T) {
	s := serve(t, accounts{})
	status, body, h := s.do(t, "POST", "/api/v1/stale", nil)
	if status != 401 || !strings.Contains(h.Get("Content-Type"), "application/problem+json") || !strings.Contains(body, "请先登录") {
		t.Errorf("nobody: %d %s %s", status, h.Get("Content-Type"), body)
	}
	status, body, _ = s.do(t, "POST", "/api/v1/stale", nil, "Authorization", "Bearer t")
	if status != 412 || !strings.Contains(body, "张三之前有人改过") {
		t.Errorf("a token: %d %s", status, body)
	}
	if status, _, _ = s.do(t, "POST", "/api/v1/stale", nil, "Authorization", "Bearer x"); status != 401 {
		t.Errorf("a wrong token: %d", status)
	}
	s.want(t, "GET", "/api/openapi.json", 200, `"/api/v1/stale"`, "3.1")
}

func TestMetricsNeedAPermission(t *testing.T) {
	s := serve(t, accounts{})
	if status, _, _ := s.do(t, "GET", "/metrics", nil, "Authorization", "Bearer t"); status != 403 {
		t.Errorf("an officer reads metrics: %d", status)
	}
}

func TestRoutesAreListed(t *testing.T) {
	s := serve(t, accounts{})
	if !slices.Contains(s.mux.Routes(), web.Route{Method: "POST", Path: "/api/v1/stale", Permission: access.PersonWrite}) ||
		!slices.Contains(s.mux.Routes(), web.Route{Method: "GET", Path: "/trail", Permission: access.AuditRead}) {
		t.Errorf("routes: %v", s.mux.Routes())
	}
}
