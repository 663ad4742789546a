package entitlementweb

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/person"
	"yian/internal/personweb"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// block is the tasks of a village about one item.
type block struct {
	Place, Item string
	Clause      string
	Rows        []workRow
}

// workRow is somebody to be contacted.
type workRow struct {
	Key             string // of the checkbox
	Name, Href, Who string // who: sex and age
	Granted, Why    string
	Phone           string
	On, Days        string // since when, how long
	Tags            []ui.Tag
	By              string
	Contact         ui.Link
}

// place tells a place by its name.
func place(c region.Code) string {
	if c == region.Nation {
		return "全国"
	}
	return personweb.Place(c)
}

// near tells a place by its last two names, which is enough inside one county.
func near(c region.Code) string {
	parts := strings.Fields(place(c))
	return strings.Join(parts[max(0, len(parts)-2):], " ")
}

// itemName is what an item, or a missing fact, is called at a place.
func itemName(book *policy.Book, occasion outreach.Occasion, at region.Code, item string) string {
	if occasion == outreach.Missing {
		if f, ok := fact.ByName(item); ok {
			return f.Def().Label
		}
		return item
	}
	if ruling := book.For(at); ruling != nil {
		if it := ruling.Item(item); it != nil {
			return it.Name
		}
	}
	return item
}

// clauseOf is where an item stands in the list.
func clauseOf(book *policy.Book, at region.Code, item string) string {
	if ruling := book.For(at); ruling != nil {
		if it := ruling.Item(item); it != nil {
			return it.Clause.Place
		}
	}
	return ""
}

// fill shows tasks, by village and item.
func (p *Pages) fill(r *web.Request, page *workPage, q query, book *policy.Book, rows []task) error {
	people, users := make([]id.ID, 0, len(rows)), make([]id.ID, 0, len(rows))
	for i := range rows {
		people = append(people, rows[i].Person)
		if who := rows[i].Assignee; who != 0 && !slices.Contains(users, who) {
			users = append(users, who)
		}
	}
	scope := r.Actor.Scope(access.EntitlementReach)
	files, err := p.People.Files(r.Context(), scope, people)
	if err != nil {
		return err
	}
	names := map[id.ID]string{}
	if len(users) > 0 {
		if names, err = p.Names(r.Context(), users); err != nil {
			return err
		}
	}
	var last *task
	for i := range rows {
		t := &rows[i]
		one := files[t.Person]
		if one == nil {
			continue // he moved away this moment
		}
		if last == nil || last.Region != t.Region || last.Item != t.Item {
			b := block{Place: near(t.Region), Item: itemName(book, q.occasion, t.Region, t.Item)}
			if q.occasion != outreach.Missing {
				b.Clause = clauseOf(book, t.Region, t.Item)
			}
			page.Blocks = append(page.Blocks, b)
			last = t
		}
		b := &page.Blocks[len(page.Blocks)-1]
		b.Rows = append(b.Rows, p.row(q, t, one, names))
	}
	return nil
}

func (p *Pages) row(q query, t *task, one *person.Person, names map[id.ID]string) workRow {
	today := p.Results.Today()
	row := workRow{
		Key: t.key(), Name: one.Name, Href: address(one, ""), Why: t.Why,
		Phone: phoneOf(one), By: names[t.Assignee], Tags: []ui.Tag{stateTag(t.State)},
		Contact: ui.Link{Text: "登记联系", Href: contactAddress(t.Person, q.occasion, t.Item)},
	}
	row.Who, row.Granted = whoIs(one, today), t.Granted
	switch {
	case q.occasion == outreach.Changing:
		row.On, row.Days = t.On.String(), fmt.Sprintf("还有 %d 天", t.On-today)
	case t.On != 0:
		row.On, row.Days = t.On.String()+" 起", fmt.Sprintf("已 %d 天", today-t.On)
	}
	if t.Overdue(today) {
		row.Tags = append(row.Tags, ui.Tag{Text: "已过期限 " + t.Due.String(), Tone: ui.Danger})
	} else if t.Due != 0 && !t.State.Closed() {
		row.Tags = append(row.Tags, ui.Tag{Text: t.Due.String() + " 前办", Tone: ui.Info})
	}
	return row
}

// whoIs tells sex and age.
func whoIs(one *person.Person, today civil.Date) string {
	var parts []string
	if one.Facts.Known(fact.Sex) {
		parts = append(parts, one.Facts.Label(fact.Sex))
	}
	if years, ok := one.Age(today); ok {
		parts = append(parts, strconv.Itoa(years)+" 岁")
	}
	return strings.Join(parts, "，")
}

// phoneOf is the first telephone there is, masked.
func phoneOf(one *person.Person) string {
	if len(one.Phones) > 0 {
		return one.Phones[0]
	}
	for _, c := range one.Contacts {
		if c.Phone != "" {
			return cmp.Or(c.Relation, "联系人") + " " + c.Phone
		}
	}
	return ""
}

func stateTag(s outreach.State) ui.Tag {
	tones := map[outreach.State]ui.Tone{
		outreach.Open: ui.Warning, outreach.Assigned: ui.Info, outreach.Reached: ui.Info, outreach.Unreachable: ui.Warning,
		outreach.Applies: ui.Info, outreach.Done: ui.Success,
	}
	return ui.Tag{Text: s.Label(), Tone: tones[s]}
}

// mostGroups is how many groups are listed; more are narrowed by the place.
const mostGroups = 30

// groupsOf counts tasks by village and item, the most first.
func groupsOf(q query, book *policy.Book, tasks []task) ui.Table {
	type key struct {
		at   region.Code
		item string
	}
	counts := map[key]int{}
	var order []key
	for i := range tasks {
		k := key{tasks[i].Region, tasks[i].Item}
		if counts[k] == 0 {
			order = append(order, k)
		}
		counts[k]++
	}
	slices.SortStableFunc(order, func(a, b key) int { return counts[b] - counts[a] })
	t := ui.Table{ID: "groups", Caption: "各村各项目的件数", Columns: []ui.Column{{Label: "村（社区）", Wide: true}, {Label: "项目"}, {Label: "件数", Number: true}}}
	if len(order) < 2 {
		return t
	}
	for _, k := range order[:min(len(order), mostGroups)] {
		one := q
		one.region, one.item, one.after, one.from = k.at, k.item, "", ""
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: near(k.at)}, {Text: itemName(book, q.occasion, k.at, k.item), Href: one.address()}, {Text: ui.Number(counts[k])},
		}})
	}
	return t
}
