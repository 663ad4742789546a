package blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"time"

	"yian/internal/blob"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/id"
	"yian/internal/secret"
)

// open makes a store whose database holds a file of three pieces.
func open(t *testing.T, d *db.DB) (*blob.Store, id.ID, []byte) {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s := blob.New(d, keys)
	file := id.NewMaker(time.Now).New()
	noise := make([]byte, 100_000)
	_, _ = rand.Read(noise)
	whole := bytes.Repeat([]byte("王秀英,141002194301150012\n"), 50_000)
	first, err := s.Seal(file, 0, whole)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Sealed) > len(whole)/10 {
		t.Errorf("a text of %d bytes takes %d", len(whole), len(first.Sealed))
	}
	second, err := s.Seal(file, 1, noise)
	if err != nil {
		t.Fatal(err)
	}
	insert(t, d, s, first, second, s.SealStored(file, 2, []byte("end")))
	return s, file, append(append(whole, noise...), "end"...)
}

func insert(t *testing.T, d *db.DB, s *blob.Store, pieces ...blob.Piece) {
	t.Helper()
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return s.Insert(ctx, tx, pieces) }); err != nil {
		t.Fatal(err)
	}
}

func TestFileComesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, file, want := open(t, d)
		got, err := io.ReadAll(s.Open(t.Context(), file, 3))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes instead of %d (%v)", len(got), len(want), err)
		}
		if _, err := io.ReadAll(s.Open(t.Context(), file, 4)); err == nil {
			t.Error("a missing piece is not seen")
		}
		var clear int
		if err := d.NewRaw("SELECT count(*) FROM blob_piece WHERE data = ?", []byte("\x00end")).Scan(t.Context(), &clear); err != nil || clear > 0 {
			t.Errorf("%d pieces in clear (%v)", clear, err)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return s.Delete(ctx, tx, file) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), file, 0); err == nil {
			t.Error("a deleted file is there")
		}
	})
}

func TestPiecesKeepTheirPlace(t *testing.T) {
	d := dbtest.SQLite(t)
	s, file, _ := open(t, d)
	first, err := s.Load(t.Context(), file, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, moved := range []blob.Piece{{File: file, N: 1, Sealed: first.Sealed}, {File: file + 1, N: 0, Sealed: first.Sealed}} {
		if _, err := s.Unseal(moved); !errors.Is(err, secret.ErrTampered) {
			t.Errorf("piece %d of %s opens elsewhere: %v", moved.N, moved.File, err)
		}
	}
}
