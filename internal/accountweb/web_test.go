package accountweb_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/accountweb"
	"yian/internal/credential"
	"yian/internal/db/dbtest"
	"yian/internal/signin"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

func TestTemplates(t *testing.T) { uitest.Templates(t, accountweb.Views()) }

// TestFromTheLinkToTheFirstUser goes the way of a new installation by its pages.
func TestFromTheLinkToTheFirstUser(t *testing.T) {
	s := serve(t, dbtest.SQLite(t), func(c *signin.Config) { c.RequireTOTP = []access.Role{access.Administrator} })
	token, _, err := s.SignIns.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	b.get("/setup/x", http.StatusNotFound, "链接无效、已用过或已过期")
	b.get("/setup/"+token, http.StatusOK, "建立首位系统管理员", "单位全称", "/setup/"+token+"/regions")
	b.get("/setup/"+token+"/regions?field=organisation_region&organisation_region=14", http.StatusOK, "临汾市")
	b.post("/setup/"+token, form("region_more", "organisation_region", "organisation_region", "14"), http.StatusOK, "临汾市")
	b.post("/setup/"+token, form("new", "a", "again", "b"), http.StatusUnprocessableEntity, "请填写单位全称", "太短", "两次填写的密码不一致", "有误：")
	filled := form("organisation_name", "临汾市民政局", "organisation_kind", "city", "organisation_region", "14", "organisation_region", "1410",
		"name", "管理员", "login", "Admin", "new", "Fenhe-lan 2031", "again", "Fenhe-lan 2031")
	b.post("/setup/"+token, filled, http.StatusSeeOther, "/login")
	b.get("/login", http.StatusOK, "系统管理员已建立，请登录。")
	b.post("/setup/"+token, filled, http.StatusNotFound, "链接无效")
	b.get("/", http.StatusSeeOther)
	b.post("/login", form("login", "admin", "password", "Fenhe-lan 2031", "back", "/users?q=x"), http.StatusSeeOther, "/users?q=x")
	b.get("/users?q=x", http.StatusSeeOther)
	b.get("/account/second", http.StatusOK, "您的角色要求启用双因素认证")
	b.post("/account/second/start", nil, http.StatusSeeOther, "/account/second/setup")
	page := b.get("/account/second/setup", http.StatusOK, "/account/second/qr")
	secret := strings.ReplaceAll(find(t, page, `<code>([A-Z2-7 ]+)</code>`), " ", "")
	if picture := b.get("/account/second/qr", http.StatusOK); !strings.HasPrefix(picture, "\x89PNG") {
		t.Error("the QR code is no picture")
	}
	b.post("/account/second/setup", form("code", "12"), http.StatusUnprocessableEntity, "验证码不正确", "/account/second/qr")
	done := b.post("/account/second/setup", form("code", s.code(t, secret)), http.StatusOK, "双因素认证已启用", "只显示这一次")
	recovery := find(t, done.text, `<code>([a-z2-9]{5}-[a-z2-9]{5})</code>`)
	b.get("/users", http.StatusOK, "admin", "系统管理员")
	b.post("/logout", nil, http.StatusSeeOther, "/login")
	b.get("/users", http.StatusSeeOther)

	b.post("/login", form("login", "admin", "password", "Fenhe-lan 2031", "back", "/users"), http.StatusSeeOther, "/login/second?back=%2Fusers")
	b.get("/users", http.StatusSeeOther)
	b.get("/login/second?back=%2Fusers", http.StatusOK, "验证码或恢复码", `value="/users"`)
	b.post("/login/second", form("code", "000000", "back", "/users"), http.StatusUnprocessableEntity, "验证码不正确或已用过")
	b.post("/login/second", form("code", recovery, "back", "/users"), http.StatusSeeOther, "/users")
	b.get("/account", http.StatusOK, "剩余恢复码 9 个", "本机", "系统管理员 · 临汾市")
	s.newUser(t, b)
}

