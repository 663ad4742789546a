package accountweb

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/signin"
	"yian/internal/ui"
	"yian/internal/web"
)

// What a session remembers before somebody has signed in.
const (
	pendingKey = "pending" // who has still to show a second factor
	flowKey    = "oidc"    // what the way to the provider and back has to fit
	backKey    = "back"    // where he wanted to go
)

// pendingTime is how long the second factor is waited for.
const pendingTime = 10 * time.Minute

// loginPage asks for the login name and the password, or for the second factor.
type loginPage struct {
	ui.Frame
	Form     ui.Form
	Provider ui.Link
	Demo     []demoRow
}

type demoRow struct {
	Role, Name, Login string
	Enter             ui.Action
}

// from is where a request comes from.
func (p *Pages) from(r *web.Request) signin.From {
	return signin.From{Address: p.SignIns.Config().Client(r.RemoteAddr, r.Header.Values("X-Forwarded-For")), Agent: r.UserAgent()}
}

func (p *Pages) loginPage(back, login string) *loginPage {
	c := p.SignIns.Config()
	page := &loginPage{
		Frame: ui.Frame{Title: "登录", Bare: true},
		Form: ui.Simple("/login", "登录",
			ui.Field{Name: "login", Label: "登录名", Value: login, Required: true, Autofocus: login == "", Autocomplete: "username", MaxLength: 64},
			ui.Field{Name: "password", Label: "密码", Kind: ui.KindPassword, Required: true, Autofocus: login != "", Autocomplete: "current-password"},
		),
	}
	page.Form.Hidden = []ui.Hidden{{Name: "back", Value: back}}
	if c.Provider != nil {
		page.Provider = ui.Link{Text: "用" + c.Provider.Label + "登录", Href: "/login/oidc?back=" + url.QueryEscape(back), Icon: "login"}
	}
	for _, d := range c.Demo {
		page.Demo = append(page.Demo, demoRow{Role: d.Role, Name: d.Name, Login: d.Login, Enter: ui.Action{
			Text: "进入", Href: "/login", Post: true,
			Hidden: []ui.Hidden{{Name: "login", Value: d.Login}, {Name: "password", Value: d.Password}, {Name: "back", Value: back}},
		}})
	}
	return page
}

func (p *Pages) askLogin(r *web.Request) (web.Response, error) {
	back := r.Back("/")
	if r.Actor.Known() {
		return web.Redirect(back), nil
	}
	return web.Page("account/login", p.loginPage(back, "")), nil
}

func (p *Pages) login(r *web.Request) (web.Response, error) {
	login, back := r.Value("login"), r.Back("/")
	passed, err := p.SignIns.Login(r.Context(), login, r.FormValue("password"), p.from(r))
	if err != nil {
		page := p.loginPage(back, login)
		return web.Again("account/login", page, &page.Form, err)
	}
	return p.passed(r, passed, back)
}

// passed takes somebody in who has proved who he is, or on to the second factor. The
// session gets a new token each time, so that one known before is worth nothing.
func (p *Pages) passed(r *web.Request, passed signin.Passed, back string) (web.Response, error) {
	ctx := r.Context()
	if err := r.Session.Renew(ctx); err != nil {
		return nil, err
	}
	if passed.SignIn == 0 {
		r.Session.Put(ctx, pendingKey, strings.Join([]string{
			passed.User.String(), string(passed.Method), strconv.FormatInt(p.Accounts.Now().Unix(), 10),
		}, " "))
		return web.Redirect("/login/second?back=" + url.QueryEscape(back)), nil
	}
	r.Session.Remove(ctx, pendingKey)
	r.Session.Put(ctx, web.SignInKey, passed.SignIn.String())
	return web.Redirect(back), nil
}

