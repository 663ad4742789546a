package personweb

import (
	"net/url"
	"strconv"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// confirmed is what the button of a page that asks sends.
const confirmed = "confirmed"

func (p *Pages) statePage(one *person.Person, v url.Values) *formPage {
	states := make([]ui.Option, 0, len(person.States))
	for _, s := range person.States {
		o := ui.Option{Value: string(s), Label: s.Label(), Hint: stateHints[s]}
		if s == one.State {
			o.Label += "（现在）"
		}
		states = append(states, o)
	}
	page := &formPage{
		Frame: ui.Frame{Title: "变更状态", Lead: one.Name + " · " + summary(one, p.People.Today()), Narrow: true, Crumbs: crumbs(one)},
		Note:  ui.Note{Text: "搬到别处居住、由那里提供服务的，请移交到新的地区。", Link: ui.Link{Text: "移交到其他地区", Href: link(one.ID, "/transfer")}},
		Form: ui.Simple(link(one.ID, "/state"), "下一步",
			ui.Field{Name: "state", Label: "新的状态", Kind: ui.KindRadio, Required: true, Value: v.Get("state"), Options: states},
			ui.Field{Name: "on", Label: "从哪一天起", Kind: ui.KindDate, Required: true, Value: v.Get("on"), Max: p.People.Today().String(), Width: "m"},
			ui.Field{Name: "source", Label: "信息来源", Kind: ui.KindSelect, Required: true, Value: v.Get("source"), Options: sourceOptions(), Width: "m"},
			ui.Field{Name: "evidence", Label: "依据", Value: v.Get("evidence"), MaxLength: 200, Autocomplete: "off", Hint: "如：死亡医学证明、户口注销记录、村（社区）核实。"}),
	}
	page.Form.Cancel = ui.Link{Href: link(one.ID, "")}
	page.Form.Hidden = []ui.Hidden{{Name: "version", Value: v.Get("version")}}
	return page
}

var stateHints = map[person.State]string{
	person.Alive:    "在本地居住，正常提供服务",
	person.Moved:    "已不在本地居住，去向不明或不再由本平台服务",
	person.Deceased: "停止一切服务和待遇",
}

func (p *Pages) askState(r *web.Request, one *person.Person) (web.Response, error) {
	v := url.Values{"version": {strconv.FormatInt(one.Version, 10)}, "source": {string(usualSource(r.Actor))}}
	return web.Page("person/form", p.statePage(one, v)), nil
}

func (p *Pages) setState(r *web.Request, one *person.Person) (web.Response, error) {
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	page := p.statePage(one, in.Values)
	state := person.State(in.Get("state"))
	if state.Label() == "" || state == person.Merged {
		in.faults.Add("state", "请选择新的状态")
	} else if state == one.State {
		in.faults.Add("state", "现在就是%s，不用变更", state.Label())
	}
	on, source := in.date("on", "从哪一天起", true), in.source()
	if on > p.People.Today() {
		in.faults.Add("on", "这一天还没有到")
	}
	if err := in.faults.Err(); err != nil {
		return web.Again("person/form", page, &page.Form, err)
	}
	if in.Get(confirmed) == "" {
		return web.Page("person/confirm", p.confirmState(one, in, state, on, source)), nil
	}
	err = p.People.SetState(r.Context(), r.Actor, one.ID, version(in), state, on, source, in.Get("evidence"))
	if err != nil {
		return p.notSaved(page, one, in, err)
	}
	return web.Redirect(link(one.ID, ""), web.Done("%s的状态已改为%s。", one.Name, state.Label())), nil
}

// notSaved shows a form again; where somebody else was faster it says so and goes on
// from what there is now.
func (p *Pages) notSaved(page *formPage, one *person.Person, _ *input, err error) (web.Response, error) {
	if errs.Is(err, errs.Stale) {
		page.Form.Hidden = []ui.Hidden{{Name: "version", Value: strconv.FormatInt(one.Version, 10)}}
		page.Note = ui.Note{Tone: ui.Warning, Title: "您打开这一页以后，别人改过这份档案", Text: "现在的状态是" + one.State.Label() + "。请核对以后再提交。"}
	}
	return web.Again("person/form", page, &page.Form, err)
}

func (p *Pages) confirmState(one *person.Person, in *input, state person.State, on civil.Date, source history.Source) *confirmPage {
	page := &confirmPage{Frame: ui.Frame{Title: "请核对", Narrow: true, Crumbs: append(crumbs(one), ui.Crumb{Text: "变更状态", Href: link(one.ID, "/state")})}}
	page.Confirm = ui.Confirm{
		Text: "将把" + one.Name + "的档案改为“" + state.Label() + "”。",
		Details: ui.Details{Pairs: []ui.Pair{
			{Term: "姓名", Text: one.Name},
			{Term: "证件号码", Text: one.MaskedNumber()},
			{Term: "服务地区", Text: Place(one.Region)},
			{Term: "现在的状态", Tags: []ui.Tag{stateTag(one.State)}},
			{Term: "新的状态", Tags: []ui.Tag{stateTag(state)}},
			{Term: "从哪一天起", Text: on.String()},
			{Term: "来源", Text: source.Label()},
			{Term: "依据", Text: in.Get("evidence")},
		}},
		Form: in.again(link(one.ID, "/state"), "确认变更", link(one.ID, "/state"), "version", "state", "on", "source", "evidence"),
	}
	if state == person.Deceased {
		page.Confirm.Warning = "确认后停止服务和待遇。请务必核对是不是本人；登错了可以再改回在册，经过会留在记录里。"
		page.Confirm.Form.Danger = true
	}
	return page
}

// again is a form that sends values once more, confirmed.
func (in *input) again(action, submit, back string, names ...string) ui.Form {
	f := ui.Form{Action: action, Submit: submit, Cancel: ui.Link{Text: "返回", Href: back}, Hidden: []ui.Hidden{{Name: confirmed, Value: "1"}}}
	for _, name := range names {
		for _, text := range in.Values[name] {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: name, Value: text})
		}
	}
	return f
}

