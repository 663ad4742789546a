package policy

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/policies"
)

type kit struct {
	*Service
	clock     time.Time
	published []id.ID // what OnPublish was told
}

// texts returns the list of a built-in pack and its test people.
func texts(p *pack.Pack) (list, tests []byte, err error) {
	if list, err = fs.ReadFile(policies.FS, path.Join(p.Place, "list.yaml")); err != nil {
		return nil, nil, err
	}
	files, err := fs.Glob(policies.FS, path.Join(p.Place, "tests", "*.yaml"))
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		text, err := fs.ReadFile(policies.FS, f)
		if err != nil {
			return nil, nil, err
		}
		tests = append(append(tests, bytes.TrimSpace(text)...), '\n')
	}
	return list, tests, nil
}

// newKit makes the service with some of the built-in lists: without any named, those of
// the nation and of Linfen.
func newKit(t testing.TB, d *db.DB, places ...string) *kit {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{clock: time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return k.clock }
	ids := id.NewMaker(now)
	k.Service = New(Deps{DB: d, Audit: audit.New(d, keys, ids, now), Keys: keys, IDs: ids, Now: now, Log: slog.New(slog.DiscardHandler)})
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	if len(places) == 0 {
		places = []string{"national", "linfen"}
	}
	var packs []*pack.Pack
	for _, place := range places {
		p, _ := lib.Find(place)
		packs = append(packs, p)
	}
	for range 2 { // the second time there is nothing to add
		if err := k.Seed(t.Context(), packs, texts); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func actor(user id.ID, at region.Code, roles ...access.Role) access.Actor {
	var grants []access.Grant
	for _, r := range roles {
		grants = append(grants, access.Grant{Role: r, Region: at})
	}
	return access.NewActor(user, "测试", "session", grants, nil)
}

var (
	author       = actor(1, "1410", access.Author)
	second       = actor(2, "1410", access.Author)
	approver     = actor(3, "1410", access.Approver)
	both         = actor(1, "1410", access.Approver)
	county       = actor(4, "141002", access.Author)
	countyHead   = actor(5, "141002", access.Approver)
	other        = actor(6, "141024", access.Author)
	nobody       = access.Actor{}
	today        = civil.New(2026, 6, 30)
	linfen       = "linfen-2023"
	theTown      = region.Code("141002001")
	elsewhere    = region.Code("141024001")
	ofCity       = author.Scope(access.PolicyRead)
	ofCounty     = county.Scope(access.PolicyRead)
	ofNeighbours = other.Scope(access.PolicyRead)
)

func want(t testing.TB, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v, want kind %d", err, kind)
	}
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			for _, f := range errs.FieldsOf(err) {
				t.Logf("%s: %s", f.Name, f.Message)
			}
			t.Fatal(err)
		}
		return v
	}
}

// release takes a draft through review to the day from which it rules.
func (k *kit) release(t testing.TB, v *Version, by, head access.Actor, from civil.Date) *Version {
	t.Helper()
	ok := must[*Version](t)
	v = ok(k.Submit(t.Context(), by, v.ID, v.Version, "请审"))
	v = ok(k.Approve(t.Context(), head, v.ID, v.Version, "同意"))
	return ok(k.Publish(t.Context(), head, v.ID, v.Version, from, "发布"))
}

// replace changes a text in one place.
func replace(t testing.TB, text, old, with string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q occurs %d times", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, with, 1)
}
