package accountweb

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

func (p *Pages) tokens(r *web.Request) (web.Response, error) {
	before, _ := id.Parse(r.Value("before"))
	user, _ := id.Parse(r.Value("user"))
	tokens, err := p.Accounts.Tokens(r.Context(), r.Scope(access.TokenWrite), account.TokenQuery{User: user, Before: before, Limit: onePage + 1})
	if err != nil {
		return nil, err
	}
	page := &listPage{
		Frame: ui.Frame{
			Title: "接口令牌", Lead: "部门系统用令牌调用接口。令牌只在签发时显示一次。",
			Actions: []ui.Action{{Text: "签发令牌", Href: "/tokens/new", Icon: "plus", Primary: true}},
		},
		Table: ui.Table{
			Caption: "接口令牌",
			Columns: []ui.Column{{Label: "用途", Wide: true}, {Label: "接口用户"}, {Label: "区域"}, {Label: "权限"}, {Label: "最近使用"}, {Label: "状态"}, {Label: "操作", Quiet: true}},
			Empty:   ui.EmptyState{Icon: "key", Title: "还没有令牌", Text: "先建一个接口用户并授予角色，再为它签发令牌。"},
		},
	}
	for i, t := range tokens {
		if i == onePage {
			if page.Table.Pager.Next, err = ui.Query(r.URL.RequestURI(), "before", tokens[i-1].ID.String()); err != nil {
				return nil, err
			}
			break
		}
		page.Table.Rows = append(page.Table.Rows, p.tokenRow(t))
	}
	return web.Page("account/list", page), nil
}

func (p *Pages) tokenRow(t account.Token) ui.Row {
	used := "从未使用"
	if !t.Used.IsZero() {
		used = ui.Instant(t.Used.Time())
	}
	row := ui.Row{Cells: []ui.Cell{
		{Text: t.Name, Note: "签发于 " + ui.Instant(t.Created.Time())},
		{Text: t.Login, Note: t.Place, Href: userLink(t.User)},
		{Text: region.Name(t.Region)},
		{Text: permissionNames(t.Permissions)},
		{Text: used},
		{},
		{},
	}}
	switch {
	case !t.Revoked.IsZero():
		row.Cells[5].Tags = []ui.Tag{{Text: "已吊销", Tone: ui.Danger}}
	case !t.Valid(p.Accounts.Instant()):
		row.Cells[5].Tags = []ui.Tag{{Text: "已过期"}}
	default:
		row.Cells[5] = ui.Cell{Tags: []ui.Tag{{Text: "有效", Tone: ui.Success}}, Note: "到 " + ui.Instant(t.Expires.Time())}
		row.Cells[6].Links = []ui.Link{{Text: "吊销", Href: "/tokens/" + t.ID.String() + "/revoke"}}
	}
	return row
}

func permissionNames(list []access.Permission) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = account.PermissionLabel(p)
	}
	return strings.Join(names, "、")
}

// tokenForm offers the machines in the actor's scope and the permissions that
// machines are for.
func (p *Pages) tokenForm(r *web.Request, v url.Values) (*formPage, error) {
	machine := true
	found, err := p.Accounts.Users(r.Context(), r.Scope(access.TokenWrite), account.Query{Machine: &machine, State: account.Active, Limit: 500})
	if err != nil {
		return nil, err
	}
	users := []ui.Option{{Label: "请选择"}}
	for _, u := range found.Users {
		users = append(users, ui.Option{Value: u.ID.String(), Label: u.Name + "（" + u.Login + "，" + u.Organisation.Name + "）"})
	}
	var permissions []ui.Option
	for _, l := range access.Labels {
		permissions = append(permissions, ui.Option{Value: string(l.Permission), Label: l.Label})
	}
	page := &formPage{
		Frame: ui.Frame{Title: "签发令牌", Narrow: true, Crumbs: []ui.Crumb{{Text: "接口令牌", Href: "/tokens"}}},
		Form: ui.Form{Action: "/tokens/new", Submit: "签发", Cancel: ui.Link{Href: "/tokens"}, Sections: []ui.Section{
			{Fields: []ui.Field{
				{Name: "user", Label: "接口用户", Kind: ui.KindSelect, Value: v.Get("user"), Options: users, Required: true},
				{Name: "name", Label: "用途", Value: v.Get("name"), Required: true, MaxLength: 40, Autocomplete: "off", Hint: "如“公安死亡信息推送”。"},
				{Name: "days", Label: "有效天数", Kind: ui.KindNumber, Value: v.Get("days"), Required: true, Min: "1", Max: strconv.Itoa(account.LongestToken), Unit: "天", Width: "s"},
				{Name: "permissions", Label: "权限", Kind: ui.KindCheckboxes, Values: v["permissions"], Options: permissions, Required: true, Hint: "不能超过该用户角色已有的权限。"},
			}},
			{Title: "区域", Text: "令牌只在这个区域内有效。", Fields: regionFields("region", "区域", regionSource, v, p.Below)},
		}},
	}
	return page, nil
}

