package policyweb

import (
	"context"
	"embed"
	"strconv"
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/scenario"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages on service lists.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"policy/lists":     &listsPage{},
		"policy/version":   &versionPage{},
		"policy/check":     &checkPage{},
		"policy/filed":     &filedPage{},
		"policy/export":    &exportPage{},
		"policy/notice":    &noticePage{},
		"policy/step":      &stepPage{},
		"policy/form":      &formPage{},
		"policy/item":      &itemPage{},
		"policy/parameter": &parameterPage{},
		"policy/compare":   &comparePage{},
		"policy/levels":    &levelsPage{},
		"policy/filings":   &filingsPage{},
		"policy/filing":    &filingPage{},
	}}
}

// Live counts whom an item of a list that is being edited reaches.
type Live interface {
	Count(ctx context.Context, actor access.Actor, in region.Code, listYAML []byte, item string) (scenario.LiveCount, error)
}

// Pages are the pages on service lists.
type Pages struct {
	Lists *policy.Service
	// Live may be missing: then nobody is counted.
	Live Live
}

// maxText is the size of a form with a whole list in it: letters beyond ASCII take three
// times their room on the way.
const maxText = 7 << 20

// counting is how long it may take to count whom several items reach.
const counting = 2 * time.Minute

// Register registers the routes and the places in the navigation.
func (p *Pages) Register(m *web.Mux) {
	m.Menu(300, "政策", ui.NavItem{Text: "服务清单", Href: "/policies", Icon: "clipboard-list"}, access.PolicyRead)
	m.Menu(310, "政策", ui.NavItem{Text: "上下级对照", Href: "/policies/levels", Icon: "scale"}, access.PolicyRead)
	m.Menu(320, "政策", ui.NavItem{Text: "清单备案", Href: "/filings", Icon: "inbox"}, access.PolicyRead)

	m.Handle("GET /policies", access.PolicyRead, p.lists)
	m.Handle("GET /policies/new", access.PolicyWrite, p.askNew)
	m.Handle("POST /policies/new", access.PolicyWrite, p.begin)
	m.Handle("GET /policies/compare", access.PolicyRead, p.compare)
	m.Handle("GET /policies/levels", access.PolicyRead, p.levels)

	m.Handle("GET /policies/{id}", access.PolicyRead, p.version)
	m.Handle("GET /policies/{id}/check", access.PolicyRead, p.check)
	m.Handle("GET /policies/{id}/filings", access.PolicyRead, p.filed)
	m.Handle("GET /policies/{id}/export", access.PolicyRead, p.export)
	m.Handle("GET /policies/{id}/notice", access.PolicyRead, p.notice)
	m.Handle("GET /policies/{id}/list.yaml", access.PolicyRead, p.listYAML)
	m.Handle("GET /policies/{id}/tests.yaml", access.PolicyRead, p.testsYAML)
	m.Handle("GET /policies/{id}/list.xlsx", access.PolicyRead, p.listXLSX)
	for _, s := range steps {
		m.Handle("GET /policies/{id}/"+s.path, s.right, p.ask(s), web.Slow(counting))
		m.Handle("POST /policies/{id}/"+s.path, s.right, p.take(s), web.Slow(counting))
	}
	p.registerEditor(m)

	m.Handle("GET /filings", access.PolicyRead, p.filings)
	m.Handle("GET /filings/{id}", access.PolicyRead, p.filing)
	m.Handle("POST /filings/{id}", access.PolicyFile, p.answer)
}

