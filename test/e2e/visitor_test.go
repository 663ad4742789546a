package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"yian/internal/citizenid"
)

// visitor is somebody with a browser that knows nothing but HTML: what works for him
// works without scripts.
type visitor struct {
	client *http.Client
	server *server
}

func (s *server) visitor(t testing.TB) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{&http.Client{Jar: jar, Timeout: patience}, s}
}

// page is a page that was come to, redirects followed.
type page struct {
	visitor *visitor
	status  int
	url     *url.URL
	body    string
}

// send sends a request; the error is that of the line.
func (v *visitor) send(method, address, mediaType string, body io.Reader) (*page, error) {
	if !strings.HasPrefix(address, "http") {
		address = v.server.base + address
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if mediaType != "" {
		req.Header.Set("Content-Type", mediaType)
	}
	res, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	return &page{v, res.StatusCode, res.Request.URL, string(text)}, nil
}

// get opens a page that is there.
func (v *visitor) get(t testing.TB, path string) *page {
	t.Helper()
	p, err := v.send(http.MethodGet, path, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.ok(t)
}

// ok fails unless the page is a good one.
func (p *page) ok(t testing.TB) *page {
	t.Helper()
	if p.status != http.StatusOK {
		t.Fatalf("%s: %d\n%s", p.url.Path, p.status, p.text())
	}
	return p
}

// has fails unless the page shows the text.
func (p *page) has(t testing.TB, text string) *page {
	t.Helper()
	if !strings.Contains(p.text(), text) {
		t.Fatalf("%s does not show %q:\n%s", p.url.Path, text, p.text())
	}
	return p
}

// text is what one reads on the page.
func (p *page) text() string {
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		return p.body
	}
	return strings.Join(strings.Fields(textOf(root)), " ")
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "select") {
		return ""
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c) + " ")
	}
	return b.String()
}

// form is a form of a page with the values that stand in it.
type form struct {
	page   *page
	action string
	upload bool
	values url.Values
	files  map[string]upload
}

type upload struct {
	name    string
	content []byte
}

// form returns the posted form whose action ends so.
func (p *page) form(t testing.TB, action string) *form {
	t.Helper()
	f, err := p.find(action)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (p *page) find(action string) (*form, error) {
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attr(n, "method") != "post" {
			continue
		}
		to, err := p.url.Parse(attr(n, "action"))
		if err != nil || !strings.HasSuffix(to.Path, action) {
			continue
		}
		f := &form{p, to.String(), attr(n, "enctype") == "multipart/form-data", url.Values{}, map[string]upload{}}
		for c := range n.Descendants() {
			f.read(c)
		}
		return f, nil
	}
	return nil, fmt.Errorf("%s has no form for %s: %s", p.url.Path, action, p.text())
}

