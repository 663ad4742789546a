package scenario

import (
	"slices"
	"strings"
	"sync"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/person"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/simulate"
)

// warm is people packed for counting: those whom a scope sees, by the lists that rule
// them.
type warm struct {
	from   *person.Everybody // which columns these are; only its address counts
	key    string            // of the scope and of the regions of lists
	made   civil.Instant
	groups []*group
	people int
}

// group is the people whom one list rules.
type group struct {
	region  region.Code // around which no smaller one has a list
	pop     *population.Population
	places  *simulate.Places
	results []*engine.Result // of lists that may be asked for again
}

// sizes of what is kept in memory.
const (
	keepUnused  = 10 * time.Minute // after the last use
	keepResults = 2                // of a group
	keepPeople  = 2_000_000        // packed, of all scopes
)

// shelf keeps packed people for a while. Its owner sees to it that one use goes on at a
// time; only the timer comes from elsewhere.
type shelf struct {
	mu    sync.Mutex
	packs []*warm // the last used one at the end
	timer *time.Timer
}

// take returns what is packed of the columns under a key; nil if nothing is.
func (s *shelf) take(from *person.Everybody, key string) *warm {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.packs, func(w *warm) bool { return w.from == from && w.key == key })
	if i < 0 {
		return nil
	}
	w := s.packs[i]
	s.packs = append(slices.Delete(s.packs, i, i+1), w)
	s.wait()
	return w
}

// put keeps what was packed, and drops what is of older columns or too much.
func (s *shelf) put(w *warm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.packs = slices.DeleteFunc(s.packs, func(old *warm) bool { return old.from != w.from })
	s.packs = append(s.packs, w)
	sum := 0
	for i, p := range slices.Backward(s.packs) {
		if sum += p.people; sum > keepPeople && i < len(s.packs)-1 {
			s.packs = slices.Clone(s.packs[i+1:])
			break
		}
	}
	s.wait()
}

// wait has everything dropped when nobody asks for a while.
func (s *shelf) wait() {
	if s.timer == nil {
		s.timer = time.AfterFunc(keepUnused, s.drop)
		return
	}
	s.timer.Reset(keepUnused)
}

func (s *shelf) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.packs = nil
}

// digitsBelow is the length of the codes of the places by which a region is told: of the
// country by provinces, of provinces and cities by counties, below by what is next.
var digitsBelow = map[int]int{0: 2, 2: 6, 4: 6, 6: 9, 9: 12, 12: 12}

// placeOf returns the place by which somebody is counted in a region.
func placeOf(in, served region.Code) region.Code {
	if n := digitsBelow[len(in)]; len(served) > n {
		return served[:n]
	}
	return served
}

// keyOf tells apart what is packed for one region and one division by lists.
func keyOf(in region.Code, lists []region.Code) string {
	var b strings.Builder
	b.WriteString(string(in))
	for _, l := range lists {
		b.WriteString(" " + string(l))
	}
	return b.String()
}

