package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"yian/internal/access"
	"yian/internal/errs"
)

// apiPrefix is where all operations of the JSON interface are; what fails there is
// told as JSON too.
const apiPrefix = "/api/"

// Operation registers an operation of the JSON interface, whose handler gets the
// actor from the context (access.From). What every operation answers, its errors and
// its parameters of idempotency, is added to its description.
func Operation[I, O any](m *Mux, p access.Permission, op huma.Operation, h func(context.Context, *I) (*O, error), opts ...Option) {
	o := options{body: 1 << 20, limit: 30 * time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	m.note(op.Method, op.Path, p)
	op.Middlewares = append(huma.Middlewares{m.site.admit(p, o, op.Method+" "+op.Path)}, op.Middlewares...)
	op.MaxBodyBytes = o.body + 1 // the body has been read by then
	op.BodyReadTimeout = -1      // a deadline that is left would end the request later
	outline[I](&op, p, o)
	huma.Register(m.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, m.site.problem(ctx, err)
		}
		return out, nil
	})
}

// admit lets an operation be called by whoever has the permission, not too often.
func (s *Site) admit(p access.Permission, o options, route string) func(huma.Context, func(huma.Context)) {
	return func(hctx huma.Context, next func(huma.Context)) {
		hr, w := humago.Unwrap(hctx)
		name(w, route)
		ctx, cancel := context.WithTimeout(hr.Context(), o.limit)
		defer cancel()
		r, err := s.enter(hr.WithContext(ctx), w, p)
		if err == nil {
			err = readable(r.URL.RawQuery, hctx.Operation().Parameters)
		}
		var body []byte
		if err == nil {
			body, err = readBody(w, r.Request, o)
		}
		if err != nil {
			s.refuse(w, r.Request, err)
			return
		}
		r.Body = http.NoBody
		run := func(w http.ResponseWriter, hr *http.Request) {
			if len(body) > 0 {
				hr.Body = readCloser{bytes.NewReader(body)}
			}
			next(humago.NewContext(hctx.Operation(), hr, w))
		}
		if key := hr.Header.Get(keyHeader); key != "" && o.keyed {
			s.once(w, r, asked{route: route, key: key, body: body}, run)
			return
		}
		run(w, r.Request)
	}
}

// enter finds who calls and whether he may.
func (s *Site) enter(hr *http.Request, w http.ResponseWriter, p access.Permission) (*Request, error) {
	w.Header().Set("Cache-Control", "no-store")
	r, err := s.withSession(hr)
	if err == nil {
		err = s.identify(r)
	}
	if err != nil {
		return r, err
	}
	tag(w, r.Actor.User)
	if p != access.Public {
		if r.identity.Must != "" {
			return r, errs.New(errs.Denied, "您的账号还有一步安全设置没有完成，请先在网页上登录并按提示完成。")
		}
		if err := r.Actor.Need(p); err != nil {
			return r, err
		}
	}
	if wait := s.buckets.take(r.caller()); wait > 0 {
		return r, errs.New(errs.TooMany, "调用太频繁，请过 %d 秒再试。", seconds(wait)).Because(retryAfter(wait))
	}
	r.Request = r.WithContext(access.With(r.Context(), r.Actor))
	return r, nil
}

// caller is whose calls are counted together: a user's by token and by browser apart,
// those of nobody by address.
func (r *Request) caller() string {
	if r.Actor.Known() {
		return r.Actor.Via + " " + r.Actor.User.String()
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return "nobody " + host
}

// withSession loads the session of a browser that calls the interface.
func (s *Site) withSession(hr *http.Request) (*Request, error) {
	r := s.bare(hr)
	cookie, err := hr.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return r, nil //nolint:nilerr // there is none
	}
	ctx, err := s.sessions.Load(hr.Context(), cookie.Value)
	if err != nil {
		return r, err
	}
	r.Request = hr.WithContext(ctx)
	r.Session.loaded = true
	return r, nil
}

// readable refuses queries that cannot be read, hold what no text holds, or name a
// parameter that the operation does not have: a filter that is misspelt would find
// everybody.
func readable(raw string, parameters []*huma.Param) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return errs.New(errs.Invalid, "地址里 ? 后面的参数无法读取，请检查编码。").Because(err)
	}
	var faults errs.Fields
	for name, texts := range values {
		if !slices.ContainsFunc(parameters, func(p *huma.Param) bool { return p.In == "query" && p.Name == name }) {
			faults.Add("query", "没有这个查询参数：%s", strings.ToValidUTF8(name, "?"))
		} else if !storable(texts) {
			faults.Add("query."+name, "含有不能使用的字符")
		}
	}
	return faults.Err()
}

// readBody reads what was sent, within the limits of the operation.
func readBody(w http.ResponseWriter, hr *http.Request, o options) ([]byte, error) {
	if hr.Method == http.MethodGet || hr.Method == http.MethodHead {
		return nil, nil
	}
	if coding := hr.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, &Problem{Status: http.StatusUnsupportedMediaType, Detail: "正文不能压缩，请去掉 Content-Encoding。"}
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(o.limit)) //nolint:forbidigo // connections go by the clock of the machine
	var body bytes.Buffer
	_, err := body.ReadFrom(http.MaxBytesReader(w, hr.Body, o.body))
	_ = control.SetReadDeadline(time.Time{})
	var tooLarge *http.MaxBytesError
	var slow interface{ Timeout() bool }
	switch {
	case errors.As(err, &tooLarge):
		return nil, errs.New(errs.TooLarge, "正文太大，最多 %d KB；请分成几次提交。", o.body>>10)
	case errors.As(err, &slow) && slow.Timeout():
		return nil, &Problem{Status: http.StatusRequestTimeout, Detail: "正文没有按时传完，请重试。"}
	case err != nil:
		return nil, &Problem{Status: http.StatusBadRequest, Detail: "正文没有传完，请重试。"}
	}
	return body.Bytes(), nil
}

type readCloser struct{ *bytes.Reader }

// Close implements io.Closer.
func (readCloser) Close() error { return nil }

// decode reads JSON for huma, which first has it read into an any to check it.
func decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if p, ok := v.(*any); ok && !storable(*p) {
		return errors.New("正文里有不能使用的字符（控制字符）")
	}
	return nil
}

// storable reports whether all texts in a value can be stored: no control characters
// but those of a text of several lines. PostgreSQL takes no zero in a text.
func storable(v any) bool {
	switch v := v.(type) {
	case string:
		return utf8.ValidString(v) && !strings.ContainsFunc(v, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
		})
	case []string:
		return !slices.ContainsFunc(v, func(s string) bool { return !storable(s) })
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !storable(e) })
	case map[string]any:
		for k, e := range v {
			if !storable(k) || !storable(e) {
				return false
			}
		}
	}
	return true
}
