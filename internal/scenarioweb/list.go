package scenarioweb

import (
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/scenario"
	"yian/internal/ui"
	"yian/internal/web"
)

const perPage = 30

// listPage lists the scenarios of the user.
type listPage struct {
	ui.Frame
	Table ui.Table
}

// confirmPage asks before a scenario is deleted.
type confirmPage struct {
	ui.Frame
	Confirm ui.Confirm
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	before, err := asked(r, "before")
	if err != nil {
		return nil, err
	}
	all, err := p.Scenarios.List(r.Context(), r.Actor, before, perPage+1)
	if err != nil {
		return nil, err
	}
	page := &listPage{
		Frame: ui.Frame{Title: "政策测算", Lead: "试着改一改清单，看谁受益、谁受损、花多少钱。方案只有您自己看得到，不会改动现行清单。", Actions: []ui.Action{
			{Text: "新建方案", Href: "/scenarios/new", Icon: "plus", Primary: true},
		}},
		Table: table(all, before),
	}
	if len(all) > 1 {
		page.Actions = append(page.Actions, ui.Action{Text: "比较两个方案", Href: "/scenarios/compare", Icon: "scale"})
	}
	return web.Page("scenario/list", page), nil
}

func table(all []*scenario.Scenario, before id.ID) ui.Table {
	t := ui.Table{
		Caption: "测算方案",
		Columns: []ui.Column{{Label: "方案", Wide: true}, {Label: "地区"}, {Label: "清单"}, {Label: "测算时间"}, {Label: "修改时间"}},
		Empty: ui.EmptyState{
			Icon: "chart-bar", Title: "还没有测算方案", Text: "选一份清单，改一个项目的年龄、金额或条件，马上能看到结果。",
			Action: ui.Action{Text: "新建方案", Href: "/scenarios/new", Icon: "plus", Primary: true},
		},
	}
	if len(all) > perPage {
		all = all[:perPage]
		t.Pager.Next = "/scenarios?before=" + all[perPage-1].ID.String()
	}
	if before != 0 {
		t.Pager.Previous = "/scenarios"
	}
	for _, sc := range all {
		ran := ui.Cell{Text: ui.Instant(sc.Ran)}
		if sc.Ran == 0 {
			ran = ui.Cell{Tags: []ui.Tag{{Text: "还没有测算"}}}
		}
		t.Rows = append(t.Rows, ui.Row{ID: "s" + sc.ID.String(), Cells: []ui.Cell{
			{Text: sc.Name, Href: address(sc)}, {Text: region.Name(sc.Region)}, {Text: sc.List}, ran, {Text: ui.Instant(sc.Updated)},
		}})
	}
	return t
}

func (p *Pages) copy(r *web.Request) (web.Response, error) {
	which, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	sc, err := p.Scenarios.Copy(r.Context(), r.Actor, which)
	if err != nil {
		return nil, err
	}
	return web.Redirect(address(sc), web.Done("已复制，可以在副本上接着改")), nil
}

func (p *Pages) ask(r *web.Request) (web.Response, error) {
	sc, err := p.read(r)
	if err != nil {
		return nil, err
	}
	form := ui.Form{Action: address(sc) + "/delete", Submit: "删除", Danger: true, Cancel: ui.Link{Href: address(sc)}}
	return web.Page("scenario/confirm", &confirmPage{
		Frame:   ui.Frame{Title: "删除方案", Narrow: true, Crumbs: back(sc)},
		Confirm: ui.Confirm{Text: "将删除方案“" + sc.Name + "”和它的测算结果。", Warning: "删除后不能恢复。", Form: form},
	}), nil
}

func (p *Pages) delete(r *web.Request) (web.Response, error) {
	which, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := p.Scenarios.Delete(r.Context(), r.Actor, which); err != nil {
		return nil, err
	}
	return web.Redirect("/scenarios", web.Done("已删除方案")), nil
}

func (p *Pages) xlsx(r *web.Request) (web.Response, error) {
	return p.file(r, ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (*scenario.Scenario).XLSX)
}

func (p *Pages) csv(r *web.Request) (web.Response, error) {
	return p.file(r, ".csv", "text/csv; charset=utf-8", (*scenario.Scenario).CSV)
}

func (p *Pages) file(r *web.Request, end, mediaType string, make func(*scenario.Scenario) ([]byte, error)) (web.Response, error) {
	sc, err := p.read(r)
	if err != nil {
		return nil, err
	}
	b, err := make(sc)
	if err != nil {
		return nil, err
	}
	return web.Download(sc.Name+end, mediaType, b), nil
}
