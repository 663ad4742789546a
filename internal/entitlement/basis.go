package entitlement

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"sync"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/policy"
	"yian/internal/rules"
)

// Basis (认定依据) is what a result was found by: a version of a list with its parameters
// and what it takes over, as they were on a day. Two bases are the same if they decide
// the same under the name of the same version.
type Basis struct {
	ID     id.ID
	Ruling id.ID    // the version of the list
	Items  []string // ids by their bits
	Cash   Bits     // the items that state an amount

	places map[string]int
}

// Place returns the bit of an item, -1 if there is none of the id.
func (b *Basis) Place(item string) int {
	if at, ok := b.places[item]; ok {
		return at
	}
	return -1
}

// noBasis is where no list rules.
var noBasis = &Basis{}

// basisOf tells what a ruling decides by. The id is a digest of it, so that every
// process finds the same without asking.
func basisOf(r *policy.Ruling) (*Basis, error) {
	items := r.Program.Items
	if len(items) > policy.MostItems {
		return nil, errs.New(errs.Invalid, "清单 %s 有 %d 项，最多可以有 %d 项，请合并相近的项目。", r.Source.Title, len(items), policy.MostItems)
	}
	b := &Basis{Ruling: r.Version}
	h := digester{sha256.New()}
	h.number(int64(r.Version))
	for i := range items {
		it := &items[i]
		b.Items = append(b.Items, it.ID)
		if it.Amount != nil {
			b.Cash |= 1 << i
		}
		h.text(it.ID)
		h.text(it.Grant.Per)
		h.expr(it.Rule)
		for _, c := range it.Choices() {
			h.choice(c)
		}
	}
	b.ID = id.ID(binary.BigEndian.Uint64(h.Sum(nil)) >> 1)
	b.index()
	return b, nil
}

func (b *Basis) index() {
	b.places = make(map[string]int, len(b.Items))
	for i, name := range b.Items {
		b.places[name] = i
	}
}

// digester writes the parts of a program so that two that differ never write the same.
type digester struct{ hash.Hash }

func (h digester) number(n int64) {
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func (h digester) text(s string) {
	h.number(int64(len(s)))
	_, _ = h.Write([]byte(s))
}

func (h digester) expr(x *rules.Expr) {
	if x == nil {
		h.number(-1)
		return
	}
	for _, n := range [...]int64{int64(x.Op), int64(x.Fact), int64(x.Codes), int64(x.Lo), int64(x.Hi), int64(x.Truth), int64(len(x.Kids))} {
		h.number(n)
	}
	h.text(string(x.Region))
	for _, k := range x.Kids {
		h.expr(k)
	}
}

func (h digester) choice(c *rules.Choice) {
	switch {
	case c == nil:
		h.number(-2)
	case c.When == nil:
		h.number(-3)
		h.text(fmt.Sprint(c.Leaf.State, c.Leaf.N, c.Leaf.Most, c.Leaf.Unset))
		h.text(c.Leaf.How)
	default:
		h.number(-4)
		h.expr(c.When)
		h.choice(c.Then)
		h.choice(c.Else)
	}
}

// rack keeps lists that are ready, and the bases that rows name.
type rack struct {
	mu      sync.Mutex
	book    *policy.Book
	benches map[*policy.Ruling]*bench // of the book
	former  map[id.ID]*bench          // by basis, to tell why something was
	bases   map[id.ID]*Basis
	missed  map[id.ID]int  // how often a list of before was looked for in vain
	stored  map[id.ID]bool // bases that are known to be committed
}

const (
	// mostFormer is how many lists of before are kept ready.
	mostFormer = 64
	// mostMissed is after how many days a list of before is given up.
	mostMissed = 4
)

// bench returns a list of the book made ready for its day.
func (k *rack) bench(book *policy.Book, r *policy.Ruling) (*bench, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.book != book {
		k.book, k.benches = book, map[*policy.Ruling]*bench{}
	}
	if b := k.benches[r]; b != nil {
		return b, nil
	}
	b, err := newBench(r, book.On)
	if err != nil {
		return nil, err
	}
	k.benches[r] = b
	k.keep(b)
	return b, nil
}

// keep remembers a list for when another rules. The lock is held.
func (k *rack) keep(b *bench) {
	if len(k.former) >= mostFormer || k.former == nil {
		k.former, k.missed = map[id.ID]*bench{}, map[id.ID]int{}
	}
	if len(k.bases) >= 16*mostFormer || k.bases == nil {
		k.bases = map[id.ID]*Basis{0: noBasis}
	}
	// Without its columns, which are large: a few people are compared with it.
	k.former[b.ID], k.bases[b.ID] = &bench{Basis: b.Basis, on: b.on, program: b.program, from: b.from}, b.Basis
}

// remembered returns what is known of a basis without asking; nils if nothing is.
func (k *rack) remembered(which id.ID) (*Basis, *bench) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.bases[which], k.former[which]
}

// basis returns the basis that rows name.
func (s *Service) basis(ctx context.Context, q bun.IDB, which id.ID) (*Basis, error) {
	if which == 0 {
		return noBasis, nil
	}
	if b, _ := s.rack.remembered(which); b != nil {
		return b, nil
	}
	b, err := readBasis(ctx, q, which)
	if err != nil {
		return nil, err
	}
	s.rack.mu.Lock()
	defer s.rack.mu.Unlock()
	if s.rack.bases == nil {
		s.rack.bases = map[id.ID]*Basis{0: noBasis}
	}
	s.rack.bases[which] = b
	return b, nil
}

// benchOf returns the list of a basis that ruled on a day, nil if it cannot be had: a
// list above it may have changed with effect for that day.
func (s *Service) benchOf(ctx context.Context, b *Basis, on civil.Date) (*bench, error) {
	if b.ID == 0 {
		return &bench{Basis: noBasis, on: on}, nil
	}
	if _, former := s.rack.remembered(b.ID); former != nil {
		return former, nil
	}
	if s.rack.givenUp(b.ID) {
		return nil, nil
	}
	// One that was published on a day has taken the place of the one of the day before.
	for _, day := range [...]civil.Date{s.Today(), on, on - 1} {
		book, err := s.Lists.Book(ctx, day)
		if err != nil {
			return nil, err
		}
		r := book.Find(b.Ruling)
		if r == nil {
			continue
		}
		found, err := newBench(r, day)
		if err != nil {
			return nil, err
		}
		if found.ID == b.ID {
			s.rack.mu.Lock()
			defer s.rack.mu.Unlock()
			s.rack.keep(found)
			return found, nil
		}
	}
	s.rack.mu.Lock()
	defer s.rack.mu.Unlock()
	if s.rack.missed == nil {
		s.rack.missed = map[id.ID]int{}
	}
	s.rack.missed[b.ID]++
	return nil, nil
}

// givenUp reports whether a list of before was looked for in vain often enough.
func (k *rack) givenUp(which id.ID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.missed[which] >= mostMissed
}

// store writes a basis unless it is known to be there.
func (s *Service) store(ctx context.Context, tx db.Tx, b *Basis) error {
	s.rack.mu.Lock()
	known := s.rack.stored[b.ID]
	s.rack.mu.Unlock()
	if known || b.ID == 0 {
		return nil
	}
	there, err := addBasis(ctx, tx, b)
	if err != nil || !there {
		return err
	}
	s.rack.mu.Lock()
	defer s.rack.mu.Unlock()
	if s.rack.stored == nil {
		s.rack.stored = map[id.ID]bool{}
	}
	s.rack.stored[b.ID] = true
	return nil
}
