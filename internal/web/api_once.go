package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"yian/internal/db"
	"yian/internal/errs"
)

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
)

// Keyed lets an operation be repeated under a key that the client chooses, and be
// carried out once.
//
// The key is claimed first, in a transaction of its own. A second request meets the
// claim: while the first runs it is told to come back (409), after that it gets the
// answer of the first for a day; another body under the same key is refused (422).
// Only success is kept: what was refused changed nothing and is decided anew.
//
// A process may be killed between the write of the module and the keeping of the
// answer. [Carried] marks the claim inside the transaction of the write, so that the
// repetition then learns that it was done, and a run whose claim has passed to
// another cannot write any more. A write that does not call Carried is guarded by
// itself: by the version it was asked to change (412), or by what it makes being
// unique or, said twice, the same.
func Keyed() Option { return func(o *options) { o.keyed = true } }

// asked is a request under a key.
type asked struct {
	route string
	key   string
	body  []byte
}

type claimKey struct{}

// Carried marks, in the transaction that a module writes in, that the request of the
// context was carried out. Without a key in the request it does nothing. It fails
// where the claim has passed to another run: then the write must not happen.
func Carried(ctx context.Context, tx db.Tx) error {
	c, ok := ctx.Value(claimKey{}).(*claim)
	if !ok {
		return nil
	}
	return c.carried(ctx, tx)
}

// once runs an operation unless it has run under the same key before.
func (s *Site) once(w http.ResponseWriter, r *Request, a asked, run func(http.ResponseWriter, *http.Request)) {
	c, earlier, err := s.claim(r, a)
	if err != nil {
		s.refuse(w, r.Request, err)
		return
	}
	if earlier != nil {
		w.Header().Set(replayedHeader, "true")
		earlier.send(w)
		return
	}
	// What was done is kept even if the client has gone meanwhile.
	after := context.WithoutCancel(r.Context())
	var given answer
	finished := false
	defer func() {
		if finished && given.Status < 300 {
			err = c.keep(after, given)
		} else {
			err = c.release(after)
		}
		if err != nil {
			s.Log.ErrorContext(after, "idempotency key", slog.String("request", r.number), slog.String("error", err.Error()))
		}
		if finished {
			given.send(w)
		}
	}()
	out := &held{header: http.Header{}}
	run(out, r.WithContext(context.WithValue(r.Context(), claimKey{}, c)))
	given = answer{Status: max(out.status, http.StatusOK), Header: out.header, Body: out.body.Bytes()}
	finished = true
}

// claim takes the key for this run, or returns the answer that an earlier one got.
func (s *Site) claim(r *Request, a asked) (*claim, *answer, error) {
	if s.Sealer == nil {
		return nil, nil, errs.New(errs.Unavailable, "服务器没有启用幂等键，请去掉 %s 再试。", keyHeader).
			Because(errors.New("web: no sealer for idempotency keys"))
	}
	if len(a.key) > 255 || strings.ContainsFunc(a.key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		f := errs.Fields{}
		f.Add("header."+keyHeader, "应为 1 至 255 个英文字母、数字或符号，建议用 UUID")
		return nil, nil, f.Err()
	}
	c := &claim{
		site: s, at: s.Now(), run: newRun(),
		key: s.Sealer.MAC("api.request.key", []byte(r.Actor.User.String()), []byte(a.route), []byte(a.key)),
		body: s.Sealer.MAC("api.request.body", []byte(r.URL.EscapedPath()), []byte(r.URL.RawQuery),
			[]byte(r.Header.Get("If-Match")), a.body),
	}
	row, err := c.take(r.Context())
	switch {
	case err != nil || row == nil:
		return c, nil, err
	case !bytes.Equal(row.Body, c.body):
		f := errs.Fields{}
		f.Add("header."+keyHeader, "这个键已经用于另一个内容不同的请求；每个新请求请换一个新的键")
		return nil, nil, f.Err()
	case row.Status != nil:
		earlier, err := c.open(row)
		return nil, earlier, err
	case c.lapsed(row):
		return nil, nil, errs.New(errs.Conflict, "这个请求此前已经办成，但应答没有留存。请查询核对结果，不要换键重发。")
	default:
		const wait = 2 * time.Second
		return nil, nil, errs.New(errs.Conflict, "同一个键的请求正在处理，请过 %d 秒再试。", seconds(wait)).Because(retryAfter(wait))
	}
}

// answer is what an operation answered.
type answer struct {
	Status int         `json:"-"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the client may have gone
}

// open decrypts a kept answer.
func (c *claim) open(row *apiRequest) (*answer, error) {
	plain, err := c.site.Sealer.Open(row.Answer, c.context())
	if err != nil {
		return nil, err
	}
	a := &answer{Status: *row.Status}
	if err := json.Unmarshal(plain, a); err != nil {
		return nil, fmt.Errorf("web: kept answer: %w", err)
	}
	return a, nil
}

// held holds an answer back until it is kept.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (h *held) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

// Write implements http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}
