package portal_test

import (
	"context"
	"crypto/rand"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/portal"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
	"yian/policies"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, portal.Views()) }

// accounts knows nobody.
type accounts struct{}

// BySignIn implements web.Identifier.
func (accounts) BySignIn(context.Context, id.ID) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "请登录。")
}

// ByToken implements web.Identifier.
func (accounts) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

// lists are those of the embedded packs.
type lists struct {
	book  *policy.Book
	packs []*pack.Pack
}

// Book implements portal.Lists.
func (l lists) Book(context.Context, civil.Date) (*policy.Book, error) { return l.book, nil }

func embedded(t testing.TB, on civil.Date) lists {
	t.Helper()
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	b := &policy.Book{On: on}
	for _, name := range []string{"national-2023", "linfen-2023", "urumqi-2024"} {
		l, err := lib.List(name)
		if err != nil {
			t.Fatal(err)
		}
		src := l.Source()
		p, err := rules.Compile(src, on)
		if err != nil {
			t.Fatal(err)
		}
		b.Rulings = append(b.Rulings, &policy.Ruling{From: l.From, List: l, Source: src, Program: p})
	}
	return lists{b, lib.Packs()}
}

// site is the public site with a clock that the test sets.
type site struct {
	*httptest.Server

	db    *db.DB
	clock time.Time
}

func newSite(t testing.TB) *site {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{db: dbtest.SQLite(t), clock: time.Date(2026, 11, 22, 1, 30, 0, 0, time.UTC)}
	m := web.New(web.Config{
		DB: s.db, Templates: uitest.Templates(t, web.Views(), portal.Views()), Accounts: accounts{},
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	known := embedded(t, civil.New(2026, 11, 22))
	(&portal.Pages{
		Lists: known, Plans: known.packs, Keys: keys, Now: func() time.Time { return s.clock }, Below: region.Below,
		Offices: func(_ context.Context, place region.Code) ([]portal.Office, error) {
			if place != "141002" {
				return nil, nil
			}
			return []portal.Office{{Name: "尧都区民政局", Address: "解放路 1 号", Phone: "0357-2222222"}}, nil
		},
		Counties: func(context.Context, civil.Date) ([]portal.County, error) {
			return []portal.County{
				{Region: "141002", People: 5009, Groups: [][]int{{0, 3000, 1500, 400, 100, 9, 0}, {0, 2500, 2509}, {4000, 900, 50, 30, 20, 9}}},
				{Region: "141024", People: 3000, Groups: [][]int{{0, 2000, 800, 150, 40, 10, 0}, {0, 1500, 1500}, {2500, 400, 50, 20, 20, 10}}},
				{Region: "141021", People: 5, Groups: [][]int{{0, 5, 0, 0, 0, 0, 0}, {0, 3, 2}, {5, 0, 0, 0, 0, 0}}},
			}, nil
		},
	}).Register(m)
	s.Server = httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return s
}

// browser is somebody who has not signed in.
type browser struct {
	*http.Client

	base string
	last string // the address of the page that he sees
}

func (s *site) browser(t testing.TB) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{Client: &http.Client{Jar: jar}, base: s.URL}
}

// want asks for a page, or posts the form, and fails unless it has the status and texts.
func (b *browser) want(t testing.TB, path string, form url.Values, status int, texts ...string) string {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
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
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	body := string(raw)
	b.last = res.Request.URL.Path
	if res.StatusCode != status {
		t.Fatalf("%s: status %d, want %d\n%s", path, res.StatusCode, status, body)
	}
	if res.Request.URL.RawQuery != "" && strings.HasPrefix(b.last, "/public/check") {
		t.Errorf("something stands in the address: %s", res.Request.URL)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s lacks %q:\n%s", path, text, body)
		}
	}
	return body
}

// answer answers the question that the browser sees.
func (b *browser) answer(t testing.TB, name, value string) {
	t.Helper()
	b.want(t, b.last, url.Values{name: {value}}, 200)
}

// finish answers every further question with no, none or 不知道.
func (b *browser) finish(t testing.TB) {
	t.Helper()
	for n := 0; b.last != "/public/check/answers"; n++ {
		if n > 30 {
			t.Fatal("asks without end")
		}
		before, body := b.last, b.want(t, b.last, nil, 200)
		for _, value := range []string{"none", "false", "0", "unknown"} {
			if strings.Contains(body, `value="`+value+`"`) {
				b.answer(t, "answer", value)
				break
			}
		}
		if b.last == before {
			t.Fatalf("%s is asked again", before)
		}
	}
}

