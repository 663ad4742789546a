package trail

import (
	"context"
	"embed"
	"net/url"
	"slices"
	"sync"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages of this module.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{"trail/list": &listPage{}, "trail/verify": &verifyPage{}}}
}

// Pages are the pages of the audit trail.
type Pages struct {
	Audit *audit.Log
	// Login finds the user of a login name; NotFound where there is none in the scope.
	Login func(ctx context.Context, scope access.Scope, login string) (id.ID, error)
	// Root returns the region that the whole system is for.
	Root func(ctx context.Context) (region.Code, error)
	// Actions are what modules write to the trail.
	Actions []audit.Action
	Now     func() time.Time

	verifying sync.Mutex
}

// Register registers the routes and the place in the navigation.
func (p *Pages) Register(m *web.Mux) {
	m.Menu(940, "系统管理", ui.NavItem{Text: "审计记录", Href: "/audit", Icon: "history"}, access.AuditRead)
	m.Handle("GET /audit", access.AuditRead, p.list)
	m.Handle("GET /audit/verify", access.AuditRead, p.askVerify)
	m.Handle("POST /audit/verify", access.AuditRead, p.verify, web.Slow(verifyTime))
}

// listPage lists entries, the newest first.
type listPage struct {
	ui.Frame
	Note   ui.Note
	Search ui.SearchBar
	Table  ui.Table
}

const onePage = 50

// kinds names the subjects of entries.
var kinds = []ui.Option{
	{Label: "全部对象"},
	{Value: "person", Label: "老年人档案"},
	{Value: "user", Label: "用户"},
	{Value: "organisation", Label: "单位"},
	{Value: "token", Label: "接口令牌"},
	{Value: "sign_in", Label: "登录（不知是谁）"},
	{Value: "setup", Label: "首位管理员链接"},
	{Value: "pair", Label: "疑似重复档案"},
	{Value: "import", Label: "导入"},
	{Value: "export", Label: "导出"},
	{Value: "policy", Label: "服务清单"},
	{Value: "filing", Label: "清单备案"},
	{Value: "entitlement", Label: "待遇认定"},
	{Value: "outreach", Label: "待办联系"},
	{Value: "message", Label: "通知消息"},
	{Value: "scenario", Label: "测算方案"},
	{Value: "audit", Label: "审计"},
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	scope := r.Scope(access.AuditRead)
	page := &listPage{Frame: ui.Frame{
		Title: "审计记录", Lead: "谁在什么时候对什么做了什么。记录不能修改；改动会在校验时发现。",
		Actions: []ui.Action{{Text: "校验", Href: "/audit/verify", Icon: "shield-check"}},
	}}
	q, note, err := p.query(r, scope)
	if err != nil {
		return nil, err
	}
	page.Note, page.Search = note, p.search(r)
	page.Table = ui.Table{
		Caption: "审计记录",
		Columns: []ui.Column{{Label: "时间"}, {Label: "操作人"}, {Label: "操作"}, {Label: "对象"}, {Label: "区域"}, {Label: "说明", Wide: true}},
		Empty:   ui.EmptyState{Icon: "history", Title: "没有符合条件的记录", Text: "请放宽条件，或在右上角换一个区域再查。", Action: ui.Action{Text: "查看全部", Href: "/audit"}},
	}
	if note.Text != "" {
		return web.Page("trail/list", page), nil
	}
	entries, err := p.Audit.Entries(r.Context(), scope, q)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if i == onePage {
			page.Table.Pager.Next, err = ui.Query(r.URL.RequestURI(), "before", entries[i-1].ID.String())
			break
		}
		page.Table.Rows = append(page.Table.Rows, row(&entries[i]))
	}
	if q.Before != 0 && err == nil {
		page.Table.Pager.Previous, err = ui.Query(r.URL.RequestURI(), "before", "")
		page.Table.Pager.Text = "“上一页”回到最新的记录"
	}
	return web.Page("trail/list", page), err
}

