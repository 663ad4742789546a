package e2e

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// variant is a way in which somebody looks at a page. Colours are those of the theme
// and sizes those of the screen, so that not everything is asked of every variant.
type variant struct {
	name  string
	width int64
	dark  bool
	large bool
	rules string // of axe; empty: all; "-": none
}

var variants = []variant{
	{name: "wide", width: 1440},
	{name: "wide and dark", width: 1440, dark: true, rules: "color-contrast"},
	{name: "narrow", width: 390, rules: "-"},
	{name: "narrow, dark and large", width: 390, dark: true, large: true},
}

// walk is what of the site is looked at, page by page.
type walk struct {
	logins []string                      // in this order; "": nobody
	starts map[string][]string           // where a login begins besides his first page
	worth  func(path, login string) bool // whether he looks at a page
	least  int                           // of pages that must be found
}

// TestEveryPageIsForEverybody opens each page that a role can reach, on a wide and a
// narrow screen, light, dark and in large type: axe finds nothing, nothing sticks out
// at the side, and nothing is complained of in the console. The pages on services are
// looked at in a test of their own.
func TestEveryPageIsForEverybody(t *testing.T) {
	t.Parallel()
	w := walk{logins: []string{"", "county", "admin", "auditor", "leader"}, starts: map[string][]string{"county": {"/no-such-page"}}, least: 38}
	w.worth = func(path, login string) bool {
		shared := strings.HasPrefix(path, "/account") || path == "/no-such-page" // what every role has is looked at once
		return !ofServices(path) && (!shared || login == "county")
	}
	w.through(t, serveDemo(t))
}

// through opens each page that the links lead to, one of each shape.
func (w *walk) through(t *testing.T, demo *server) {
	t.Helper()
	axe, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is not there: run `make front` first: %v", err)
	}
	b := newTab(t)
	seen := map[string]bool{}
	for _, login := range w.logins {
		start := "/login"
		if login != "" {
			demo.enter(t, b, login)
			start = "/"
		}
		b.open(t, demo.base+start)
		todo := append([]string{start}, w.starts[login]...)
		for todo = append(todo, links(t, b)...); len(todo) > 0; {
			path := todo[0]
			todo = todo[1:]
			if kind := login + " " + shape(path); seen[kind] || !shown(path) || !w.worth(path, login) {
				continue
			} else {
				seen[kind] = true
			}
			b.open(t, demo.base+path)
			look(t, b, string(axe), login, path)
			todo = append(todo, links(t, b)...)
		}
		if login != "" {
			demo.leave(t, b)
		}
	}
	if len(seen) < w.least {
		t.Errorf("only %d pages were found: %v", len(seen), seen)
	}
}

// serveDemo starts the demonstration.
func serveDemo(t testing.TB) *server {
	t.Helper()
	return begin(t, installation{}, "demo", "--listen", "127.0.0.1:0", "--elders", "2000")
}

// demoPassword is that of all accounts of the demonstration.
const demoPassword = "Yian-demo-2026"

// enter signs in as an account of the demonstration.
func (s *server) enter(t testing.TB, b *tab, login string) {
	t.Helper()
	b.open(t, s.base+"/login")
	b.fill(t, "登录名", login)
	b.fill(t, "密码", demoPassword)
	b.press(t, "登录")
	if at := b.at(t); at != "/" {
		t.Fatalf("%s is led to %s: %s", login, at, b.what())
	}
}

// leave signs out.
func (s *server) leave(t testing.TB, b *tab) {
	t.Helper()
	b.size(t, 1440)
	b.open(t, s.base+"/account")
	js[bool](t, b, `(document.querySelector('form[action="/logout"]').submit(), true)`)
	b.shows(t, "您已退出")
}

var (
	number = regexp.MustCompile(`/[0-9][0-9a-z]{8,12}(/|$)`)
	item   = regexp.MustCompile(`/(items|parameters|lists/[^/]+)/[^/?]+`)
	place  = regexp.MustCompile(`/lists/[^/?]+`)
)