// begin starts for a mother in Yaodu who was born in 1947.
func begin(t testing.TB, b *browser) {
	t.Helper()
	b.want(t, "/public/check", url.Values{"whom": {"family"}}, 200, "您的家人现在住在哪里？")
	b.want(t, b.last, url.Values{"place": {"14", "1410", "141002"}}, 200, "您的家人的户籍在哪里？", "山西省 临汾市 尧都区")
	b.answer(t, "answer", "same")
	b.want(t, b.last, url.Values{"year": {"1947"}, "month": {"7"}, "day": {"22"}}, 200, "低保、特困", "上一题", "不知道")
}

func TestAnswersLeadToTheResult(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	b.want(t, "/public/check/result", nil, 200, "我能享受哪些服务")
	b.want(t, "/public/check", url.Values{}, 422, "请选择您为谁查询")
	begin(t, b)
	b.want(t, "/public/check/vagrant", nil, 200, "低保、特困") // nobody jumps ahead
	b.answer(t, "answer", "dibao")
	b.finish(t)
	b.want(t, b.last, nil, 200, "1947 年 7 月 22 日", "低保对象", `href="/public/check/income"`)
	golden(t, "result", b.want(t, "/public/check/result", nil, 200,
		"您的家人可以享受", "最低生活保障", "金额由县级人民政府确定", "尧都区民政局", "再过 8 个月（2027-07-22）", "可以享受“高龄津贴”", "目前不符合的"))
	b.want(t, "/public/check/income", nil, 200, `value="dibao" checked`)
	b.want(t, "/public/check/income", url.Values{"answer": {"unknown"}}, 200)
	b.finish(t)
	b.want(t, "/public/check/result", nil, 200, "还不确定", "困难类别（可以问民政（社会救助））")
	b.want(t, "/public/check/clear", url.Values{}, 200, "已经清除")
	b.want(t, "/public/check/answers", nil, 200, "请从这里开始")
}

func TestWrongAnswersAreShownAgain(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	b.want(t, "/public/check", url.Values{"whom": {"self"}}, 200, "您现在住在哪里？")
	b.want(t, b.last, url.Values{"place": {"14"}}, 422, "请一直选到县", `value="14" selected`)
	b.want(t, b.last, url.Values{"place": {"99"}}, 200, "出生日期") // the national list asks for no hukou
	b.want(t, "/public/check/residence", url.Values{"place": {"14", "1410"}, "region_more": {"place"}}, 200, "尧都区")
	b.want(t, b.last, url.Values{"place": {"14", "1410", "141002"}}, 200, "户籍")
	b.want(t, b.last, url.Values{}, 422, "请选一个答案")
	b.want(t, b.last, url.Values{"answer": {"other"}}, 422, "请一直选到县")
	b.want(t, b.last, url.Values{"answer": {"other"}, "place": {"14", "1410", "141021"}}, 200, "出生日期")
	b.want(t, "/public/check/hukou", nil, 200, `value="other" checked`, `value="141021" selected`)
	b.want(t, "/public/check/birth", url.Values{"year": {"1947"}, "month": {"2"}, "day": {"30"}}, 422, "没有这一天", `value="1947"`, `href="#year"`)
	b.want(t, b.last, url.Values{"year": {"2047"}, "month": {"2"}, "day": {"3"}}, 422, "不能晚于今天")
	b.want(t, b.last, url.Values{"year": {"1947"}}, 422, "年、月、日")
	b.want(t, b.last, url.Values{"unknown": {"1"}}, 200, "低保")
	b.want(t, b.last, url.Values{}, 422, "请选一个答案")
	b.want(t, b.last, url.Values{"answer": {"rich"}}, 422, "请从列出的答案中选一个")
}

func TestAnswersAreForgottenWhenIdleAndNeverStoredOpenly(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	begin(t, b)
	var data []byte
	if err := s.db.DB.DB.QueryRowContext(t.Context(), "SELECT data FROM session").Scan(&data); err != nil {
		t.Fatal(err)
	}
	if text := string(data); strings.Contains(text, "1947") || strings.Contains(text, "141002") {
		t.Error("answers stand openly in the database")
	}
	s.clock = s.clock.Add(29 * time.Minute)
	b.want(t, "/public/check/birth", nil, 200, `value="1947"`)
	s.clock = s.clock.Add(2 * time.Minute)
	b.want(t, "/public/check/birth", nil, 200, "请从这里开始")
}

