package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// ErrNotBuilt is returned where the front end has not been built yet.
var ErrNotBuilt = errors.New("前端资源未构建，请先运行 make")

// AssetPath is where Assets are served.
const AssetPath = "/assets/"

// Assets are the built files of the front end (样式、脚本、图标). Their names carry a
// hash of their content, so that browsers may keep them for ever. They are held in
// memory, also compressed.
type Assets struct {
	urls  map[string]string // app.css → /assets/app-1a2b3c4d.css
	files map[string]asset  // app-1a2b3c4d.css → content
	icons map[string]bool
}

type asset struct {
	mime            string
	plain, gzip, br []byte
}

// manifest is what the build says of itself: logical names and the icons in icons.svg.
type manifest struct {
	Files map[string]string `json:"files"`
	Icons []string          `json:"icons"`
}

// OpenAssets reads the built files with their manifest.json.
func OpenAssets(dist fs.FS) (*Assets, error) {
	b, err := fs.ReadFile(dist, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("ui: manifest: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("ui: manifest: %w", err)
	}
	a := &Assets{urls: map[string]string{}, files: map[string]asset{}, icons: map[string]bool{}}
	for logical, name := range m.Files {
		a.urls[logical] = AssetPath + name
		if a.files[name], err = readAsset(dist, name); err != nil {
			return nil, err
		}
	}
	for _, icon := range m.Icons {
		a.icons[icon] = true
	}
	return a, nil
}

func readAsset(dist fs.FS, name string) (asset, error) {
	plain, err := fs.ReadFile(dist, name)
	if err != nil {
		return asset{}, fmt.Errorf("ui: asset: %w", err)
	}
	file := asset{mime: contentType(name), plain: plain}
	for suffix, to := range map[string]*[]byte{".gz": &file.gzip, ".br": &file.br} {
		if *to, err = fs.ReadFile(dist, name+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return asset{}, fmt.Errorf("ui: asset: %w", err)
		}
	}
	return file, nil
}

// types are not left to the system's table, which differs from place to place.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func contentType(name string) string {
	if t, ok := types[path.Ext(name)]; ok {
		return t
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// URL returns the address of an asset by its logical name.
func (a *Assets) URL(logical string) (string, error) {
	u, ok := a.urls[logical]
	if !ok {
		return "", fmt.Errorf("ui: no asset is called %q", logical)
	}
	return u, nil
}

// Icon returns the address of an icon in the sprite.
func (a *Assets) Icon(name string) (string, error) {
	if !a.icons[name] {
		return "", fmt.Errorf("ui: no icon is called %q: add it to web/icons.json", name)
	}
	u, err := a.URL("icons.svg")
	return u + "#" + name, err
}

// ServeHTTP serves the assets below AssetPath.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[strings.TrimPrefix(r.URL.Path, AssetPath)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	body := file.plain
	switch accepted := r.Header.Get("Accept-Encoding"); {
	case file.br != nil && accepts(accepted, "br"):
		body = file.br
		h.Set("Content-Encoding", "br")
	case file.gzip != nil && accepts(accepted, "gzip"):
		body = file.gzip
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", file.mime)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodGet {
		_, _ = bytes.NewReader(body).WriteTo(w) // the client may have gone
	}
}

// accepts reports whether the header Accept-Encoding allows a coding.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		value, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && value > 0
	}
	return false
}
