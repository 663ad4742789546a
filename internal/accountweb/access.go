package accountweb

import (
	"slices"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/ui"
	"yian/internal/web"
)

// secretPage shows a temporary password for the only time.
type secretPage struct {
	ui.Frame
	Note   ui.Note
	Label  string
	Secret string
	Next   ui.Link
}

// accessPage tells an administrator how a user signs in.
type accessPage struct {
	ui.Frame
	Tabs     ui.Tabs
	Security ui.Details
	Sessions []sessionRow
	EndAll   ui.Action
}

func (p *Pages) access(r *web.Request) (web.Response, error) {
	ctx, scope := r.Context(), r.Actor.Scope(access.AccountRead)
	user, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	u, err := p.Accounts.User(ctx, scope, user)
	if err != nil {
		return nil, err
	}
	c, err := p.SignIns.CredentialsOf(ctx, scope, user)
	if err != nil {
		return nil, err
	}
	list, err := p.SignIns.SignInsOf(ctx, scope, user)
	if err != nil {
		return nil, err
	}
	base := userLink(u.ID) + "/access"
	page := &accessPage{
		Frame: ui.Frame{Title: u.Name, Tags: stateTags(u), Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}}},
		Tabs:  userTabs(u.ID, "/access"),
	}
	page.Security.Pairs = p.securityPairs(c)
	lock := ui.Pair{Term: "登录锁定", Text: "没有锁定"}
	if !c.Locked.IsZero() {
		lock = ui.Pair{Term: "登录锁定", Tags: []ui.Tag{{Text: "已锁定", Tone: ui.Danger}}, Note: "到 " + ui.Instant(c.Locked.Time())}
	}
	page.Security.Pairs = append(page.Security.Pairs, lock)
	own := ""
	if u.ID != r.Actor.User && !u.Machine && p.Accounts.Manages(r.Actor, u) {
		own = base + "/"
		pairs := page.Security.Pairs
		pairs[0].Action = ui.Action{Text: "生成临时密码", Href: base + "/password"}
		if !c.Second.IsZero() {
			pairs[1].Action = ui.Action{Text: "重置", Href: base + "/second"}
		}
		if !c.Locked.IsZero() {
			pairs[2].Action = ui.Action{Text: "解除锁定", Href: base + "/unlock", Post: true}
		}
	}
	page.Sessions = p.sessionRows(list, 0, own)
	if slices.ContainsFunc(page.Sessions, func(row sessionRow) bool { return row.End.Href != "" }) {
		page.EndAll = ui.Action{Text: "结束全部登录", Href: base + "/end", Post: true, Confirm: "该用户会立即退出所有设备，确定吗？"}
	}
	return web.Page("account/access", page), nil
}

func accessLink(u *account.User) string { return userLink(u.ID) + "/access" }

func (p *Pages) askReset(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	return web.Page("account/confirm", resetPage(u)), nil
}

func resetPage(u *account.User) *confirmPage {
	return &confirmPage{
		Frame: ui.Frame{
			Title: "生成临时密码", Narrow: true, Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}, {Text: u.Name, Href: accessLink(u)}},
		},
		Confirm: ui.Confirm{
			Text:    "将为该用户生成一个临时密码，只显示一次，3 天内有效；他登录后必须先改成自己的密码。",
			Warning: "他现在的密码立即作废，所有设备上的登录都会结束。请先确认是本人要求的。",
			Details: ui.Details{Pairs: []ui.Pair{{Term: "用户", Text: u.Name, Note: u.Organisation.Name}, {Term: "登录名", Text: u.Login}}},
			Form:    ui.Form{Action: accessLink(u) + "/password", Submit: "生成临时密码", Danger: true, Cancel: ui.Link{Href: accessLink(u)}},
		},
	}
}

func (p *Pages) reset(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	temporary, err := p.SignIns.ResetPassword(r.Context(), r.Actor, u.ID)
	if err != nil {
		page := resetPage(u)
		return web.Again("account/confirm", page, &page.Confirm.Form, err)
	}
	return web.Page("account/secret", &secretPage{
		Frame: ui.Frame{
			Title: "临时密码", Narrow: true, Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}, {Text: u.Name, Href: accessLink(u)}},
		},
		Note: ui.Note{
			Tone: ui.Warning, Title: "临时密码只显示这一次",
			Text: "请当面或用电话告诉" + u.Name + "本人（登录名 " + u.Login + "），不要用聊天软件群发。3 天内有效，首次登录时必须修改。",
		},
		Label: "临时密码", Secret: temporary, Next: ui.Link{Text: "回到用户", Href: accessLink(u)},
	}), nil
}

func (p *Pages) askResetSecond(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	return web.Page("account/confirm", resetSecondPage(u)), nil
}

func resetSecondPage(u *account.User) *confirmPage {
	return &confirmPage{
		Frame: ui.Frame{
			Title: "重置双因素认证", Narrow: true, Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}, {Text: u.Name, Href: accessLink(u)}},
		},
		Confirm: ui.Confirm{
			Text:    "手机和恢复码都丢失时才需要重置。重置后该用户只用密码就能登录；角色要求时，登录后必须重新设置。",
			Warning: "请先当面或用电话确认是本人要求的。他所有设备上的登录都会结束。",
			Details: ui.Details{Pairs: []ui.Pair{{Term: "用户", Text: u.Name, Note: u.Organisation.Name}, {Term: "登录名", Text: u.Login}}},
			Form:    ui.Form{Action: accessLink(u) + "/second", Submit: "重置双因素认证", Danger: true, Cancel: ui.Link{Href: accessLink(u)}},
		},
	}
}

func (p *Pages) resetSecond(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	if err := p.SignIns.ResetSecond(r.Context(), r.Actor, u.ID); err != nil {
		page := resetSecondPage(u)
		return web.Again("account/confirm", page, &page.Confirm.Form, err)
	}
	return web.Redirect(accessLink(u), web.Done("已重置%s的双因素认证。", u.Name)), nil
}

func (p *Pages) unlock(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	if err := p.SignIns.Unlock(r.Context(), r.Actor, u.ID); err != nil {
		return nil, err
	}
	return web.Redirect(accessLink(u), web.Done("已解除锁定。")), nil
}

func (p *Pages) endAll(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	if err := p.SignIns.EndOf(r.Context(), r.Actor, u.ID, 0); err != nil {
		return nil, err
	}
	return web.Redirect(accessLink(u), web.Done("该用户已退出所有设备。")), nil
}

func (p *Pages) endOne(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	signIn, err := r.ID("signin")
	if err != nil {
		return nil, err
	}
	if err := p.SignIns.EndOf(r.Context(), r.Actor, u.ID, signIn); err != nil {
		return nil, err
	}
	return web.Redirect(accessLink(u), web.Done("已结束。")), nil
}
