package personweb

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

// historyPage tells all that was ever stated about a person, and how what identifies
// him was changed.
type historyPage struct {
	ui.Frame
	Tabs     ui.Tabs
	Timeline ui.Timeline
	Empty    ui.EmptyState
}

func (p *Pages) history(r *web.Request) (web.Response, error) {
	one, records, err := p.open(r)
	if err != nil {
		return nil, err
	}
	revisions, err := p.People.Revisions(r.Context(), r.Actor, one.ID)
	if err != nil {
		return nil, err
	}
	names, err := p.authors(r.Context(), records, revisions)
	if err != nil {
		return nil, err
	}
	page := &historyPage{Frame: p.frame(r, one), Tabs: Tabs(r, one, "/history")}
	b := newEvents(one, records, p.People.Today(), names)
	b.links = may(r, access.FactRecord, one) && one.State != person.Merged
	for i := range records {
		b.record(i)
	}
	for i := range revisions {
		b.revision(i, revisions, one)
	}
	page.Timeline.Events = b.sorted()
	if len(page.Timeline.Events) == 0 {
		page.Empty = ui.EmptyState{Icon: "history", Title: "还没有历史", Text: "登记信息或修改档案以后，经过会留在这里。"}
	}
	return web.Page("person/history", page), nil
}

// authors returns the names of those who recorded and changed.
func (p *Pages) authors(ctx context.Context, records []history.Record, revisions []person.Revision) (map[id.ID]string, error) {
	var users []id.ID
	for i := range records {
		users = append(users, records[i].By)
	}
	for i := range revisions {
		users = append(users, revisions[i].By)
	}
	slices.Sort(users)
	users = slices.DeleteFunc(slices.Compact(users), func(u id.ID) bool { return u == 0 })
	if len(users) == 0 {
		return map[id.ID]string{}, nil
	}
	return p.Names(ctx, users)
}

// events makes a timeline of records and revisions.
type events struct {
	one     *person.Person
	records []history.Record
	alive   []fact.Set // the facts of each record that none replaces
	state   history.State
	today   civil.Date
	names   map[id.ID]string
	links   bool
	all     []event
}

// event is an event with what it is ordered by.
type event struct {
	at civil.Instant
	ui.Event
}

func newEvents(one *person.Person, records []history.Record, today civil.Date, names map[id.ID]string) *events {
	return &events{one: one, records: records, alive: history.Surviving(records), state: history.Resolve(records, today, 0), today: today, names: names}
}

// record adds what was stated at one time.
func (e *events) record(i int) {
	rec := &e.records[i]
	ev := ui.Event{When: ui.Instant(rec.At), By: e.author(rec.By), Title: title(rec), Tone: ui.Info}
	ev.Details = e.facts(i)
	if rec.Facts.Stated != 0 {
		ev.Details = append(ev.Details, ui.Pair{Term: "有效期", Text: span(rec.From, rec.To)})
	}
	if rec.Evidence != "" {
		ev.Details = append(ev.Details, ui.Pair{Term: "依据", Text: rec.Evidence})
	}
	switch {
	case e.alive[i] == 0:
		ev.Tone = ui.Neutral
	case slices.Contains(e.state.Holders[:], rec.ID):
		ev.Tone = ui.Success
	}
	if e.links && e.alive[i] != 0 && rec.Source != history.Settled && rec.Source != history.Document {
		ev.Links = recordLinks(e.one.ID, rec.ID)
	}
	e.all = append(e.all, event{rec.At, ev})
}

// fewFacts are told one a line; more are told by what became of them.
const fewFacts = 4

// facts tells what a record states, each with what became of it.
func (e *events) facts(i int) []ui.Pair {
	rec := &e.records[i]
	held := rec.Facts.Held().IDs()
	var pairs []ui.Pair
	for _, f := range held {
		tag := e.standing(i, f)
		text := Value(&rec.Facts.Person, f)
		if rec.Facts.Withdrawn.Has(f) {
			text = ""
		}
		if len(held) <= fewFacts {
			pairs = append(pairs, ui.Pair{Term: f.Def().Label, Text: text, Tags: []ui.Tag{tag}})
			continue
		}
		text = strings.TrimSuffix(f.Def().Label+"："+text, "：")
		if at := slices.IndexFunc(pairs, func(p ui.Pair) bool { return p.Term == tag.Text }); at >= 0 {
			pairs[at].Text += "；" + text
		} else {
			pairs = append(pairs, ui.Pair{Term: tag.Text, Text: text})
		}
	}
	return pairs
}

