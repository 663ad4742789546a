package policyweb

import (
	"strings"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/ui"
	"yian/internal/web"
)

// draft reads the version that the path names, which must be a draft that the actor may
// change.
func (p *Pages) draft(r *web.Request) (*policy.Version, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	if err := r.Actor.NeedIn(access.PolicyWrite, v.Region); err != nil {
		return nil, err
	}
	if v.State != policy.Draft {
		return nil, errs.New(errs.Conflict, "这一版清单的状态是“%s”，只有草稿可以修改。请起草新的一版，或由审批人退回。", v.State.Label())
	}
	return v, nil
}

func (p *Pages) askHead(r *web.Request) (web.Response, error) {
	v, err := p.draft(r)
	if err != nil {
		return nil, err
	}
	s, err := p.parse(r.Context(), r.Actor, v)
	if err != nil {
		return nil, err
	}
	d := &s.list.Document
	values := map[string]string{"title": s.list.Title, "document": d.Title, "number": d.Number, "issuer": d.Issuer, "remark": s.list.Note, "document_note": d.Note}
	values["date"], values["from"], values["to"] = d.Date.String(), s.list.From.String(), s.list.To.String()
	return web.Page("policy/form", headPage(v, v.Version, values)), nil
}

// headFields are what is written of a list as a whole.
var headFields = []ui.Field{
	{Name: "title", Label: "清单的标题", Required: true, MaxLength: 200},
	{Name: "document", Label: "文件的标题", Required: true, MaxLength: 300},
	{Name: "number", Label: "文号", MaxLength: 100, Width: "m", Placeholder: "临政办发〔2023〕43号"},
	{Name: "issuer", Label: "发文机关", Required: true, MaxLength: 100},
	{Name: "date", Label: "发文日期", Kind: ui.KindDate, Width: "m"},
	{Name: "from", Label: "有效期从", Kind: ui.KindDate, Required: true, Width: "m", Hint: "发布时定的施行日期不能早于它。"},
	{Name: "to", Label: "有效期到", Kind: ui.KindDate, Width: "m", Hint: "没有期限的不填。"},
	{Name: "remark", Label: "清单的说明", Kind: ui.KindTextarea, Rows: 6, MaxLength: 20000},
	{Name: "document_note", Label: "文件的说明", Kind: ui.KindTextarea, MaxLength: 20000},
}

func headPage(v *policy.Version, version int64, values map[string]string) *formPage {
	page := &formPage{
		Frame: ui.Frame{Title: "标题和文件", Narrow: true, Crumbs: back(v)},
		Form:  ui.Simple(link(v.ID, "/head"), "保存"),
	}
	for _, f := range headFields {
		f.Value, f.Autocomplete = values[f.Name], "off"
		page.Form.Sections[0].Fields = append(page.Form.Sections[0].Fields, f)
	}
	page.Form.Hidden, page.Form.Cancel = carry(version), ui.Link{Href: link(v.ID, "")}
	return page
}

func (p *Pages) saveHead(r *web.Request) (web.Response, error) {
	v, err := p.draft(r)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	var faults errs.Fields
	for _, f := range headFields {
		values[f.Name] = strings.TrimSpace(lines(r, f.Name))
		if f.Required && values[f.Name] == "" {
			faults.Add(f.Name, "请填写%s", f.Label)
		}
	}
	date, from, to := day(r, &faults, "date", "发文日期", false), day(r, &faults, "from", "", false), day(r, &faults, "to", "", false)
	if to != 0 && to < from {
		faults.Add("to", "有效期结束的日子不能早于开始的日子 %s", from)
	}
	if err = faults.Err(); err == nil {
		_, err = p.Lists.Edit(r.Context(), r.Actor, v.ID, seen(r), "标题和文件", func(l *pack.List) error {
			d := &l.Document
			l.Title, l.Note, l.From, l.To = values["title"], values["remark"], from, to
			d.Title, d.Number, d.Issuer, d.Date, d.Note = values["document"], values["number"], values["issuer"], date, values["document_note"]
			return nil
		})
	}
	if err != nil {
		page := headPage(v, seen(r), values)
		return again("policy/form", page, &page.Form, err)
	}
	return web.Redirect(link(v.ID, ""), web.Done("已保存标题和文件。")), nil
}

