package accountweb

import (
	"net/url"
	"strconv"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/id"
	"yian/internal/phone"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// onePage is how many rows a list shows.
const onePage = 50

// userTabs are the pages about one user.
func userTabs(user id.ID, active string) ui.Tabs {
	base := "/users/" + user.String()
	t := ui.Tabs{Label: "用户", Items: []ui.Tab{{Text: "资料和角色", Href: base}, {Text: "登录和安全", Href: base + "/access"}}}
	for i := range t.Items {
		t.Items[i].Active = t.Items[i].Href == base+active
	}
	return t
}

func userLink(user id.ID) string { return "/users/" + user.String() }

func (p *Pages) users(r *web.Request) (web.Response, error) {
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	organisation, _ := id.Parse(in.Get("organisation")) // a wrong one finds nothing less
	q := account.Query{
		Text: in.Get("q"), State: account.State(in.Get("state")), Role: access.Role(in.Get("role")), Organisation: organisation,
		After: in.Get("after"), Before: in.Get("before"), Limit: onePage,
	}
	if kind := in.Get("kind"); kind != "" {
		machine := kind == "machine"
		q.Machine = &machine
	}
	found, err := p.Accounts.Users(r.Context(), r.Scope(access.AccountRead), q)
	if err != nil {
		return nil, err
	}
	page := &listPage{
		Frame:  ui.Frame{Title: "用户", Lead: "当前所选区域内各单位的用户和接口用户。"},
		Search: userSearch(in.Values),
		Table:  p.userTable(found.Users),
	}
	if r.Actor.Can(access.AccountWrite) {
		page.Actions = []ui.Action{{Text: "新建用户", Href: "/users/new", Icon: "user-plus", Primary: true}}
	}
	page.Table.Pager, err = pager(r, found.Previous, found.Next)
	return web.Page("account/list", page), err
}

func userSearch(v url.Values) ui.SearchBar {
	roles := []ui.Option{{Label: "全部角色"}}
	for _, info := range access.Roles {
		roles = append(roles, ui.Option{Value: string(info.Role), Label: info.Label})
	}
	s := ui.SearchBar{
		Action: "/users", Live: true,
		Fields: []ui.Field{
			{Name: "q", Label: "姓名或登录名", Kind: ui.KindSearch, Value: v.Get("q"), Autocomplete: "off"},
			{Name: "role", Label: "角色", Kind: ui.KindSelect, Value: v.Get("role"), Options: roles, Width: "m"},
			{Name: "state", Label: "状态", Kind: ui.KindSelect, Value: v.Get("state"), Width: "s", Options: []ui.Option{
				{Label: "全部"}, {Value: string(account.Active), Label: account.Active.Label()}, {Value: string(account.Disabled), Label: account.Disabled.Label()},
			}},
			{Name: "kind", Label: "类型", Kind: ui.KindSelect, Value: v.Get("kind"), Width: "s", Options: []ui.Option{
				{Label: "全部"}, {Value: "human", Label: "人员"}, {Value: "machine", Label: "接口"},
			}},
		},
	}
	if o := v.Get("organisation"); o != "" {
		s.Hidden = []ui.Hidden{{Name: "organisation", Value: o}}
	}
	return s
}

func (p *Pages) userTable(users []account.User) ui.Table {
	t := ui.Table{
		Caption: "用户",
		Columns: []ui.Column{{Label: "姓名"}, {Label: "登录名"}, {Label: "单位"}, {Label: "今天的角色", Wide: true}, {Label: "状态"}},
		Empty: ui.EmptyState{
			Icon: "users", Title: "没有符合条件的用户", Text: "请放宽条件，或在右上角换一个区域再查。",
			Action: ui.Action{Text: "查看全部", Href: "/users"},
		},
	}
	for i := range users {
		u := &users[i]
		roles := u.Roles(p.Accounts.Today())
		if roles == "" {
			roles = "无角色"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: u.Name, Href: userLink(u.ID)}, {Text: u.Login}, {Text: u.Organisation.Name}, {Text: roles}, {Tags: stateTags(u)},
		}})
	}
	return t
}

func stateTags(u *account.User) []ui.Tag {
	tag := ui.Tag{Text: u.State.Label(), Tone: ui.Success}
	if u.State == account.Disabled {
		tag.Tone = ui.Danger
	}
	if u.Machine {
		return []ui.Tag{tag, {Text: "接口", Tone: ui.Info}}
	}
	return []ui.Tag{tag}
}

// pager turns pages of this list by keys.
func pager(r *web.Request, previous, next string) (ui.Pager, error) {
	var p ui.Pager
	var err error
	if previous != "" {
		if p.Previous, err = ui.Query(r.URL.RequestURI(), "before", previous, "after", ""); err != nil {
			return p, err
		}
	}
	if next != "" {
		p.Next, err = ui.Query(r.URL.RequestURI(), "after", next, "before", "")
	}
	return p, err
}