// read takes the value of one control.
func (f *form) read(n *html.Node) {
	if n.Type != html.ElementNode || attr(n, "name") == "" {
		return
	}
	name := attr(n, "name")
	switch kind := attr(n, "type"); {
	case n.Data == "textarea":
		f.values.Add(name, strings.TrimPrefix(textOf(n), "\n"))
	case n.Data == "select":
		for o := range n.Descendants() {
			if o.Data == "option" && has(o, "selected") {
				f.values.Add(name, attr(o, "value"))
			}
		}
	case n.Data != "input" || kind == "file" || (kind == "checkbox" || kind == "radio") && !has(n, "checked"):
	default:
		f.values.Add(name, attr(n, "value"))
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// with fills in a form: pairs of names and values.
func (f *form) with(pairs ...string) *form {
	for i := 0; i < len(pairs); i += 2 {
		f.values.Set(pairs[i], pairs[i+1])
	}
	return f
}

// file chooses a file.
func (f *form) file(field, name string, content []byte) *form {
	f.files[field] = upload{name, content}
	return f
}

// send sends the form; the error is that of the line.
func (f *form) send() (*page, error) {
	mediaType, body, err := f.encode()
	if err != nil {
		return nil, err
	}
	return f.page.visitor.send(http.MethodPost, f.action, mediaType, body)
}

func (f *form) encode() (mediaType string, body io.Reader, err error) {
	if !f.upload {
		return "application/x-www-form-urlencoded", strings.NewReader(f.values.Encode()), nil
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range f.values {
		for _, value := range values {
			if err := w.WriteField(name, value); err != nil {
				return "", nil, err
			}
		}
	}
	for field, u := range f.files {
		part, err := w.CreateFormFile(field, u.name)
		if err != nil {
			return "", nil, err
		}
		if _, err := part.Write(u.content); err != nil {
			return "", nil, err
		}
	}
	return w.FormDataContentType(), &b, w.Close()
}

// post sends the form and returns the page that it leads to.
func (f *form) post(t testing.TB) *page {
	t.Helper()
	p, err := f.send()
	if err != nil {
		t.Fatal(err)
	}
	return p.ok(t)
}

const password = "Lin-fen 2026 e2e"

// administrator makes the first administrator by the printed link and signs him in.
func (s *server) administrator(t testing.TB, region string) *visitor {
	t.Helper()
	v := s.visitor(t)
	kind := map[int]string{4: "city", 6: "county"}[len(region)]
	v.get(t, s.link(t)).form(t, "").with(
		"organisation_name", "测试民政局", "organisation_kind", kind, "organisation_region_code", region,
		"name", "管理员", "login", "admin", "new", password, "again", password,
	).post(t)
	return s.signIn(t, "admin", password)
}

// signIn signs somebody in who needs no second factor.
func (s *server) signIn(t testing.TB, login, with string) *visitor {
	t.Helper()
	v := s.visitor(t)
	p := v.get(t, "/login").form(t, "/login").with("login", login, "password", with).post(t)
	if p.url.Path == "/login" {
		t.Fatalf("%s is not let in: %s", login, p.text())
	}
	return v
}

// user has the administrator make a user with a role and signs him in with the
// temporary password, which he changes.
func (v *visitor) user(t testing.TB, login, name, role, region string) *visitor {
	t.Helper()
	f := v.get(t, "/users/new").form(t, "/users/new")
	f.with("name", name, "login", login, "organisation", v.firstOption(t, "/users/new", "organisation"))
	shown := f.post(t)
	at := shown.url.Path
	v.get(t, at+"/grants/new").form(t, "/grants/new").with("role", role, "region_code", region).post(t)
	secret := v.get(t, at+"/access/password").form(t, "/access/password").post(t)
	temporary := value(t, secret, "secret")
	own := v.server.signIn(t, login, temporary)
	p := own.get(t, "/")
	if p.url.Path != "/account/password" {
		t.Fatalf("a temporary password leads to %s", p.url.Path)
	}
	p.form(t, "/account/password").with("current", temporary, "new", password, "again", password).post(t)
	return own
}

// firstOption returns the first value that a select of a page offers.
func (v *visitor) firstOption(t testing.TB, path, name string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(v.get(t, path).body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data == "option" && attr(n.Parent, "name") == name && attr(n, "value") != "" {
			return attr(n, "value")
		}
	}
	t.Fatalf("%s offers nothing for %s", path, name)
	return ""
}

// value returns what stands in the control of an id.
func value(t testing.TB, p *page, id string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && attr(n, "id") == id {
			return attr(n, "value")
		}
	}
	t.Fatalf("%s has nothing with the id %s: %s", p.url.Path, id, p.text())
	return ""
}

// person opens a file and returns its address.
func (v *visitor) person(t testing.TB, name, number, region string) string {
	t.Helper()
	p := v.get(t, "/persons/new").form(t, "/persons/new").with(
		"name", name, "document", "resident_id", "number", number, "residence_code", region, "source", "town", "from", "2026-01-01",
	).post(t)
	if !strings.HasPrefix(p.url.Path, "/persons/") || strings.HasSuffix(p.url.Path, "/new") {
		t.Fatalf("no file was opened: %s", p.text())
	}
	return p.url.Path
}

// numbered makes the n-th valid identity number of a county, of women born 1940-01-15.
func numbered(county string, n int) string {
	seventeen := fmt.Sprintf("%s19400115%03d", county, n*2)
	return seventeen + string(citizenid.Checksum(seventeen))
}
