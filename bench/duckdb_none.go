//go:build !cgo

package main

// duckDB is a C++ library.
func duckDB(*list, *crowd) (*contender, func(), error) {
	return nil, nil, absent("built without cgo (no C compiler)")
}
