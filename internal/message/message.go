package message

import (
	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/region"
)

// State (消息状态) is how far a message has come.
type State string

// The states.
const (
	Queued    State = "queued"
	Sending   State = "sending"
	Sent      State = "sent"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States lists the states in the order of pages.
var States = []State{Queued, Sending, Sent, Failed, Cancelled}

// Label returns the Chinese word for the state; "" for one that does not exist.
func (s State) Label() string {
	switch s {
	case Queued:
		return "待发送"
	case Sending:
		return "发送中"
	case Sent:
		return "已发送"
	case Failed:
		return "未发出"
	case Cancelled:
		return "已取消"
	}
	return ""
}

// Receiver (收信人) is whose phone a message goes to.
type Receiver string

// The receivers.
const (
	Person  Receiver = pack.ToPerson
	Contact Receiver = pack.ToContact
)

// Label returns the Chinese word for the receiver; "" for one that does not exist.
func (r Receiver) Label() string {
	switch r {
	case Person:
		return "本人"
	case Contact:
		return "家属、联系人"
	}
	return ""
}

// Message (通知消息) is a short text on its way to somebody.
type Message struct {
	bun.BaseModel `bun:"table:message,alias:m"`

	ID       id.ID         `bun:",pk"`
	Version  int64         `bun:"version"`
	Person   id.ID         `bun:"person_id"`
	Region   region.Code   `bun:"region_code"`
	Template string        `bun:"template"`
	Receiver Receiver      `bun:"receiver"`
	Sealed   []byte        `bun:"sealed"`
	Dedup    string        `bun:"dedup"`
	State    State         `bun:"state"`
	Attempts int64         `bun:"attempts"`
	Next     civil.Instant `bun:"next_at"`
	Tried    civil.Instant `bun:"tried_at"`
	Reason   string        `bun:"reason"`
	Gateway  string        `bun:"gateway_id"`
	QueuedAt civil.Instant `bun:"queued_at"`
	QueuedBy id.ID         `bun:"queued_by"`
	SentAt   civil.Instant `bun:"sent_at"`
}

// content is what is encrypted of a message as one.
type content struct {
	Phone string `json:"phone"`
	Text  string `json:"text"`
}

// Entry (消息记录) is a message as it may be shown.
type Entry struct {
	Message
	Phone string // masked
	Text  string
}

// OptOut (退订) says that a person wants no messages.
type OptOut struct {
	bun.BaseModel `bun:"table:message_optout,alias:o"`

	Person id.ID         `bun:"person_id,pk"`
	At     civil.Instant `bun:"at"`
	By     id.ID         `bun:"by_id"`
	ByName string        `bun:"by_name"`
	Reason string        `bun:"reason"`
}

// Filter (消息筛选) says which messages a list shows. The zero value shows all.
type Filter struct {
	State    State
	Template string
	Region   region.Code
	Person   id.ID
}

// Counts (消息数) is how many messages are in each state.
type Counts map[State]int

// Refusal (不能通知的原因) is why nobody is told anything.
type Refusal string

// The refusals.
const (
	OptedOut Refusal = "opted_out" // he wants no messages
	NoPhone  Refusal = "no_phone"  // there is no mobile phone to send one to
	NotAlive Refusal = "not_alive" // he died or moved away
)

// RefusedError (不能通知) is in the chain of a Conflict error of somebody who is not told.
type RefusedError struct{ Why Refusal }

func (e *RefusedError) Error() string { return "message: refused: " + string(e.Why) }
