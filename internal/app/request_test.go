package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"yian/internal/id"
	"yian/internal/web"
)

// request is one try at a route.
type request struct {
	method, path    string
	mediaType, body string
}

func (r request) reader() io.Reader {
	if r.body == "" {
		return nil
	}
	return strings.NewReader(r.body)
}

func (r request) String() string { return r.method + " " + r.path + " " + r.mediaType }

// parameters says which thing of a place fills a parameter of a path. A route with a
// parameter that is not here fails the walk: whoever adds one says here what it names.
var parameters = []struct {
	path string // that the route begins with
	name string
	of   func(*place) fmt.Stringer
}{
	{"/persons/", "id", func(p *place) fmt.Stringer { return p.person }},
	{"/persons/", "record", func(p *place) fmt.Stringer { return p.record }},
	{"/api/v1/persons/", "id", func(p *place) fmt.Stringer { return p.person }},
	{"/api/v1/persons/", "record", func(p *place) fmt.Stringer { return p.record }},
	{"/filters/", "id", func(p *place) fmt.Stringer { return p.filter }},
	{"/conflicts/", "id", func(p *place) fmt.Stringer { return p.conflict }},
	{"/duplicates/", "id", func(p *place) fmt.Stringer { return p.pair }},
	{"/imports/", "id", func(p *place) fmt.Stringer { return p.imported }},
	{"/exports/", "id", func(p *place) fmt.Stringer { return p.exported }},
	{"/users/", "id", func(p *place) fmt.Stringer { return p.user }},
	{"/users/", "grant", func(p *place) fmt.Stringer { return p.grant }},
	{"/users/", "signin", func(p *place) fmt.Stringer { return p.signIn }},
	{"/account/sign-ins/", "id", func(p *place) fmt.Stringer { return p.signIn }},
	{"/organisations/", "id", func(p *place) fmt.Stringer { return p.office }},
	{"/tokens/", "id", func(p *place) fmt.Stringer { return p.token }},
	{"/policies/", "id", func(p *place) fmt.Stringer { return p.draft }},
	{"/policies/", "item", func(p *place) fmt.Stringer { return word(p.itemID()) }},
	{"/policies/", "name", func(p *place) fmt.Stringer { return word(p.parameter()) }},
	{"/filings/", "id", func(p *place) fmt.Stringer { return p.filing }},
	{"/scenarios/", "id", func(p *place) fmt.Stringer { return p.scenario }},
	{"/messages/", "id", func(p *place) fmt.Stringer { return p.message }},
}

// word is a parameter that is no number.
type word string

func (w word) String() string { return string(w) }

// unowned are paths whose parameters name nothing that is anybody's alone, filled in.
// Published lists are everybody's to read by law; what a draft would add to the list of
// the other county must still not be there.
var unowned = map[string]string{
	"/setup/{token}":               "/setup/wrong",
	"/setup/{token}/regions":       "/setup/wrong/regions",
	"/public/lists/{place}":        "/public/lists/" + string(hongtong.county),
	"/public/lists/{place}/{item}": "/public/lists/" + string(hongtong.county) + "/" + hongtong.itemID(),
	"/public/check/{question}":     "/public/check/residence",
}

var parameter = regexp.MustCompile(`\{([a-z_]+)(?:\.\.\.)?\}`)

// names returns the parameters of a path.
func names(path string) []string {
	var all []string
	for _, m := range parameter.FindAllStringSubmatch(path, -1) {
		all = append(all, m[1])
	}
	return all
}

// filled fills the parameters of a path: each with the thing of the place that from
// gives for its position, or with one that is nowhere.
func filled(t *testing.T, path string, from ...*place) string {
	t.Helper()
	if text, ok := unowned[path]; ok {
		return text
	}
	out := path
	for i, name := range names(path) {
		found := false
		for _, x := range parameters {
			if strings.HasPrefix(path, x.path) && x.name == name {
				value := nowhere.String()
				if from[i] != nil {
					value = x.of(from[i]).String()
				}
				out, found = strings.Replace(out, "{"+name+"}", value, 1), true
			}
		}
		if !found {
			t.Fatalf("%s: say in the table of parameters which thing of a place {%s} names", path, name)
		}
	}
	return out
}

// nowhere is a number that looks like any other and is nobody's.
const nowhere id.ID = 0x0123_4567_89ab_cde

// operations are bodies of the interface that would be carried out if the caller
// might, by the end of the path.
func operations(w words) map[string]any {
	return map[string]any{
		"POST /api/v1/persons": map[string]any{
			"name": w.elder, "number": w.number, "source": "town", "from": "2026-01-01", "facts": map[string]any{"residence": w.town},
		},
		"POST /api/v1/persons/lookup":                         map[string]any{"number": w.number},
		"PATCH /api/v1/persons/{id}":                          map[string]any{"note": "改过"},
		"POST /api/v1/persons/{id}/state":                     map[string]any{"state": "deceased", "on": "2026-01-05", "source": "town"},
		"POST /api/v1/persons/{id}/transfer":                  map[string]any{"to": yaodu.town, "on": "2026-01-05", "source": "town"},
		"POST /api/v1/persons/{id}/unmask":                    map[string]any{"what": "number", "purpose": "核对津贴发放"},
		"POST /api/v1/persons/{id}/records":                   statement(),
		"POST /api/v1/persons/{id}/records/{record}/correct":  statement(),
		"POST /api/v1/persons/{id}/records/{record}/end":      map[string]any{"facts": []string{"ability"}, "on": "2026-03-01"},
		"POST /api/v1/persons/{id}/records/{record}/withdraw": map[string]any{"facts": []string{"ability"}},
		"POST /api/v1/statements:batch": map[string]any{"statements": []any{map[string]any{
			"number": w.number, "source": "town", "from": "2026-01-01", "facts": map[string]any{"income": "dibao"},
		}}},
	}
}

