package trail_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/accountweb"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/signin"
	"yian/internal/trail"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

func TestTemplates(t *testing.T) { uitest.Templates(t, trail.Views()) }

type site struct {
	*accounttest.Kit
	server *httptest.Server
}

func serve(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{Kit: accounttest.New(t, d, accounttest.Config(), time.Now)}
	mux := web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views(), accountweb.Views(), trail.Views()), Accounts: s.SignIns,
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	(&accountweb.Pages{Accounts: s.Accounts, SignIns: s.SignIns, Below: region.Below}).Register(mux)
	(&trail.Pages{
		Audit: s.Audit, Root: s.Accounts.Root, Now: time.Now, Actions: append(append(account.Actions, signin.Actions...), trail.Actions...),
		Login: func(ctx context.Context, scope access.Scope, login string) (id.ID, error) {
			u, err := s.Accounts.ByLogin(ctx, scope, login)
			if err != nil {
				return 0, err
			}
			return u.ID, nil
		},
	}).Register(mux)
	s.server = httptest.NewServer(mux.Handler())
	t.Cleanup(s.server.Close)
	return s
}

func (s *site) do(t *testing.T, c *http.Client, method, path string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, html.UnescapeString(string(body))
}

var rows = regexp.MustCompile(`<tr id="e`)

func TestList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := serve(t, d)
		u := accounttest.NamedUser(t, s.SignIns, "zhang.wei", "张伟", access.Officer, "141002")
		accounttest.SignIn(t, s.server, s.SignIns, u)
		auditor := accounttest.Client(t, s.server, s.SignIns, access.Auditor, "1410")
		for _, c := range []struct {
			query string
			n     int
			texts []string
		}{
			{"actor=zhang.wei", 1, []string{"张伟", "登录", "尧都区", "来访地址：127.0.0.1；方式：密码"}},
			{"actor=nobody", 0, []string{"没有找到登录名为“nobody”的用户"}},
			{"kind=user&subject=" + u.ID.String(), 4, []string{"新建用户", "授予角色", "重置密码"}},
			{"action=grant.give", 2, []string{"区域：尧都区；角色：民政工作人员"}},
			{"action=grant.give&to=2000-01-01", 0, []string{"没有符合条件的记录"}},
			{"action=grant.give&from=2000-01-01", 2, nil},
			{"from=yesterday", 0, []string{"日期应写成"}},
		} {
			status, page := s.do(t, auditor, http.MethodGet, "/audit?"+c.query, nil)
			if n := len(rows.FindAllString(page, -1)); status != http.StatusOK || n != c.n {
				t.Errorf("%s: status %d, %d rows, want %d", c.query, status, n, c.n)
			}
			for _, text := range c.texts {
				if !strings.Contains(page, text) {
					t.Errorf("%s: no %q", c.query, text)
				}
			}
		}
		sibling := accounttest.Client(t, s.server, s.SignIns, access.Auditor, "1411")
		if _, page := s.do(t, sibling, http.MethodGet, "/audit?kind=user&subject="+u.ID.String(), nil); rows.MatchString(page) {
			t.Error("seen from another city")
		}
		if _, page := s.do(t, sibling, http.MethodGet, "/audit?actor=zhang.wei", nil); !strings.Contains(page, "没有找到登录名") {
			t.Error("another city learns of the login name")
		}
		officer := accounttest.Client(t, s.server, s.SignIns, access.Officer, "1410")
		if status, _ := s.do(t, officer, http.MethodGet, "/audit", nil); status != http.StatusForbidden {
			t.Errorf("an officer gets %d", status)
		}
	})
}

func TestPaging(t *testing.T) {
	s := serve(t, dbtest.SQLite(t))
	for range 30 {
		accounttest.User(t, s.SignIns, "", "1410") // two entries each
	}
	auditor := accounttest.Client(t, s.server, s.SignIns, access.Auditor, "1410")
	_, first := s.do(t, auditor, http.MethodGet, "/audit", nil)
	next := regexp.MustCompile(`href="(/audit\?before=[0-9a-z]+)" rel="next"`).FindStringSubmatch(first)
	if next == nil || len(rows.FindAllString(first, -1)) != 50 {
		t.Fatalf("first page of %d rows, next %v", len(rows.FindAllString(first, -1)), next)
	}
	_, second := s.do(t, auditor, http.MethodGet, next[1], nil)
	// 60 of users and their passwords, the organisation, three of the auditor, his sign-in.
	if n := len(rows.FindAllString(second, -1)); n != 15 || !strings.Contains(second, `href="/audit" rel="prev"`) {
		t.Errorf("second page of %d rows", n)
	}
}

func TestVerify(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := serve(t, d)
		auditor := accounttest.Client(t, s.server, s.SignIns, access.Auditor, "1410")
		if _, err := s.Audit.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if status, page := s.do(t, auditor, http.MethodGet, "/audit/verify", nil); status != http.StatusOK || !strings.Contains(page, "yian audit verify") {
			t.Errorf("asks with %d", status)
		}
		verify := func(noted string, texts ...string) string {
			t.Helper()
			status, page := s.do(t, auditor, http.MethodPost, "/audit/verify", url.Values{"noted": {noted}})
			for _, text := range texts {
				if !strings.Contains(page, text) {
					t.Errorf("%q: status %d, no %q in\n%s", noted, status, text, page)
				}
			}
			return page
		}
		page := verify("", "没有发现改动", "链头", "审计记录")
		head := regexp.MustCompile(`[0-9]+:[0-9a-f]{64}`).FindString(page)
		verify(head, "没有发现改动")
		verify("nonsense", "链头应是“数字:十六进制”的样子")
		verify("1:00", "发现 1 处与写入时不符", "审计链不经过给出的链头")
		if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.NewRaw("UPDATE audit_entry SET actor = '别人' WHERE seq = 2").Exec(ctx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		verify("", "发现 1 处与写入时不符", "第 2 号的内容被改动", "请保护现场")

		// One who audits a part alone does not verify the whole.
		county := accounttest.Client(t, s.server, s.SignIns, access.Auditor, "141002")
		if status, page := s.do(t, county, http.MethodPost, "/audit/verify", nil); status != http.StatusForbidden || !strings.Contains(page, "临汾市不在您的管理范围内") {
			t.Errorf("a county's auditor gets %d", status)
		}
	})
}
