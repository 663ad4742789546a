package policyweb

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/errs"
	"yian/internal/pack"
	"yian/internal/policyform"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// The two ways in which a rule is edited.
const (
	byForm = "form"
	byText = "text"
)

// spareCases is how many empty cases the form offers after those there are.
const spareCases = 1

// itemPage is the editor of an item.
type itemPage struct {
	ui.Frame
	Note  ui.Note
	Form  ui.Form
	Folds []fold // of the form's sections
	Other string // the other way of editing the rule
	Label string // of its button
	Live  live
}

// fold says whether a section of the form is shown only when it is asked for.
type fold struct{ Folded, Open bool }

// fail puts what is wrong beside the fields.
func (p *itemPage) fail(err error) {
	p.Form.Fail(err)
	p.unfold()
}

// unfold opens the sections in which something is wrong.
func (p *itemPage) unfold() {
	for i, s := range p.Form.Sections {
		if slices.ContainsFunc(s.Fields, func(f ui.Field) bool { return f.Error != "" }) {
			p.Folds[i].Open = true
		}
	}
}

// live is what the item means, and whom it reaches.
type live struct {
	Rule, CEL string
	Grant     []string
	Note      ui.Note
	Stats     []ui.Stat
	Can       bool // somebody counts
}

// editor is an item that is being edited.
type editor struct {
	*sheet

	was   *pack.Item // as it is stored; empty for a new one
	own   bool       // the list writes it itself
	isNew bool
	by    string
	named []rules.Definition // that it may use
	url.Values
}

// edited opens the item that the path names.
func (p *Pages) edited(r *web.Request) (*editor, error) {
	v, err := p.draft(r)
	if err != nil {
		return nil, err
	}
	s, err := p.parse(r.Context(), r.Actor, v)
	if err != nil {
		return nil, err
	}
	if s.source = s.list.Source(); s.source == nil {
		return nil, errs.New(errs.Conflict, "清单承接的 %s 现在没有施行，项目不能逐项修改。请先在“修改文字”里改正。", s.list.Extends)
	}
	e := &editor{sheet: s, was: &pack.Item{No: nextNo(s)}, isNew: true}
	if name := r.PathValue("item"); name != "" {
		it, own := s.item(name)
		if it == nil {
			return nil, errs.New(errs.NotFound, "清单没有这个项目，可能已被删除。")
		}
		was := *it
		e = &editor{sheet: s, was: &was, own: own}
	}
	items := s.list.Items
	_, one := e.put(*e.was) // as an item of the list itself has them
	e.named, s.list.Items = one.Define, items
	return e, nil
}

// nextNo is the number after the last one.
func nextNo(s *sheet) int {
	n := 0
	for i := range s.source.Items {
		n = max(n, s.source.Items[i].No)
	}
	return n + 1
}

func (p *Pages) askItem(r *web.Request) (web.Response, error) {
	e, err := p.edited(r)
	if err != nil {
		return nil, err
	}
	e.Values = policyform.Values(e.was)
	if e.isNew {
		e.Set("kind", rules.Cash)
		e.Set("per", rules.PerMonth)
		e.Set("when", "age >= 60")
	}
	c, faults := policyform.Alone(e.put(e.read(&errs.Fields{})))
	e.byForm()
	page := p.itemPage(e, e.Version.Version)
	page.Live = said(e, c)
	page.Live.Can = p.Live != nil
	if !e.isNew {
		page.fail(faults.Err())
	}
	return web.Page("policy/item", page), nil
}

// byForm shows the rule in the form if the form can say it, and as text if not.
func (e *editor) byForm() bool {
	e.by = byText
	cond, ok := policyform.ConditionOf(e.Get("when"))
	if ok {
		e.by = byForm
		policyform.SetCondition(cond, e.Values)
	}
	return ok
}

