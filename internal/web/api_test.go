package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

// callers know the users behind the tokens "1" and "2", and "must" who has to set
// himself up first.
type callers struct{}

func (callers) BySignIn(context.Context, id.ID) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "请先登录。")
}

func (callers) ByToken(_ context.Context, token string) (web.Identity, error) {
	user, ok := map[string]id.ID{"1": 1, "2": 2, "must": 3, "leader": 4}[token]
	if !ok {
		return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
	}
	role := access.Officer
	if token == "leader" {
		role = access.Leader
	}
	identity := web.Identity{Actor: access.NewActor(user, "接口", "token", []access.Grant{{Role: role, Region: "141002"}}, nil)}
	if token == "must" {
		identity.Must = "/account/password"
	}
	return identity, nil
}

// thing is what the operation of these tests makes.
type thing struct {
	Name string   `json:"name" minLength:"1" maxLength:"5"`
	Kind string   `json:"kind,omitempty" enum:"a,b"`
	N    int      `json:"n,omitempty" minimum:"1"`
	List []string `json:"list,omitempty" maxItems:"2"`
}

type makeThing struct {
	Many  int `query:"many" minimum:"0"`
	Body  thing
	Match string `header:"If-Match"`
}

type madeThing struct {
	ETag string `header:"ETag" doc:"版本"`
	Body struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
}

// api is a site with one operation that writes a row and does what a test wants
// before and after it.
type api struct {
	*httptest.Server
	db            *db.DB
	mu            sync.Mutex
	clock         time.Time
	before, after func() error
	log           bytes.Buffer
}

func (a *api) now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clock
}

func (a *api) pass(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clock = a.clock.Add(d)
}

func openAPI(t *testing.T, d *db.DB, sealed bool) *api {
	t.Helper()
	a := &api{db: d, clock: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	if _, err := d.Writer().ExecContext(t.Context(), "CREATE TABLE thing (id BIGINT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	c := web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views()), Accounts: callers{},
		Log: slog.New(slog.NewTextHandler(&a.log, nil)), Now: a.now, Lifetime: time.Hour, Below: region.Below,
	}
	if sealed {
		text, err := secret.Generate(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if c.Sealer, err = secret.Parse(text); err != nil {
			t.Fatal(err)
		}
	}
	m := web.New(c)
	ids := id.NewMaker(a.now)
	web.Operation(m, access.PersonWrite, huma.Operation{OperationID: "make-thing", Method: http.MethodPost, Path: "/api/v1/things", DefaultStatus: 201},
		func(ctx context.Context, in *makeThing) (*madeThing, error) {
			for range 1 + in.Many {
				if err := a.write(ctx, ids.New()); err != nil {
					return nil, err
				}
			}
			out := &madeThing{ETag: `"1"`}
			out.Body.ID, out.Body.Name = ids.New().String(), in.Body.Name
			return out, nil
		}, web.Keyed(), web.Body(4<<10))
	web.Operation(m, access.Public, huma.Operation{OperationID: "crash", Method: http.MethodGet, Path: "/api/v1/crash/{id}"},
		func(context.Context, *struct {
			ID string `path:"id"`
		},
		) (*struct{}, error) {
			panic("secret detail")
		})
	a.Server = httptest.NewServer(m.Handler())
	t.Cleanup(a.Close)
	return a
}

func (a *api) write(ctx context.Context, i id.ID) error {
	if a.before != nil {
		if err := a.before(); err != nil {
			return err
		}
	}
	err := a.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO thing (id) VALUES (?)", i).Exec(ctx); err != nil {
			return err
		}
		return web.Carried(ctx, tx)
	})
	if err == nil && a.after != nil {
		err = a.after()
	}
	return err
}

func (a *api) things(t *testing.T) (n int) {
	t.Helper()
	if err := a.db.NewRaw("SELECT count(*) FROM thing").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// answered is an answer with its whole body.
type answered struct {
	status int
	header http.Header
	body   string
}

func (a *api) call(t testing.TB, token, method, path, body string, headers ...string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := a.Client().Do(req)
	if err != nil {
		t.Error(err) // not Fatal: some calls are made beside the test
		return answered{header: http.Header{}}
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return answered{res.StatusCode, res.Header, string(text)}
}

// post makes a thing under a key.
func (a *api) post(t testing.TB, token, key, body string) answered {
	t.Helper()
	return a.call(t, token, "POST", "/api/v1/things", body, "Idempotency-Key", key)
}

func (r answered) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			t.Errorf("the answer lacks %q: %s", text, r.body)
		}
	}
}

func TestARepeatedRequestIsCarriedOutOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := openAPI(t, d, true)
		first := a.post(t, "1", "k1", `{"name":"王秀兰"}`)
		first.want(t, 201, "王秀兰")
		again := a.post(t, "1", "k1", `{"name":"王秀兰"}`)
		again.want(t, 201)
		if again.body != first.body || again.header.Get("ETag") != first.header.Get("ETag") || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("the repetition got %s %v", again.body, again.header)
		}
		if first.header.Get("Idempotency-Replayed") != "" {
			t.Error("the first answer calls itself a repetition")
		}
		a.post(t, "1", "k1", `{"name":"别人"}`).want(t, 422, "header.Idempotency-Key", "换一个新的键")
		a.call(t, "1", "POST", "/api/v1/things?many=1", `{"name":"王秀兰"}`, "Idempotency-Key", "k1").want(t, 422)
		if n := a.things(t); n != 1 {
			t.Fatalf("%d things", n)
		}
		a.post(t, "2", "k1", `{"name":"王秀兰"}`).want(t, 201) // the key of another caller
		a.post(t, "1", "k2", `{"name":"王秀兰"}`).want(t, 201)
		a.call(t, "1", "POST", "/api/v1/things", `{"name":"王秀兰"}`).want(t, 201)
		if n := a.things(t); n != 4 {
			t.Fatalf("%d things", n)
		}
		a.pass(24 * time.Hour)
		a.post(t, "1", "k1", `{"name":"别人"}`).want(t, 201) // a day later the key is new
		a.pass(time.Hour)
		if err := web.SweepRequests(t.Context(), d, a.now()); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := d.NewRaw("SELECT count(*) FROM api_request").Scan(t.Context(), &left); err != nil || left != 1 {
			t.Errorf("%d requests are kept, %v", left, err)
		}
	})
}

func TestRepetitionsAtTheSameTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := openAPI(t, d, true)
		var group sync.WaitGroup
		answers := make([]answered, 12)
		for i := range answers {
			group.Go(func() { answers[i] = a.post(t, "1", "k", `{"name":"同时"}`) })
		}
		group.Wait()
		made := 0
		for _, r := range answers {
			switch {
			case r.status == 201 && r.header.Get("Idempotency-Replayed") == "":
				made++
			case r.status == 409 && r.header.Get("Retry-After") == "", r.status != 409 && r.status != 201:
				t.Errorf("%d %v %s", r.status, r.header, r.body)
			}
		}
		if n := a.things(t); n != 1 || made != 1 {
			t.Errorf("%d things, %d first answers", n, made)
		}
	})
}

func TestAKilledRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := openAPI(t, d, true)
		a.before = func() error { panic("killed") }
		a.post(t, "1", "before", `{"name":"甲"}`).want(t, 500)
		a.before = nil
		a.post(t, "1", "before", `{"name":"甲"}`).want(t, 201) // nothing was written
		a.after = func() error { panic("killed") }
		a.post(t, "1", "after", `{"name":"甲"}`).want(t, 500)
		a.after = nil
		a.post(t, "1", "after", `{"name":"甲"}`).want(t, 409, "正在处理")
		a.pass(5 * time.Minute)
		a.post(t, "1", "after", `{"name":"甲"}`).want(t, 409, "已经办成")
		if n := a.things(t); n != 2 {
			t.Errorf("%d things", n)
		}
	})
}

func TestARunWhoseClaimHasPassedOnCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := openAPI(t, d, true)
		stuck, resume := make(chan bool), make(chan bool)
		var calls atomic.Int32
		a.before = func() error {
			if calls.Add(1) == 1 {
				stuck <- true
				<-resume
			}
			return nil
		}
		slow := make(chan answered)
		go func() { slow <- a.post(t, "1", "k", `{"name":"甲"}`) }()
		<-stuck
		a.post(t, "1", "k", `{"name":"甲"}`).want(t, 409, "正在处理")
		a.pass(5 * time.Minute)
		a.post(t, "1", "k", `{"name":"甲"}`).want(t, 201) // takes the claim over
		close(resume)
		if r := <-slow; r.status != 409 {
			t.Errorf("the run that was taken for dead answered %d: %s", r.status, r.body)
		}
		if n := a.things(t); n != 1 {
			t.Errorf("%d things", n)
		}
		if r := a.post(t, "1", "k", `{"name":"甲"}`); r.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("the answer is gone: %d %s", r.status, r.body)
		}
	})
}

func TestARefusalIsNotKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := openAPI(t, d, true)
		a.before = func() error { return errs.New(errs.Conflict, "现在不行") }
		a.post(t, "1", "k", `{"name":"甲"}`).want(t, 409, "现在不行")
		a.before = nil
		a.post(t, "1", "k", `{"name":"甲"}`).want(t, 201)
	})
}

