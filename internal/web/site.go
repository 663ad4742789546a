package web

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui"
)

// SignInKey is the key of the session under which the number of the sign-in stands.
const SignInKey = "sign_in"

// Identity is who a request comes from, as the module of accounts knows him.
type Identity struct {
	Actor access.Actor
	Role  string // the name of his role, for the corner of the page
	Place string // his organisation
	// Must is a page that he has to go through before any other: an expired
	// password, a second factor that his role demands.
	Must string
}

// Identifier knows who is behind a session or a token. An error of kind
// Unauthenticated ends the session, and its text is shown on the login page.
type Identifier interface {
	BySignIn(ctx context.Context, signIn id.ID) (Identity, error)
	ByToken(ctx context.Context, token string) (Identity, error)
}

// Config is what a site is made of.
type Config struct {
	DB        *db.DB
	Templates *ui.Templates
	Assets    http.Handler
	Accounts  Identifier
	Log       *slog.Logger
	Now       func() time.Time
	Lifetime  time.Duration // of a session
	Secure    bool          // served over https: cookies and headers say so
	Demo      string        // a line over every page
	// Sealer protects what is kept for idempotency keys; without it they are refused.
	Sealer Sealer
	// Below lists the divisions right below one, for the region switch.
	Below func(region.Code) []region.Division
}

// Site joins the routes of all modules with what they share.
type Site struct {
	Config
	sessions *scs.SessionManager
	menu     []menuItem
	metrics  *metrics
	buckets  *buckets
}

type menuItem struct {
	order      int
	group      string
	item       ui.NavItem
	permission access.Permission
}

// newSite makes a site without routes.
func newSite(c Config) *Site {
	return &Site{Config: c, sessions: newSessions(c.DB, c.Lifetime, c.Secure), metrics: newMetrics(), buckets: newBuckets(c.Now)}
}

// Menu adds an item to the side navigation of whoever has the permission. Items
// stand in the order of their numbers; a group where its first item stands.
func (m *Mux) Menu(order int, group string, item ui.NavItem, p access.Permission) {
	m.site.menu = append(m.site.menu, menuItem{order, group, item, p})
	slices.SortStableFunc(m.site.menu, func(a, b menuItem) int { return a.order - b.order })
}

// frame fills what surrounds a page.
func (s *Site) frame(r *Request, f *ui.Frame) {
	ctx := r.Context()
	f.Path = r.URL.RequestURI()
	if r.Method != http.MethodGet {
		f.Path = local(r.FormValue("back"), r.URL.Path)
	}
	f.Demo = s.Demo
	f.Theme, f.Large = look(r.Request)
	now, _ := r.Session.toasts(ctx, f.Status)
	f.Flash = append(now, f.Flash...)
	if !r.Actor.Known() {
		f.Bare = true
		return
	}
	f.User = ui.UserBox{
		Name: r.Actor.Name, Role: r.identity.Role, Place: r.identity.Place, SignOut: "/logout",
		Menu: []ui.Link{{Text: "我的账号", Href: "/account", Icon: "user"}},
	}
	if r.identity.Must != "" {
		return // nothing else can be opened yet
	}
	for _, m := range s.menu {
		if !r.Actor.Can(m.permission) {
			continue
		}
		i := slices.IndexFunc(f.Nav, func(g ui.NavGroup) bool { return g.Label == m.group })
		if i < 0 {
			f.Nav = append(f.Nav, ui.NavGroup{Label: m.group})
			i = len(f.Nav) - 1
		}
		f.Nav[i].Items = append(f.Nav[i].Items, m.item)
	}
	f.Here(r.URL.Path)
	f.Regions = s.regions(r)
}

// regions lists what the region switch offers: the actor's regions, the way down to
// the chosen one, and what lies right below it.
func (s *Site) regions(r *Request) ui.RegionSwitch {
	offered := map[region.Code]bool{r.Region: true}
	for _, own := range homes(r.Actor) {
		offered[own] = true
		for _, n := range []int{2, 4, 6, 9, 12} {
			if len(own) < n && n < len(r.Region) && r.Region.Within(own) {
				offered[r.Region[:n]] = true
			}
		}
	}
	for _, d := range s.Below(r.Region) {
		offered[d.Code] = true
	}
	codes := make([]region.Code, 0, len(offered))
	for c := range offered {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	sw := ui.RegionSwitch{Current: string(r.Region)}
	for _, c := range codes {
		depth := 0
		for _, up := range codes {
			if c != up && c.Within(up) {
				depth++
			}
		}
		sw.Options = append(sw.Options, ui.Option{Value: string(c), Label: strings.Repeat("\u3000", depth) + region.Name(c)})
	}
	return sw
}

// homes returns the outermost regions in which the actor holds any role.
func homes(a access.Actor) []region.Code {
	var codes []region.Code
	for _, g := range a.Grants() {
		codes = append(codes, g.Region)
	}
	slices.Sort(codes)
	var out []region.Code
	for _, c := range codes {
		if n := len(out); n == 0 || !c.Within(out[n-1]) {
			out = append(out, c)
		}
	}
	return out
}

// chosen returns the region of the switch: the wanted one if it lies in one of the
// actor's regions, else the first of those.
func chosen(a access.Actor, wanted string) region.Code {
	own := homes(a)
	if c, err := region.Parse(wanted); err == nil {
		if slices.ContainsFunc(own, func(home region.Code) bool { return c.Within(home) }) {
			return c
		}
	}
	if len(own) == 0 {
		return region.Nation
	}
	return own[0]
}

// look reads how this browser wants pages to look. It says nothing of a person and
// holds when nobody is signed in, so it is a cookie and not a session.
func look(r *http.Request) (theme string, large bool) {
	if c, err := r.Cookie("yian_theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		theme = c.Value
	}
	c, err := r.Cookie("yian_large")
	return theme, err == nil && c.Value == "on"
}

// prefer keeps how pages look and which region is chosen.
func (s *Site) prefer(r *Request) (Response, error) {
	var cookies cookieSetter
	if err := r.ParseForm(); err != nil {
		return nil, errs.New(errs.Invalid, "提交的内容无法读取，请返回重试。").Because(err)
	}
	if r.Form.Has("theme") {
		cookies.set(s, "yian_theme", r.Value("theme"))
	}
	if r.Form.Has("large") {
		cookies.set(s, "yian_large", r.Value("large"))
	}
	if r.Form.Has("region") && r.Actor.Known() {
		r.Session.Put(r.Context(), "region", r.Value("region"))
	}
	return withCookies{Redirect(r.Back("/")), cookies}, nil
}

type cookieSetter []*http.Cookie

func (c *cookieSetter) set(s *Site, name, value string) {
	*c = append(*c, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	})
}

type withCookies struct {
	Response
	cookies cookieSetter
}

func (x withCookies) respond(w http.ResponseWriter, r *Request) error {
	for _, c := range x.cookies {
		http.SetCookie(w, c)
	}
	return x.Response.respond(w, r)
}
