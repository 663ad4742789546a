package policyweb

import (
	"bytes"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/policyform"
	"yian/internal/ui"
	"yian/internal/web"
)

// exportPage offers a version as files.
type exportPage struct {
	ui.Frame
	Tabs    ui.Tabs
	Details ui.Details
}

// noticePage is a version as it is put up on a wall.
type noticePage struct {
	ui.Frame
	Note     ui.Note
	Document string
	Issuer   string
	From     string
	Table    ui.Table
	Remark   string
}

func (p *Pages) export(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	page := &exportPage{Tabs: tabs(v, "/export")}
	if _, err := p.frame(r, v, &page.Frame); err != nil {
		return nil, err
	}
	page.Details = ui.Details{Pairs: []ui.Pair{
		{Term: "Excel 表格", Text: "下载 XLSX", Href: link(v.ID, "/list.xlsx"), Note: "按清单附件的格式：序号、服务对象、服务项目、服务内容、服务类型、牵头部门"},
		{Term: "公告", Text: "打开打印页", Href: link(v.ID, "/notice"), Note: "用浏览器的打印功能打印，或存为 PDF"},
		{Term: "清单文件", Text: "下载 list.yaml", Href: link(v.ID, "/list.yaml"), Note: "含规则和标准，可以用 yian check 校验，也可以装入另一套系统"},
		{Term: "测试人物", Text: "下载 tests.yaml", Href: link(v.ID, "/tests.yaml")},
	}}
	return web.Page("policy/export", page), nil
}

func (p *Pages) listYAML(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	return web.Download(v.FileName("yaml"), "application/yaml; charset=utf-8", []byte(v.Text)), nil
}

func (p *Pages) testsYAML(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	return web.Download(v.FileName("tests.yaml"), "application/yaml; charset=utf-8", []byte(v.Tests)), nil
}

// annexRow is an item in the annex. A region's own additions carry an asterisk.
func annexRow(it *pack.Item) []string {
	name := it.Name
	if it.Added {
		name = "*" + name
	}
	content := it.Content
	if content == "" {
		content = it.Clause.Text
	}
	return []string{strconv.Itoa(it.No), it.Audience, name, content, it.Type, it.Lead}
}

func (p *Pages) listXLSX(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := p.Lists.WriteAnnex(r.Context(), r.Actor.Scope(access.PolicyRead), v.ID, &b); err != nil {
		return nil, err
	}
	return web.Download(v.FileName("xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b.Bytes()), nil
}

func (p *Pages) notice(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	s, err := p.open(r, v)
	if err != nil {
		return nil, err
	}
	page := &noticePage{
		Frame:    ui.Frame{Title: v.Title, Crumbs: back(v)},
		Document: document(&s.list.Document), Issuer: s.list.Document.Issuer,
	}
	if v.RulesFrom != 0 {
		page.From = "自 " + v.RulesFrom.String() + " 起施行"
	}
	if page.Note = (ui.Note{Tone: ui.Info, Text: "按 Ctrl+P（苹果电脑按 ⌘+P）打印，或在打印窗口里存为 PDF。菜单和按钮不会印出来。"}); v.State != policy.Published {
		page.Note = ui.Note{Tone: ui.Warning, Text: "这一版清单的状态是“" + v.State.Label() + "”，不要张贴。"}
		page.From = v.State.Label() + "，未发布"
	}
	page.Table = ui.Table{ID: "notice", Caption: v.Title, Columns: []ui.Column{
		{Label: "序号", Number: true}, {Label: "对象"}, {Label: "服务项目"}, {Label: "服务内容", Wide: true}, {Label: "给付"}, {Label: "服务类型"}, {Label: "牵头部门"},
	}}
	for _, name := range s.items() {
		it, _ := s.item(name)
		if it == nil {
			continue
		}
		a := annexRow(it)
		page.Table.Rows = append(page.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: a[0]}, {Text: a[1]}, {Text: a[2]}, {Text: a[3]}, {Text: strings.Join(policyform.Grant(it, s.compiled(name)), "；")}, {Text: a[4]}, {Text: a[5]},
		}})
		if it.Added {
			page.Remark = "标 * 的为本地增加的项目。"
		}
	}
	return web.Page("policy/notice", page), nil
}
