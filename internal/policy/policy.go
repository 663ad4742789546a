package policy

import (
	"strings"
	"unicode/utf8"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// State (版本状态) is how far a version has come.
type State string

// The states of versions. A published version is superseded (已废止) by the day on
// which the next one of the same list rules; that is no state of its own.
const (
	Draft     State = "draft"
	Review    State = "review"
	Approved  State = "approved"
	Published State = "published"
	Discarded State = "discarded"
)

// Label returns what people read.
func (s State) Label() string {
	switch s {
	case Draft:
		return "草稿"
	case Review:
		return "待审批"
	case Approved:
		return "已批准"
	case Published:
		return "已发布"
	case Discarded:
		return "已作废"
	}
	return string(s)
}

// open are the states of a version that is on its way.
var open = []State{Draft, Review, Approved}

// Version (清单版本) is one version of a service list.
type Version struct {
	ID        id.ID
	Version   int64  // of the row: what a change must carry
	List      string // what packs call the list: linfen-2023
	No        int64  // 1, 2, 3 … of the list
	Region    region.Code
	Title     string
	State     State
	RulesFrom civil.Date // published: the first day on which it rules
	Text      string     // list.yaml
	Tests     string     // test people, YAML
	BasedOn   id.ID      // the version that it was drafted from; 0: none

	CreatedBy, UpdatedBy, ApprovedBy, PublishedBy id.ID
	Created, Updated, Approved, Published         civil.Instant
}

// Superseded returns the day from which another version rules in the place of one;
// zero if there is none, or if the version was never published. versions are all of
// the list.
func Superseded(versions []Version, one id.ID) civil.Date {
	var no int64
	for i := range versions {
		if versions[i].ID == one && versions[i].State == Published {
			no = versions[i].No
		}
	}
	var from civil.Date
	for i := range versions {
		v := &versions[i]
		if no > 0 && v.State == Published && v.No > no && (from == 0 || v.RulesFrom < from) {
			from = v.RulesFrom
		}
	}
	return from
}

// Move (办理环节) is what was done to a version.
type Move string

// The moves.
const (
	Drafted       Move = "draft"
	Changed       Move = "change"
	Submitted     Move = "submit"
	SentBack      Move = "return"
	Agreed        Move = "approve"
	PutInForce    Move = "publish"
	Abandoned     Move = "discard"
	Filed         Move = "file"
	FilingAnswer  Move = "accept"
	FilingRefusal Move = "refuse"
)

// Label returns what people read.
func (m Move) Label() string {
	return map[Move]string{
		Drafted: "起草", Changed: "修改", Submitted: "提请审批", SentBack: "退回修改", Agreed: "批准", PutInForce: "发布", Abandoned: "作废",
		Filed: "报送备案", FilingAnswer: "备案通过", FilingRefusal: "备案退回",
	}[m]
}

// Step (办理记录) is one move of a version: by whom, when and why.
type Step struct {
	Move Move
	At   civil.Instant
	By   id.ID
	Name string // of who did it
	Note string
}

const maxNote = 2000

// checkNote notes what is wrong with what a person wrote about a step.
func checkNote(f *errs.Fields, field string, text *string) {
	*text = strings.TrimSpace(*text)
	if n := utf8.RuneCountInString(*text); n > maxNote {
		f.Add(field, "最多 %d 个字，这里是 %d 个", maxNote, n)
	} else if !utf8.ValidString(*text) || strings.ContainsRune(*text, 0) {
		f.Add(field, "含有无法识别的字符，请重新填写")
	}
}
