package accountweb

import (
	"net/url"

	"yian/internal/account"
	"yian/internal/signin"
	"yian/internal/ui"
	"yian/internal/web"
)

func (p *Pages) setupPage(token string, v url.Values) *formPage {
	page := &formPage{
		Frame: ui.Frame{
			Title: "建立首位系统管理员", Bare: true,
			Lead: "这个链接只能用一次。系统管理员建立其他单位和用户、授予角色；他自己看不到老年人档案。",
		},
		Form: ui.Form{Action: "/setup/" + token, Submit: "建立管理员", Sections: []ui.Section{
			{Title: "单位", Text: "使用本系统的最高一级单位。管理员将管理它所在的区域及其下级。", Fields: append([]ui.Field{
				{Name: "organisation_name", Label: "单位全称", Value: v.Get("organisation_name"), Required: true, MaxLength: 60, Autocomplete: "organization"},
				{Name: "organisation_kind", Label: "类别", Kind: ui.KindSelect, Value: v.Get("organisation_kind"), Options: kindOptions("请选择"), Required: true, Width: "m"},
			}, regionFields("organisation_region", "区域", "/setup/"+token+"/regions", v, p.Below)...)},
			{Title: "管理员", Fields: []ui.Field{
				{Name: "name", Label: "姓名", Value: v.Get("name"), Required: true, MaxLength: 30, Autocomplete: "name", Width: "m"},
				{Name: "login", Label: "登录名", Value: v.Get("login"), Required: true, MaxLength: 32, Autocomplete: "username", Width: "m", Hint: "3 到 32 位小写字母、数字或 . _ -，如 zhang.wei。"},
				{Name: "phone", Label: "工作电话", Kind: ui.KindTel, Value: v.Get("phone"), Autocomplete: "tel", Width: "m", Hint: "选填。"},
				{Name: "new", Label: "密码", Kind: ui.KindPassword, Required: true, Autocomplete: "new-password", Hint: p.SignIns.Config().Password.Text()},
				{Name: "again", Label: "再填一次密码", Kind: ui.KindPassword, Required: true, Autocomplete: "new-password"},
			}},
		}},
	}
	return page
}

func (p *Pages) askSetup(r *web.Request) (web.Response, error) {
	token := r.PathValue("token")
	if err := p.SignIns.CheckSetup(r.Context(), token); err != nil {
		return nil, err
	}
	return web.Page("account/form", p.setupPage(token, url.Values{})), nil
}

func (p *Pages) setup(r *web.Request) (web.Response, error) {
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	token := r.PathValue("token")
	page := p.setupPage(token, in.Values)
	if in.more() {
		return web.Page("account/form", page), nil
	}
	d := signin.SetupDraft{
		First: account.First{
			Organisation: account.OrganisationDraft{
				Name: in.Get("organisation_name"), Kind: account.Kind(in.Get("organisation_kind")), Region: in.region("organisation_region"),
			},
			User: account.UserDraft{Name: in.Get("name"), Login: in.Get("login"), Phone: in.Get("phone")},
		},
		Password: r.FormValue("new"), Again: r.FormValue("again"),
	}
	if err := in.faults.Err(); err != nil {
		return web.Again("account/form", page, &page.Form, err)
	}
	if _, err := p.SignIns.FirstAdministrator(r.Context(), token, d); err != nil {
		return web.Again("account/form", page, &page.Form, regionFault(in.Values, "organisation_region", err))
	}
	return web.Redirect("/login", web.Done("系统管理员已建立，请登录。")), nil
}

// setupRegions answers the selects of the setup page, where nobody has signed in yet.
func (p *Pages) setupRegions(r *web.Request) (web.Response, error) {
	token := r.PathValue("token")
	if err := p.SignIns.CheckSetup(r.Context(), token); err != nil {
		return nil, err
	}
	return regionLevels(r, "/setup/"+token+"/regions", p.Below)
}
