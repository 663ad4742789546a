package message

import (
	"fmt"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
)

func TestMessageIsQueuedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		p := k.elder(t, nil)
		n, fresh, err := k.queue(t, k.worker, Order{Person: p.ID})
		if err != nil || !fresh {
			t.Fatalf("fresh %v, %v", fresh, err)
		}
		again, fresh, err := k.queue(t, k.worker, Order{Person: p.ID})
		if err != nil || fresh || again != n {
			t.Errorf("the same again: %s (want %s), fresh %v, %v", again, n, fresh, err)
		}
		for _, o := range []Order{{Person: p.ID, Subject: "change:2"}, {Person: p.ID, Template: "newly-family"}} {
			if _, fresh, err := k.queue(t, k.worker, o); err != nil || !fresh {
				t.Errorf("%+v: fresh %v, %v", o, fresh, err)
			}
		}
		counts, err := k.Count(t.Context(), k.worker.Scope(access.EntitlementReach), Filter{State: Sent})
		if err != nil || counts[Queued] != 3 || counts[Sent] != 0 {
			t.Errorf("%v, %v", counts, err)
		}
	})
}

func TestNothingClearIsStored(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		p := k.elder(t, nil)
		if _, _, err := k.queue(t, k.worker, Order{Person: p.ID}); err != nil {
			t.Fatal(err)
		}
		k.work(t)
		one := k.only(t)
		const want = "王女士：您现在可以享受“高龄津贴”（每月 50 元）。怎样办理：带身份证到村委会申请。有不清楚的请问尧都区民政局 0357-2012345。办理不收费，请不要向任何人转账。"
		if one.Text != want || one.Phone != "138****5678" || one.State != Sent || one.Receiver != Person || one.Gateway != "g-"+one.ID.String() || one.SentAt == 0 {
			t.Errorf("it is %+v", one)
		}
		if len(k.gateway.got) != 1 || k.gateway.got[0] != (Outgoing{one.ID, ownPhone, want, "newly"}) {
			t.Errorf("the gateway got %+v", k.gateway.got)
		}
		for _, table := range []string{"message", "audit_entry"} {
			for _, row := range dump(t, d, table) {
				for _, clear := range []string{ownPhone, "高龄津贴", "王"} {
					if strings.Contains(row, clear) {
						t.Errorf("%s says %q: %s", table, clear, row)
					}
				}
			}
		}
	})
}

// dump returns the rows of a table as texts.
func dump(t *testing.T, d *db.DB, table string) (all []string) {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, c := range cells {
			text += fmt.Sprintf("%s ", *c.(*any))
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%s has %d rows, %v", table, len(all), err)
	}
	return all
}

func TestWhoIsNotTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		ctx := t.Context()
		silent := k.elder(t, func(d *person.Draft) { d.Phones, d.Contacts = []string{"03572012345"}, nil })
		dead := k.elder(t, nil)
		if err := k.People.SetState(ctx, actor(access.Officer, "141002"), dead.ID, dead.Version, person.Deceased, civil.New(2026, 1, 1), history.Town, "家属告知"); err != nil {
			t.Fatal(err)
		}
		out := k.elder(t, nil)
		if err := k.OptOut(ctx, k.worker, out.ID, " 本人 来电 "); err != nil {
			t.Fatal(err)
		}
		fine := k.elder(t, nil)
		for name, tc := range map[string]struct {
			who  access.Actor
			o    Order
			kind errs.Kind
			why  Refusal
		}{
			"no phone":         {k.worker, Order{Person: silent.ID}, errs.Conflict, NoPhone},
			"dead":             {k.worker, Order{Person: dead.ID}, errs.Conflict, NotAlive},
			"opted out":        {k.worker, Order{Person: out.ID}, errs.Conflict, OptedOut},
			"beyond the scope": {actor(access.TownWorker, "141021001"), Order{Person: fine.ID}, errs.NotFound, ""},
			"may not":          {actor(access.Leader, "1410"), Order{Person: fine.ID}, errs.Denied, ""},
			"nobody":           {k.worker, Order{Person: 12345}, errs.NotFound, ""},
			"no such template": {k.worker, Order{Person: fine.ID, Template: "x"}, errs.Invalid, ""},
			"a hole":           {k.worker, Order{Person: fine.ID, Values: Values{Item: "高龄津贴"}}, errs.Invalid, ""},
		} {
			_, fresh, err := k.queue(t, tc.who, tc.o)
			if fresh || errs.KindOf(err) != tc.kind || why(err) != tc.why {
				t.Errorf("%s: %v", name, err)
			}
			tc.o.Values = values
			if tc.o.Template == "" && name != "a hole" {
				tc.o.Template = "newly"
				if _, err := k.Preview(ctx, tc.who, tc.o); errs.KindOf(err) != tc.kind {
					t.Errorf("%s: preview: %v", name, err)
				}
			}
		}
		seen, err := k.Preview(ctx, k.worker, Order{Person: fine.ID, Template: "lost-family", Values: values})
		if err != nil || seen.Receiver != Contact || seen.Phone != "139****5432" || !strings.HasPrefix(seen.Text, "您好：从2026年12月1日起，您家的王女士不再符合") {
			t.Errorf("%+v, %v", seen, err)
		}
		o, err := k.OptedOut(ctx, k.worker.Scope(access.EntitlementReach), out.ID)
		if err != nil || o == nil || o.Reason != "本人 来电" || o.ByName != "张三" {
			t.Errorf("%+v, %v", o, err)
		}
		if err := k.OptIn(ctx, k.worker, out.ID); err != nil {
			t.Fatal(err)
		}
		if _, fresh, err := k.queue(t, k.worker, Order{Person: out.ID}); err != nil || !fresh {
			t.Errorf("after opting in: %v", err)
		}
	})
}

func TestOptingOutCancelsWhatWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		p := k.elder(t, nil)
		ctx := t.Context()
		if _, _, err := k.queue(t, k.worker, Order{Person: p.ID}); err != nil {
			t.Fatal(err)
		}
		if err := k.OptOut(ctx, k.worker, p.ID, "x"); !errs.Is(err, errs.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		for range 2 { // the second time changes nothing
			if err := k.OptOut(ctx, k.worker, p.ID, "儿子来电，不想收"); err != nil {
				t.Fatal(err)
			}
		}
		one := k.only(t)
		if one.State != Cancelled || one.Reason == "" {
			t.Errorf("it is %s: %s", one.State, one.Reason)
		}
		if err := k.Retry(ctx, k.worker, one.ID, one.Version); why(err) != OptedOut {
			t.Errorf("retry: %v", err)
		}
		if err := k.OptOut(ctx, actor(access.TownWorker, "141021001"), p.ID, "儿子来电"); !errs.Is(err, errs.NotFound) {
			t.Errorf("beyond the scope: %v", err)
		}
	})
}

func TestCancelAndRetry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		p := k.elder(t, nil)
		ctx := t.Context()
		if _, _, err := k.queue(t, k.worker, Order{Person: p.ID}); err != nil {
			t.Fatal(err)
		}
		one := k.only(t)
		other := actor(access.TownWorker, "141021001")
		for name, err := range map[string]error{
			"beyond the scope": k.Cancel(ctx, other, one.ID, one.Version),
			"may not":          k.Cancel(ctx, actor(access.DutyDesk, "1410"), one.ID, one.Version),
			"stale":            k.Cancel(ctx, k.worker, one.ID, one.Version+1),
			"not failed":       k.Retry(ctx, k.worker, one.ID, one.Version),
		} {
			want := map[string]errs.Kind{"beyond the scope": errs.NotFound, "may not": errs.Denied, "stale": errs.Stale, "not failed": errs.Conflict}[name]
			if errs.KindOf(err) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := k.Cancel(ctx, k.worker, one.ID, one.Version); err != nil {
			t.Fatal(err)
		}
		k.work(t)
		if one = k.only(t); one.State != Cancelled || len(k.gateway.got) != 0 {
			t.Fatalf("it is %s, %d were sent", one.State, len(k.gateway.got))
		}
		if err := k.Retry(ctx, k.worker, one.ID, one.Version); err != nil {
			t.Fatal(err)
		}
		k.work(t)
		if one = k.only(t); one.State != Sent {
			t.Errorf("it is %s", one.State)
		}
		if err := k.Cancel(ctx, k.worker, one.ID, one.Version); !errs.Is(err, errs.Conflict) {
			t.Errorf("cancel what was sent: %v", err)
		}
	})
}

func TestListIsOfTheScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		k.queueAll(t, 5)
		ctx, scope := t.Context(), k.worker.Scope(access.EntitlementReach)
		var got []id.ID
		for before := id.ID(0); ; {
			page, err := k.List(ctx, scope, Filter{Region: "1410", Template: "newly", State: Queued}, before, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				got = append(got, e.ID)
			}
			if len(page) < 2 {
				break
			}
			before = page[1].ID
		}
		if len(got) != 5 {
			t.Errorf("pages have %d", len(got))
		}
		for name, tc := range map[string]struct {
			scope access.Scope
			f     Filter
			want  int
		}{
			"another place":    {actor(access.TownWorker, "141021001").Scope(access.EntitlementReach), Filter{}, 0},
			"no scope":         {access.Scope{}, Filter{}, 0},
			"another state":    {scope, Filter{State: Sent}, 0},
			"another region":   {scope, Filter{Region: "1411"}, 0},
			"another template": {scope, Filter{Template: "lost"}, 0},
			"another person":   {scope, Filter{Person: 1}, 0},
			"all":              {scope, Filter{}, 5},
		} {
			all, err := k.List(ctx, tc.scope, tc.f, 0, 50)
			if err != nil || len(all) != tc.want {
				t.Errorf("%s: %d, %v", name, len(all), err)
			}
			counts, err := k.Count(ctx, tc.scope, tc.f)
			if err != nil || tc.f.State == "" && counts[Queued] != tc.want {
				t.Errorf("%s: %v, %v", name, counts, err)
			}
		}
	})
}