func TestLists(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	b.want(t, "/public", nil, 200, "/public/check", "/public/lists", "/public/figures", "/login")
	b.want(t, "/public/lists", nil, 200, "临汾市基本养老服务清单", "全国", "乌鲁木齐市")
	b.want(t, "/public/lists?region=14&region=1410&region=141002", nil, 200, "临汾市基本养老服务清单", "山西省 临汾市 尧都区没有另外的清单", "尧都区民政局")
	page := b.want(t, "/public/lists/1410", nil, 200, "临政办发〔2023〕43号", "物质帮助", "免申即享", "百岁补贴", "每月 不少于 300 元", "自 2023-12-16 起 不少于 300 元/月", "附件第12项", "村（居）民委员会")
	if n := strings.Count(page, "<h3>"); n != 24 {
		t.Errorf("%d items", n)
	}
	b.want(t, "/public/lists/1410?by=audience", nil, 200, "<h2>65周岁及以上老年人</h2>")
	b.want(t, "/public/lists/1410/disability-subsidies", nil, 200, "（残疾等级是一级、二级或者（残疾等级是三级、四级并且残疾类别是智力、精神））", "困难残疾人生活补贴标准（未定） &#43; 重度残疾人护理补贴标准（未定）")
	golden(t, "item", b.want(t, "/public/lists/1410/nursing-subsidy", nil, 200, "护理补贴", "100"))
	b.want(t, "/public/lists/6501", nil, 200, "金额由县级人民政府确定")
	b.want(t, "/public/lists/nation", nil, 200, "全国")
	b.want(t, "/public/lists/x", nil, 404)
	b.want(t, "/public/lists/1410/none", nil, 404)
	b.want(t, "/public/regions?field=region&region=14", nil, 200, "临汾市")
}

func TestPlansTellTargetsAndNoProgress(t *testing.T) {
	newSite(t).browser(t).want(t, "/public/plans", nil, 200, "临汾市", "100周岁及以上老人每人每月发放额", "不少于 300 元/人·月", "可由系统计算", "需填报", "文件没有写期限")
}

func TestOpenFigures(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	page := b.want(t, "/public/figures", nil, 200, "其他地方合计", "尧都区", "8,014", "*", "按性别统计")
	if strings.Contains(page, ">9<") || strings.Contains(page, "曲沃") {
		t.Error("shows a small number")
	}
	file := b.want(t, "/public/figures.csv", nil, 200, "\ufeff统计日期,地区,维度,类别,人数", "临汾市 尧都区,年龄,100 周岁及以上,*")
	if strings.Contains(file, ",9\n") {
		t.Error("the file tells a small number")
	}
}

func TestHowFarADayLiesAhead(t *testing.T) {
	from := civil.New(2026, 11, 22)
	for _, tc := range []struct {
		to   civil.Date
		want string
	}{
		{civil.New(2026, 11, 23), "再过 1 天"},
		{civil.New(2026, 12, 21), "再过 29 天"},
		{civil.New(2026, 12, 22), "再过 1 个月"},
		{civil.New(2027, 7, 22), "再过 8 个月"},
		{civil.New(2027, 11, 21), "再过 11 个月"},
		{civil.New(2027, 11, 22), "再过 1 年"},
		{civil.New(2031, 1, 1), "再过 4 年 1 个月"},
	} {
		if got := portal.In(from, tc.to); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.to, got, tc.want)
		}
	}
}

// golden compares the inside of a page with a file.
func golden(t *testing.T, name, body string) {
	t.Helper()
	_, rest, _ := strings.Cut(body, "<main")
	inside, _, _ := strings.Cut(rest, "</main>")
	got := "<main" + inside
	file := "testdata/" + name + ".golden.html"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it and run with -update:\n%s", file, got)
	}
}

func BenchmarkResult(b *testing.B) {
	s := newSite(b)
	one := s.browser(b)
	begin(b, one)
	one.answer(b, "answer", "dibao")
	one.finish(b)
	for b.Loop() {
		one.want(b, "/public/check/result", nil, 200)
	}
}
