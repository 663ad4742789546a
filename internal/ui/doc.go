// Package ui renders pages: the shell around them, the components in them, the
// built assets behind them. It knows no domain, no database and no request.
//
// # A page
//
// A module has a struct for each page, which embeds Frame, and a file of the same
// name in its folder templates. The layout writes head, navigation, breadcrumbs, h1,
// toasts and main; the file defines what is inside main.
//
//	type listPage struct {
//		ui.Frame
//		Search ui.SearchBar
//		Table  ui.Table
//	}
//
//	//go:embed templates/*.html
//	var files embed.FS
//
//	// Templates are the pages of this module.
//	func Templates() ui.Set {
//		return ui.Set{FS: files, Pages: map[string]ui.Page{"person/list": &listPage{}}}
//	}
//
//	{{define "content"}}{{template "search" .Search}}{{template "table" .Table}}{{end}}
//
//	func TestTemplates(t *testing.T) { uitest.Templates(t, Templates()) }
//
// Files whose names begin with an underscore are parsed into every page of the
// module (partials). A define that htmx fetches alone is listed in Set.Parts and
// rendered by RenderPart; a component alone by RenderComponent. Types are checked
// strictly: give a partial that needs two things a struct of its own.
//
// Frame: the page sets Title, Lead, Crumbs (without itself), Tags, Actions, Bare
// (no navigation), Narrow (one column for forms and questions); the HTTP layer sets
// Nav, User, Regions, Flash, Theme, Large, Demo, Path, Status and calls Here.
// The shell posts to /preferences: theme (auto, light, dark), large (on, off) or
// region, each with back; to UserBox.SignOut; to RegionSwitch.Action where it is set.
//
// # Components
//
//	{{template "icon" "home"}}              a name of the list below
//	{{template "link" .}}                   Link
//	{{template "action" .}}                 Action: a button that links, posts, asks before, or says why not
//	{{template "tag" .}}                    Tag: a state; Tone is Neutral, Info, Success, Warning or Danger
//	{{template "note" .}}                   Note: a paragraph that stands out
//	{{template "empty" .}}                  EmptyState: title, why, what to do
//	{{template "form" .}}                   Form with summary, sections, buttons; Form.Fail(err) puts faults in place
//	{{template "form-body" .}}              the same without the summary
//	{{template "field" .}}                  Field of every Kind
//	{{template "region-select" .}}          RegionSelect, made by Regions, in a form by RegionField; read by DeepestRegion
//	{{template "error-summary" .}}          ErrorSummary, from Summary(fields...)
//	{{template "confirm" .}}                Confirm: what will happen, details, warning, Form
//	{{template "search" .}}                 SearchBar; Live searches while typing, by htmx, without a handler of its own
//	{{template "table" .}}                  Table with Pager and EmptyState; cards on a narrow screen
//	{{template "pager" .}}                  Pager alone
//	{{template "details" .}}                Details: terms and values; no value shows 未填写
//	{{template "timeline" .}}               Timeline of Events
//	{{template "steps" .}}                  Steps of a task of several pages
//	{{template "progress" .}}               Progress: polls itself while Poll is set
//	{{template "stat" .}}                   Stat: a figure on a card; several in <div class="stats">
//	{{template "tabs" .}}                   Tabs: links to pages about one thing
//	{{template "chart" .}}                  Chart: Bars, Lines, Donut; the numbers in a table beside it
//
// Functions: asset, brand, date (civil.Date), fen (money.Fen), icon, instant
// (civil.Instant or time.Time, shown in Beijing time), number (any whole number),
// query (address, name, value …), region (region.Code). In Go the same are Date,
// Yuan, Instant, Number, Query. What is unknown shows as Unknown, never as 0 or 否.
//
// # Markup without a component
//
// Blocks: <section class="card"> with card-header (h2.card-title), card-body and
// card-footer; columns by <div class="grid-2">, "grid-3" or "grid-2-1"; a stack with
// gaps by "stack", a row by "row-line"; figures by "stats"; buttons by "actions"; a
// plain table by <table class="table"> with th.number and td.number; small print by
// "form-hint"; what is unknown by "unknown"; for screen readers only by
// "visually-hidden"; by scripts "only-js" and "no-js"; by width "only-narrow" and
// "only-wide"; not on paper "no-print". Buttons: btn with btn-primary, btn-danger or
// btn-ghost. Every other class of Tabler works as well, because the build keeps the
// rules whose classes stand in internal/**/templates, layout and components as whole
// words: never build the name of a class out of pieces.
//
// No style attributes, no script elements, no on… attributes: the policy of the
// server forbids them. Attributes that the script of the product knows:
// data-confirm="…?" on a form asks before it is sent; data-autosubmit sends a form
// when a select in it changes; data-dismiss closes a message; data-focus takes the
// focus when the page is shown; hx-… are those of htmx, without anything that evaluates.
//
// # Icons
//
// The list is web/icons.json (names of Tabler Icons, outline); add a line there.
//
//	address-book alert-circle alert-triangle ambulance api arrow-back-up arrow-left
//	arrow-merge arrows-join ban bath bell bookmark building building-community
//	building-hospital calendar cash chart-bar chart-pie check chevron-down chevron-left
//	chevron-right chevron-up circle-check clipboard-check clipboard-list clock coin-yuan
//	columns-3 copy database device-desktop device-floppy dots download external-link eye
//	eye-off file-export file-import file-spreadsheet file-text files filter flag
//	folder-open gavel heart-handshake help-circle history home home-cog home-heart id
//	inbox info-circle key layout-dashboard license link list-check list-details lock
//	lock-open login logout mail map map-pin menu-2 moon notes pencil phone photo
//	player-stop plus printer refresh report-analytics scale search selector settings
//	shield-check shield-lock soup stethoscope sun target text-decrease text-increase
//	timeline tools trash upload user user-check user-circle user-off user-plus
//	user-search users walk wallet wheelchair x
//
// # Assets
//
// The sources are in the folder web; `npm ci && npm run build` there (make does it)
// writes web/dist: app.css (Tabler without the rules that no template uses, and our
// own), app.js (htmx and our own script), charts.js (Apache ECharts, fetched only by
// pages with a chart), icons.svg, brand.svg; each with a hash in its name, with .gz
// and .br beside it, and manifest.json, which OpenAssets reads. Nothing of it is
// committed, and nothing is ever loaded from another host.
package ui