func (p *Pages) transferPage(one *person.Person, v url.Values) *formPage {
	page := &formPage{
		Frame: ui.Frame{Title: "移交到其他地区", Lead: one.Name + " · " + summary(one, p.People.Today()), Narrow: true, Crumbs: crumbs(one)},
		Note:  ui.Note{Tone: ui.Warning, Text: "移交后由新的居住地提供服务。新地区不在您的管理范围内时，您将看不到这份档案。"},
		Form:  ui.Form{Action: link(one.ID, "/transfer"), Submit: "下一步", Cancel: ui.Link{Href: link(one.ID, "")}},
	}
	page.Form.Sections = []ui.Section{{Fields: append(p.regionFields("to", "新的居住地", v),
		ui.Field{Name: "on", Label: "从哪一天起", Kind: ui.KindDate, Required: true, Value: v.Get("on"), Max: p.People.Today().String(), Width: "m"},
		ui.Field{Name: "source", Label: "信息来源", Kind: ui.KindSelect, Required: true, Value: v.Get("source"), Options: sourceOptions(), Width: "m"},
		ui.Field{Name: "evidence", Label: "依据", Value: v.Get("evidence"), MaxLength: 200, Autocomplete: "off", Hint: "如：迁移证、与接收地的交接单。"})}}
	page.Form.Hidden = []ui.Hidden{{Name: "version", Value: v.Get("version")}}
	return page
}

func (p *Pages) askTransfer(r *web.Request, one *person.Person) (web.Response, error) {
	v := url.Values{"version": {strconv.FormatInt(one.Version, 10)}, "source": {string(usualSource(r.Actor))}, "on": {p.People.Today().String()}}
	return web.Page("person/form", p.transferPage(one, v)), nil
}

func (p *Pages) transfer(r *web.Request, one *person.Person) (web.Response, error) {
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	page := p.transferPage(one, in.Values)
	if in.more() {
		return web.Page("person/form", page), nil
	}
	to := in.region("to")
	if to == region.Nation && len(in.faults) == 0 {
		in.faults.Add("to", "请选择新的居住地，至少选到县（市、区）")
	}
	on, source := in.date("on", "从哪一天起", true), in.source()
	if err := in.faults.Err(); err != nil {
		return web.Again("person/form", page, &page.Form, err)
	}
	if in.Get(confirmed) == "" {
		return web.Page("person/confirm", confirmTransfer(one, in, to, on, source)), nil
	}
	if err := p.People.Transfer(r.Context(), r.Actor, one.ID, version(in), to, on, source, in.Get("evidence")); err != nil {
		return p.notSaved(page, one, in, err)
	}
	done := web.Done("%s已移交到%s。", one.Name, Place(to))
	if r.Actor.Scope(access.PersonRead).Contains(to) {
		return web.Redirect(link(one.ID, ""), done), nil
	}
	return web.Redirect("/persons", done), nil
}

func confirmTransfer(one *person.Person, in *input, to region.Code, on civil.Date, source history.Source) *confirmPage {
	return &confirmPage{
		Frame: ui.Frame{Title: "请核对", Narrow: true, Crumbs: append(crumbs(one), ui.Crumb{Text: "移交到其他地区", Href: link(one.ID, "/transfer")})},
		Confirm: ui.Confirm{
			Text:    "将把" + one.Name + "的档案移交给新的居住地。",
			Warning: "移交出您的管理范围以后，只有接收地能再改回来。",
			Details: ui.Details{Pairs: []ui.Pair{
				{Term: "姓名", Text: one.Name},
				{Term: "证件号码", Text: one.MaskedNumber()},
				{Term: "现在的服务地区", Text: Place(one.Region)},
				{Term: "新的居住地", Text: Place(to)},
				{Term: "从哪一天起", Text: on.String()},
				{Term: "来源", Text: source.Label()},
				{Term: "依据", Text: in.Get("evidence")},
			}},
			Form: in.again(link(one.ID, "/transfer"), "确认移交", link(one.ID, "/transfer"), "version", "to", "to_code", "on", "source", "evidence"),
		},
	}
}
