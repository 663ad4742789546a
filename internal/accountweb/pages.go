package accountweb

import (
	"embed"
	"net/url"
	"strings"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/region"
	"yian/internal/signin"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages of this module.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"account/list":    &listPage{},
		"account/form":    &formPage{},
		"account/user":    &userPage{},
		"account/confirm": &confirmPage{},
		"account/token":   &tokenPage{},
		"account/roles":   &rolesPage{},
		"account/login":   &loginPage{},
		"account/me":      &mePage{},
		"account/access":  &accessPage{},
		"account/second":  &secondPage{},
		"account/enrol":   &enrolPage{},
		"account/codes":   &codesPage{},
		"account/secret":  &secretPage{},
	}}
}

// listPage is a list with its conditions.
type listPage struct {
	ui.Frame
	Note   ui.Note
	Search ui.SearchBar
	Table  ui.Table
}

// formPage is a page that is one form.
type formPage struct {
	ui.Frame
	Note ui.Note
	Form ui.Form
}

// confirmPage asks before something is done.
type confirmPage struct {
	ui.Frame
	Confirm ui.Confirm
}

// Pages are the pages of this package.
type Pages struct {
	Accounts *account.Service
	SignIns  *signin.Service
	// Below lists the divisions right below one.
	Below func(region.Code) []region.Division
}

// Register registers the routes and the places in the navigation.
func (p *Pages) Register(m *web.Mux) {
	p.signingIn(m)
	p.own(m)
	p.administration(m)
}

// signingIn are the pages of those who have not signed in.
func (p *Pages) signingIn(m *web.Mux) {
	m.Handle("GET /setup/{token}", access.Public, p.askSetup)
	m.Handle("POST /setup/{token}", access.Public, p.setup)
	m.Handle("GET /setup/{token}/regions", access.Public, p.setupRegions)
	m.Handle("GET /login", access.Public, p.askLogin)
	m.Handle("POST /login", access.Public, p.login)
	m.Handle("GET /login/second", access.Public, p.askCode)
	m.Handle("POST /login/second", access.Public, p.code)
	m.Handle("GET /login/oidc", access.Public, p.toProvider)
	m.Handle("GET /login/oidc/callback", access.Public, p.fromProvider)
	m.Handle("POST /logout", access.Public, p.logout)
}

// own are the pages of one's own account.
func (p *Pages) own(m *web.Mux) {
	m.Handle("GET /account", access.SignedIn, p.me)
	m.Handle("POST /account/sign-ins/{id}/end", access.SignedIn, p.endOwn)
	m.Handle("POST /account/sign-ins/end", access.SignedIn, p.endOthers)
	m.Handle("GET /account/password", access.SignedIn, p.askPassword)
	m.Handle("POST /account/password", access.SignedIn, p.changePassword)
	m.Handle("GET /account/second", access.SignedIn, p.second)
	m.Handle("POST /account/second/start", access.SignedIn, p.startSecond)
	m.Handle("GET /account/second/setup", access.SignedIn, p.askEnrol)
	m.Handle("POST /account/second/setup", access.SignedIn, p.enrol)
	m.Handle("GET /account/second/qr", access.SignedIn, p.qr)
	m.Handle("GET /account/second/codes", access.SignedIn, p.askCodes)
	m.Handle("POST /account/second/codes", access.SignedIn, p.newCodes)
	m.Handle("GET /account/second/off", access.SignedIn, p.askOff)
	m.Handle("POST /account/second/off", access.SignedIn, p.off)
}

// administration are the pages of those who administer accounts.
func (p *Pages) administration(m *web.Mux) {
	const group = "系统管理"
	m.Menu(900, group, ui.NavItem{Text: "用户", Href: "/users", Icon: "users"}, access.AccountRead)
	m.Menu(910, group, ui.NavItem{Text: "单位", Href: "/organisations", Icon: "building"}, access.AccountRead)
	m.Menu(920, group, ui.NavItem{Text: "角色权限", Href: "/roles", Icon: "shield-check"}, access.AccountRead)
	m.Menu(930, group, ui.NavItem{Text: "接口令牌", Href: "/tokens", Icon: "key"}, access.TokenWrite)

	m.Handle("GET /users", access.AccountRead, p.users)
	m.Handle("GET /users/new", access.AccountWrite, p.askUser)
	m.Handle("POST /users/new", access.AccountWrite, p.createUser)
	m.Handle("GET /users/{id}", access.AccountRead, p.user)
	m.Handle("GET /users/{id}/edit", access.AccountWrite, p.askChange)
	m.Handle("POST /users/{id}/edit", access.AccountWrite, p.changeUser)
	m.Handle("POST /users/{id}/disable", access.AccountWrite, p.disableUser)
	m.Handle("POST /users/{id}/enable", access.AccountWrite, p.enableUser)
	m.Handle("GET /users/{id}/grants/new", access.AccountWrite, p.askGrant)
	m.Handle("POST /users/{id}/grants/new", access.AccountWrite, p.giveGrant)
	m.Handle("GET /users/{id}/grants/{grant}/end", access.AccountWrite, p.askEndGrant)
	m.Handle("POST /users/{id}/grants/{grant}/end", access.AccountWrite, p.endGrant)

	m.Handle("GET /users/{id}/access", access.AccountRead, p.access)
	m.Handle("GET /users/{id}/access/password", access.AccountWrite, p.askReset)
	m.Handle("POST /users/{id}/access/password", access.AccountWrite, p.reset)
	m.Handle("GET /users/{id}/access/second", access.AccountWrite, p.askResetSecond)
	m.Handle("POST /users/{id}/access/second", access.AccountWrite, p.resetSecond)
	m.Handle("POST /users/{id}/access/unlock", access.AccountWrite, p.unlock)
	m.Handle("POST /users/{id}/access/end", access.AccountWrite, p.endAll)
	m.Handle("POST /users/{id}/access/{signin}/end", access.AccountWrite, p.endOne)

	m.Handle("GET /organisations", access.AccountRead, p.organisations)
	m.Handle("GET /organisations/new", access.AccountWrite, p.askOrganisation)
	m.Handle("POST /organisations/new", access.AccountWrite, p.createOrganisation)
	m.Handle("GET /organisations/{id}/edit", access.AccountWrite, p.askOrganisationChange)
	m.Handle("POST /organisations/{id}/edit", access.AccountWrite, p.changeOrganisation)

	m.Handle("GET /roles", access.AccountRead, p.roles)

	m.Handle("GET /tokens", access.TokenWrite, p.tokens)
	m.Handle("GET /tokens/new", access.TokenWrite, p.askToken)
	m.Handle("POST /tokens/new", access.TokenWrite, p.createToken)
	m.Handle("GET /tokens/{id}/revoke", access.TokenWrite, p.askRevoke)
	m.Handle("POST /tokens/{id}/revoke", access.TokenWrite, p.revokeToken)
}

