package personweb

import (
	"net/url"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

// everyFact lists the facts in the order of departments, as forms have them.
var everyFact = func() []fact.ID {
	var all []fact.ID
	for _, g := range groups {
		all = append(all, g.Facts...)
	}
	return all
}()

// recordPage is the form of a statement: who says it, of which days, and any facts.
func (p *Pages) recordPage(r *web.Request, one *person.Person, v url.Values) *formPage {
	page := &formPage{
		Frame: ui.Frame{Title: "登记信息", Lead: one.Name + " · " + summary(one, p.People.Today()), Crumbs: crumbs(one)},
		Form:  ui.Form{Action: link(one.ID, "/facts/new"), Submit: "登记", Cancel: ui.Link{Href: link(one.ID, "")}},
	}
	page.Form.Sections = []ui.Section{said("谁说的、什么时候的", v)}
	for _, g := range groups {
		s := ui.Section{Title: g.Department + "的信息", Columns: true}
		for _, f := range g.Facts {
			s.Fields = append(s.Fields, p.factField(f, v, "现在："+Value(&one.Facts, f))...)
		}
		page.Form.Sections = append(page.Form.Sections, s)
	}
	if f, ok := fact.ByName(r.URL.Query().Get("fact")); ok {
		page.wanted(f)
	}
	return page
}

// wanted brings the fact that the user came for to the front.
func (f *formPage) wanted(wanted fact.ID) {
	i := slices.IndexFunc(groups, func(g group) bool { return slices.Contains(g.Facts, wanted) }) + 1
	section := f.Form.Sections[i]
	f.Form.Sections = slices.Insert(slices.Delete(f.Form.Sections, i, i+1), 0, section)
	if field := f.Form.Field(wanted.String()); field != nil {
		field.Autofocus = true
	}
}

// said asks for the source, the days and the evidence of a statement.
func said(heading string, v url.Values) ui.Section {
	return ui.Section{Title: heading, Columns: true, Fields: []ui.Field{
		{Name: "source", Label: "信息来源", Kind: ui.KindSelect, Required: true, Value: v.Get("source"), Options: sourceOptions()},
		{Name: "evidence", Label: "依据", Value: v.Get("evidence"), MaxLength: 200, Autocomplete: "off", Hint: "如：评估报告编号、低保证、入户走访。"},
		{Name: "from", Label: "从哪一天起有效", Kind: ui.KindDate, Required: true, Value: v.Get("from")},
		{Name: "to", Label: "到哪一天为止", Kind: ui.KindDate, Value: v.Get("to"), Hint: "含这一天；没有期限就不填。"},
	}}
}

// factField is the field of a fact in a statement.
func (p *Pages) factField(f fact.ID, v url.Values, hint string) []ui.Field {
	def := f.Def()
	switch f {
	case fact.Birth:
		return []ui.Field{{Name: def.Name, Label: def.Label, Kind: ui.KindDate, Value: v.Get(def.Name), Hint: hint, Max: p.People.Today().String()}}
	case fact.Hukou, fact.Residence:
		fields := p.regionFields(def.Name, def.Label, v)
		fields[0].Hint = hint
		return fields
	}
	return []ui.Field{{Name: def.Name, Label: def.Label, Kind: ui.KindSelect, Value: v.Get(def.Name), Options: factOptions(f, "不登记"), Hint: hint}}
}

func (p *Pages) askRecord(r *web.Request, one *person.Person) (web.Response, error) {
	v := url.Values{"source": {string(usualSource(r.Actor))}, "from": {p.People.Today().String()}}
	return web.Page("person/form", p.recordPage(r, one, v)), nil
}

// statement reads the form of a statement about some facts.
func (in *input) statement(of []fact.ID) person.Statement {
	st := person.Statement{Source: in.source(), From: in.date("from", "从哪一天起有效", true), Evidence: in.Get("evidence"), Facts: in.facts(of)}
	if to := in.date("to", "", false); to != 0 {
		st.To = to + 1 // the form has the last day, the register the first one after
	}
	return st
}

func (p *Pages) record(r *web.Request, one *person.Person) (web.Response, error) {
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	page := p.recordPage(r, one, in.Values)
	if in.more() {
		return web.Page("person/form", page), nil
	}
	st := in.statement(everyFact)
	if err := in.faults.Err(); err != nil {
		return web.Again("person/form", page, &page.Form, err)
	}
	out, err := p.People.Record(r.Context(), r.Actor, one.ID, st)
	if err != nil {
		return again(page, err)
	}
	return recorded(r, one, "已登记", out), nil
}

// again shows the form of a statement with what is wrong. That a statement would move
// somebody out of sight is a matter of the residence, which the user can mend.
func again(page *formPage, err error) (web.Response, error) {
	if errs.Is(err, errs.Denied) {
		err = &errs.Error{Kind: errs.Invalid, Message: errs.Message(err)}
	}
	return web.Again("person/form", page, &page.Form, err)
}

// recorded goes back to the file and says what became of a statement.
func recorded(r *web.Request, one *person.Person, verb string, out *person.Outcome) web.Response {
	done := web.Done("%s。", verb)
	if len(out.Changed) > 0 {
		done.Text = verb + "，现在的情况有变：" + labels(out.Changed) + "。"
	} else if len(out.Conflicts) == 0 {
		done.Text = verb + "，现在的情况没有变。"
	}
	toasts := []ui.Toast{done}
	if len(out.Conflicts) > 0 {
		t := ui.Toast{Tone: ui.Warning, Text: labels(out.Conflicts) + "与更优先的来源不一致，没有采用，已列入待核定。"}
		if may(r, access.FactSettle, one) {
			t.Link = ui.Link{Text: "去核定", Href: "/conflicts"}
		}
		toasts = append(toasts, t)
	}
	return web.Redirect(link(one.ID, ""), toasts...)
}

func labels(facts []fact.ID) string {
	all := make([]string, len(facts))
	for i, f := range facts {
		all[i] = f.Def().Label
	}
	return strings.Join(all, "、")
}

// target is the record that a form is about, and its facts that still count.
type target struct {
	one  *person.Person
	rec  *history.Record
	live []fact.ID
}

// target reads the record that the path names.
func (p *Pages) target(r *web.Request) (*target, error) {
	one, records, err := p.open(r)
	if err != nil {
		return nil, err
	}
	if one.State == person.Merged {
		return nil, errs.New(errs.Conflict, "这份档案已并入另一份档案，请到保留的档案中办理。")
	}
	wanted, err := r.ID("record")
	if err != nil {
		return nil, err
	}
	rec := find(records, wanted)
	if rec == nil {
		return nil, web.NotFound()
	}
	if rec.Source == history.Document {
		return nil, errs.New(errs.Conflict, "这条记录来自证件号码，请在“修改档案”中更正号码。")
	}
	live := history.Surviving(records)[slices.IndexFunc(records, func(x history.Record) bool { return x.ID == wanted })]
	if live == 0 {
		return nil, errs.New(errs.Conflict, "这条记录已被后来的记录更正，请在历史里看最新的记录。")
	}
	return &target{one: one, rec: rec, live: live.IDs()}, nil
}

// at is the address of what is done with the record.
func (t *target) at(what string) string { return link(t.one.ID, "/records/"+t.rec.ID.String()+what) }

func (p *Pages) targetPage(t *target, title string) *formPage {
	return &formPage{
		Frame: ui.Frame{Title: title, Lead: t.one.Name + " · " + summary(t.one, p.People.Today()), Narrow: true, Crumbs: append(crumbs(t.one), ui.Crumb{Text: "历史", Href: link(t.one.ID, "/history")})},
		Note:  ui.Note{Title: "原记录：" + t.rec.Source.Label() + "，" + span(t.rec.From, t.rec.To), Text: t.said()},
		Form:  ui.Form{Cancel: ui.Link{Href: link(t.one.ID, "/history")}},
	}
}

// said tells what the record still states.
func (t *target) said() string {
	parts := make([]string, len(t.live))
	for i, f := range t.live {
		parts[i] = f.Def().Label + "：" + Value(&t.rec.Facts.Person, f)
	}
	return strings.Join(parts, "；")
}

func (p *Pages) correctPage(t *target, v url.Values) *formPage {
	page := p.targetPage(t, "更正记录")
	page.Form.Action, page.Form.Submit = t.at("/correct"), "更正"
	section := ui.Section{Title: "正确的值", Text: "只改不对的；没有说过的情况请另行登记。", Columns: true}
	for _, f := range t.live {
		section.Fields = append(section.Fields, p.factField(f, v, "")...)
	}
	how := said("来源和有效期", v)
	if t.rec.Source == history.Settled { // what was settled stays so
		how.Fields[0].Options = []ui.Option{{Value: string(history.Settled), Label: history.Settled.Label()}}
	}
	how.Fields[1].Label, how.Fields[1].Required = "更正的依据", true
	page.Form.Sections = []ui.Section{section, how}
	return page
}

func (p *Pages) askCorrect(r *web.Request) (web.Response, error) {
	t, err := p.target(r)
	if err != nil {
		return nil, err
	}
	v := url.Values{"source": {string(t.rec.Source)}, "from": {t.rec.From.String()}}
	if t.rec.To != 0 {
		v.Set("to", (t.rec.To - 1).String())
	}
	for _, f := range t.live {
		if f == fact.Hukou || f == fact.Residence {
			p.regionValues(v, f.String(), t.rec.Facts.Person.Region(f))
		} else {
			v.Set(f.String(), t.rec.Facts.Person.Text(f))
		}
	}
	return web.Page("person/form", p.correctPage(t, v)), nil
}

func (p *Pages) correct(r *web.Request) (web.Response, error) {
	t, err := p.target(r)
	if err != nil {
		return nil, err
	}
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	page := p.correctPage(t, in.Values)
	if in.more() {
		return web.Page("person/form", page), nil
	}
	in.required("evidence", "请说明更正的依据")
	st := in.statement(t.live)
	if err := in.faults.Err(); err != nil {
		return web.Again("person/form", page, &page.Form, err)
	}
	out, err := p.People.Correct(r.Context(), r.Actor, t.one.ID, t.rec.ID, st)
	if err != nil {
		return again(page, err)
	}
	return recorded(r, t.one, "已更正", out), nil
}

// chosenFacts asks which facts of a record are meant; the only one there is, is.
func chosenFacts(t *target, v url.Values) ui.Field {
	f := ui.Field{Name: "facts", Label: "哪几项", Kind: ui.KindCheckboxes, Required: true, Values: v["facts"]}
	for _, one := range t.live {
		f.Options = append(f.Options, ui.Option{Value: one.String(), Label: one.Def().Label + "：" + Value(&t.rec.Facts.Person, one)})
	}
	return f
}

func (in *input) chosenFacts() []fact.ID {
	var chosen []fact.ID
	for _, name := range in.Values["facts"] {
		if f, ok := fact.ByName(name); ok {
			chosen = append(chosen, f)
		}
	}
	if len(chosen) == 0 {
		in.faults.Add("facts", "请至少选择一项")
	}
	return chosen
}

func (p *Pages) endPage(t *target, v url.Values) *formPage {
	page := p.targetPage(t, "结束记录")
	page.Form.Action, page.Form.Submit = t.at("/end"), "结束"
	page.Form.Sections = []ui.Section{{Text: "从某一天起情况不再是这样，但以前是。新的情况请另行登记。", Fields: []ui.Field{
		chosenFacts(t, v),
		{Name: "on", Label: "从哪一天起不再有效", Kind: ui.KindDate, Required: true, Value: v.Get("on"), Width: "m"},
		{Name: "evidence", Label: "依据", Value: v.Get("evidence"), Required: true, MaxLength: 200, Autocomplete: "off"},
	}}}
	return page
}

func (p *Pages) withdrawPage(t *target, v url.Values) *formPage {
	page := p.targetPage(t, "撤回记录")
	page.Form.Action, page.Form.Submit, page.Form.Danger = t.at("/withdraw"), "撤回", true
	page.Form.Sections = []ui.Section{{Text: "这条记录从一开始就不对，撤回后如同没有登记过；经过仍留在历史里。", Fields: []ui.Field{
		chosenFacts(t, v),
		{Name: "evidence", Label: "为什么撤回", Value: v.Get("evidence"), Required: true, MaxLength: 200, Autocomplete: "off"},
	}}}
	return page
}

// all is the choice of every fact of the record, which is what is mostly meant.
func (t *target) all() url.Values {
	v := url.Values{}
	for _, f := range t.live {
		v.Add("facts", f.String())
	}
	return v
}

func (p *Pages) askEnd(r *web.Request) (web.Response, error) {
	t, err := p.target(r)
	if err != nil {
		return nil, err
	}
	v := t.all()
	v.Set("on", p.People.Today().String())
	return web.Page("person/form", p.endPage(t, v)), nil
}

func (p *Pages) end(r *web.Request) (web.Response, error) {
	return p.amend(r, "已结束", p.endPage, func(in *input, t *target) (*person.Outcome, error) {
		on := in.date("on", "从哪一天起不再有效", true)
		return p.apply(in, func(facts []fact.ID, evidence string) (*person.Outcome, error) {
			return p.People.End(r.Context(), r.Actor, t.one.ID, t.rec.ID, facts, on, evidence)
		})
	})
}

func (p *Pages) askWithdraw(r *web.Request) (web.Response, error) {
	t, err := p.target(r)
	if err != nil {
		return nil, err
	}
	return web.Page("person/form", p.withdrawPage(t, t.all())), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	return p.amend(r, "已撤回", p.withdrawPage, func(in *input, t *target) (*person.Outcome, error) {
		return p.apply(in, func(facts []fact.ID, evidence string) (*person.Outcome, error) {
			return p.People.Withdraw(r.Context(), r.Actor, t.one.ID, t.rec.ID, facts, evidence)
		})
	})
}

// apply does something with the chosen facts if the form is right.
func (p *Pages) apply(in *input, do func([]fact.ID, string) (*person.Outcome, error)) (*person.Outcome, error) {
	facts, evidence := in.chosenFacts(), in.required("evidence", "请写明依据")
	if err := in.faults.Err(); err != nil {
		return nil, err
	}
	return do(facts, evidence)
}

// amend answers a form that ends or withdraws facts of a record.
func (p *Pages) amend(r *web.Request, verb string, form func(*target, url.Values) *formPage, do func(*input, *target) (*person.Outcome, error)) (web.Response, error) {
	t, err := p.target(r)
	if err != nil {
		return nil, err
	}
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	out, err := do(in, t)
	if err != nil {
		return again(form(t, in.Values), err)
	}
	return recorded(r, t.one, verb, out), nil
}
