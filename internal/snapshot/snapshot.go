package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/population"
)

// Snapshot (数据快照) is the columns of everybody on the disk.
type Snapshot struct {
	dir    string
	keeper keeper

	mu      sync.Mutex
	looked  bool  // into the folder, for what an earlier process left
	fault   error // why a file was left aside; the keeper logs it
	current *file // nil: none yet
}

// Open uses the folder; nothing need be in it yet. It changes nothing that is in it,
// as another process may be at work there.
func Open(dir string) (*Snapshot, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the snapshot: %w", err)
	}
	return &Snapshot{dir: dir}, nil
}

// source reads the current facts of everybody, in any order.
type source func(ctx context.Context) (*person.Everybody, error)

// rebuild writes a new file from the source and takes it in place of the old one. The
// mark is from before the source reads.
func (s *Snapshot) rebuild(ctx context.Context, m mark, read source) (err error) {
	defer errs.Wrap(&err, "rebuild the snapshot")
	all, err := read(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, m.name())
	if err := write(path, m, all); err != nil {
		return err
	}
	f, err := open(path)
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	s.swap(f)
	return s.sweep(m.name())
}

// swap takes a file in place of the current one; nil for none.
func (s *Snapshot) swap(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.current
	s.current, s.looked = f, true
	if old != nil {
		s.drop(old)
	}
}

// sweep removes all files but one: the old ones, and what a killed process left. A
// file that is mapped stays good for its readers.
func (s *Snapshot) sweep(keep string) error {
	names, err := s.names("")
	for _, name := range names {
		if name != keep {
			err = errors.Join(err, os.Remove(filepath.Join(s.dir, name)))
		}
	}
	return err
}

// names lists our files of the folder with an ending, the oldest first.
func (s *Snapshot) names(end string) (names []string, err error) {
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && strings.HasSuffix(e.Name(), end) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// find opens the newest good file of the folder.
func (s *Snapshot) find() {
	s.looked = true
	names, err := s.names(suffix)
	s.fault = err
	for _, name := range slices.Backward(names) {
		f, err := open(filepath.Join(s.dir, name))
		if err == nil {
			s.current = f
			return
		}
		s.fault = errors.Join(s.fault, err)
	}
}

// acquire returns the current file, to be released; nil if there is none.
func (s *Snapshot) acquire() *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.looked {
		s.find()
	}
	if s.current != nil {
		s.current.holders++
	}
	return s.current
}

func (s *Snapshot) release(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(f)
}

// drop ends one hold on a file. Nobody's file is unmapped; the memory of one that only
// waits for readers goes back to the system, which may keep it as long as nothing else
// wants it.
func (s *Snapshot) drop(f *file) {
	f.holders--
	switch {
	case f.holders == 0:
		f.unmap()
	case f.holders == 1 && f == s.current:
		f.rest()
	}
}

// asOf tells when the file was last known to be up to date.
func (s *Snapshot) asOf(f *file) civil.Instant {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.asOf
}

// confirm notes that the file is up to date at a moment.
func (s *Snapshot) confirm(f *file, at civil.Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.asOf = at
}

// Load returns the columns of everybody, and whose they are in the same order. They
// are good until release is called, and are never written to: they are the file.
func (s *Snapshot) Load() (_ *population.Columns, _ []id.ID, release func(), err error) {
	f := s.acquire()
	if f == nil {
		return nil, nil, nil, errs.New(errs.Unavailable, "人员数据正在整理，请过一会儿再试。")
	}
	return &f.all.Columns, f.all.People, sync.OnceFunc(func() { s.release(f) }), nil
}

// Close ends the upkeep and lets go of the file as soon as nobody reads it.
func (s *Snapshot) Close() error {
	s.keeper.stop()
	s.swap(nil)
	return nil
}
