// Package errs holds the kinds of failure that a person can be told of. An error
// of a kind carries a Chinese text that is safe to show; every other error is
// internal: it is logged and its text reaches nobody.
package errs

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind says what sort of failure it is; the HTTP layer makes a status of it.
type Kind int

// The kinds. The zero value is for errors that nobody foresaw.
const (
	Internal        Kind = iota
	Invalid              // the input is wrong; Fields may say where
	Unauthenticated      // nobody is signed in
	Denied               // signed in, without the permission
	NotFound             // it is not there, or lies outside the actor's scope
	Conflict             // the state does not allow it, or it exists already
	Stale                // somebody else changed it meanwhile
	TooLarge             // more than the server takes
	TooMany              // too often; wait
	Unavailable          // a part is missing for the moment
)

var statuses = [...]int{
	Internal: http.StatusInternalServerError, Invalid: http.StatusUnprocessableEntity,
	Unauthenticated: http.StatusUnauthorized, Denied: http.StatusForbidden, NotFound: http.StatusNotFound,
	Conflict: http.StatusConflict, Stale: http.StatusPreconditionFailed, TooLarge: http.StatusRequestEntityTooLarge,
	TooMany: http.StatusTooManyRequests, Unavailable: http.StatusServiceUnavailable,
}

// Status returns the HTTP status of the kind.
func (k Kind) Status() int { return statuses[k] }

// Field is what is wrong with one field of a form or of a JSON body.
type Field struct{ Name, Message string }

// Error is a failure that its reader can understand.
type Error struct {
	Kind    Kind
	Message string // Chinese: what is wrong and what to do
	Fields  []Field
	Err     error // the cause, for the log
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a kind with a Chinese text.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Because adds the cause, which is logged and not shown.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// KindOf returns the kind of the first Error in the chain; Internal if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Message returns the text to show.
func Message(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "系统出错了，操作没有完成。请稍后再试；如果仍不行，请把页面上的编号告诉管理员。"
}

// FieldsOf returns what is wrong by field.
func FieldsOf(err error) []Field {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

// Wrap puts English context before an error on its way out; use it deferred:
//
//	defer errs.Wrap(&err, "person %s: record", id)
//
// Never put personal data into it.
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf(format+": %w", append(args, *err)...)
	}
}

// Fields collects what is wrong with a form.
type Fields []Field

// Add notes one fault; an empty message is no fault.
func (f *Fields) Add(name, format string, args ...any) {
	if format != "" {
		*f = append(*f, Field{Name: name, Message: fmt.Sprintf(format, args...)})
	}
}

// Check notes an error as the fault of a field.
func (f *Fields) Check(name string, err error) {
	if err != nil {
		*f = append(*f, Field{Name: name, Message: Text(err)})
	}
}

// Err returns an Invalid error, or nil where there is no fault.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Message: "填写的内容有误，请按提示修改后再提交。", Fields: f}
}

// Text is what a value's parser says: its message if it has a kind, else its text.
// Parsers of values write Chinese.
func Text(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return err.Error()
}
