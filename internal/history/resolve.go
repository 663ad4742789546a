package history

import (
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
)

// State (某日的信息) is what follows from all records for a day, as known at a moment.
type State struct {
	Person         fact.Person
	Holders        [fact.Count]id.ID // the record that each known fact comes from
	Contradictions []Contradiction   // in the order of facts
}

// Contradiction (矛盾) is a newer claim of a lesser source that says something else
// than the record that holds.
type Contradiction struct {
	Fact          fact.ID
	Held, Claimed id.ID
}

// Contradicted returns the facts that are contradicted.
func (s *State) Contradicted() (set fact.Set) {
	for _, c := range s.Contradictions {
		set = set.Add(c.Fact)
	}
	return set
}

// Resolve returns what holds on a day, as known at a moment; known 0 is all that is
// known now. The order of the records does not matter.
func Resolve(records []Record, on civil.Date, known civil.Instant) State {
	var s State
	var held, claimed [fact.Count]*Record
	live := surviving(records, known)
	for i := range records {
		r := &records[i]
		if !r.On(on) {
			live[i] = 0
			continue
		}
		for _, f := range live[i].IDs() {
			if held[f] == nil || prevails(r, held[f], f) {
				held[f] = r
			}
		}
	}
	for i := range records {
		r := &records[i]
		for _, f := range live[i].IDs() {
			if contradicts(r, held[f], f) && (claimed[f] == nil || prevails(r, claimed[f], f)) {
				claimed[f] = r
			}
		}
	}
	for f := range fact.Count {
		if held[f] == nil {
			continue
		}
		s.Holders[f] = held[f].ID
		Copy(&s.Person, &held[f].Facts.Person, f)
		if claimed[f] != nil {
			s.Contradictions = append(s.Contradictions, Contradiction{Fact: f, Held: held[f].ID, Claimed: claimed[f].ID})
		}
	}
	return s
}

// surviving returns for each record the facts that it still states, as known at a moment.
func surviving(records []Record, known civil.Instant) []fact.Set {
	live := make([]fact.Set, len(records))
	for i := range records {
		if known == 0 || records[i].At <= known {
			live[i] = records[i].Facts.Stated
		}
	}
	for i := range records {
		r := &records[i]
		if r.Replaces == 0 || known != 0 && r.At > known {
			continue
		}
		for j := range records {
			if records[j].ID == r.Replaces && r.later(&records[j]) {
				live[j] &^= r.Facts.Held()
			}
		}
	}
	return live
}

// Surviving returns the facts of each record that no later record replaces.
func Surviving(records []Record) []fact.Set { return surviving(records, 0) }

// prevails reports whether of two records that state a fact for the same day a counts
// and b does not.
func prevails(a, b *Record, f fact.ID) bool {
	if ra, rb := Rank(a.Source, f), Rank(b.Source, f); ra != rb {
		return ra < rb
	}
	if a.From != b.From {
		return a.From > b.From
	}
	return a.later(b)
}

// contradicts reports whether r is a newer claim of a lesser source than held and says
// something else. What was settled by a person answers all claims made before.
func contradicts(r, held *Record, f fact.ID) bool {
	// What was stated for the same day before the better source spoke is answered by it.
	newer := r.From > held.From || r.From == held.From && r.later(held)
	return Rank(r.Source, f) > Rank(held.Source, f) && newer &&
		(held.Source != Settled || r.later(held)) &&
		!Same(&r.Facts.Person, &held.Facts.Person, f)
}

// Turn returns the next day after on, on which something that is recorded begins or
// ends; zero if there is none.
func Turn(records []Record, on civil.Date) (next civil.Date) {
	for i, live := range surviving(records, 0) {
		if live == 0 {
			continue
		}
		for _, day := range [...]civil.Date{records[i].From, records[i].To} {
			if day > on && (next == 0 || day < next) {
				next = day
			}
		}
	}
	return next
}
