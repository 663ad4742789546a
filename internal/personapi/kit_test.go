package personapi_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/citizenid"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/personapi"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
)

// accounts makes an actor of a token "role@region".
type accounts struct{}

func (accounts) BySignIn(context.Context, id.ID) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "请先登录。")
}

func (accounts) ByToken(_ context.Context, token string) (web.Identity, error) {
	role, at, ok := strings.Cut(token, "@")
	if _, known := access.Role(role).Info(); !ok || !known {
		return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
	}
	user := id.ID(1)
	for _, c := range token {
		user = user*31%1_000_003 + id.ID(c)
	}
	return web.Identity{Actor: access.NewActor(user, token, "token", []access.Grant{{Role: access.Role(role), Region: region.Code(at)}}, nil)}, nil
}

// The actors of these tests.
const (
	city    = "officer@1410"
	county  = "officer@141002"
	sibling = "officer@141024"
	feed    = "feed@1410"
)

// site is a register behind its interface, with a clock that goes on by itself, so
// that no test calls too often.
type site struct {
	t       testing.TB
	db      *db.DB
	handler http.Handler
	mux     *web.Mux
	people  *person.Service
	ticks   atomic.Int64
}

func (s *site) now() time.Time {
	return time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC).Add(time.Duration(s.ticks.Load()) * 100 * time.Millisecond)
}

func open(t testing.TB, d *db.DB) *site {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, db: d}
	ids := id.NewMaker(s.now)
	quiet := slog.New(slog.DiscardHandler)
	s.people = person.New(person.Deps{
		DB: d, Audit: audit.New(d, keys, ids, s.now), Keys: keys, IDs: ids, Now: s.now, Log: quiet,
		OnChange: []func(context.Context, db.Tx, []id.ID) error{personapi.Carried},
	})
	s.mux = web.New(web.Config{
		DB: d, Templates: uitest.Templates(t, web.Views()), Accounts: accounts{}, Log: quiet, Now: s.now,
		Lifetime: time.Hour, Below: region.Below, Sealer: keys,
	})
	personapi.Register(s.mux, s.people)
	s.handler = s.mux.Handler()
	return s
}

// answer is what an operation answered.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// call calls an operation. body is JSON text or a value.
func (s *site) call(token, method, path string, body any, headers ...string) answer {
	s.t.Helper()
	s.ticks.Add(1)
	text, ok := body.(string)
	if !ok && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		text = string(b)
	}
	req := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(text))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	res := w.Result()
	defer res.Body.Close() //nolint:errcheck // it was only read
	all, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{s.t, res.StatusCode, res.Header, string(all)}
}

// want fails unless the status is right and the body holds the texts.
func (a answer) want(status int, texts ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("the answer lacks %q: %s", text, a.body)
		}
	}
	return a
}

// lacks fails if the body holds one of the texts.
func (a answer) lacks(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			a.t.Errorf("the answer holds %q: %s", text, a.body)
		}
	}
	return a
}

// as reads the body.
func as[T any](a answer) (v T) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
	return v
}

// number makes an identity number of seventeen digits.
func number(seventeen string) string { return seventeen + string(citizenid.Checksum(seventeen)) }

// Two women born 1940-01-15.
var (
	wang = number("14100219400115002")
	zhao = number("14100219400115004")
)

// object is JSON that a test writes.
type object = map[string]any

// draft is a person of 141002001.
func draft(name, number string) object {
	d := object{
		"name": name, "number": number, "phones": []string{"13812345678"}, "address": "解放路甲 1 号",
		"contacts": []object{{"name": "李明", "relation": "子女", "phone": "13798765432", "guardian": true}},
		"source":   "town", "from": "2024-01-01", "facts": object{"residence": "141002001", "income": "none"},
	}
	if number == "" {
		delete(d, "number")
	}
	return d
}

// create opens a file and returns it.
func (s *site) create(name, number string) personapi.PersonFile {
	s.t.Helper()
	return as[personapi.PersonFile](s.call(city, "POST", "/api/v1/persons", draft(name, number)).want(201))
}

// count counts the rows of a table.
func (s *site) count(table string) (n int) {
	s.t.Helper()
	if err := s.db.NewRaw("SELECT count(*) FROM "+table).Scan(s.t.Context(), &n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// entries counts the entries of an action on the trail.
func (s *site) entries(action string) int {
	s.t.Helper()
	all, err := s.people.Audit.Entries(s.t.Context(), access.System("测试").Scope(access.AuditRead), audit.Query{Action: action, Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(all)
}
