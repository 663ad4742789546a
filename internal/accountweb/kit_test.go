package accountweb_test

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/accountweb"
	"yian/internal/db"
	"yian/internal/region"
	"yian/internal/signin"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

// site is the pages on a server, with a clock that the test can move.
type site struct {
	*accounttest.Kit
	server *httptest.Server
	mux    *web.Mux
	mu     sync.Mutex
	ahead  time.Duration
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

func serve(t *testing.T, d *db.DB, change ...func(*signin.Config)) *site {
	t.Helper()
	s := &site{}
	c := accounttest.Config()
	for _, f := range change {
		f(&c)
	}
	s.Kit = accounttest.New(t, d, c, s.now)
	s.mux = web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views(), accountweb.Views()), Accounts: s.SignIns,
		Log: slog.New(slog.DiscardHandler), Now: s.now, Lifetime: 12 * time.Hour, Below: region.Below,
	})
	pages := &accountweb.Pages{Accounts: s.Accounts, SignIns: s.SignIns, Below: region.Below}
	pages.Register(s.mux)
	s.mux.Handle("GET /", access.SignedIn, func(*web.Request) (web.Response, error) { return web.JSON("首页"), nil })
	s.server = httptest.NewServer(s.mux.Handler())
	t.Cleanup(s.server.Close)
	return s
}

// browser is somebody at a browser.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	return &browser{t, accounttest.Browser(t, s.server), s.server.URL}
}

// as is a browser in which a new user with a role has signed in.
func (s *site) as(t *testing.T, role access.Role, at region.Code) *browser {
	t.Helper()
	return &browser{t, accounttest.Client(t, s.server, s.SignIns, role, at), s.server.URL}
}

func (s *site) signIn(t *testing.T, u *account.User) *browser {
	t.Helper()
	return &browser{t, accounttest.SignIn(t, s.server, s.SignIns, u), s.server.URL}
}

// answer is what the server said, as a reader sees it.
type answer struct {
	status   int
	text     string
	location string
}

func (b *browser) do(method, path string, form url.Values, headers ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, html.UnescapeString(string(body)), res.Header.Get("Location")}
}

// get asks for a page and looks for texts in it.
func (b *browser) get(path string, status int, texts ...string) string {
	b.t.Helper()
	a := b.do(http.MethodGet, path, nil)
	b.check("GET "+path, a, status, texts)
	return a.text
}

// post sends a form; the last of wants is where it leads, if it leads anywhere.
func (b *browser) post(path string, form url.Values, status int, wants ...string) answer {
	b.t.Helper()
	a := b.do(http.MethodPost, path, form)
	if status == http.StatusSeeOther {
		if len(wants) > 0 && a.location != wants[0] {
			b.t.Errorf("POST %s leads to %q, want %q", path, a.location, wants[0])
		}
		wants = nil
	}
	b.check("POST "+path, a, status, wants)
	return a
}

func (b *browser) check(what string, a answer, status int, texts []string) {
	b.t.Helper()
	if a.status != status {
		b.t.Errorf("%s: status %d (to %q), want %d\n%s", what, a.status, a.location, status, main(a.text))
	}
	for _, text := range texts {
		if !strings.Contains(a.text, text) {
			b.t.Errorf("%s: no %q in\n%s", what, text, main(a.text))
		}
	}
}

var tags = regexp.MustCompile(`(?s)<[^>]*>|\s+`)

// main is the text of a page without markup, for messages.
func main(page string) string {
	if i := strings.Index(page, `<main`); i >= 0 {
		page = page[i:]
	}
	text := tags.ReplaceAllString(page, " ")
	return text[:min(len(text), 1500)]
}

// find returns the first group of an expression in a page.
func find(t *testing.T, page, expression string) string {
	t.Helper()
	m := regexp.MustCompile(expression).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no %s in\n%s", expression, main(page))
	}
	return m[1]
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}