func (p *Pages) registerEditor(m *web.Mux) {
	m.Handle("GET /policies/{id}/head", access.PolicyWrite, p.askHead)
	m.Handle("POST /policies/{id}/head", access.PolicyWrite, p.saveHead)
	m.Handle("GET /policies/{id}/text", access.PolicyWrite, p.askText(listText))
	m.Handle("POST /policies/{id}/text", access.PolicyWrite, p.saveText(listText), web.Body(maxText))
	m.Handle("GET /policies/{id}/tests", access.PolicyWrite, p.askText(testsText))
	m.Handle("POST /policies/{id}/tests", access.PolicyWrite, p.saveText(testsText), web.Body(maxText))
	m.Handle("GET /policies/{id}/parameters/{name}", access.PolicyWrite, p.askParameter)
	m.Handle("POST /policies/{id}/parameters/{name}", access.PolicyWrite, p.setParameter)
	m.Handle("GET /policies/{id}/add", access.PolicyWrite, p.askItem)
	m.Handle("POST /policies/{id}/add", access.PolicyWrite, p.saveItem)
	m.Handle("GET /policies/{id}/items/{item}/edit", access.PolicyWrite, p.askItem)
	m.Handle("POST /policies/{id}/items/{item}/edit", access.PolicyWrite, p.saveItem)
	m.Handle("POST /policies/{id}/items/{item}/delete", access.PolicyWrite, p.dropItem)
}

// formPage is a page that is one form, with what to know before filling it in.
type formPage struct {
	ui.Frame
	Note   ui.Note
	Form   ui.Form
	Faults ui.Table // what is wrong with what was saved
}

// home is the way back to the lists.
var home = ui.Crumb{Text: "服务清单", Href: "/policies"}

// link is the address of a version, or of a page on it.
func link(one id.ID, page string) string { return "/policies/" + one.String() + page }

// back is the way back to a version.
func back(v *policy.Version) []ui.Crumb {
	return []ui.Crumb{home, {Text: v.Title + edition(v), Href: link(v.ID, "")}}
}

// edition tells which version of its list it is.
func edition(v *policy.Version) string { return "（第 " + strconv.FormatInt(v.No, 10) + " 版）" }

// place tells a region; the empty one is the country.
func place(c region.Code) string {
	if c == region.Nation {
		return "全国"
	}
	return region.Name(c)
}

// read reads the version that the path names.
func (p *Pages) read(r *web.Request) (*policy.Version, error) {
	one, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.Lists.Get(r.Context(), r.Actor.Scope(access.PolicyRead), one)
}

// asked reads an id of the query; 0 where there is none.
func asked(r *web.Request, name string) (id.ID, error) {
	text := r.Value(name)
	if text == "" {
		return 0, nil
	}
	one, err := id.Parse(text)
	if err != nil {
		return 0, web.NotFound()
	}
	return one, nil
}

// seen is the version of the row that the form was made from.
func seen(r *web.Request) int64 {
	n, err := strconv.ParseInt(r.Value("version"), 10, 64)
	if err != nil {
		return 0 // stale against every version there is
	}
	return n
}

// carry makes a form tell which version of the row it was made from.
func carry(version int64) []ui.Hidden {
	return []ui.Hidden{{Name: "version", Value: strconv.FormatInt(version, 10)}}
}

// lines returns a text of several lines as it was written; browsers end lines in their
// own way.
func lines(r *web.Request, name string) string {
	return strings.ReplaceAll(r.FormValue(name), "\r\n", "\n")
}

// again shows a form once more with what is wrong. That somebody else must act, as who
// made a thing cannot approve it, is told there too.
func again(name string, page ui.Page, form *ui.Form, err error) (web.Response, error) {
	if errs.Is(err, errs.Denied) {
		form.Fail(err)
		page.UIFrame().Status = errs.Denied.Status()
		return web.Page(name, page), nil
	}
	return web.Again(name, page, form, err)
}

// day reads a day of a form.
func day(r *web.Request, f *errs.Fields, name, label string, must bool) civil.Date {
	text := r.Value(name)
	if text == "" {
		if must {
			f.Add(name, "请填写%s", label)
		}
		return 0
	}
	d, err := civil.Parse(text)
	if err != nil {
		f.Add(name, "“%s”不是日期，请按 2026-01-31 的样子填写", text)
	}
	return d
}

// can reports whether the actor may do something in a region.
func can(r *web.Request, right access.Permission, in region.Code) bool {
	return r.Actor.NeedIn(right, in) == nil
}