// code is what a telephone shows now.
func (s *site) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := credential.Code(secret, credential.Step(s.now()))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// newUser has an administrator make an organisation, a user and his role, and the
// user sign in.
func (s *site) newUser(t *testing.T, admin *browser) {
	t.Helper()
	admin.get("/organisations/new", http.StatusOK, "新建单位", "没有上级单位", "临汾市民政局")
	admin.post("/organisations/new", form("name", "尧都区民政局", "kind", "county"), http.StatusUnprocessableEntity, "请选择区域", `value="尧都区民政局"`)
	admin.post("/organisations/new", form("name", "尧都区民政局", "kind", "county", "region_code", "141002"), http.StatusSeeOther, "/organisations")
	list := admin.get("/organisations?kind=county", http.StatusOK, "已保存“尧都区民政局”。", "尧都区")
	organisation := find(t, list, `/users\?organisation=([0-9a-z]+)`)
	admin.get("/users/new?organisation="+organisation, http.StatusOK, `value="`+organisation+`" selected`)
	admin.post("/users/new", form("name", "张伟", "login", "张伟", "organisation", organisation), http.StatusUnprocessableEntity, "登录名应为 3 到 32 位")
	made := admin.post("/users/new", form("name", "张伟", "login", "zhang.wei", "organisation", organisation, "phone", "03572012345"), http.StatusSeeOther)
	user := made.location
	admin.get(user, http.StatusOK, "下一步：授予角色", "还没有角色", "0357-2012345")
	admin.get(user+"/grants/new", http.StatusOK, "民政工作人员", "只授予乡镇（街道）一级")
	admin.post(user+"/grants/new", form("role", "town_worker", "region_code", "141002", "from", "2026-01-01"), http.StatusUnprocessableEntity, "只能授予乡镇（街道）一级")
	admin.post(user+"/grants/new", form("role", "officer", "region_code", "141102", "from", "2026-01-01"), http.StatusUnprocessableEntity, "不在您的管理范围内")
	admin.post(user+"/grants/new", form("role", "officer", "region", "14", "region", "1410", "region", "141002", "from", "2026-01-01"), http.StatusSeeOther, user)
	page := admin.get(user, http.StatusOK, "已授予张伟“民政工作人员”角色。", "2026-01-01 起，长期", "管理员")
	grant := find(t, page, `/grants/([0-9a-z]+)/end`)

	admin.get(user+"/access", http.StatusOK, "生成临时密码", "没有登录过")
	admin.get(user+"/access/password", http.StatusOK, "只显示一次")
	told := admin.post(user+"/access/password", nil, http.StatusOK, "临时密码只显示这一次")
	temporary := find(t, told.text, `value="([A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4})"`)

	b := s.browser(t)
	b.post("/login", form("login", "zhang.wei", "password", temporary, "back", "//evil.example"), http.StatusSeeOther, "/")
	b.get("/account", http.StatusSeeOther)
	b.get("/account/password", http.StatusOK, "您用的是临时密码")
	b.post("/account/password", form("current", "x", "new", "Fenhe-lan 2032", "again", "Fenhe-lan 2032"), http.StatusUnprocessableEntity, "当前密码不正确")
	b.post("/account/password", form("current", temporary, "new", "Fenhe-lan 2032", "again", "Fenhe-lan 2032"), http.StatusSeeOther, "/")
	b.get("/account", http.StatusOK, "张伟", "民政工作人员 · 尧都区", "密码已修改")
	b.get("/users", http.StatusForbidden, "没有这项权限")

	admin.get(user+"/grants/"+grant+"/end", http.StatusOK, "收回角色", "尧都区")
	admin.post(user+"/grants/"+grant+"/end", nil, http.StatusSeeOther, user)
	admin.get(user, http.StatusOK, "已收回张伟的“民政工作人员”角色。", "还没有角色")
	admin.post(user+"/disable", nil, http.StatusSeeOther, user)
	b.get("/account", http.StatusSeeOther)
	b.get("/login", http.StatusOK, "您的账号已停用")
	admin.post(user+"/enable", nil, http.StatusSeeOther, user)
	b.get("/account", http.StatusSeeOther)
	admin.get("/users?role=officer", http.StatusOK, "没有符合条件的用户")
}