// title tells who stated what in a line.
func title(rec *history.Record) string {
	verb := "："
	switch {
	case rec.Replaces != 0 && rec.Facts.Stated == 0:
		verb = "撤回："
	case rec.Replaces != 0:
		verb = "更正："
	}
	held := rec.Facts.Held().IDs()
	labels := make([]string, 0, 4)
	for _, f := range held[:min(3, len(held))] {
		labels = append(labels, f.Def().Label)
	}
	text := rec.Source.Label() + verb + strings.Join(labels, "、")
	if len(held) > 3 {
		text += "等 " + ui.Number(len(held)) + " 项"
	}
	return text
}

// standing marks a statement that holds today.
var standing = ui.Tag{Text: "现行", Tone: ui.Success}

// standing tells what became of a statement.
func (e *events) standing(i int, f fact.ID) ui.Tag {
	rec := &e.records[i]
	switch {
	case rec.Facts.Withdrawn.Has(f):
		return ui.Tag{Text: "撤回"}
	case !e.alive[i].Has(f):
		return ui.Tag{Text: "已被更正"}
	case e.state.Holders[f] == rec.ID:
		return standing
	case rec.From > e.today:
		return ui.Tag{Text: "尚未开始", Tone: ui.Info}
	case !rec.On(e.today):
		return ui.Tag{Text: "已结束"}
	case history.Same(&rec.Facts.Person, &e.state.Person, f):
		return ui.Tag{Text: "与现行一致"}
	case slices.Contains(e.state.Contradictions, history.Contradiction{Fact: f, Held: e.state.Holders[f], Claimed: rec.ID}):
		return ui.Tag{Text: "有争议", Tone: ui.Warning}
	default:
		return ui.Tag{Text: "未采用"}
	}
}

// revision adds a change of what identifies the person: what it was before, and what
// followed it.
func (e *events) revision(i int, all []person.Revision, one *person.Person) {
	before := &all[i]
	after := person.Revision{Name: one.Name, Number: one.MaskedNumber(), Document: one.Document, Details: one.Details, State: one.State, StateOn: one.StateOn}
	if i > 0 {
		after = all[i-1] // the newest stands first
	}
	ev := ui.Event{When: ui.Instant(before.At), By: e.author(before.By), Title: "修改档案", Text: before.Evidence, Tone: ui.Info}
	if before.State != after.State {
		ev.Title = "变更状态"
	}
	for _, c := range changes(revised(before), revised(&after)) {
		ev.Details = append(ev.Details, ui.Pair{Term: c.Label, Text: cmp.Or(c.Before, nothing) + " → " + cmp.Or(c.After, nothing)})
	}
	if len(ev.Details) == 0 { // what is masked looks alike
		ev.Details = []ui.Pair{{Term: "改动", Text: "证件号码或电话中遮住的部分，或者位置"}}
	}
	e.all = append(e.all, event{before.At, ev})
}

func (e *events) author(user id.ID) string {
	if user == 0 {
		return "系统"
	}
	if name := e.names[user]; name != "" {
		return name
	}
	return "用户 " + user.String()
}

// sorted returns the events, the newest first.
func (e *events) sorted() []ui.Event {
	slices.SortStableFunc(e.all, func(a, b event) int { return cmp.Compare(b.at, a.at) })
	out := make([]ui.Event, len(e.all))
	for i := range e.all {
		out[i] = e.all[i].Event
	}
	return out
}

// nothing stands for an empty text.
const nothing = "（空）"

// change is a line of what differs between two texts of a file.
type change struct{ Label, Before, After string }

// labelled is a text of a file under its label.
type labelled struct{ label, text string }

// changes returns the lines that differ.
func changes(before, after []labelled) []change {
	var all []change
	for i := range before {
		if before[i].text != after[i].text {
			all = append(all, change{before[i].label, before[i].text, after[i].text})
		}
	}
	return all
}

