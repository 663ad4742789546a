//go:build !amd64

package population

import "yian/internal/fact"

// packWhole packs codes by the 64.
func packWhole(planes []Block, col []fact.Code) { packGo(planes, col) }
