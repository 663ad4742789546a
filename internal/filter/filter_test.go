package filter_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/filter"
	"yian/internal/id"
	"yian/internal/secret"
)

func service(t *testing.T, d *db.DB) *filter.Service {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	ids := id.NewMaker(time.Now)
	return filter.New(d, audit.New(d, keys, ids, time.Now), ids)
}

func clerk(user id.ID) access.Actor {
	return access.NewActor(user, "测试", "session", []access.Grant{{Role: access.Officer, Region: "1410"}}, nil)
}

// names lists what a user keeps as name=query.
func names(t *testing.T, s *filter.Service, user id.ID) (out []string) {
	t.Helper()
	kept, err := s.Of(t.Context(), clerk(user))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range kept {
		out = append(out, f.Name+"="+f.Query)
	}
	return out
}

func TestFiltersAreOnesOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		keep := func(user id.ID, name, query string) {
			t.Helper()
			if err := s.Keep(t.Context(), clerk(user), name, query); err != nil {
				t.Fatal(err)
			}
		}
		keep(1, "高龄", "age_from=80")
		keep(1, "独居", "lives_alone=true")
		keep(1, " 高龄 ", "age_from=90")
		keep(2, "高龄", "age_from=85")
		if got := names(t, s, 1); !slices.Equal(got, []string{"独居=lives_alone=true", "高龄=age_from=90"}) {
			t.Errorf("user 1 keeps %v", got)
		}
		kept, err := s.Of(t.Context(), clerk(2))
		if err != nil || len(kept) != 1 {
			t.Fatalf("user 2 keeps %v (%v)", kept, err)
		}
		if err := s.Drop(t.Context(), clerk(1), kept[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := names(t, s, 2); len(got) != 1 {
			t.Error("somebody else dropped it")
		}
		if err := s.Drop(t.Context(), clerk(2), kept[0].ID); err != nil || len(names(t, s, 2)) != 0 {
			t.Errorf("it was not dropped (%v)", err)
		}
	})
}

func TestKeepRefuses(t *testing.T) {
	s := service(t, dbtest.SQLite(t))
	if err := s.Keep(t.Context(), clerk(1), " ", "x=1"); !errs.Is(err, errs.Invalid) {
		t.Errorf("a search without a name: %v", err)
	}
	if err := s.Keep(t.Context(), access.Actor{}, "甲", "x=1"); !errs.Is(err, errs.Unauthenticated) {
		t.Errorf("nobody keeps a search: %v", err)
	}
	for i := range 50 {
		if err := s.Keep(t.Context(), clerk(1), fmt.Sprint(i), "x=1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Keep(t.Context(), clerk(1), "第五十一个", "x=1"); !errs.Is(err, errs.Conflict) {
		t.Errorf("the 51st: %v", err)
	}
	if err := s.Keep(t.Context(), clerk(1), "49", "x=2"); err != nil {
		t.Errorf("replacing one of fifty: %v", err)
	}
}
