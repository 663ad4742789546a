package ui

// Details is a list of terms and what is known of them.
type Details struct{ Pairs []Pair }

// Pair is a term with what is known of it. An empty Text without tags is shown as
// 未填写: unknown is neither no nor zero.
type Pair struct {
	Term, Text string
	Href       string // makes the text a link
	Note       string // source, day
	Tags       []Tag
	Action     Action
}

// Timeline tells what happened, the latest first unless the page orders otherwise.
type Timeline struct{ Events []Event }

// Event is a happening on a Timeline.
type Event struct {
	When        string // 2026-11-22 09:30
	Title, Text string
	By          string // who or which department
	Tone        Tone
	Tags        []Tag
	Details     []Pair
	Links       []Link
}

// Steps shows how far one is in a task of several pages.
type Steps struct{ Items []Step }

// Step is a part of Steps.
type Step struct {
	Text, Href    string
	Done, Current bool
}

// Progress is work in the background. While Poll is set, the element asks there for
// itself every two seconds; the answer is component "progress" again, without Poll
// when the work has ended. Without scripts a link loads the page anew.
type Progress struct {
	ID, Label  string
	Done, Goal int64 // Goal 0: nobody knows how much there is
	Text       string
	Tone       Tone
	Poll       string
	Links      []Link // what can be done now: fetch the file, see the rejects
}

// Percent is how much is done in whole per cent; 100 only when all is.
func (p Progress) Percent() int64 {
	switch {
	case p.Goal <= 0 || p.Done <= 0:
		return 0
	case p.Done >= p.Goal:
		return 100
	default:
		return p.Done * 100 / p.Goal
	}
}

// Stat is a figure on a card. An empty Value is shown as 暂无数据, which is not zero.
type Stat struct {
	Label, Value, Unit string
	Note               string
	Icon               string
	Tone               Tone
	Href               string
}

// Tabs are pages about one thing, side by side.
type Tabs struct {
	Label string // what they are pages of, for screen readers
	Items []Tab
}

// Tab is one of Tabs.
type Tab struct {
	Text, Href string
	Count      string
	Active     bool
}

// Note is a paragraph that stands out: what to know before going on. Without a text
// and a title it is not shown.
type Note struct {
	Tone        Tone
	Title, Text string
	Link        Link
}
