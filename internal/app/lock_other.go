//go:build !linux && !darwin

package app

import "errors"

// lock does nothing where the system has no locks of files.
func lock(string) (release func(), err error) { return func() {}, nil }

// freeSpace is not known here.
func freeSpace(string) (uint64, error) { return 0, errors.ErrUnsupported }
