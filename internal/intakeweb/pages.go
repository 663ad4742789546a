package intakeweb

import (
	"context"
	"embed"
	"errors"
	"io"
	"mime/multipart"
	"strconv"
	"time"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/intake"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var templates embed.FS

// listPage lists imports.
type listPage struct {
	ui.Frame
	Table ui.Table
}

// newPage takes a file.
type newPage struct {
	ui.Frame
	Note ui.Note
	Form ui.Form
}

// showPage is one import, with what to do next.
type showPage struct {
	ui.Frame
	Steps       ui.Steps
	Note        ui.Note
	Progress    ui.Progress // without an ID there is none
	Stats       []ui.Stat
	Form        ui.Form // of the columns; without sections there is none
	FaultsTitle string
	Faults      ui.Table
	Details     ui.Details
}

// Views are the pages of imports.
func Views() ui.Set {
	return ui.Set{FS: templates, Pages: map[string]ui.Page{
		"intake/list": &listPage{}, "intake/new": &newPage{}, "intake/show": &showPage{},
	}}
}

// Pages are the pages of imports.
type Pages struct{ Imports *intake.Service }

// Register registers the routes and the place in the navigation.
func (h *Pages) Register(m *web.Mux) {
	s := h.Imports
	m.Menu(140, "老年人", ui.NavItem{Text: "导入", Href: "/imports", Icon: "file-import"}, access.PersonImport)
	m.Handle("GET /imports", access.PersonImport, h.list)
	m.Handle("GET /imports/new", access.PersonImport, h.new)
	m.Handle("POST /imports", access.PersonImport, h.upload, web.Body(s.Limits.Upload+1<<20))
	m.Handle("GET /imports/{id}", access.PersonImport, h.show)
	m.Handle("GET /imports/{id}/progress", access.PersonImport, h.progress)
	m.Handle("POST /imports/{id}/mapping", access.PersonImport, h.match)
	m.Handle("POST /imports/{id}/check", access.PersonImport, h.act(s.Check, "开始试运行"))
	m.Handle("POST /imports/{id}/commit", access.PersonImport, h.act(s.Commit, "开始导入"))
	m.Handle("POST /imports/{id}/continue", access.PersonImport, h.act(s.GoOn, "继续处理"))
	m.Handle("POST /imports/{id}/cancel", access.PersonImport, h.act(s.Cancel, "已取消导入"))
	m.Handle("GET /imports/{id}/rejects", access.PersonImport, h.rejects, web.Slow(10*time.Minute))
}

// perPage is how many imports a page of the list shows.
const perPage = 30

func (h *Pages) list(r *web.Request) (web.Response, error) {
	before, _ := id.Parse(r.Value("before")) // a wrong one starts the list
	all, err := h.Imports.List(r.Context(), r.Scope(access.PersonImport), before, perPage+1)
	if err != nil {
		return nil, err
	}
	p := &listPage{
		Frame: ui.Frame{Title: "导入", Lead: "把部门或乡镇的人员表（CSV、Excel）导入老年人档案。", Actions: []ui.Action{{Text: "导入文件", Href: "/imports/new", Icon: "upload", Primary: true}}},
		Table: ui.Table{
			Caption: "导入记录",
			Columns: []ui.Column{{Label: "文件", Wide: true}, {Label: "状态"}, {Label: "来源"}, {Label: "行数", Number: true}, {Label: "退回", Number: true}, {Label: "上传"}},
			Empty: ui.EmptyState{
				Icon: "file-import", Title: "还没有导入过文件", Text: "第一行是表头、每行一位老年人，要有身份证号一列；新建档案的行还要有姓名。导入前会先试运行，告诉您每行的结果。",
				Action: ui.Action{Text: "导入文件", Href: "/imports/new", Icon: "upload", Primary: true},
			},
		},
	}
	if len(all) > perPage {
		all = all[:perPage]
		p.Table.Pager.Next = "/imports?before=" + all[perPage-1].ID.String()
	}
	if before != 0 {
		p.Table.Pager.Previous = "/imports"
	}
	for i := range all {
		p.Table.Rows = append(p.Table.Rows, listRow(&all[i]))
	}
	return web.Page("intake/list", p), nil
}

func listRow(imp *intake.Import) ui.Row {
	counts := imp.Checked
	if imp.Brought.Rows > 0 {
		counts = imp.Brought
	}
	rejected := ui.Unknown
	if counts.Rows > 0 {
		rejected = ui.Number(counts.Rejected)
	}
	return ui.Row{ID: imp.ID.String(), Cells: []ui.Cell{
		{Text: imp.FileName, Href: "/imports/" + imp.ID.String()},
		{Tags: []ui.Tag{tag(imp.State)}},
		{Text: imp.Source.Label()},
		{Text: ui.Number(imp.Total)},
		{Text: rejected},
		{Text: imp.UserName, Note: ui.Instant(imp.Created) + " · " + region.Name(imp.Region)},
	}}
}

// tag is the state in its colour.
func tag(s intake.State) ui.Tag {
	t := ui.Tag{Text: s.Label()}
	switch s {
	case intake.Done:
		t.Tone = ui.Success
	case intake.Failed:
		t.Tone = ui.Danger
	case intake.Stopped, intake.Matching, intake.Checked:
		t.Tone = ui.Warning
	case intake.Cancelled:
		t.Tone = ui.Neutral
	default:
		t.Tone = ui.Info
	}
	return t
}

func (h *Pages) new(*web.Request) (web.Response, error) {
	return web.Page("intake/new", h.form("")), nil
}

func (h *Pages) form(source string) *newPage {
	return &newPage{
		Frame: ui.Frame{Title: "导入文件", Narrow: true, Crumbs: []ui.Crumb{{Text: "导入", Href: "/imports"}}},
		Note: ui.Note{Tone: ui.Info, Title: "文件要求", Text: "CSV（UTF-8 或 GB18030，可用 gzip 压缩）或 Excel 的 .xlsx，最多 " + ui.Number(h.Imports.Limits.Rows) +
			" 行、" + ui.Number(h.Imports.Limits.Upload>>20) + " MB；有一行表头，每行一位老年人，要有证件号码；新建档案的还要有姓名。身份证号一列请设为“文本”格式，否则 Excel 会丢掉后几位。"},
		Form: ui.Form{
			Action: "/imports", Upload: true, Submit: "上传", Cancel: ui.Link{Href: "/imports"},
			Sections: []ui.Section{{Fields: []ui.Field{
				sourceField(source),
				{Name: "file", Label: "文件", Kind: ui.KindFile, Accept: ".csv,.gz,.xlsx,.txt", Required: true},
			}}},
		},
	}
}

func sourceField(value string) ui.Field {
	f := ui.Field{
		Name: "source", Label: "数据来自", Kind: ui.KindSelect, Value: value, Required: true,
		Hint: "同一项信息几个部门说法不同时，以主管部门的为准。", Options: []ui.Option{{Value: "", Label: "请选择"}},
	}
	for _, info := range history.Sources {
		if info.Source != history.Settled && info.Source != history.Document { // neither speaks in files
			f.Options = append(f.Options, ui.Option{Value: string(info.Source), Label: info.Label})
		}
	}
	return f
}

// upload takes the parts of the form as they come in, so that a file never lies on the
// disk of this process.
func (h *Pages) upload(r *web.Request) (web.Response, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, errs.New(errs.Invalid, "没有收到文件，请重新选择文件后上传。").Because(err)
	}
	up := intake.Upload{Region: home(r)}
	n, err := h.take(r, parts, &up)
	if err == nil {
		return web.Redirect("/imports/"+n.String(), web.Done("文件已上传，正在读取")), nil
	}
	_, _ = io.Copy(io.Discard, r.Body) // or the browser would not see the answer
	p := h.form(string(up.Source))
	return web.Again("intake/new", p, &p.Form, err)
}