// read makes an item of the fields.
func (e *editor) read(f *errs.Fields) pack.Item {
	it := *e.was
	policyform.ReadItem(e.Values, &it, e.isNew, f)
	return it
}

// put puts the item into the list and returns it as the rules see it.
func (e *editor) put(it pack.Item) (*rules.Source, rules.Item) {
	if it.ID == "" {
		it.ID = "new"
	}
	putItem(e.list, it)
	src := e.list.Source()
	return src, *find(src, it.ID)
}

// putItem puts an item in the place of the one of its id, or behind the others.
func putItem(l *pack.List, it pack.Item) {
	l.Items = slices.Clone(l.Items)
	at := slices.IndexFunc(l.Items, func(o pack.Item) bool { return o.ID == it.ID })
	if at < 0 {
		l.Items = append(l.Items, it)
		return
	}
	l.Items[at] = it
}

func (p *Pages) saveItem(r *web.Request) (web.Response, error) {
	e, err := p.edited(r)
	if err != nil {
		return nil, err
	}
	if err := r.ParseForm(); err != nil {
		return nil, errs.New(errs.Invalid, "没有收到填写的内容，请重新提交。").Because(err)
	}
	e.Values = url.Values{}
	for name, values := range r.PostForm {
		for _, one := range values {
			e.Add(name, strings.ReplaceAll(one, "\r\n", "\n"))
		}
	}
	if e.by = byText; e.Get("by") == byForm {
		e.by = byForm
	}
	var faults errs.Fields
	if e.by == byForm {
		e.ruleOfForm(&faults)
	}
	it := e.read(&faults)
	if e.isNew && e.source != nil && find(e.source, it.ID) != nil {
		faults.Add("id", "清单已有编号为 %s 的项目", it.ID)
	}
	if e.Get("do") == "save" {
		return p.storeItem(r, e, it, faults)
	}
	return p.tryItem(r, e, it, faults)
}

// ruleOfForm writes what the form says as a rule. A rule that says the same already
// keeps its wording.
func (e *editor) ruleOfForm(f *errs.Fields) {
	var known []string
	for _, d := range e.named {
		known = append(known, d.Name)
	}
	cond := policyform.ReadCondition(e.Values, known, f)
	text, err := cond.CEL(e.was.When.CEL)
	if err != nil {
		f.Add("", "%s", errs.Message(err)) // the form asks for nothing that a rule cannot say
		return
	}
	e.Set("when", text)
	if was, ok := policyform.ConditionOf(e.was.When.CEL); ok && !e.isNew && was.Same(cond) {
		e.Set("when", e.was.When.CEL)
	}
}

// tryItem shows the item without storing it: counted, or edited the other way.
func (p *Pages) tryItem(r *web.Request, e *editor, it pack.Item, faults errs.Fields) (web.Response, error) {
	src, one := e.put(it)
	c, wrong := policyform.Alone(src, one)
	var note ui.Note
	switch do := e.Get("do"); {
	case do == byForm && !e.byForm():
		note = ui.Note{Tone: ui.Warning, Title: "这条规则不能用表单表示", Text: "表单只能写“全部符合”加上一组“符合任意一项”。这条规则更复杂，或者还有错误，请继续用文字修改。"}
	case do == byText:
		e.by = byText
	}
	page := p.itemPage(e, seen(r))
	page.Note = note
	page.Live = said(e, c)
	page.Live.Can = p.Live != nil
	page.fail(append(faults, wrong...).Err())
	if e.Get("do") == "count" && len(faults) == 0 && c != nil && p.Live != nil {
		if err := p.count(r, e, one.ID, &page.Live); err != nil {
			return nil, err
		}
	}
	return web.Page("policy/item", page), nil
}

