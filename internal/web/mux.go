package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"yian/internal/access"
)

// Route is a registered route.
type Route struct {
	Method, Path string
	Permission   access.Permission
}

// Mux holds the routes of the site, each with its permission.
type Mux struct {
	site   *Site
	mux    *http.ServeMux
	routes []Route
	api    huma.API
}

// New makes a site with the routes that no module owns: assets, preferences, and the
// page for what is not there.
func New(c Config) *Mux {
	m := &Mux{site: newSite(c), mux: http.NewServeMux()}
	m.api = humago.New(m.mux, apiConfig())
	if c.Assets != nil {
		m.mux.Handle("GET /assets/", c.Assets)
		m.note("GET", "/assets/", access.Public)
	}
	m.Handle("POST /preferences", access.Public, m.site.prefer)
	m.Handle("GET /metrics", access.SystemRead, m.site.showMetrics)
	m.openAPI()
	m.mux.Handle("/", m.site.wrap(access.Public, options{body: 1 << 20, limit: 10 * time.Second}, "/", func(*Request) (Response, error) {
		return nil, NotFound()
	}))
	return m
}

type options struct {
	body  int64
	limit time.Duration
	keyed bool // an operation that takes an Idempotency-Key
}

// Option changes the limits of a route.
type Option func(*options)

// Body lets a route take bodies of so many bytes, where the ordinary limit is a
// megabyte, and the time that so many bytes take on a slow line.
func Body(bytes int64) Option {
	return func(o *options) {
		o.body = bytes
		o.limit = max(o.limit, time.Duration(bytes/(256<<10))*time.Second)
	}
}

// Slow lets a route take longer than the ordinary half minute.
func Slow(d time.Duration) Option { return func(o *options) { o.limit = max(o.limit, d) } }

// Handle registers a page. The pattern has a method, as http.ServeMux has it:
// "GET /persons/{id}".
func (m *Mux) Handle(pattern string, p access.Permission, h Handler, opts ...Option) {
	o := options{body: 1 << 20, limit: 30 * time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	method, path, _ := strings.Cut(pattern, " ")
	m.note(method, path, p)
	if path == "/" {
		pattern = method + " /{$}"
	}
	m.mux.Handle(pattern, m.site.wrap(p, o, pattern, h))
}

func (m *Mux) note(method, path string, p access.Permission) {
	m.routes = append(m.routes, Route{method, path, p})
}

// Routes lists all routes by path and method.
func (m *Mux) Routes() []Route {
	routes := slices.Clone(m.routes)
	slices.SortFunc(routes, func(a, b Route) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Method, b.Method)
	})
	return routes
}

// Handler returns the whole site.
func (m *Mux) Handler() http.Handler { return m.site.around(m.mux) }
