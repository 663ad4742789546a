package intakeweb_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/citizenid"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/intake"
	"yian/internal/intakeweb"
	"yian/internal/jobs"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

// users are who can sign in, by the number of their sign-in.
var users = map[id.ID]access.Actor{
	1: actor(1, access.Officer, "141002"),
	2: actor(2, access.Officer, "141021"),
	3: actor(3, access.Officer, "141002"),
	4: actor(4, access.VillageWorker, "141002001"),
}

func actor(user id.ID, role access.Role, at region.Code) access.Actor {
	return access.NewActor(user, fmt.Sprintf("用户%d", user), "session", []access.Grant{{Role: role, Region: at}}, nil)
}

// accounts knows the users.
type accounts struct{}

// BySignIn implements web.Identifier.
func (accounts) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	return web.Identity{Actor: users[signIn], Role: "经办"}, nil
}

// ByToken implements web.Identifier.
func (accounts) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

// Actor implements intake.Actors.
func (accounts) Actor(_ context.Context, user id.ID) (access.Actor, error) { return users[user], nil }

// site is the pages of imports, with jobs at work behind them.
type site struct{ *httptest.Server }

func newSite(t *testing.T) *site {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, ids, log := dbtest.SQLite(t), id.NewMaker(time.Now), slog.New(slog.DiscardHandler)
	queue := jobs.New(d, "test", log)
	trail := audit.New(d, keys, ids, time.Now)
	people := person.New(person.Deps{DB: d, Audit: trail, Jobs: queue, Keys: keys, IDs: ids, Now: time.Now, Log: log})
	imports := intake.New(intake.Deps{
		DB: d, Audit: trail, Jobs: queue, Blobs: blob.New(d, keys), People: people, Actors: accounts{},
		IDs: ids, Now: time.Now, Log: log, Limits: intake.Limits{Upload: 1 << 20},
	})
	people.Register()
	imports.Register()
	if err := queue.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := queue.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	m := web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views(), intakeweb.Views()), Accounts: accounts{},
		Log: log, Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	(&intakeweb.Pages{Imports: imports}).Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/imports"), r.Session.Renew(r.Context())
	})
	s := &site{httptest.NewServer(m.Handler())}
	t.Cleanup(func() {
		s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := queue.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// browser is somebody signed in.
type browser struct {
	t      *testing.T
	site   *site
	client *http.Client
	body   string
	path   string
}

func (s *site) as(t *testing.T, user int) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, site: s, client: &http.Client{Jar: jar}}
	b.get(fmt.Sprintf("/sign/%d", user))
	return b
}

func (b *browser) do(method, path, kind string, body io.Reader, header ...string) int {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.site.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.body, b.path = string(text), res.Request.URL.Path
	return res.StatusCode
}

func (b *browser) get(path string) int {
	b.t.Helper()
	return b.do(http.MethodGet, path, "", nil)
}

func (b *browser) post(path string, pairs ...string) int {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// upload posts a file as the form does.
func (b *browser) upload(source, name, file string) int {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("source", source); err != nil {
		b.t.Fatal(err)
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, file)
	}
	if err != nil || w.Close() != nil {
		b.t.Fatal(err)
	}
	return b.do(http.MethodPost, "/imports", w.FormDataContentType(), &body)
}

// until loads a page until it holds a text.
func (b *browser) until(path, text string) {
	b.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if status := b.get(path); status != http.StatusOK {
			b.t.Fatalf("%s: status %d\n%s", path, status, b.body)
		}
		if strings.Contains(b.body, text) {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never says %q:\n%s", path, text, b.body)
		}
	}
}

func (b *browser) want(status int, texts ...string) func(int) {
	b.t.Helper()
	return func(got int) {
		b.t.Helper()
		if got != status {
			b.t.Fatalf("status %d, want %d:\n%s", got, status, b.body)
		}
		for _, text := range texts {
			if !strings.Contains(b.body, text) {
				b.t.Errorf("no %q in:\n%s", text, b.body)
			}
		}
	}
}

var versionField = regexp.MustCompile(`name="version" value="(\d+)"`)

// version is the one that the forms of the page hold.
func (b *browser) version() string {
	b.t.Helper()
	m := versionField.FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("no version in:\n%s", b.body)
	}
	return m[1]
}

func number(n int) string {
	digits := fmt.Sprintf("99%04d19430115%03d", n/500, n%500*2)
	return digits + string(citizenid.Checksum(digits))
}

