package accountweb

import (
	"strconv"

	"yian/internal/account"
	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/signin"
	"yian/internal/ui"
	"yian/internal/web"
)

// mePage is one's own account.
type mePage struct {
	ui.Frame
	Details  ui.Details
	Security ui.Details
	Sessions []sessionRow
	EndAll   ui.Action
}

// sessionRow is a sign-in in a list.
type sessionRow struct {
	Device, Address, Since, Seen string
	Tag                          ui.Tag
	End                          ui.Action
}

// current is the sign-in by which the request came.
func current(r *web.Request) id.ID {
	signIn, err := id.Parse(r.Session.Get(r.Context(), web.SignInKey))
	if err != nil {
		return 0
	}
	return signIn
}

func (p *Pages) me(r *web.Request) (web.Response, error) {
	ctx := r.Context()
	u, err := p.SignIns.Me(ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	c, err := p.SignIns.OwnCredentials(ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	list, err := p.SignIns.SignIns(ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	page := &mePage{Frame: ui.Frame{Title: "我的账号"}}
	page.Details.Pairs = []ui.Pair{
		{Term: "姓名", Text: u.Name},
		{Term: "登录名", Text: u.Login},
		{Term: "单位", Text: u.Organisation.Name},
		{Term: "电话", Text: shownPhone(u.Phone)},
		{Term: "角色", Tags: roleTags(u, p.Accounts.Today())},
	}
	page.Security.Pairs = p.securityPairs(c)
	page.Security.Pairs[0].Action = ui.Action{Text: "修改密码", Href: "/account/password"}
	page.Security.Pairs[1].Action = ui.Action{Text: "管理", Href: "/account/second"}
	page.Sessions = p.sessionRows(list, current(r), "/account/sign-ins/")
	if len(page.Sessions) > 1 {
		page.EndAll = ui.Action{Text: "退出其他设备", Href: "/account/sign-ins/end", Post: true, Confirm: "其他设备上的登录都会结束，确定吗？"}
	}
	return web.Page("account/me", page), nil
}

func roleTags(u *account.User, today civil.Date) []ui.Tag {
	var tags []ui.Tag
	for _, g := range u.Grants {
		if g.Holds(today) {
			tags = append(tags, ui.Tag{Text: g.Role.Label() + " · " + region.Name(g.Region)})
		}
	}
	if len(tags) == 0 {
		return []ui.Tag{{Text: "还没有角色，请联系系统管理员", Tone: ui.Warning}}
	}
	return tags
}

// securityPairs tell of the password, the second factor, the recovery codes.
func (p *Pages) securityPairs(c *signin.Credentials) []ui.Pair {
	password := ui.Pair{Term: "密码"}
	switch {
	case !c.Password:
		password.Tags = []ui.Tag{{Text: "未设置", Tone: ui.Warning}}
	case c.Temporary:
		password.Tags = []ui.Tag{{Text: "临时密码", Tone: ui.Warning}}
		password.Note = "首次登录时必须修改，" + ui.Instant(c.Expires.Time()) + " 前有效"
	case c.Expires.IsZero():
		password.Text = "已设置"
		password.Note = "修改于 " + ui.Instant(c.SetAt.Time())
	default:
		password.Text = "已设置"
		password.Note = "修改于 " + ui.Instant(c.SetAt.Time()) + "，" + c.Expires.Day().String() + " 到期"
	}
	second := ui.Pair{Term: "双因素认证"}
	switch {
	case !c.Second.IsZero():
		second.Tags = []ui.Tag{{Text: "已启用", Tone: ui.Success}}
		second.Note = "启用于 " + ui.Instant(c.Second.Time()) + "，剩余恢复码 " + strconv.FormatInt(c.Codes, 10) + " 个"
	case c.Required:
		second.Tags = []ui.Tag{{Text: "未启用", Tone: ui.Danger}}
		second.Note = "角色要求启用，下次登录时必须设置"
	default:
		second.Tags = []ui.Tag{{Text: "未启用"}}
	}
	return []ui.Pair{password, second}
}

// sessionRows list sign-ins, those that are open with a button that ends them.
func (p *Pages) sessionRows(list []signin.SignIn, mine id.ID, base string) []sessionRow {
	now := p.Accounts.Instant()
	var rows []sessionRow
	for _, s := range list {
		row := sessionRow{
			Device: s.Device(), Address: s.Address,
			Since: ui.Instant(s.Since.Time()) + "，" + s.Method.Label(), Seen: ui.Instant(s.Seen.Time()),
		}
		switch {
		case s.ID == mine:
			row.Tag = ui.Tag{Text: "本机", Tone: ui.Success}
		case s.Open(now, p.SignIns.Config().Idle):
			row.Tag = ui.Tag{Text: "已登录", Tone: ui.Info}
			if base != "" {
				row.End = ui.Action{Text: "结束", Href: base + s.ID.String() + "/end", Post: true}
			}
		default:
			row.Tag = ui.Tag{Text: "已结束"}
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *Pages) endOwn(r *web.Request) (web.Response, error) {
	signIn, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := p.SignIns.EndOwn(r.Context(), r.Actor, signIn, 0); err != nil {
		return nil, err
	}
	return web.Redirect("/account", web.Done("已结束。")), nil
}

func (p *Pages) endOthers(r *web.Request) (web.Response, error) {
	if err := p.SignIns.EndOwn(r.Context(), r.Actor, 0, current(r)); err != nil {
		return nil, err
	}
	return web.Redirect("/account", web.Done("其他设备已退出。")), nil
}

func (p *Pages) passwordPage(c *signin.Credentials) *formPage {
	page := &formPage{
		Frame: ui.Frame{Title: "修改密码", Narrow: true, Crumbs: []ui.Crumb{{Text: "我的账号", Href: "/account"}}},
		Form: ui.Simple("/account/password", "修改密码",
			ui.Field{Name: "current", Label: "当前密码", Kind: ui.KindPassword, Required: true, Autocomplete: "current-password"},
			ui.Field{Name: "new", Label: "新密码", Kind: ui.KindPassword, Required: true, Autocomplete: "new-password", Hint: p.SignIns.Config().Password.Text()},
			ui.Field{Name: "again", Label: "再填一次新密码", Kind: ui.KindPassword, Required: true, Autocomplete: "new-password"},
		),
	}
	switch {
	case c.Temporary:
		page.Note = ui.Note{Tone: ui.Warning, Title: "您用的是临时密码", Text: "请先改成自己的密码，再使用系统。"}
	case !c.Expires.IsZero() && c.Expires < p.Accounts.Instant():
		page.Note = ui.Note{Tone: ui.Warning, Title: "密码已到期", Text: "请先换一个新密码，再使用系统。"}
	default:
		page.Form.Cancel = ui.Link{Href: "/account"}
	}
	return page
}

func (p *Pages) askPassword(r *web.Request) (web.Response, error) {
	c, err := p.SignIns.OwnCredentials(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	return web.Page("account/form", p.passwordPage(c)), nil
}

func (p *Pages) changePassword(r *web.Request) (web.Response, error) {
	d := signin.PasswordDraft{Current: r.FormValue("current"), New: r.FormValue("new"), Again: r.FormValue("again")}
	if err := p.SignIns.ChangePassword(r.Context(), r.Actor, current(r), d); err != nil {
		c, broken := p.SignIns.OwnCredentials(r.Context(), r.Actor)
		if broken != nil {
			return nil, broken
		}
		page := p.passwordPage(c)
		return web.Again("account/form", page, &page.Form, err)
	}
	return web.Redirect("/", web.Done("密码已修改，其他设备上的登录已结束。")), nil
}