func TestLoginPage(t *testing.T) {
	s := serve(t, dbtest.SQLite(t), func(c *signin.Config) {
		c.Demo = []signin.DemoAccount{{Login: "demo.officer", Password: "Demo-2031-fenhe", Name: "演示经办", Role: "民政工作人员"}}
	})
	b := s.browser(t)
	if a := b.do(http.MethodGet, "/users?q=%E7%8E%8B", nil); a.status != http.StatusSeeOther || a.location != "/login?back=%2Fusers%3Fq%3D%25E7%258E%258B" {
		t.Errorf("a stranger is sent to %q (%d)", a.location, a.status)
	}
	b.get("/login?back=%2Fusers", http.StatusOK, "演示账号", "演示经办", `value="demo.officer"`, `name="back" value="/users"`)
	a := b.post("/login", form("login", "someone", "password", "Secret-word-1"), http.StatusUnprocessableEntity, "登录名或密码不正确", `value="someone"`)
	if strings.Contains(a.text, "Secret-word-1") {
		t.Error("the page holds the password")
	}
	u := accounttest.User(t, s.SignIns, access.Officer, "141002")
	for range 4 {
		b.post("/login", form("login", u.Login, "password", "x"), http.StatusUnprocessableEntity)
		s.pass(10 * time.Second)
	}
	b.post("/login", form("login", u.Login, "password", "x"), http.StatusTooManyRequests, "已锁定到", "请联系本单位的系统管理员")
	b.post("/login", form("login", u.Login, "password", accounttest.Password), http.StatusTooManyRequests, "已锁定到")
	s.pass(15 * time.Minute)
	b.post("/login", form("login", u.Login, "password", accounttest.Password), http.StatusSeeOther, "/")
	b.get("/login?back=%2Faccount", http.StatusSeeOther)
	b.get("/login/second", http.StatusSeeOther)
	b.post("/login/second", form("code", "123456"), http.StatusSeeOther, "/login")
}

// TestPendingEnds: the second factor is waited for ten minutes.
func TestPendingEnds(t *testing.T) {
	s := serve(t, dbtest.SQLite(t), func(c *signin.Config) { c.RequireTOTP = []access.Role{access.Officer} })
	u := accounttest.User(t, s.SignIns, access.Officer, "141002")
	s.signIn(t, u) // which sets the factor up
	b := s.browser(t)
	b.post("/login", form("login", u.Login, "password", accounttest.Password), http.StatusSeeOther, "/login/second?back=%2F")
	b.get("/login/second", http.StatusOK, "验证码")
	s.pass(11 * time.Minute)
	b.get("/login/second", http.StatusSeeOther)
	b.post("/login/second", form("code", "123456"), http.StatusSeeOther, "/login")
	b.get("/login", http.StatusOK, "登录已超时")
}

// TestSessionIsRenewed: the cookie known before signing in opens nothing after it.
func TestSessionIsRenewed(t *testing.T) {
	s := serve(t, dbtest.SQLite(t))
	u := accounttest.User(t, s.SignIns, access.Officer, "141002")
	b := s.browser(t)
	b.post("/login/second", form("code", "1"), http.StatusSeeOther, "/login") // leaves a message, and so a session
	home, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	before := b.client.Jar.Cookies(home)
	if len(before) != 1 {
		t.Fatalf("cookies %v", before)
	}
	b.post("/login", form("login", u.Login, "password", accounttest.Password), http.StatusSeeOther, "/")
	b.get("/account", http.StatusOK)
	thief := s.browser(t)
	thief.client.Jar.SetCookies(home, before)
	thief.get("/account", http.StatusSeeOther)
	after := b.client.Jar.Cookies(home)
	b.post("/logout", nil, http.StatusSeeOther, "/login")
	thief.client.Jar.SetCookies(home, after)
	thief.get("/account", http.StatusSeeOther)
}

