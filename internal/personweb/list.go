package personweb

import (
	"cmp"
	"errors"
	"maps"
	"net/url"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

const (
	perPage = 20
	// countUpTo is how far people are counted: a list of more is narrowed, not read.
	countUpTo = 1_000
)

// listPage is the register: one search box, conditions, and who answers to them.
type listPage struct {
	ui.Frame
	Search  searchBox
	Chosen  []condition // conditions in force that the first line does not show
	Filters []filterLink
	Keep    ui.Form
	Columns columnChoice // with fields where it is asked for
	Table   ui.Table
}

// searchBox is the form above the list. It is posted, because what is typed into it
// may be an identity number.
type searchBox struct {
	Faults ui.ErrorSummary
	Fields []ui.Field // always seen
	Toggle ui.Link    // shows or hides the others
	More   []ui.Field // region and age
	Groups []factGroup
	Hidden []ui.Hidden
}

// factGroup is the conditions on facts of one department.
type factGroup struct {
	Department string
	Fields     []ui.Field
	Open       bool
}

// condition is a condition in force, with the address of the list without it.
type condition struct{ Text, Without string }

// filterLink is a kept search.
type filterLink struct {
	Name, Href string
	Forget     ui.Action
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	page, err := p.listPage(r, r.URL.Query(), nil)
	if err != nil {
		return nil, err
	}
	return web.Page("person/list", page), nil
}

// listPage builds the list for the parameters of an address. A fault of what was
// typed is shown above an unchanged list.
func (p *Pages) listPage(r *web.Request, v url.Values, fault error) (*listPage, error) {
	q, wrong := person.ParseQuery(v)
	page := &listPage{Frame: ui.Frame{Title: "老年人档案"}, Columns: columnsOf(v), Chosen: conditions(q)}
	if wrong != nil {
		v.Set("open", openMore) // for the faults to have their places
	}
	page.Search = p.searchBox(r, q, v, page.Columns)
	page.Actions = listActions(r, q)
	if fault != nil || wrong != nil {
		page.fail(errors.Join(wrong, fault))
	}
	page.Table = ui.Table{Empty: ui.EmptyState{
		Icon: "search", Title: "查询条件有误", Text: "按上面的提示修改后再查询。", Action: ui.Action{Text: "清空条件", Href: "/persons"},
	}}
	var err error
	if wrong == nil {
		err = p.fill(r, q, page)
	}
	return page, err
}

// fill puts in who answers to the query, and what can be done with it.
func (p *Pages) fill(r *web.Request, q person.Query, page *listPage) (err error) {
	if page.Filters, err = p.filterLinks(r); err != nil {
		return err
	}
	page.Columns.offer(q, r.URL.Query().Get("open") == openColumns)
	kept := page.Columns.query(q)
	for _, key := range []string{"name", "initials", "number", "phone"} {
		kept.Del(key) // what is kept are conditions, not somebody
	}
	page.Keep = keepForm(kept.Encode(), "")
	page.Table, err = p.table(r, q, page.Columns)
	return err
}

// fail shows what is wrong: of a field beside it, of anything else above the form.
func (l *listPage) fail(err error) {
	form := ui.Form{Sections: []ui.Section{{Fields: l.Search.Fields}, {Fields: l.Search.More}}}
	form.Fail(err)
	l.Search.Faults = form.Summary()
	l.Status = errs.KindOf(err).Status()
}

// listActions are the ways on from the list. What is exported is what is listed.
func listActions(r *web.Request, q person.Query) []ui.Action {
	var actions []ui.Action
	if r.Actor.Can(access.PersonImport) {
		actions = append(actions, ui.Action{Text: "导入", Href: "/imports/new", Icon: "file-import"})
	}
	if r.Actor.Can(access.PersonExport) {
		actions = append(actions, ui.Action{
			Text: "导出", Href: "/exports", Icon: "file-export", Post: true, Hidden: []ui.Hidden{{Name: "query", Value: q.Values().Encode()}},
		})
	}
	if r.Actor.Can(access.PersonWrite) {
		actions = append(actions, ui.Action{Text: "新建档案", Href: "/persons/new", Icon: "plus", Primary: true})
	}
	return actions
}

// table reads one page of people.
func (p *Pages) table(r *web.Request, q person.Query, c columnChoice) (ui.Table, error) {
	ctx, scope := r.Context(), r.Scope(access.PersonRead)
	q.Limit = perPage
	found, err := p.People.List(ctx, scope, q)
	if err != nil {
		return ui.Table{}, err
	}
	here := c.query(q)
	t := ui.Table{Caption: "老年人档案", Columns: c.headings(q), Empty: nobody(r, q)}
	today := p.People.Today()
	for i := range found.People {
		one := &found.People[i]
		t.Rows = append(t.Rows, ui.Row{ID: "p" + one.ID.String(), Cells: c.cells(one, today)})
	}
	t.Pager, err = p.pager(r, q, here, found)
	return t, err
}

// pager turns pages and says how many people there are.
func (p *Pages) pager(r *web.Request, q person.Query, here url.Values, found person.Page) (ui.Pager, error) {
	var pager ui.Pager
	if found.Prev != "" {
		pager.Previous = address(here, "before", found.Prev)
	}
	if found.Next != "" {
		pager.Next = address(here, "after", found.Next)
	}
	n, exact := len(found.People), true
	if pager.Previous != "" || pager.Next != "" {
		var err error
		if n, exact, err = p.People.Count(r.Context(), r.Scope(access.PersonRead), q, countUpTo); err != nil {
			return pager, err
		}
	}
	switch {
	case n == 0:
	case exact:
		pager.Text = "共 " + ui.Number(n) + " 人"
	default:
		pager.Text = "多于 " + ui.Number(n) + " 人，可加条件缩小范围"
	}
	return pager, nil
}

// nobody says why a list is empty and what to do.
func nobody(r *web.Request, q person.Query) ui.EmptyState {
	bare := len(q.Values()) == 0 && q.After == "" && q.Before == ""
	empty := ui.EmptyState{
		Icon: "user-search", Title: "没有找到符合条件的老年人",
		Text: "检查姓名和号码有没有写错，或者减少一个条件；右上角选择的区域以外不会查。",
	}
	switch {
	case bare && r.Actor.Can(access.PersonImport):
		empty.Title, empty.Text = "这个区域还没有老年人档案", "可以导入已有的名册，也可以逐个新建。"
		empty.Action = ui.Action{Text: "导入名册", Href: "/imports/new", Icon: "file-import", Primary: true}
	case bare:
		empty.Title, empty.Text = "这个区域还没有在册的老年人", "名册由有导入权限的工作人员导入。"
	case !q.AnyState:
		empty.Text = "现在只查了" + cmp.Or(q.State, person.Alive).Label() + "的档案。检查姓名和号码有没有写错，或者不限状态再查一次。"
		q.AnyState, q.State = true, ""
		empty.Action = ui.Action{Text: "不限状态再查", Href: address(q.Values()), Icon: "search"}
	case r.Actor.Can(access.PersonWrite):
		empty.Action = ui.Action{Text: "新建档案", Href: "/persons/new", Icon: "plus"}
	}
	return empty
}

// search makes an address of what was typed and chosen.
func (p *Pages) search(r *web.Request) (web.Response, error) {
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	v := in.searched()
	if text := in.Get("q"); text != "" {
		found, err := p.People.Find(r.Context(), r.Scope(access.PersonRead), text)
		if errs.Is(err, errs.Invalid) {
			page, again := p.listPage(r, v, atBox(err))
			if again != nil {
				return nil, again
			}
			page.Search.Fields[0].Value = text
			return web.Page("person/list", page), nil
		}
		if err != nil {
			return nil, err
		}
		for _, key := range []string{"name", "initials", "number", "phone"} {
			v.Del(key)
		}
		maps.Copy(v, found.Values())
	}
	return web.Redirect(address(v)), nil
}

// searched returns the conditions of the form as parameters of an address.
func (in *input) searched() url.Values {
	v := url.Values{}
	keys := []string{"state", "sort", "cols", "age_from", "age_to"}
	for _, f := range everyFact {
		keys = append(keys, f.String())
	}
	for _, key := range keys {
		for _, text := range in.Values[key] {
			if text != "" {
				v.Add(key, text)
			}
		}
	}
	if c := ui.DeepestRegion(in.Values["region"]); c != "" {
		v.Set("region", string(c))
	}
	// Without a new search the one before stays: its number is no longer known.
	for _, key := range []string{"number", "phone"} {
		if in.Get(key) != "" {
			v.Set(key, in.Get(key))
		}
	}
	return v
}

// atBox puts the faults of what was typed at the search box.
func atBox(err error) error {
	return &errs.Error{Kind: errs.Invalid, Message: errs.Message(err), Fields: []errs.Field{{Name: "q", Message: firstFault(err)}}}
}

func firstFault(err error) string {
	if faults := errs.FieldsOf(err); len(faults) > 0 {
		return faults[0].Message
	}
	return errs.Message(err)
}

// filterLinks lists the searches that the user keeps.
func (p *Pages) filterLinks(r *web.Request) ([]filterLink, error) {
	kept, err := p.Filters.Of(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	links := make([]filterLink, len(kept))
	for i, f := range kept {
		links[i] = filterLink{Name: f.Name, Href: "/persons", Forget: ui.Action{
			Text: "删除", Href: "/filters/" + f.ID.String() + "/delete", Post: true, Confirm: "删除常用查询“" + f.Name + "”吗？",
		}}
		if f.Query != "" {
			links[i].Href += "?" + f.Query
		}
	}
	return links, nil
}

// keepForm asks for the name under which the conditions are kept.
func keepForm(query, name string) ui.Form {
	f := ui.Simple("/filters", "保存", ui.Field{
		Name: "filter_name", Label: "把现在的条件存为常用查询", Value: name, Placeholder: "如：独居高龄", MaxLength: 30, Autocomplete: "off",
		Hint: "同名的会被替换；只有您自己看得到。",
	})
	f.Hidden = []ui.Hidden{{Name: "query", Value: query}}
	return f
}

func (p *Pages) keepFilter(r *web.Request) (web.Response, error) {
	v, err := url.ParseQuery(r.Value("query"))
	if err != nil {
		v = url.Values{}
	}
	name := r.Value("filter_name")
	if err := p.Filters.Keep(r.Context(), r.Actor, name, v.Encode()); err != nil {
		page := &formPage{Frame: ui.Frame{Title: "保存常用查询", Narrow: true, Crumbs: []ui.Crumb{{Text: "老年人档案", Href: "/persons"}}}, Form: keepForm(v.Encode(), name)}
		page.Form.Cancel = ui.Link{Href: address(v)}
		return web.Again("person/form", page, &page.Form, atField("filter_name", err))
	}
	return web.Redirect(address(v), web.Done("已保存常用查询“%s”。", name)), nil
}

// atField puts the faults of a form with one field there; other errors stay as they are.
func atField(name string, err error) error {
	if errs.KindOf(err) != errs.Invalid {
		return err
	}
	return &errs.Error{Kind: errs.KindOf(err), Message: errs.Message(err), Fields: []errs.Field{{Name: name, Message: firstFault(err)}}}
}

func (p *Pages) dropFilter(r *web.Request) (web.Response, error) {
	filter, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := p.Filters.Drop(r.Context(), r.Actor, filter); err != nil {
		return nil, err
	}
	return web.Redirect(r.Back("/persons"), web.Done("已删除常用查询。")), nil
}

// address is that of the list with parameters, some of them set anew.
func address(v url.Values, pairs ...string) string {
	v = maps.Clone(v)
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	if len(v) == 0 {
		return "/persons"
	}
	return "/persons?" + v.Encode()
}
