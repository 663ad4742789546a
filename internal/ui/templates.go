package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"reflect"
	"strings"

	"yian/internal/region"
)

//go:embed layout/*.html components/*.html
var own embed.FS

// Set is the templates of a module.
type Set struct {
	FS    fs.FS             // holds templates/*.html
	Pages map[string]Page   // "person/list" is templates/list.html with a pointer to this struct
	Parts map[string][]Part // by page: defines of its file that are rendered alone
}

// Part is a define inside the file of a page that is rendered alone, for htmx.
type Part struct {
	Name string
	Data any // a zero value of what it is rendered with
}

// Templates renders pages (页面模板). Each page is a clone of the layout and the
// components with the page's file and the files of its module whose names begin
// with an underscore.
type Templates struct {
	pages      map[string]*page
	components *template.Template
}

type page struct {
	tree *template.Template
	data map[string]reflect.Type // by define: layout for the whole page
}

// New parses the layout, the components and the pages of all modules.
func New(assets *Assets, sets ...Set) (*Templates, error) {
	base, err := template.New("").Funcs(functions(assets)).ParseFS(own, "layout/*.html", "components/*.html")
	if err != nil {
		return nil, fmt.Errorf("ui: %w", err)
	}
	t := &Templates{pages: map[string]*page{}}
	if t.components, err = base.Clone(); err != nil {
		return nil, fmt.Errorf("ui: %w", err)
	}
	if err := checkIcons(t.components, assets); err != nil {
		return nil, err
	}
	for _, set := range sets {
		for name, data := range set.Pages {
			if t.pages[name] != nil {
				return nil, fmt.Errorf("ui: two pages are called %s", name)
			}
			if t.pages[name], err = parsePage(base, set, name, data); err != nil {
				return nil, err
			}
			if err := checkIcons(t.pages[name].tree, assets); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return t, nil
}

func parsePage(base *template.Template, set Set, name string, data Page) (*page, error) {
	tree, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("ui: %s: %w", name, err)
	}
	partials, err := fs.Glob(set.FS, "templates/_*.html")
	if err != nil {
		return nil, fmt.Errorf("ui: %s: %w", name, err)
	}
	file := "templates/" + path.Base(name) + ".html"
	if _, err := tree.ParseFS(set.FS, append(partials, file)...); err != nil {
		return nil, fmt.Errorf("ui: %s: %w", name, err)
	}
	p := &page{tree: tree, data: map[string]reflect.Type{"layout": reflect.TypeOf(data)}}
	if tree.Lookup("content") == nil {
		return nil, fmt.Errorf("ui: %s: %s defines no content", name, file)
	}
	for _, part := range set.Parts[name] {
		if tree.Lookup(part.Name) == nil {
			return nil, fmt.Errorf("ui: %s: nothing defines %s", name, part.Name)
		}
		p.data[part.Name] = reflect.TypeOf(part.Data)
	}
	return p, nil
}

// functions are all functions that templates have besides those of text/template.
func functions(assets *Assets) template.FuncMap {
	return template.FuncMap{
		"asset":   assets.URL,
		"brand":   func() string { return Brand },
		"date":    Date,
		"fen":     Yuan,
		"icon":    assets.Icon,
		"instant": instant,
		"number":  number,
		"query":   Query,
		"region":  region.Name,
	}
}

// Render writes a page. It writes nothing when the page fails.
func (t *Templates) Render(w io.Writer, name string, data Page) error {
	return t.RenderPart(w, name, "layout", data)
}

// RenderPart writes a part of a page for htmx.
func (t *Templates) RenderPart(w io.Writer, name, part string, data any) error {
	p := t.pages[name]
	if p == nil {
		return fmt.Errorf("ui: no page is called %s", name)
	}
	if want := p.data[part]; want == nil || reflect.TypeOf(data) != want {
		return fmt.Errorf("ui: %s: %s takes %v, not %T", name, part, want, data)
	}
	return render(w, p.tree, part, data)
}

// RenderComponent writes a component alone: a progress, a region-select.
func (t *Templates) RenderComponent(w io.Writer, name string, data any) error {
	return render(w, t.components, name, data)
}

func render(w io.Writer, tree *template.Template, name string, data any) error {
	var b bytes.Buffer
	if err := tree.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("ui: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Check is a template with the data it is rendered with, for a test of types.
type Check struct {
	Name     string
	Template *template.Template
	Data     any
}

// Checks lists all pages and parts with zero values of their data.
func (t *Templates) Checks() []Check {
	var all []Check
	for name, p := range t.pages {
		for part, typ := range p.data {
			all = append(all, Check{strings.TrimSuffix(name+"#"+part, "#layout"), p.tree.Lookup(part), reflect.Zero(typ).Interface()})
		}
	}
	return all
}
