package scenarioweb

import (
	"embed"
	"time"

	"yian/internal/access"
	"yian/internal/id"
	"yian/internal/scenario"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages on scenarios.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"scenario/list": &listPage{}, "scenario/choose": &choosePage{}, "scenario/form": &formPage{},
		"scenario/show": &showPage{}, "scenario/compare": &comparePage{}, "scenario/confirm": &confirmPage{},
	}}
}

// Pages are the pages on scenarios.
type Pages struct {
	Scenarios *scenario.Service
}

// slowest is how long the years to come of a large region may take to be counted.
const slowest = 2 * time.Minute

// Register registers the routes and the place in the navigation.
func (p *Pages) Register(m *web.Mux) {
	m.Menu(340, "政策", ui.NavItem{Text: "政策测算", Href: "/scenarios", Icon: "chart-bar"}, access.PolicyRead)

	m.Handle("GET /scenarios", access.PolicyRead, p.list)
	m.Handle("GET /scenarios/new", access.PolicyRead, p.choose)
	m.Handle("POST /scenarios", access.PolicyRead, p.create, web.Slow(slowest))
	m.Handle("GET /scenarios/compare", access.PolicyRead, p.compare)
	m.Handle("GET /scenarios/{id}", access.PolicyRead, p.show)
	m.Handle("GET /scenarios/{id}/change", access.PolicyRead, p.edit)
	m.Handle("POST /scenarios/{id}/change", access.PolicyRead, p.change, web.Slow(slowest))
	m.Handle("POST /scenarios/{id}/run", access.PolicyRead, p.run, web.Slow(slowest))
	m.Handle("POST /scenarios/{id}/forecast", access.PolicyRead, p.foretell, web.Slow(slowest))
	m.Handle("POST /scenarios/{id}/copy", access.PolicyRead, p.copy)
	m.Handle("GET /scenarios/{id}/delete", access.PolicyRead, p.ask)
	m.Handle("POST /scenarios/{id}/delete", access.PolicyRead, p.delete)
	m.Handle("GET /scenarios/{id}/xlsx", access.PolicyRead, p.xlsx)
	m.Handle("GET /scenarios/{id}/csv", access.PolicyRead, p.csv)
}

func address(sc *scenario.Scenario) string { return "/scenarios/" + sc.ID.String() }

// read reads the scenario that the path names.
func (p *Pages) read(r *web.Request) (*scenario.Scenario, error) {
	which, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return p.Scenarios.Get(r.Context(), r.Actor, which)
}

// home is the way back to the list.
var home = ui.Crumb{Text: "政策测算", Href: "/scenarios"}

// back is the way back to a scenario.
func back(sc *scenario.Scenario) []ui.Crumb {
	return []ui.Crumb{home, {Text: sc.Name, Href: address(sc)}}
}

// id of a query; 0 where there is none.
func asked(r *web.Request, name string) (id.ID, error) {
	text := r.Value(name)
	if text == "" {
		return 0, nil
	}
	which, err := id.Parse(text)
	if err != nil {
		return 0, web.NotFound()
	}
	return which, nil
}
