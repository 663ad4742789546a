package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/ui"
)

// Handler answers a request. What it returns as an error is told by its kind.
type Handler func(*Request) (Response, error)

// Request is a request with who makes it.
type Request struct {
	*http.Request

	Actor access.Actor
	// Region is what the actor chose in the region switch; it lies in one of his
	// regions. Lists start there.
	Region  region.Code
	Session *Session

	identity Identity
	site     *Site
	number   string // of the request, for people to tell
}

// Scope returns where the actor has the permission, narrowed to the chosen region.
func (r *Request) Scope(p access.Permission) access.Scope {
	return r.Actor.Scope(p).Narrow(r.Region)
}

// ID reads the number of a row from the path. A wrong one is not found.
func (r *Request) ID(name string) (id.ID, error) {
	v, err := id.Parse(r.PathValue(name))
	if err != nil {
		return 0, NotFound()
	}
	return v, nil
}

// Value returns a value of the form or the query, without spaces around it.
func (r *Request) Value(name string) string { return strings.TrimSpace(r.FormValue(name)) }

// Back returns the page of this site that the form was sent from, or another.
func (r *Request) Back(other string) string { return local(r.FormValue("back"), other) }

// HTMX reports whether a script asks for a part of the page.
func (r *Request) HTMX() bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}

// NotFound is the answer for what is not there or lies outside one's scope.
func NotFound() error {
	return errs.New(errs.NotFound, "没有找到。可能已被合并或删除，或不在您的管理范围内。")
}

// Response is written when a handler has returned without an error.
type Response interface {
	respond(w http.ResponseWriter, r *Request) error
}

type pageResponse struct {
	name string
	page ui.Page
}

// Page renders a page inside the shell.
func Page(name string, page ui.Page) Response { return pageResponse{name, page} }

func (p pageResponse) respond(w http.ResponseWriter, r *Request) error {
	frame := p.page.UIFrame()
	r.site.frame(r, frame)
	var b bytes.Buffer
	if err := r.site.Templates.Render(&b, p.name, p.page); err != nil {
		return err
	}
	r.Session.shown(r.Context(), frame.Status)
	return html(w, frame.Status, &b)
}

// Again shows a form once more with what is wrong. Only errors of which the user
// can mend something are shown so; others are returned.
func Again(name string, page ui.Page, form *ui.Form, err error) (Response, error) {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.Stale, errs.TooMany, errs.TooLarge:
		form.Fail(err)
		page.UIFrame().Status = errs.KindOf(err).Status()
		return Page(name, page), nil
	default:
		return nil, err
	}
}

type partResponse struct {
	render func(t *ui.Templates, w io.Writer) error
}

// Component renders a component of the shell alone: a progress, a region select.
func Component(name string, data any) Response {
	return partResponse{func(t *ui.Templates, w io.Writer) error { return t.RenderComponent(w, name, data) }}
}

func (p partResponse) respond(w http.ResponseWriter, r *Request) error {
	var b bytes.Buffer
	if err := p.render(r.site.Templates, &b); err != nil {
		return err
	}
	return html(w, http.StatusOK, &b)
}

func html(w http.ResponseWriter, status int, b *bytes.Buffer) error {
	if status == 0 {
		status = http.StatusOK
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the browser may have gone
	return nil
}

type redirect struct {
	url    string
	toasts []ui.Toast
}

// Redirect sends the browser to a page of this site after something was done, with
// messages that are shown there.
func Redirect(url string, toasts ...ui.Toast) Response { return redirect{url, toasts} }

// Done is a message that something was done.
func Done(format string, args ...any) ui.Toast {
	return ui.Toast{Tone: ui.Success, Text: fmt.Sprintf(format, args...)}
}

func (x redirect) respond(w http.ResponseWriter, r *Request) error {
	r.Session.Flash(r.Context(), x.toasts...)
	if r.HTMX() {
		w.Header().Set("HX-Redirect", x.url)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r.Request, x.url, http.StatusSeeOther)
	return nil
}

type jsonResponse struct{ value any }

// JSON answers with a value.
func JSON(value any) Response { return jsonResponse{value} }

func (j jsonResponse) respond(w http.ResponseWriter, _ *Request) error {
	b, err := json.Marshal(j.value)
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(b)
	return nil
}

// File is a file to be saved, or shown where Inline is set.
type File struct {
	Name, Type string
	Content    io.ReadCloser // closed after sending
	Inline     bool
}

func (f File) respond(w http.ResponseWriter, r *Request) error {
	defer f.Content.Close() //nolint:errcheck // it was only read
	how := "attachment"
	if f.Inline {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "no-store")
	if _, err := io.Copy(w, f.Content); err != nil && r.Context().Err() == nil {
		return fmt.Errorf("web: send file: %w", err)
	}
	return nil
}

// Download makes a File of content in memory.
func Download(name, mediaType string, content []byte) File {
	return File{Name: name, Type: mediaType, Content: io.NopCloser(bytes.NewReader(content))}
}

// Upload returns the file of a form's field; ok is false where none was chosen.
// The route must be registered with [Body] for more than the ordinary size.
func (r *Request) Upload(field string) (file io.ReadCloser, name string, ok bool, err error) {
	f, header, err := r.FormFile(field)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		return nil, "", false, nil
	case errors.As(err, &tooLarge):
		return nil, "", false, errs.New(errs.TooLarge, "文件太大，最多 %d MB。", tooLarge.Limit>>20)
	case err != nil:
		return nil, "", false, errs.New(errs.Invalid, "文件没有传完，请重新上传。").Because(err)
	}
	return f, header.Filename, true, nil
}

// local keeps a redirection on this site.
func local(url, other string) string {
	if !strings.HasPrefix(url, "/") || strings.HasPrefix(url, "//") || strings.HasPrefix(url, "/\\") || strings.ContainsAny(url, "\r\n\t") {
		return other
	}
	return url
}
