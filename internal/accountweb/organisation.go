package accountweb

import (
	"net/url"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

func (p *Pages) organisations(r *web.Request) (web.Response, error) {
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	q := account.OrganisationQuery{Text: in.Get("q"), Kind: account.Kind(in.Get("kind")), After: keyOf(in.Get("after")), Before: keyOf(in.Get("before")), Limit: onePage}
	found, err := p.Accounts.Organisations(r.Context(), r.Scope(access.AccountRead), q)
	if err != nil {
		return nil, err
	}
	page := &listPage{
		Frame: ui.Frame{Title: "单位", Lead: "各级民政部门、乡镇（街道）、村（社区）、其他部门和机构。"},
		Search: ui.SearchBar{Action: "/organisations", Live: true, Fields: []ui.Field{
			{Name: "q", Label: "名称", Kind: ui.KindSearch, Value: in.Get("q"), Autocomplete: "off"},
			{Name: "kind", Label: "类别", Kind: ui.KindSelect, Value: in.Get("kind"), Options: kindOptions("全部类别"), Width: "m"},
		}},
		Table: organisationTable(found, r.Actor.Scope(access.AccountWrite)),
	}
	if r.Actor.Can(access.AccountWrite) {
		page.Actions = []ui.Action{{Text: "新建单位", Href: "/organisations/new", Icon: "plus", Primary: true}}
	}
	page.Table.Pager, err = pager(r, keyText(found.Previous), keyText(found.Next))
	return web.Page("account/list", page), err
}

// keyText is a key as it stands in an address.
func keyText(k *account.OrganisationKey) string {
	if k == nil {
		return ""
	}
	return string(k.Region) + "." + k.ID.String()
}

// keyOf reads a key; a wrong one is none.
func keyOf(text string) *account.OrganisationKey {
	c, number, ok := strings.Cut(text, ".")
	key, err := id.Parse(number)
	if !ok || err != nil {
		return nil
	}
	return &account.OrganisationKey{Region: region.Code(c), ID: key}
}

func kindOptions(first string) []ui.Option {
	list := []ui.Option{{Label: first}}
	for _, k := range account.Kinds {
		list = append(list, ui.Option{Value: string(k.Kind), Label: k.Label})
	}
	return list
}

func organisationTable(found account.OrganisationPage, writable access.Scope) ui.Table {
	t := ui.Table{
		Caption: "单位",
		Columns: []ui.Column{{Label: "名称", Wide: true}, {Label: "类别"}, {Label: "区域"}, {Label: "上级单位"}, {Label: "操作", Quiet: true}},
		Empty: ui.EmptyState{
			Icon: "building", Title: "没有符合条件的单位", Text: "请放宽条件，或在右上角换一个区域再查。",
			Action: ui.Action{Text: "查看全部", Href: "/organisations"},
		},
	}
	for _, o := range found.Organisations {
		links := []ui.Link{{Text: "用户", Href: "/users?organisation=" + o.ID.String()}}
		if writable.Contains(o.Region) {
			links = append(links, ui.Link{Text: "修改", Href: "/organisations/" + o.ID.String() + "/edit"})
		}
		above := found.Parents[o.Parent]
		if above == "" {
			above = "—"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: o.Name}, {Text: o.Kind.Label()}, {Text: region.Name(o.Region), Note: string(o.Region)}, {Text: above}, {Links: links},
		}})
	}
	return t
}

// organisationOptions lists organisations of the chosen region to choose from, with
// the one that is chosen already.
func (p *Pages) organisationOptions(r *web.Request, chosen string) ([]ui.Option, error) {
	found, err := p.Accounts.Organisations(r.Context(), r.Scope(access.AccountWrite), account.OrganisationQuery{Limit: 500})
	if err != nil {
		return nil, err
	}
	list := []ui.Option{{Label: "请选择"}}
	there := false
	for _, o := range found.Organisations {
		list = append(list, ui.Option{Value: o.ID.String(), Label: o.Name})
		there = there || o.ID.String() == chosen
	}
	if key, err := id.Parse(chosen); err == nil && !there {
		if o, err := p.Accounts.Organisation(r.Context(), r.Actor.Scope(access.AccountWrite), key); err == nil {
			list = append(list, ui.Option{Value: o.ID.String(), Label: o.Name})
		}
	}
	return list, nil
}

