package messageweb_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/message"
	"yian/internal/messageweb"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui/uitest"
	"yian/internal/web"
	"yian/policies"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// users are who can sign in, by the number of their sign-in.
var users = map[id.ID]web.Identity{
	1: {Role: "乡镇经办", Actor: actor(1, "张三", access.TownWorker, "141002001")},
	2: {Role: "乡镇经办", Actor: actor(2, "李四", access.TownWorker, "141021001")},
	3: {Role: "领导", Actor: actor(3, "赵六", access.Leader, "1410")},
}

func actor(user id.ID, name string, role access.Role, at region.Code) access.Actor {
	return access.NewActor(user, name, "session", []access.Grant{{Role: role, Region: at}}, nil)
}

// accounts knows the users.
type accounts struct{}

// BySignIn implements web.Identifier.
func (accounts) BySignIn(_ context.Context, signIn id.ID) (web.Identity, error) {
	return users[signIn], nil
}

// ByToken implements web.Identifier.
func (accounts) ByToken(context.Context, string) (web.Identity, error) {
	return web.Identity{}, errs.New(errs.Unauthenticated, "令牌无效。")
}

func names(_ context.Context, ids []id.ID) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	for _, i := range ids {
		out[i] = users[i].Actor.Name
	}
	return out, nil
}

// gateway is never reached: the pages send nothing themselves.
type gateway struct{}

func (gateway) Send(context.Context, message.Outgoing) (string, error) {
	return "", &message.GatewayError{Reason: "没有网关。"}
}

// site is the pages of messages on a database of their own.
type site struct {
	*httptest.Server
	db       *db.DB
	trail    *audit.Log
	people   *person.Service
	messages *message.Service
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{db: dbtest.SQLite(t)}
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 11, 22, 1, 30, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	ids, log := id.NewMaker(now), slog.New(slog.DiscardHandler)
	s.trail = audit.New(s.db, keys, ids, now)
	queue := jobs.New(s.db, "test", log)
	s.people = person.New(person.Deps{DB: s.db, Audit: s.trail, Jobs: queue, Keys: keys, IDs: ids, Now: now, Log: log})
	templates, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	s.messages = message.New(message.Deps{
		DB: s.db, Audit: s.trail, Jobs: queue, Keys: keys, People: s.people, Templates: templates, Gateway: gateway{}, IDs: ids, Now: now, Log: log,
	})
	m := web.New(web.Config{
		DB: s.db, Templates: uitest.Templates(t, web.Views(), messageweb.Views()), Accounts: accounts{},
		Log: log, Now: time.Now, Lifetime: time.Hour, Below: region.Below,
	})
	(&messageweb.Pages{Messages: s.messages, Names: names}).Register(m)
	m.Handle("GET /sign/{in}", access.Public, func(r *web.Request) (web.Response, error) {
		r.Session.Put(r.Context(), web.SignInKey, r.PathValue("in"))
		return web.Redirect("/signed"), r.Session.Renew(r.Context())
	})
	m.Handle("GET /signed", access.SignedIn, func(r *web.Request) (web.Response, error) {
		return web.JSON(r.Actor.Name), nil
	})
	s.Server = httptest.NewServer(m.Handler())
	t.Cleanup(s.Close)
	return s
}

const (
	ownPhone = "13812345678"
	kinPhone = "13998765432"
)

// elder opens the file of somebody.
func (s *site) elder(t *testing.T, name string) *person.Person {
	t.Helper()
	facts := fact.Person{Residence: "141002001", Birth: civil.New(1940, 1, 15)}
	d := person.Draft{Name: name, Details: person.Details{
		Phones: []string{ownPhone}, Contacts: []person.Contact{{Name: "刘强", Relation: "儿子", Phone: kinPhone, Guardian: true}},
	}}
	p, err := s.people.Create(t.Context(), access.System("测试"), d, history.Town, facts, civil.New(2025, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// queue queues a message about a person.
func (s *site) queue(t *testing.T, p *person.Person, template string) id.ID {
	t.Helper()
	var n id.ID
	who := users[1].Actor
	err := s.trail.Write(t.Context(), who, audit.Action{Code: "test", Label: "测试"}, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		var err error
		n, _, err = s.messages.Queue(ctx, tx, who, message.Order{Person: p.ID, Template: template, Subject: "change:1", Values: message.Values{
			Item: "高龄津贴", Amount: "每月 50 元", Apply: "带身份证到村委会申请", Date: civil.New(2026, 12, 1), Office: "区民政局 0357-2012345",
		}})
		return audit.Change{Kind: "test"}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// become changes rows of messages as the job would.
func (s *site) become(t *testing.T, n id.ID, set string) {
	t.Helper()
	err := s.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw("UPDATE message SET "+set+" WHERE id = ?", n).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// browser is somebody signed in.
type browser struct {
	*site
	client *http.Client
}

func (s *site) as(t *testing.T, user int) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{s, &http.Client{Jar: jar}}
	b.want(t, fmt.Sprintf("/sign/%d", user), nil, 200)
	return b
}

// want asks for a page, or posts the form, and fails unless it has the status and texts,
// or if it shows a whole phone.
func (b *browser) want(t *testing.T, path string, form url.Values, status int, texts ...string) string {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	body := string(text)
	if res.StatusCode != status {
		t.Fatalf("%s: status %d, want %d\n%s", path, res.StatusCode, status, body)
	}
	for _, one := range texts {
		if !strings.Contains(body, one) {
			t.Errorf("%s lacks %q:\n%s", path, one, body)
		}
	}
	if strings.Contains(body, ownPhone) || strings.Contains(body, kinPhone) {
		t.Errorf("%s shows a whole phone", path)
	}
	return body
}

var anyID = regexp.MustCompile(`((?:persons|messages)/|id="m|before=)([0-9a-z]{9,13})\b`)

// golden compares what stands between the tags of main with what was looked at before.
// Numbers of rows are told by their order.
func golden(t *testing.T, name, body string) {
	t.Helper()
	_, rest, _ := strings.Cut(body, "<main")
	inside, _, _ := strings.Cut(rest, "</main>")
	seen := map[string]string{}
	got := anyID.ReplaceAllStringFunc("<main"+inside, func(s string) string {
		m := anyID.FindStringSubmatch(s)
		if seen[m[2]] == "" {
			seen[m[2]] = fmt.Sprintf("id%d", len(seen)+1)
		}
		return m[1] + seen[m[2]]
	})
	file := "testdata/" + name + ".golden.html"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s looks different; look at it and run with -update", file)
	}
}