// input reads the values of a form and collects what is wrong with them.
type input struct {
	url.Values
	faults errs.Fields
}

// read returns what a form or the query of an address sent, without spaces around
// values.
func read(r *web.Request) (*input, error) {
	if r.Form == nil {
		if err := r.ParseForm(); err != nil {
			return nil, errs.New(errs.Invalid, "提交的内容无法读取，请返回重试。").Because(err)
		}
	}
	v := url.Values{}
	for name, values := range r.Form {
		for _, text := range values {
			v.Add(name, strings.TrimSpace(text))
		}
	}
	return &input{Values: v}, nil
}

// more reports whether the form only asks for the next level of a region.
func (in *input) more() bool { return in.Has(ui.MoreButton) }

// date reads a day that may be missing.
func (in *input) date(name string) civil.Date {
	text := in.Get(name)
	if text == "" {
		return 0
	}
	d, err := civil.Parse(text)
	in.faults.Check(name, err)
	return d
}

// region reads the selects of a region and the code beside them, which counts where
// it is filled in.
func (in *input) region(name string) region.Code {
	if text := in.Get(name + "_code"); text != "" {
		c, err := region.Parse(text)
		in.faults.Check(name+"_code", err)
		return c
	}
	return ui.DeepestRegion(in.Values[name])
}

// regionFields are the selects of a region from the whole country down, and a code
// for places that the table does not list. Source answers with the levels below.
func regionFields(name, label, source string, v url.Values, below func(region.Code) []region.Division) []ui.Field {
	levels, _ := ui.Regions(name, source, region.Nation, ui.DeepestRegion(v[name]), options(below)) // options never fails
	return []ui.Field{
		ui.RegionField(name, label, levels),
		{
			Name: name + "_code", Label: "或填写区划代码", Value: v.Get(name + "_code"), InputMode: "numeric", Width: "m", MaxLength: 12,
			Autocomplete: "off", Hint: "上面的列表里没有时填写 2、4、6、9 或 12 位代码；填写后以代码为准。",
		},
	}
}

// options lists what can be chosen right below a region.
func options(below func(region.Code) []region.Division) func(region.Code) ([]ui.Option, error) {
	return func(c region.Code) ([]ui.Option, error) {
		var list []ui.Option
		for _, d := range below(c) {
			list = append(list, ui.Option{Value: string(d.Code), Label: d.Name})
		}
		return list, nil
	}
}

// regionLevels answers a select of a region with the levels below what was chosen.
func regionLevels(r *web.Request, source string, below func(region.Code) []region.Division) (web.Response, error) {
	v := r.URL.Query()
	name := v.Get("field")
	levels, err := ui.Regions(name, source, region.Nation, ui.DeepestRegion(v[name]), options(below))
	if err != nil {
		return nil, err
	}
	return web.Component("region-select", *levels), nil
}

// regionValues are the values of the selects that lead to a region, and its code
// where the table does not know it.
func regionValues(v url.Values, c region.Code) {
	const name = "region"
	v.Del(name)
	for _, n := range []int{2, 4, 6, 9, 12} {
		if len(c) < n {
			return
		}
		if _, known := region.Find(c[:n]); !known {
			v.Set(name+"_code", string(c))
			return
		}
		v.Add(name, string(c[:n]))
	}
}

// regionFault puts what is wrong with a region beside the selects or the code.
func regionFault(v url.Values, name string, err error) error {
	fields := errs.FieldsOf(err)
	if v.Get(name+"_code") == "" {
		return err
	}
	for i := range fields {
		if fields[i].Name == name {
			fields[i].Name = name + "_code"
		}
	}
	return err
}

// regionSource is where the selects of a region ask for the levels below; the
// register of elders answers there for everybody who has signed in.
const regionSource = "/regions"