func TestFromUploadToRejects(t *testing.T) {
	s := newSite(t)
	b := s.as(t, 1)
	b.want(http.StatusOK, "还没有导入过文件")(b.get("/imports"))
	b.want(http.StatusOK, "请选择", `enctype="multipart/form-data"`)(b.get("/imports/new"))
	b.want(http.StatusUnprocessableEntity, "请选择数据来自哪个部门")(b.upload("", "a.csv", "x"))
	b.want(http.StatusUnprocessableEntity, "文件是空的")(b.upload("police", "a.csv", ""))
	b.want(http.StatusRequestEntityTooLarge, "文件超过 1 MB")(b.upload("police", "a.csv", strings.Repeat("x", 1<<20+1)))

	file := "姓名,身份证号,甲,电话,户籍地\n王秀英," + number(1) + ",是,13812345678,尧都区\n李建国,1,否,,141002\n外地人," + number(3) + ",否,,1411\n"
	b.want(http.StatusOK)(b.upload("town", `C:\目录\名单.csv`, file))
	at := b.path
	b.until(at, "确认每一列是什么")
	for _, text := range []string{"名单.csv", "乡镇（街道）", "王秀英、李建国", "138******78"} {
		if !strings.Contains(b.body, text) {
			t.Errorf("no %q in:\n%s", text, b.body)
		}
	}
	if strings.Contains(b.body, number(1)) || strings.Contains(b.body, "13812345678") || strings.Contains(b.body, "目录") {
		t.Error("a number stands in clear")
	}
	b.want(http.StatusUnprocessableEntity, "没有哪一列是“证件号码”", "晚于今天")(b.post(at+"/mapping", "version", b.version(), "source", "town", "from", "2999-01-01", "c0", "name"))
	b.get(at)
	b.want(http.StatusOK)(b.post(at+"/mapping", "version", b.version(), "source", "village", "from", "2026-01-01",
		"c0", "name", "c1", "number", "c2", "lives_alone", "c3", "phone", "c4", "hukou"))
	b.until(at, "下一步：确认导入")
	for _, text := range []string{"将新建档案", "没有通过的行", "不在您的管理范围内", "下载退回文件", "修改列的对应"} {
		if !strings.Contains(b.body, text) {
			t.Errorf("no %q in:\n%s", text, b.body)
		}
	}
	old := b.version()
	b.want(http.StatusOK, "保存并试运行")(b.get(at + "?columns=1"))
	b.get(at)
	b.want(http.StatusOK)(b.post(at+"/check", "version", b.version()))
	b.until(at, "下一步：确认导入")
	b.want(http.StatusPreconditionFailed)(b.post(at+"/commit", "version", old))
	b.get(at)
	b.want(http.StatusOK)(b.post(at+"/commit", "version", b.version()))
	b.until(at, "导入完成，有 2 行退回")
	b.want(http.StatusOK, "姓名,身份证号,甲,电话,户籍地,行号,原因", "李建国,1,否,,141002,3,")(b.get(at + "/rejects"))
	b.want(http.StatusConflict)(b.post(at+"/cancel", "version", "1"))
	b.want(http.StatusOK, "名单.csv", "已完成")(b.get("/imports"))
	b.want(http.StatusOK, "导入完成")(b.get(at + "/progress")) // goes to the page

	sibling, colleague, village := s.as(t, 2), s.as(t, 3), s.as(t, 4)
	for _, path := range []string{at, at + "/progress", at + "/rejects"} {
		sibling.want(http.StatusNotFound)(sibling.get(path))
		village.want(http.StatusForbidden)(village.get(path))
	}
	for _, path := range []string{"/mapping", "/check", "/commit", "/continue", "/cancel"} {
		sibling.want(http.StatusNotFound)(sibling.post(at+path, "version", "1"))
	}
	if sibling.get("/imports"); strings.Contains(sibling.body, "名单.csv") {
		t.Error("a sibling county lists the file")
	}
	if colleague.want(http.StatusOK, "只有上传人能看", "已新建档案")(colleague.get(at)); strings.Contains(colleague.body, "李建国") || strings.Contains(colleague.body, "退回文件") {
		t.Error("a colleague has the contents")
	}
	colleague.want(http.StatusForbidden)(colleague.get(at + "/rejects"))
}

// TestAFileWithoutFaultsOffersNoRejects tries a file of which every row can come in.
func TestAFileWithoutFaultsOffersNoRejects(t *testing.T) {
	b := newSite(t).as(t, 1)
	b.want(http.StatusOK)(b.upload("town", "b.csv", "姓名,身份证号,居住地\n王秀英,"+number(1)+",141002\n"))
	at := b.path
	b.until(at, "确认每一列是什么")
	b.want(http.StatusOK)(b.post(at+"/mapping", "version", b.version(), "source", "town", "from", "2026-01-01", "c0", "name", "c1", "number", "c2", "residence"))
	b.until(at, "下一步：确认导入")
	if strings.Contains(b.body, "退回文件") || strings.Contains(b.body, "没有通过") {
		t.Errorf("no row was rejected:\n%s", b.body)
	}
}

func TestFaultyFileAndCancel(t *testing.T) {
	b := newSite(t).as(t, 1)
	b.upload("town", "a.xlsx", "\x89PNG\r\n\x1a\n\x00")
	b.until(b.path, "文件无法导入")
	b.want(http.StatusOK, "重新上传", "不是文本文件")(b.get(b.path))
	b.upload("town", "b.csv", "姓名,身份证号\n王秀英,"+number(1)+"\n")
	at := b.path
	b.until(at, "取消导入")
	b.want(http.StatusOK, "档案没有改动")(b.post(at+"/cancel", "version", b.version()))
	b.want(http.StatusConflict)(b.post(at+"/commit", "version", "0"))
}
