package questionnaire

import (
	"encoding/json"
	"fmt"
	"strings"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
)

// Answers (答卷) is what somebody has said so far. The zero value has said nothing.
type Answers struct {
	Family bool              `json:"family,omitempty"` // asked for somebody of the family
	Said   map[string]string `json:"said,omitempty"`   // by the name of the fact, as files write values; empty: 不知道
}

// Text returns what was answered, and whether the question was answered at all; the
// empty text is 不知道.
func (a *Answers) Text(id fact.ID) (text string, ok bool) {
	text, ok = a.Said[id.String()]
	return text, ok
}

// Say keeps an answer; the empty text is 不知道. The error tells what is wrong with it.
func (a *Answers) Say(id fact.ID, text string, on civil.Date) error {
	var who fact.Person
	if err := who.Set(id, text); err != nil {
		return errs.New(errs.Invalid, "请从列出的答案中选一个").Because(err)
	}
	if _, why := who.Implausible(on); why != "" {
		if id == fact.Birth && who.Birth > on {
			return errs.New(errs.Invalid, "出生日期不能晚于今天")
		}
		return errs.New(errs.Invalid, "%s，请核对", why)
	}
	if a.Said == nil {
		a.Said = map[string]string{}
	}
	a.Said[id.String()] = strings.TrimSpace(text)
	return nil
}

// Encode writes the answers for a session.
func (a *Answers) Encode() ([]byte, error) { return json.Marshal(a) }

// Decode reads what Encode wrote.
func Decode(text []byte) (*Answers, error) {
	a := &Answers{}
	if err := json.Unmarshal(text, a); err != nil {
		return nil, fmt.Errorf("questionnaire: decode answers: %w", err)
	}
	return a, nil
}
