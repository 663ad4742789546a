//go:build !linux && !darwin

package snapshot

import (
	"fmt"
	"os"
	"path/filepath"
)

// mapping is a file in memory.
type mapping struct{ data []byte }

// mapFile reads a file, where the system cannot map it as we know.
func mapFile(path string) (*mapping, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < headerSize {
		return nil, fmt.Errorf("%s is too short", filepath.Base(path))
	}
	return &mapping{data}, nil
}

func (m *mapping) rest() {}

func (m *mapping) unmap() { m.data = nil }
