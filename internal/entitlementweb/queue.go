package entitlementweb

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
	"yian/internal/workbench"
)

// task is somebody who is to be contacted, with how far it has come.
type task struct {
	outreach.Contact // its region is who serves him

	Why     string // what brought it
	Granted string // what he gets, or got
}

// query is which tasks the work list shows.
type query struct {
	occasion outreach.Occasion
	days     int // newly, lost: since how many days; changing: within how many
	region   region.Code
	item     string // of the list; of missing information the name of the fact
	state    string // a state, or one of the choices below
	who      string
	from     string // where the results are read on
	after    string // the last row of the page before
}

// Choices of a query beside the states and users.
const (
	unsettled = ""     // what is left to do
	anyState  = "all"  // everything
	mine      = "me"   // assigned to the user
	nobody    = "none" // assigned to nobody
)

// spans are how many days a list may look back or ahead.
var spans = []int{30, 60, 90}

// usualDays is how many days a list looks back or ahead unless others are asked for.
func usualDays(o outreach.Occasion) int {
	if o == outreach.Changing {
		return spans[0]
	}
	return spans[len(spans)-1]
}

// usual is the list of an occasion as it is before anything is chosen.
func usual(o outreach.Occasion) query { return query{occasion: o, days: usualDays(o)} }

// queryOf reads a query out of an address.
func queryOf(r *web.Request) query {
	q := query{
		occasion: outreach.Occasion(r.Value("on")), item: r.Value("item"), state: r.Value("state"), who: r.Value("who"),
		region: r.Region, from: r.Value("from"), after: r.Value("after"),
	}
	if !q.occasion.Known() {
		q.occasion = outreach.Newly
	}
	if n, err := strconv.Atoi(r.Value("days")); err == nil && slices.Contains(spans, n) {
		q.days = n
	} else {
		q.days = usualDays(q.occasion)
	}
	if c, err := region.Parse(r.Value("region")); err == nil && c.Within(r.Region) {
		q.region = c
	}
	if q.state != anyState && !outreach.State(q.state).Known() {
		q.state = unsettled
	}
	return q
}

// values writes a query as queryOf reads it, without the place in the list.
func (q query) values() url.Values {
	v := url.Values{"on": {string(q.occasion)}}
	set := func(key, text string) {
		if text != "" {
			v.Set(key, text)
		}
	}
	set("region", string(q.region))
	set("item", q.item)
	set("state", q.state)
	set("who", q.who)
	if q.days != usualDays(q.occasion) {
		set("days", strconv.Itoa(q.days))
	}
	return v
}

func (q query) address() string { return "/entitlements?" + q.values().Encode() }

// wants reports whether the query asks for a task, by what was done about it.
func (q query) wants(t *task, user id.ID) bool {
	switch q.state {
	case unsettled:
		if t.State.Closed() || t.State == outreach.Applies {
			return false
		}
	case anyState:
	default:
		if t.State != outreach.State(q.state) {
			return false
		}
	}
	switch q.who {
	case "":
		return true
	case mine:
		return t.Assignee == user
	case nobody:
		return t.Assignee == 0
	}
	return t.Assignee.String() == q.who
}

// most is how many results are looked through for one list: of more than that a place or
// an item is chosen first, or the list is read on.
var most = 2000

// queue is the tasks of a query, by village, item and person.
type queue struct {
	tasks []task
	next  string // where the results go on; empty: these are all
}

// queue reads the tasks of a query.
func (p *Pages) queue(ctx context.Context, actor access.Actor, q query) (queue, error) {
	scope := actor.Scope(access.EntitlementReach).Narrow(q.region)
	found, next, err := p.read(ctx, scope, q)
	if err != nil {
		return queue{}, err
	}
	matters := make([]outreach.Matter, len(found))
	for i := range found {
		matters[i] = found[i].Matter
	}
	for part := range slices.Chunk(found, 500) {
		contacts, err := p.Work.Look(ctx, scope, q.occasion, matters[:len(part)])
		if err != nil {
			return queue{}, err
		}
		matters = matters[len(part):]
		for i := range part {
			c := contacts[outreach.Key{Person: part[i].Person, Item: part[i].Item}]
			c.Region = part[i].Region
			part[i].Contact = c
		}
	}
	found = slices.DeleteFunc(found, func(t task) bool { return !q.wants(&t, actor.User) })
	slices.SortFunc(found, func(a, b task) int { return compare(&a, &b) })
	return queue{found, next}, nil
}

