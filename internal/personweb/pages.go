package personweb

import (
	"context"
	"embed"

	"yian/internal/access"
	"yian/internal/filter"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

//go:embed templates/*.html
var files embed.FS

// Views are the pages of the register.
func Views() ui.Set {
	return ui.Set{FS: files, Pages: map[string]ui.Page{
		"person/list":      &listPage{},
		"person/show":      &showPage{},
		"person/history":   &historyPage{},
		"person/known":     &knownPage{},
		"person/unmask":    &unmaskPage{},
		"person/form":      &formPage{},
		"person/confirm":   &confirmPage{},
		"person/conflicts": &conflictsPage{},
		"person/conflict":  &conflictPage{},
	}}
}

// Pages are the pages of the register with what they show of other modules.
type Pages struct {
	People  *person.Service
	Filters *filter.Service
	// Pairs returns the open suspicions that a person has a second file.
	Pairs func(ctx context.Context, scope access.Scope, person id.ID) ([]id.ID, error)
	// Names returns what users are called.
	Names func(ctx context.Context, users []id.ID) (map[id.ID]string, error)
	// Below lists the divisions right below one.
	Below func(region.Code) []region.Division
}

// formPage is a page that is one form, with what to know before filling it in.
type formPage struct {
	ui.Frame
	Note    ui.Note
	Changes []change
	Form    ui.Form
	Other   ui.Form // a second thing that can be done here; none without fields and action
}

// confirmPage asks before something is done.
type confirmPage struct {
	ui.Frame
	Confirm ui.Confirm
}

// Register registers the routes and the places in the navigation.
func (p *Pages) Register(m *web.Mux) {
	m.Menu(100, "老年人", ui.NavItem{Text: "老年人档案", Href: "/persons", Icon: "users"}, access.PersonRead)
	m.Menu(120, "老年人", ui.NavItem{Text: "信息争议", Href: "/conflicts", Icon: "scale"}, access.FactSettle)

	m.Handle("GET /regions", access.SignedIn, p.regionLevels)
	m.Handle("GET /persons", access.PersonRead, p.list)
	m.Handle("POST /persons/search", access.PersonRead, p.search)
	m.Handle("POST /filters", access.PersonRead, p.keepFilter)
	m.Handle("POST /filters/{id}/delete", access.PersonRead, p.dropFilter)

	m.Handle("GET /persons/new", access.PersonWrite, p.askNew)
	m.Handle("POST /persons/new", access.PersonWrite, p.create)
	m.Handle("GET /persons/{id}", access.PersonRead, p.show)
	m.Handle("GET /persons/{id}/history", access.PersonRead, p.history)
	m.Handle("GET /persons/{id}/known", access.PersonRead, p.known)
	m.Handle("GET /persons/{id}/unmask", access.PersonUnmask, p.askUnmask)
	m.Handle("POST /persons/{id}/unmask", access.PersonUnmask, p.unmask)
	m.Handle("GET /persons/{id}/edit", access.PersonWrite, p.inFile(p.askEdit))
	m.Handle("POST /persons/{id}/edit", access.PersonWrite, p.inFile(p.edit))
	m.Handle("GET /persons/{id}/state", access.PersonWrite, p.inFile(p.askState))
	m.Handle("POST /persons/{id}/state", access.PersonWrite, p.inFile(p.setState))
	m.Handle("GET /persons/{id}/transfer", access.PersonWrite, p.inFile(p.askTransfer))
	m.Handle("POST /persons/{id}/transfer", access.PersonWrite, p.inFile(p.transfer))
	m.Handle("GET /persons/{id}/photo", access.PersonRead, p.photo)
	m.Handle("GET /persons/{id}/photo/new", access.PersonWrite, p.inFile(p.askPhoto))
	m.Handle("POST /persons/{id}/photo", access.PersonWrite, p.inFile(p.setPhoto), web.Body(maxPhoto))

	m.Handle("GET /persons/{id}/facts/new", access.FactRecord, p.inFile(p.askRecord))
	m.Handle("POST /persons/{id}/facts/new", access.FactRecord, p.inFile(p.record))
	m.Handle("GET /persons/{id}/records/{record}/correct", access.FactRecord, p.askCorrect)
	m.Handle("POST /persons/{id}/records/{record}/correct", access.FactRecord, p.correct)
	m.Handle("GET /persons/{id}/records/{record}/end", access.FactRecord, p.askEnd)
	m.Handle("POST /persons/{id}/records/{record}/end", access.FactRecord, p.end)
	m.Handle("GET /persons/{id}/records/{record}/withdraw", access.FactRecord, p.askWithdraw)
	m.Handle("POST /persons/{id}/records/{record}/withdraw", access.FactRecord, p.withdraw)

	m.Handle("GET /conflicts", access.FactSettle, p.conflicts)
	m.Handle("GET /conflicts/{id}", access.FactSettle, p.conflict)
	m.Handle("POST /conflicts/{id}", access.FactSettle, p.settle)
}

// maxPhoto is the size of an upload: a picture as telephones take it, and its wrapping.
const maxPhoto = 11 << 20
