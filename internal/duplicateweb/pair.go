package duplicateweb

import (
	"fmt"
	"strconv"
	"strings"

	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/duplicate"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/personweb"
	"yian/internal/ui"
	"yian/internal/web"
)

// pairPage shows two files side by side.
type pairPage struct {
	ui.Frame
	Note      ui.Note
	Low, High column
	Rows      []line
	Form      ui.Form
}

// column is the head of a file in the comparison.
type column struct {
	Heading string
	Tags    []ui.Tag
}

// line is one thing of both files.
type line struct {
	Label, Low, High string // empty: not known
	Verdict          string // nothing where only one is known
	Different        bool
}

// confirmPage asks before two files are joined.
type confirmPage struct {
	ui.Frame
	Doubt   ui.Note // what speaks against it
	Confirm ui.Confirm
}

// read reads the pair that the path names.
func (p *Pages) read(r *web.Request) (*duplicate.Pair, error) {
	pair, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.Duplicates.Pair(r.Context(), r.Actor, pair)
}

func (p *Pages) pair(r *web.Request) (web.Response, error) {
	pair, err := p.read(r)
	if err != nil {
		return nil, err
	}
	page, err := p.page(r, pair)
	if err != nil {
		return nil, err
	}
	page.Form = form(pair, "", "")
	return web.Page("duplicate/pair", page), nil
}

func (p *Pages) page(r *web.Request, pair *duplicate.Pair) (*pairPage, error) {
	page := &pairPage{
		Frame: ui.Frame{Title: "核对两份档案", Lead: pair.Reason.Label(), Tags: []ui.Tag{{Text: pair.State.Label()}}, Crumbs: []ui.Crumb{{Text: "疑似重复", Href: "/duplicates"}}, Actions: []ui.Action{
			{Text: "打开先建的档案", Href: "/persons/" + pair.Low.ID.String(), Icon: "user"},
			{Text: "打开后建的档案", Href: "/persons/" + pair.High.ID.String(), Icon: "user"},
		}},
		Low: head("先建的档案", pair, pair.Low), High: head("后建的档案", pair, pair.High),
		Rows: compare(pair.Low, pair.High),
	}
	if pair.State == duplicate.Open {
		return page, nil
	}
	by := "系统"
	if pair.SettledBy != 0 {
		names, err := p.Names(r.Context(), []id.ID{pair.SettledBy})
		if err != nil {
			return nil, err
		}
		by = names[pair.SettledBy]
	}
	page.Note = ui.Note{Tone: ui.Info, Title: pair.State.Label(), Text: strings.TrimSuffix(ui.Instant(pair.Settled)+"，"+by+"："+pair.Note, "：")}
	return page, nil
}

func head(heading string, pair *duplicate.Pair, one *person.Person) column {
	c := column{Heading: heading}
	if pair.State == duplicate.Merged && pair.Keep == one.ID {
		c.Tags = []ui.Tag{{Text: "保留", Tone: ui.Success}}
	} else if one.State != person.Alive {
		c.Tags = []ui.Tag{{Text: one.State.Label()}}
	}
	return c
}

// compare lists what either file knows.
func compare(low, high *person.Person) []line {
	rows := []line{
		{Label: "姓名", Low: low.Name, High: high.Name},
		{Label: "证件", Low: kind(low.Document), High: kind(high.Document)},
		{Label: "证件号码", Low: low.MaskedNumber(), High: high.MaskedNumber()},
		{Label: "电话", Low: strings.Join(low.Phones, "、"), High: strings.Join(high.Phones, "、")},
		{Label: "住址", Low: low.Address, High: high.Address},
		{Label: "民族", Low: low.Ethnic, High: high.Ethnic},
		{Label: "联系人", Low: contacts(low), High: contacts(high)},
	}
	for f := range fact.Count {
		var l line
		if low.Facts.Known(f) {
			l.Low = personweb.Value(&low.Facts, f)
		}
		if high.Facts.Known(f) {
			l.High = personweb.Value(&high.Facts, f)
		}
		l.Label = f.Def().Label
		rows = append(rows, l)
	}
	known := rows[:0]
	for _, l := range rows {
		if l.Low == "" && l.High == "" {
			continue
		}
		if l.Low != "" && l.High != "" {
			l.Verdict, l.Different = "相同", l.Low != l.High
		}
		known = append(known, l)
	}
	return append(known, line{Label: "建档时间", Low: day(low.Created), High: day(high.Created)})
}

