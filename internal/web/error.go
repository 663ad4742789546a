package web

import (
	"embed"

	"yian/internal/ui"
)

//go:embed templates/*.html
var templates embed.FS

// errorPage tells what went wrong and where to go on.
type errorPage struct {
	ui.Frame
	Text   string
	Number string
	Action ui.Link
}

// Views are the pages of this package.
func Views() ui.Set {
	return ui.Set{FS: templates, Pages: map[string]ui.Page{"web/error": &errorPage{}}}
}