// userPage shows one user.
type userPage struct {
	ui.Frame
	Tabs    ui.Tabs
	Details ui.Details
	Grants  ui.Table
	Add     ui.Action
}

func (p *Pages) user(r *web.Request) (web.Response, error) {
	user, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	u, err := p.Accounts.User(r.Context(), r.Actor.Scope(access.AccountRead), user)
	if err != nil {
		return nil, err
	}
	page := &userPage{
		Frame: ui.Frame{Title: u.Name, Tags: stateTags(u), Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}}},
		Tabs:  userTabs(u.ID, ""),
	}
	page.Details.Pairs = []ui.Pair{
		{Term: "登录名", Text: u.Login},
		{Term: "单位", Text: u.Organisation.Name, Note: region.Name(u.Organisation.Region)},
		{Term: "电话", Text: shownPhone(u.Phone)},
		{Term: "建立时间", Text: ui.Instant(u.Created.Time())},
	}
	names, err := p.Accounts.Names(r.Context(), givers(u.Grants))
	if err != nil {
		return nil, err
	}
	mine := u.ID != r.Actor.User && p.Accounts.Manages(r.Actor, u)
	page.Grants = p.grantTable(u, names, mine)
	if mine {
		page.Actions = userActions(u)
		page.Add = ui.Action{Text: "授予角色", Href: userLink(u.ID) + "/grants/new", Icon: "plus", Primary: true}
	}
	return web.Page("account/user", page), nil
}

func userActions(u *account.User) []ui.Action {
	actions := []ui.Action{{Text: "修改资料", Href: userLink(u.ID) + "/edit", Icon: "pencil"}}
	if u.State == account.Active {
		return append(actions, ui.Action{
			Text: "停用", Href: userLink(u.ID) + "/disable", Icon: "user-off", Danger: true, Post: true,
			Confirm: "停用后该用户会立即退出，且不能再登录。可以随时再启用。",
		})
	}
	return append(actions, ui.Action{Text: "启用", Href: userLink(u.ID) + "/enable", Icon: "user-check", Post: true})
}

// shownPhone is a telephone at work: whoever administers a user has to reach him.
func shownPhone(text string) string {
	if n, err := phone.Parse(text); err == nil && text != "" {
		return n.Display()
	}
	return text
}

func givers(grants []account.Grant) []id.ID {
	var ids []id.ID
	for _, g := range grants {
		if g.GivenBy != 0 {
			ids = append(ids, g.GivenBy)
		}
	}
	return ids
}

