package personweb

import (
	"strings"

	"yian/internal/errs"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

// unmaskPage asks for a purpose, and then shows a number or telephones whole, once.
type unmaskPage struct {
	ui.Frame
	Form  ui.Form
	Shown ui.Details
	Note  ui.Note
	Back  ui.Action
}

// purposes are the usual ones; the last has to be told in words.
var purposes = []string{"联系本人或家属", "上门服务前核对", "核对证件", "办理待遇", "与其他部门核对数据", otherPurpose}

const otherPurpose = "其他"

func unmaskForm(one *person.Person, what, purpose, words string) ui.Form {
	options := []ui.Option{{Label: "请选择"}}
	for _, text := range purposes {
		options = append(options, ui.Option{Value: text, Label: text})
	}
	f := ui.Simple(link(one.ID, "/unmask"), "查看",
		ui.Field{Name: "what", Label: "要看什么", Kind: ui.KindRadio, Required: true, Value: what, Options: []ui.Option{
			{Value: string(person.ShowNumber), Label: "完整的证件号码"},
			{Value: string(person.ShowPhones), Label: "完整的电话，连同联系人的"},
		}},
		ui.Field{Name: "purpose", Label: "用途", Kind: ui.KindSelect, Required: true, Value: purpose, Options: options, Width: "m"},
		ui.Field{Name: "words", Label: "说明", Value: words, MaxLength: 100, Autocomplete: "off", Hint: "用途选“其他”时必填，如：核对高龄津贴发放对象。"})
	f.Cancel = ui.Link{Href: link(one.ID, "")}
	return f
}

func (p *Pages) unmaskPage(one *person.Person) *unmaskPage {
	return &unmaskPage{
		Frame: ui.Frame{Title: "查看完整号码", Lead: one.Name + " · " + summary(one, p.People.Today()), Crumbs: crumbs(one), Narrow: true},
		Note:  ui.Note{Tone: ui.Info, Text: "查看会连同用途记入审计记录。只在工作需要时查看，不要抄录、截图或转发。"},
	}
}

func (p *Pages) askUnmask(r *web.Request) (web.Response, error) {
	one, err := p.read(r)
	if err != nil {
		return nil, err
	}
	page := p.unmaskPage(one)
	what := r.Value("what")
	if what == "" {
		what = string(person.ShowNumber)
	}
	page.Form = unmaskForm(one, what, "", "")
	return web.Page("person/unmask", page), nil
}

func (p *Pages) unmask(r *web.Request) (web.Response, error) {
	one, err := p.read(r)
	if err != nil {
		return nil, err
	}
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	page := p.unmaskPage(one)
	page.Form = unmaskForm(one, in.Get("what"), in.Get("purpose"), in.Get("words"))
	what := person.Shown(in.Get("what"))
	if what != person.ShowNumber && what != person.ShowPhones {
		in.faults.Add("what", "请选择要看证件号码还是电话")
	}
	purpose := in.required("purpose", "请选择用途")
	if purpose == otherPurpose {
		in.required("words", "请说明用途")
	}
	if err := in.faults.Err(); err != nil {
		return web.Again("person/unmask", page, &page.Form, err)
	}
	clear, err := p.People.Unmask(r.Context(), r.Actor, one.ID, what, strings.TrimSuffix(purpose+"："+in.Get("words"), "："))
	if errs.Is(err, errs.Invalid) {
		return web.Again("person/unmask", page, &page.Form, atField("words", err))
	}
	if err != nil {
		return nil, err
	}
	page.reveal(one, what, clear)
	return web.Page("person/unmask", page), nil
}

// reveal puts what was asked for in place of the form.
func (u *unmaskPage) reveal(one *person.Person, what person.Shown, clear string) {
	u.Form = ui.Form{}
	u.Note = ui.Note{Tone: ui.Warning, Text: "只显示这一次，离开后要重新说明用途。用完请关闭本页。"}
	u.Back = ui.Action{Text: "用完了，返回档案", Href: link(one.ID, ""), Primary: true}
	if what == person.ShowNumber {
		u.Shown.Pairs = []ui.Pair{{Term: one.Document.Label(), Text: clear}}
		return
	}
	for number := range strings.SplitSeq(clear, "\n") {
		u.Shown.Pairs = append(u.Shown.Pairs, ui.Pair{Term: "电话", Text: number})
	}
}
