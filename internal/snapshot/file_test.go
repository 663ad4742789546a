package snapshot

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yian/internal/db/dbtest"
)

// written writes a few people and returns the path of the file.
func written(t testing.TB, dir string) string {
	t.Helper()
	s := opened(t, dir)
	if err := s.rebuild(context.Background(), mark{Made: 1}, given(everybody(t, draw(mathrand.New(mathrand.NewPCG(3, 1)), 100)))); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, mark{Made: 1}.name())
}

// sum puts the right checksums into a file that was changed.
func sum(text []byte) {
	if len(text) < int(headerSize) {
		return
	}
	binary.NativeEndian.PutUint32(text[binary.Size(header{})-4:], crc32.Checksum(text[headerSize:], castagnoli))
	binary.NativeEndian.PutUint32(text[headerSize-4:], crc32.Checksum(text[:headerSize-4], castagnoli))
}

// TestDamagedFilesAreNotTrusted changes a file in many ways. Each time it must be left
// aside, be said so, and be built anew.
func TestDamagedFilesAreNotTrusted(t *testing.T) {
	good, err := os.ReadFile(written(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, dbtest.SQLite(t))
	cases := map[string]func(text []byte) []byte{
		"empty":              func([]byte) []byte { return nil },
		"cut in the header":  func(text []byte) []byte { return text[:40] },
		"cut after it":       func(text []byte) []byte { return text[:headerSize] },
		"cut at the end":     func(text []byte) []byte { return text[:len(text)-1] },
		"longer":             func(text []byte) []byte { return append(text, 0) },
		"something else":     func(text []byte) []byte { copy(text, "SQLite format 3"); sum(text); return text },
		"older format":       func(text []byte) []byte { text[len(magic)]--; sum(text); return text },
		"another vocabulary": func(text []byte) []byte { text[len(magic)+4]++; sum(text); return text },
	}
	for at := 0; at < len(good); at += 1 + len(good)/41 {
		cases[fmt.Sprintf("a bit of byte %d", at)] = func(text []byte) []byte { text[at] ^= 1 << (at % 8); return text }
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, mark{Made: 1}.name())
			if err := os.WriteFile(path, spoil(append([]byte(nil), good...)), 0o600); err != nil {
				t.Fatal(err)
			}
			s := opened(t, dir)
			if f, err := s.Figures(scopeOf(""), today); err != nil || f.Made != 0 {
				t.Fatalf("figures of a spoilt file: %+v (%v)", f, err)
			}
			h.said.Reset()
			if rebuilt, err := s.Refresh(t.Context(), h.Deps); err != nil || !rebuilt {
				t.Fatalf("rebuilt: %v (%v)", rebuilt, err)
			}
			if !strings.Contains(h.said.String(), "level=ERROR") || !strings.Contains(h.said.String(), filepath.Base(path)) {
				t.Errorf("the log says %q", &h.said)
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("the spoilt file is still there (%v)", err)
			}
			if f, err := s.Figures(scopeOf(""), today); err != nil || f.Made == 0 {
				t.Errorf("figures afterwards: %+v (%v)", f, err)
			}
		})
	}
}

// FuzzRead changes bytes of a file whose checksums hold all the same. It must be
// refused, or be good for figures.
func FuzzRead(f *testing.F) {
	good, err := os.ReadFile(written(f, f.TempDir()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(0), []byte{})
	f.Add(uint16(len(magic)+24), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) // -1 people
	f.Add(uint16(headerSize), []byte{9})
	for section := range sections {
		f.Add(uint16(40+16*section), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
		f.Add(uint16(48+16*section), []byte{0})
	}
	f.Fuzz(func(t *testing.T, at uint16, change []byte) {
		text := append([]byte(nil), good...)
		copy(text[int(at)%len(text):], change)
		sum(text)
		file := &file{mapping: &mapping{text}, holders: 1}
		if err := file.read(); err != nil {
			return
		}
		figures := newCount(file, scopeOf("14"), today).figures()
		if figures.People > file.all.N {
			t.Errorf("%d of %d people", figures.People, file.all.N)
		}
		for i := range file.all.N {
			_ = file.all.Person(i)
		}
	})
}