func (h *Pages) take(r *web.Request, parts *multipart.Reader, up *intake.Upload) (id.ID, error) {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			var f errs.Fields
			f.Add("file", "请选择要导入的文件")
			return 0, f.Err()
		}
		if err != nil {
			return 0, errs.New(errs.Invalid, "文件没有传完，请重新上传。").Because(err)
		}
		switch {
		case part.FormName() == "source":
			b, err := io.ReadAll(io.LimitReader(part, 100))
			if err != nil {
				return 0, err
			}
			up.Source = history.Source(b)
		case part.FormName() == "file" && part.FileName() != "":
			up.Name = part.FileName()
			return h.Imports.Upload(r.Context(), r.Actor, *up, part)
		}
	}
}

// home is the region that an import belongs to: the chosen one if the actor may import
// there, else one where he may.
func home(r *web.Request) region.Code {
	if regions := r.Scope(access.PersonImport).Regions(); len(regions) > 0 {
		return regions[0]
	}
	return r.Actor.Scope(access.PersonImport).Regions()[0] // the route needs the permission
}

// act makes a handler of a step that takes no more than the version.
func (h *Pages) act(step func(ctx context.Context, actor access.Actor, n id.ID, version int64) error, done string) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		version, _ := strconv.ParseInt(r.Value("version"), 10, 64) // a wrong one is stale
		if err := step(r.Context(), r.Actor, n, version); err != nil {
			return nil, err
		}
		return web.Redirect("/imports/"+n.String(), web.Done("%s", done)), nil
	}
}

func (h *Pages) rejects(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	content, err := h.Imports.Rejects(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.File{Name: "退回-" + n.String() + ".csv", Type: "text/csv; charset=utf-8", Content: content}, nil
}
