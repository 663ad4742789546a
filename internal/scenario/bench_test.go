package scenario

import (
	"flag"
	"testing"

	"yian/internal/db/dbtest"
)

var benchPeople = flag.Int("people", 100_000, "people of the benchmarks")

// BenchmarkCold counts a scenario whose people are not packed yet.
func BenchmarkCold(b *testing.B) {
	h, me := newHouse(b, dbtest.SQLite(b), *benchPeople), author(1, "1410")
	made, err := h.Create(b.Context(), me, older())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		h.shelf.drop()
		if _, err := h.Run(b.Context(), me, made.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWarm counts a scenario while somebody is at work.
func BenchmarkWarm(b *testing.B) {
	h, me := newHouse(b, dbtest.SQLite(b), *benchPeople), author(1, "1410")
	made, err := h.Create(b.Context(), me, older())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Run(b.Context(), me, made.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCount counts one item of a text that is being edited.
func BenchmarkCount(b *testing.B) {
	h, me := newHouse(b, dbtest.SQLite(b), *benchPeople), author(1, "1410")
	text := []byte(cityText(b))
	for b.Loop() {
		if _, err := h.Count(b.Context(), me, "1410", text, "old-age-allowance"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkForetell counts the years to come.
func BenchmarkForetell(b *testing.B) {
	h, me := newHouse(b, dbtest.SQLite(b), *benchPeople), author(1, "1410")
	made, err := h.Create(b.Context(), me, older())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Foretell(b.Context(), me, made.ID); err != nil {
			b.Fatal(err)
		}
	}
}
