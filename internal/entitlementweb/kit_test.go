package entitlementweb_test

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
	"yian/internal/entitlement"
	"yian/internal/entitlementweb"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/message"
	"yian/internal/outreach"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
	"yian/policies"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	village = region.Code("141002001001")
	beside  = region.Code("141002001002")
	town    = region.Code("141002001")
	phone   = "13812345678"
)

// users are who can sign in, by the number of their sign-in.
var users = map[id.ID]access.Actor{
	1: user(1, "张三", access.VillageWorker, village),
	2: user(2, "李四", access.VillageWorker, beside),
	3: user(3, "王五", access.TownWorker, town),
	4: user(4, "赵六", access.Officer, "141024"),
	5: user(5, "钱七", access.Leader, "141002"),
	6: user(6, "孙八", access.Assessor, town),
	7: user(7, "周九", access.DutyDesk, "141002"),
}

func user(n id.ID, name string, role access.Role, at region.Code) access.Actor {
	return access.NewActor(n, name, "session", []access.Grant{{Role: role, Region: at}}, nil)
}

// accounts knows the users.
type accounts struct{}

// BySignIn implements web.Identifier.
func (accounts) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	return web.Identity{Actor: users[signIn]}, nil
}

// ByToken implements web.Identifier.
func (accounts) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

func names(_ context.Context, ids []id.ID) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	for _, i := range ids {
		out[i] = users[i].Name
	}
	return out, nil
}

// workers lists who may work with everybody of a place.
func workers(_ context.Context, at region.Code) ([]entitlementweb.Worker, error) {
	var all []entitlementweb.Worker
	for n := id.ID(1); n <= id.ID(len(users)); n++ {
		if users[n].NeedIn(access.EntitlementReach, at) == nil {
			all = append(all, entitlementweb.Worker{User: n, Name: users[n].Name, Note: "测试单位"})
		}
	}
	return all, nil
}

// list is the list of the county.
const list = `list: yaodu-2026
title: 尧都区基本养老服务清单
region: "141002"
document: {title: 尧都区清单, number: 尧政办发〔2026〕1号, issuer: 尧都区人民政府, date: 2026-01-01}
effective: {from: 2026-01-01}
parameters:
  old_age_allowance:
    label: 高龄津贴标准
    unit: 元/月
    clause: 第1项
    values:
      - {from: 2026-01-01, value: 120}
items:
  - no: 1
    id: old-age-allowance
    name: 高龄津贴
    audience: 80 周岁及以上老年人
    content: 每月发放高龄津贴
    type: 物质帮助
    lead: 民政局
    when: age >= 80
    start: application
    grant: {kind: cash, per: month, amount: old_age_allowance}
    clause: {at: 第1项, text: 对 80 周岁及以上老年人发放高龄津贴。}
  - no: 2
    id: care
    name: 护理补贴
    audience: 失能老年人
    content: 每月发放护理补贴
    type: 照护服务
    when: age >= 60 && ability in ["moderate", "severe", "total"]
    grant: {kind: cash, per: month, amount: [{when: 'age >= 85', is: 200}, {is: 100}]}
    clause: {at: 第2项, text: 对失能老年人发放护理补贴。}
  - no: 3
    id: visit
    name: 探访服务
    audience: 独居老年人
    content: 每月探访
    type: 关爱服务
    when: lives_alone
    start: automatic
    grant: {kind: service, per: month}
    clause: {at: 第3项, text: 对独居老年人每月探访。}
`

// site is a register with a list and results, on a day that the test sets.
type site struct {
	*httptest.Server
	db      *db.DB
	people  *person.Service
	results *entitlement.Service
	work    *outreach.Service
	pages   *entitlementweb.Pages
	clock   time.Time
}