// listRegions returns the regions by whose lists the people of a region are divided, in
// order: those around it and in it.
func listRegions(in region.Code, laws ...*law) (out []region.Code) {
	for _, l := range laws {
		for _, st := range l.statutes {
			if r := st.source.Region; in.Within(r) || r.Within(in) {
				out = append(out, r)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// divide finds the group of each region that serves people: of the largest list region
// around it that has none smaller; -1 is outside.
func divide(all *person.Everybody, scope access.Scope, in region.Code, lists []region.Code) (w *warm, groupOf []int) {
	w, groupOf = &warm{from: all, key: keyOf(in, lists)}, make([]int, len(all.Served.Codes))
	byRegion := map[region.Code]int{}
	for i, served := range all.Served.Codes {
		groupOf[i] = -1
		if !scope.Contains(served) || !served.Within(in) {
			continue
		}
		var smallest region.Code
		for _, l := range lists { // the larger ones come first
			if served.Within(l) {
				smallest = l
			}
		}
		at, ok := byRegion[smallest]
		if !ok {
			at = len(w.groups)
			byRegion[smallest] = at
			w.groups = append(w.groups, &group{region: smallest})
		}
		groupOf[i] = at
	}
	return w, groupOf
}

// packed packs the people of a region whom a scope sees. The columns are copied: they may
// be a file that is unmapped later.
func packed(all *person.Everybody, scope access.Scope, in region.Code, lists []region.Code) *warm {
	w, groupOf := divide(all, scope, in, lists)
	members := make([][]uint32, len(w.groups))
	for i, at := range all.Served.Index {
		if g := groupOf[at]; g >= 0 {
			members[g] = append(members[g], uint32(i))
		}
	}
	hukou, residence := cloned(all.Hukou.Codes), cloned(all.Residence.Codes)
	served := make([]region.Code, len(all.Served.Codes))
	for i, code := range all.Served.Codes {
		served[i] = region.Code(strings.Clone(string(placeOf(in, code))))
	}
	groups := w.groups[:0]
	for k, g := range w.groups {
		if len(members[k]) == 0 {
			continue
		}
		c := &population.Columns{N: len(members[k]), Birth: gather(all.Birth, members[k])}
		for f := range fact.Count {
			c.Codes[f] = gather(all.Codes[f], members[k])
		}
		c.Hukou = population.Regions{Index: gather(all.Hukou.Index, members[k]), Codes: hukou}
		c.Residence = population.Regions{Index: gather(all.Residence.Index, members[k]), Codes: residence}
		g.pop = population.New(c)
		g.places = placesOf(gather(all.Served.Index, members[k]), served)
		w.people += c.N
		groups = append(groups, g)
		members[k] = nil
	}
	w.groups = groups
	return w
}

// gather copies a column of some people; a column of which nothing is known stays nil.
func gather[T any](column []T, of []uint32) []T {
	if column == nil {
		return nil
	}
	out := make([]T, len(of))
	for i, at := range of {
		out[i] = column[at]
	}
	return out
}

func cloned(codes []region.Code) []region.Code {
	out := make([]region.Code, len(codes))
	for i, c := range codes {
		out[i] = region.Code(strings.Clone(string(c)))
	}
	return out
}

// placesOf makes places of where people are served, only of those where somebody is.
func placesOf(index []uint32, codes []region.Code) *simulate.Places {
	where, known := &population.Regions{Index: index}, map[uint32]uint32{}
	for i, at := range index {
		n, ok := known[at]
		if !ok {
			n = uint32(len(where.Codes))
			known[at] = n
			where.Codes = append(where.Codes, codes[at])
		}
		index[i] = n
	}
	return simulate.PlacesOf(where, func(c region.Code) region.Code { return c })
}

// nothing is the list of places that no list rules.
var nothing = &rules.Source{ID: "none"}

// sourceOf returns the source of a list, which may be none.
func sourceOf(st *statute) *rules.Source {
	if st == nil {
		return nothing
	}
	return st.source
}

// run evaluates a list over the group, taking over what is equal in another result.
// What is kept is found again.
func (g *group) run(st *statute, on civil.Date, workers int, reuse *engine.Result, keep bool) (*engine.Result, error) {
	var p *rules.Program
	if st != nil {
		p = st.program
	} else {
		var err error
		if p, err = rules.Compile(nothing, on); err != nil {
			return nil, err
		}
	}
	for _, r := range g.results {
		if r.Plan.Program == p && r.Plan.On == on {
			return r, nil
		}
	}
	r := engine.NewPlan(p, on).Run(g.pop, engine.Options{Workers: workers, Reuse: reuse})
	if keep {
		if len(g.results) == keepResults {
			g.results = slices.Delete(g.results, 0, 1)
		}
		g.results = append(g.results, r)
	}
	return r, nil
}
