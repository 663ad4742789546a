package entitlementweb

import (
	"context"
	"fmt"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/entitlement"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/person"
	"yian/internal/personweb"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// personPage is what a person may have.
type personPage struct {
	ui.Frame
	Tabs    ui.Tabs
	Note    ui.Note
	List    ui.Details // by which list
	Tags    ui.Details // of special difficulty
	Next    []coming
	History ui.Link
	Month   ui.SearchBar
	Faults  ui.ErrorSummary
	Groups  []itemGroup
	Then    monthView // instead of the groups, for a past month
}

// coming is what growing older brings.
type coming struct {
	Item, Text string
	Tag        ui.Tag
}

// itemGroup is the items of one result.
type itemGroup struct {
	ID, Title, Empty string
	Folded           bool
	Items            []itemBox
}

// itemBox is one item of the list, as it is for the person.
type itemBox struct {
	ID, Name string
	Tag      ui.Tag
	Granted  string
	Brief    string // what the result stands on
	Details  ui.Details
	Missing  []missing
	Clause   string // its words
	At       string // where it stands
	Passage  ui.Link
	Reasons  []reason
	Contact  ui.Link
}

func (p *Pages) person(r *web.Request) (web.Response, error) {
	one, records, err := p.open(r)
	if err != nil {
		return nil, err
	}
	today := p.Results.Today()
	page := &personPage{
		Frame: personweb.Frame(r, one, today), Tabs: personweb.Tabs(r, one, "/entitlements"),
		History: ui.Link{Text: "结果变化的经过", Href: address(one, "/history"), Icon: "history"},
	}
	month, on := page.month(r, one, today)
	if one.State == person.Merged {
		page.Note = ui.Note{Tone: ui.Warning, Title: "这份档案已并入另一份", Text: "待遇记在保留的那份档案里。", Link: ui.Link{Text: "打开保留的档案", Href: "/persons/" + one.MergedInto.String() + "/entitlements"}}
		return web.Page("entitlement/person", page), nil
	}
	if month != "" {
		page.Then, err = p.monthView(r, records, month, on)
		return web.Page("entitlement/person", page), err
	}
	if one.State != person.Alive {
		page.Note = ui.Note{Tone: ui.Info, Title: one.State.Label(), Text: "不再认定待遇。可以在下面查看过去某个月的情况。"}
		return web.Page("entitlement/person", page), nil
	}
	return web.Page("entitlement/person", page), p.now(r, page, one, today)
}

// open reads the file of the person that the path names, with all that was stated.
func (p *Pages) open(r *web.Request) (*person.Person, []history.Record, error) {
	which, err := r.ID("id")
	if err != nil {
		return nil, nil, err
	}
	one, records, err := p.People.ShowAll(r.Context(), r.Actor, which)
	if err == nil && !r.Actor.Scope(access.EntitlementRead).Contains(one.Region) {
		err = web.NotFound()
	}
	return one, records, err
}

func address(one *person.Person, below string) string {
	return "/persons/" + one.ID.String() + "/entitlements" + below
}

// now shows what holds today.
func (p *Pages) now(r *web.Request, page *personPage, one *person.Person, today civil.Date) error {
	scope := r.Actor.Scope(access.EntitlementRead)
	standing, err := p.standing(r.Context(), scope, one.ID)
	if err != nil {
		return err
	}
	if standing != nil {
		page.Tags = tagsOf(standing)
	}
	book, err := p.Lists.Book(r.Context(), today)
	if err != nil {
		return err
	}
	ruling := book.For(one.Region)
	if ruling == nil {
		page.Note = ui.Note{Tone: ui.Warning, Title: "没有服务清单", Text: personweb.Place(one.Region) + "还没有施行的基本养老服务清单，不能认定待遇。"}
		return nil
	}
	page.List = listOf(ruling)
	if standing == nil {
		page.Note = ui.Note{Tone: ui.Info, Text: "刚刚登记的信息正在认定，下面是按现在已知的信息得出的结果。工作清单稍后更新。"}
	}
	b := &boxes{Pages: p, r: r, one: one, ruling: ruling, standing: standing, groups: newGroups()}
	for i := range ruling.Program.Items {
		x := ruling.Program.Explain(i, &one.Facts, today)
		b.add(&x)
	}
	page.Groups = b.groups
	page.Next = next(ruling, &one.Facts, today)
	return nil
}

// standing returns the stored results of a person, nil if there are none yet.
func (p *Pages) standing(ctx context.Context, scope access.Scope, who id.ID) (*entitlement.Standing, error) {
	s, err := p.Results.Of(ctx, scope, who)
	if errs.Is(err, errs.NotFound) {
		return nil, nil //nolint:nilnil // that there are none is an answer
	}
	return s, err
}

func listOf(ruling *policy.Ruling) ui.Details {
	return ui.Details{Pairs: []ui.Pair{
		{Term: "适用清单", Text: ruling.Source.Title, Note: fmt.Sprintf("第 %d 版，%s 起施行", ruling.No, ruling.From)},
		{Term: "地区", Text: region.Name(ruling.Source.Region)},
	}}
}

func newGroups() []itemGroup {
	return []itemGroup{
		{ID: "yes", Title: "可以享受", Empty: "按现在已知的信息，没有可以享受的项目。"},
		{ID: "unknown", Title: "还不确定", Empty: "没有因为缺少信息而不能确定的项目。"},
		{ID: "no", Title: "目前不符合", Folded: true},
	}
}

// boxes makes the boxes of a person's items.
type boxes struct {
	*Pages
	r        *web.Request
	one      *person.Person
	ruling   *policy.Ruling
	standing *entitlement.Standing
	groups   []itemGroup
}

func (b *boxes) add(x *rules.Explanation) {
	box := itemBox{
		ID: x.Item.ID, Name: fmt.Sprintf("%d. %s", x.Item.No, x.Item.Name), Tag: resultTag(x.Result),
		Granted: granted(&x.Item.Grant, &x.Decision), Brief: brief(x), Clause: x.Item.ClauseText, At: x.Item.ClauseAt, Reasons: tree(x),
		Missing: missingOf(x.Missing, b.recordLink),
	}
	if b.Passage != nil {
		box.Passage = ui.Link{Text: "看公开的清单", Href: b.Passage(b.ruling.Source.Region, x.Item.ID), Icon: "external-link"}
	}
	box.Details = b.details(x)
	at := map[rules.Truth]int{rules.Yes: 0, rules.Unknown: 1, rules.No: 2}[x.Result]
	if x.Result == rules.Yes && may(b.r, access.EntitlementReach, b.one.Region) {
		if since := b.since(x.Item.ID); since != 0 {
			box.Contact = ui.Link{Text: "登记联系情况", Href: contactAddress(b.one.ID, outreach.Newly, x.Item.ID), Icon: "phone"}
		}
	}
	b.groups[at].Items = append(b.groups[at].Items, box)
}

// since is the day since when an item is as it is; 0: it is not known.
func (b *boxes) since(item string) civil.Date {
	if b.standing == nil {
		return 0
	}
	if it := itemOf(b.standing, item); it != nil {
		return it.Since
	}
	return 0
}

// itemOf returns the result of an item; nil if the list has none of the id.
func itemOf(s *entitlement.Standing, item string) *entitlement.ItemStanding {
	for i := range s.Items {
		if s.Items[i].ID == item {
			return &s.Items[i]
		}
	}
	return nil
}

func (b *boxes) details(x *rules.Explanation) ui.Details {
	var d ui.Details
	add := func(term, text string) {
		if text != "" {
			d.Pairs = append(d.Pairs, ui.Pair{Term: term, Text: text})
		}
	}
	if since := b.since(x.Item.ID); since != 0 && x.Result != rules.No {
		add("自何时起", since.String())
	}
	if x.Result == rules.Yes {
		if x.Amount.State == rules.Fixed {
			add("算法", x.Amount.How)
		}
		add("怎样办理", startLabel(x.Item.Start))
	}
	if x.Result != rules.No {
		add("须经办人确认", strings.Join(x.Item.Attest, "；"))
		add("牵头部门", x.Item.Lead)
	}
	return d
}

// recordLink is where a missing fact is recorded, for who may.
func (b *boxes) recordLink(f fact.ID) ui.Link {
	if !may(b.r, access.FactRecord, b.one.Region) {
		return ui.Link{}
	}
	return ui.Link{Text: "登记", Href: "/persons/" + b.one.ID.String() + "/facts/new?fact=" + f.String()}
}

func may(r *web.Request, p access.Permission, at region.Code) bool {
	return r.Actor.Scope(p).Contains(at)
}

// next tells what growing older changes first.
func next(ruling *policy.Ruling, who *fact.Person, today civil.Date) []coming {
	on, changes := ruling.Program.NextChange(who, today)
	var all []coming
	for _, c := range changes {
		it := ruling.Program.Items[c.Item].Item
		all = append(all, coming{
			Item: it.Name, Tag: resultTag(c.Then.Result),
			Text: fmt.Sprintf("%s（满 %d 周岁）起：%s → %s", on, civil.Age(who.Birth, on), outcome(&it.Grant, &c.Before), outcome(&it.Grant, &c.Then)),
		})
	}
	return all
}

// tagsOf shows the tags of special difficulty.
func tagsOf(s *entitlement.Standing) ui.Details {
	var d ui.Details
	for i := range s.Tags {
		t := &s.Tags[i]
		pair := ui.Pair{Term: t.Tag.Label}
		if !strings.HasPrefix(t.Reason, t.Tag.Label+"：") {
			pair.Note = t.Reason
		}
		switch t.Result {
		case rules.Yes:
			pair.Tags = []ui.Tag{{Text: "是", Tone: ui.Info}}
		case rules.No:
			pair.Tags = []ui.Tag{{Text: "否"}}
		default:
			pair.Tags = []ui.Tag{{Text: "未知", Tone: ui.Warning}}
		}
		if t.Since != 0 && t.Result == rules.Yes {
			pair.Note = strings.TrimPrefix(pair.Note+"，"+t.Since.String()+" 起", "，")
		}
		d.Pairs = append(d.Pairs, pair)
	}
	return d
}
