package duplicate

import (
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/region"
)

// Reason (疑似原因) is why two files may be of one person.
type Reason string

// The reasons, the strongest first.
const (
	SameNameBirth Reason = "name_birth" // the same name and birth
	DigitSlip     Reason = "digit"      // one digit of the numbers differs
	SwapSlip      Reason = "swap"       // two neighbours of the numbers are swapped
)

// Label returns what people read.
func (r Reason) Label() string {
	switch r {
	case SameNameBirth:
		return "姓名和出生日期相同"
	case DigitSlip:
		return "证件号码只差一位"
	case SwapSlip:
		return "证件号码相邻两位颠倒"
	}
	return ""
}

// State (核对状态) is what became of a pair.
type State string

// The states.
const (
	Open      State = "open"
	Different State = "different"
	Merged    State = "merged"
)

// Label returns what people read.
func (s State) Label() string {
	switch s {
	case Open:
		return "待核对"
	case Different:
		return "不是同一人"
	case Merged:
		return "已合并"
	}
	return ""
}

// Pair (疑似重复) is two files that may be of one person. Low was opened before High.
type Pair struct {
	ID        id.ID
	Version   int64
	Region    region.Code // the innermost region that holds both
	Low, High *person.Person
	Reason    Reason
	State     State
	Keep      id.ID // of a merged pair: the file that stays
	Found     civil.Instant
	Settled   civil.Instant
	SettledBy id.ID
	Note      string
}

// reasonOf tells why two files may be of one person; ok is false if nothing shows it.
// Numbers of strangers are often one slip apart, as those of neighbours born on one
// day are, so the names must sound alike too.
func reasonOf(a, b *person.Likeness) (r Reason, ok bool) {
	if a.Birth != 0 && a.Birth == b.Birth && a.Name == b.Name {
		return SameNameBirth, true
	}
	if a.Initials != b.Initials || a.Citizen == "" || b.Citizen == "" {
		return "", false
	}
	switch slip, _ := citizenid.SlipBetween(string(a.Citizen), string(b.Citizen)); slip {
	case citizenid.SlipDigit:
		return DigitSlip, true
	case citizenid.SlipSwap:
		return SwapSlip, true
	}
	return "", false
}

// both returns the innermost region that holds both.
func both(a, b region.Code) region.Code {
	for _, n := range [...]int{12, 9, 6, 4, 2} {
		if len(a) >= n && len(b) >= n && a[:n] == b[:n] {
			return a[:n]
		}
	}
	return region.Nation
}
