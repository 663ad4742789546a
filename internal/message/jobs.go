package message

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/person"
)

// send is the job of sending what is due.
type send struct{}

// Kind implements river.JobArgs.
func (send) Kind() string { return "message.send" }

// Register registers the worker of messages and its hours.
func (s *Service) Register() {
	jobs.On(s.Jobs, func(ctx context.Context, _ send) error { return s.turn(ctx) })
	s.Jobs.Every(every, send{})
}

const (
	// every is how often the job looks for what is due. A turn ends before the next one.
	every = jobs.Turn
	// paceOver is the time over which the pace is counted.
	paceOver = time.Minute
	// settling is how long the outcome of a message may take to be stored when the
	// process is about to end.
	settling = 5 * time.Second
)

// waits are how long a message waits after each attempt; after the last it has failed.
var waits = [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}

// attempts is how often a message is tried.
const attempts = int64(len(waits)) + 1

// turn sends what is due for a while. What is left is for the next turn.
func (s *Service) turn(ctx context.Context) error {
	until := s.Now().Add(s.Limits.Turn)
	for s.awake() && s.Now().Before(until) {
		batch, err := s.take(ctx)
		if err != nil || len(batch) == 0 {
			return err
		}
		for i := range batch {
			if err := s.deliver(ctx, &batch[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// awake reports whether people may be disturbed at this hour.
func (s *Service) awake() bool {
	hour := s.now().Beijing().Hour()
	return s.Limits.From <= hour && hour < s.Limits.To
}

// take takes the lease of some messages that are due.
func (s *Service) take(ctx context.Context) (batch []Message, err error) {
	defer errs.Wrap(&err, "take messages")
	now := s.now()
	if some, err := s.anyDue(ctx, system(), now); err != nil || !some {
		return nil, err
	}
	err = s.Audit.Write(ctx, access.System("消息"), actTake, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if batch, err = s.takeDue(ctx, system(), tx, now); err != nil || len(batch) == 0 {
			return audit.Nothing, err
		}
		for i := range batch {
			m := &batch[i]
			m.State, m.Next, m.Tried = Sending, now.Add(s.Limits.Lease), now
			m.Attempts++
			if err := update(ctx, tx, m); err != nil {
				return audit.Nothing, err
			}
		}
		return audit.Change{Kind: "message", Detail: map[string]any{"messages": len(batch)}}, nil
	})
	if errors.Is(err, errMoved) { // somebody cancelled one a moment ago
		return nil, nil
	}
	return batch, err
}

// deliver brings a message that was taken to its end, or puts it off. An error means that
// no more can be sent now.
func (s *Service) deliver(ctx context.Context, m *Message) (err error) {
	defer errs.Wrap(&err, "deliver message %s", m.ID)
	if m.Next <= s.now() {
		return nil // the lease is over: another process may be at it
	}
	if m.Attempts > attempts {
		return s.settle(ctx, m, Failed, "发送几次都中断了，没有结果。请管理员查看日志。")
	}
	if reason, err := s.unwanted(ctx, m.Person); err != nil || reason != "" {
		if err != nil {
			return err
		}
		return s.settle(ctx, m, Cancelled, reason)
	}
	c, err := s.open(m)
	if err != nil {
		s.Log.ErrorContext(ctx, "message cannot be read", slog.String("message", m.ID.String()), slog.String("error", err.Error()))
		return s.settle(ctx, m, Failed, "加密的内容读不出来。请管理员查看日志。")
	}
	name, err := s.Gateway.Send(ctx, Outgoing{ID: m.ID, Phone: c.Phone, Text: c.Text, Template: m.Template})
	switch {
	case err == nil:
		m.Gateway, m.SentAt = name, s.now()
		return s.settle(ctx, m, Sent, "")
	case ctx.Err() != nil: // nobody knows whether it arrived: whoever takes it up tries again
		return ctx.Err()
	}
	return s.missed(ctx, m, err)
}

// missed puts a message off that the gateway did not take, or ends it.
func (s *Service) missed(ctx context.Context, m *Message, cause error) error {
	reason, final := "没有发出。", false
	if g, ok := errors.AsType[*GatewayError](cause); ok {
		reason, final = g.Reason, g.Final
	}
	s.Log.WarnContext(ctx, "message not taken by the gateway", slog.String("message", m.ID.String()),
		slog.Int64("attempt", m.Attempts), slog.String("error", cause.Error()))
	if final || m.Attempts >= attempts {
		return s.settle(ctx, m, Failed, reason)
	}
	m.Next = s.now().Add(waits[m.Attempts-1])
	return s.settle(ctx, m, Queued, reason)
}

// unwanted says why a person is not to be told any more, though he was when the message
// was queued; "" if he is.
func (s *Service) unwanted(ctx context.Context, n id.ID) (string, error) {
	out, err := s.optOut(ctx, system(), s.DB, n)
	if err != nil {
		return "", err
	}
	if out != nil {
		return "老人或家属退订了消息。", nil
	}
	files, err := s.People.Files(ctx, system(), []id.ID{n})
	if err != nil {
		return "", err
	}
	if p := files[n]; p != nil && p.State != person.Alive {
		return "老人的档案已是“" + p.State.Label() + "”。", nil
	}
	return "", nil
}

// settle stores what became of a message, also when the process is about to end.
func (s *Service) settle(ctx context.Context, m *Message, state State, reason string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling)
	defer cancel()
	m.State, m.Reason = state, reason
	err := s.Audit.Write(ctx, access.System("消息"), actSend, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		return change(m, map[string]any{"attempt": m.Attempts}), update(ctx, tx, m)
	})
	if errors.Is(err, errMoved) {
		s.Log.WarnContext(ctx, "message was taken up elsewhere", slog.String("message", m.ID.String()))
		return nil
	}
	return err
}
