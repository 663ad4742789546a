package personweb

import (
	"fmt"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

// showPage is the file of a person: what is known of him now.
type showPage struct {
	ui.Frame
	Tabs     ui.Tabs
	Notes    []ui.Note
	Photo    string // address; empty: there is none
	Identity ui.Details
	Home     ui.Details
	Contacts []contactBox
	Groups   []factRows
	Remark   string
	CanWrite bool
	PhotoNew string
}

// contactBox is somebody to call.
type contactBox struct {
	Name, Relation, Phone string
	Guardian              bool
}

// factRows is the current facts for which a department answers.
type factRows struct {
	Department string
	Rows       []factRow
}

// factRow is a fact with where it comes from.
type factRow struct {
	Label, Value string // no value: nobody has recorded one
	Source       string // and since when
	Tags         []ui.Tag
	Link         ui.Link
}

func (p *Pages) show(r *web.Request) (web.Response, error) {
	person, records, err := p.open(r)
	if err != nil {
		return nil, err
	}
	page := &showPage{Frame: p.frame(r, person), Tabs: Tabs(r, person, "")}
	if page.Notes, err = p.notes(r, person, records); err != nil {
		return nil, err
	}
	if person.Photo {
		page.Photo = link(person.ID, "/photo")
	}
	if may(r, access.PersonWrite, person) {
		page.CanWrite, page.PhotoNew = true, link(person.ID, "/photo/new")
	}
	page.Identity = identity(r, person)
	page.Home = home(r, person)
	page.Remark = person.Note
	for _, c := range person.Contacts {
		page.Contacts = append(page.Contacts, contactBox(c))
	}
	page.Groups = currentFacts(r, person, records, p.People.Today())
	return web.Page("person/show", page), nil
}

// open reads the file that the path names and all that was stated about the person.
func (p *Pages) open(r *web.Request) (*person.Person, []history.Record, error) {
	person, err := r.ID("id")
	if err != nil {
		return nil, nil, err
	}
	return p.People.ShowAll(r.Context(), r.Actor, person)
}

// read reads the file that the path names.
func (p *Pages) read(r *web.Request) (*person.Person, error) {
	person, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.People.Show(r.Context(), r.Actor, person, "")
}

// inFile lets h change the file that the path names. In one that was merged into another
// nothing can be saved any more: the user is led to the file that was kept.
func (p *Pages) inFile(h func(*web.Request, *person.Person) (web.Response, error)) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		one, err := p.read(r)
		if err != nil {
			return nil, err
		}
		if one.State == person.Merged {
			return web.Redirect(link(one.MergedInto, ""), ui.Toast{Tone: ui.Warning, Text: "那份档案已并入另一份，没有改动。这里是保留的档案，请在这里办理。"}), nil
		}
		return h(r, one)
	}
}

// may reports whether the user may do something where the person is served.
func may(r *web.Request, p access.Permission, one *person.Person) bool {
	return r.Actor.Scope(p).Contains(one.Region)
}

// frame is the head of the pages about one person.
func (p *Pages) frame(r *web.Request, one *person.Person) ui.Frame {
	return Frame(r, one, p.People.Today())
}

// Frame is the head of the pages about one person, those of other modules too.
func Frame(r *web.Request, one *person.Person, today civil.Date) ui.Frame {
	f := ui.Frame{
		Title: one.Name, Lead: summary(one, today), Tags: []ui.Tag{stateTag(one.State)},
		Crumbs: []ui.Crumb{{Text: "老年人档案", Href: "/persons"}},
	}
	if one.State == person.Merged {
		return f // nothing is recorded in a file that is gone
	}
	if may(r, access.PersonWrite, one) {
		f.Actions = append(f.Actions,
			ui.Action{Text: "变更状态", Href: link(one.ID, "/state"), Icon: "flag"},
			ui.Action{Text: "修改档案", Href: link(one.ID, "/edit"), Icon: "pencil"})
	}
	if may(r, access.FactRecord, one) {
		f.Actions = append(f.Actions, ui.Action{Text: "登记信息", Href: link(one.ID, "/facts/new"), Icon: "plus", Primary: true})
	}
	return f
}

// Tabs are the pages about one person that the user may see, those of other modules
// too; below names the one that is shown.
func Tabs(r *web.Request, one *person.Person, below string) ui.Tabs {
	t := ui.Tabs{Label: one.Name + "的档案"}
	for _, x := range []struct {
		text, below string
		needs       access.Permission
	}{
		{"概况", "", access.PersonRead},
		{"待遇", "/entitlements", access.EntitlementRead},
		{"历史", "/history", access.PersonRead},
		{"当时所知", "/known", access.PersonRead},
	} {
		if may(r, x.needs, one) {
			t.Items = append(t.Items, ui.Tab{Text: x.text, Href: link(one.ID, x.below), Active: x.below == below})
		}
	}
	return t
}

