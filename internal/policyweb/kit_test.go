package policyweb_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
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
	"yian/internal/policyweb"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/scenario"
	"yian/internal/secret"
	"yian/internal/synth"
	"yian/internal/ui/uitest"
	"yian/internal/web"
	"yian/policies"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Who can sign in, by the number of the sign-in.
const (
	cityAuthor = iota + 1
	cityApprover
	countyAuthor
	countyApprover
	cityOfficer
	leader
	neighbour
	bothHands // wrote as an author once, and approves now
)

func grants(at region.Code, roles ...access.Role) []access.Grant {
	var out []access.Grant
	for _, r := range roles {
		out = append(out, access.Grant{Role: r, Region: at})
	}
	return out
}

var users = map[id.ID]web.Identity{
	cityAuthor:     {Actor: access.NewActor(cityAuthor, "吴文", "session", grants("1410", access.Author), nil)},
	cityApprover:   {Actor: access.NewActor(cityApprover, "郑政", "session", grants("1410", access.Approver), nil)},
	countyAuthor:   {Actor: access.NewActor(countyAuthor, "洪文", "session", grants("141024", access.Author), nil)},
	countyApprover: {Actor: access.NewActor(countyApprover, "洪政", "session", grants("141024", access.Approver), nil)},
	cityOfficer:    {Actor: access.NewActor(cityOfficer, "秦民", "session", grants("1410", access.Officer), nil)},
	leader:         {Actor: access.NewActor(leader, "领导", "session", grants("1410", access.Leader), nil)},
	neighbour:      {Actor: access.NewActor(neighbour, "邻文", "session", grants("141025", access.Author), nil)},
	bothHands:      {Actor: access.NewActor(bothHands, "两手", "session", grants("1410", access.Author, access.Approver), nil)},
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

var today = civil.New(2026, 6, 30)

// invented are people who were made up, as the snapshot has them.
type invented struct{ all *person.Everybody }

// Everybody implements scenario.People.
func (p *invented) Everybody() (*person.Everybody, civil.Instant, func(), error) {
	return p.all, civil.At(time.Date(2026, 6, 30, 1, 0, 0, 0, time.UTC)), func() {}, nil
}

var crowd = sync.OnceValues(func() (*person.Everybody, error) {
	all := &person.Everybody{Served: population.Regions{Index: []uint32{}, Codes: []region.Code{"141002", "141024"}}}
	n := uint32(0)
	err := synth.Generate(synth.Options{Region: "1410", Elders: 2000, Seed: 7, On: today, UnknownShare: synth.DefaultUnknown}, func(p *synth.Person) error {
		all.Served.Index = append(all.Served.Index, n%2)
		n++
		all.People = append(all.People, id.ID(n))
		return all.Append(&p.Facts)
	})
	return all, err
})

func people(t testing.TB) *person.Everybody {
	t.Helper()
	all, err := crowd()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// site is the pages over a database with the lists of the program.
type site struct {
	*httptest.Server

	lists *policy.Service
}

func newSite(t *testing.T) *site {
	t.Helper()
	d := dbtest.SQLite(t)
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 6, 30, 2, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	ids, log := id.NewMaker(now), slog.New(slog.DiscardHandler)
	trail := audit.New(d, keys, ids, now)
	lists := policy.New(policy.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: log})
	seed(t, lists)
	counter := scenario.New(scenario.Deps{
		DB: d, Audit: trail, Lists: lists, People: &invented{people(t)}, Survival: mortality.Table().Survival, IDs: ids, Now: now, Log: log,
	})
	m := web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views(), policyweb.Views()), Accounts: accounts{},
		Log: log, Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	(&policyweb.Pages{Lists: lists, Live: counter}).Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/policies"), r.Session.Renew(r.Context())
	})
	s := httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return &site{s, lists}
}

// seed publishes the lists that are built into the program.
func seed(t *testing.T, lists *policy.Service) {
	t.Helper()
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	err = lists.Seed(t.Context(), lib.Packs(), func(p *pack.Pack) (list, tests []byte, err error) {
		if list, err = fs.ReadFile(policies.FS, path.Join(p.Place, "list.yaml")); err != nil {
			return nil, nil, err
		}
		files, err := fs.Glob(policies.FS, path.Join(p.Place, "tests", "*.yaml"))
		if err != nil {
			return nil, nil, err
		}
		for _, f := range files {
			text, err := fs.ReadFile(policies.FS, f)
			if err != nil {
				return nil, nil, err
			}
			tests = append(append(tests, bytes.TrimSpace(text)...), '\n')
		}
		return list, tests, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// inForce returns the version of a list that rules.
func (s *site) inForce(t *testing.T, list string) *policy.Version {
	t.Helper()
	all, err := s.lists.Versions(t.Context(), access.System("测试").Scope(access.PolicyRead), list)
	if err != nil || len(all) == 0 {
		t.Fatalf("versions of %s: %d, %v", list, len(all), err)
	}
	return &all[0]
}

// browser is somebody signed in.
type browser struct {
	*http.Client

	t    *testing.T
	base string
}

func (s *site) as(t *testing.T, user int) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{&http.Client{Jar: jar}, t, s.URL}
	b.do(http.MethodGet, "/sign/"+strconv.Itoa(user), nil)
	return b
}

// answer is a page that came back.
type answer struct {
	status     int
	path, body string
	header     http.Header
}

func (b *browser) do(method, at string, form url.Values) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+at, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Request.URL.Path, string(body), res.Header}
}