// query reads the conditions. What cannot be read is told instead of passed over.
func (p *Pages) query(r *web.Request, scope access.Scope) (audit.Query, ui.Note, error) {
	q := audit.Query{Kind: r.Value("kind"), Subject: r.Value("subject"), Action: r.Value("action"), Limit: onePage + 1}
	q.Before, _ = id.Parse(r.Value("before"))
	wrong := func(text string) (audit.Query, ui.Note, error) {
		return q, ui.Note{Tone: ui.Warning, Text: text}, nil
	}
	var days [2]civil.Date
	for i, name := range []string{"from", "to"} {
		if text := r.Value(name); text != "" {
			d, err := civil.Parse(text)
			if err != nil {
				return wrong("日期应写成 2026-11-22 的样子。")
			}
			days[i] = d
		}
	}
	q.From, q.To = midnight(days[0]), midnight(days[1])
	if !q.To.IsZero() {
		q.To = q.To.Add(24 * time.Hour) // the last day counts
	}
	if text := r.Value("actor"); text != "" {
		user, err := p.Login(r.Context(), scope, text)
		if errs.Is(err, errs.NotFound) {
			return wrong("没有找到登录名为“" + text + "”的用户。")
		}
		if err != nil {
			return q, ui.Note{}, err
		}
		q.Actor = user
	}
	return q, ui.Note{}, nil
}

// midnight is when a day begins in Beijing; no instant for no day.
func midnight(d civil.Date) civil.Instant {
	if d.IsZero() {
		return 0
	}
	y, m, day := d.Date()
	return civil.At(time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Add(-8 * time.Hour))
}

func (p *Pages) search(r *web.Request) ui.SearchBar {
	chosen := r.Value("action")
	actions := []ui.Option{{Label: "全部操作"}}
	for _, a := range p.Actions {
		actions = append(actions, ui.Option{Value: a.Code, Label: a.Label})
	}
	if !slices.ContainsFunc(actions, func(o ui.Option) bool { return o.Value == chosen }) {
		actions = append(actions, ui.Option{Value: chosen, Label: chosen}) // of a line that was followed
	}
	s := ui.SearchBar{
		Action: "/audit",
		Fields: []ui.Field{
			{Name: "actor", Label: "操作人的登录名", Value: r.Value("actor"), Autocomplete: "off"},
			{Name: "action", Label: "操作", Kind: ui.KindSelect, Value: chosen, Options: actions, Width: "m"},
			{Name: "kind", Label: "对象", Kind: ui.KindSelect, Value: r.Value("kind"), Options: kinds, Width: "m"},
		},
		More: []ui.Field{
			{Name: "subject", Label: "对象编号", Value: r.Value("subject"), Autocomplete: "off", Hint: "档案或用户网址里的编号。"},
			{Name: "from", Label: "从", Kind: ui.KindDate, Value: r.Value("from")},
			{Name: "to", Label: "到（含当天）", Kind: ui.KindDate, Value: r.Value("to")},
		},
	}
	return s
}

// row shows an entry; what was done and to what lead to all entries alike.
func row(e *audit.Entry) ui.Row {
	by := ui.Cell{Text: e.Actor, Note: vias[e.Via]}
	subject := ui.Cell{Text: kindName(e.Kind), Note: e.Subject}
	if e.Subject != "" {
		subject.Href = "/audit?" + url.Values{"kind": {e.Kind}, "subject": {e.Subject}}.Encode()
	}
	done := ui.Cell{Text: e.Label, Note: e.Action, Href: "/audit?" + url.Values{"action": {e.Action}}.Encode()}
	said := ui.Cell{Text: e.Purpose, Note: detail(e.Detail)}
	return ui.Row{ID: "e" + e.ID.String(), Cells: []ui.Cell{
		{Text: e.At.String()}, by, done, subject, {Text: region.Name(e.Region)}, said,
	}}
}

var vias = map[string]string{"session": "网页", "token": "接口", "system": "系统", "login": "登录页"}

func kindName(kind string) string {
	for _, k := range kinds {
		if k.Value == kind && kind != "" {
			return k.Label
		}
	}
	return kind
}
