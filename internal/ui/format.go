package ui

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"yian/internal/civil"
	"yian/internal/money"
)

// Unknown is what stands where nothing is known.
const Unknown = "—"

// Date returns a day as it is shown: 2026-11-22.
func Date(d civil.Date) string {
	if d.IsZero() {
		return Unknown
	}
	return d.String()
}

// Instant returns an instant as it is shown, in Beijing time: 2026-11-22 15:04.
func Instant[T time.Time | civil.Instant](t T) string {
	s, _ := instant(t) // the types are those that it takes
	return s
}

// instant is Instant for templates, which have no type parameters.
func instant(t any) (string, error) {
	var i civil.Instant
	switch t := t.(type) {
	case civil.Instant:
		i = t
	case time.Time:
		i = civil.At(t)
	default:
		return "", fmt.Errorf("instant: %T is not an instant", t)
	}
	if i.IsZero() {
		return Unknown, nil
	}
	return i.Beijing().Format("2006-01-02 15:04"), nil
}

// Yuan returns an amount as it is shown: 1,846.20.
func Yuan(f money.Fen) string {
	s := f.String()
	if !strings.Contains(s, ".") {
		s += ".00"
	}
	return group(s)
}

// Number returns a whole number as it is shown: 128,406.
func Number[T ~int | ~int32 | ~int64](n T) string { return group(strconv.FormatInt(int64(n), 10)) }

// number is Number for templates, which have no type parameters.
func number(n any) (string, error) {
	v := reflect.ValueOf(n)
	if !v.CanInt() {
		return "", fmt.Errorf("number: %T is not a whole number", n)
	}
	return Number(v.Int()), nil
}

// group puts a comma between every three digits before the point.
func group(s string) string {
	sign, digits := "", s
	if strings.HasPrefix(s, "-") {
		sign, digits = "-", s[1:]
	}
	whole, fraction, point := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if point {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}

// Query returns the address with some parameters of its query set; an empty value
// takes the parameter away: Query("/persons?name=王", "after", "42").
func Query(address string, pairs ...string) (string, error) {
	if len(pairs)%2 != 0 {
		return "", errors.New("query: a name without a value")
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("query: not an address") // its text may hold a name
	}
	q := u.Query()
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}