// want asks for a page, or posts the form, and fails unless it has the status and texts.
func (b *browser) want(at string, form url.Values, status int, texts ...string) answer {
	b.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	a := b.do(method, at, form)
	if a.status != status {
		b.t.Fatalf("%s: status %d, want %d\n%s", at, a.status, status, a.text())
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			b.t.Errorf("%s lacks %q:\n%s", at, text, a.text())
		}
	}
	return a
}

// lacks fails where a text is on the page.
func (a answer) lacks(t *testing.T, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s has %q", a.path, text)
		}
	}
	return a
}

var (
	mainPart   = regexp.MustCompile(`(?s)<main.*?</main>`)
	anyTag     = regexp.MustCompile(`(?s)<[^>]*>`)
	blankLines = regexp.MustCompile(`\s*\n\s*`)
	anyID      = regexp.MustCompile(`/(policies|filings)/([0-9a-z]{9,13})\b|\b(a|b|base)=([0-9a-z]{9,13})\b|value="([0-9a-z]{11,13})"`)
	rowVersion = regexp.MustCompile(`name="version" value="(\d+)"`)
	formField  = regexp.MustCompile(`(?s)<input[^>]*>|<textarea.*?</textarea>|<select.*?</select>`)
	attribute  = regexp.MustCompile(`(name|value|type)="([^"]*)"`)
	chosen     = regexp.MustCompile(`<option value="([^"]*)" selected`)
	areaText   = regexp.MustCompile(`(?s)<textarea[^>]*>\n?(.*)</textarea>`)
	entities   = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&")
)

// text is what the page says, for messages.
func (a answer) text() string {
	return blankLines.ReplaceAllString(anyTag.ReplaceAllString(mainPart.FindString(a.body), ""), "\n")
}

// version is which version of the row the page carries.
func (a answer) version(t *testing.T) string {
	t.Helper()
	m := rowVersion.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("%s carries no version:\n%s", a.path, a.text())
	}
	return m[1]
}

// form reads the fields of the page as a browser would send them.
func (a answer) form() url.Values {
	v := url.Values{}
	part := mainPart.FindString(a.body)
	if _, after, ok := strings.Cut(part, `id="item-form"`); ok {
		part, _, _ = strings.Cut(after, "</form>")
	}
	for _, tag := range formField.FindAllString(part, -1) {
		at := map[string]string{}
		head, _, _ := strings.Cut(tag, ">")
		for _, m := range attribute.FindAllStringSubmatch(head, -1) {
			at[m[1]] = entities.Replace(m[2])
		}
		switch {
		case at["name"] == "":
		case strings.HasPrefix(tag, "<textarea"):
			v.Add(at["name"], entities.Replace(areaText.FindStringSubmatch(tag)[1]))
		case strings.HasPrefix(tag, "<select"):
			value := ""
			if m := chosen.FindStringSubmatch(tag); m != nil {
				value = entities.Replace(m[1])
			}
			v.Add(at["name"], value)
		case at["type"] == "checkbox" || at["type"] == "radio":
			if strings.Contains(head, " checked") {
				v.Add(at["name"], at["value"])
			}
		default:
			v.Add(at["name"], at["value"])
		}
	}
	return v
}

// golden compares the page with the one that was looked at before. Numbers of rows are
// told by their order.
func (a answer) golden(t *testing.T, name string) {
	t.Helper()
	seen := map[string]string{}
	got := anyID.ReplaceAllStringFunc(mainPart.FindString(a.body), func(s string) string {
		m := anyID.FindStringSubmatch(s)
		text := m[2] + m[4] + m[5]
		if seen[text] == "" {
			seen[text] = fmt.Sprintf("id%d", len(seen)+1)
		}
		return strings.Replace(s, text, seen[text], 1)
	})
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

var filingAddress = regexp.MustCompile(`/filings/[0-9a-z]+`)