// TestEveryPage opens every page of an administrator, and every page of nobody.
func TestEveryPage(t *testing.T) {
	s := serve(t, dbtest.SQLite(t))
	admin := s.as(t, access.Administrator, "1410")
	u := accounttest.User(t, s.SignIns, access.Officer, "141002")
	machine, token := s.machine(t)
	pages := []string{
		"/users", "/users?state=active&role=officer&kind=machine&q=1", "/users/new", "/organisations", "/organisations/new", "/roles", "/tokens", "/tokens/new",
		"/account", "/account/password", "/account/second", "/account/second/codes", "/account/second/off",
		"/users/{u}", "/users/{u}/edit", "/users/{u}/access", "/users/{u}/access/password", "/users/{u}/access/second",
		"/users/{u}/grants/new", "/users/{u}/grants/{g}/end", "/users/{m}", "/users/{m}/access", "/organisations/{o}/edit", "/tokens/{t}/revoke",
	}
	fill := strings.NewReplacer("{u}", u.ID.String(), "{g}", u.Grants[0].ID.String(), "{o}", u.Organisation.ID.String(), "{m}", machine.ID.String(), "{t}", token.ID.String())
	for _, path := range pages {
		path = fill.Replace(path)
		admin.get(path, http.StatusOK, "<h1>")
		if a := s.browser(t).do(http.MethodGet, path, nil); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/login") {
			t.Errorf("%s: nobody gets %d, %s", path, a.status, a.location)
		}
	}
}

