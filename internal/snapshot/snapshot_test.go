package snapshot

import (
	"context"
	"errors"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/person"
)

// TestRoundTrip writes people and reads them back, in this process and in the next.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		people := anyPeople(t)
		all := everybody(t, people)
		for f := range fact.Count { // what nobody knows anything of may be left out
			if f.Coded() && rapid.IntRange(0, 9).Draw(t, f.String()) == 0 {
				all.Codes[f] = nil
			}
		}
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // it never fails
		if err := s.rebuild(t.Context(), mark{Made: 1}, given(all)); err != nil {
			t.Fatal(err)
		}
		same(t, s, all)
		next, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer next.Close() //nolint:errcheck // it never fails
		same(t, next, all)
	})
}

// same fails unless the snapshot holds the people.
func same(t *rapid.T, s *Snapshot, want *person.Everybody) {
	got, ids, release, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if got.N != want.N || !slices.Equal(ids, want.People) {
		t.Fatalf("%d people, want %d", got.N, want.N)
	}
	for i := range got.N {
		if got.Person(i) != want.Person(i) {
			t.Fatalf("person %d is %+v, want %+v", i, got.Person(i), want.Person(i))
		}
		if code := s.current.all.Served.RegionOf(i); code != want.Served.RegionOf(i) {
			t.Fatalf("person %d is served by %s, want %s", i, code, want.Served.RegionOf(i))
		}
	}
}

func TestWithoutAFile(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "not", "there"))
	if _, _, _, err := s.Load(); !errs.Is(err, errs.Unavailable) {
		t.Errorf("loading gives %v", err)
	}
	f, err := s.Figures(scopeOf("14"), today)
	if err != nil || f.Made != 0 || f.People != 0 {
		t.Errorf("figures without a file: %+v (%v)", f, err)
	}
	failed := errors.New("the database is away")
	err = s.rebuild(t.Context(), mark{Made: 1}, func(ctx context.Context) (*person.Everybody, error) { return nil, failed })
	if !errors.Is(err, failed) {
		t.Errorf("a source that fails gives %v", err)
	}
}

// TestSwapWhileReading has readers look at everybody while files are swapped. All of a
// file's people are of one kind, so that a mixture would show.
func TestSwapWhileReading(t *testing.T) {
	s := opened(t, t.TempDir())
	kinds := draw(mathrand.New(mathrand.NewPCG(1, 1)), 3)
	files := make([]*person.Everybody, len(kinds))
	for i := range kinds {
		kinds[i].id, kinds[i].served = id.ID(i+1), "141002"
		files[i] = everybody(t, slices.Repeat(kinds[i:i+1], 5000+i))
	}
	if err := s.rebuild(t.Context(), mark{Made: 1}, given(files[0])); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for range 1 << 20 {
				select {
				case <-done:
					return
				default:
				}
				readOnce(t, s)
			}
		})
	}
	for i := range 60 {
		if err := s.rebuild(t.Context(), mark{Made: civil.Instant(1 + i%7)}, given(files[i%len(files)])); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
	names, err := os.ReadDir(s.dir)
	if err != nil || len(names) != 1 {
		t.Errorf("files %v are left (%v)", names, err)
	}
	if s.current.holders != 1 {
		t.Errorf("%d hold the file that nobody reads", s.current.holders)
	}
}

func readOnce(t *testing.T, s *Snapshot) {
	c, ids, release, err := s.Load()
	if err != nil {
		t.Error(err)
		return
	}
	defer release()
	kind := int(ids[0])
	if c.N != 5000+kind-1 || slices.ContainsFunc(ids, func(i id.ID) bool { return int(i) != kind }) || c.Person(c.N-1) != c.Person(0) {
		t.Errorf("a mixture of files: %d people of kind %d", c.N, kind)
	}
	f, err := s.Figures(scopeOf("1410"), today)
	if err != nil || f.People < 5000 || f.People >= 5000+3 || f.Facts[fact.Sex][c.Codes[fact.Sex][0]] > f.People {
		t.Errorf("figures of a mixture: %+v (%v)", f, err)
	}
}

// TestReadersOutliveTheFile keeps a loaded file after its removal and after Close.
func TestReadersOutliveTheFile(t *testing.T) {
	s := opened(t, t.TempDir())
	people := draw(mathrand.New(mathrand.NewPCG(2, 1)), 1000)
	if err := s.rebuild(t.Context(), mark{Made: 1}, given(everybody(t, people))); err != nil {
		t.Fatal(err)
	}
	c, ids, release, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.rebuild(t.Context(), mark{Made: 2}, given(everybody(t, people[:1]))); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for i, p := range people {
		if c.Person(i) != p.facts || ids[i] != p.id {
			t.Fatalf("person %d has changed", i)
		}
	}
	release()
	release() // twice does no harm
	if _, _, _, err := s.Load(); !errs.Is(err, errs.Unavailable) {
		t.Errorf("loading from a closed snapshot gives %v", err)
	}
}

// TestEverybody hands out whom the regions serve, and holds the file meanwhile.
func TestEverybody(t *testing.T) {
	s := opened(t, t.TempDir())
	if _, _, _, err := s.Everybody(); !errs.Is(err, errs.Unavailable) {
		t.Errorf("without a file: %v", err)
	}
	all := everybody(t, draw(mathrand.New(mathrand.NewPCG(1, 2)), 500))
	if err := s.rebuild(t.Context(), mark{Made: 7}, given(all)); err != nil {
		t.Fatal(err)
	}
	got, made, release, err := s.Everybody()
	if err != nil || made != 7 || got.N != 500 {
		t.Fatalf("%d people of %d (%v)", got.N, made, err)
	}
	again, _, releaseAgain, err := s.Everybody()
	if err != nil || again != got {
		t.Errorf("the same file is another one (%v)", err)
	}
	releaseAgain()
	if err := s.rebuild(t.Context(), mark{Made: 8}, given(all)); err != nil {
		t.Fatal(err)
	}
	for i := range all.N { // of the old file, which waits for its reader
		if got.Served.RegionOf(i) != all.Served.RegionOf(i) {
			t.Fatalf("person %d is served by %s, want %s", i, got.Served.RegionOf(i), all.Served.RegionOf(i))
		}
	}
	release()
	next, made, release, err := s.Everybody()
	if err != nil || made != 8 || next == got {
		t.Errorf("the next file is the old one, of %d (%v)", made, err)
	}
	release()
}
