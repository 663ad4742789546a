package entitlementweb

import (
	"context"
	"embed"

	"yian/internal/access"
	"yian/internal/entitlement"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages of entitlements.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"entitlement/person":  &personPage{},
		"entitlement/history": &historyPage{},
		"entitlement/work":    &workPage{},
		"entitlement/contact": &contactPage{},
		"entitlement/figures": &figuresPage{},
		"entitlement/names":   &namesPage{},
		"entitlement/planner": &plannerPage{},
	}}
}

// Worker (经办人) is somebody to whom contacts can be assigned.
type Worker struct {
	User id.ID
	Name string
	Note string // what tells two of one name apart: the organisation
}

// Pages are the pages of entitlements, with what they show of other modules.
type Pages struct {
	Results *entitlement.Service
	Lists   *policy.Service
	People  *person.Service
	Work    *outreach.Service
	// Names returns what users are called.
	Names func(ctx context.Context, users []id.ID) (map[id.ID]string, error)
	// Workers lists the users who may be given contacts with the people of a place.
	Workers func(ctx context.Context, at region.Code) ([]Worker, error)
	// Below lists the divisions right below one.
	Below func(region.Code) []region.Division
	// Passage returns the address of an item in the public list of a place; nil: there
	// are no public pages.
	Passage func(list region.Code, item string) string
	Letters Letters
}

// Register registers the routes and the places in the navigation.
func (p *Pages) Register(m *web.Mux) {
	m.Menu(140, "服务找人", ui.NavItem{Text: "工作清单", Href: "/entitlements", Icon: "list-check"}, access.EntitlementReach)
	m.Menu(141, "服务找人", ui.NavItem{Text: "待遇统计", Href: "/entitlements/figures", Icon: "chart-bar"}, access.EntitlementRead)
	m.Menu(142, "服务找人", ui.NavItem{Text: "缺少的信息", Href: "/entitlements/planner", Icon: "help-circle"}, access.EntitlementRead)

	m.Handle("GET /persons/{id}/entitlements", access.EntitlementRead, p.person)
	m.Handle("GET /persons/{id}/entitlements/history", access.EntitlementRead, p.history)

	m.Handle("GET /entitlements", access.EntitlementReach, p.work)
	m.Handle("POST /entitlements/assign", access.EntitlementReach, p.assign)
	m.Handle("GET /entitlements/contact", access.EntitlementReach, p.contact)
	m.Handle("POST /entitlements/contact", access.EntitlementReach, p.record)
	m.Handle("POST /entitlements/tell", access.EntitlementReach, p.tell)
	m.Handle("GET /entitlements/figures", access.EntitlementRead, p.figures)
	m.Handle("GET /entitlements/names", access.EntitlementRead, p.names)
	m.Handle("GET /entitlements/planner", access.EntitlementRead, p.planner)
}
