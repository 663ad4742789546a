package duplicateweb

import (
	"yian/internal/access"
	"yian/internal/duplicate"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/personweb"
	"yian/internal/ui"
	"yian/internal/web"
)

const perPage = 50

// pairsPage lists pairs in one state.
type pairsPage struct {
	ui.Frame
	Tabs  ui.Tabs
	Table ui.Table
}

func (p *Pages) pairs(r *web.Request) (web.Response, error) {
	state := duplicate.State(r.Value("state"))
	if state.Label() == "" {
		state = duplicate.Open
	}
	var after id.ID
	if text := r.Value("after"); text != "" {
		var err error
		if after, err = id.Parse(text); err != nil {
			return nil, web.NotFound()
		}
	}
	scope := r.Scope(access.PersonMerge)
	found, err := p.Duplicates.Pairs(r.Context(), scope, state, after, perPage+1)
	if err != nil {
		return nil, err
	}
	n, err := p.Duplicates.Count(r.Context(), scope)
	if err != nil {
		return nil, err
	}
	page := &pairsPage{Frame: ui.Frame{Title: "疑似重复", Lead: "这些档案可能是同一个人建了两次。核对以后合并，或者注明不是同一人。"}, Tabs: tabs(state, n)}
	page.Table = table(state, found)
	if after != 0 {
		page.Table.Pager.Previous = "/duplicates?state=" + string(state)
	}
	return web.Page("duplicate/pairs", page), nil
}

func tabs(state duplicate.State, open int) ui.Tabs {
	t := ui.Tabs{Label: "核对状态"}
	for _, s := range []duplicate.State{duplicate.Open, duplicate.Merged, duplicate.Different} {
		tab := ui.Tab{Text: s.Label(), Href: "/duplicates?state=" + string(s), Active: s == state}
		if s == duplicate.Open {
			tab.Count = ui.Number(open)
		}
		t.Items = append(t.Items, tab)
	}
	return t
}

func table(state duplicate.State, found []duplicate.Pair) ui.Table {
	t := ui.Table{
		Caption: state.Label() + "的疑似重复",
		Columns: []ui.Column{{Label: "先建的档案"}, {Label: "后建的档案"}, {Label: "为什么怀疑"}, {Label: "地区"}, {Label: "发现时间"}, {Label: "操作", Quiet: true}},
		Empty:   ui.EmptyState{Icon: "circle-check", Title: "没有" + state.Label() + "的档案"},
	}
	if state == duplicate.Open {
		t.Empty.Text = "新建档案和导入以后，系统会自动查找姓名、出生日期相同或号码只差一处的档案。"
	}
	if len(found) > perPage {
		found = found[:perPage]
		t.Pager.Next = "/duplicates?state=" + string(state) + "&after=" + found[perPage-1].ID.String()
	}
	act := "查看"
	if state == duplicate.Open {
		act = "核对"
	}
	for i := range found {
		pair := &found[i]
		t.Rows = append(t.Rows, ui.Row{ID: "d" + pair.ID.String(), Cells: []ui.Cell{
			fileCell(pair.Low), fileCell(pair.High),
			{Text: pair.Reason.Label()},
			{Text: personweb.Place(pair.Region)},
			{Text: ui.Instant(pair.Found)},
			{Links: []ui.Link{{Text: act, Href: address(pair)}}},
		}})
	}
	return t
}

func fileCell(one *person.Person) ui.Cell {
	return ui.Cell{Text: one.Name, Href: "/persons/" + one.ID.String(), Note: one.MaskedNumber()}
}

func address(pair *duplicate.Pair) string { return "/duplicates/" + pair.ID.String() }