func statement() map[string]any {
	return map[string]any{"source": "town", "from": "2026-01-01", "facts": map[string]any{"income": "dibao"}}
}

// form is what is sent to a page.
func form(r web.Route, p *place) url.Values {
	v := common(p)
	if of := own[r.Path]; of != nil {
		maps.Copy(v, of(p))
	}
	return v
}

// common is filled in for every page at once: what a page does not know it passes over.
func common(p *place) url.Values {
	return url.Values{
		"version": {"1"}, "source": {"town"}, "from": {"2026-01-01"}, "on": {"2026-01-05"}, "income": {"dibao"}, "ability": {"moderate"},
		"fact": {"ability"}, "facts": {"ability"}, "evidence": {"入户"}, "note": {"核实过"}, "accept": {"yes"}, "choice": {"merge"}, "keep": {p.person.String()},
		"confirmed": {"1"}, "state": {"deceased"}, "what": {"number"}, "purpose": {"其他"}, "words": {"核对津贴发放"},
		"name": {p.elder}, "document": {"resident_id"}, "number": {p.number}, "phone_1": {p.phone}, "q": {p.elder},
		"to_code": {string(yaodu.town)}, "region_code": {string(p.town)}, "residence_code": {string(p.town)}, "hukou_code": {string(p.town)},
		"role": {"officer"}, "organisation": {p.office.String()}, "parent": {p.office.String()}, "kind": {"department"}, "user": {p.user.String()},
		"login": {p.prefix + ".officer"}, "days": {"30"}, "permissions": {"person:read"}, "query": {"region=" + string(p.town)},
		"region": {string(p.county)}, "actor": {p.prefix + ".officer"}, "subject": {p.person.String()}, "back": {"/persons/" + p.person.String()},
	}
}

// tries are the ways to use a route about the things of a place; path is the route's
// with its parameters filled.
func tries(t *testing.T, r web.Route, path string, p *place) []request {
	t.Helper()
	if r.Method == http.MethodGet {
		all := []request{{method: r.Method, path: path}}
		if !strings.HasPrefix(path, "/api/") {
			all = append(all, request{method: r.Method, path: path + "?" + form(r, p).Encode()})
		}
		return append(all, queries(r, path, p)...)
	}
	all := []request{{method: r.Method, path: path}}
	if strings.HasPrefix(r.Path, "/api/") {
		body, ok := operations(p.words)[r.Method+" "+r.Path]
		if !ok {
			t.Fatalf("%s %s: say in operations what is sent to it", r.Method, r.Path)
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return append(all, request{r.Method, path, "application/json", string(text)}, request{r.Method, path, "application/json", `{"x":1}`})
	}
	return append(all,
		request{r.Method, path, urlEncoded, form(r, p).Encode()},
		upload(t, r.Method, path, p),
		request{r.Method, path, "application/json", "{}"},
	)
}

// queries look for the things of a place one by one.
func queries(r web.Route, path string, p *place) []request {
	pairs := map[string][]string{
		"/api/v1/persons": {"region", string(p.county), "name", p.elder, "initials", "oysh"},
		"/persons":        {"region", string(p.town), "name", p.elder, "initials", "oysh", "state", "any"},
		"/persons/export": {"region", string(p.town), "name", p.elder},
		"/persons/new":    {"residence_code", string(p.town)},
		"/users":          {"q", p.prefix, "organisation", p.office.String()},
		"/organisations":  {"q", p.words.office},
		"/tokens":         {"user", p.user.String()},
		"/audit":          {"subject", p.person.String(), "actor", p.prefix + ".officer", "kind", "person"},
		"/imports":        {"before", nowhere.String()},
		"/exports":        {"before", nowhere.String()},
		"/conflicts":      {"region", string(p.county)},
		"/duplicates":     {"state", "open"},
		"/filings":        {"box", "all"},
		"/messages":       {"state", "cancelled", "template", "newly", "region", string(p.county)},
	}[r.Path]
	var all []request
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, request{method: r.Method, path: path + "?" + url.Values{pairs[i]: {pairs[i+1]}}.Encode()})
	}
	for _, query := range searches[r.Path] {
		all = append(all, request{method: r.Method, path: path + "?region=" + string(p.county) + "&" + query})
	}
	return all
}

// upload sends a file of the place.
func upload(t *testing.T, method, path string, p *place) request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("source", "town")
	_ = w.WriteField("version", "1")
	for _, name := range []string{"file", "photo"} {
		f, err := w.CreateFormFile(name, p.file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, "姓名,身份证号,居住地\n%s,%s,%s\n", p.elder, p.number, p.town)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return request{method, path, w.FormDataContentType(), b.String()}
}
