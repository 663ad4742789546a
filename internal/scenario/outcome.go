package scenario

import (
	"context"
	"slices"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/money"
	"yian/internal/region"
	"yian/internal/simulate"
)

// Outcome (测算结果) is what a scenario does on a day.
type Outcome struct {
	On      civil.Date    `json:"on"`
	AsOf    civil.Instant `json:"as_of"` // of the people
	People  int           `json:"people"`
	Unruled int           `json:"unruled,omitempty"` // people of places that no list rules, before or after
	Places  []region.Code `json:"places"`
	Items   []Line        `json:"items"`
	Cells   []Cell        `json:"cells"` // of an item and a place, those that are not nothing
}

// Line (分项结果) is what happens to an item.
type Line struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Added   bool            `json:"added,omitempty"`   // there was none before
	Removed bool            `json:"removed,omitempty"` // there is none after
	Change  simulate.Change `json:"change"`
	Before  Count           `json:"before"`
	After   Count           `json:"after"`
}

// Count (认定人数) is people by their result.
type Count struct {
	Yes     int `json:"yes"`
	Unknown int `json:"unknown"`
	Unset   int `json:"unset"` // entitled to an amount that nobody has set: it costs nothing here
}

func (c *Count) add(t engine.Tally) {
	c.Yes, c.Unknown, c.Unset = c.Yes+t.Yes, c.Unknown+t.Unknown, c.Unset+t.Unset
}

// Cell (分项分地结果) is what happens to an item in a place.
type Cell struct {
	Item   int             `json:"item"`
	Place  int             `json:"place"`
	Change simulate.Change `json:"change"`
}

// Changed reports whether anybody feels the change of the item.
func (l *Line) Changed() bool {
	return changes(l.Change) || l.Before != l.After || l.Added != l.Removed
}

func changes(c simulate.Change) bool {
	return c != simulate.Change{Before: c.Before, After: c.Before}
}

// Total sums all items; people are counted once an item.
func (o *Outcome) Total() (sum simulate.Change) {
	for i := range o.Items {
		sum = plus(sum, o.Items[i].Change)
	}
	return sum
}

// Place sums the items of a place by its number.
func (o *Outcome) Place(at int) (sum simulate.Change) {
	for _, c := range o.Cells {
		if c.Place == at {
			sum = plus(sum, c.Change)
		}
	}
	return sum
}

// Monthly is by how much a month becomes dearer.
func Monthly(c simulate.Change) money.Fen { return c.After.Month() - c.Before.Month() }

func plus(a, b simulate.Change) simulate.Change {
	a.Gain, a.Lose, a.Doubt, a.More, a.Less = a.Gain+b.Gain, a.Lose+b.Lose, a.Doubt+b.Doubt, a.More+b.More, a.Less+b.Less
	a.Before.Fen, a.Before.Once = a.Before.Fen+b.Before.Fen, a.Before.Once+b.Before.Once
	a.After.Fen, a.After.Once = a.After.Fen+b.After.Fen, a.After.Once+b.After.Once
	return a
}

// compare compares two laws over packed people.
func compare(ctx context.Context, w *warm, before, after *law, workers int) (*Outcome, error) {
	s := sum{out: &Outcome{On: before.on, AsOf: w.made, People: w.people}, item: map[string]int{}, place: map[region.Code]int{}, cell: map[[2]int]int{}}
	for _, g := range w.groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		old, now := before.over(g.region), after.over(g.region)
		if old == nil || now == nil {
			s.out.Unruled += g.pop.Len()
		}
		a, err := g.run(old, before.on, workers, nil, true)
		if err != nil {
			return nil, err
		}
		b, err := g.run(now, after.on, workers, a, false)
		if err != nil {
			return nil, err
		}
		s.add(simulate.CompareIn(a, b, g.places))
	}
	return s.done(), nil
}

// sum adds up reports of groups, whose items and places differ.
type sum struct {
	out   *Outcome
	item  map[string]int
	place map[region.Code]int
	cell  map[[2]int]int
}

func (s *sum) add(r *simulate.Report) {
	for i := range r.Items {
		it := &r.Items[i]
		line := s.line(it)
		line.Change = plus(line.Change, it.Total)
		if at := r.Before.Plan.Program.Find(it.Either().ID); at >= 0 {
			line.Before.add(r.Before.Tally(at))
		}
		if at := r.After.Plan.Program.Find(it.Either().ID); at >= 0 {
			line.After.add(r.After.Tally(at))
		}
		for k, c := range it.Counties {
			s.put(it.Either().ID, r.Counties[k], c)
		}
	}
	for _, place := range r.Counties {
		s.at(place)
	}
}

// line finds the line of an item. An item counts as added, or removed, only where no
// list has it before, or after.
func (s *sum) line(it *simulate.Item) *Line {
	at, ok := s.item[it.Either().ID]
	if !ok {
		at = len(s.out.Items)
		s.item[it.Either().ID] = at
		s.out.Items = append(s.out.Items, Line{ID: it.Either().ID, Name: it.Name(), Added: true, Removed: true})
	}
	l := &s.out.Items[at]
	l.Added, l.Removed = l.Added && it.Old == nil, l.Removed && it.New == nil
	return l
}

func (s *sum) at(place region.Code) int {
	at, ok := s.place[place]
	if !ok {
		at = len(s.out.Places)
		s.place[place] = at
		s.out.Places = append(s.out.Places, place)
	}
	return at
}

func (s *sum) put(item string, place region.Code, c simulate.Change) {
	if c == (simulate.Change{}) {
		return
	}
	k := [2]int{s.item[item], s.at(place)}
	at, ok := s.cell[k]
	if !ok {
		at = len(s.out.Cells)
		s.cell[k] = at
		s.out.Cells = append(s.out.Cells, Cell{Item: k[0], Place: k[1]})
	}
	s.out.Cells[at].Change = plus(s.out.Cells[at].Change, c)
}

// done brings places and cells into their order.
func (s *sum) done() *Outcome {
	sorted := slices.Sorted(slices.Values(s.out.Places))
	for i := range s.out.Cells {
		s.out.Cells[i].Place, _ = slices.BinarySearch(sorted, s.out.Places[s.out.Cells[i].Place])
	}
	s.out.Places = sorted
	slices.SortFunc(s.out.Cells, func(a, b Cell) int {
		if a.Item != b.Item {
			return a.Item - b.Item
		}
		return a.Place - b.Place
	})
	return s.out
}
