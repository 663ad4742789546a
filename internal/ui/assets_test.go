package ui_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"yian/internal/ui"
	"yian/web"
)

func built(t *testing.T) *ui.Assets {
	t.Helper()
	assets, err := ui.OpenAssets(fstest.MapFS{
		"manifest.json":     {Data: []byte(`{"files": {"app.css": "app-1f.css", "icons.svg": "icons-2e.svg"}, "icons": ["home"]}`)},
		"app-1f.css":        {Data: []byte("plain")},
		"app-1f.css.br":     {Data: []byte("brotli")},
		"app-1f.css.gz":     {Data: []byte("gzip!!!")},
		"icons-2e.svg":      {Data: []byte("<svg/>")},
		"secret-not-listed": {Data: []byte("secret")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

func TestAssetEncodings(t *testing.T) {
	for accepted, want := range map[string][2]string{
		"gzip, deflate, br":        {"brotli", "br"},
		"gzip, deflate":            {"gzip!!!", "gzip"},
		"br;q=0, gzip;q=0.5":       {"gzip!!!", "gzip"},
		"br;q=0, gzip;q=0.0":       {"plain", ""},
		"BR":                       {"brotli", "br"},
		"brotli":                   {"plain", ""},
		"":                         {"plain", ""},
		"identity":                 {"plain", ""},
		"br; q=nonsense, gzip;q=1": {"gzip!!!", "gzip"},
	} {
		w := serve(t, http.MethodGet, "/assets/app-1f.css", accepted)
		if got := [2]string{w.Body.String(), w.Header().Get("Content-Encoding")}; w.Code != http.StatusOK || got != want {
			t.Errorf("%q: got %d %q, want %q", accepted, w.Code, got, want)
		}
	}
}

func TestAssetHeaders(t *testing.T) {
	w := serve(t, http.MethodHead, "/assets/app-1f.css", "br")
	for name, want := range map[string]string{
		"Content-Type": "text/css; charset=utf-8", "Content-Length": "6", "Vary": "Accept-Encoding",
		"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if w.Body.Len() > 0 {
		t.Error("HEAD has a body")
	}
	if got := serve(t, http.MethodGet, "/assets/icons-2e.svg", "br").Header(); got.Get("Content-Type") != "image/svg+xml" || got.Get("Content-Encoding") != "" {
		t.Errorf("icons: %v", got)
	}
}

func TestOnlyListedAssetsAreServed(t *testing.T) {
	for _, path := range []string{"/assets/", "/assets/app.css", "/assets/manifest.json", "/assets/secret-not-listed", "/assets/app-1f.css.br", "/assets/../manifest.json"} {
		if w := serve(t, http.MethodGet, path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
	if w := serve(t, http.MethodPost, "/assets/app-1f.css", ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answers %d", w.Code)
	}
}

func serve(t *testing.T, method, path, accepted string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", accepted)
	w := httptest.NewRecorder()
	built(t).ServeHTTP(w, r)
	return w
}

func TestURLs(t *testing.T) {
	assets := built(t)
	if u, err := assets.URL("app.css"); u != "/assets/app-1f.css" || err != nil {
		t.Errorf("got %s, %v", u, err)
	}
	if u, err := assets.Icon("home"); u != "/assets/icons-2e.svg#home" || err != nil {
		t.Errorf("got %s, %v", u, err)
	}
	if _, err := assets.URL("app.js"); err == nil {
		t.Error("an asset that was not built has an address")
	}
	if _, err := assets.Icon("unicorn"); err == nil {
		t.Error("an icon that does not exist has an address")
	}
}

func TestOpenAssetsRefuses(t *testing.T) {
	if _, err := ui.OpenAssets(fstest.MapFS{".keep": {}}); !errors.Is(err, ui.ErrNotBuilt) || !strings.Contains(err.Error(), "make") {
		t.Errorf("got %v", err)
	}
	for name, text := range map[string]string{"broken": `{`, "a file that is gone": `{"files": {"app.css": "app-1f.css"}}`} {
		if _, err := ui.OpenAssets(fstest.MapFS{"manifest.json": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestIconsAreDocumented holds the list in the package comment and the list that is
// built equal.
func TestIconsAreDocumented(t *testing.T) {
	var names []string
	if err := json.Unmarshal(web.IconsJSON, &names); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(doc), "# Icons")
	list, _, _ := strings.Cut(after, "# Assets")
	var listed []string
	for _, line := range regexp.MustCompile(`(?m)^//\t(.*)$`).FindAllStringSubmatch(list, -1) {
		listed = append(listed, strings.Fields(line[1])...)
	}
	if !slices.IsSorted(names) || !slices.Equal(names, listed) {
		t.Errorf("web/icons.json has %v,\ndoc.go has %v", names, listed)
	}
}
