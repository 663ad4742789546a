// Package uitest checks the templates of a module in its tests.
package uitest

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/jba/templatecheck"

	"yian/internal/ui"
	"yian/web"
)

// Assets are assets without content under their logical names, with the icons there
// are: golden pages must not change with every build of the front end.
func Assets(t testing.TB) *ui.Assets {
	t.Helper()
	dist := fstest.MapFS{}
	names := map[string]string{}
	for _, name := range []string{"app.css", "app.js", "charts.js", "icons.svg", "brand.svg"} {
		names[name] = name
		dist[name] = &fstest.MapFile{}
	}
	manifest, err := json.Marshal(map[string]any{"files": names, "icons": json.RawMessage(web.IconsJSON)})
	if err != nil {
		t.Fatal(err)
	}
	dist["manifest.json"] = &fstest.MapFile{Data: manifest}
	assets, err := ui.OpenAssets(dist)
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

// Templates parses sets and fails where a template does not fit the struct that it is
// rendered with: a field that is not there, a component that takes another type, a
// function with other arguments, an icon that does not exist.
func Templates(t testing.TB, sets ...ui.Set) *ui.Templates {
	t.Helper()
	templates, err := ui.New(Assets(t), sets...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range templates.Checks() {
		if err := templatecheck.CheckHTMLStrict(c.Template, c.Data); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	return templates
}

// Page renders a page for a look at its HTML.
func Page(t testing.TB, templates *ui.Templates, name string, data ui.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := templates.Render(&b, name, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
