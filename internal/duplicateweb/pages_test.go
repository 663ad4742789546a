package duplicateweb_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db/dbtest"
	"yian/internal/document"
	"yian/internal/duplicate"
	"yian/internal/duplicateweb"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, duplicateweb.Views()) }

// users are who can sign in, by the number of their sign-in.
var users = map[id.ID]web.Identity{
	1: {Actor: access.NewActor(1, "张三", "session", []access.Grant{{Role: access.Officer, Region: "141002"}}, nil)},
	2: {Actor: access.NewActor(2, "李四", "session", []access.Grant{{Role: access.Officer, Region: "141021"}}, nil)},
	3: {Actor: access.NewActor(3, "王五", "session", []access.Grant{{Role: access.VillageWorker, Region: "141002001"}}, nil)},
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

func names(_ context.Context, ids []id.ID) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	for _, i := range ids {
		out[i] = users[i].Actor.Name
	}
	return out, nil
}

// number makes an identity number of its first seventeen digits.
func number(seventeen string) string { return seventeen + string(citizenid.Checksum(seventeen)) }

const wang = "14100219400115002"

// newSite serves a register in which somebody may have two files.
func newSite(t *testing.T) *httptest.Server {
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
	clock := time.Date(2026, 11, 22, 1, 30, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	ids, log := id.NewMaker(now), slog.New(slog.DiscardHandler)
	trail, queue := audit.New(d, keys, ids, now), jobs.New(d, "test", log)
	people := person.New(person.Deps{DB: d, Audit: trail, Jobs: queue, Keys: keys, IDs: ids, Now: now, Log: log})
	pairs := duplicate.New(duplicate.Deps{DB: d, Audit: trail, Jobs: queue, Keys: keys, IDs: ids, Now: now, Log: log, People: people})
	pairs.Register()
	if err := queue.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	var made []id.ID
	for _, one := range []person.Draft{
		{Name: "王秀兰", Document: document.ResidentID, Number: number(wang), Details: person.Details{Address: "解放路 12 号", Phones: []string{"13812345678"}}},
		{Name: "王秀兰", Document: document.Passport, Number: "E12345678", Details: person.Details{Address: "新华路 5 号"}},
	} {
		facts := fact.Person{Residence: "141002001", Birth: civil.New(1940, 1, 15)}
		p, err := people.Create(t.Context(), access.System("测试"), one, history.Town, facts, civil.New(2025, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, p.ID)
	}
	if err := pairs.Search(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	m := web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views(), duplicateweb.Views()), Accounts: accounts{},
		Log: log, Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	(&duplicateweb.Pages{Duplicates: pairs, Names: names}).Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/duplicates"), r.Session.Renew(r.Context())
	})
	m.Handle("GET /persons/{id}", access.PersonRead, func(r *web.Request) (web.Response, error) {
		return web.JSON(r.PathValue("id")), nil
	})
	s := httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return s
}

// browser is somebody signed in.
type browser struct {
	*http.Client

	base string
}

func as(t *testing.T, s *httptest.Server, user int) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{&http.Client{Jar: jar}, s.URL}
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
	if strings.Contains(body, number(wang)) || strings.Contains(body, "13812345678") || strings.Contains(body, "E12345678") {
		t.Errorf("%s shows a whole number", path)
	}
	return body
}

var (
	pairAddress = regexp.MustCompile(`/duplicates/\w+`)
	anyVersion  = regexp.MustCompile(`name="version" value="(\d+)"`)
)

func TestPairsAreComparedJoinedAndParted(t *testing.T) {
	b := as(t, newSite(t), 1)
	list := b.want(t, "/duplicates", nil, 200, "王秀兰", "姓名和出生日期相同", "核对")
	at := pairAddress.FindString(list)
	page := b.want(t, at, nil, 200, "先建的档案", "解放路 12 号", "新华路 5 号", "不同", "1940-01-15", "不是同一人")
	form := url.Values{"version": {anyVersion.FindStringSubmatch(page)[1]}, "note": {"对照身份证"}}
	b.want(t, at, form, 422, "请选择核对结果", `value="对照身份证"`)
	form.Set("choice", "low")
	b.want(t, at, form, 200, "请核对", "保留", "并入", "对照身份证")
	b.want(t, "/duplicates", nil, 200, "王秀兰")
	form.Set("confirmed", "1")
	b.want(t, at, form, 200)
	b.want(t, "/duplicates", nil, 200, "没有待核对的档案")
	b.want(t, at, form, 412)
	merged := b.want(t, "/duplicates?state=merged", nil, 200, "王秀兰", "查看")
	_, table, _ := strings.Cut(merged, "<table")
	page = b.want(t, pairAddress.FindString(table), nil, 200, "撤销合并", "保留", "张三：对照身份证")
	form = url.Values{"version": {anyVersion.FindStringSubmatch(page)[1]}}
	b.want(t, at+"/undo", form, 422, "请写明为什么撤销")
	form.Set("note", "合错了")
	b.want(t, at+"/undo", form, 200, "已撤销合并", "待核对")
}

func TestDifferentPeopleAreToldApart(t *testing.T) {
	b := as(t, newSite(t), 1)
	at := pairAddress.FindString(b.want(t, "/duplicates", nil, 200))
	page := b.want(t, at, nil, 200)
	form := url.Values{"version": {anyVersion.FindStringSubmatch(page)[1]}, "choice": {"different"}, "note": {"同名同日生"}}
	b.want(t, at, form, 200, "已注明不是同一人", "没有待核对的档案")
	b.want(t, "/duplicates?state=different", nil, 200, "王秀兰")
}

func TestPairsOfOthersAreNotThere(t *testing.T) {
	s := newSite(t)
	at := pairAddress.FindString(as(t, s, 1).want(t, "/duplicates", nil, 200))
	b := as(t, s, 2)
	b.want(t, "/duplicates", nil, 200, "没有待核对的档案")
	b.want(t, at, nil, 404)
	b.want(t, at, url.Values{"choice": {"low"}, "version": {"1"}, "confirmed": {"1"}}, 404)
	b.want(t, at+"/undo", url.Values{"note": {"x"}, "version": {"1"}}, 404)
	as(t, s, 3).want(t, "/duplicates", nil, 403)
}
