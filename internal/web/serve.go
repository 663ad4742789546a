package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/ui"
)

type numberKey struct{}

// around is what surrounds every route.
func (s *Site) around(next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, s.bare(r), errs.New(errs.Denied, "为了安全，拒绝了从其他网站提交的内容。请从本系统的页面操作。"))
	}))
	inner := foreign.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.Now()
		number := newNumber()
		r = r.WithContext(context.WithValue(r.Context(), numberKey{}, number))
		out := &recorder{ResponseWriter: w}
		s.headers(out.Header())
		defer func() {
			if crash := recover(); crash != nil {
				if crash == http.ErrAbortHandler { //nolint:errorlint // the server's own sentinel
					panic(crash) //nolint:forbidigo // handed on to the server
				}
				s.Log.ErrorContext(r.Context(), "handler crashed", slog.String("request", number),
					slog.String("crash", fmt.Sprint(crash)), slog.String("stack", string(debug.Stack())))
				if out.status == 0 {
					s.fail(out, s.bare(r), errors.New("crash"))
				}
			}
			s.observe(r, out, started)
		}()
		inner.ServeHTTP(out, r)
	})
}

// headers are those of every answer.
func (s *Site) headers(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// wrap makes a handler of the standard library of ours.
func (s *Site) wrap(p access.Permission, o options, pattern string, h Handler) http.Handler {
	return s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		ctx, cancel := context.WithTimeout(hr.Context(), o.limit)
		defer cancel()
		deadline := time.Now().Add(o.limit)                         //nolint:forbidigo // connections go by the clock of the machine
		_ = http.NewResponseController(w).SetReadDeadline(deadline) // not every connection has one
		hr = hr.WithContext(ctx)
		hr.Body = http.MaxBytesReader(w, hr.Body, o.body)
		w.Header().Set("Cache-Control", "no-store")
		r := s.bare(hr)
		r.Session.loaded = true
		name(w, pattern)
		res, err := s.answer(r, p, h)
		if err == nil {
			tag(w, r.Actor.User)
			err = res.respond(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	}))
}

// bare makes a request of which nobody knows yet whose it is.
func (s *Site) bare(hr *http.Request) *Request {
	number, _ := hr.Context().Value(numberKey{}).(string)
	return &Request{Request: hr, Session: &Session{manager: s.sessions}, site: s, number: number}
}

// answer identifies the actor, checks the permission and calls the handler.
func (s *Site) answer(r *Request, p access.Permission, h Handler) (Response, error) {
	if err := legible(r.Request); err != nil {
		return nil, err
	}
	if err := s.identify(r); err != nil {
		return nil, err
	}
	r.Request = r.WithContext(access.With(r.Context(), r.Actor))
	if p != access.Public {
		if !r.Actor.Known() {
			return s.toLogin(r)
		}
		if must := r.identity.Must; must != "" && must != r.URL.Path && !strings.HasPrefix(r.URL.Path, must+"/") {
			return Redirect(must), nil
		}
		if err := r.Actor.Need(p); err != nil {
			return nil, err
		}
	}
	return h(r)
}

// legible refuses what no keyboard types and PostgreSQL does not store. The fields of
// an upload are looked at by whoever reads them.
func legible(r *http.Request) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return nil
	}
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case err != nil:
		return errs.New(errs.Invalid, "提交的内容无法读取，请返回重试。").Because(err)
	}
	for name, values := range r.Form {
		for _, v := range append(values, name) {
			if strings.ContainsRune(v, 0) || !utf8.ValidString(v) {
				return errs.New(errs.Invalid, "提交的内容里有无法识别的字符，请重新填写。")
			}
		}
	}
	return nil
}

// identify finds the actor of a token or of the session.
func (s *Site) identify(r *Request) error {
	ctx := r.Context()
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		identity, err := s.Accounts.ByToken(ctx, token)
		r.identity, r.Actor = identity, identity.Actor
		r.Region = chosen(r.Actor, "")
		return err
	}
	signIn, err := id.Parse(r.Session.Get(ctx, SignInKey))
	if err != nil {
		return nil //nolint:nilerr // nobody has signed in
	}
	identity, err := s.Accounts.BySignIn(ctx, signIn)
	if errs.Is(err, errs.Unauthenticated) {
		if err := r.Session.Renew(ctx); err != nil {
			return err
		}
		r.Session.Remove(ctx, SignInKey)
		r.Session.Flash(ctx, ui.Toast{Tone: ui.Warning, Text: errs.Message(err)})
		return nil
	}
	if err != nil {
		return err
	}
	r.identity, r.Actor = identity, identity.Actor
	r.Region = chosen(r.Actor, r.Session.Get(ctx, "region"))
	return nil
}

