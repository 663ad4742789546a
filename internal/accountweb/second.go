package accountweb

import (
	"yian/internal/credential"
	"yian/internal/errs"
	"yian/internal/ui"
	"yian/internal/web"
)

// secondPage tells of one's second factor.
type secondPage struct {
	ui.Frame
	Note    ui.Note
	Details ui.Details
	Choices []ui.Action
}

var accountCrumb = []ui.Crumb{{Text: "我的账号", Href: "/account"}}

func secondCrumbs() []ui.Crumb {
	return []ui.Crumb{accountCrumb[0], {Text: "双因素认证", Href: "/account/second"}}
}

func (p *Pages) second(r *web.Request) (web.Response, error) {
	c, err := p.SignIns.OwnCredentials(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	page := &secondPage{Frame: ui.Frame{
		Title: "双因素认证", Narrow: true, Crumbs: accountCrumb,
		Lead: "登录时除了密码，还要填写手机验证器显示的 6 位验证码。密码被人知道，也登录不了。",
	}}
	page.Details.Pairs = p.securityPairs(c)[1:]
	switch {
	case !c.Second.IsZero():
		page.Choices = []ui.Action{
			{Text: "更换恢复码", Href: "/account/second/codes", Icon: "refresh"},
			{Text: "换手机或关闭", Href: "/account/second/off", Icon: "phone"},
		}
	case c.Required:
		page.Note = ui.Note{Tone: ui.Warning, Title: "您的角色要求启用双因素认证", Text: "请先设置，再使用系统。需要一部装有验证器应用的手机。"}
		fallthrough
	default:
		page.Choices = []ui.Action{{Text: "开始设置", Href: "/account/second/start", Post: true, Primary: true}}
	}
	return web.Page("account/second", page), nil
}

func (p *Pages) startSecond(r *web.Request) (web.Response, error) {
	if err := p.SignIns.StartSecond(r.Context(), r.Actor); err != nil {
		return nil, err
	}
	return web.Redirect("/account/second/setup"), nil
}

// enrolPage shows the secret to a telephone and asks for a first code.
type enrolPage struct {
	ui.Frame
	Secret string
	Form   ui.Form
}

func (p *Pages) enrolPage(r *web.Request) (*enrolPage, error) {
	e, err := p.SignIns.PendingSecond(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	page := &enrolPage{
		Frame:  ui.Frame{Title: "设置双因素认证", Narrow: true, Crumbs: secondCrumbs()},
		Secret: e.Secret,
		Form: ui.Simple("/account/second/setup", "启用", ui.Field{
			Name: "code", Label: "手机上显示的 6 位验证码", Required: true, Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 8, Width: "m",
		}),
	}
	page.Form.Cancel = ui.Link{Href: "/account/second"}
	return page, nil
}

func (p *Pages) askEnrol(r *web.Request) (web.Response, error) {
	page, err := p.enrolPage(r)
	if errs.Is(err, errs.NotFound) {
		return web.Redirect("/account/second"), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Page("account/enrol", page), nil
}

func (p *Pages) qr(r *web.Request) (web.Response, error) {
	e, err := p.SignIns.PendingSecond(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	png, err := credential.QR(e.Address, 240)
	if err != nil {
		return nil, err
	}
	f := web.Download("qr.png", "image/png", png)
	f.Inline = true
	return f, nil
}

// codesPage shows recovery codes for the only time.
type codesPage struct {
	ui.Frame
	Note  ui.Note
	Codes []string
}

func showCodes(title string, codes []string) web.Response {
	return web.Page("account/codes", &codesPage{
		Frame: ui.Frame{Title: title, Narrow: true, Crumbs: secondCrumbs()},
		Note: ui.Note{
			Tone: ui.Warning, Title: "请现在保存恢复码，它们只显示这一次",
			Text: "手机丢失时，每个恢复码可以代替一次验证码。请打印或抄下来，放在安全的地方；不要存在手机里。",
		},
		Codes: codes,
	})
}

func (p *Pages) enrol(r *web.Request) (web.Response, error) {
	codes, err := p.SignIns.ConfirmSecond(r.Context(), r.Actor, r.Value("code"))
	if err != nil {
		page, broken := p.enrolPage(r)
		if broken != nil {
			return nil, err
		}
		return web.Again("account/enrol", page, &page.Form, err)
	}
	return showCodes("双因素认证已启用", codes), nil
}

// codeForm asks for a code before something is changed.
func codeForm(action, submit string, danger bool) ui.Form {
	f := ui.Simple(action, submit, ui.Field{
		Name: "code", Label: "验证码或恢复码", Required: true, Autocomplete: "one-time-code", MaxLength: 20, Width: "m",
	})
	f.Danger, f.Cancel = danger, ui.Link{Href: "/account/second"}
	return f
}

func codesForm() *formPage {
	return &formPage{
		Frame: ui.Frame{Title: "更换恢复码", Narrow: true, Crumbs: secondCrumbs(), Lead: "生成 10 个新的恢复码，旧的全部作废。"},
		Form:  codeForm("/account/second/codes", "生成新的恢复码", false),
	}
}

func (p *Pages) askCodes(*web.Request) (web.Response, error) {
	return web.Page("account/form", codesForm()), nil
}

func (p *Pages) newCodes(r *web.Request) (web.Response, error) {
	codes, err := p.SignIns.NewCodes(r.Context(), r.Actor, r.Value("code"))
	if err != nil {
		page := codesForm()
		return web.Again("account/form", page, &page.Form, err)
	}
	return showCodes("新的恢复码", codes), nil
}

func offForm() *formPage {
	return &formPage{
		Frame: ui.Frame{
			Title: "换手机或关闭双因素认证", Narrow: true, Crumbs: secondCrumbs(),
			Lead: "先用现在的验证码或恢复码关闭，再在新手机上重新设置。角色要求时，关闭后必须马上重新设置。",
		},
		Form: codeForm("/account/second/off", "关闭", true),
	}
}

func (p *Pages) askOff(*web.Request) (web.Response, error) {
	return web.Page("account/form", offForm()), nil
}

func (p *Pages) off(r *web.Request) (web.Response, error) {
	if err := p.SignIns.DropSecond(r.Context(), r.Actor, r.Value("code")); err != nil {
		page := offForm()
		return web.Again("account/form", page, &page.Form, err)
	}
	return web.Redirect("/account/second", web.Done("双因素认证已关闭。")), nil
}