// text is which of the two texts of a version is written.
type text string

// The texts.
const (
	listText  text = "text"
	testsText text = "tests"
)

func (t text) of(v *policy.Version) string {
	if t == listText {
		return v.Text
	}
	return v.Tests
}

// textPage is the editor of one of the texts of a version.
func textPage(v *policy.Version, t text, version int64, value string) *formPage {
	f := ui.Field{Name: string(t), Label: "清单（YAML）", Kind: ui.KindTextarea, Rows: 32, Value: value, Hint: "直接修改整份清单的文字：规则、标准（parameters）、条件定义（define）都在这里。有错也会保存，下面逐行列出。"}
	title := "修改文字"
	if t == testsText {
		title, f.Label = "测试人物", "测试人物（YAML）"
		f.Hint = "每位测试人物写姓名（name）、日期（at）、已知的情况（facts）和应得的结果（expect）。送审以前逐一认定，不符的不能送审。"
	}
	page := &formPage{Frame: ui.Frame{Title: title, Crumbs: back(v)}, Form: ui.Simple(link(v.ID, "/"+string(t)), "保存", f)}
	page.Form.Hidden, page.Form.Cancel = carry(version), ui.Link{Text: "返回清单", Href: link(v.ID, "")}
	return page
}

func (p *Pages) askText(t text) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		v, err := p.draft(r)
		if err != nil {
			return nil, err
		}
		page := textPage(v, t, v.Version, t.of(v))
		report, err := p.Lists.Check(r.Context(), r.Actor.Scope(access.PolicyRead), v.ID)
		if err != nil {
			return nil, err
		}
		page.Faults = textFaults(report, t)
		return web.Page("policy/form", page), nil
	}
}

// textFaults lists what is wrong with one of the texts, line by line.
func textFaults(report *policy.Report, t text) ui.Table {
	table := findings(report.Findings, func(f *pack.Finding) bool { return ofTests(f) == (t == testsText) })
	if t == testsText {
		for _, one := range report.Failed() {
			f := pack.Finding{Severity: pack.Error, At: one.At, Msg: "“" + one.Person + "”" + one.Item + "：" + one.Failure}
			f.At.File = "/tests"
			table.Rows = append(table.Rows, findings(pack.Findings{f}, ofTests).Rows...)
		}
	}
	return table
}

func (p *Pages) saveText(t text) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		v, err := p.draft(r)
		if err != nil {
			return nil, err
		}
		value := lines(r, string(t))
		body, people := v.Text, value
		if t == listText {
			body, people = value, v.Tests
		}
		if _, err = p.Lists.Change(r.Context(), r.Actor, v.ID, seen(r), body, people, textNotes[t]); err != nil {
			page := textPage(v, t, seen(r), value)
			return again("policy/form", page, &page.Form, err)
		}
		return p.saved(r, v.ID, link(v.ID, "/"+string(t)))
	}
}

var textNotes = map[text]string{listText: "清单文字", testsText: "测试人物"}

// saved goes on to a page after a change, and says whether the draft has faults.
func (p *Pages) saved(r *web.Request, one id.ID, to string) (web.Response, error) {
	report, err := p.Lists.Check(r.Context(), r.Actor.Scope(access.PolicyRead), one)
	if err != nil {
		return nil, err
	}
	n := report.Findings.Errors() + len(report.Failed())
	if n == 0 {
		return web.Redirect(to, web.Done("已保存，没有错误。")), nil
	}
	return web.Redirect(to, ui.Toast{
		Tone: ui.Warning, Text: "已保存。草稿还有 " + ui.Number(n) + " 处错误，改完才能送审。", Link: ui.Link{Text: "查看", Href: link(one, "/check")},
	}), nil
}
