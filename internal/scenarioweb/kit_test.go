package scenarioweb_test

import (
	"context"
	"crypto/rand"
	"flag"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/mortality"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/scenario"
	"yian/internal/scenarioweb"
	"yian/internal/secret"
	"yian/internal/synth"
	"yian/internal/ui/uitest"
	"yian/internal/web"
	"yian/policies"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, scenarioweb.Views()) }

// users are who can sign in, by the number of their sign-in.
var users = map[id.ID]web.Identity{
	1: {Actor: access.NewActor(1, "吴文", "session", []access.Grant{{Role: access.Author, Region: "1410"}}, nil), Role: "政策编制", Place: "临汾市"},
	2: {Actor: access.NewActor(2, "郑平", "session", []access.Grant{{Role: access.Approver, Region: "1410"}}, nil), Role: "政策审批", Place: "临汾市"},
	3: {Actor: access.NewActor(3, "刘小燕", "session", []access.Grant{{Role: access.VillageWorker, Region: "141024100"}}, nil)},
	4: {Actor: access.NewActor(4, "李秀英", "session", []access.Grant{{Role: access.Officer, Region: "141002"}}, nil)},
}

// accounts knows the users.
type accounts struct{}

// BySignIn implements web.Identifier.
func (accounts) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	return users[signIn], nil
}

// ByToken implements web.Identifier.
func (accounts) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

// invented are people who were made up, as the snapshot has them.
type invented struct{ all *person.Everybody }

// Everybody implements scenario.People.
func (p invented) Everybody() (*person.Everybody, civil.Instant, func(), error) {
	return p.all, civil.At(time.Date(2026, 6, 30, 1, 0, 0, 0, time.UTC)), func() {}, nil
}

func people(t *testing.T) *person.Everybody {
	t.Helper()
	all := &person.Everybody{Served: population.Regions{Index: []uint32{}, Codes: []region.Code{""}}}
	place := map[region.Code]uint32{"": 0}
	err := synth.Generate(synth.Options{Region: "1410", Elders: 1500, FromAge: 60, Seed: 7, On: civil.New(2026, 6, 30), UnknownShare: synth.DefaultUnknown}, func(p *synth.Person) error {
		at, ok := place[p.Facts.Residence]
		if !ok {
			at = uint32(len(all.Served.Codes))
			place[p.Facts.Residence] = at
			all.Served.Codes = append(all.Served.Codes, p.Facts.Residence)
		}
		all.Served.Index = append(all.Served.Index, at)
		return all.Append(&p.Facts)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func linfen() string {
	body, _ := fs.ReadFile(policies.FS, "linfen/list.yaml") // newSite has looked whether it is there
	return string(body)
}

// newSite serves scenarios over invented people.
func newSite(t *testing.T) *httptest.Server {
	t.Helper()
	d := dbtest.SQLite(t)
	key, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 6, 30, 2, 0, 0, 0, time.UTC) }
	ids, log := id.NewMaker(now), slog.New(slog.DiscardHandler)
	trail := audit.New(d, keys, ids, now)
	book := policy.New(policy.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: log})
	body := []byte(linfen())
	err = book.Seed(t.Context(), []*pack.Pack{pack.Read("linfen-2023", body, nil)}, func(*pack.Pack) ([]byte, []byte, error) { return body, nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	author := users[1].Actor
	draft, err := book.Draft(t.Context(), author, "linfen-2023", 0, "试改")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(linfen(), "local && age >= 80\n", "local && age >= 82\n", 1)
	if _, err = book.Change(t.Context(), author, draft.ID, draft.Version, text, draft.Tests, "试改"); err != nil {
		t.Fatal(err)
	}
	scenarios := scenario.New(scenario.Deps{
		DB: d, Audit: trail, Lists: book, People: invented{people(t)}, Survival: mortality.Table().Survival, IDs: ids, Now: now, Log: log,
	})
	m := web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views(), scenarioweb.Views()), Accounts: accounts{},
		Log: log, Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	(&scenarioweb.Pages{Scenarios: scenarios}).Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.JSON("ok"), r.Session.Renew(r.Context())
	})
	s := httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return s
}

// browser is somebody signed in.
type browser struct {
	*http.Client

	base string
	at   string // the path of the last page
}

func as(t *testing.T, s *httptest.Server, user int) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{Client: &http.Client{Jar: jar}, base: s.URL}
	b.do(t, http.MethodGet, "/sign/"+strconv.Itoa(user), nil)
	return b
}

func (b *browser) do(t *testing.T, method, path string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	b.at = res.Request.URL.Path
	return res.StatusCode, string(body)
}

// want asks for a page, or posts the form, and fails unless it has the status and texts.
func (b *browser) want(t *testing.T, path string, form url.Values, status int, texts ...string) string {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	got, body := b.do(t, method, path, form)
	if got != status {
		t.Fatalf("%s: status %d, want %d\n%s", path, got, status, body)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s lacks %q:\n%s", path, text, body)
		}
	}
	return body
}

var (
	anyAddress = regexp.MustCompile(`/scenarios/(compare\?a=)?[0-9a-z]{8,}`)
	anyVersion = regexp.MustCompile(`<option value="[0-9a-z]{8,}">第`)
	anyRow     = regexp.MustCompile(`id="s[0-9a-z]{6,}"`)
)

// golden holds the content of a page against a file.
func golden(t *testing.T, name, body string) {
	t.Helper()
	_, content, ok := strings.Cut(body, "<main")
	content, _, ends := strings.Cut(content, "</main>")
	if !ok || !ends {
		t.Fatalf("%s has no content:\n%s", name, body)
	}
	got := anyRow.ReplaceAllString(anyAddress.ReplaceAllString("<main"+content+"</main>\n", "/scenarios/ID"), `id="sID"`)
	got = anyVersion.ReplaceAllString(got, `<option value="ID">第`)
	path := "testdata/" + name + ".html"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; if it should, run with -update:\n%s", name, got)
	}
}
