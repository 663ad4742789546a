package workbench_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/snapshot"
	"yian/internal/ui"
	"yian/internal/ui/uitest"
	"yian/internal/web"
	"yian/internal/workbench"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, workbench.Views()) }

// accounts knows one user a role, in Yaodu.
type accounts struct{}

var roles = []access.Role{access.Officer, access.VillageWorker, access.Leader, access.Administrator, access.Auditor, access.DutyDesk, access.Institution}

// BySignIn implements web.Identifier.
func (accounts) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	role := roles[signIn-1]
	return web.Identity{
		Actor: access.NewActor(signIn, "张三", "session", []access.Grant{{Role: role, Region: "141002"}}, nil), Role: role.Label(), Place: "尧都区",
	}, nil
}

// ByToken implements web.Identifier.
func (accounts) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

// bench is a workbench with figures that the test sets.
type bench struct {
	*httptest.Server
	clock   time.Time
	figures *snapshot.Figures
	counted int
	waits   []workbench.Item
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{clock: time.Date(2026, 11, 22, 1, 30, 0, 0, time.UTC), figures: figures()}
	w := &workbench.Workbench{
		Now: func() time.Time { return b.clock },
		Figures: func(_ context.Context, scope access.Scope, _ civil.Date) (*snapshot.Figures, error) {
			if !scope.Contains("141002001") || scope.Contains("141003") {
				t.Errorf("figures of %v", scope.Regions())
			}
			b.counted++
			return b.figures, nil
		},
		Todos: []workbench.Todo{func(_ context.Context, actor access.Actor, in region.Code) ([]workbench.Item, error) {
			if !actor.Known() || in != "141002" {
				t.Errorf("what waits for %q in %q", actor.Name, in)
			}
			return b.waits, nil
		}},
	}
	m := web.New(web.Config{
		DB: dbtest.SQLite(t), Templates: uitest.Templates(t, web.Views(), workbench.Views()), Accounts: accounts{},
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	w.Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/"), r.Session.Renew(r.Context())
	})
	b.Server = httptest.NewServer(m.Handler())
	t.Cleanup(b.Close)
	return b
}

// figures are of a small county.
func figures() *snapshot.Figures {
	f := &snapshot.Figures{
		Made: civil.At(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)), People: 12_345, NoBirth: 45,
		Ages: []snapshot.Band{{To: 59, Count: 300}, {From: 60, To: 79, Count: 10_000}, {From: 80, To: 99, Count: 1_990}, {From: 100, Count: 10}},
		Below: []snapshot.Place{
			{Region: "141002001", Count: 5_000}, {Region: "141002100", Count: 7_340}, {Region: "141002", Count: 5},
		},
	}
	for i := range fact.Count {
		if i.Coded() {
			f.Facts[i] = make([]int, len(i.Def().Values)+1)
		}
	}
	copy(f.Facts[fact.Ability], []int{6_000, 5_000, 700, 400, 200, 45})
	copy(f.Facts[fact.Income], []int{45, 11_000, 100, 200, 900, 100})
	copy(f.Facts[fact.LivesAlone], []int{345, 2_000, 10_000})
	copy(f.Facts[fact.FPSpecial], []int{0, 1, 12_344})
	return f
}

// home is the workbench of a role.
func (b *bench) home(t *testing.T, role access.Role) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	in := 0
	for i, r := range roles {
		if r == role {
			in = i + 1
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+"/sign/"+strconv.Itoa(in), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Jar: jar}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v\n%s", res.StatusCode, err, body)
	}
	_, rest, _ := strings.Cut(string(body), "<main")
	inside, _, _ := strings.Cut(rest, "</main>")
	return "<main" + inside
}

func want(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("the page lacks %q:\n%s", text, body)
		}
	}
}

func lacks(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(body, text) {
			t.Errorf("the page has %q:\n%s", text, body)
		}
	}
}

func TestOfficerSeesFiguresAndWhatWaits(t *testing.T) {
	b := newBench(t)
	b.waits = []workbench.Item{{Text: "待核定的信息争议", Href: "/conflicts", Count: 1_012, Tone: ui.Warning}}
	body := b.home(t, access.Officer)
	want(t, body, "12,345", "2,000", "占 16.2%", "1,345", "未评估 6,000 人", "1,012", `href="/conflicts"`, "另有 45 人出生日期未知",
		"尧都区，统计截至 2026-11-22 09:00", "解放路街道", "（未分到下级）", "不到 0.1%", "60 岁以下", "100 岁及以上", "/persons?age_from=80", "/persons?ability=severe&amp;ability=total")
	file := "testdata/home.golden.html"
	if *update {
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(golden, []byte(body)) {
		t.Errorf("%s looks different; look at it and run with -update", file)
	}
}

func TestLeaderSeesNumbersAndNoWayToPeople(t *testing.T) {
	body := newBench(t).home(t, access.Leader)
	want(t, body, "12,345", "没有待办", "解放路街道")
	lacks(t, body, "/persons")
}

func TestWhoSeesNoFiguresSeesWhatConcernsHim(t *testing.T) {
	b := newBench(t)
	body := b.home(t, access.Administrator)
	want(t, body, "/users", "/tokens", "没有待办")
	lacks(t, body, "12,345", "/persons", "/audit")
	body = b.home(t, access.Auditor)
	want(t, body, "/audit", "/audit/verify")
	lacks(t, body, "12,345", "/users")
	body = b.home(t, access.DutyDesk)
	want(t, body, `href="/persons"`)
	lacks(t, body, "12,345", "/users")
	want(t, b.home(t, access.Institution), "欢迎使用")
	if b.counted != 0 {
		t.Error("figures were counted for those who may not see them")
	}
}

func TestNewSystemSaysWhatToDoFirst(t *testing.T) {
	b := newBench(t)
	b.figures = &snapshot.Figures{Made: 1}
	want(t, b.home(t, access.Officer), "先做这几件事", "/imports/new", "/persons/new", "还没有在册的老年人")
	lacks(t, b.home(t, access.VillageWorker), "先做这几件事", "/imports/new", "/persons/new")
	b.figures, b.clock = &snapshot.Figures{}, b.clock.Add(2*time.Minute)
	want(t, b.home(t, access.Officer), "正在统计")
}

func TestFiguresAreCountedOnceAMinute(t *testing.T) {
	b := newBench(t)
	b.home(t, access.Officer)
	b.home(t, access.Leader)
	if b.counted != 1 {
		t.Errorf("counted %d times", b.counted)
	}
	b.clock = b.clock.Add(time.Minute)
	b.home(t, access.Officer)
	if b.counted != 2 {
		t.Errorf("counted %d times after a minute", b.counted)
	}
}
