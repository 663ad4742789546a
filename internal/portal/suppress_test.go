package portal_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/portal"
)

// tree draws a place with places below; its numbers are the sums of theirs.
func tree(t *rapid.T, depth, categories int) *portal.Place {
	p := &portal.Place{Name: "地方"}
	if depth == 0 {
		cells := rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 1, 2, 5, 9, 10, 13, 17}), categories, categories).Draw(t, "cells")
		p.Groups = [][]int{cells}
		for _, n := range cells {
			p.People += n
		}
		return p
	}
	p.Groups = [][]int{make([]int, categories)}
	for range rapid.IntRange(1, 3-depth%2).Draw(t, "below") {
		below := tree(t, depth-1, categories)
		p.Below = append(p.Below, below)
		p.People += below.People
		for c, n := range below.Groups[0] {
			p.Groups[0][c] += n
		}
	}
	return p
}

// attacker knows what is published and asks whether one number could be another one.
// With three categories and the number of people, the first two tell the third.
type attacker struct {
	at    *portal.Place // the number he tries
	cat   int
	value int
}

// could returns every pair of numbers of the first two categories that a place can have
// by what is published of it and of the places below.
func (a *attacker) could(p *portal.Place) map[[2]int]bool {
	sums := map[[2]int]bool{}
	if len(p.Below) == 0 {
		for x := range p.People + 1 {
			for y := range p.People - x + 1 {
				if a.fits(p, x, y) {
					sums[[2]int{x, y}] = true
				}
			}
		}
		return sums
	}
	sums[[2]int{}] = true
	for _, below := range p.Below {
		next := map[[2]int]bool{}
		for b := range a.could(below) {
			for s := range sums {
				next[[2]int{s[0] + b[0], s[1] + b[1]}] = true
			}
		}
		sums = next
	}
	for s := range sums {
		if !a.fits(p, s[0], s[1]) {
			delete(sums, s)
		}
	}
	return sums
}

func (a *attacker) fits(p *portal.Place, x, y int) bool {
	for c, n := range []int{x, y, p.People - x - y} {
		if !p.Hidden[0][c] && p.Groups[0][c] != n || p == a.at && c == a.cat && n != a.value {
			return false
		}
	}
	return true
}

// every calls f for each place of a tree.
func every(p *portal.Place, f func(*portal.Place)) {
	f(p)
	for _, below := range p.Below {
		every(below, f)
	}
}

// TestHiddenNumbersCannotBeTold tries every hidden number with one more and one less: the
// numbers that fit what is published have no gaps, so one of the two must fit as well.
func TestHiddenNumbersCannotBeTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := tree(t, rapid.IntRange(0, 2).Draw(t, "depth"), 3)
		total := root.People
		if !portal.Protect(root) {
			if total >= 10 {
				t.Fatalf("publishes nothing of %d people", total)
			}
			return
		}
		every(root, func(p *portal.Place) {
			if p.People > 0 && p.People < 10 {
				t.Fatalf("tells of %d people in all", p.People)
			}
			for c, n := range p.Groups[0] {
				if n > 0 && n < 10 && !p.Hidden[0][c] {
					t.Fatalf("tells %d", n)
				}
				if !p.Hidden[0][c] {
					continue
				}
				more, less := &attacker{p, c, n + 1}, &attacker{p, c, n - 1}
				if len(more.could(root)) == 0 && (n == 0 || len(less.could(root)) == 0) {
					t.Fatalf("%d can be told: %s", n, show(root))
				}
			}
		})
	})
}

// show writes a tree for messages.
func show(p *portal.Place) string {
	text := fmt.Sprint(p.People, p.Groups[0], p.Hidden[0])
	for _, below := range p.Below {
		text += " (" + show(below) + ")"
	}
	return text
}

func TestNothingIsHiddenWithoutNeed(t *testing.T) {
	root := &portal.Place{People: 100, Groups: [][]int{{60, 40}}, Below: []*portal.Place{
		{Name: "甲", People: 50, Groups: [][]int{{30, 20}}}, {Name: "乙", People: 50, Groups: [][]int{{30, 20}}},
	}}
	portal.Protect(root)
	every(root, func(p *portal.Place) {
		if p.Hidden[0][0] || p.Hidden[0][1] {
			t.Errorf("hides %s", show(p))
		}
	})
}

func TestSmallPlacesAreJoined(t *testing.T) {
	root := &portal.Place{People: 103, Groups: [][]int{{63, 40}}, Below: []*portal.Place{
		{Name: "甲", People: 50, Groups: [][]int{{30, 20}}}, {Name: "乙", People: 50, Groups: [][]int{{30, 20}}}, {Name: "丙", People: 3, Groups: [][]int{{3, 0}}},
	}}
	portal.Protect(root)
	if len(root.Below) != 2 || root.Below[1].Name != "其他地方合计" || root.Below[1].People != 53 {
		t.Errorf("below: %s", show(root))
	}
}