func compare(a, b *task) int {
	return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Item, b.Item), cmp.Compare(a.On, b.On), cmp.Compare(a.Person, b.Person))
}

// perPage is how many tasks a page shows.
const perPage = 50

// page returns the tasks after a row, and the row that it ends with; last is empty if
// there are no more.
func (q *queue) page(after string) (rows []task, last string) {
	rows = q.tasks
	if at, ok := placeOf(after); ok {
		i, _ := slices.BinarySearchFunc(rows, at, func(a, b task) int { return cmp.Or(compare(&a, &b), -1) })
		rows = rows[i:]
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		last = rows[perPage-1].key()
	}
	return rows, last
}

// key names a task, by which it also has its place in the list.
func (t *task) key() string {
	return strings.Join([]string{string(t.Region), t.Item, t.On.String(), t.Person.String()}, ".")
}

// placeOf reads the key of a task.
func placeOf(text string) (t task, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return t, false
	}
	on, err := civil.Parse(parts[2])
	if err != nil && parts[2] != "" {
		return t, false
	}
	who, err := id.Parse(parts[3])
	t.Region, t.Matter = region.Code(parts[0]), outreach.Matter{Item: parts[1], On: on, Person: who}
	return t, err == nil
}

// Todos says on the workbench whom there is to contact (workbench.Todo). What a birthday
// will bring and what is missing is counted for towns and villages, where somebody tells
// and asks those people; of a city it would take too long for a first page.
func (p *Pages) Todos(ctx context.Context, actor access.Actor, in region.Code) ([]workbench.Item, error) {
	scope := actor.Scope(access.EntitlementReach).Narrow(in)
	if scope.Empty() {
		return nil, nil
	}
	all, err := p.newlyTodos(ctx, actor, in)
	if err != nil || slices.ContainsFunc(scope.Regions(), func(c region.Code) bool { return len(c) < 9 }) {
		return all, err
	}
	q := usual(outreach.Changing)
	q.region, q.state = in, string(outreach.Open)
	found, err := p.queue(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	all = append(all, workbench.Item{
		Text: "30 天内将有变化", Icon: "calendar", Href: q.address(), Count: len(found.tasks), Note: "年龄到了，待遇会变", Tone: ui.Info,
	})
	lacks, err := p.Results.Planner(ctx, scope)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, l := range lacks {
		n += l.Alone
	}
	all = append(all, workbench.Item{
		Text: "缺少信息，待遇还不能确定", Icon: "help-circle", Href: "/entitlements/planner?region=" + string(in), Count: n, Note: "只差一项信息的老人", Tone: ui.Info,
	})
	return slices.DeleteFunc(all, func(i workbench.Item) bool { return i.Count == 0 }), nil
}

// newlyTodos counts who is newly entitled and was not contacted, and what of it is the
// user's to do.
func (p *Pages) newlyTodos(ctx context.Context, actor access.Actor, in region.Code) ([]workbench.Item, error) {
	open, own := usual(outreach.Newly), usual(outreach.Newly)
	open.region, open.state = in, string(outreach.Open)
	own.region, own.who = in, mine
	all := usual(outreach.Newly)
	all.region = in
	found, err := p.queue(ctx, actor, all)
	if err != nil {
		return nil, err
	}
	items := []workbench.Item{
		{Text: "新符合条件，还没有联系", Icon: "heart-handshake", Href: open.address(), Note: "最近 90 天开始可以享受服务的老人", Tone: ui.Warning},
		{Text: "分给我的联系任务", Icon: "phone", Href: own.address(), Note: "还没有办完的", Tone: ui.Warning},
	}
	for i := range found.tasks {
		if open.wants(&found.tasks[i], actor.User) {
			items[0].Count++
		}
		if own.wants(&found.tasks[i], actor.User) {
			items[1].Count++
		}
	}
	return slices.DeleteFunc(items, func(i workbench.Item) bool { return i.Count == 0 }), nil
}
