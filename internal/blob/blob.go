// Package blob keeps files in the database (加密文件): uploads, tables that were read
// in, lists to be fetched. Every process that shares the database can read them, and
// what a file holds of people is unreadable without the keys.
//
// A file is a sequence of pieces, each compressed where that pays and encrypted under
// its file and place, so that none can be exchanged for another. Who may see a file is
// for the module to say that keeps its number; pieces are written in its transactions.
package blob

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/secret"
)

// PieceSize is about how much of a file makes a piece.
const PieceSize = 1 << 20

// maxPiece bounds what a piece may unfold to.
const maxPiece = 64 << 20

// Store (加密文件库) holds the files of a database.
type Store struct {
	db   *db.DB
	keys *secret.Keys
}

// New opens the files of a database.
func New(d *db.DB, keys *secret.Keys) *Store { return &Store{db: d, keys: keys} }

// Piece (片段) is a part of a file on its way into the database.
type Piece struct {
	File   id.ID
	N      int64 // from 0
	Sealed []byte
}

// The first byte of a piece says how the rest is kept.
const (
	stored   = 0
	deflated = 1
)

var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level exists
	return w
}}

// Seal makes a piece of a text. It needs no transaction.
func (s *Store) Seal(file id.ID, n int64, text []byte) (Piece, error) {
	var b bytes.Buffer
	b.Grow(len(text)/4 + 64)
	b.WriteByte(deflated)
	w, _ := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&b)
	if _, err := w.Write(text); err != nil {
		return Piece{}, fmt.Errorf("blob: %w", err)
	}
	if err := w.Close(); err != nil {
		return Piece{}, fmt.Errorf("blob: %w", err)
	}
	if b.Len() > len(text) { // it was compressed before
		return s.SealStored(file, n, text), nil
	}
	return s.seal(file, n, b.Bytes()), nil
}

// SealStored makes a piece of bytes that compressing would not shorten.
func (s *Store) SealStored(file id.ID, n int64, data []byte) Piece {
	return s.seal(file, n, append([]byte{stored}, data...))
}

func (s *Store) seal(file id.ID, n int64, b []byte) Piece {
	return Piece{File: file, N: n, Sealed: s.keys.Seal(b, place(file, n))}
}

// place is the context under which a piece opens.
func place(file id.ID, n int64) string { return fmt.Sprintf("blob.piece:%s:%d", file, n) }

// Insert stores pieces.
func (s *Store) Insert(ctx context.Context, tx db.Tx, pieces []Piece) error {
	_, err := tx.Bulk(ctx, "blob_piece", []string{"file_id", "n", "data"}, rows(pieces))
	return err
}

func rows(pieces []Piece) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, p := range pieces {
			if !yield([]any{int64(p.File), p.N, p.Sealed}, nil) {
				return
			}
		}
	}
}

// Delete removes all pieces of a file.
func (s *Store) Delete(ctx context.Context, tx db.Tx, file id.ID) error {
	_, err := tx.Tx.Tx.ExecContext(ctx, "DELETE FROM blob_piece WHERE file_id = $1", int64(file))
	if err != nil {
		return fmt.Errorf("blob: delete: %w", err)
	}
	return nil
}

// Load returns the stored piece as it is; Unseal opens it.
func (s *Store) Load(ctx context.Context, file id.ID, n int64) (Piece, error) {
	p := Piece{File: file, N: n}
	err := s.db.DB.DB.QueryRowContext(ctx, "SELECT data FROM blob_piece WHERE file_id = $1 AND n = $2", int64(file), n).Scan(&p.Sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("blob: file %s lacks piece %d", file, n)
	}
	if err != nil {
		return p, fmt.Errorf("blob: load: %w", err)
	}
	return p, nil
}

// Unseal returns what is in a piece.
func (s *Store) Unseal(p Piece) ([]byte, error) {
	b, err := s.keys.Open(p.Sealed, place(p.File, p.N))
	if err != nil {
		return nil, fmt.Errorf("blob: file %s, piece %d: %w", p.File, p.N, err)
	}
	if len(b) == 0 {
		return nil, fmt.Errorf("blob: file %s, piece %d is empty", p.File, p.N)
	}
	if b[0] == stored {
		return b[1:], nil
	}
	r := flate.NewReader(bytes.NewReader(b[1:]))
	text, err := io.ReadAll(io.LimitReader(r, maxPiece+1))
	if err != nil || len(text) > maxPiece {
		return nil, fmt.Errorf("blob: file %s, piece %d does not unfold: %w", p.File, p.N, errors.Join(err, r.Close()))
	}
	return text, r.Close()
}

// Open returns a reader of a file of so many pieces. A piece that is missing is an
// error of the reader.
func (s *Store) Open(ctx context.Context, file id.ID, pieces int64) io.ReadCloser {
	return &reader{ctx: ctx, store: s, file: file, pieces: pieces}
}

// reader reads a file piece by piece.
type reader struct {
	ctx    context.Context // io.Reader has no room for one
	store  *Store
	file   id.ID
	pieces int64
	next   int64
	rest   []byte
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.next >= r.pieces {
			return 0, io.EOF
		}
		piece, err := r.store.Load(r.ctx, r.file, r.next)
		if err == nil {
			r.rest, err = r.store.Unseal(piece)
		}
		if err != nil {
			return 0, err
		}
		r.next++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (r *reader) Close() error { return nil }