func kind(k document.Kind) string { return k.Label() }

func day(at civil.Instant) string { return at.Day().String() }

func contacts(one *person.Person) string {
	all := make([]string, len(one.Contacts))
	for i, c := range one.Contacts {
		all[i] = strings.Join(strings.Fields(c.Name+" "+c.Relation+" "+c.Phone), " ")
	}
	return strings.Join(all, "；")
}

// What can be decided about a pair.
const (
	keepLow   = "low"
	keepHigh  = "high"
	different = "different"
)

// form asks what to do: join, tell apart, or, of joined files, part them again.
func form(pair *duplicate.Pair, choice, note string) ui.Form {
	hidden := []ui.Hidden{{Name: "version", Value: strconv.FormatInt(pair.Version, 10)}}
	back := ui.Link{Text: "返回", Href: "/duplicates"}
	options := []ui.Option{
		{Value: keepLow, Label: "是同一人，保留先建的档案", Hint: summary(pair.Low)},
		{Value: keepHigh, Label: "是同一人，保留后建的档案", Hint: summary(pair.High)},
		{Value: different, Label: "不是同一人", Hint: "以后不再提示这两份档案"},
	}
	switch pair.State {
	case duplicate.Merged:
		f := ui.Simple(address(pair)+"/undo", "撤销合并",
			ui.Field{Name: "note", Label: "为什么撤销", Value: note, Required: true, MaxLength: 200, Autocomplete: "off", Hint: "两份档案恢复到合并以前；合并以后登记的信息留在保留的那一份里。"})
		f.Danger, f.Hidden, f.Cancel = true, hidden, back
		return f
	case duplicate.Different: // it may turn out to be one person after all
		options = options[:2]
	}
	f := ui.Simple(address(pair), "下一步",
		ui.Field{Name: "choice", Label: "核对结果", Kind: ui.KindRadio, Required: true, Value: choice, Options: options},
		ui.Field{Name: "note", Label: "说明", Value: note, MaxLength: 200, Autocomplete: "off", Hint: "怎么核实的，如：对照身份证、电话询问家属。"})
	f.Hidden, f.Cancel = hidden, back
	return f
}

func summary(one *person.Person) string {
	return strings.TrimSpace(one.Name + " " + one.MaskedNumber())
}

// decide joins two files after asking once more, or tells them apart.
func (p *Pages) decide(r *web.Request) (web.Response, error) {
	pair, err := p.read(r)
	if err != nil {
		return nil, err
	}
	choice, note := r.Value("choice"), r.Value("note")
	keep, gone := pair.Low, pair.High
	switch choice {
	case keepLow:
	case keepHigh:
		keep, gone = gone, keep
	case different:
		if err := p.Duplicates.Dismiss(r.Context(), r.Actor, pair.ID, version(r), note); err != nil {
			return p.again(r, pair, choice, note, err)
		}
		return web.Redirect("/duplicates", web.Done("已注明不是同一人。")), nil
	default:
		var faults errs.Fields
		faults.Add("choice", "请选择核对结果")
		return p.again(r, pair, choice, note, faults.Err())
	}
	if pair.State != duplicate.Merged && r.Value("confirmed") == "" {
		return web.Page("duplicate/confirm", confirm(pair, keep, gone, choice, note)), nil
	}
	if err := p.Duplicates.Merge(r.Context(), r.Actor, pair.ID, version(r), keep.ID, note); err != nil {
		return p.again(r, pair, choice, note, err)
	}
	return web.Redirect("/persons/"+keep.ID.String(), ui.Toast{
		Tone: ui.Success, Text: "两份档案已合并。合错了可以撤销。", Link: ui.Link{Text: "查看合并", Href: address(pair)},
	}), nil
}

