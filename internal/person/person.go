package person

import (
	"strings"

	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/identity"
	"yian/internal/ledger"
	"yian/internal/personname"
	"yian/internal/phone"
	"yian/internal/region"
	"yian/internal/revision"
)

// What identifies people, what it was before, and what is stated about them and settled
// have packages of their own; who deals with the register finds them here.
type (
	// State (档案状态) is whether a person is served.
	State = identity.State
	// Draft (档案草稿) is what identifies a person, as it is given.
	Draft = identity.Draft
	// Details (档案详情) is what is encrypted as one.
	Details = identity.Details
	// Contact (联系人) is somebody to call about a person.
	Contact = identity.Contact
	// Revision (修改前的档案) is what identified a person before it was changed.
	Revision = revision.Revision
	// Statement (申报) is what a source states about a person.
	Statement = ledger.Statement
	// Conflict (信息争议) is a claim that contradicts a higher source.
	Conflict = ledger.Conflict
	// ConflictState (争议状态) is what became of a conflict.
	ConflictState = ledger.State
)

// Maritals lists the marital states.
var Maritals = identity.Maritals

// The states of files.
const (
	Alive    = identity.Alive
	Moved    = identity.Moved
	Deceased = identity.Deceased
	Merged   = identity.Merged
)

// States lists the states that a person may be given by hand, in the order of forms.
var States = identity.States

// The states of conflicts.
const (
	ConflictOpen     = ledger.Open
	ConflictKept     = ledger.Kept
	ConflictAccepted = ledger.Accepted
	ConflictGone     = ledger.Gone
)

// Person (老年人档案) is the file of one elder. The number and the phones in it are
// masked; the clear ones stay inside the service.
type Person struct {
	ID       id.ID
	Version  int64
	Region   region.Code // who serves him
	Name     string
	Document document.Kind // 0: no document known
	Number   string        // masked
	Details
	Lon, Lat    *int64 // millionths of a degree
	State       State
	StateOn     civil.Date
	StateSource history.Source
	MergedInto  id.ID
	TurnOn      civil.Date // when a recorded fact begins or ends next
	Created     civil.Instant
	Updated     civil.Instant
	Facts       fact.Person // the current ones
	Photo       bool
}

// MaskedNumber returns the number as it may be shown.
func (p *Person) MaskedNumber() string { return p.Number }

// Age returns the whole years of the person on a day; ok is false if the birth is not known.
func (p *Person) Age(on civil.Date) (years int, ok bool) {
	if p.Facts.Birth == 0 {
		return 0, false
	}
	return civil.Age(p.Facts.Birth, on), true
}

// Sort (排序) is the order of a list.
type Sort string

// The orders. The zero value is ByRegion, or ByName and ByInitials where those are
// looked for.
const (
	ByRegion   Sort = "region" // region, name
	ByName     Sort = "name"
	ByInitials Sort = "initials"
	ByAge      Sort = "age" // the oldest first
)

// Unknown stands in Query.Facts for a fact that is not known.
const Unknown = "unknown"

// Query (查询条件) says which people a page of the register shows. The zero value shows
// all of the scope who are alive.
type Query struct {
	Name        string // prefix
	Initials    string // prefix
	NumberIndex []byte // from Find
	PhoneIndex  []byte // from Find
	Region      region.Code
	AgeFrom     int                  // 0: no lower bound
	AgeTo       int                  // 0: no upper bound
	State       State                // empty: Alive
	AnyState    bool                 // whatever the state, but for files that were merged into others
	Facts       map[fact.ID][]string // names of values, codes of regions, days, or Unknown
	Sort        Sort
	After       string // Page.Next of the page before
	Before      string // Page.Prev of the page after
	Limit       int    // 0: 50; at most 1000
}

// Page (查询结果页) is one page of a list.
type Page struct {
	People []Person
	Next   string // After of the next page; "" if this is the last
	Prev   string // Before of the previous page; "" if this is the first
}

// candidate is one reading of what somebody typed into the search box.
type candidate struct {
	number string
	phone  string
}

// classify tells what a text may be: numbers and phones in the kept form, else a name
// or initials as the query.
func classify(text string) (Query, []candidate) {
	text = strings.TrimSpace(text)
	if name, err := personname.Normalize(text); err == nil && !personname.IsInitials(name) {
		return Query{Name: name}, nil
	}
	var all, passports []candidate
	for _, kind := range document.Guess(text) {
		doc, err := document.Parse(kind, text)
		switch {
		case err != nil:
		case kind != document.Passport:
			all = append(all, candidate{number: doc.Number()})
		case strings.ContainsAny(doc.Number(), "0123456789"): // letters alone are initials
			passports = append(passports, candidate{number: doc.Number()})
		}
	}
	if n, err := phone.Parse(text); err == nil {
		all = append(all, candidate{phone: n.Text()})
	}
	all = append(all, passports...) // almost anything may be one
	switch {
	case len(all) > 0:
		return Query{}, all
	case personname.IsInitials(text):
		return Query{Initials: strings.ToLower(text)}, nil
	default:
		return Query{Name: text}, nil // one character, or part of a name
	}
}
