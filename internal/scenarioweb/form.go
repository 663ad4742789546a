package scenarioweb

import (
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/scenario"
	"yian/internal/ui"
	"yian/internal/web"
)

// choosePage asks which list and what of it a new scenario changes.
type choosePage struct {
	ui.Frame
	Form  ui.Form
	Empty ui.EmptyState
}

// formPage changes an item, or what a scenario is called.
type formPage struct {
	ui.Frame
	Details ui.Details // the item as it is
	Form    ui.Form
}

// versionOf is the name under which the choice of a version stands for an item.
const versionOf = "version:"

// choose asks for the list, then for the item or version, then shows the form.
func (p *Pages) choose(r *web.Request) (web.Response, error) {
	rulings, err := p.Scenarios.Rulings(r.Context(), r.Actor, r.Region, 0)
	if err != nil {
		return nil, err
	}
	page := &choosePage{Frame: ui.Frame{Title: "新建测算方案", Narrow: true, Lead: "统计" + region.Name(r.Region) + "的在册老年人。", Crumbs: []ui.Crumb{home}}}
	if len(rulings) == 0 {
		page.Empty = ui.EmptyState{Icon: "list-details", Title: "这里还没有施行中的清单", Text: "请先在“服务清单”中发布一份，或者换一个地区。"}
		return web.Page("scenario/choose", page), nil
	}
	list, item := r.Value("list"), r.Value("item")
	if len(rulings) == 1 {
		list = rulings[0].List.ID
	}
	ruling := find(rulings, list)
	if ruling != nil && item != "" {
		return p.begin(r, ruling, item)
	}
	page.Form = ui.Form{Action: "/scenarios/new", Get: true, Submit: "下一步", Cancel: ui.Link{Href: "/scenarios"}}
	fields := []ui.Field{listField(rulings, list)}
	if ruling != nil {
		field, err := p.itemField(r, ruling)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	page.Form.Sections = []ui.Section{{Fields: fields}}
	return web.Page("scenario/choose", page), nil
}

func find(rulings []*policy.Ruling, list string) *policy.Ruling {
	if i := slices.IndexFunc(rulings, func(r *policy.Ruling) bool { return r.List.ID == list }); i >= 0 {
		return rulings[i]
	}
	return nil
}

func listField(rulings []*policy.Ruling, chosen string) ui.Field {
	f := ui.Field{Name: "list", Label: "要改的清单", Kind: ui.KindSelect, Value: chosen, Required: true}
	for _, x := range rulings {
		f.Options = append(f.Options, ui.Option{Value: x.List.ID, Label: x.List.Title + "（" + region.Name(x.Source.Region) + "）"})
	}
	return f
}

// itemField offers the items of a list, and its other versions.
func (p *Pages) itemField(r *web.Request, ruling *policy.Ruling) (ui.Field, error) {
	f := ui.Field{Name: "item", Label: "先改哪一项", Kind: ui.KindSelect, Required: true, Hint: "保存以后还可以接着改别的项目。"}
	for i := range ruling.Source.Items {
		it := &ruling.Source.Items[i]
		f.Options = append(f.Options, ui.Option{Value: it.ID, Label: strconv.Itoa(it.No) + " " + it.Name})
	}
	others, err := p.others(r, ruling)
	for _, o := range others {
		f.Options = append(f.Options, ui.Option{Value: versionOf + o.Value, Label: "整份换成" + o.Label})
	}
	return f, err
}

// others offers the versions of a list that do not rule.
func (p *Pages) others(r *web.Request, ruling *policy.Ruling) (out []ui.Option, err error) {
	versions, err := p.Scenarios.Lists.Versions(r.Context(), r.Actor.Scope(access.PolicyRead), ruling.List.ID)
	for _, v := range versions {
		if v.ID != ruling.Version && v.State != policy.Discarded {
			out = append(out, ui.Option{Value: v.ID.String(), Label: "第 " + strconv.FormatInt(v.No, 10) + " 版（" + v.State.Label() + "）"})
		}
	}
	return out, err
}

// begin shows the form of a new scenario.
func (p *Pages) begin(r *web.Request, ruling *policy.Ruling, item string) (web.Response, error) {
	d := scenario.Draft{Region: r.Region, List: ruling.List.ID}
	page, err := p.form(r, ruling, &d, item)
	if err != nil {
		return nil, err
	}
	page.Title, page.Crumbs = "新建测算方案", []ui.Crumb{home}
	page.Form.Action, page.Form.Cancel = "/scenarios", ui.Link{Href: "/scenarios/new?list=" + ruling.List.ID}
	return web.Page("scenario/form", page), nil
}

func (p *Pages) create(r *web.Request) (web.Response, error) {
	rulings, err := p.Scenarios.Rulings(r.Context(), r.Actor, r.Region, 0)
	if err != nil {
		return nil, err
	}
	ruling := find(rulings, r.Value("list"))
	if ruling == nil {
		return nil, errs.New(errs.Invalid, "这份清单现在不能测算，请回到上一页重新选择。")
	}
	d := scenario.Draft{Region: r.Region, List: ruling.List.ID}
	item := r.Value("item")
	err = take(r, ruling, &d, item)
	if err == nil {
		var sc *scenario.Scenario
		if sc, err = p.Scenarios.Create(r.Context(), r.Actor, d); err == nil {
			return p.count(r, sc)
		}
	}
	page, wrong := p.form(r, ruling, &d, item)
	if wrong != nil {
		return nil, wrong
	}
	page.Title, page.Crumbs = "新建测算方案", []ui.Crumb{home}
	page.Form.Action, page.Form.Cancel = "/scenarios", ui.Link{Href: "/scenarios/new?list=" + ruling.List.ID}
	return web.Again("scenario/form", page, &page.Form, err)
}

// ruling finds the list of a scenario.
func (p *Pages) ruling(r *web.Request, sc *scenario.Scenario) (*policy.Ruling, error) {
	rulings, err := p.Scenarios.Rulings(r.Context(), r.Actor, sc.Region, sc.On)
	if err != nil {
		return nil, err
	}
	if x := find(rulings, sc.List); x != nil {
		return x, nil
	}
	return nil, errs.New(errs.Conflict, "方案所改的清单 %s 已不再施行，请新建方案。", sc.List)
}

// edit shows the form of an item of a scenario, or without one of its name and day.
func (p *Pages) edit(r *web.Request) (web.Response, error) {
	sc, err := p.read(r)
	if err != nil {
		return nil, err
	}
	ruling, err := p.ruling(r, sc)
	if err != nil {
		return nil, err
	}
	page, err := p.changing(r, ruling, sc, &sc.Draft)
	if err != nil {
		return nil, err
	}
	return web.Page("scenario/form", page), nil
}

func (p *Pages) changing(r *web.Request, ruling *policy.Ruling, sc *scenario.Scenario, d *scenario.Draft) (*formPage, error) {
	page, err := p.form(r, ruling, d, r.Value("item"))
	if err != nil {
		return nil, err
	}
	page.Crumbs = back(sc)
	page.Form.Action, page.Form.Cancel = address(sc)+"/change", ui.Link{Href: address(sc)}
	seen := ui.Hidden{Name: "row", Value: strconv.FormatInt(sc.Version, 10)}
	page.Form.Hidden = append(page.Form.Hidden, seen)
	if item := r.Value("item"); d.Changes.Item(item) != nil || item == versionOf {
		page.Actions = []ui.Action{{
			Text: "取消这项改动", Href: address(sc) + "/change", Icon: "arrow-back-up", Post: true, Hidden: []ui.Hidden{seen, {Name: "drop", Value: item}},
		}}
	}
	return page, nil
}

func (p *Pages) change(r *web.Request) (web.Response, error) {
	sc, err := p.read(r)
	if err != nil {
		return nil, err
	}
	ruling, err := p.ruling(r, sc)
	if err != nil {
		return nil, err
	}
	seen, err := strconv.ParseInt(r.Value("row"), 10, 64)
	if err != nil {
		return nil, web.NotFound()
	}
	d := sc.Draft
	if drop := r.Value("drop"); drop != "" {
		d.Changes.Set(scenario.ItemChange{Item: drop})
		d.Changes.SetParameter(scenario.ParameterChange{Name: drop})
		if drop == versionOf {
			d.Changes.Version = 0
		}
	} else {
		err = take(r, ruling, &d, r.Value("item"))
	}
	if err == nil {
		var changed *scenario.Scenario
		if changed, err = p.Scenarios.Change(r.Context(), r.Actor, sc.ID, seen, d); err == nil {
			return p.count(r, changed)
		}
	}
	page, wrong := p.changing(r, ruling, sc, &d)
	if wrong != nil {
		return nil, wrong
	}
	return web.Again("scenario/form", page, &page.Form, err)
}

// form makes the form of a draft and one of the items of its list. What the request
// holds goes before what the draft says, so that nobody types twice.
func (p *Pages) form(r *web.Request, ruling *policy.Ruling, d *scenario.Draft, item string) (*formPage, error) {
	page := &formPage{Frame: ui.Frame{Title: "修改方案", Narrow: true}}
	page.Form.Submit = "保存并测算"
	page.Form.Hidden = []ui.Hidden{{Name: "list", Value: d.List}, {Name: "item", Value: item}}
	day := ""
	if d.On != 0 {
		day = d.On.String()
	}
	page.Form.Sections = []ui.Section{{Fields: []ui.Field{
		{Name: "name", Label: "方案名称", Value: value(r, "name", d.Name), MaxLength: 50, Required: true, Autocomplete: "off", Hint: "写明改了什么，如：高龄津贴提高到 85 岁。"},
		{Name: "on", Label: "测算哪一天", Kind: ui.KindDate, Value: value(r, "on", day), Width: "m", Hint: "不填就是当天；年龄和标准都按这一天算。"},
	}}}
	others, err := p.others(r, ruling)
	if err != nil {
		return nil, err
	}
	if len(others) > 0 {
		page.Form.Sections[0].Fields = append(page.Form.Sections[0].Fields, baseField(r, d, others))
	}
	switch {
	case item == "":
	case strings.HasPrefix(item, versionOf):
		page.Lead = "“" + ruling.List.Title + "”整份换成所选的版本。"
	default:
		i := slices.IndexFunc(ruling.Source.Items, func(it rules.Item) bool { return it.ID == item })
		if i < 0 {
			return nil, web.NotFound()
		}
		it := &ruling.Source.Items[i]
		page.Lead = ruling.List.Title + "：" + it.Name
		page.Details = details(ruling, it)
		page.Form.Sections = append(page.Form.Sections, itemSections(r, ruling, d, it)...)
	}
	return page, nil
}

// baseField asks what a scenario is compared with.
func baseField(r *web.Request, d *scenario.Draft, others []ui.Option) ui.Field {
	base := ""
	if d.Base != 0 {
		base = d.Base.String()
	}
	return ui.Field{
		Name: "base", Label: "与哪一版比较", Kind: ui.KindSelect, Value: value(r, "base", base), Options: append([]ui.Option{{Label: "现行清单"}}, others...),
		Hint: "在这一版上作改动，结果是改动以后与它相差多少。",
	}
}

// value is what the request holds of a field, or what stood there.
func value(r *web.Request, name, other string) string {
	if r.Form.Has(name) {
		return r.Value(name)
	}
	return other
}
