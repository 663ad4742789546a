package policy

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/rules"
)

// Ruling (现行清单) is a published version with its list, compiled for a day.
type Ruling struct {
	Version id.ID
	No      int64
	From    civil.Date // since when it rules
	List    *pack.List // as it is written: audience, content, clause of the own items
	Source  *rules.Source
	Program *rules.Program
}

// Item returns an item as the list that wrote it says it: its own, or the one that it
// takes over. Nil if there is none of the id.
func (r *Ruling) Item(name string) *pack.Item { return r.List.Item(name) }

// Book (现行清单汇编) is all lists that rule on a day. It is immutable.
type Book struct {
	On      civil.Date
	Rulings []*Ruling // by region, the largest first
	// Fresh changes whenever a book of the same day would be another one.
	Fresh int64
}

// For returns the list that rules a place: that of the smallest region around it; nil
// if there is none.
func (b *Book) For(place region.Code) *Ruling {
	for _, r := range slices.Backward(b.Rulings) {
		if place.Within(r.Source.Region) {
			return r
		}
	}
	return nil
}

// Find returns the ruling of a version; nil if it does not rule.
func (b *Book) Find(version id.ID) *Ruling {
	for _, r := range b.Rulings {
		if r.Version == version {
			return r
		}
	}
	return nil
}

// Book returns the lists that rule on a day. Books are kept as long as nothing is
// published; two calls for one day return the same one.
func (s *Service) Book(ctx context.Context, on civil.Date) (_ *Book, err error) {
	defer errs.Wrap(&err, "lists that rule on %s", on)
	fresh, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	if b := s.books.get(on, fresh); b != nil {
		return b, nil
	}
	versions, err := s.ruling(ctx, on)
	if err != nil {
		return nil, err
	}
	b := &Book{On: on, Fresh: fresh}
	packs := make([]*pack.Pack, len(versions))
	for i := range versions {
		packs[i] = pack.Read(versions[i].List, []byte(versions[i].Text), nil)
	}
	lib := pack.LibraryOf(packs...)
	for i, v := range versions {
		r, err := compile(lib, &v, packs[i].List, on)
		if err != nil {
			// One list that cannot be used must not stop the others: it was tried when it was
			// published, so only a list above it that came later can have broken it.
			s.Log.ErrorContext(ctx, "list cannot be used", slog.String("list", v.List), slog.Int64("no", v.No), slog.String("error", err.Error()))
			continue
		}
		b.Rulings = append(b.Rulings, r)
	}
	s.books.put(b)
	return b, nil
}

func compile(lib *pack.Library, v *Version, l *pack.List, on civil.Date) (*Ruling, error) {
	if _, err := lib.List(v.List); err != nil {
		return nil, err
	}
	src := l.Source()
	if src == nil {
		return nil, fmt.Errorf("list %s extends one that does not rule", v.List)
	}
	p, err := rules.Compile(src, on)
	if err != nil {
		return nil, err
	}
	return &Ruling{Version: v.ID, No: v.No, From: v.RulesFrom, List: l, Source: src, Program: p}, nil
}
