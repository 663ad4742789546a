package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	devlog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a real browser of its own, which notes what its pages complain of.
type tab struct {
	ctx       context.Context
	downloads string
	mu        sync.Mutex
	faults    []string
}

// newTab starts a browser.
func newTab(t *testing.T) *tab {
	t.Helper()
	path := chromium(t)
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "zh-CN"),
	)
	allocator, endAll := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() { end(); endAll() })
	b := &tab{ctx: ctx, downloads: t.TempDir()}
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(ctx) }()
	select {
	case err := <-started:
		if err != nil {
			t.Fatalf("the browser does not start: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the browser does not start")
	}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	yes := true
	_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: b.downloads, EventsEnabled: &yes,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.size(t, 1440)
	return b
}

// chromium returns the browser of the machine.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("YIAN_REQUIRE_CHROMIUM") != "" {
		t.Fatal("there is no Chromium, and YIAN_REQUIRE_CHROMIUM insists on it")
	}
	t.Skip("there is no Chromium")
	return ""
}

// note collects what goes wrong in pages: errors of scripts, refused resources,
// violations of the content security policy.
func (b *tab) note(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *devlog.EventEntryAdded:
		if ev.Entry.Level == devlog.EntryLevelError || ev.Entry.Source == devlog.EntrySourceSecurity {
			b.faults = append(b.faults, ev.Entry.Text+" "+ev.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError {
			b.faults = append(b.faults, fmt.Sprint("console.error ", ev.Args))
		}
	}
}

// complaints returns what was noted since it was asked last.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.faults
	b.faults = nil
	return all
}

// step does something within a time.
func step[T any](t testing.TB, b *tab, what string, a chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatalf("%s: %v\nat %s\n%s", what, err, b.where(), b.what())
	}
	return out
}

func (b *tab) where() string { return b.quietly(`location.href`) }

func (b *tab) what() string {
	return b.quietly(`(document.querySelector("main") || document.body).innerText`)
}

// quietly evaluates a text for a message.
func (b *tab) quietly(script string) string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](script))
	return text
}

