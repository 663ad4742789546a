package entitlementweb

import (
	"slices"
	"strconv"

	"yian/internal/fact"
	"yian/internal/outreach"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// workPage is the work list: who is to be contacted, about what.
type workPage struct {
	ui.Frame
	Tabs   ui.Tabs
	Search ui.SearchBar
	Groups ui.Table // by village and item
	More   ui.Note  // where not all could be looked through
	Blocks []block
	Assign assignBox
	Empty  ui.EmptyState
	Pager  ui.Pager
}

func (p *Pages) work(r *web.Request) (web.Response, error) {
	q := queryOf(r)
	page, err := p.workPage(r, q)
	if err != nil {
		return nil, err
	}
	return web.Page("entitlement/work", page), nil
}

func (p *Pages) workPage(r *web.Request, q query) (*workPage, error) {
	page := &workPage{Frame: ui.Frame{Title: "工作清单", Lead: leads[q.occasion]}, Tabs: workTabs(q)}
	found, err := p.queue(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	book, err := p.Lists.Book(r.Context(), p.Results.Today())
	if err != nil {
		return nil, err
	}
	page.Search = p.search(r, q, book)
	rows, last := found.page(q.after)
	if err := p.fill(r, page, q, book, rows); err != nil {
		return nil, err
	}
	page.Groups = groupsOf(q, book, found.tasks)
	page.turn(q, &found, last)
	if len(rows) == 0 {
		page.Empty = ui.EmptyState{Icon: "circle-check", Title: "这里没有要办的", Text: "换一个条件，或看看其他几类。信息有变、老人过生日或清单调整以后，新的人会自动出现在这里。"}
		return page, nil
	}
	page.Assign, err = p.assignBox(r, q, rows)
	return page, err
}

// leads say what each list is of.
var leads = map[outreach.Occasion]string{
	outreach.Newly:    "最近开始符合条件的老人：告诉他们，帮他们办。",
	outreach.Lost:     "最近不再符合条件的老人：说明原因，核对信息。",
	outreach.Changing: "年龄到了就会有变化的老人：提前告诉他们。",
	outreach.Missing:  "缺少信息、还不能确定能不能享受的老人：问清楚，登记上。",
}

func workTabs(q query) ui.Tabs {
	t := ui.Tabs{Label: "几类工作"}
	for _, o := range outreach.Occasions {
		one := query{occasion: o, region: q.region, who: q.who, days: usualDays(o)}
		t.Items = append(t.Items, ui.Tab{Text: o.Label(), Href: one.address(), Active: o == q.occasion})
	}
	return t
}

// turn sets what leads on.
func (page *workPage) turn(q query, found *queue, last string) {
	v := q.values()
	page.Pager.Text = "共 " + ui.Number(len(found.tasks)) + " 件"
	if q.from != "" {
		v.Set("from", q.from)
	}
	if q.after != "" || q.from != "" {
		page.Pager.Previous = q.address()
	}
	switch {
	case last != "":
		v.Set("after", last)
		page.Pager.Next = "/entitlements?" + v.Encode()
	case found.next != "":
		v.Set("from", found.next)
		v.Del("after")
		page.Pager.Next = "/entitlements?" + v.Encode()
	}
	if found.next != "" {
		page.More = ui.Note{Tone: ui.Info, Text: "范围较大，先列出其中一部分。选定地区或项目，就能看全；也可以一直翻到最后。"}
		page.Pager.Text = "这一部分共 " + ui.Number(len(found.tasks)) + " 件"
	}
}

func (p *Pages) search(r *web.Request, q query, book *policy.Book) ui.SearchBar {
	s := ui.SearchBar{
		Action: "/entitlements", Reset: usual(q.occasion).address(),
		Hidden: []ui.Hidden{{Name: "on", Value: string(q.occasion)}},
	}
	s.Fields = append(p.placeFields(r, q), itemField(q, book))
	s.More = []ui.Field{stateField(q), {Name: "who", Label: "谁办", Kind: ui.KindSelect, Value: q.who, Width: "s", Options: []ui.Option{
		{Label: "不限"}, {Value: mine, Label: "分给我的"}, {Value: nobody, Label: "还没有分派"},
	}}}
	if q.occasion != outreach.Missing {
		s.More = append(s.More, daysField(q))
	}
	return s
}

func stateField(q query) ui.Field {
	f := ui.Field{Name: "state", Label: "状态", Kind: ui.KindSelect, Value: q.state, Width: "s", Options: []ui.Option{{Label: "未办的"}}}
	for _, one := range outreach.States {
		if one == outreach.Open || one == outreach.Assigned || slices.Contains(q.occasion.Outcomes(), one) {
			f.Options = append(f.Options, ui.Option{Value: string(one), Label: one.Label()})
		}
	}
	f.Options = append(f.Options, ui.Option{Value: anyState, Label: "全部"})
	return f
}

// daysField chooses how far to look back or ahead; the usual is no condition.
func daysField(q query) ui.Field {
	f := ui.Field{Name: "days", Label: "最近多少天", Kind: ui.KindSelect, Width: "s"}
	if q.occasion == outreach.Changing {
		f.Label = "多少天以内"
	}
	for _, n := range spans {
		o := ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n) + " 天"}
		if n == usualDays(q.occasion) {
			o.Value = ""
		}
		if n == q.days {
			f.Value = o.Value
		}
		f.Options = append(f.Options, o)
	}
	return f
}

