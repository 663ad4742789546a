package portal

import (
	"context"
	"embed"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the public pages.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"portal/home":     &homePage{},
		"portal/start":    &startPage{},
		"portal/question": &questionPage{},
		"portal/answers":  &answersPage{},
		"portal/result":   &resultPage{},
		"portal/places":   &placesPage{},
		"portal/list":     &listPage{},
		"portal/item":     &itemPage{},
		"portal/figures":  &figuresPage{},
		"portal/plans":    &plansPage{},
	}}
}

// Lists (现行清单来源) are the service lists that rule on a day.
type Lists interface {
	Book(ctx context.Context, on civil.Date) (*policy.Book, error)
}

// Office (办事窗口) is where somebody can go.
type Office struct{ Name, Address, Phone string }

// Pages (公众页面) are the public pages.
type Pages struct {
	Lists Lists
	Keys  web.Sealer // seals answers in the session
	Now   func() time.Time
	// Below lists the divisions right below one.
	Below func(region.Code) []region.Division
	// Offices lists the counters of a place; nil: none are known.
	Offices func(ctx context.Context, place region.Code) ([]Office, error)
	// Counties counts the elders of every county on a day; nil: there are no figures.
	Counties func(ctx context.Context, on civil.Date) ([]County, error)
	// Plans are the packs whose plans are shown.
	Plans []*pack.Pack

	published shelf
}

// Register registers the routes.
func (p *Pages) Register(m *web.Mux) {
	m.Handle("GET /public", access.Public, p.home)
	m.Handle("GET /public/regions", access.Public, p.regions)

	m.Handle("GET /public/check", access.Public, p.askStart)
	m.Handle("POST /public/check", access.Public, p.start)
	m.Handle("GET /public/check/answers", access.Public, p.answers)
	m.Handle("GET /public/check/result", access.Public, p.result)
	m.Handle("POST /public/check/clear", access.Public, p.forget)
	m.Handle("GET /public/check/{question}", access.Public, p.question)
	m.Handle("POST /public/check/{question}", access.Public, p.answer)

	m.Handle("GET /public/lists", access.Public, p.places)
	m.Handle("GET /public/lists/{place}", access.Public, p.list)
	m.Handle("GET /public/lists/{place}/{item}", access.Public, p.item)

	m.Handle("GET /public/figures", access.Public, p.figures)
	m.Handle("GET /public/figures.csv", access.Public, p.download)
	m.Handle("GET /public/plans", access.Public, p.plans)
}

// today is the day in the time zone of the product.
func (p *Pages) today() civil.Date { return civil.At(p.Now()).Day() }

// homePage leads to what there is.
type homePage struct {
	ui.Frame
	Figures, Plans bool
}

func (p *Pages) home(*web.Request) (web.Response, error) {
	return web.Page("portal/home", &homePage{
		Frame:   ui.Frame{Title: "基本养老服务", Lead: "查清单、查待遇，不用登录。", Narrow: true},
		Figures: p.Counties != nil, Plans: len(p.Plans) > 0,
	}), nil
}

// toCounty is what can be chosen below a region: nothing below a county, because lists
// are those of counties and larger places.
func (p *Pages) toCounty(c region.Code) ([]ui.Option, error) {
	if len(c) >= 6 {
		return nil, nil
	}
	var list []ui.Option
	for _, d := range p.Below(c) {
		if len(d.Code) <= 6 {
			list = append(list, ui.Option{Value: string(d.Code), Label: d.Name})
		}
	}
	if c == region.Nation {
		list = append(list, ui.Option{Value: string(abroad), Label: abroadName})
	}
	return list, nil
}

// abroad stands for every place that the table of divisions does not know; the list of
// the whole country rules it.
const (
	abroad     region.Code = "99"
	abroadName string      = "没有列出的地方"
)

// selects are the selects of a place down to its county.
func (p *Pages) selects(name string, chosen region.Code) (*ui.RegionSelect, error) {
	return ui.Regions(name, "/public/regions", region.Nation, chosen.County(), p.toCounty)
}

// regions answers a select of a place with the levels below.
func (p *Pages) regions(r *web.Request) (web.Response, error) {
	v := r.URL.Query()
	name := v.Get("field")
	levels, err := p.selects(name, ui.DeepestRegion(v[name]))
	if err != nil {
		return nil, err
	}
	return web.Component("region-select", *levels), nil
}

// offices lists the counters of a place.
func (p *Pages) offices(ctx context.Context, place region.Code) ([]Office, error) {
	if p.Offices == nil || place == region.Nation {
		return nil, nil
	}
	return p.Offices(ctx, place)
}

// Passage returns the address of the page on an item of the list that rules a place.
func Passage(place region.Code, item string) string {
	if place == region.Nation {
		return "/public/lists/nation/" + item
	}
	return "/public/lists/" + string(place) + "/" + item
}