func (p *Pages) organisationForm(r *web.Request, v url.Values, o *account.Organisation) (*formPage, error) {
	above, err := p.organisationOptions(r, v.Get("parent"))
	if err != nil {
		return nil, err
	}
	above[0].Label = "没有上级单位"
	page := &formPage{
		Frame: ui.Frame{Title: "新建单位", Narrow: true, Crumbs: []ui.Crumb{{Text: "单位", Href: "/organisations"}}},
		Form: ui.Form{Action: "/organisations/new", Submit: "建立单位", Cancel: ui.Link{Href: "/organisations"}, Sections: []ui.Section{
			{Fields: []ui.Field{
				{Name: "name", Label: "全称", Value: v.Get("name"), Required: true, MaxLength: 60, Autocomplete: "off"},
				{Name: "kind", Label: "类别", Kind: ui.KindSelect, Value: v.Get("kind"), Options: kindOptions("请选择"), Required: true, Width: "m"},
			}},
			{Title: "所在区域", Text: "省、市、县、乡、村级单位选到本级；其他部门和机构选到所在的县或乡镇。", Fields: regionFields("region", "区域", regionSource, v, p.Below)},
			{Title: "上级单位", Fields: []ui.Field{
				{Name: "parent", Label: "上级单位", Kind: ui.KindSelect, Value: v.Get("parent"), Options: above, Hint: "列出当前所选区域的单位；没有时请先在右上角切换区域。"},
			}},
		}},
	}
	if o != nil {
		page.Title = "修改单位"
		page.Form.Action, page.Form.Submit = "/organisations/"+o.ID.String()+"/edit", "保存"
		page.Form.Hidden = []ui.Hidden{{Name: "version", Value: v.Get("version")}}
	}
	return page, nil
}

func organisationDraft(in *input) account.OrganisationDraft {
	parent, _ := id.Parse(in.Get("parent")) // none
	return account.OrganisationDraft{Kind: account.Kind(in.Get("kind")), Name: in.Get("name"), Region: in.region("region"), Parent: parent}
}

func (p *Pages) askOrganisation(r *web.Request) (web.Response, error) {
	v := url.Values{}
	regionValues(v, r.Region)
	page, err := p.organisationForm(r, v, nil)
	return web.Page("account/form", page), err
}

func (p *Pages) createOrganisation(r *web.Request) (web.Response, error) {
	return p.saveOrganisation(r, nil)
}

// saveOrganisation creates an organisation, or changes the one that is given.
func (p *Pages) saveOrganisation(r *web.Request, o *account.Organisation) (web.Response, error) {
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	page, err := p.organisationForm(r, in.Values, o)
	if err != nil {
		return nil, err
	}
	if in.more() {
		return web.Page("account/form", page), nil
	}
	d := organisationDraft(in)
	if d.Region == region.Nation && len(in.faults) == 0 {
		in.faults.Add("region", "请选择区域")
	}
	if err := in.faults.Err(); err != nil {
		return web.Again("account/form", page, &page.Form, err)
	}
	if o == nil {
		_, err = p.Accounts.CreateOrganisation(r.Context(), r.Actor, d)
	} else {
		version, _ := strconv.ParseInt(in.Get("version"), 10, 64) // a wrong one is stale
		err = p.Accounts.ChangeOrganisation(r.Context(), r.Actor, o.ID, version, d)
	}
	if err != nil {
		return web.Again("account/form", page, &page.Form, regionFault(in.Values, "region", err))
	}
	return web.Redirect("/organisations", web.Done("已保存“%s”。", d.Name)), nil
}

// asked returns the organisation of the path.
func (p *Pages) asked(r *web.Request) (*account.Organisation, error) {
	key, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.Accounts.Organisation(r.Context(), r.Actor.Scope(access.AccountWrite), key)
}

func (p *Pages) askOrganisationChange(r *web.Request) (web.Response, error) {
	o, err := p.asked(r)
	if err != nil {
		return nil, err
	}
	v := url.Values{
		"name": {o.Name}, "kind": {string(o.Kind)}, "parent": {o.Parent.String()}, "version": {strconv.FormatInt(o.Version, 10)},
	}
	regionValues(v, o.Region)
	page, err := p.organisationForm(r, v, o)
	return web.Page("account/form", page), err
}

func (p *Pages) changeOrganisation(r *web.Request) (web.Response, error) {
	o, err := p.asked(r)
	if err != nil {
		return nil, err
	}
	return p.saveOrganisation(r, o)
}