// notes tells what to know before anything else: that the file is closed, that
// sources contradict each other, that there may be a second file.
func (p *Pages) notes(r *web.Request, one *person.Person, records []history.Record) ([]ui.Note, error) {
	notes := stateNotes(one)
	if one.State == person.Merged {
		return notes, nil // what is to be done is to be done in the other file
	}
	scope := r.Actor.Scope(access.PersonRead)
	conflicts, err := p.People.ConflictsOf(r.Context(), scope, one.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range conflicts {
		n := ui.Note{Tone: ui.Warning, Title: c.Fact.Def().Label + "有争议", Text: claim(c.Fact, &c.Held) + "；" + claim(c.Fact, &c.Claimed) + "。核定之前以前者为准。"}
		if may(r, access.FactSettle, one) {
			n.Link = ui.Link{Text: "去核定", Href: "/conflicts/" + c.ID.String()}
		}
		notes = append(notes, n)
	}
	pairs, err := p.Pairs(r.Context(), scope, one.ID)
	if err != nil {
		return nil, err
	}
	if len(pairs) > 0 {
		n := ui.Note{Tone: ui.Warning, Title: "可能有两份档案", Text: fmt.Sprintf("另有 %d 份档案可能是同一个人，请核对。", len(pairs))}
		if may(r, access.PersonMerge, one) {
			n.Link = ui.Link{Text: "去核对", Href: "/duplicates/" + pairs[0].String()}
		}
		notes = append(notes, n)
	}
	if len(records) == 0 {
		notes = append(notes, ui.Note{Tone: ui.Info, Text: "还没有登记过任何信息。"})
	}
	return notes, nil
}

func stateNotes(one *person.Person) []ui.Note {
	said := ""
	if one.StateOn != 0 {
		said = one.StateOn.String()
	}
	if label := one.StateSource.Label(); label != "" {
		said = strings.TrimPrefix(said+"，来源："+label, "，")
	}
	switch one.State {
	case person.Deceased:
		return []ui.Note{{Tone: ui.Neutral, Title: "已去世", Text: said}}
	case person.Moved:
		return []ui.Note{{Tone: ui.Warning, Title: "已迁出", Text: said}}
	case person.Merged:
		return []ui.Note{{
			Tone: ui.Warning, Title: "这份档案已并入另一份", Text: "合并可以撤销。",
			Link: ui.Link{Text: "打开保留的档案", Href: link(one.MergedInto, "")},
		}}
	}
	return nil
}

// claim tells what a record says of a fact: who, what, since when.
func claim(f fact.ID, rec *history.Record) string {
	return fmt.Sprintf("%s：%s（%s）", rec.Source.Label(), Value(&rec.Facts.Person, f), span(rec.From, rec.To))
}

// identity is what identifies the person.
func identity(r *web.Request, one *person.Person) ui.Details {
	var unmask ui.Action
	if may(r, access.PersonUnmask, one) {
		unmask = ui.Action{Text: "查看完整", Href: link(one.ID, "/unmask"), Icon: "eye"}
	}
	number := ui.Pair{Term: "证件号码", Text: one.MaskedNumber()}
	if number.Text != "" {
		number.Action = unmask
	}
	return ui.Details{Pairs: []ui.Pair{
		{Term: "姓名", Text: one.Name},
		{Term: "证件", Text: one.Document.Label()},
		number,
		{Term: "电话", Text: strings.Join(one.Phones, "、")},
		{Term: "民族", Text: one.Ethnic},
		{Term: "婚姻", Text: marital(one.Marital)},
	}}
}

// home is where the person lives and with whom.
func home(_ *web.Request, one *person.Person) ui.Details {
	d := ui.Details{Pairs: []ui.Pair{
		{Term: "服务地区", Text: Place(one.Region)},
		{Term: "住址", Text: one.Address},
		{Term: "户号", Text: one.Household},
		{Term: "与户主关系", Text: one.HouseholdRole},
	}}
	if one.Lon != nil && one.Lat != nil {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "位置", Text: fmt.Sprintf("东经 %s，北纬 %s", degrees(one.Lon), degrees(one.Lat))})
	}
	return d
}

func marital(code string) string {
	for _, m := range person.Maritals {
		if m.Code == code {
			return m.Label
		}
	}
	return code
}

// currentFacts lists what holds today, by department, with the record it comes from.
func currentFacts(r *web.Request, one *person.Person, records []history.Record, today civil.Date) []factRows {
	state := history.Resolve(records, today, 0)
	canRecord := may(r, access.FactRecord, one) && one.State != person.Merged
	contradicted := state.Contradicted()
	all := make([]factRows, len(groups))
	for i, g := range groups {
		all[i].Department = g.Department
		for _, f := range g.Facts {
			row := factRow{Label: f.Def().Label}
			if rec := find(records, state.Holders[f]); rec != nil {
				row.Value, row.Source = short(&state.Person, f), rec.Source.Label()+"，"+span(rec.From, rec.To)
				if canRecord && rec.Source != history.Document {
					row.Link = recordLinks(one.ID, rec.ID)[0]
				}
			} else if canRecord {
				row.Link = ui.Link{Text: "登记", Href: link(one.ID, "/facts/new?fact="+f.String())}
			}
			if contradicted.Has(f) {
				row.Tags = []ui.Tag{{Text: "有争议", Tone: ui.Warning}}
			}
			all[i].Rows = append(all[i].Rows, row)
		}
	}
	return all
}

// short is a value where there is little room.
func short(p *fact.Person, f fact.ID) string {
	if f == fact.Hukou || f == fact.Residence {
		return near(p.Region(f))
	}
	return Value(p, f)
}

// find returns the record with a number, or nil.
func find(records []history.Record, wanted id.ID) *history.Record {
	i := slices.IndexFunc(records, func(rec history.Record) bool { return rec.ID == wanted })
	if i < 0 {
		return nil
	}
	return &records[i]
}

// recordLinks are what can be done with a record.
func recordLinks(one, rec id.ID) []ui.Link {
	at := link(one, "/records/"+rec.String())
	return []ui.Link{{Text: "更正", Href: at + "/correct"}, {Text: "结束", Href: at + "/end"}, {Text: "撤回", Href: at + "/withdraw"}}
}