// toLogin sends somebody who has not signed in to the login page, and back after it.
func (s *Site) toLogin(r *Request) (Response, error) {
	if r.Header.Get("Authorization") != "" || r.Method != http.MethodGet || strings.HasPrefix(r.URL.Path, "/api/") {
		return nil, errs.New(errs.Unauthenticated, "请先登录。")
	}
	to := "/login"
	if r.URL.Path != "/" {
		to += "?back=" + url.QueryEscape(r.URL.RequestURI())
	}
	return Redirect(to), nil
}

// fail tells an error. What nobody foresaw is logged with the request's number,
// which the page shows.
func (s *Site) fail(w http.ResponseWriter, r *Request, err error) {
	if strings.HasPrefix(r.URL.Path, apiPrefix) {
		s.refuse(w, r.Request, err)
		return
	}
	kind := errs.KindOf(err)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		err = errs.New(errs.TooLarge, "提交的内容太大，最多 %d MB。", max(1, tooLarge.Limit>>20))
		kind = errs.TooLarge
	case kind == errs.Internal && errors.Is(err, context.DeadlineExceeded):
		err = errs.New(errs.Unavailable, "系统忙，这次操作超时，没有完成。请稍后再试。").Because(err)
		kind = errs.Unavailable
	}
	if kind == errs.Internal || kind == errs.Unavailable {
		s.Log.ErrorContext(r.Context(), "request failed", slog.String("request", r.number), slog.String("error", err.Error()))
	}
	page := &errorPage{Text: errs.Message(err), Number: r.number}
	page.Status, page.Title, page.Narrow = kind.Status(), titles[kind], true
	if kind == errs.Unauthenticated {
		page.Action = ui.Link{Text: "去登录", Href: "/login"}
	} else {
		page.Action = ui.Link{Text: "回到首页", Href: "/"}
	}
	if err := Page("web/error", page).respond(w, r); err != nil {
		s.Log.ErrorContext(r.Context(), "error page failed", slog.String("request", r.number), slog.String("error", err.Error()))
		http.Error(w, page.Text, page.Status)
	}
}

var titles = map[errs.Kind]string{
	errs.Internal: "系统出错了", errs.Invalid: "内容有误", errs.Unauthenticated: "请先登录", errs.Denied: "没有权限",
	errs.NotFound: "没有找到", errs.Conflict: "现在不能这样做", errs.Stale: "内容已被别人修改", errs.TooLarge: "内容太大",
	errs.TooMany: "操作太频繁", errs.Unavailable: "系统忙",
}

// newNumber makes the number of a request: short enough to be told by telephone.
func newNumber() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base32.StdEncoding.EncodeToString(b[:])
}

// observe logs and counts a request. Neither path nor query is logged: they may
// hold what somebody searched for.
func (s *Site) observe(r *http.Request, out *recorder, started time.Time) {
	took := s.Now().Sub(started)
	number, _ := r.Context().Value(numberKey{}).(string)
	route := out.route
	if route == "" {
		route = "other"
	}
	s.metrics.observe(route, out.status, took)
	s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("request", number), slog.String("route", route),
		slog.String("method", r.Method), slog.Int("status", out.status), slog.Int64("bytes", out.bytes),
		slog.Duration("took", took), slog.String("user", out.user.String()))
}

// recorder notes what an answer was.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	route  string
	user   id.ID
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// find returns the recorder below writers that other packages wrapped around it.
func find(w http.ResponseWriter) *recorder {
	for {
		switch x := w.(type) {
		case *recorder:
			return x
		case interface{ Unwrap() http.ResponseWriter }:
			w = x.Unwrap()
		default:
			return &recorder{}
		}
	}
}

func name(w http.ResponseWriter, route string) { find(w).route = route }

func tag(w http.ResponseWriter, user id.ID) { find(w).user = user }