// shape is a path without what differs from thing to thing: one page of each shape is
// looked at.
func shape(path string) string {
	path, query, _ := strings.Cut(path, "?")
	for number.MatchString(path) {
		path = number.ReplaceAllString(path, "/{id}$1")
	}
	path = place.ReplaceAllString(item.ReplaceAllString(path, "/$1/{name}"), "/lists/{place}")
	v, _ := url.ParseQuery(query)
	for _, name := range []string{"state", "on", "box"} {
		if one := v.Get(name); one != "" && !strings.HasPrefix(path, "/scenarios") {
			path += "?" + name + "=" + one
		}
	}
	return path
}

// shown reports whether what a link leads to is a page.
func shown(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	for _, start := range []string{"/assets/", "/api/", "/account/second/qr", "/metrics", "/logout"} {
		if strings.HasPrefix(path, start) {
			return false
		}
	}
	for _, end := range []string{"/photo", "/rejects", "/file", "/progress", "/csv", "/xlsx", ".csv", ".xlsx", ".yaml"} {
		if strings.HasSuffix(path, end) {
			return strings.HasPrefix(path, "/policies/") && end == "/file" // there it is a step
		}
	}
	return true
}

// links are the pages of the site that the page leads to.
func links(t testing.TB, b *tab) []string {
	t.Helper()
	return js[[]string](t, b, `[...document.querySelectorAll("a[href]")].map(a => a.href).filter(h => h.startsWith(location.origin + "/") && !h.includes("#")).map(h => h.slice(location.origin.length))`)
}

// look looks at the page in every way.
func look(t *testing.T, b *tab, axe, login, path string) {
	t.Helper()
	for _, fault := range b.complaints() {
		if path != "/no-such-page" || !strings.Contains(fault, "404") {
			t.Errorf("%s of %q: %s", path, login, fault)
		}
	}
	js[bool](t, b, axe+"; true")
	for _, v := range variants {
		b.size(t, v.width)
		theme := "light"
		if v.dark {
			theme = "dark"
		}
		js[bool](t, b, fmt.Sprintf(`(document.documentElement.dataset.bsTheme = %q, document.documentElement.classList.toggle("large", %t), true)`, theme, v.large))
		js[bool](t, b, settled)
		for _, found := range violations(t, b, v.rules) {
			t.Errorf("%s of %q, %s: %s", path, login, v.name, found)
		}
		if v.width > 400 {
			continue
		}
		if over := js[string](t, b, sticksOut); over != "" {
			t.Errorf("%s of %q, %s: sticks out at the side: %s", path, login, v.name, over)
		}
	}
}

// settled ends what is still moving: colours that are on their way have no contrast.
const settled = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
	document.getAnimations().forEach(a => { try { a.finish() } catch { a.cancel() } }); done(true) })))`

// violations runs axe on the page.
func violations(t testing.TB, b *tab, rules string) []string {
	t.Helper()
	if rules == "-" {
		return nil
	}
	options := `{resultTypes: ["violations"]`
	if rules != "" {
		options += `, runOnly: {type: "rule", values: ` + quote(rules) + `.split(",")}`
	}
	return js[[]string](t, b, `axe.run(document, `+options+`}).then(r => r.violations.map(v =>
		v.id + " (" + v.impact + "): " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + n.html.slice(0, 160) + " " +
			[...n.any, ...n.all].map(c => c.message).join("; ").slice(0, 200)).join(" | ")))`)
}

// sticksOut names what is wider than the screen and is not clipped by what it is in.
const sticksOut = `(() => {
	const page = document.scrollingElement
	if (page.scrollWidth <= innerWidth) return ""
	const clipped = e => { for (let p = e.parentElement; p && p != document.body; p = p.parentElement) if (getComputedStyle(p).overflowX != "visible") return true; return false }
	const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !clipped(e))
	return page.scrollWidth + " > " + innerWidth + ": " + wide.slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(" | ") })()`
