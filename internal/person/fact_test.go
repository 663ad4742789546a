package person

import (
	"slices"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
)

// income returns what held on a day as known at a moment.
func (k *kit) income(t testing.TB, person id.ID, on string, known civil.Instant) string {
	t.Helper()
	s, err := k.AsOf(t.Context(), city, person, day(t, on), known)
	if err != nil {
		t.Fatal(err)
	}
	return s.Person.Text(fact.Income)
}

func TestKnownThenAndKnownNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		k.says(t, p.ID, history.Aid, "2026-01-01", "income", "dibao")
		may := k.now() + 10 // records of one moment are a microsecond apart
		k.clock = k.clock.AddDate(0, 1, 0)
		out := k.says(t, p.ID, history.Aid, "2026-03-01", "income", "edge") // it had changed long before
		if !slices.Equal(out.Changed, []fact.ID{fact.Income}) {
			t.Errorf("changed %v", out.Changed)
		}
		for _, tc := range []struct {
			on    string
			known civil.Instant
			want  string
		}{
			{"2025-12-31", 0, ""}, {"2026-02-28", 0, "dibao"}, {"2026-03-01", 0, "edge"}, {"2026-04-01", may, "dibao"}, {"2026-04-01", may - 1e6, ""},
		} {
			if got := k.income(t, p.ID, tc.on, tc.known); got != tc.want {
				t.Errorf("on %s as known at %s the income is %q, want %q", tc.on, tc.known, got, tc.want)
			}
		}
		k.verified(t)
	})
}

func TestCorrectEndAndWithdraw(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		ctx := t.Context()
		first := k.says(t, p.ID, history.Aid, "2025-01-01", "income", "dibao").Record
		income := []fact.ID{fact.Income}

		out, err := k.Correct(ctx, county, p.ID, first, Statement{From: day(t, "2025-02-01"), Evidence: "批文日期有误", Facts: map[fact.ID]string{fact.Income: "tekun"}})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := k.income(t, p.ID, "2025-01-15", 0), k.income(t, p.ID, "2025-02-01", 0); a != "" || b != "tekun" {
			t.Errorf("corrected, the income is %q and then %q", a, b)
		}
		_, err = k.Correct(ctx, county, p.ID, first, Statement{From: day(t, "2025-02-01"), Facts: map[fact.ID]string{fact.Income: "none"}})
		want(t, err, errs.Conflict, "")
		_, err = k.Correct(ctx, county, p.ID, out.Record, Statement{From: day(t, "2025-02-01"), Facts: map[fact.ID]string{fact.Dementia: "true"}})
		want(t, err, errs.Conflict, "")
		_, err = k.Correct(ctx, county, p.ID, 4711, Statement{From: day(t, "2025-02-01"), Facts: map[fact.ID]string{fact.Income: "none"}})
		want(t, err, errs.NotFound, "")

		for on, field := range map[civil.Date]string{0: "on", day(t, "2025-02-01"): "on"} {
			_, err = k.End(ctx, county, p.ID, out.Record, income, on, "")
			want(t, err, errs.Invalid, field)
		}
		_, err = k.End(ctx, county, p.ID, out.Record, nil, day(t, "2025-06-01"), "")
		want(t, err, errs.Invalid, "facts")
		ended, err := k.End(ctx, county, p.ID, out.Record, income, day(t, "2025-06-01"), "退出特困")
		if err != nil {
			t.Fatal(err)
		}
		if a, b := k.income(t, p.ID, "2025-05-31", 0), k.income(t, p.ID, "2025-06-01", 0); a != "tekun" || b != "" || !slices.Equal(ended.Changed, income) {
			t.Errorf("ended, the income is %q and then %q (changed %v)", a, b, ended.Changed)
		}
		if _, err := k.Withdraw(ctx, county, p.ID, ended.Record, income, "登记错人"); err != nil {
			t.Fatal(err)
		}
		if got := k.income(t, p.ID, "2025-05-31", 0); got != "" {
			t.Errorf("withdrawn, the income is %q", got)
		}
		recs, err := k.History(ctx, county, p.ID)
		if err != nil || len(recs) != 6 {
			t.Errorf("there are %d records (%v)", len(recs), err)
		}
		_, err = k.Withdraw(ctx, county, p.ID, recs[0].ID, []fact.ID{fact.Birth}, "")
		want(t, err, errs.Conflict, "") // the number says it

		// What was corrected is not undone by who sends the former statement again.
		again := incoming(t, "王桂兰", wang, history.Aid, "2025-01-01", "residence", "141002001", "income", "dibao")
		k.bring(t, county, again)
		if got := k.show(t, p.ID).Facts.Text(fact.Income); got != "" {
			t.Errorf("sent again, the income is %q", got)
		}
		k.verified(t)
	})
}