func TestNothingKeptCanBeRead(t *testing.T) {
	a := openAPI(t, dbtest.SQLite(t), true)
	a.post(t, "1", "key-in-clear", `{"name":"王秀兰"}`).want(t, 201)
	var key, body, answer []byte
	if err := a.db.Writer().QueryRowContext(t.Context(), "SELECT key, body, answer FROM api_request").Scan(&key, &body, &answer); err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(key, body, answer)
	if bytes.Contains(all, []byte("王秀兰")) || bytes.Contains(all, []byte("key-in-clear")) || len(answer) == 0 {
		t.Errorf("kept: %q", all)
	}
}

func TestBadKeys(t *testing.T) {
	a := openAPI(t, dbtest.SQLite(t), true)
	for _, key := range []string{"有汉字", "two words", strings.Repeat("x", 256)} {
		a.post(t, "1", key, `{"name":"甲"}`).want(t, 422, "header.Idempotency-Key")
	}
	if n := a.things(t); n != 0 {
		t.Errorf("%d things", n)
	}
	b := openAPI(t, dbtest.SQLite(t), false)
	b.post(t, "1", "k", `{"name":"甲"}`).want(t, 503, "没有启用幂等键")
	b.call(t, "1", "POST", "/api/v1/things", `{"name":"甲"}`).want(t, 201)
}

func TestProblemsAreToldInChinese(t *testing.T) {
	a := openAPI(t, dbtest.SQLite(t), true)
	tests := []struct {
		name                string
		token, method, path string
		body                string
		headers             []string
		status              int
		text                string
	}{
		{"nobody", "", "POST", "/things", `{"name":"甲"}`, nil, 401, "请先登录"},
		{"wrong token", "x", "POST", "/things", `{"name":"甲"}`, nil, 401, "令牌无效"},
		{"without the permission", "leader", "POST", "/things", `{"name":"甲"}`, nil, 403, "没有权限"},
		{"not set up yet", "must", "POST", "/things", `{"name":"甲"}`, nil, 403, "安全设置"},
		{"no body", "1", "POST", "/things", "", nil, 400, "缺少正文"},
		{"no JSON", "1", "POST", "/things", `{"name":`, nil, 400, "没有写完"},
		{"no JSON either", "1", "POST", "/things", `<name/>`, nil, 400, "不是合法的 JSON"},
		{"form", "1", "POST", "/things", `name=x`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "应为 JSON"},
		{"compressed", "1", "POST", "/things", `x`, []string{"Content-Encoding", "gzip"}, 415, "不能压缩"},
		{"too large", "1", "POST", "/things", `{"name":"` + strings.Repeat("x", 5000) + `"}`, nil, 413, "最多 4 KB"},
		{"field missing", "1", "POST", "/things", `{}`, nil, 422, "缺少 name"},
		{"unknown field", "1", "POST", "/things", `{"name":"甲","秘密":1}`, nil, 422, "没有这一项"},
		{"wrong type", "1", "POST", "/things", `{"name":12345678}`, nil, 422, "应为文字"},
		{"a list", "1", "POST", "/things", `["secret"]`, nil, 422, "应为对象"},
		{"too long", "1", "POST", "/things", `{"name":"secret"}`, nil, 422, "最多 5 个字"},
		{"other value", "1", "POST", "/things", `{"name":"甲","kind":"secret"}`, nil, 422, "应为以下之一：a, b"},
		{"no whole number", "1", "POST", "/things", `{"name":"甲","n":1.5}`, nil, 422, "应为整数"},
		{"far too large a number", "1", "POST", "/things", `{"name":"甲","n":1e300}`, nil, 422, "类型不对"},
		{"too many", "1", "POST", "/things", `{"name":"甲","list":["a","b","c"]}`, nil, 422, "最多 2 项"},
		{"zero byte", "1", "POST", "/things", `{"name":"a\u0000"}`, nil, 400, "控制字符"},
		{"zero byte in a key", "1", "POST", "/things", `{"name":"a","b\u0000":1}`, nil, 400, "控制字符"},
		{"query not a number", "1", "POST", "/things?many=secret", `{"name":"甲"}`, nil, 422, "应为整数"},
		{"unknown query", "1", "POST", "/things?mnay=1", `{"name":"甲"}`, nil, 422, "没有这个查询参数"},
		{"unreadable query", "1", "POST", "/things?many=%zz", `{"name":"甲"}`, nil, 422, "无法读取"},
		{"zero byte in the query", "1", "POST", "/things?many=%00", `{"name":"甲"}`, nil, 422, "不能使用的字符"},
		{"wrong method", "1", "DELETE", "/things", "", nil, 405, "只能用 POST"},
		{"wrong address", "1", "GET", "/nothing", "", nil, 404, "没有这个地址"},
		{"crash", "1", "GET", "/crash/1", "", nil, 500, "系统出错"},
		{"other site", "1", "POST", "/things", `{"name":"甲"}`, []string{"Sec-Fetch-Site", "cross-site"}, 403, "其他网站"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a.pass(time.Second)
			r := a.call(t, test.token, test.method, "/api/v1"+test.path, test.body, test.headers...)
			r.want(t, test.status, test.text)
			checkProblem(t, r)
			if strings.Contains(r.body, "secret") || strings.Contains(r.body, "12345678") {
				t.Errorf("the input is repeated: %s", r.body)
			}
		})
	}
	if n := a.things(t); n != 0 {
		t.Errorf("%d things", n)
	}
	if r := a.call(t, "", "DELETE", "/api/v1/things", ""); r.header.Get("Allow") != "POST" {
		t.Errorf("allowed: %q", r.header.Get("Allow"))
	}
	if r := a.call(t, "", "POST", "/api/v1/things", ""); r.header.Get("WWW-Authenticate") != "Bearer" {
		t.Error("nobody is told how to identify himself")
	}
}

