package workbench

import (
	"context"
	"embed"
	"fmt"
	"sync"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/region"
	"yian/internal/snapshot"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages of this package.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{"workbench/home": &homePage{}}}
}

// Item (待办) is something that waits for the user.
type Item struct {
	Text, Href, Icon string
	Count            int
	Note             string // what it is about
	Tone             ui.Tone
}

// Todo (待办来源) says what waits in a module for an actor, in the region that he has
// chosen. What does not wait is not an item.
type Todo func(ctx context.Context, actor access.Actor, in region.Code) ([]Item, error)

// Figures (统计来源) counts the people of a scope on a day.
type Figures func(ctx context.Context, scope access.Scope, on civil.Date) (*snapshot.Figures, error)

// Workbench (工作台) is the first page.
type Workbench struct {
	Figures Figures
	Todos   []Todo
	Now     func() time.Time

	mu    sync.Mutex
	known map[string]known
}

// known is figures that were counted a moment ago.
type known struct {
	at      time.Time
	figures *snapshot.Figures
}

// How long figures are shown before they are counted anew, and of how many scopes.
const (
	fresh  = time.Minute
	scopes = 1000
)

// Register registers the route and its place in the navigation.
func (w *Workbench) Register(m *web.Mux) {
	m.Menu(0, "", ui.NavItem{Text: "工作台", Href: "/", Icon: "layout-dashboard"}, access.SignedIn)
	m.Handle("GET /", access.SignedIn, w.home)
}

// figures counts the people of a scope, at most once a minute.
func (w *Workbench) figures(ctx context.Context, scope access.Scope) (*snapshot.Figures, error) {
	now := w.Now()
	today := civil.At(now).Day()
	key := fmt.Sprint(today, scope.Regions())
	w.mu.Lock()
	k, ok := w.known[key]
	w.mu.Unlock()
	if ok && now.Sub(k.at) < fresh {
		return k.figures, nil
	}
	f, err := w.Figures(ctx, scope, today)
	if err != nil || f.Made == 0 {
		return f, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known == nil || len(w.known) >= scopes {
		w.known = map[string]known{}
	}
	w.known[key] = known{now, f}
	return f, nil
}
