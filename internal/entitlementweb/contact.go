package entitlementweb

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/ui"
	"yian/internal/web"
)

// contactPage is what to tell somebody, or to ask him, and what came of it.
type contactPage struct {
	ui.Frame
	Note     ui.Note
	Who      ui.Details
	What     ui.Details
	Clause   string
	ClauseAt string
	Passage  ui.Link
	Letters  []letter
	Timeline ui.Timeline
	Form     ui.Form
}

func contactAddress(who id.ID, occasion outreach.Occasion, item string) string {
	return "/entitlements/contact?" + url.Values{"person": {who.String()}, "on": {string(occasion)}, "item": {item}}.Encode()
}

// subject is whom and what a contact is about.
type subject struct {
	one      *person.Person
	matter   outreach.Matter
	what     ui.Details // how it stands; nothing: it is so no longer
	gets     string     // what is granted, or what becomes of it, in words
	concerns string     // of a missing fact: the items that it could decide
	ruling   *policy.Ruling
	contact  *outreach.Contact
	notes    []outreach.Note
}

// item is the item as the list says it; nil of a missing fact, or where the list has none.
func (s *subject) item() *pack.Item {
	if s.ruling == nil || s.matter.Occasion == outreach.Missing {
		return nil
	}
	return s.ruling.Item(s.matter.Item)
}

// subject reads what the address or the form names. That a matter is so, and since when,
// is asked of the results, not of the form.
func (p *Pages) subject(r *web.Request) (*subject, error) {
	who, err := id.Parse(r.Value("person"))
	if err != nil {
		return nil, web.NotFound()
	}
	scope := r.Actor.Scope(access.EntitlementReach)
	s := &subject{matter: outreach.Matter{Person: who, Occasion: outreach.Occasion(r.Value("on")), Item: r.Value("item")}}
	if s.one, err = p.People.Show(r.Context(), r.Actor, who, "服务找人，联系本人或家属"); err != nil {
		return nil, err
	}
	if !scope.Contains(s.one.Region) || !s.matter.Occasion.Known() || s.matter.Item == "" {
		return nil, web.NotFound()
	}
	book, err := p.Lists.Book(r.Context(), p.Results.Today())
	if err != nil {
		return nil, err
	}
	s.ruling = book.For(s.one.Region)
	if err := p.stands(r.Context(), scope, s); err != nil {
		return nil, err
	}
	if s.contact, s.notes, err = p.Work.Get(r.Context(), scope, s.matter); err != nil {
		return nil, err
	}
	if len(s.what.Pairs) == 0 {
		if s.contact.Version == 0 {
			return nil, errs.New(errs.NotFound, "这位老人现在没有这件要联系的事，可能信息刚刚变了。请回到工作清单重新查看。")
		}
		s.matter.On = s.contact.On
	}
	return s, nil
}

func (p *Pages) contact(r *web.Request) (web.Response, error) {
	s, err := p.subject(r)
	if err != nil {
		return nil, err
	}
	page, err := p.contactPage(r, s, url.Values{})
	if err != nil {
		return nil, err
	}
	return web.Page("entitlement/contact", page), nil
}

func (p *Pages) contactPage(r *web.Request, s *subject, v url.Values) (*contactPage, error) {
	page := &contactPage{
		Frame: ui.Frame{
			Title: s.one.Name + "：" + s.name(), Tags: []ui.Tag{stateTag(s.contact.State)}, Narrow: true,
			Crumbs:  []ui.Crumb{{Text: "工作清单", Href: "/entitlements"}, {Text: s.matter.Occasion.Label(), Href: usual(s.matter.Occasion).address()}},
			Actions: []ui.Action{{Text: "通知消息", Href: "/persons/" + s.one.ID.String() + "/messages", Icon: "mail"}},
		},
		Who: p.whoOf(r, s), What: s.what,
	}
	if len(s.what.Pairs) == 0 {
		page.Note = ui.Note{Tone: ui.Info, Title: "这件事已经不再成立", Text: "信息或清单有变，不用再联系了；下面是办过的记录。"}
	}
	if it := s.item(); it != nil {
		page.Clause, page.ClauseAt = it.Clause.Text, it.Clause.Place
		if p.Passage != nil {
			page.Passage = ui.Link{Text: "看公开的清单", Href: p.Passage(s.ruling.Source.Region, s.matter.Item), Icon: "external-link"}
		}
	}
	var err error
	if page.Timeline, err = p.timeline(r.Context(), s.notes); err != nil {
		return nil, err
	}
	if page.Letters, err = p.letters(r, s); err != nil {
		return nil, err
	}
	page.Form = s.form(v, p.Results.Today())
	return page, nil
}

// form asks what came of the contact.
func (s *subject) form(v url.Values, today civil.Date) ui.Form {
	outcomes := s.matter.Occasion.Outcomes()
	label, submit := "联系结果", "登记"
	if s.contact.State.Closed() {
		outcomes, label, submit = []outreach.State{outreach.Open}, "重新联系", "重新打开"
	}
	result := ui.Field{Name: "state", Label: label, Kind: ui.KindRadio, Required: true, Value: v.Get("state")}
	for _, one := range outcomes {
		result.Options = append(result.Options, ui.Option{Value: string(one), Label: s.outcomeLabel(one), Hint: outcomeHint(s.matter.Occasion, one)})
	}
	if len(outcomes) == 1 {
		result.Value = string(outcomes[0])
	}
	f := ui.Simple("/entitlements/contact", submit, result,
		ui.Field{Name: "text", Label: "说明", Kind: ui.KindTextarea, Rows: 3, Value: v.Get("text"), MaxLength: 200, Hint: "怎样联系的、说了什么；本人不要的，写明原因。"},
	)
	if !s.contact.State.Closed() {
		f.Sections[0].Fields = append(f.Sections[0].Fields, ui.Field{Name: "due", Label: "下次联系的日期", Kind: ui.KindDate, Value: v.Get("due"), Min: today.String(), Width: "m", Hint: "没有约好就不填。"})
	}
	f.Hidden = append(s.hidden(), ui.Hidden{Name: "version", Value: strconv.FormatInt(s.contact.Version, 10)})
	f.Cancel = ui.Link{Text: "返回工作清单", Href: usual(s.matter.Occasion).address()}
	return f
}

