package outreach

import (
	"slices"

	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/region"
)

// Occasion (联系事由) is why somebody is to be contacted.
type Occasion string

// The occasions.
const (
	Newly    Occasion = "newly"    // he is entitled to an item since lately
	Lost     Occasion = "lost"     // he is no longer
	Changing Occasion = "changing" // growing older, he soon will be or no longer be
	Missing  Occasion = "missing"  // a fact is missing to decide
)

// Occasions lists the occasions in the order of pages.
var Occasions = []Occasion{Newly, Lost, Changing, Missing}

// Label returns what people read.
func (o Occasion) Label() string {
	switch o {
	case Newly:
		return "新符合"
	case Lost:
		return "不再符合"
	case Changing:
		return "即将变化"
	case Missing:
		return "信息缺失"
	}
	return ""
}

// Known reports whether there is such an occasion.
func (o Occasion) Known() bool { return o.Label() != "" }

// Outcomes lists what a contact on the occasion can come to, in the order of forms.
func (o Occasion) Outcomes() []State {
	switch o {
	case Newly, Changing:
		return []State{Reached, Applies, Declined, Unreachable, Done}
	case Lost:
		return []State{Reached, Unreachable, Done}
	case Missing:
		return []State{Reached, Declined, Unreachable, Done}
	}
	return nil
}

// State (联系状态) is how far a contact has come.
type State string

// The states.
const (
	Open        State = "open"
	Assigned    State = "assigned"
	Reached     State = "reached"
	Unreachable State = "unreachable"
	Applies     State = "applies"
	Declined    State = "declined"
	Done        State = "done"
)

// States lists the states in the order of pages.
var States = []State{Open, Assigned, Reached, Unreachable, Applies, Declined, Done}

// Label returns what people read.
func (s State) Label() string {
	switch s {
	case Open:
		return "待联系"
	case Assigned:
		return "已分派"
	case Reached:
		return "已联系"
	case Unreachable:
		return "联系不上"
	case Applies:
		return "申请中"
	case Declined:
		return "本人不要"
	case Done:
		return "已办结"
	}
	return ""
}

// Known reports whether there is such a state.
func (s State) Known() bool { return s.Label() != "" }

// Closed reports whether nothing is left to do.
func (s State) Closed() bool { return s == Declined || s == Done }

// follows reports whether a contact on an occasion may go from one state to another.
// What is closed can only be opened again.
func follows(o Occasion, from, to State) bool {
	if from.Closed() {
		return to == Open
	}
	return slices.Contains(o.Outcomes(), to)
}

// Matter (联系事项) is what somebody is to be contacted about.
type Matter struct {
	Person   id.ID
	Occasion Occasion
	Item     string     // id of the item, or name of the missing fact
	On       civil.Date // the day from which it is so; zero of a missing fact
}

// Contact (待办联系) is what was done about a matter. Of a matter that nobody has touched
// the version is 0 and the state open.
type Contact struct {
	ID      id.ID
	Version int64
	Matter
	Region   region.Code
	State    State
	Assignee id.ID // 0: nobody
	Due      civil.Date
	Opened   civil.Instant
	Updated  civil.Instant
	By       id.ID
}

// about returns the contact as it stands for a matter: what was dealt with before the
// day of the matter counts no more.
func (c Contact) about(m Matter) Contact {
	if m.On > c.On {
		c.State, c.Assignee, c.Due, c.On = Open, 0, 0, m.On
	}
	return c
}

// Overdue reports whether it should have been dealt with by a day.
func (c *Contact) Overdue(today civil.Date) bool {
	return c.Due != 0 && c.Due < today && !c.State.Closed()
}

// Note (联系记录) is one thing that was done about a matter.
type Note struct {
	ID       id.ID
	At       civil.Instant
	By       id.ID
	State    State
	Assignee id.ID
	Due      civil.Date
	Text     string
}

// Step (联系结果) is what came of a contact.
type Step struct {
	State State
	Due   civil.Date // until when to go on; zero: no day is set
	Text  string
}

// Count (联系统计) is how many contacts of a place about an item are in a state.
type Count struct {
	Region region.Code `bun:"region_code"`
	Item   string
	State  State
	People int64 `bun:"people"`
}
