package history

import (
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
)

// Record (信息记录) is what a source stated about a person at one time. It is never changed.
type Record struct {
	ID       id.ID
	Source   Source
	From     civil.Date    // the first day on which it holds
	To       civil.Date    // the first day on which it no longer holds; zero: open
	At       civil.Instant // when it was recorded
	By       id.ID         // the user who recorded it; 0: the system
	Evidence string        // what it is based on
	Facts    Facts
	Replaces id.ID // the record that no longer counts for the facts that this one holds
	Batch    id.ID // the import that brought it
}

// On reports whether the record is valid on the day.
func (r *Record) On(day civil.Date) bool {
	return r.From <= day && (r.To == 0 || day < r.To)
}

// later reports whether r was recorded after o.
func (r *Record) later(o *Record) bool {
	return r.At > o.At || r.At == o.At && r.ID > o.ID
}

// Facts (记录的信息项) are the values that a record states. A fact that is withdrawn is
// held without a value: the record that it replaces no longer says it either.
type Facts struct {
	Person    fact.Person // values of the facts in Stated
	Stated    fact.Set
	Withdrawn fact.Set
}

// Held returns the facts that are stated or withdrawn.
func (f *Facts) Held() fact.Set { return f.Stated | f.Withdrawn }

// StateAll returns the statement of everything that is known of p.
func StateAll(p *fact.Person) Facts {
	f := Facts{Person: *p}
	for i := range fact.Count {
		if p.Known(i) {
			f.Stated = f.Stated.Add(i)
		}
	}
	return f
}

// State states a fact by its text; the error says in Chinese what the fact accepts.
// An empty text is not a value: what is not known is not stated.
func (f *Facts) State(i fact.ID, text string) error {
	if err := f.Person.Set(i, text); err != nil {
		return err
	}
	f.Withdrawn &^= fact.Set(0).Add(i)
	if f.Person.Known(i) {
		f.Stated = f.Stated.Add(i)
	} else {
		f.Stated &^= fact.Set(0).Add(i)
	}
	return nil
}

// Withdraw withdraws a fact.
func (f *Facts) Withdraw(i fact.ID) {
	f.Person.Forget(i)
	f.Stated &^= fact.Set(0).Add(i)
	f.Withdrawn = f.Withdrawn.Add(i)
}

// Same reports whether two persons have the same value of a fact.
func Same(a, b *fact.Person, i fact.ID) bool {
	switch i {
	case fact.Birth:
		return a.Birth == b.Birth
	case fact.Hukou, fact.Residence:
		return a.Region(i) == b.Region(i)
	default:
		return a.Codes[i] == b.Codes[i]
	}
}

// Copy gives dst the value that src has of a fact.
func Copy(dst, src *fact.Person, i fact.ID) {
	switch i {
	case fact.Birth:
		dst.Birth = src.Birth
	case fact.Hukou:
		dst.Hukou = src.Hukou
	case fact.Residence:
		dst.Residence = src.Residence
	default:
		dst.Codes[i] = src.Codes[i]
	}
}

// Only returns the statement of some of the facts.
func (f *Facts) Only(set fact.Set) (only Facts) {
	for _, i := range (f.Stated & set).IDs() {
		Copy(&only.Person, &f.Person, i)
		only.Stated = only.Stated.Add(i)
	}
	return only
}

// Without returns the facts but for some.
func (f Facts) Without(set fact.Set) Facts {
	for _, i := range (f.Held() & set).IDs() {
		f.Person.Forget(i)
	}
	f.Stated &^= set
	f.Withdrawn &^= set
	return f
}
