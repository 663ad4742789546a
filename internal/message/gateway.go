package message

import (
	"context"

	"yian/internal/id"
)

// Outgoing (外发消息) is what a gateway gets of a message, and all that it gets.
type Outgoing struct {
	ID       id.ID  `json:"id"` // the same each time that the message is tried
	Phone    string `json:"phone"`
	Text     string `json:"text"`
	Template string `json:"template"`
}

// Gateway (短信网关) brings messages to phones. It may be given a message twice; the number
// is then the same. What it does not take it says by a GatewayError.
type Gateway interface {
	Send(ctx context.Context, o Outgoing) (name string, err error)
}

// GatewayError (网关错误) says why a gateway did not take a message.
type GatewayError struct {
	Reason string // Chinese, for people; without the phone and the text
	Final  bool   // it will not be taken later either
	Err    error  // the cause, for the log; without the phone and the text
}

func (e *GatewayError) Error() string {
	if e.Err == nil {
		return "message: gateway: refused"
	}
	return "message: gateway: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *GatewayError) Unwrap() error { return e.Err }