// hidden names the matter in a form.
func (s *subject) hidden() []ui.Hidden {
	return []ui.Hidden{
		{Name: "person", Value: s.one.ID.String()},
		{Name: "on", Value: string(s.matter.Occasion)},
		{Name: "item", Value: s.matter.Item},
	}
}

func (s *subject) outcomeLabel(state outreach.State) string {
	switch {
	case state == outreach.Open:
		return "还要再联系"
	case state == outreach.Done && s.matter.Occasion == outreach.Missing:
		return "已问清并登记"
	case state == outreach.Declined && s.matter.Occasion == outreach.Missing:
		return "不愿提供"
	}
	return state.Label()
}

func outcomeHint(o outreach.Occasion, state outreach.State) string {
	switch state {
	case outreach.Reached:
		return "已告诉本人或家属"
	case outreach.Applies:
		return "本人愿意，已提出或正在准备申请"
	case outreach.Declined:
		return "须写明原因"
	case outreach.Unreachable:
		return "电话不通、上门没有人"
	case outreach.Done:
		if o == outreach.Newly {
			return "已享受，或不用再办"
		}
	}
	return ""
}

// record notes what came of a contact.
func (p *Pages) record(r *web.Request) (web.Response, error) {
	s, err := p.subject(r)
	if err != nil {
		return nil, err
	}
	seen, err := strconv.ParseInt(r.Value("version"), 10, 64)
	if err != nil {
		seen = -1 // stale against every version there is
	}
	st := outreach.Step{State: outreach.State(r.Value("state")), Text: r.Value("text")}
	var faults errs.Fields
	if text := r.Value("due"); text != "" {
		if st.Due, err = civil.Parse(text); err != nil {
			faults.Add("due", "日期请按“年-月-日”填写")
		}
	}
	if err = faults.Err(); err == nil {
		_, err = p.Work.Record(r.Context(), r.Actor, s.matter, seen, st)
	}
	if err != nil {
		page, wrong := p.contactPage(r, s, r.PostForm)
		if wrong != nil {
			return nil, wrong
		}
		return web.Again("entitlement/contact", page, &page.Form, err)
	}
	return web.Redirect(usual(s.matter.Occasion).address(), ui.Toast{
		Tone: ui.Success, Text: s.one.Name + "：" + s.outcomeLabel(st.State) + "，已登记。",
		Link: ui.Link{Text: "再看一眼", Href: contactAddress(s.one.ID, s.matter.Occasion, s.matter.Item)},
	}), nil
}

// name is what the contact is about.
func (s *subject) name() string {
	if s.matter.Occasion == outreach.Missing {
		if f, ok := fact.ByName(s.matter.Item); ok {
			return "缺少" + f.Def().Label
		}
	}
	if it := s.item(); it != nil {
		return it.Name
	}
	return s.matter.Item
}

// whoOf tells whom to call.
func (p *Pages) whoOf(r *web.Request, s *subject) ui.Details {
	one := s.one
	var unmask ui.Action
	if may(r, access.PersonUnmask, one.Region) {
		unmask = ui.Action{Text: "查看完整", Href: "/persons/" + one.ID.String() + "/unmask", Icon: "eye"}
	}
	d := ui.Details{Pairs: []ui.Pair{{Term: "老人", Text: one.Name, Href: address(one, ""), Note: whoIs(one, p.Results.Today())}}}
	phones := ui.Pair{Term: "电话", Text: strings.Join(one.Phones, "、")}
	if phones.Text != "" {
		phones.Action = unmask
	}
	d.Pairs = append(d.Pairs, phones)
	for _, c := range one.Contacts {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "联系人" + noted(c.Relation), Text: strings.TrimSpace(c.Name + " " + c.Phone)})
	}
	d.Pairs = append(d.Pairs, ui.Pair{Term: "住址", Text: one.Address})
	return d
}

// timeline tells what was done, the latest first.
func (p *Pages) timeline(ctx context.Context, notes []outreach.Note) (ui.Timeline, error) {
	var t ui.Timeline
	var users []id.ID
	for i := range notes {
		users = append(users, notes[i].By, notes[i].Assignee)
	}
	slices.Sort(users)
	users = slices.DeleteFunc(slices.Compact(users), func(u id.ID) bool { return u == 0 })
	names := map[id.ID]string{}
	if len(users) > 0 {
		var err error
		if names, err = p.Names(ctx, users); err != nil {
			return t, err
		}
	}
	for i := range slices.Backward(notes) {
		n := &notes[i]
		e := ui.Event{When: ui.Instant(n.At), By: names[n.By], Title: n.State.Label(), Text: n.Text, Tone: stateTag(n.State).Tone}
		if n.State == outreach.Assigned {
			e.Title = "分给" + names[n.Assignee]
		}
		if n.Due != 0 {
			e.Details = []ui.Pair{{Term: "期限", Text: n.Due.String()}}
		}
		t.Events = append(t.Events, e)
	}
	return t, nil
}
