package snapshot

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/person"
	"yian/internal/population"
	"yian/internal/region"
)

// A file is a header and sections, in the byte order of the machine: it never leaves
// it. Each section begins where its values may lie in memory.
const (
	magic     = "yianCols"
	format    = 1
	alignment = 64
	codeSize  = 12 // of a region, padded with zero bytes

	prefix, suffix = "columns-", ".bin"
)

// The sections; a column of which nothing is known may be empty. The codes of the
// facts are in the order of the vocabulary, which keeps a place for the others too.
const (
	peopleSection = iota
	birthSection
	regionSections                      // three columns, each followed by its dictionary
	codeSections   = regionSections + 6 // one a fact
	sections       = codeSections + int(fact.Count)
)

// mark is what a file says of itself.
type mark struct {
	Made civil.Instant // before its facts were read
	Head uint64        // a hash of how far the audit chain went then
}

// name returns the name of the file; names sort by their instants.
func (m mark) name() string {
	return prefix + m.Made.Time().Format("20060102T150405.000000") + suffix
}

// header is the beginning of a file.
type header struct {
	Magic      [len(magic)]byte
	Format     uint32
	Vocabulary uint32 // what the codes mean
	Mark       mark
	People     int64
	Sections   [sections]struct{ At, Bytes int64 }
	Body       uint32 // checksum of all that follows
}

// headerSize is where the sections begin. The four bytes before are the checksum of
// the header.
var headerSize = aligned(int64(binary.Size(header{})) + 4)

func aligned(n int64) int64 { return (n + alignment - 1) / alignment * alignment }

// castagnoli is the checksum that processors compute.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// vocabulary tells vocabularies apart in which codes mean something else.
var vocabulary = func() uint32 {
	h := fnv.New32a()
	for f := range fact.Count {
		_, _ = io.WriteString(h, f.String()) // it never fails
		for _, v := range f.Def().Values {
			_, _ = io.WriteString(h, " "+v.Name)
		}
		_, _ = io.WriteString(h, "\n")
	}
	return h.Sum32()
}()

// write makes a file beside and gives it its name when it is whole. It is not synced:
// what a power cut tears is found by the checksums, and built anew.
func write(path string, m mark, all *person.Everybody) (err error) {
	h := header{Format: format, Vocabulary: vocabulary, Mark: m, People: int64(all.N)}
	copy(h.Magic[:], magic)
	parts, err := split(all)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), prefix+"*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	if err := errors.Join(writeTo(temp, &h, parts), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

func writeTo(file io.WriteSeeker, h *header, parts [sections][]byte) error {
	if _, err := file.Seek(headerSize, io.SeekStart); err != nil {
		return err
	}
	sum := crc32.New(castagnoli)
	out := bufio.NewWriterSize(io.MultiWriter(file, sum), 1<<20)
	at := headerSize
	for i, part := range parts {
		h.Sections[i].At, h.Sections[i].Bytes = at, int64(len(part))
		gap := aligned(int64(len(part))) - int64(len(part))
		_, _ = out.Write(part) // Flush tells
		_, _ = out.Write(make([]byte, gap))
		at += int64(len(part)) + gap
	}
	if err := out.Flush(); err != nil {
		return err
	}
	h.Body = sum.Sum32()
	text, err := h.encode()
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = file.Write(text)
	return err
}

// encode returns all that stands before the sections.
func (h *header) encode() ([]byte, error) {
	text, err := binary.Append(make([]byte, 0, headerSize), binary.NativeEndian, h)
	if err != nil {
		return nil, err
	}
	text = text[:headerSize-4]
	return binary.NativeEndian.AppendUint32(text, crc32.Checksum(text, castagnoli)), nil
}

// split returns the sections.
func split(all *person.Everybody) (parts [sections][]byte, err error) {
	parts[peopleSection], parts[birthSection] = bytesOf(all.People), bytesOf(all.Birth)
	for i, r := range regionsOf(all) {
		parts[regionSections+2*i] = bytesOf(r.Index)
		if parts[regionSections+2*i+1], err = encodeCodes(r.Codes); err != nil {
			return parts, err
		}
	}
	for f, codes := range all.Codes {
		parts[codeSections+f] = codes
	}
	return parts, nil
}

func regionsOf(all *person.Everybody) [3]*population.Regions {
	return [3]*population.Regions{&all.Hukou, &all.Residence, &all.Served}
}

func encodeCodes(codes []region.Code) ([]byte, error) {
	out := make([]byte, len(codes)*codeSize)
	for i, c := range codes {
		if len(c) > codeSize {
			return nil, fmt.Errorf("the code %q is no region", c)
		}
		copy(out[i*codeSize:], c)
	}
	return out, nil
}

func decodeCodes(text []byte) []region.Code {
	codes := make([]region.Code, 0, len(text)/codeSize)
	for ; len(text) >= codeSize; text = text[codeSize:] {
		codes = append(codes, region.Code(strings.TrimRight(string(text[:codeSize]), "\x00")))
	}
	return codes
}

// bytesOf returns the memory of values.
func bytesOf[T any](values []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(*new(T))))
}

// valuesOf returns memory as values.
func valuesOf[T any](b []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(*new(T))))
}
