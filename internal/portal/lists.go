package portal

import (
	"fmt"
	"net/url"
	"slices"

	"yian/internal/civil"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// placesPage lists the places that have a list, and finds the list of any place.
type placesPage struct {
	ui.Frame
	Find  ui.Field
	Table ui.Table
}

// listPage is the list of a place.
type listPage struct {
	ui.Frame
	Place    string
	Inside   string // the place that was asked for, where a larger one's list rules it
	Document string
	On       civil.Date
	Tabs     ui.Tabs
	Groups   []group
	Offices  []Office
}

// group is some items under a heading.
type group struct {
	Title string
	Items []entry
}

// entry is an item of a list in plain words.
type entry struct {
	No                                 int
	Name, Href, Audience, Content      string
	Type, Kind, Start, Lead, Added     string
	Grants, Standards, Attest, Joint   []string
	ClauseAt, Clause, Note, Confidence string
}

// itemPage is one item.
type itemPage struct {
	ui.Frame
	Back     ui.Link
	Entry    entry
	Document string
	Offices  []Office
}

func (p *Pages) places(r *web.Request) (web.Response, error) {
	q := r.URL.Query()
	chosen := ui.DeepestRegion(q["region"])
	if chosen != region.Nation && !q.Has(ui.MoreButton) {
		return web.Redirect("/public/lists/" + slug(chosen)), nil
	}
	book, err := p.Lists.Book(r.Context(), p.today())
	if err != nil {
		return nil, err
	}
	levels, err := p.selects("region", chosen)
	if err != nil {
		return nil, err
	}
	page := &placesPage{Frame: ui.Frame{Title: "服务清单", Lead: "选择您居住的地方，看那里的清单；县里没有清单的，执行市、省或者国家的清单。", Narrow: true}}
	page.Find = ui.RegionField("region", "您住在哪里", levels)
	page.Table = ui.Table{
		Caption: "已有清单的地方", Columns: []ui.Column{{Label: "地方"}, {Label: "清单", Wide: true}, {Label: "项目", Number: true}, {Label: "实行日期"}},
		Empty: ui.EmptyState{Title: "还没有发布清单", Text: "请向当地民政部门咨询。"},
	}
	for _, ruling := range book.Rulings {
		page.Table.Rows = append(page.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: placeName(ruling.Source.Region)},
			{Text: ruling.List.Title, Href: "/public/lists/" + slug(ruling.Source.Region), Note: document(ruling)},
			{Text: ui.Number(len(ruling.Program.Items))},
			{Text: ruling.From.String()},
		}})
	}
	return web.Page("portal/places", page), nil
}

// ruling reads the place of the path and the list that rules it.
func (p *Pages) ruling(r *web.Request) (place region.Code, w words, err error) {
	if text := r.PathValue("place"); text != "nation" {
		if place, err = region.Parse(text); err != nil {
			return "", w, web.NotFound()
		}
	}
	if w.book, err = p.Lists.Book(r.Context(), p.today()); err != nil {
		return "", w, err
	}
	if w.ruling = w.book.For(place); w.ruling == nil {
		return "", w, web.NotFound()
	}
	return place, w, nil
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	place, w, err := p.ruling(r)
	if err != nil {
		return nil, err
	}
	ruling := w.ruling
	page := &listPage{
		Frame: ui.Frame{Title: ruling.List.Title, Lead: placeName(ruling.Source.Region)},
		Place: placeName(ruling.Source.Region), Document: document(ruling), On: ruling.From,
	}
	if place != ruling.Source.Region {
		page.Inside = placeName(place)
	}
	if page.Offices, err = p.offices(r.Context(), place); err != nil {
		return nil, err
	}
	by := func(e *entry) string { return e.Type }
	if r.Value("by") == "audience" {
		by = func(e *entry) string { return e.Audience }
	}
	here := "/public/lists/" + url.PathEscape(slug(place))
	page.Tabs = ui.Tabs{Label: "分组方式", Items: []ui.Tab{
		{Text: "按服务类型", Href: here, Active: r.Value("by") != "audience"},
		{Text: "按服务对象", Href: here + "?by=audience", Active: r.Value("by") == "audience"},
	}}
	for i := range ruling.Program.Items {
		e := w.entry(i, place)
		at := slices.IndexFunc(page.Groups, func(g group) bool { return g.Title == by(&e) })
		if at < 0 {
			at = len(page.Groups)
			page.Groups = append(page.Groups, group{Title: by(&e)})
		}
		page.Groups[at].Items = append(page.Groups[at].Items, e)
	}
	return web.Page("portal/list", page), nil
}

func (p *Pages) item(r *web.Request) (web.Response, error) {
	place, w, err := p.ruling(r)
	if err != nil {
		return nil, err
	}
	i := w.ruling.Program.Find(r.PathValue("item"))
	if i < 0 {
		return nil, web.NotFound()
	}
	page := &itemPage{
		Entry: w.entry(i, place), Document: document(w.ruling),
		Back: ui.Link{Text: w.ruling.List.Title, Href: "/public/lists/" + slug(place), Icon: "arrow-left"},
	}
	page.Frame = ui.Frame{Title: page.Entry.Name, Lead: placeName(w.ruling.Source.Region), Narrow: true}
	if page.Offices, err = p.offices(r.Context(), place); err != nil {
		return nil, err
	}
	return web.Page("portal/item", page), nil
}

// entry puts an item into words.
func (w words) entry(i int, place region.Code) entry {
	c := &w.ruling.Program.Items[i]
	e := entry{
		No: c.No, Name: c.Name, Href: "/public/lists/" + slug(place) + "/" + c.ID, Kind: c.Grant.KindLabel(), Start: startWords(c.Start),
		Lead: c.Lead, Attest: c.Attest, ClauseAt: c.ClauseAt, Clause: c.ClauseText, Grants: w.grants(c), Standards: w.standards(c.Item),
	}
	var it *pack.Item
	if it = w.ruling.Item(c.ID); it == nil {
		return e
	}
	e.Audience, e.Content, e.Type, e.Joint, e.Note, e.Confidence = it.Audience, it.Content, it.Type, it.Joint, it.Note, it.Confidence
	if it.Added {
		e.Added = "本地增加"
	}
	return e
}

// document tells where a list stands.
func document(r *policy.Ruling) string {
	d := &r.List.Document
	text := "《" + d.Title + "》"
	if d.Number != "" {
		text += "（" + d.Number + "）"
	}
	if d.Issuer != "" {
		text += "，" + d.Issuer
	}
	if d.Date != 0 {
		y, m, day := d.Date.Date()
		text += fmt.Sprintf("，%d 年 %d 月 %d 日", y, int(m), day)
	}
	return text
}