// pending returns who has to show a second factor.
func (p *Pages) pending(ctx context.Context, r *web.Request) (user id.ID, m signin.Method, ok bool) {
	parts := strings.Fields(r.Session.Get(ctx, pendingKey))
	if len(parts) != 3 {
		return 0, "", false
	}
	user, err := id.Parse(parts[0])
	since, wrong := strconv.ParseInt(parts[2], 10, 64)
	fresh := p.Accounts.Now().Sub(time.Unix(since, 0)) < pendingTime
	return user, signin.Method(parts[1]), err == nil && wrong == nil && fresh
}

func codePage(back string) *loginPage {
	page := &loginPage{
		Frame: ui.Frame{Title: "双因素认证", Lead: "请打开手机上的验证器，填写“颐安”现在显示的 6 位验证码。", Bare: true},
		Form: ui.Simple("/login/second", "继续", ui.Field{
			Name: "code", Label: "验证码或恢复码", Required: true, Autofocus: true, Autocomplete: "one-time-code", MaxLength: 20, Width: "m",
			Hint: "手机不在身边时，填写一个没有用过的恢复码。都没有时，请联系本单位的系统管理员重置。",
		}),
	}
	page.Form.Hidden = []ui.Hidden{{Name: "back", Value: back}}
	page.Form.Cancel = ui.Link{Text: "换一个账号", Href: "/login"}
	return page
}

func (p *Pages) askCode(r *web.Request) (web.Response, error) {
	if _, _, ok := p.pending(r.Context(), r); !ok {
		return web.Redirect("/login"), nil
	}
	return web.Page("account/login", codePage(r.Back("/"))), nil
}

func (p *Pages) code(r *web.Request) (web.Response, error) {
	ctx, back := r.Context(), r.Back("/")
	user, m, ok := p.pending(ctx, r)
	if !ok {
		return web.Redirect("/login", ui.Toast{Tone: ui.Warning, Text: "登录已超时，请重新输入密码。"}), nil
	}
	passed, err := p.SignIns.Second(ctx, user, m, r.Value("code"), p.from(r))
	if err != nil {
		page := codePage(back)
		return web.Again("account/login", page, &page.Form, err)
	}
	return p.passed(r, passed, back)
}

func (p *Pages) toProvider(r *web.Request) (web.Response, error) {
	address, flow, err := p.SignIns.BeginProvider(r.Context())
	if err != nil {
		return nil, err
	}
	r.Session.Put(r.Context(), flowKey, flow.String())
	r.Session.Put(r.Context(), backKey, r.Back("/"))
	return web.Redirect(address), nil
}

func (p *Pages) fromProvider(r *web.Request) (web.Response, error) {
	ctx := r.Context()
	flow, back := signin.ParseFlow(r.Session.Get(ctx, flowKey)), r.Session.Get(ctx, backKey)
	r.Session.Remove(ctx, flowKey)
	r.Session.Remove(ctx, backKey)
	passed, err := p.SignIns.LoginByProvider(ctx, flow, r.Value("state"), r.Value("code"), p.from(r))
	if errs.Is(err, errs.Conflict) || errs.Is(err, errs.Unavailable) {
		page := p.loginPage("/", "")
		page.Form.Fail(err)
		page.Status = errs.KindOf(err).Status()
		return web.Page("account/login", page), nil
	}
	if err != nil {
		return nil, err
	}
	if back == "" {
		back = "/"
	}
	return p.passed(r, passed, back)
}

// logout is open to everybody, so that one can leave before a forced step is done.
func (p *Pages) logout(r *web.Request) (web.Response, error) {
	ctx := r.Context()
	if r.Actor.Known() && r.Actor.Via == "session" {
		current, err := id.Parse(r.Session.Get(ctx, web.SignInKey))
		if err != nil {
			return nil, err
		}
		if err := p.SignIns.SignOut(ctx, r.Actor, current); err != nil {
			return nil, err
		}
	}
	if err := r.Session.Destroy(ctx); err != nil {
		return nil, err
	}
	return web.Redirect("/login", web.Done("您已退出。")), nil
}