func newSite(t testing.TB, d *db.DB) *site {
	t.Helper()
	s := &site{db: d, clock: time.Date(2026, 6, 10, 1, 30, 0, 0, time.UTC)}
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return s.clock }
	ids, log := id.NewMaker(now), slog.New(slog.DiscardHandler)
	trail, queue := audit.New(d, keys, ids, now), jobs.New(d, "test", log)
	s.people = person.New(person.Deps{DB: d, Audit: trail, Jobs: queue, Keys: keys, IDs: ids, Now: now, Log: log})
	lists := policy.New(policy.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: log})
	s.results = entitlement.New(entitlement.Deps{DB: d, Audit: trail, Jobs: queue, IDs: ids, Now: now, Log: log, People: s.people, Lists: lists})
	s.work = outreach.New(outreach.Deps{DB: d, Audit: trail, IDs: ids, Now: now, Actor: func(_ context.Context, user id.ID) (access.Actor, error) { return users[user], nil }})
	s.people.OnChange = append(s.people.OnChange, s.work.Moved)
	s.results.Register()
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO policy_version (id, version, list, no, region_code, title, state, rules_from, body, tests,
			created_by, created_at, updated_by, updated_at, published_by, published_at)
			VALUES (?, 1, 'yaodu-2026', 1, '141002', '尧都区基本养老服务清单', 'published', ?, ?, '', 1, 1, 1, 1, 1, 1)`, ids.New(), civil.New(2026, 1, 1), list).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.pages = &entitlementweb.Pages{
		Results: s.results, Lists: lists, People: s.people, Work: s.work, Names: names, Workers: workers, Below: region.Below,
		Passage: func(at region.Code, item string) string { return "/public/lists/" + string(at) + "#" + item },
	}
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	letters := message.New(message.Deps{
		DB: d, Audit: trail, Jobs: queue, Keys: keys, People: s.people, Templates: lib, Gateway: message.NewFileGateway(t.TempDir(), now), IDs: ids, Now: now, Log: log,
	})
	letters.Register()
	if err := queue.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.pages.Letters = entitlementweb.Letters{Messages: letters, Templates: lib.Templates, Office: func(context.Context, region.Code) (string, error) {
		return "尧都区民政局 0357-2012345", nil
	}}
	m := web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views(), entitlementweb.Views()), Accounts: accounts{},
		Log: log, Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	s.pages.Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.JSON("in"), r.Session.Renew(r.Context())
	})
	s.Server = httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return s
}

// somebody opens the file of a person with facts, stated by the town, and judges him.
func (s *site) somebody(t testing.TB, name, seventeen string, home region.Code, pairs ...string) id.ID {
	t.Helper()
	facts := fact.Person{Residence: home}
	for i := 0; i < len(pairs); i += 2 {
		f, _ := fact.ByName(pairs[i])
		if err := facts.Set(f, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.people.Create(t.Context(), access.System("测试"), person.Draft{
		Name: name, Document: document.ResidentID, Number: seventeen + string(citizenid.Checksum(seventeen)),
		Details: person.Details{Phones: []string{phone}, Address: "解放路 12 号"},
	}, history.Town, facts, civil.New(2026, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	s.judge(t, p.ID)
	return p.ID
}

func (s *site) judge(t testing.TB, who ...id.ID) {
	t.Helper()
	if err := s.results.Recheck(t.Context(), who); err != nil {
		t.Fatal(err)
	}
}

// says records a fact from a day on and judges the person.
func (s *site) says(t testing.TB, who id.ID, name, value string, from civil.Date) {
	t.Helper()
	f, _ := fact.ByName(name)
	if _, err := s.people.Record(t.Context(), access.System("测试"), who, person.Statement{Source: history.Town, From: from, Facts: map[fact.ID]string{f: value}}); err != nil {
		t.Fatal(err)
	}
	s.judge(t, who)
}

// day sets the clock to the morning of a day and lets the night's work be done.
func (s *site) day(t testing.TB, y int, m time.Month, d int) {
	t.Helper()
	s.clock = time.Date(y, m, d, 1, 30, 0, 0, time.UTC)
	if _, err := s.results.Night(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// crowd is the people of most tests, on 2026-06-30.
type crowd struct{ newly, soon, lost, open, away id.ID }

func (s *site) crowd(t testing.TB) (c crowd) {
	t.Helper()
	known := []string{"lives_alone", "false", "ability", "intact"}
	c.newly = s.somebody(t, "王秀兰", "14100219460620002", village, known...)                                 // 80 on 2026-06-20
	c.soon = s.somebody(t, "李桂英", "14100219460715004", village, known...)                                  // 80 on 2026-07-15
	c.lost = s.somebody(t, "张大爷", "14100219500301001", beside, "lives_alone", "true", "ability", "intact") // 76
	c.open = s.somebody(t, "刘奶奶", "14100219520801006", village, "lives_alone", "true")                     // ability is not known
	c.away = s.somebody(t, "陈老汉", "14102419460620005", "141024001001", known...)
	s.day(t, 2026, 6, 30)
	s.says(t, c.lost, "lives_alone", "false", civil.New(2026, 6, 25))
	return c
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
	return b.do(t, http.MethodGet, path, "")
}

func (b *browser) post(t testing.TB, path string, pairs ...string) answer {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return b.do(t, http.MethodPost, path, v.Encode())
}

func (b *browser) do(t testing.TB, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), phone) || strings.Contains(string(text), "1410021946") {
		t.Errorf("%s shows a whole number", path)
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
		if !strings.Contains(a.body, text) && !strings.Contains(a.text(), text) {
			t.Errorf("%s lacks %q:\n%s", a.path, text, a.text())
		}
	}
	return a
}

// lacks fails if the answer has one of the texts.
func (a answer) lacks(t testing.TB, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.text(), text) {
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

// text is main without tags.
func (a answer) text() string {
	return strings.Join(strings.Fields(anyTag.ReplaceAllString(a.main(), " ")), " ")
}

var (
	anyTag     = regexp.MustCompile(`(?s)<select.*?</select>|<[^>]*>`)
	anyID      = regexp.MustCompile(`(/persons/|person=|value="|[.])(2[0-9a-z]{11})\b`)
	anyVersion = regexp.MustCompile(`name="version" value="(\d+)"`)
	anyKey     = regexp.MustCompile(`name="matter" value="([^"]+)"`)
)

// golden compares the page with the one that was looked at before. Numbers of rows are
// told by their order.
func golden(t *testing.T, name string, a answer) {
	t.Helper()
	seen := map[string]string{}
	got := anyID.ReplaceAllStringFunc(a.main(), func(s string) string {
		m := anyID.FindStringSubmatch(s)
		if seen[m[2]] == "" {
			seen[m[2]] = fmt.Sprintf("id%d", len(seen)+1)
		}
		return m[1] + seen[m[2]]
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

func sqlite(t testing.TB) *site { return newSite(t, dbtest.SQLite(t)) }

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newSite(t, d)) })
}
