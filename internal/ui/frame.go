package ui

import (
	"net/http"
	"strings"
)

// Page is what every page struct is by embedding Frame.
type Page interface{ UIFrame() *Frame }

// Frame is what surrounds the content of a page. A page sets the first group of
// fields, the HTTP layer the second. The layout reads it only through UIFrame, so
// that a page may have fields of the same names.
type Frame struct {
	Title   string   // the one h1 and the title of the window
	Lead    string   // a sentence below the title
	Crumbs  []Crumb  // the way here, without this page
	Tags    []Tag    // states, beside the title
	Actions []Action // buttons at the right of the title
	Bare    bool     // without navigation: login, first administrator, errors when signed out
	Narrow  bool     // one column of text width: forms, confirmations
	Status  int      // HTTP status; 0 is 200

	Nav     []NavGroup
	User    UserBox
	Regions RegionSwitch
	Flash   []Toast
	Theme   string // "" follows the system, light, dark
	Large   bool   // 长辈版
	Demo    string // a line over everything: this is a demonstration
	Path    string // path and query of this page, to come back to
}

// UIFrame returns the frame for the HTTP layer to fill.
func (f *Frame) UIFrame() *Frame { return f }

// Here marks the item of the navigation that the path lies under, by the longest match.
func (f *Frame) Here(path string) {
	var best *NavItem
	for g := range f.Nav {
		for i := range f.Nav[g].Items {
			item := &f.Nav[g].Items[i]
			item.Active = false
			if under(path, item.Href) && (best == nil || len(item.Href) > len(best.Href)) {
				best = item
			}
		}
	}
	if best != nil {
		best.Active = true
	}
}

func under(path, place string) bool {
	if place == "/" {
		return path == "/"
	}
	rest, ok := strings.CutPrefix(path, place)
	return ok && (rest == "" || rest[0] == '/')
}

// WindowTitle is the title of the browser's window; a form with faults says so first.
func (f *Frame) WindowTitle() string {
	title := f.Title
	if f.Status == http.StatusUnprocessableEntity {
		title = "有误：" + title
	}
	if title == "" {
		return Brand
	}
	return title + " · " + Brand
}

// Scheme is the value of data-bs-theme.
func (f *Frame) Scheme() string {
	if f.Theme == "light" || f.Theme == "dark" {
		return f.Theme
	}
	return "auto"
}

// Brand is the name of the product.
const Brand = "颐安"

// Crumb is a step on the way to a page.
type Crumb struct{ Text, Href string }

// NavGroup is a group of the side navigation; without a label it has no heading.
type NavGroup struct {
	Label string
	Items []NavItem
}

// NavItem is a place in the side navigation.
type NavItem struct {
	Text, Href, Icon string
	Count            string // what waits there: "12", "99+"; empty shows nothing
	Active           bool
}

// UserBox says who is signed in. Without a name nobody is.
type UserBox struct {
	Name, Role, Place string
	Menu              []Link
	SignOut           string // the path to post to
}

// RegionSwitch chooses the region whose people and figures are shown. It posts the
// fields region and back to Action. With one option it is only told, not asked.
type RegionSwitch struct {
	Action  string // empty: /preferences
	Current string
	Options []Option
}

// Target is where the switch posts to.
func (s RegionSwitch) Target() string {
	if s.Action == "" {
		return "/preferences"
	}
	return s.Action
}

// Label is the name of the current region.
func (s RegionSwitch) Label() string {
	for _, o := range s.Options {
		if o.Value == s.Current {
			return strings.TrimLeft(o.Label, "\u3000")
		}
	}
	return ""
}

// Tone is the colour of a thing, and with it how urgent it is. The text always says
// the same, because colour alone is not seen by everyone.
type Tone string

// The tones. The zero value is neutral.
const (
	Neutral Tone = ""
	Info    Tone = "info"
	Success Tone = "success"
	Warning Tone = "warning"
	Danger  Tone = "danger"
)

// Class is the tone as a part of a CSS class.
func (t Tone) Class() string {
	if t == Neutral {
		return "neutral"
	}
	return string(t)
}

// Icon is the icon that goes with the tone.
func (t Tone) Icon() string {
	switch t {
	case Success:
		return "circle-check"
	case Warning:
		return "alert-triangle"
	case Danger:
		return "alert-circle"
	default:
		return "info-circle"
	}
}

// Toast is a message about what has just happened. Without scripts it simply stands
// at the top of the page.
type Toast struct {
	Tone Tone
	Text string
	Link Link
}

// Link is a place to go; without an Href it is not shown.
type Link struct{ Text, Href, Icon string }

// Action is a button: a link where it only shows something, a small form of its own
// where it changes something.
type Action struct {
	Text, Href, Icon string
	Primary, Danger  bool
	Post             bool
	Hidden           []Hidden // of the form
	Confirm          string   // asked before where scripts run; what cannot be undone needs a page to confirm
	Refused          string   // why it cannot be done now: the button is shown, but does nothing
}

// Hidden is a value that a form carries along.
type Hidden struct{ Name, Value string }