// checkProblem checks that an answer is a problem whose every text is Chinese.
func checkProblem(t *testing.T, r answered) {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("type %q", got)
	}
	var p web.Problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	texts := []string{p.Title, p.Detail}
	for _, f := range p.Errors {
		texts = append(texts, f.Message)
	}
	for _, text := range texts {
		if !strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
			t.Errorf("%q is not Chinese: %s", text, r.body)
		}
	}
	if p.Status != r.status || p.Request == "" {
		t.Errorf("status %d, request %q in %s", p.Status, p.Request, r.body)
	}
}

func TestTooManyCalls(t *testing.T) {
	a := openAPI(t, dbtest.SQLite(t), true)
	var r answered
	let := 0
	for range 101 {
		if r = a.call(t, "1", "POST", "/api/v1/things", "{}"); r.status == 422 {
			let++
		}
	}
	r.want(t, 429, "调用太频繁", "请过 1 秒")
	if let != 100 || r.header.Get("Retry-After") != "1" {
		t.Errorf("%d calls got through, then %v", let, r.header)
	}
	a.call(t, "2", "POST", "/api/v1/things", "{}").want(t, 422) // another caller is not held up
	a.pass(time.Second)
	a.call(t, "1", "POST", "/api/v1/things", "{}").want(t, 422)
}

func TestTheDescriptionIsWholeAndOurs(t *testing.T) {
	a := openAPI(t, dbtest.SQLite(t), true)
	r := a.call(t, "", "GET", "/api/openapi.json", "")
	r.want(t, 200, `"openapi":"3.1`, `"x-permission":"person:write"`, "Idempotency-Key")
	for _, foreign := range []string{"http://", "https://", "$schema", "validation failed"} {
		if strings.Contains(r.body, foreign) {
			t.Errorf("the description holds %s", foreign)
		}
	}
	var spec struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Ref, Description string }
		}
		Components struct{ Responses map[string]any }
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(r.body, `"$ref"`, `"ref"`)), &spec); err != nil {
		t.Fatal(err)
	}
	responses := spec.Paths["/api/v1/things"]["post"].Responses
	for _, code := range []string{"201", "400", "401", "403", "409", "413", "415", "422", "429", "500"} {
		res := responses[code]
		if name, ok := strings.CutPrefix(res.Ref, "#/components/responses/"); ok {
			if spec.Components.Responses[name] == nil {
				t.Errorf("%s points nowhere: %s", code, res.Ref)
			}
		} else if code != "201" || res.Description != "已新建" {
			t.Errorf("%s: %+v", code, res)
		}
	}
	if r := a.call(t, "1", "POST", "/api/v1/things", `{"name":"甲"}`); strings.Contains(r.body, "schema") || r.header.Get("Link") != "" {
		t.Errorf("an answer points to a schema: %s %v", r.body, r.header)
	}
	for _, path := range []string{"/api/openapi.yaml", "/api/openapi-3.0.json", "/api/schemas/Thing.json", "/api/docs", "/docs", "/schemas/Thing.json"} {
		if r := a.call(t, "", "GET", path, ""); r.status != 404 {
			t.Errorf("%s answers %d", path, r.status)
		}
	}
}

func TestLogsOfTheInterfaceHoldNoInput(t *testing.T) {
	a := openAPI(t, dbtest.SQLite(t), true)
	a.call(t, "1", "POST", "/api/v1/things?many=-1", `{"name":"王秀兰","number":"110101194301011234"}`)
	a.call(t, "1", "GET", "/api/v1/crash/110101194301011234", "")
	if log := a.log.String(); strings.Contains(log, "1101011943") || strings.Contains(log, "王秀兰") || !strings.Contains(log, "handler crashed") {
		t.Errorf("the log says:\n%s", log)
	}
}
