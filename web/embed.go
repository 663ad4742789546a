// Package web holds the built front end, and the list of icons that pages may use.
// Its sources lie beside this file; package ui says how they are built and served.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// IconsJSON (图标清单) lists the names of the icons.
//
//go:embed icons.json
var IconsJSON []byte

// Dist returns what the build wrote; before the first build it is empty.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist // cannot be: dist is a valid name
	}
	return sub
}
