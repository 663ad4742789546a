package history

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"yian/internal/fact"
)

// AppendJSON appends the facts as a JSON object of vocabulary names and values, in the
// order of the vocabulary; null withdraws. No name or value needs escaping.
func (f *Facts) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	for i, id := range f.Held().IDs() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, id.String()...)
		b = append(b, `":`...)
		if f.Withdrawn.Has(id) {
			b = append(b, "null"...)
			continue
		}
		b = append(b, '"')
		if id == fact.Birth {
			b = f.Person.Birth.Append(b)
		} else {
			b = append(b, f.Person.Text(id)...)
		}
		b = append(b, '"')
	}
	return append(b, '}')
}

// MarshalJSON writes what AppendJSON writes.
func (f Facts) MarshalJSON() ([]byte, error) { return f.AppendJSON(nil), nil }

var errForm = errors.New("history: facts are not in the form that the product writes")

// UnmarshalJSON reads what AppendJSON wrote, spaces between the parts allowed. What has
// another form, an unknown name or a value that the fact does not have is an error.
func (f *Facts) UnmarshalJSON(b []byte) error {
	*f = Facts{}
	b, ok := skip(b, '{')
	if !ok {
		return errForm
	}
	for first := true; ; first = false {
		rest, done := skip(b, '}')
		if done {
			if len(bytes.TrimSpace(rest)) > 0 {
				return errForm
			}
			return nil
		}
		if !first {
			if b, ok = skip(b, ','); !ok {
				return errForm
			}
		}
		var err error
		if b, err = f.member(b); err != nil {
			return err
		}
	}
}

// member reads one name and value and returns what follows.
func (f *Facts) member(b []byte) ([]byte, error) {
	name, b, ok := text(b)
	if !ok {
		return nil, errForm
	}
	id, known := fact.ByName(string(name))
	if !known || f.Held().Has(id) {
		return nil, fmt.Errorf("history: fact %q is unknown or comes twice", name)
	}
	if b, ok = skip(b, ':'); !ok {
		return nil, errForm
	}
	b = bytes.TrimLeft(b, " \t\r\n")
	if rest, null := bytes.CutPrefix(b, []byte("null")); null {
		f.Withdraw(id)
		return rest, nil
	}
	value, b, ok := text(b)
	if !ok {
		return nil, errForm
	}
	if err := f.State(id, string(value)); err != nil {
		return nil, fmt.Errorf("history: %s: %w", id, err)
	}
	if !f.Stated.Has(id) {
		return nil, fmt.Errorf("history: %s is stated without a value", id)
	}
	return b, nil
}

// skip removes one character and the space before it.
func skip(b []byte, c byte) ([]byte, bool) {
	b = bytes.TrimLeft(b, " \t\r\n")
	if len(b) == 0 || b[0] != c {
		return b, false
	}
	return b[1:], true
}

// text reads a string without escapes.
func text(b []byte) (s, rest []byte, ok bool) {
	b, ok = skip(b, '"')
	end := bytes.IndexByte(b, '"')
	if !ok || end < 0 || slices.ContainsFunc(b[:end], func(c byte) bool { return c < ' ' || c == '\\' }) {
		return nil, nil, false
	}
	return b[:end], b[end+1:], true
}