// placeFields choose a place, where there is a choice.
func (p *Pages) placeFields(r *web.Request, q query) []ui.Field {
	places := p.around(r.Region, q.region)
	if len(places) < 2 {
		return nil
	}
	f := ui.Field{Name: "region", Label: "地区", Kind: ui.KindSelect, Value: string(q.region), Width: "m"}
	for _, c := range places {
		f.Options = append(f.Options, ui.Option{Value: string(c), Label: place(c)})
	}
	return []ui.Field{f}
}

// around lists the places that the list can be narrowed to: the way from the top to the
// chosen one, and what lies right below it.
func (p *Pages) around(top, chosen region.Code) []region.Code {
	var all []region.Code
	for _, n := range []int{len(top), 2, 4, 6, 9, 12} {
		if n >= len(top) && n <= len(chosen) && !slices.Contains(all, chosen[:n]) {
			all = append(all, chosen[:n])
		}
	}
	for _, d := range p.Below(chosen) {
		all = append(all, d.Code)
	}
	return all
}

// itemField chooses an item, or of missing information the fact.
func itemField(q query, book *policy.Book) ui.Field {
	if q.occasion == outreach.Missing {
		f := ui.Field{Name: "item", Label: "缺少的信息", Kind: ui.KindSelect, Value: q.item, Width: "m", Options: []ui.Option{{Label: "不限"}}}
		for i := range fact.Count {
			f.Options = append(f.Options, ui.Option{Value: i.String(), Label: i.Def().Label})
		}
		return f
	}
	f := ui.Field{Name: "item", Label: "项目", Kind: ui.KindSelect, Value: q.item, Width: "m", Options: []ui.Option{{Label: "全部项目"}}}
	for _, ruling := range inside(book, q.region) {
		for i := range ruling.Program.Items {
			it := ruling.Program.Items[i].Item
			if !slices.ContainsFunc(f.Options, func(o ui.Option) bool { return o.Value == it.ID }) {
				f.Options = append(f.Options, ui.Option{Value: it.ID, Label: strconv.Itoa(it.No) + " " + it.Name})
			}
		}
	}
	return f
}

// inside returns the lists that rule a place or a part of it.
func inside(book *policy.Book, at region.Code) []*policy.Ruling {
	var all []*policy.Ruling
	if r := book.For(at); r != nil {
		all = append(all, r)
	}
	for _, r := range book.Rulings {
		if r.Source.Region != at && r.Source.Region.Within(at) && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}