// js evaluates a script in the page.
func js[T any](t testing.TB, b *tab, script string) T {
	t.Helper()
	return step(t, b, script[:min(len(script), 80)], chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

func (b *tab) size(t testing.TB, width int64) {
	t.Helper()
	step(t, b, "resize", chromedp.EmulateViewport(width, 900))
}

// open goes to a page.
func (b *tab) open(t testing.TB, address string) {
	t.Helper()
	step(t, b, "open "+address, chromedp.Navigate(address))
}

// shows waits until the page shows a text.
func (b *tab) shows(t testing.TB, text string) {
	t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(b.quietly(`document.body.innerText`), text) {
			return
		}
	}
	t.Fatalf("%s does not show %q:\n%s", b.where(), text, b.what())
}

// lacks fails if the page shows a text.
func (b *tab) lacks(t testing.TB, text string) {
	t.Helper()
	if strings.Contains(js[string](t, b, `document.body.innerText`), text) {
		t.Errorf("%s shows %q:\n%s", b.where(), text, b.what())
	}
}

// fill types into the control that a label names.
func (b *tab) fill(t testing.TB, label, text string) {
	t.Helper()
	b.mark(t, "label", label)
	js[bool](t, b, `(() => { const l = document.querySelector("[data-e2e]"), c = l.control
		l.removeAttribute("data-e2e"); c.setAttribute("data-e2e", ""); c.scrollIntoView({block: "center"}); return true })()`)
	b.enter(t, label, text)
}

// set types into the control of a name, where a page has several of one label.
func (b *tab) set(t testing.TB, name, text string) {
	t.Helper()
	found := js[bool](t, b, `(() => { const all = [...document.querySelectorAll("form [name='`+name+`']")], radio = all.filter(c => c.type == "radio")
		const c = radio.find(c => c.value == `+quote(text)+`) || radio.find(c => c.labels[0].innerText.includes(`+quote(text)+`)) || (radio.length ? null : all[0])
		if (c) { c.setAttribute("data-e2e", ""); c.scrollIntoView({block: "center"}) }
		return !!c })()`)
	if !found {
		t.Fatalf("%s has nothing of the name %s:\n%s", b.where(), name, b.what())
	}
	b.enter(t, name, text)
}

// enter gives the marked control a value as somebody at the keyboard would.
func (b *tab) enter(t testing.TB, name, text string) {
	t.Helper()
	sel := chromedp.CSS("[data-e2e]")
	switch kind := js[string](t, b, `document.querySelector("[data-e2e]").type`); kind {
	case "select-one":
		found := js[bool](t, b, `(() => { const c = document.querySelector("[data-e2e]"), all = [...c.options]
			const o = all.find(o => o.value == `+quote(text)+`) || all.find(o => o.text.trim() == `+quote(text)+`) || all.find(o => o.text.includes(`+quote(text)+`))
			if (o) { c.value = o.value; c.dispatchEvent(new Event("change", {bubbles: true})) }
			return !!o })()`)
		if !found {
			t.Fatalf("%s offers no %q for %q", b.where(), text, name)
		}
	case "file":
		step(t, b, "choose a file", chromedp.SetUploadFiles(sel, []string{text}))
	case "date":
		js[bool](t, b, `(() => { const c = document.querySelector("[data-e2e]"); c.value = `+quote(text)+`; c.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
	case "checkbox", "radio":
		step(t, b, "tick "+name, chromedp.Click(sel))
	case "textarea":
		js[bool](t, b, `(document.querySelector("[data-e2e]").value = "", true)`)
		step(t, b, "type "+name, chromedp.SendKeys(sel, text))
	default:
		step(t, b, "clear "+name, chromedp.Clear(sel))
		step(t, b, "type "+name, chromedp.SendKeys(sel, text))
	}
	js[bool](t, b, `(document.querySelector("[data-e2e]")?.removeAttribute("data-e2e"), true)`)
}

// mark finds the visible element of a kind with a text, the exact one before others,
// that in the content before that around it.
func (b *tab) mark(t testing.TB, kind, text string) {
	t.Helper()
	script := `(() => {
		document.querySelectorAll("[data-e2e]").forEach(e => e.removeAttribute("data-e2e"))
		const words = e => (e.innerText || e.textContent).replace("（必填）", "").replace("*", "").replace(/\s+/g, " ").trim()
		const seen = e => e.getClientRects().length > 0
		for (const root of [document.querySelector("main"), document])
			for (const fits of [e => words(e) == ` + quote(text) + `, e => words(e).startsWith(` + quote(text) + `), e => words(e).includes(` + quote(text) + `)]) {
				const e = root && [...root.querySelectorAll(` + quote(kind) + `)].filter(seen).find(fits)
				if (e) { e.setAttribute("data-e2e", ""); e.scrollIntoView({block: "center"}); return true }
			}
		return false })()`
	// A page that shows how far something has come goes on by itself when it is done, maybe
	// in the middle of this.
	for until := time.Now().Add(patience); b.quietly("String("+script+")") != "true"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s has no %s %q:\n%s", b.where(), kind, text, b.what())
		}
	}
}

// press clicks what has the text, and waits for the page that comes. A page that is
// still moving may slip away under the mouse; then it is clicked again, as one does.
func (b *tab) press(t testing.TB, text string) {
	t.Helper()
	b.loaded(t)
	js[bool](t, b, `(window.leftBehind = true)`)
	for until := time.Now().Add(patience); time.Now().Before(until); {
		b.mark(t, "a, button, summary", text)
		step(t, b, "press "+text, chromedp.Click(chromedp.CSS("[data-e2e]")))
		for again := time.Now().Add(5 * time.Second); time.Now().Before(again); time.Sleep(20 * time.Millisecond) {
			if b.quietly(`window.leftBehind || document.readyState != "complete" ? "" : "new"`) == "new" {
				return
			}
			switch b.quietly(`document.querySelector("dialog[open]") ? "asked" : document.querySelector("form[data-sent]") ? "sent" : ""`) {
			case "asked": // whether it is meant: it is
				step(t, b, "confirm", chromedp.Click(chromedp.CSS("dialog[open] button")))
			case "sent":
				again = until
			}
		}
	}
	t.Fatalf("%q at %s leads nowhere:\n%s", text, b.where(), b.what())
}

// left waits until another page has taken the place of one that was marked.
func (b *tab) left(t testing.TB) {
	t.Helper()
	for until := time.Now().Add(patience); b.quietly(`window.leftBehind ? "" : "left"`) == ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s stays where it is:\n%s", b.where(), b.what())
		}
	}
	b.loaded(t)
}

// loaded waits until the page is complete.
func (b *tab) loaded(t testing.TB) {
	t.Helper()
	for until := time.Now().Add(patience); b.quietly(`document.readyState`) != "complete"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s is never complete", b.where())
		}
	}
}

// touch clicks what has the text and stays on the page.
func (b *tab) touch(t testing.TB, text string) {
	t.Helper()
	b.mark(t, "a, button, summary", text)
	step(t, b, "touch "+text, chromedp.Click(chromedp.CSS("[data-e2e]")))
}

// at is the path of the page.
func (b *tab) at(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(js[string](t, b, `location.href`))
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}
