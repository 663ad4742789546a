package entitlementweb

import (
	"context"
	"net/url"
	"slices"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// namesPage tells who is behind a figure.
type namesPage struct {
	ui.Frame
	Table ui.Table
}

// Which people a list of names is of, beside the states of contacts.
const (
	entitled  = "yes"
	undecided = "unknown"
	untold    = "untold" // entitled, and nobody has reached them
)

func (p *Pages) names(r *web.Request) (web.Response, error) {
	q := queryOf(r)
	state, after := r.Value("state"), r.Value("after")
	book, err := p.Lists.Book(r.Context(), p.Results.Today())
	if err != nil {
		return nil, err
	}
	n := &namer{Pages: p, scope: r.Actor.Scope(access.EntitlementRead).Narrow(q.region), book: book, item: q.item, today: p.Results.Today()}
	page := &namesPage{Frame: ui.Frame{
		Title:  itemName(book, outreach.Newly, q.region, q.item),
		Crumbs: []ui.Crumb{{Text: "待遇统计", Href: "/entitlements/figures?" + url.Values{"region": {string(q.region)}}.Encode()}},
	}}
	label, next := "", ""
	switch {
	case state == entitled:
		label = resultLabel(rules.Yes)
		next, err = n.judged(r.Context(), rules.Yes, after)
	case state == untold:
		label = "可享受，还没有联系上"
		next, err = n.judged(r.Context(), rules.Yes, after)
		n.untold = true
	case state == undecided:
		label = resultLabel(rules.Unknown)
		next, err = n.judged(r.Context(), rules.Unknown, after)
	case outreach.State(state).Known():
		label = outreach.State(state).Label()
		next, err = n.contacted(r.Context(), outreach.State(state), after)
	default:
		return nil, web.NotFound()
	}
	if err != nil {
		return nil, err
	}
	page.Lead = place(q.region) + "，" + label
	if page.Table, err = n.table(r.Context(), label); err != nil {
		return nil, err
	}
	self := namesAddress(q.region, q.item, state)
	if after != "" {
		page.Table.Pager.Previous = self
	}
	if next != "" {
		page.Table.Pager.Next = self + "&" + url.Values{"after": {next}}.Encode()
	}
	return web.Page("entitlement/names", page), nil
}

// namer gathers the people behind a figure.
type namer struct {
	*Pages
	scope  access.Scope
	book   *policy.Book
	item   string
	today  civil.Date
	people []person.Person
	untold bool // of them only those whom nobody has reached
}

// Of the register so many people are looked at together, and so many for one page: the
// rest is on the next.
const (
	portion  = 200
	portions = 25
)

// judged gathers people by what the list grants them.
func (n *namer) judged(ctx context.Context, result rules.Truth, after string) (next string, err error) {
	next = after
	for range portions {
		page, err := n.People.List(ctx, n.scope, person.Query{After: next, Limit: portion})
		if err != nil {
			return "", err
		}
		for i := range page.People {
			if n.result(&page.People[i]) == result {
				n.people = append(n.people, page.People[i])
			}
		}
		next = page.Next
		if next == "" || len(n.people) >= perPage {
			break
		}
	}
	return next, nil
}

// result is what the list of his place says of the item.
func (n *namer) result(one *person.Person) rules.Truth {
	ruling := n.book.For(one.Region)
	if ruling == nil {
		return rules.No
	}
	i := ruling.Program.Find(n.item)
	if i < 0 {
		return rules.No
	}
	return ruling.Program.Decide(i, &one.Facts, n.today).Result
}

// contacted gathers people by how far the contact has come.
func (n *namer) contacted(ctx context.Context, state outreach.State, after string) (next string, err error) {
	from, _ := id.Parse(after) // from the beginning if it is nothing
	found, err := n.Work.List(ctx, n.scope, outreach.Query{Occasion: outreach.Newly, Item: n.item, State: state, After: from, Limit: perPage + 1})
	if err != nil {
		return "", err
	}
	if len(found) > perPage {
		found = found[:perPage]
		next = found[perPage-1].ID.String()
	}
	who := make([]id.ID, len(found))
	for i := range found {
		who[i] = found[i].Person
	}
	files, err := n.People.Files(ctx, n.scope, who)
	if err != nil {
		return "", err
	}
	for _, one := range who {
		if files[one] != nil {
			n.people = append(n.people, *files[one])
		}
	}
	return next, nil
}

func (n *namer) table(ctx context.Context, label string) (ui.Table, error) {
	t := ui.Table{
		Caption: label + "的老人", Columns: []ui.Column{{Label: "姓名"}, {Label: "性别、年龄"}, {Label: "村（社区）", Wide: true}, {Label: "电话"}, {Label: "联系情况"}},
		Empty: ui.EmptyState{Icon: "users", Title: "这一页没有人", Text: "信息可能刚刚变了；后面还有的，可以继续翻页。"},
	}
	matters := make([]outreach.Matter, len(n.people))
	for i := range n.people {
		matters[i] = outreach.Matter{Person: n.people[i].ID, Occasion: outreach.Newly, Item: n.item}
	}
	contacts, err := n.Work.Look(ctx, n.scope, outreach.Newly, matters)
	if err != nil {
		return t, err
	}
	for i := range n.people {
		one := &n.people[i]
		c := contacts[outreach.Key{Person: one.ID, Item: n.item}]
		if n.untold && slices.Contains(reached, c.State) {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: one.Name, Href: address(one, "") + "#item-" + n.item},
			{Text: whoIs(one, n.today)},
			{Text: near(one.Region)},
			{Text: phoneOf(one)},
			{Tags: []ui.Tag{stateTag(c.State)}},
		}})
	}
	return t, nil
}