func TestRecordRefuses(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t))
	p := k.create(t, "王桂兰", wang, "disability_kind", "none")
	on := day(t, "2025-01-01")
	for _, tc := range []struct {
		name  string
		actor access.Actor
		st    Statement
		kind  errs.Kind
		field string
	}{
		{"nothing", city, Statement{Source: history.Town, From: on}, errs.Invalid, "facts"},
		{"no source", city, Statement{From: on, Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "source"},
		{"what only the number says", city, Statement{Source: history.Document, From: on, Facts: map[fact.ID]string{fact.Birth: "1940-01-15"}}, errs.Invalid, "source"},
		{"what only a decision says", city, Statement{Source: history.Settled, From: on, Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "source"},
		{"no day", city, Statement{Source: history.Town, Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "from"},
		{"a day out of the book", city, Statement{Source: history.Town, From: day(t, "0025-01-01"), Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "from"},
		{"an end before the beginning", city, Statement{Source: history.Town, From: on, To: on, Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "to"},
		{"no value", city, Statement{Source: history.Town, From: on, Facts: map[fact.ID]string{fact.Income: " "}}, errs.Invalid, "income"},
		{"an unknown value", city, Statement{Source: history.Town, From: on, Facts: map[fact.ID]string{fact.Income: "rich"}}, errs.Invalid, "income"},
		{"another birth than the number's", city, Statement{Source: history.Police, From: on, Facts: map[fact.ID]string{fact.Birth: "1941-01-15"}}, errs.Invalid, "birth"},
		{"what cannot be with the rest", city, Statement{Source: history.Disabled, From: on, Facts: map[fact.ID]string{fact.DisabilityGrade: "2"}}, errs.Invalid, "disability_grade"},
		{"before the birth", city, Statement{Source: history.Town, From: day(t, "1940-01-14"), Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "from"},
		{"an end before the birth", city, Statement{Source: history.Town, From: day(t, "1939-01-01"), To: day(t, "1940-01-15"), Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "to"},
		{"far ahead", city, Statement{Source: history.Town, From: day(t, "2027-07-01"), Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Invalid, "from"},
		{"a birth to come, of a lower source", city, Statement{Source: history.Town, From: on, Facts: map[fact.ID]string{fact.Birth: "2050-01-01"}}, errs.Invalid, "birth"},
		{"before the birth that it states", city, Statement{Source: history.Town, From: on, Facts: map[fact.ID]string{fact.Birth: "2025-01-02"}}, errs.Invalid, "from"},
		{"without the right", actor(access.DutyDesk, "1410"), Statement{Source: history.Town, From: on, Facts: map[fact.ID]string{fact.Income: "none"}}, errs.Denied, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := k.Record(t.Context(), tc.actor, p.ID, tc.st)
			want(t, err, tc.kind, tc.field)
		})
	}
	if recs, err := k.History(t.Context(), city, p.ID); err != nil || len(recs) != 2 {
		t.Errorf("there are %d records (%v)", len(recs), err)
	}
}

// TestNothingIsStatedOfDaysAfterDeath closes a file and states, ends and brings something.
func TestNothingIsStatedOfDaysAfterDeath(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t))
	p := k.create(t, "王桂兰", wang)
	old := k.says(t, p.ID, history.Town, "2025-01-01", "dementia", "true")
	if err := k.SetState(t.Context(), city, p.ID, k.show(t, p.ID).Version, Deceased, day(t, "2026-03-01"), history.Town, ""); err != nil {
		t.Fatal(err)
	}
	st := Statement{Source: history.Town, From: day(t, "2026-03-02"), Facts: map[fact.ID]string{fact.Dementia: "false"}}
	_, err := k.Record(t.Context(), city, p.ID, st)
	want(t, err, errs.Invalid, "from")
	_, err = k.Correct(t.Context(), city, p.ID, old.Record, st)
	want(t, err, errs.Invalid, "from")
	told, err := k.Hear(t.Context(), city, []Told{{Number: number(wang), Statement: st}})
	if err != nil || told[0].Result != Rejected {
		t.Fatalf("heard %+v (%v)", told, err)
	}
	want(t, told[0].Err, errs.Invalid, "from")
	st.From--
	if _, err := k.Record(t.Context(), city, p.ID, st); err != nil {
		t.Errorf("of the day itself: %v", err)
	}
}

func TestConflictsAreSettled(t *testing.T) {
	for name, tc := range map[string]struct {
		accept bool
		state  ConflictState
		income string
	}{
		"kept":     {false, ConflictKept, "dibao"},
		"accepted": {true, ConflictAccepted, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newKit(t, d)
				p := k.create(t, "王桂兰", wang)
				ctx := t.Context()
				held := k.says(t, p.ID, history.Aid, "2025-01-01", "income", "dibao").Record
				out := k.says(t, p.ID, history.Town, "2025-03-01", "income", "none")
				if len(out.Changed) != 0 || !slices.Equal(out.Conflicts, []fact.ID{fact.Income}) {
					t.Errorf("the lower source changed %v and is in conflict about %v", out.Changed, out.Conflicts)
				}
				open, err := k.Conflicts(ctx, county.Scope(access.PersonRead), 0, 10)
				if err != nil || len(open) != 1 {
					t.Fatalf("open are %+v (%v)", open, err)
				}
				c := open[0]
				if c.Held.ID != held || c.Claimed.ID != out.Record || c.Fact != fact.Income || c.Name != "王桂兰" {
					t.Errorf("the conflict is %+v", c)
				}
				if n, err := k.CountConflicts(ctx, county.Scope(access.PersonRead)); n != 1 || err != nil {
					t.Errorf("%d are open (%v)", n, err)
				}
				want(t, k.Settle(ctx, county, c.ID, c.Version, tc.accept, " "), errs.Invalid, "note")
				want(t, k.Settle(ctx, actor(access.VillageWorker, "141002001"), c.ID, c.Version, tc.accept, "核实"), errs.Denied, "")
				want(t, k.Settle(ctx, county, c.ID, c.Version+1, tc.accept, "核实"), errs.Stale, "")
				if err := k.Settle(ctx, county, c.ID, c.Version, tc.accept, "入户核实"); err != nil {
					t.Fatal(err)
				}
				want(t, k.Settle(ctx, county, c.ID, c.Version, tc.accept, "再核"), errs.Stale, "")
				if got := k.show(t, p.ID).Facts.Text(fact.Income); got != tc.income {
					t.Errorf("the income is %s", got)
				}
				settled, err := k.Conflict(ctx, county.Scope(access.PersonRead), c.ID)
				if err != nil || settled.State != tc.state || settled.Note != "入户核实" || settled.SettledBy != county.User {
					t.Errorf("the conflict is %+v (%v)", settled, err)
				}
				// The claim again is answered already; a later one is not.
				k.bring(t, county, incoming(t, "王桂兰", wang, history.Town, "2025-03-01", "residence", "141002001", "income", "none"))
				if n, err := k.CountConflicts(ctx, county.Scope(access.PersonRead)); n != 0 || err != nil {
					t.Errorf("%d are open again (%v)", n, err)
				}
				k.clock = k.clock.Add(time.Hour)
				if out := k.says(t, p.ID, history.Town, "2025-09-01", "income", "rigid"); len(out.Conflicts) != 1 {
					t.Errorf("a later claim is in conflict about %v", out.Conflicts)
				}
				k.verified(t)
			})
		})
	}
}

func TestConflictsGoWhenSourcesAgree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		k.says(t, p.ID, history.Aid, "2025-01-01", "income", "dibao")
		k.says(t, p.ID, history.Town, "2025-03-01", "income", "none")
		open, err := k.ConflictsOf(t.Context(), everywhere, p.ID)
		if err != nil || len(open) != 1 {
			t.Fatalf("open are %+v (%v)", open, err)
		}
		k.says(t, p.ID, history.Aid, "2025-04-01", "income", "none")
		c, err := k.Conflict(t.Context(), everywhere, open[0].ID)
		if err != nil || c.State != ConflictGone {
			t.Errorf("the conflict is %+v (%v)", c, err)
		}
	})
}

func TestFactsTurnWithTheDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		ctx := t.Context()
		_, err := k.Record(ctx, county, p.ID, Statement{
			Source: history.Aid, From: day(t, "2026-07-02"), To: day(t, "2026-07-05"), Facts: map[fact.ID]string{fact.Income: "rigid"},
		})
		if err != nil {
			t.Fatal(err)
		}
		k.says(t, p.ID, history.Town, "2026-07-03", "income", "none")
		type state struct {
			income    string
			turn      string
			conflicts int
		}
		for _, tc := range []struct {
			day  time.Time
			want state
		}{
			{time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC), state{"", "2026-07-02", 0}},
			{time.Date(2026, 7, 1, 15, 0, 0, 0, time.UTC), state{"", "2026-07-02", 0}},
			{time.Date(2026, 7, 1, 16, 0, 0, 0, time.UTC), state{"rigid", "2026-07-03", 0}}, // midnight in Beijing
			{time.Date(2026, 7, 3, 9, 0, 0, 0, time.UTC), state{"rigid", "2026-07-05", 1}},
			{time.Date(2026, 7, 9, 9, 0, 0, 0, time.UTC), state{"none", "", 0}},
		} {
			k.clock = tc.day
			if _, err := k.TurnSome(ctx); err != nil {
				t.Fatal(err)
			}
			got := k.show(t, p.ID)
			n, err := k.CountConflicts(ctx, everywhere)
			if err != nil {
				t.Fatal(err)
			}
			if s := (state{got.Facts.Text(fact.Income), got.TurnOn.String(), n}); s != tc.want {
				t.Errorf("at %s it is %+v, want %+v", tc.day, s, tc.want)
			}
		}
		if n, err := k.TurnSome(ctx); n != 0 || err != nil {
			t.Errorf("%d are left to turn (%v)", n, err)
		}
		k.verified(t)
	})
}