func (s *site) machine(t *testing.T) (*account.User, *account.Token) {
	t.Helper()
	m, err := s.Accounts.CreateUser(t.Context(), accounttest.System, account.UserDraft{
		Login: "police", Name: "市公安局人口库", Organisation: accounttest.Organisation(t, s.Accounts, "1410").ID, Machine: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts.Grant(t.Context(), accounttest.System, m.ID, account.GrantDraft{Role: access.Feed, Region: "1410"}); err != nil {
		t.Fatal(err)
	}
	_, token, err := s.Accounts.CreateToken(t.Context(), accounttest.System, account.TokenDraft{
		User: m.ID, Name: "独有用途", Days: 9, Region: "1410", Permissions: []access.Permission{access.PersonRead},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, token
}

// TestElsewhere: an administrator of another city finds nothing of this one's, on
// any page and by any form.
func TestElsewhere(t *testing.T) {
	s := serve(t, dbtest.SQLite(t))
	stranger := s.as(t, access.Administrator, "1411")
	u := accounttest.User(t, s.SignIns, access.Officer, "141002")
	machine, token := s.machine(t)
	base := "/users/" + u.ID.String()
	grant := base + "/grants/" + u.Grants[0].ID.String()
	for _, path := range []string{
		base, base + "/edit", base + "/access", base + "/access/password", base + "/access/second", base + "/grants/new", grant + "/end",
		"/users/" + machine.ID.String(), "/organisations/" + u.Organisation.ID.String() + "/edit", "/tokens/" + token.ID.String() + "/revoke",
	} {
		stranger.get(path, http.StatusNotFound, "没有找到")
	}
	for _, path := range []string{
		base + "/edit", base + "/disable", base + "/enable", base + "/access/password", base + "/access/second", base + "/access/unlock",
		base + "/access/end", base + "/access/1/end", base + "/grants/new", grant + "/end",
		"/organisations/" + u.Organisation.ID.String() + "/edit", "/tokens/" + token.ID.String() + "/revoke",
	} {
		stranger.post(path, form("role", "leader", "region_code", "1411", "from", "2026-01-01", "name", "某", "login", "mou", "organisation", u.Organisation.ID.String()), http.StatusNotFound)
	}
	for _, path := range []string{"/users?q=" + u.Login, "/users?organisation=" + u.Organisation.ID.String(), "/users", "/organisations", "/tokens", "/users/new?organisation=" + u.Organisation.ID.String(), "/tokens/new"} {
		page := stranger.get(path, http.StatusOK)
		for _, secret := range []string{u.Name, u.Organisation.Name, u.Organisation.ID.String() + `"`, machine.Name, "独有用途"} {
			if strings.Contains(strings.ReplaceAll(page, `organisation" value="`+u.Organisation.ID.String(), ""), secret) && !strings.Contains(path, "organisation=") {
				t.Errorf("%s tells %s", path, secret)
			}
		}
	}
	if again, err := s.Accounts.User(t.Context(), accounttest.System.Scope(access.AccountRead), u.ID); err != nil || again.Version != u.Version || again.State != account.Active || len(again.Grants) != 1 {
		t.Errorf("changed to %+v, %v", again, err)
	}
}

func TestTokensByPages(t *testing.T) {
	s := serve(t, dbtest.SQLite(t))
	type out struct{ Body struct{ Name string } }
	web.Operation(s.mux, access.PersonRead, huma.Operation{OperationID: "who", Method: http.MethodGet, Path: "/api/v1/who"},
		func(ctx context.Context, _ *struct{}) (*out, error) {
			o := &out{}
			o.Body.Name = access.From(ctx).Name
			return o, nil
		})
	admin := s.as(t, access.Administrator, "1410")
	machine, _ := s.machine(t)
	filled := form("user", machine.ID.String(), "name", "死亡信息", "days", "30", "permissions", "person:read", "region_code", "1410")
	admin.get("/tokens/new?user="+machine.ID.String(), http.StatusOK, `value="`+machine.ID.String()+`" selected`)
	admin.post("/tokens/new", form("user", machine.ID.String(), "days", "x"), http.StatusUnprocessableEntity, "请选择区域")
	admin.post("/tokens/new", form("user", machine.ID.String(), "days", "x", "region_code", "1410"), http.StatusUnprocessableEntity, "有效天数应在 1 到 366 之间", "请至少选择一项权限")
	page := admin.post("/tokens/new", filled, http.StatusOK, "令牌只显示这一次")
	token := find(t, page.text, `(yian_[A-Za-z0-9_-]{43})`)
	machineCall := s.browser(t)
	if a := machineCall.do(http.MethodGet, "/api/v1/who", nil, "Authorization", "Bearer "+token); a.status != http.StatusOK || !strings.Contains(a.text, "市公安局人口库") {
		t.Errorf("the token opens: %d %s", a.status, a.text)
	}
	if a := machineCall.do(http.MethodGet, "/users", nil, "Authorization", "Bearer "+token); a.status != http.StatusForbidden {
		t.Errorf("the token opens pages: %d", a.status)
	}
	if a := machineCall.do(http.MethodGet, "/account", nil, "Authorization", "Bearer "+token); a.status != http.StatusForbidden {
		t.Errorf("the token opens its own account: %d", a.status)
	}
	list := admin.get("/tokens", http.StatusOK, "死亡信息", "有效", "查看老年人档案")
	if strings.Contains(list, token) {
		t.Error("the token is shown again")
	}
	revoke := find(t, list, `(/tokens/[0-9a-z]+/revoke)`)
	admin.get(revoke, http.StatusOK, "吊销不能撤回")
	admin.post(revoke, nil, http.StatusSeeOther, "/tokens")
	admin.get("/tokens", http.StatusOK, "已吊销“死亡信息”。")
	if a := machineCall.do(http.MethodGet, "/api/v1/who", nil, "Authorization", "Bearer "+token); a.status != http.StatusUnauthorized {
		t.Errorf("the revoked token opens: %d", a.status)
	}
}

func TestOwnSignIns(t *testing.T) {
	s := serve(t, dbtest.SQLite(t))
	u := accounttest.User(t, s.SignIns, access.Officer, "141002")
	here, there := s.signIn(t, u), s.signIn(t, u)
	stranger := s.as(t, access.Officer, "141002")
	page := here.get("/account", http.StatusOK, "退出其他设备", "本机", "已登录")
	end := find(t, page, `action="(/account/sign-ins/[0-9a-z]{6,}/end)"`)
	stranger.post(end, nil, http.StatusSeeOther, "/account")
	there.get("/account", http.StatusOK)
	here.post(end, nil, http.StatusSeeOther, "/account")
	there.get("/account", http.StatusSeeOther)
	again := s.signIn(t, u)
	here.post("/account/sign-ins/end", nil, http.StatusSeeOther, "/account")
	again.get("/account", http.StatusSeeOther)
	here.get("/account", http.StatusOK, "其他设备已退出")
}

func TestCrossSite(t *testing.T) {
	s := serve(t, dbtest.SQLite(t))
	admin := s.as(t, access.Administrator, "1410")
	u := accounttest.User(t, s.SignIns, access.Officer, "141002")
	if a := admin.do(http.MethodPost, "/users/"+u.ID.String()+"/disable", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
		t.Errorf("another site disables a user: %d", a.status)
	}
}
