package duplicateweb

import (
	"context"
	"embed"

	"yian/internal/access"
	"yian/internal/duplicate"
	"yian/internal/id"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages on pairs of files.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"duplicate/pairs":   &pairsPage{},
		"duplicate/pair":    &pairPage{},
		"duplicate/confirm": &confirmPage{},
	}}
}

// Pages are the pages on pairs of files.
type Pages struct {
	Duplicates *duplicate.Service
	// Names returns what users are called.
	Names func(ctx context.Context, users []id.ID) (map[id.ID]string, error)
}

// Register registers the routes and the place in the navigation.
func (p *Pages) Register(m *web.Mux) {
	m.Menu(130, "老年人", ui.NavItem{Text: "疑似重复", Href: "/duplicates", Icon: "copy"}, access.PersonMerge)

	m.Handle("GET /duplicates", access.PersonMerge, p.pairs)
	m.Handle("GET /duplicates/{id}", access.PersonMerge, p.pair)
	m.Handle("POST /duplicates/{id}", access.PersonMerge, p.decide)
	m.Handle("POST /duplicates/{id}/undo", access.PersonMerge, p.undo)
}