func (p *Pages) grantTable(u *account.User, names map[id.ID]string, mine bool) ui.Table {
	today := p.Accounts.Today()
	t := ui.Table{
		ID: "grants", Caption: "角色",
		Columns: []ui.Column{{Label: "角色"}, {Label: "区域"}, {Label: "有效期"}, {Label: "授予人"}, {Label: "操作", Quiet: true}},
		Empty:   ui.EmptyState{Icon: "shield-check", Title: "还没有角色", Text: "没有角色的用户登录后什么也看不到。"},
	}
	for _, g := range u.Grants {
		by := names[g.GivenBy]
		if by == "" {
			by = "系统"
		}
		role := ui.Cell{Text: g.Role.Label()}
		switch {
		case g.Over(today):
			role.Tags = []ui.Tag{{Text: "已到期"}}
		case !g.Holds(today):
			role.Tags = []ui.Tag{{Text: "未开始", Tone: ui.Info}}
		}
		row := ui.Row{Cells: []ui.Cell{
			role, {Text: region.Name(g.Region)}, {Text: span(g)}, {Text: by, Note: ui.Instant(g.GivenAt.Time())}, {},
		}}
		if mine && !g.Over(today) {
			row.Cells[4].Links = []ui.Link{{Text: "收回", Href: userLink(u.ID) + "/grants/" + g.ID.String() + "/end"}}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// span tells from when to when a grant holds.
func span(g account.Grant) string {
	if g.To.IsZero() {
		return g.From.String() + " 起，长期"
	}
	return g.From.String() + " 至 " + g.To.String()
}

func (p *Pages) userForm(r *web.Request, v url.Values, u *account.User) (*formPage, error) {
	page := &formPage{Frame: ui.Frame{Title: "新建用户", Narrow: true, Crumbs: []ui.Crumb{{Text: "用户", Href: "/users"}}}}
	places, err := p.organisationOptions(r, v.Get("organisation"))
	if err != nil {
		return nil, err
	}
	fields := []ui.Field{
		{Name: "name", Label: "姓名", Value: v.Get("name"), Required: true, MaxLength: 30, Autocomplete: "off", Width: "m", Hint: "接口用户填写系统名称，如“市公安局人口库”。"},
		{Name: "login", Label: "登录名", Value: v.Get("login"), Required: true, MaxLength: 32, Autocomplete: "off", Width: "m", Hint: "3 到 32 位小写字母、数字或 . _ -，如 zhang.wei。"},
		{Name: "organisation", Label: "单位", Kind: ui.KindSelect, Value: v.Get("organisation"), Options: places, Required: true, Hint: "列出当前所选区域的单位；没有时请先在右上角切换区域，或新建单位。"},
		{Name: "phone", Label: "工作电话", Kind: ui.KindTel, Value: v.Get("phone"), Autocomplete: "off", Width: "m", Hint: "选填。加密保存，只有管理员能看到。"},
	}
	if u == nil {
		fields = append(fields, ui.Field{
			Name: "machine", Label: "这是接口用户（部门系统用令牌调用接口，不能登录页面）", Kind: ui.KindCheckbox, Value: v.Get("machine"),
		})
		page.Form = ui.Simple("/users/new", "建立用户", fields...)
		page.Form.Cancel = ui.Link{Href: "/users"}
		return page, nil
	}
	page.Title = "修改用户资料"
	page.Crumbs = append(page.Crumbs, ui.Crumb{Text: u.Name, Href: userLink(u.ID)})
	page.Form = ui.Simple(userLink(u.ID)+"/edit", "保存", fields...)
	page.Form.Hidden = []ui.Hidden{{Name: "version", Value: v.Get("version")}}
	page.Form.Cancel = ui.Link{Href: userLink(u.ID)}
	return page, nil
}

func draftOf(in *input) account.UserDraft {
	organisation, _ := id.Parse(in.Get("organisation")) // a wrong one is none, which the draft refuses
	return account.UserDraft{
		Login: in.Get("login"), Name: in.Get("name"), Organisation: organisation, Phone: in.Get("phone"), Machine: in.Get("machine") == "1",
	}
}

func (p *Pages) askUser(r *web.Request) (web.Response, error) {
	page, err := p.userForm(r, url.Values{"organisation": {r.Value("organisation")}}, nil)
	return web.Page("account/form", page), err
}

func (p *Pages) createUser(r *web.Request) (web.Response, error) {
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	u, err := p.Accounts.CreateUser(r.Context(), r.Actor, draftOf(in))
	if err != nil {
		page, broken := p.userForm(r, in.Values, nil)
		if broken != nil {
			return nil, broken
		}
		return web.Again("account/form", page, &page.Form, err)
	}
	if u.Machine {
		return web.Redirect(userLink(u.ID), web.Done("已建立接口用户“%s”。下一步：授予角色，再签发令牌。", u.Name)), nil
	}
	return web.Redirect(userLink(u.ID), web.Done("已建立用户“%s”。下一步：授予角色，再到“登录和安全”生成临时密码。", u.Name)), nil
}

func (p *Pages) askChange(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	page, err := p.userForm(r, url.Values{
		"name": {u.Name}, "login": {u.Login}, "organisation": {u.Organisation.ID.String()}, "phone": {u.Phone},
		"version": {strconv.FormatInt(u.Version, 10)},
	}, u)
	return web.Page("account/form", page), err
}

func (p *Pages) changeUser(r *web.Request) (web.Response, error) {
	u, err := p.managed(r)
	if err != nil {
		return nil, err
	}
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	version, _ := strconv.ParseInt(in.Get("version"), 10, 64) // a wrong one is stale
	if err := p.Accounts.ChangeUser(r.Context(), r.Actor, u.ID, version, draftOf(in)); err != nil {
		page, broken := p.userForm(r, in.Values, u)
		if broken != nil {
			return nil, broken
		}
		return web.Again("account/form", page, &page.Form, err)
	}
	return web.Redirect(userLink(u.ID), web.Done("已保存。")), nil
}

// managed returns the user of the path, who is the actor's to change.
func (p *Pages) managed(r *web.Request) (*account.User, error) {
	user, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.Accounts.Manage(r.Context(), r.Actor, user)
}

func (p *Pages) disableUser(r *web.Request) (web.Response, error) {
	return p.setState(r, account.Disabled, "已停用，该用户已退出。")
}

func (p *Pages) enableUser(r *web.Request) (web.Response, error) {
	return p.setState(r, account.Active, "已启用。")
}

func (p *Pages) setState(r *web.Request, state account.State, done string) (web.Response, error) {
	user, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := p.Accounts.SetState(r.Context(), r.Actor, user, state); err != nil {
		return nil, err
	}
	return web.Redirect(userLink(user), web.Done("%s", done)), nil
}
