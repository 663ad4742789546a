package entitlementweb

import (
	"net/url"
	"slices"

	"yian/internal/access"
	"yian/internal/entitlement"
	"yian/internal/outreach"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// figuresPage tells how many people may have what, and how many were told.
type figuresPage struct {
	ui.Frame
	Search ui.SearchBar
	Items  ui.Table // by item, or of one item by place
	Tags   ui.Table // by place
}

// tally is what is counted of an item.
type tally struct {
	yes, unknown int
	states       map[outreach.State]int
}

// reached are the states of people who were reached in whatever way.
var reached = []outreach.State{outreach.Reached, outreach.Applies, outreach.Declined, outreach.Done}

// told is how many were reached in whatever way.
func (t *tally) told() (n int) {
	for _, s := range reached {
		n += t.states[s]
	}
	return n
}

// tallies are counted by a key: an item, or a place.
type tallies map[string]*tally

func (a tallies) at(key string) *tally {
	t := a[key]
	if t == nil {
		t = &tally{states: map[outreach.State]int{}}
		a[key] = t
	}
	return t
}

// figures are the numbers of a region.
type figures struct {
	counts   []entitlement.Count
	contacts []outreach.Count
}

func (p *Pages) figures(r *web.Request) (web.Response, error) {
	q := queryOf(r)
	scope := r.Actor.Scope(access.EntitlementRead)
	f := figures{}
	var err error
	if f.counts, err = p.Results.Counts(r.Context(), scope, q.region); err != nil {
		return nil, err
	}
	if f.contacts, err = p.Work.Counts(r.Context(), scope.Narrow(q.region), outreach.Newly, digitsBelow(q.region)); err != nil {
		return nil, err
	}
	book, err := p.Lists.Book(r.Context(), p.Results.Today())
	if err != nil {
		return nil, err
	}
	page := &figuresPage{
		Frame:  ui.Frame{Title: "待遇统计", Lead: place(q.region) + "：谁可以享受什么，联系了多少人。"},
		Search: p.placeSearch("/entitlements/figures", r, q), Tags: f.tags(q),
	}
	field := itemField(query{occasion: outreach.Newly, region: q.region, item: q.item}, book)
	page.Search.Fields = append(page.Search.Fields, field)
	if q.item == "" {
		page.Items = f.byItem(q, book)
	} else {
		page.Items = f.byPlace(q, itemName(book, outreach.Newly, q.region, q.item))
	}
	return web.Page("entitlement/figures", page), nil
}

func digitsBelow(c region.Code) int {
	for _, n := range [...]int{2, 4, 6, 9, 12} {
		if n > len(c) {
			return n
		}
	}
	return len(c)
}

// placeSearch chooses a place.
func (p *Pages) placeSearch(action string, r *web.Request, q query) ui.SearchBar {
	return ui.SearchBar{Action: action, Submit: "查看", Fields: p.placeFields(r, q)}
}

var tallyColumns = []ui.Column{
	{Label: "可享受", Number: true},
	{Label: "还不确定", Number: true},
	{Label: "已联系", Number: true},
	{Label: "申请中", Number: true},
	{Label: "已办结", Number: true},
	{Label: "本人不要", Number: true},
	{Label: "还没有联系上", Number: true},
}

// cells shows a tally; names leads to who they are.
func (t *tally) cells(names func(state string) string) []ui.Cell {
	cell := func(n int, state string) ui.Cell {
		c := ui.Cell{Text: ui.Number(n)}
		if n > 0 {
			c.Href = names(state)
		}
		return c
	}
	return []ui.Cell{
		cell(t.yes, entitled), cell(t.unknown, undecided),
		{Text: ui.Number(t.told())},
		cell(t.states[outreach.Applies], string(outreach.Applies)), cell(t.states[outreach.Done], string(outreach.Done)),
		cell(t.states[outreach.Declined], string(outreach.Declined)), cell(max(0, t.yes-t.told()), untold),
	}
}

// namesAddress leads to the people behind a figure.
func namesAddress(at region.Code, item, state string) string {
	return "/entitlements/names?" + url.Values{"region": {string(at)}, "item": {item}, "state": {state}}.Encode()
}

func (f *figures) byItem(q query, book *policy.Book) ui.Table {
	all := tallies{}
	for _, c := range f.counts {
		if c.Kind == entitlement.OfItem {
			t := all.at(c.Item)
			t.yes, t.unknown = t.yes+c.Yes, t.unknown+c.Unknown
		}
	}
	for _, c := range f.contacts {
		all.at(c.Item).states[c.State] += int(c.People)
	}
	t := ui.Table{
		ID: "items", Caption: "各项目的人数", Columns: append([]ui.Column{{Label: "项目", Wide: true}}, tallyColumns...),
		Empty: ui.EmptyState{Icon: "chart-bar", Title: "还没有认定结果", Text: "登记老人、施行清单以后，几秒钟就有结果。"},
	}
	for _, o := range itemField(query{region: q.region}, book).Options {
		n := all[o.Value]
		if n == nil {
			continue
		}
		one := url.Values{"region": {string(q.region)}, "item": {o.Value}}
		cells := []ui.Cell{{Text: o.Label, Href: "/entitlements/figures?" + one.Encode()}}
		t.Rows = append(t.Rows, ui.Row{Cells: append(cells, n.cells(func(state string) string { return namesAddress(q.region, o.Value, state) })...)})
	}
	return t
}

func (f *figures) byPlace(q query, name string) ui.Table {
	all := tallies{}
	for _, c := range f.counts {
		if c.Kind == entitlement.OfItem && c.Item == q.item {
			t := all.at(string(c.Region))
			t.yes, t.unknown = t.yes+c.Yes, t.unknown+c.Unknown
		}
	}
	for _, c := range f.contacts {
		if c.Item == q.item {
			all.at(string(c.Region)).states[c.State] += int(c.People)
		}
	}
	t := ui.Table{
		ID: "items", Caption: "各地" + name + "的人数", Columns: append([]ui.Column{{Label: "地区", Wide: true}}, tallyColumns...),
		Empty: ui.EmptyState{Icon: "chart-bar", Title: "没有人可以享受" + name},
	}
	places := make([]string, 0, len(all))
	for at := range all {
		places = append(places, at)
	}
	slices.Sort(places)
	for _, at := range places {
		c := region.Code(at)
		t.Rows = append(t.Rows, ui.Row{Cells: append([]ui.Cell{placeCell(c, q)}, all[at].cells(func(state string) string { return namesAddress(c, q.item, state) })...)})
	}
	return t
}

// placeCell names a place, and leads below it.
func placeCell(c region.Code, q query) ui.Cell {
	cell := ui.Cell{Text: near(c)}
	if c == q.region && len(c) < 12 {
		cell.Text += "（未分到下级）"
		return cell
	}
	if len(c) < 12 {
		cell.Href = "/entitlements/figures?" + url.Values{"region": {string(c)}, "item": {q.item}}.Encode()
	}
	return cell
}

// tags counts special difficulties by place.
func (f *figures) tags(q query) ui.Table {
	t := ui.Table{
		ID: "tags", Caption: "特殊困难老年人", Columns: []ui.Column{{Label: "地区", Wide: true}, {Label: "在册", Number: true}},
		Empty: ui.EmptyState{Icon: "users", Title: "还没有在册的老年人"},
	}
	for i := range entitlement.Tags {
		t.Columns = append(t.Columns, ui.Column{Label: entitlement.Tags[i].Label, Number: true})
	}
	byPlace := map[region.Code]map[string]int{}
	var places []region.Code
	for _, c := range f.counts {
		if c.Kind == entitlement.OfItem {
			continue
		}
		if byPlace[c.Region] == nil {
			byPlace[c.Region] = map[string]int{}
			places = append(places, c.Region)
		}
		byPlace[c.Region][c.Item] = c.Yes
	}
	slices.Sort(places)
	q.item = ""
	for _, c := range places {
		cells := []ui.Cell{placeCell(c, q), {Text: ui.Number(byPlace[c][""])}}
		for i := range entitlement.Tags {
			cells = append(cells, ui.Cell{Text: ui.Number(byPlace[c][entitlement.Tags[i].ID])})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// plannerPage tells which missing facts decide for most people.
type plannerPage struct {
	ui.Frame
	Search ui.SearchBar
	Stats  []ui.Stat
	Table  ui.Table
}

func (p *Pages) planner(r *web.Request) (web.Response, error) {
	q := queryOf(r)
	scope := r.Actor.Scope(access.EntitlementRead).Narrow(q.region)
	lacks, err := p.Results.Planner(r.Context(), scope)
	if err != nil {
		return nil, err
	}
	page := &plannerPage{
		Frame:  ui.Frame{Title: "缺少的信息", Lead: place(q.region) + "：补上哪一项信息，能让最多的老人有结论。"},
		Search: p.placeSearch("/entitlements/planner", r, q),
		Table: ui.Table{
			Caption: "缺少的信息和关系到的人数",
			Columns: []ui.Column{{Label: "信息"}, {Label: "由哪个部门提供", Wide: true}, {Label: "补上就有结论", Number: true}, {Label: "关系到", Number: true}, {Label: "名单", Quiet: true}},
			Empty:   ui.EmptyState{Icon: "circle-check", Title: "没有因为缺少信息而不能确定的老人"},
		},
	}
	page.Stats = departments(lacks)
	reach := r.Actor.Can(access.EntitlementReach)
	for _, l := range lacks {
		link := ui.Link{}
		if reach {
			link = ui.Link{Text: "看名单", Href: query{occasion: outreach.Missing, region: q.region, days: q.days, item: l.Fact.String()}.address()}
		}
		page.Table.Rows = append(page.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: l.Fact.Def().Label}, {Text: l.Department}, {Text: ui.Number(l.Alone)}, {Text: ui.Number(l.People)}, {Links: []ui.Link{link}},
		}})
	}
	return web.Page("entitlement/planner", page), nil
}

// mostDepartments is how many departments are shown on cards.
const mostDepartments = 3

// departments names those who could decide for most people by a single fact.
func departments(lacks []entitlement.Lack) []ui.Stat {
	var all []ui.Stat
	for _, l := range lacks[:min(mostDepartments, len(lacks))] {
		all = append(all, ui.Stat{Label: l.Department + "：" + l.Fact.Def().Label, Value: ui.Number(l.Alone), Unit: "人只差这一项", Note: "关系到 " + ui.Number(l.People) + " 人", Icon: "help-circle", Tone: ui.Info})
	}
	return all
}
