package accountweb

import (
	"fmt"
	"net/url"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

func (p *Pages) grantForm(u *account.User, v url.Values) *formPage {
	var roles []ui.Option
	for _, info := range access.Roles {
		hint := info.About
		if info.Digits != nil {
			hint += fmt.Sprintf("（只授予%s一级）", account.Levels(info.Digits))
		}
		roles = append(roles, ui.Option{Value: string(info.Role), Label: info.Label, Hint: hint})
	}
	place := regionFields("region", "管理区域", regionSource, v, p.Below)
	page := &formPage{
		Frame: ui.Frame{
			Title: "授予角色", Lead: "给" + u.Name + "（" + u.Organisation.Name + "）一个角色。角色在所选区域及其下级有效。", Narrow: true,
			Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}, {Text: u.Name, Href: userLink(u.ID)}},
		},
		Form: ui.Form{
			Action: userLink(u.ID) + "/grants/new", Submit: "授予", Cancel: ui.Link{Href: userLink(u.ID)},
			Sections: []ui.Section{
				{Fields: []ui.Field{{Name: "role", Label: "角色", Kind: ui.KindRadio, Value: v.Get("role"), Options: roles, Required: true}}},
				{Title: "区域", Text: "只能选您管理范围内的区域。", Fields: place},
				{Title: "有效期", Columns: true, Fields: []ui.Field{
					{Name: "from", Label: "从", Kind: ui.KindDate, Value: v.Get("from"), Required: true},
					{Name: "to", Label: "到（含当天）", Kind: ui.KindDate, Value: v.Get("to"), Hint: "留空表示长期。"},
				}},
			},
		},
	}
	return page
}

func (p *Pages) askGrant(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	v := url.Values{"from": {p.Accounts.Today().String()}}
	regionValues(v, u.Organisation.Region)
	return web.Page("account/form", p.grantForm(u, v)), nil
}

func (p *Pages) giveGrant(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	page := p.grantForm(u, in.Values)
	if in.more() {
		return web.Page("account/form", page), nil
	}
	d := account.GrantDraft{Role: access.Role(in.Get("role")), Region: in.region("region"), From: in.date("from"), To: in.date("to")}
	if d.Region == region.Nation && len(in.faults) == 0 {
		in.faults.Add("region", "请选择区域")
	}
	if err := in.faults.Err(); err != nil {
		return web.Again("account/form", page, &page.Form, err)
	}
	if _, err := p.Accounts.Grant(r.Context(), r.Actor, u.ID, d); err != nil {
		return web.Again("account/form", page, &page.Form, regionFault(in.Values, "region", err))
	}
	return web.Redirect(userLink(u.ID), web.Done("已授予%s“%s”角色。", u.Name, d.Role.Label())), nil
}

// askedGrant returns the user and the grant of the path.
func (p *Pages) askedGrant(r *web.Request) (*account.User, account.Grant, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, account.Grant{}, err
	}
	wanted, err := r.ID("grant")
	if err != nil {
		return nil, account.Grant{}, err
	}
	for _, g := range u.Grants {
		if g.ID == wanted {
			return u, g, nil
		}
	}
	return nil, account.Grant{}, web.NotFound()
}

func (p *Pages) askEndGrant(r *web.Request) (web.Response, error) {
	u, g, err := p.askedGrant(r)
	if err != nil {
		return nil, err
	}
	return web.Page("account/confirm", endPage(u, g)), nil
}

func endPage(u *account.User, g account.Grant) *confirmPage {
	return &confirmPage{
		Frame: ui.Frame{
			Title: "收回角色", Narrow: true, Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}, {Text: u.Name, Href: userLink(u.ID)}},
		},
		Confirm: ui.Confirm{
			Text: "收回后立即生效；以后可以重新授予。",
			Details: ui.Details{Pairs: []ui.Pair{
				{Term: "用户", Text: u.Name, Note: u.Organisation.Name},
				{Term: "角色", Text: g.Role.Label()},
				{Term: "区域", Text: region.Name(g.Region)},
				{Term: "有效期", Text: span(g)},
			}},
			Form: ui.Form{Action: endLink(u.ID, g.ID), Submit: "收回角色", Danger: true, Cancel: ui.Link{Href: userLink(u.ID)}},
		},
	}
}

func endLink(user, grant id.ID) string { return userLink(user) + "/grants/" + grant.String() + "/end" }

func (p *Pages) endGrant(r *web.Request) (web.Response, error) {
	u, g, err := p.askedGrant(r)
	if err != nil {
		return nil, err
	}
	if err := p.Accounts.EndGrant(r.Context(), r.Actor, u.ID, g.ID); err != nil {
		page := endPage(u, g)
		return web.Again("account/confirm", page, &page.Confirm.Form, err)
	}
	return web.Redirect(userLink(u.ID), web.Done("已收回%s的“%s”角色。", u.Name, g.Role.Label())), nil
}
