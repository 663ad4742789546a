package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"unsafe"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/person"
)

// file is an open file. Its columns are the mapped memory.
type file struct {
	*mapping
	mark mark
	all  person.Everybody

	// The snapshot guards these.
	holders int           // itself if it is the current file, and readers
	asOf    civil.Instant // when it was last known to be up to date
}

// open maps a file and looks at every byte of it once; the file is then held by its
// opener. An error says why it is not to be trusted.
func open(path string) (*file, error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	f := &file{mapping: m, holders: 1}
	if err := f.read(); err != nil {
		m.unmap()
		return nil, fmt.Errorf("%s %w", filepath.Base(path), err)
	}
	f.rest()
	return f, nil
}

// read checks the file and makes columns of its sections.
func (f *file) read() error {
	var h header
	before, body := f.data[:headerSize-4], f.data[headerSize:]
	if _, err := binary.Decode(before, binary.NativeEndian, &h); err != nil {
		return err
	}
	switch {
	case string(h.Magic[:]) != magic:
		return errors.New("is something else")
	case h.Format != format || h.Vocabulary != vocabulary:
		return errors.New("was written by a program of another version")
	case binary.NativeEndian.Uint32(f.data[len(before):]) != crc32.Checksum(before, castagnoli), h.Body != crc32.Checksum(body, castagnoli):
		return errors.New("is damaged")
	}
	f.mark, f.asOf, f.all.N = h.Mark, h.Mark.Made, int(h.People)
	return f.columns(&h)
}

// columns makes columns of the sections. The checksums hold, so it is a fault of the
// program that wrote the file if they do not fit.
func (f *file) columns(h *header) error {
	var parts [sections][]byte
	for i, s := range h.Sections {
		if s.At < headerSize || s.At%alignment != 0 || s.Bytes < 0 || s.Bytes > int64(len(f.data))-s.At {
			return fmt.Errorf("has a section %d beyond its end", i)
		}
		parts[i] = f.data[s.At : s.At+s.Bytes : s.At+s.Bytes]
	}
	all, bad := &f.all, false
	all.People, bad = column[id.ID](parts[peopleSection], all.N, bad)
	all.Birth, bad = column[uint16](parts[birthSection], all.N, bad)
	for i, r := range regionsOf(all) {
		r.Index, bad = column[uint32](parts[regionSections+2*i], all.N, bad)
		r.Codes = decodeCodes(parts[regionSections+2*i+1])
		bad = bad || len(r.Codes) == 0 || r.Codes[0] != ""
		bad = bad || r.Index != nil && int64(slices.Max(r.Index)) >= int64(len(r.Codes))
	}
	for i := range all.Codes {
		all.Codes[i], bad = column[fact.Code](parts[codeSections+i], all.N, bad)
		bad = bad || all.Codes[i] != nil && int(slices.Max(all.Codes[i])) > len(fact.ID(i).Def().Values)
	}
	if bad || len(all.People) != all.N || len(all.Served.Index) != all.N {
		return errors.New("has columns that do not fit each other")
	}
	return nil
}

// column returns a section as a column of n people, or as none if it is empty; bad is
// passed on, and true if it is of another length.
func column[T any](part []byte, n int, bad bool) ([]T, bool) {
	if len(part) == 0 {
		return nil, bad
	}
	return valuesOf[T](part), bad || len(part) != n*int(unsafe.Sizeof(*new(T)))
}