// said tells what the item means.
func said(e *editor, c *rules.Compiled) live {
	l := live{CEL: e.Get("when")}
	if c == nil {
		l.Note = ui.Note{Tone: ui.Danger, Text: "规则有错误，还不能解读和计算。"}
		return l
	}
	it := pack.Item{Grant: pack.Grant{Kind: e.Get("kind"), Per: e.Get("per"), First: e.Get("first")}}
	l.Rule, l.Grant = policyform.Sentence(c.Own), policyform.Grant(&it, c)
	return l
}

// count asks whom the item reaches.
func (p *Pages) count(r *web.Request, e *editor, item string, l *live) error {
	text, err := e.list.YAML()
	if err != nil {
		l.Note = ui.Note{Tone: ui.Warning, Text: "清单别处的文字有错误，请先在“修改文字”里改正，才能计算人数。"}
		return nil //nolint:nilerr // told on the page
	}
	n, err := p.Live.Count(r.Context(), r.Actor, e.Region, text, item)
	if errs.Is(err, errs.Denied) {
		l.Note = ui.Note{Tone: ui.Warning, Text: "您没有查看这个地区统计数字的权限，不能计算人数。"}
		return nil
	}
	if err != nil {
		return err
	}
	if len(n.Faults) > 0 {
		l.Note = ui.Note{Tone: ui.Warning, Title: "没有计算", Text: "清单第 " + strconv.Itoa(n.Faults[0].Line) + " 行：" + n.Faults[0].Text}
		return nil
	}
	l.Stats = []ui.Stat{
		{Label: "可享受", Value: ui.Number(n.Yes), Unit: "人", Note: place(e.Region) + "共 " + ui.Number(n.People) + " 位老年人"},
		{Label: "资料不全，还不能确定", Value: ui.Number(n.Unknown), Unit: "人"},
		{Label: "每月", Value: ui.Yuan(n.Month), Unit: "元"},
		{Label: "比现行清单新增", Value: ui.Number(n.Gain), Unit: "人", Tone: ui.Success},
		{Label: "比现行清单减少", Value: ui.Number(n.Lose), Unit: "人"},
	}
	if n.Unset > 0 {
		l.Stats[2].Note = ui.Number(n.Unset) + " 人的标准待定，未计"
		if n.Month == 0 { // nothing is known of the money, which is not no money
			l.Stats[2].Value, l.Stats[2].Unit = "待定", ""
		}
	}
	if n.Lose > 0 {
		l.Stats[4].Tone = ui.Danger
	}
	return nil
}

// storeItem keeps the item in the draft, also where its rules have faults.
func (p *Pages) storeItem(r *web.Request, e *editor, it pack.Item, faults errs.Fields) (web.Response, error) {
	err := faults.Err()
	if err == nil {
		_, err = p.Lists.PutItem(r.Context(), r.Actor, e.ID, seen(r), e.was.ID, "项目："+it.Name, func(to *pack.Item) error {
			*to = it
			return nil
		})
	}
	c, wrong := policyform.Alone(e.put(it))
	if err != nil {
		page := p.itemPage(e, seen(r))
		page.Live = said(e, c)
		page.Live.Can = p.Live != nil
		out, err := again("policy/item", page, &page.Form, err)
		page.unfold()
		return out, err
	}
	to := link(e.ID, "#i-"+it.ID)
	if len(wrong) > 0 {
		to = itemLink(e.ID, it.ID) // the faults stand at their fields there
	}
	return p.saved(r, e.ID, to)
}

// dropItem takes an item of the list itself away; one of an upper list that it had
// replaced comes back.
func (p *Pages) dropItem(r *web.Request) (web.Response, error) {
	e, err := p.edited(r)
	if err != nil {
		return nil, err
	}
	if !e.own {
		return nil, errs.New(errs.Conflict, "这个项目是承接上级清单的，不能删除。")
	}
	if _, err := p.Lists.DropItem(r.Context(), r.Actor, e.ID, seen(r), e.was.ID, "删除项目："+e.was.Name); err != nil {
		return nil, err
	}
	return p.saved(r, e.ID, link(e.ID, ""))
}