// revised are the texts of a revision that can be compared.
func revised(v *person.Revision) []labelled {
	var contacts []string
	for _, c := range v.Contacts {
		one := strings.Join(slices.DeleteFunc([]string{c.Name, c.Relation, c.Phone}, func(s string) bool { return s == "" }), " ")
		if c.Guardian {
			one += "（监护人）"
		}
		contacts = append(contacts, one)
	}
	return []labelled{
		{"姓名", v.Name},
		{"证件", v.Document.Label()},
		{"证件号码", v.Number},
		{"电话", strings.Join(v.Phones, "、")},
		{"住址", v.Address},
		{"民族", v.Ethnic},
		{"婚姻", marital(v.Marital)},
		{"户号", v.Household},
		{"与户主关系", v.HouseholdRole},
		{"联系人", strings.Join(contacts, "；")},
		{"备注", v.Note},
		{"状态", v.State.Label()},
		{"状态从哪一天起", v.StateOn.String()},
	}
}

// knownPage shows what held on a day, as known at a moment, beside what is known of
// that day now.
type knownPage struct {
	ui.Frame
	Tabs      ui.Tabs
	Form      ui.SearchBar
	Faults    ui.ErrorSummary
	Text      string
	Then, Now string // headings
	Rows      []knownRow
	Different int
}

// knownRow is a fact then and now.
type knownRow struct {
	Label      string
	Then, Now  string // empty: unknown
	ThenSource string
	NowSource  string
	Different  bool
}

func (p *Pages) known(r *web.Request) (web.Response, error) {
	one, records, err := p.open(r)
	if err != nil {
		return nil, err
	}
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	today := p.People.Today()
	on, known := in.date("on", "日期", false), in.date("known", "日期", false)
	if known > today {
		in.faults.Add("known", "这一天还没有到，今天是 %s", today)
	}
	page := &knownPage{Frame: p.frame(r, one), Tabs: Tabs(r, one, "/known")}
	page.Form = ui.SearchBar{Action: link(one.ID, "/known"), Submit: "查看", Fields: []ui.Field{
		{Name: "on", Label: "哪一天的情况", Kind: ui.KindDate, Value: cmp.Or(in.Get("on"), today.String()), Width: "m"},
		{Name: "known", Label: "当时指截至哪一天已登记的", Kind: ui.KindDate, Value: cmp.Or(in.Get("known"), today.String()), Max: today.String(), Width: "m"},
	}}
	if err := in.faults.Err(); err != nil {
		form := ui.Form{Sections: []ui.Section{{Fields: page.Form.Fields}}}
		form.Fail(err)
		page.Faults, page.Status = form.Summary(), errs.Invalid.Status()
		return web.Page("person/known", page), nil
	}
	if on == 0 {
		on = today
	}
	if known == 0 {
		known = today
	}
	page.Then = "截至 " + known.String() + " 所知"
	page.Now = "现在所知"
	then, now := history.Resolve(records, on, endOf(known)), history.Resolve(records, on, 0)
	page.compare(&then, &now, records)
	page.Text = on.String() + " 的情况：" + page.difference()
	return web.Page("person/known", page), nil
}

func (k *knownPage) difference() string {
	if k.Different == 0 {
		return "当时所知与现在所知一致。"
	}
	return "当时所知与现在所知有 " + ui.Number(k.Different) + " 项不同。"
}

// compare fills the rows; facts that were known neither then nor now are left out.
func (k *knownPage) compare(then, now *history.State, records []history.Record) {
	side := func(s *history.State, f fact.ID) (text, source string) {
		rec := find(records, s.Holders[f])
		if rec == nil {
			return "", ""
		}
		return Value(&s.Person, f), rec.Source.Label() + "，" + span(rec.From, rec.To)
	}
	for f := range fact.Count {
		row := knownRow{Label: f.Def().Label}
		row.Then, row.ThenSource = side(then, f)
		row.Now, row.NowSource = side(now, f)
		if row.Then == "" && row.Now == "" {
			continue
		}
		row.Different = !history.Same(&then.Person, &now.Person, f)
		if row.Different {
			k.Different++
		}
		k.Rows = append(k.Rows, row)
	}
}

// beijing is the time of the whole country.
var beijing = time.FixedZone("北京时间", 8*60*60)

// endOf returns the last moment of a day by the clocks of the country.
func endOf(d civil.Date) civil.Instant {
	y, m, day := d.Date()
	return civil.At(time.Date(y, m, day+1, 0, 0, 0, 0, beijing)) - 1
}