func confirm(pair *duplicate.Pair, keep, gone *person.Person, choice, note string) *confirmPage {
	f := ui.Form{Action: address(pair), Submit: "确认合并", Danger: true, Cancel: ui.Link{Text: "返回", Href: address(pair)}}
	for _, h := range [][2]string{{"confirmed", "1"}, {"choice", choice}, {"note", note}, {"version", strconv.FormatInt(pair.Version, 10)}} {
		f.Hidden = append(f.Hidden, ui.Hidden{Name: h[0], Value: h[1]})
	}
	return &confirmPage{
		Frame: ui.Frame{Title: "请核对", Narrow: true, Crumbs: []ui.Crumb{{Text: "疑似重复", Href: "/duplicates"}, {Text: "核对两份档案", Href: address(pair)}}},
		Doubt: doubt(keep, gone),
		Confirm: ui.Confirm{
			Text:    "将把两份档案合并为一份。两份档案登记过的信息都保留；证件、电话、住址等，保留的档案没有的从并入的档案补上，两份都有的以保留的为准。",
			Warning: "合并影响这位老年人以后的服务和待遇。合错了可以撤销，两份档案会恢复原样。",
			Details: ui.Details{Pairs: []ui.Pair{
				{Term: "保留", Text: summary(keep), Note: personweb.Place(keep.Region)},
				{Term: "并入", Text: summary(gone), Note: personweb.Place(gone.Region)},
				{Term: "说明", Text: note},
			}},
			Form: f,
		},
	}
}

// doubt tells what hardly goes together with both files being of one person. A number is
// in the register once, so two identity numbers are two different ones.
func doubt(a, b *person.Person) ui.Note {
	var all []string
	if a.Document == document.ResidentID && b.Document == document.ResidentID {
		all = append(all, "两个居民身份证号码不同，而且都有效")
	}
	for _, f := range []fact.ID{fact.Sex, fact.Birth} {
		if a.Facts.Known(f) && b.Facts.Known(f) && a.Facts.Text(f) != b.Facts.Text(f) {
			all = append(all, fmt.Sprintf("%s不同（%s、%s）", f.Def().Label, a.Facts.Label(f), b.Facts.Label(f)))
		}
	}
	if len(all) == 0 {
		return ui.Note{}
	}
	return ui.Note{Tone: ui.Danger, Title: "这两份档案可能不是同一个人", Text: strings.Join(all, "；") + "。请对照证件核实以后再合并。"}
}

// undo parts two files that were joined.
func (p *Pages) undo(r *web.Request) (web.Response, error) {
	pair, err := p.read(r)
	if err != nil {
		return nil, err
	}
	note := r.Value("note")
	var faults errs.Fields
	if note == "" {
		faults.Add("note", "请写明为什么撤销")
	}
	err = faults.Err()
	if err == nil {
		err = p.Duplicates.Unmerge(r.Context(), r.Actor, pair.ID, version(r), note)
	}
	if err != nil {
		return p.again(r, pair, "", note, err)
	}
	return web.Redirect(address(pair), web.Done("已撤销合并，两份档案恢复原样。")), nil
}

// again shows the pair with what is wrong.
func (p *Pages) again(r *web.Request, pair *duplicate.Pair, choice, note string, err error) (web.Response, error) {
	page, wrong := p.page(r, pair)
	if wrong != nil {
		return nil, wrong
	}
	page.Form = form(pair, choice, note)
	return web.Again("duplicate/pair", page, &page.Form, err)
}

func version(r *web.Request) int64 {
	n, err := strconv.ParseInt(r.Value("version"), 10, 64)
	if err != nil {
		return 0 // stale against every version there is
	}
	return n
}
