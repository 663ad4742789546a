//go:build linux || darwin

package snapshot

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mapping is a file as memory.
type mapping struct{ data []byte }

// mapFile maps a file for reading. It stays good when the file is removed.
func mapFile(path string) (*mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // the mapping does not need it
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < headerSize {
		return nil, fmt.Errorf("%s is too short", info.Name())
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", info.Name(), err)
	}
	return &mapping{data}, nil
}

// rest gives the memory back to the system until it is read again.
func (m *mapping) rest() { _ = unix.Madvise(m.data, unix.MADV_DONTNEED) } // it is only advice

// unmap ends the mapping; nothing of it may be read any more.
func (m *mapping) unmap() { _ = unix.Munmap(m.data) } // it fails for what is not mapped
