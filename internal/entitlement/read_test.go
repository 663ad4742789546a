package entitlement

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/rules"
)

func scopeOf(at region.Code) access.Scope {
	return access.NewActor(7, "测试", "session", []access.Grant{{Role: access.Officer, Region: at}}, nil).Scope(access.EntitlementRead)
}

// town is a place with four people, two months on.
func town(t *testing.T, d *db.DB) (k *kit, old, young, poor, far id.ID) {
	t.Helper()
	k = newKit(t, d)
	k.publish(t, listing{name: "city", region: "1410", age: 80, fen: 100}, civil.New(2025, 1, 1))
	old = k.create(t, "141002001001", "1940-05-05", "lives_alone", "true", "ability", "severe")
	young = k.create(t, "141002001002", "1946-07-20", "lives_alone", "false", "left_behind", "false", "ability", "intact", "income", "none")
	poor = k.create(t, "141002001002", "1950-01-01", "lives_alone", "false", "income", "dibao")
	far = k.create(t, "141024001001", "1946-07-20", "lives_alone", "true")
	k.settle(t)
	return k, old, young, poor, far
}

func TestStanding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, old, young, poor, far := town(t, d)
		county := scopeOf("141002")
		s, err := k.Of(t.Context(), county, old)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Items) != 3 || s.Items[1].ID != "care" || s.Items[1].Result != rules.Yes || s.Items[1].Amount.N != 20000 || s.Items[1].Since != k.Today() {
			t.Errorf("got %+v", s.Items)
		}
		if tag := s.Tags[0]; tag.Tag.ID != "lives_alone" || tag.Result != rules.Yes || tag.Reason != "独居：是" {
			t.Errorf("got %+v", tag)
		}
		if s, err = k.Of(t.Context(), county, young); err != nil || s.Next != civil.New(2026, 7, 20) || len(s.Coming) != 1 || s.Coming[0].Item != "old-age" || s.Coming[0].Is != rules.Yes {
			t.Errorf("young: %+v, %v", s, err)
		}
		if s, err = k.Of(t.Context(), county, poor); err != nil || s.Items[1].Result != rules.Yes || s.Items[2].Result != rules.Unknown || !s.Items[2].Missing.Has(fact.LeftBehind) {
			t.Errorf("poor: %+v, %v", s, err)
		}
		if _, err = k.Of(t.Context(), county, far); !errs.Is(err, errs.NotFound) {
			t.Errorf("another county's: %v", err)
		}
		k.pass(60 * 24 * time.Hour)
		k.settle(t)
		if s, err = k.Of(t.Context(), county, young); err != nil || s.Items[0].Result != rules.Yes || s.Items[0].Since != civil.New(2026, 7, 20) || s.Items[1].Since != civil.New(2026, 6, 30) {
			t.Errorf("young, later: %+v, %v", s, err)
		}
		history, err := k.History(t.Context(), county, young)
		if err != nil || len(history) != 1 || history[0].Cause != ByAge || history[0].IsReason != "符合：年满 80 周岁（80 岁）" {
			t.Errorf("history %+v, %v", history, err)
		}
		if history, err = k.History(t.Context(), county, far); err != nil || len(history) != 0 {
			t.Errorf("another county's history %+v, %v", history, err)
		}
		told, err := k.Explain(t.Context(), city, young, "old-age", civil.New(2026, 7, 1), 0)
		if err != nil || told.Result != rules.No || told.Rule.Value != "79 岁" {
			t.Errorf("told %+v, %v", told, err)
		}
		if _, err = k.Explain(t.Context(), city, young, "bus", 0, 0); !errs.Is(err, errs.NotFound) {
			t.Errorf("an item that is not there: %v", err)
		}
		if _, err = k.Explain(t.Context(), access.Actor{}, young, "old-age", 0, 0); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestLists(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, old, young, poor, far := town(t, d)
		county := scopeOf("141002")
		soon, err := k.WillChange(t.Context(), scopeOf("1410"), 30, Foreseen{}, 1)
		if err != nil || len(soon) != 1 || soon[0].Person != young || len(soon[0].Coming) != 1 {
			t.Fatalf("%+v, %v", soon, err)
		}
		soon, err = k.WillChange(t.Context(), scopeOf("1410"), 30, soon[0], 0)
		if err != nil || len(soon) != 1 || soon[0].Person != far {
			t.Errorf("the next page: %+v, %v", soon, err)
		}
		if soon, err = k.WillChange(t.Context(), county, 19, Foreseen{}, 0); err != nil || len(soon) != 0 {
			t.Errorf("within 19 days: %+v, %v", soon, err)
		}
		open, err := k.Undecided(t.Context(), county, fact.LeftBehind, Open{}, 0)
		if err != nil || len(open) != 1 || open[0].Person != poor || !slices.Equal(open[0].Items, []string{"visit"}) {
			t.Errorf("undecided %+v, %v", open, err)
		}
		if open, err = k.Undecided(t.Context(), scopeOf("1410"), fact.Count, Open{Person: poor, Region: "141002001002"}, 0); err != nil || len(open) != 1 || open[0].Person != far {
			t.Errorf("the next page: %+v, %v", open, err)
		}
		plan, err := k.Planner(t.Context(), scopeOf("1410"))
		want := []Lack{
			{fact.LeftBehind, fact.LeftBehind.Def().Department, 1, 1},
			{fact.Income, fact.Income.Def().Department, 1, 0},
			{fact.Ability, fact.Ability.Def().Department, 1, 0},
		}
		if err != nil || !slices.Equal(plan, want) {
			t.Errorf("plan %+v, %v, want %+v", plan, err, want)
		}
		before := k.Today()
		k.pass(30 * 24 * time.Hour)
		k.settle(t)
		k.says(t, old, "lives_alone", "false")
		k.says(t, old, "left_behind", "false")
		k.settle(t)
		given, err := k.NewlyEntitled(t.Context(), county, List{Since: before, Item: "old-age"})
		if err != nil || len(given) != 1 || given[0].Person != young || *given[0].IsAmount != 10000 {
			t.Errorf("given %+v, %v", given, err)
		}
		if given, err = k.NewlyEntitled(t.Context(), county, List{Since: before, After: given[0].ID}); err != nil || len(given) != 0 {
			t.Errorf("after the last: %+v, %v", given, err)
		}
		lost, err := k.Lost(t.Context(), county, List{Since: before})
		if err != nil || len(lost) != 1 || lost[0].Person != old || lost[0].Item != "visit" || lost[0].Cause != ByFact {
			t.Errorf("lost %+v, %v", lost, err)
		}
		if lost, err = k.Lost(t.Context(), scopeOf("141034"), List{}); err != nil || len(lost) != 0 {
			t.Errorf("another county's: %+v, %v", lost, err)
		}
	})
}

func TestCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _, _, _, _ := town(t, d)
		for _, c := range []struct {
			scope, in region.Code
			want      []string
		}{
			{"1410", "1410", []string{"141002 3", "141024 1"}},
			{"141002", "1410", []string{"141002 3"}},
			{"1410", "141002001", []string{"141002001001 1", "141002001002 2"}},
			{"1410", "141002001002", []string{"141002001002 2"}},
			{"141034", "1410", nil},
		} {
			all, err := k.Counts(t.Context(), scopeOf(c.scope), c.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range all {
				if n.Kind == Everyone {
					got = append(got, fmt.Sprintf("%s %d", n.Region, n.Yes))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s sees of %s %v, want %v", c.scope, c.in, got, c.want)
			}
		}
		all, err := k.Counts(t.Context(), scopeOf("1410"), "1410")
		if err != nil || !slices.Contains(all, Count{"141002", OfItem, "care", 2, 0}) || !slices.Contains(all, Count{"141002", OfTag, Special, 1, 2}) {
			t.Errorf("got %+v, %v", all, err)
		}
	})
}
