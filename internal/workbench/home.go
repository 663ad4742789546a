package workbench

import (
	"slices"

	"yian/internal/access"
	"yian/internal/region"
	"yian/internal/snapshot"
	"yian/internal/ui"
	"yian/internal/web"
)

// homePage is the workbench.
type homePage struct {
	ui.Frame
	Stats     []ui.Stat
	Todo      []todo
	Ages      ui.Chart // without categories: no figures
	Ability   ui.Chart
	Groups    ui.Table // people with special difficulties
	Below     ui.Table // the regions right below
	First     []step   // a new system: what to do first
	Places    []place  // for those who see no figures: what concerns them
	NoFigures ui.EmptyState
}

// todo is an item with its count.
type todo struct {
	Item

	Tag ui.Tag
}

// step is something to do first in a new system.
type step struct {
	Title, Text string
	Action      ui.Action
}

// place is where somebody goes who works with the system, not with people.
type place struct{ Title, Text, Href, Icon string }

func (w *Workbench) home(r *web.Request) (web.Response, error) {
	page := &homePage{Frame: ui.Frame{Title: "工作台", Lead: region.Name(r.Region)}}
	if err := w.todo(r, page); err != nil {
		return nil, err
	}
	if !r.Actor.Can(access.FigureRead) {
		page.Places = places(r.Actor)
		if len(page.Places) == 0 {
			page.NoFigures = ui.EmptyState{Icon: "layout-dashboard", Title: "欢迎使用" + ui.Brand, Text: "您可以办理的业务在导航里。没有要找的业务时，请联系本单位的系统管理员。"}
		}
		return web.Page("workbench/home", page), nil
	}
	scope := r.Scope(access.FigureRead)
	f, err := w.figures(r.Context(), scope)
	if err != nil {
		return nil, err
	}
	switch {
	case f.Made == 0:
		page.NoFigures = ui.EmptyState{Icon: "chart-bar", Title: "正在统计", Text: "第一次统计要等一会儿，请稍后刷新。"}
	case f.People == 0:
		page.First = first(r)
		page.NoFigures = ui.EmptyState{Icon: "users", Title: region.Name(r.Region) + "还没有在册的老年人", Text: "有了档案以后，这里显示人数、年龄和能力等级的分布。"}
	default:
		b := builder{people: r.Actor.Can(access.PersonRead)}
		if in := scope.Regions(); len(in) == 1 {
			b.region = in[0]
		}
		page.figures(f, b)
	}
	if f.Made != 0 {
		page.Lead += "，统计截至 " + ui.Instant(f.Made)
	}
	return web.Page("workbench/home", page), nil
}

// todo asks all modules what waits.
func (w *Workbench) todo(r *web.Request, page *homePage) error {
	for _, ask := range w.Todos {
		items, err := ask(r.Context(), r.Actor, r.Region)
		if err != nil {
			return err
		}
		for _, item := range items {
			if item.Icon == "" {
				item.Icon = "clipboard-check"
			}
			page.Todo = append(page.Todo, todo{item, ui.Tag{Text: ui.Number(item.Count), Tone: item.Tone}})
		}
	}
	return nil
}

// places are for users who see no figures: administrators, auditors, the duty desk.
func places(a access.Actor) []place {
	var all []place
	for _, x := range []struct {
		permission access.Permission
		place      place
	}{
		{access.PersonRead, place{"老年人档案", "按姓名、证件号码或电话查找。", "/persons", "user-search"}},
		{access.AccountRead, place{"用户", "开通、停用账号，授予和收回角色。", "/users", "users"}},
		{access.AccountRead, place{"单位", "各级民政部门、乡镇（街道）、村（社区）和机构。", "/organisations", "building"}},
		{access.TokenWrite, place{"接口令牌", "发给部门系统的令牌，到期前更换。", "/tokens", "key"}},
		{access.AuditRead, place{"审计记录", "谁在什么时候看过、改过什么。", "/audit", "history"}},
		{access.AuditRead, place{"校验审计记录", "查验记录和数据有没有被人直接改动。", "/audit/verify", "shield-check"}},
	} {
		if a.Can(x.permission) {
			all = append(all, x.place)
		}
	}
	return all
}

// first says what to do in a system without people, as far as the user may.
func first(r *web.Request) []step {
	var all []step
	if r.Actor.Can(access.AccountWrite) {
		all = append(all, step{"开通账号", "为各级工作人员开通账号，授予角色和管理的地区。", ui.Action{Text: "开通账号", Href: "/users/new", Icon: "user-plus"}})
	}
	if r.Actor.Can(access.PersonImport) {
		all = append(all, step{"导入名册", "上传已有的老年人名册（Excel 或 CSV），核对列名，先试运行再导入。", ui.Action{Text: "导入名册", Href: "/imports/new", Icon: "file-import", Primary: true}})
	}
	if r.Actor.Can(access.PersonWrite) {
		all = append(all, step{"新建档案", "也可以逐个建立档案。", ui.Action{Text: "新建档案", Href: "/persons/new", Icon: "plus"}})
	}
	return all
}

// below lists the regions right below with their people, where there are several.
func (b builder) below(f *snapshot.Figures) ui.Table {
	t := ui.Table{ID: "below", Caption: "各地人数", Columns: []ui.Column{{Label: "地区", Wide: true}, {Label: "在册老年人", Number: true}, {Label: "占比", Number: true}}}
	places := slices.Clone(f.Below)
	slices.SortStableFunc(places, func(x, y snapshot.Place) int { return y.Count - x.Count })
	for _, p := range places {
		cell := ui.Cell{Text: region.Name(p.Region)}
		if p.Region == b.region {
			cell.Text = region.Name(b.region) + "（未分到下级）"
		} else if b.people {
			cell.Href = "/persons?region=" + string(p.Region)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{cell, {Text: ui.Number(p.Count)}, {Text: share(p.Count, f.People)}}})
	}
	return t
}
