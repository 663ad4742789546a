package export

import (
	"embed"
	"net/url"
	"slices"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var templates embed.FS

// listPage lists the exports of the user.
type listPage struct {
	ui.Frame
	Table ui.Table
}

// formPage asks what is to be taken out.
type formPage struct {
	ui.Frame
	Form ui.Form
}

// showPage is one export.
type showPage struct {
	ui.Frame
	Note     ui.Note
	Progress ui.Progress // without an ID there is none
	Details  ui.Details
}

// Views are the pages of exports.
func Views() ui.Set {
	return ui.Set{FS: templates, Pages: map[string]ui.Page{
		"export/list": &listPage{}, "export/form": &formPage{}, "export/show": &showPage{},
	}}
}

// Routes registers the pages of exports.
func (s *Service) Routes(m *web.Mux) {
	m.Menu(150, "老年人", ui.NavItem{Text: "导出", Href: "/exports", Icon: "file-export"}, access.PersonExport)
	m.Handle("GET /exports", access.PersonExport, s.list)
	m.Handle("POST /exports", access.PersonExport, s.start)
	m.Handle("GET /exports/{id}", access.PersonExport, s.show)
	m.Handle("GET /exports/{id}/progress", access.PersonExport, s.progress)
	m.Handle("GET /exports/{id}/file", access.PersonExport, s.fetch, web.Slow(slowest))
}

// slowest is how long a file may take over a slow line.
const slowest = 30 * time.Minute

// perPage is how many exports a page of the list shows.
const perPage = 30

func (s *Service) list(r *web.Request) (web.Response, error) {
	before, _ := id.Parse(r.Value("before")) // a wrong one starts the list
	all, err := s.List(r.Context(), r.Actor, before, perPage+1)
	if err != nil {
		return nil, err
	}
	p := &listPage{
		Frame: ui.Frame{Title: "导出", Lead: "您导出的名单。文件只有您自己能下载，过期自动删除。"},
		Table: ui.Table{
			Caption: "导出记录",
			Columns: []ui.Column{{Label: "导出时间"}, {Label: "状态"}, {Label: "人数", Number: true}, {Label: "内容", Wide: true}, {Label: "有效期至"}, {Label: "操作", Quiet: true}},
			Empty: ui.EmptyState{
				Icon: "file-export", Title: "还没有导出过名单", Text: "先在老年人档案里查到要导出的人，再点“导出”。",
				Action: ui.Action{Text: "去老年人档案", Href: "/persons", Icon: "users"},
			},
		},
	}
	if len(all) > perPage {
		all = all[:perPage]
		p.Table.Pager.Next = "/exports?before=" + all[perPage-1].ID.String()
	}
	if before != 0 {
		p.Table.Pager.Previous = "/exports"
	}
	for i := range all {
		p.Table.Rows = append(p.Table.Rows, s.listRow(&all[i]))
	}
	return web.Page("export/list", p), nil
}

func (s *Service) listRow(e *Export) ui.Row {
	at := "/exports/" + e.ID.String()
	content := ui.Cell{Text: joined(e.Labels()), Note: e.Purpose}
	if e.Whole {
		content.Tags = []ui.Tag{{Text: "完整号码", Tone: ui.Warning}}
	}
	row := ui.Row{ID: e.ID.String(), Cells: []ui.Cell{
		{Text: ui.Instant(e.Created), Href: at},
		{Tags: []ui.Tag{s.tag(e)}},
		{Text: ui.Number(e.Total)},
		content,
		{Text: ui.Instant(e.Expires)},
		{},
	}}
	if s.fetchable(e) {
		row.Cells[5].Links = []ui.Link{{Text: "下载", Href: at + "/file", Icon: "download"}}
	}
	return row
}

// joined lists the first columns.
func joined(labels []string) string {
	const most = 6
	text := ""
	for i, l := range labels {
		if i == most {
			return text + " 等 " + ui.Number(len(labels)) + " 列"
		}
		if i > 0 {
			text += "、"
		}
		text += l
	}
	return text
}

// fetchable reports whether the file of an export is there.
func (s *Service) fetchable(e *Export) bool {
	return e.State == Ready && civil.At(s.Now()) < e.Expires
}

// tag is the state in its colour; a file whose time is over counts as expired before
// it is removed.
func (s *Service) tag(e *Export) ui.Tag {
	state, tone := e.State, ui.Info
	if state == Ready && !s.fetchable(e) {
		state = Expired
	}
	switch state {
	case Ready:
		tone = ui.Success
	case Failed:
		tone = ui.Danger
	case Expired:
		tone = ui.Neutral
	}
	return ui.Tag{Text: state.Label(), Tone: tone}
}

// start takes an order. The list of people posts its query; without columns they are
// asked for.
func (s *Service) start(r *web.Request) (web.Response, error) {
	text := r.Value("query")
	v, err := url.ParseQuery(text)
	if err != nil {
		return nil, errs.New(errs.Invalid, "查询条件不完整，请回到名单重新导出。")
	}
	o := Order{Region: r.Region, Columns: r.Form["columns"], Whole: r.Value("clear") == "1", Purpose: r.Value("purpose")}
	if o.Query, err = person.ParseQuery(v); err != nil {
		return nil, err
	}
	if len(o.Columns) == 0 && !r.Form.Has("purpose") {
		o.Columns = Usual
		return web.Page("export/form", form(r, text, o)), nil
	}
	n, err := s.Start(r.Context(), r.Actor, o)
	if err == nil {
		return web.Redirect("/exports/"+n.String(), web.Done("已开始生成文件")), nil
	}
	p := form(r, text, o)
	return web.Again("export/form", p, &p.Form, err)
}

func form(r *web.Request, query string, o Order) *formPage {
	columns := ui.Field{Name: "columns", Label: "导出的列", Kind: ui.KindCheckboxes, Values: slices.Clone(o.Columns), Required: true}
	for _, c := range Columns {
		columns.Options = append(columns.Options, ui.Option{Value: c.Key, Label: c.Label})
	}
	fields := []ui.Field{columns}
	if r.Actor.Can(access.PersonUnmask) {
		clear := ui.Field{Name: "clear", Label: "导出完整的证件号码和电话", Kind: ui.KindCheckbox, Hint: "默认遮住中间几位。导出完整号码必须写明用途，并记入审计。"}
		if o.Whole {
			clear.Value = "1"
		}
		fields = append(fields, clear)
	}
	fields = append(fields, ui.Field{Name: "purpose", Label: "用途", Value: o.Purpose, MaxLength: 100, Autocomplete: "off", Hint: "如：与医保部门核对参保情况。"})
	f := ui.Simple("/exports", "开始导出", fields...)
	f.Hidden = []ui.Hidden{{Name: "query", Value: query}}
	f.Cancel = ui.Link{Href: "/persons?" + query}
	return &formPage{
		Frame: ui.Frame{Title: "导出名单", Narrow: true, Lead: "在后台生成 XLSX 文件，完成后下载。", Crumbs: []ui.Crumb{{Text: "导出", Href: "/exports"}}},
		Form:  f,
	}
}

func (s *Service) load(r *web.Request) (*Export, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.Get(r.Context(), r.Actor, n)
}

func (s *Service) show(r *web.Request) (web.Response, error) {
	e, err := s.load(r)
	if err != nil {
		return nil, err
	}
	p := &showPage{
		Frame:    ui.Frame{Title: "导出名单 " + ui.Instant(e.Created), Narrow: true, Tags: []ui.Tag{s.tag(e)}, Crumbs: []ui.Crumb{{Text: "导出", Href: "/exports"}}},
		Progress: bar(e),
		Details: ui.Details{Pairs: []ui.Pair{
			{Term: "人数", Text: ui.Number(max(e.Total, e.Written))},
			{Term: "列", Text: joined(e.Labels())},
			{Term: "证件号码和电话", Text: map[bool]string{true: "完整", false: "已遮盖"}[e.Whole]},
			{Term: "用途", Text: e.Purpose},
		}},
	}
	switch {
	case s.fetchable(e):
		p.Note = ui.Note{Tone: ui.Success, Title: "文件已生成", Text: "请在 " + ui.Instant(e.Expires) + " 前下载，过期自动删除。每次下载都记入审计；请妥善保管，用完删除。"}
		p.Actions = []ui.Action{{Text: "下载", Href: "/exports/" + e.ID.String() + "/file", Icon: "download", Primary: true}}
	case e.State == Failed:
		p.Note = ui.Note{Tone: ui.Danger, Title: "文件没有生成", Text: e.Reason}
	case e.State != Waiting:
		p.Note = ui.Note{Title: "文件已过期删除", Text: "需要的话请重新导出。", Link: ui.Link{Text: "去老年人档案", Href: "/persons"}}
	}
	return web.Page("export/show", p), nil
}

// bar is the progress of a file that is being made.
func bar(e *Export) ui.Progress {
	if e.State != Waiting {
		return ui.Progress{}
	}
	return ui.Progress{
		ID: "progress", Label: "正在生成文件", Done: e.Written, Goal: max(e.Total, e.Written),
		Poll: "/exports/" + e.ID.String() + "/progress",
	}
}

// progress answers the poll of the progress; when the file is made the page is loaded anew.
func (s *Service) progress(r *web.Request) (web.Response, error) {
	e, err := s.load(r)
	if err != nil {
		return nil, err
	}
	if p := bar(e); p.ID != "" && r.HTMX() {
		return web.Component("progress", p), nil
	}
	return web.Redirect("/exports/" + e.ID.String()), nil
}

func (s *Service) fetch(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	e, content, err := s.Fetch(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.File{Name: e.FileName(), Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Content: content}, nil
}