func (p *Pages) askToken(r *web.Request) (web.Response, error) {
	v := url.Values{"days": {"90"}, "user": {r.Value("user")}}
	regionValues(v, r.Region)
	page, err := p.tokenForm(r, v)
	return web.Page("account/form", page), err
}

// tokenPage shows a new token for the only time.
type tokenPage struct {
	ui.Frame
	Note    ui.Note
	Secret  string
	Details ui.Details
}

func (p *Pages) createToken(r *web.Request) (web.Response, error) {
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	page, err := p.tokenForm(r, in.Values)
	if err != nil {
		return nil, err
	}
	if in.more() {
		return web.Page("account/form", page), nil
	}
	user, _ := id.Parse(in.Get("user"))     // none
	days, _ := strconv.Atoi(in.Get("days")) // 0 is refused
	d := account.TokenDraft{User: user, Name: in.Get("name"), Region: in.region("region"), Days: days}
	for _, name := range in.Values["permissions"] {
		d.Permissions = append(d.Permissions, access.Permission(name))
	}
	if d.Region == region.Nation && len(in.faults) == 0 {
		in.faults.Add("region", "请选择区域")
	}
	if err := in.faults.Err(); err != nil {
		return web.Again("account/form", page, &page.Form, err)
	}
	secret, t, err := p.Accounts.CreateToken(r.Context(), r.Actor, d)
	if err != nil {
		return web.Again("account/form", page, &page.Form, regionFault(in.Values, "region", err))
	}
	return web.Page("account/token", &tokenPage{
		Frame: ui.Frame{Title: "令牌已签发", Narrow: true, Crumbs: []ui.Crumb{{Text: "接口令牌", Href: "/tokens"}}},
		Note: ui.Note{
			Tone: ui.Warning, Title: "令牌只显示这一次",
			Text: "请现在复制并用安全的方式交给对方系统。离开这一页后谁也不能再看到它；丢失时请吊销后重新签发。",
		},
		Secret: secret,
		Details: ui.Details{Pairs: []ui.Pair{
			{Term: "用途", Text: t.Name},
			{Term: "接口用户", Text: t.Login, Note: t.Place},
			{Term: "权限", Text: permissionNames(t.Permissions)},
			{Term: "区域", Text: region.Name(t.Region)},
			{Term: "有效期到", Text: ui.Instant(t.Expires.Time())},
			{Term: "用法", Text: "调用接口时加上请求头 Authorization: Bearer 令牌"},
		}},
	}), nil
}

// askedToken returns the token of the path.
func (p *Pages) askedToken(r *web.Request) (*account.Token, error) {
	key, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.Accounts.Token(r.Context(), r.Actor.Scope(access.TokenWrite), key)
}

func (p *Pages) askRevoke(r *web.Request) (web.Response, error) {
	t, err := p.askedToken(r)
	if err != nil {
		return nil, err
	}
	return web.Page("account/confirm", &confirmPage{
		Frame: ui.Frame{Title: "吊销令牌", Narrow: true, Crumbs: []ui.Crumb{{Text: "接口令牌", Href: "/tokens"}}},
		Confirm: ui.Confirm{
			Text: "吊销后用这个令牌的系统立即不能再调用接口。", Warning: "吊销不能撤回，只能重新签发。",
			Details: ui.Details{Pairs: []ui.Pair{
				{Term: "用途", Text: t.Name}, {Term: "接口用户", Text: t.Login, Note: t.Place}, {Term: "区域", Text: region.Name(t.Region)},
			}},
			Form: ui.Form{Action: "/tokens/" + t.ID.String() + "/revoke", Submit: "吊销令牌", Danger: true, Cancel: ui.Link{Href: "/tokens"}},
		},
	}), nil
}

func (p *Pages) revokeToken(r *web.Request) (web.Response, error) {
	t, err := p.askedToken(r)
	if err != nil {
		return nil, err
	}
	if err := p.Accounts.RevokeToken(r.Context(), r.Actor, t.ID); err != nil {
		return nil, err
	}
	return web.Redirect("/tokens", web.Done("已吊销“%s”。", t.Name)), nil
}

// rolesPage shows what each role may do: a row for each permission.
type rolesPage struct {
	ui.Frame
	Roles []access.RoleInfo
	Rows  []permissionRow
}

type permissionRow struct {
	Label string
	Code  access.Permission
	Has   []bool // in the order of roles
}

func (p *Pages) roles(*web.Request) (web.Response, error) {
	page := &rolesPage{Frame: ui.Frame{Title: "角色权限", Lead: "每个角色能做什么。角色由程序规定，不能在页面上修改。"}, Roles: access.Roles}
	for _, l := range access.Labels {
		row := permissionRow{Label: l.Label, Code: l.Permission}
		for _, info := range access.Roles {
			row.Has = append(row.Has, slices.Contains(info.Permissions, l.Permission))
		}
		page.Rows = append(page.Rows, row)
	}
	return web.Page("account/roles", page), nil
}

// Held tells, below the name of a role, where it may be held.
func (rolesPage) Held(info access.RoleInfo) string {
	if info.Digits == nil {
		return "各级"
	}
	return fmt.Sprintf("限%s", account.Levels(info.Digits))
}
