package personweb_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/filter"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/personweb"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// users are who can sign in, by the number of their sign-in.
var users = map[id.ID]web.Identity{
	1: {Role: "民政工作人员", Place: "尧都区民政局", Actor: actor(1, "张三", access.Officer, "141002")},
	2: {Role: "民政工作人员", Place: "曲沃县民政局", Actor: actor(2, "李四", access.Officer, "141021")},
	3: {Role: "村（社区）工作人员", Place: "解放路街道", Actor: actor(3, "王五", access.VillageWorker, "141002001")},
	4: {Role: "领导", Place: "临汾市", Actor: actor(4, "赵六", access.Leader, "1410")},
}

func actor(user id.ID, name string, role access.Role, at region.Code) access.Actor {
	return access.NewActor(user, name, "session", []access.Grant{{Role: role, Region: at}}, nil)
}

// accounts knows the users.
type accounts struct{}

// BySignIn implements web.Identifier.
func (accounts) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	who, ok := users[signIn]
	if !ok {
		return web.Identity{}, errs.New(errs.Unauthenticated, "请先登录。")
	}
	return who, nil
}

// ByToken implements web.Identifier.
func (accounts) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

// names tells what the users are called.
func names(_ context.Context, ids []id.ID) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	for _, i := range ids {
		out[i] = users[i].Actor.Name
	}
	return out, nil
}

// site is the pages of the register on a database of their own.
type site struct {
	*httptest.Server
	db     *db.DB
	people *person.Service
	trail  *audit.Log
	clock  time.Time
	pairs  []id.ID // what is suspected of whoever is shown
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{db: dbtest.SQLite(t), clock: time.Date(2026, 11, 22, 1, 30, 0, 0, time.UTC)}
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return s.clock }
	ids := id.NewMaker(now)
	log := slog.New(slog.DiscardHandler)
	trail := audit.New(s.db, keys, ids, now)
	s.trail = trail
	s.people = person.New(person.Deps{DB: s.db, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: log})
	pages := &personweb.Pages{
		People: s.people, Filters: filter.New(s.db, trail, ids), Names: names, Below: region.Below,
		Pairs: func(context.Context, access.Scope, id.ID) ([]id.ID, error) { return s.pairs, nil },
	}
	m := web.New(web.Config{
		DB: s.db, Templates: uitest.Templates(t, web.Views(), personweb.Views()), Accounts: accounts{},
		Log: log, Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	pages.Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/persons"), r.Session.Renew(r.Context())
	})
	s.Server = httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return s
}

// browser is somebody signed in.
type browser struct {
	*site
	client *http.Client
}

// as signs in.
func (s *site) as(t testing.TB, user int) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{s, &http.Client{Jar: jar}}
	b.get(t, fmt.Sprintf("/sign/%d", user))
	return b
}

// answer is what came back, after redirections.
type answer struct {
	status int
	body   string
	path   string // where it ended, with its query
}

func (b *browser) get(t testing.TB, path string) answer {
	t.Helper()
	return b.do(t, http.MethodGet, path, "", nil)
}

func (b *browser) post(t testing.TB, path string, pairs ...string) answer {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return b.do(t, http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

func (b *browser) do(t testing.TB, method, path, contentType string, body io.Reader) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, string(text), res.Request.URL.RequestURI()}
}

// want fails unless the answer has the status and the texts.
func (a answer) want(t testing.TB, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: status %d, want %d\n%s", a.path, a.status, status, a.text())
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s lacks %q:\n%s", a.path, text, a.text())
		}
	}
	return a
}

// lacks fails if the answer has one of the texts.
func (a answer) lacks(t testing.TB, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s has %q:\n%s", a.path, text, a.text())
		}
	}
	return a
}

// main is what stands between the tags of main.
func (a answer) main() string {
	_, rest, _ := strings.Cut(a.body, "<main")
	inside, _, _ := strings.Cut(rest, "</main>")
	return "<main" + inside
}

// text is main without tags, for messages.
func (a answer) text() string {
	plain := anyTag.ReplaceAllString(a.main(), " ")
	return strings.Join(strings.Fields(plain), " ")
}

var (
	anyTag   = regexp.MustCompile(`(?s)<select.*?</select>|<[^>]*>`)
	anyID    = regexp.MustCompile(`/(persons|records|conflicts|duplicates|filters)/([0-9a-z]{9,13})\b|id="([pcd])([0-9a-z]{9,13})"`)
	anyIndex = regexp.MustCompile(`[0-9a-f]{32,64}`)
)

// golden compares the page with the one that was looked at before. Numbers of rows
// are told by their order.
func golden(t *testing.T, name string, a answer) {
	t.Helper()
	seen := map[string]string{}
	got := anyID.ReplaceAllStringFunc(a.main(), func(s string) string {
		m := anyID.FindStringSubmatch(s)
		text := m[2] + m[4]
		if seen[text] == "" {
			seen[text] = fmt.Sprintf("id%d", len(seen)+1)
		}
		return strings.Replace(s, text, seen[text], 1)
	})
	got = anyIndex.ReplaceAllString(got, "index")
	file := "testdata/" + name + ".golden.html"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s looks different; look at it and run with -update", file)
	}
}

// number makes an identity number of its first seventeen digits.
func number(seventeen string) string { return seventeen + string(citizenid.Checksum(seventeen)) }

const (
	wangNumber = "14100219400115002" // a woman born 1940-01-15
	phone      = "13812345678"
	kinPhone   = "13998765432"
)

func date(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// create opens a file in a region, stated by the town.
func (s *site) create(t testing.TB, name, seventeen string, at region.Code, pairs ...string) *person.Person {
	t.Helper()
	facts := fact.Person{Residence: at}
	for i := 0; i < len(pairs); i += 2 {
		f, _ := fact.ByName(pairs[i])
		if err := facts.Set(f, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	draft := person.Draft{Name: name, Document: document.ResidentID, Number: number(seventeen), Details: person.Details{
		Phones: []string{phone}, Address: "解放路 12 号 3 单元 401", Ethnic: "汉族", Marital: "30",
		Contacts: []person.Contact{{Name: "刘强", Relation: "儿子", Phone: kinPhone, Guardian: true}},
	}}
	p, err := s.people.Create(t.Context(), access.System("测试"), draft, history.Town, facts, date(t, "2025-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
