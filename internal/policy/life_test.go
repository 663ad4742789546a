package policy

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
)

func TestLife(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		ctx, ok := t.Context(), must[*Version](t)
		k.OnPublish = append(k.OnPublish, func(ctx context.Context, tx db.Tx, v *Version) error {
			stored, err := version(ctx, approver.Scope(access.PolicyRead), tx, v.ID)
			if err != nil || stored.State != Published || stored.RulesFrom != v.RulesFrom {
				t.Errorf("in the transaction the version is %+v (%v)", stored, err)
			}
			k.published = append(k.published, v.ID)
			return nil
		})

		v := ok(k.Draft(ctx, author, linfen, 0, "年度调整"))
		if v.No != 2 || v.State != Draft || v.BasedOn == 0 || v.Region != "1410" {
			t.Errorf("the draft is %+v", v)
		}
		_, err := k.Draft(ctx, second, linfen, 0, "")
		want(t, err, errs.Conflict)
		_, err = k.Draft(ctx, county, linfen, 0, "")
		want(t, err, errs.Denied)
		_, err = k.Draft(ctx, author, "nothing", 0, "")
		want(t, err, errs.NotFound)

		text := replace(t, v.Text, "centenarian_subsidy:\n    label: 百岁补贴标准\n    unit: 元/月\n    values:\n      - {from: 2023-12-16, at_least: 300}\n",
			"centenarian_subsidy:\n    label: 百岁补贴标准\n    unit: 元/月\n    values:\n      - {from: 2023-12-16, at_least: 300}\n      - {from: 2026-07-01, at_least: 500}\n")
		changed := ok(k.Change(ctx, author, v.ID, v.Version, text, v.Tests, ""))
		_, err = k.Change(ctx, second, v.ID, v.Version, text, v.Tests, "")
		want(t, err, errs.Stale)
		_, err = k.Approve(ctx, approver, v.ID, changed.Version, "")
		want(t, err, errs.Conflict)
		_, err = k.Publish(ctx, approver, v.ID, changed.Version, today, "")
		want(t, err, errs.Conflict)

		v = ok(k.Submit(ctx, second, v.ID, changed.Version, "请审"))
		_, err = k.Change(ctx, author, v.ID, v.Version, text, v.Tests, "")
		want(t, err, errs.Conflict)
		_, err = k.Return(ctx, approver, v.ID, v.Version, " ")
		want(t, err, errs.Invalid)
		v = ok(k.Return(ctx, approver, v.ID, v.Version, "请核对标准"))
		v = ok(k.Submit(ctx, author, v.ID, v.Version, ""))
		for _, maker := range []access.Actor{both, actor(2, "1410", access.Approver)} {
			_, err = k.Approve(ctx, maker, v.ID, v.Version, "")
			want(t, err, errs.Denied)
		}
		_, err = k.Approve(ctx, countyHead, v.ID, v.Version, "")
		want(t, err, errs.NotFound)
		v = ok(k.Approve(ctx, approver, v.ID, v.Version, ""))
		for _, day := range []civil.Date{0, today - 1} {
			_, err = k.Publish(ctx, approver, v.ID, v.Version, day, "")
			want(t, err, errs.Invalid)
		}
		day := civil.New(2026, 7, 15)
		v = ok(k.Publish(ctx, approver, v.ID, v.Version, day, ""))
		if len(k.published) != 1 || k.published[0] != v.ID {
			t.Errorf("told of %v", k.published)
		}
		_, err = k.Change(ctx, author, v.ID, v.Version, text, v.Tests, "")
		want(t, err, errs.Conflict)

		for on, no := range map[civil.Date]int64{today: 1, day - 1: 1, day: 2, day + 400: 2} {
			book := must[*Book](t)(k.Book(ctx, on))
			if r := book.For(theTown); r.No != no {
				t.Errorf("on %s version %d rules", on, r.No)
			}
		}
		all := must[[]Version](t)(k.Versions(ctx, ofCounty, linfen))
		if len(all) != 2 || Superseded(all, all[0].ID) != day || Superseded(all, all[1].ID) != 0 {
			t.Errorf("versions: %+v", all)
		}
		var moves []string
		for _, s := range must[[]Step](t)(k.Steps(ctx, ofCity, v.ID)) {
			moves = append(moves, s.Move.Label())
		}
		if got := strings.Join(moves, " "); got != "起草 修改 提请审批 退回修改 提请审批 批准 发布" {
			t.Errorf("steps: %s", got)
		}
		_, err = k.Steps(ctx, ofCounty, v.ID)
		want(t, err, errs.NotFound)
		lists := must[[]Shelf](t)(k.Lists(ctx, ofCity))
		if len(lists) != 2 || lists[0].List != "national-2023" || lists[1].InForce.No != 1 || lists[1].Next.No != 2 || lists[1].OnItsWay != nil {
			t.Errorf("lists: %+v", lists)
		}
		notices := must[[]Version](t)(k.Notices(ctx, ofCounty, civil.At(k.clock)))
		if len(notices) == 0 || notices[0].List != linfen && notices[1].List != linfen {
			t.Errorf("notices: %+v", notices)
		}
		next := ok(k.Draft(ctx, author, linfen, 0, ""))
		if next.No != 3 || next.Text != all[0].Text {
			t.Errorf("the next draft begins with another text")
		}
		ok(k.Discard(ctx, author, next.ID, next.Version, "不改了"))
		next = ok(k.Draft(ctx, author, linfen, v.ID, ""))
		if next.No != 4 || next.Text != v.Text {
			t.Errorf("the draft of a version begins with another text")
		}
		next = ok(k.Submit(ctx, author, next.ID, next.Version, ""))
		next = ok(k.Approve(ctx, approver, next.ID, next.Version, ""))
		_, err = k.Publish(ctx, approver, next.ID, next.Version, day, "")
		want(t, err, errs.Invalid)
	})
}

// TestHookFails publishes nothing if what must follow fails.
func TestHookFails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		ok := must[*Version](t)
		v := ok(k.Draft(t.Context(), author, linfen, 0, ""))
		v = ok(k.Submit(t.Context(), author, v.ID, v.Version, ""))
		v = ok(k.Approve(t.Context(), approver, v.ID, v.Version, ""))
		k.OnPublish = append(k.OnPublish, func(context.Context, db.Tx, *Version) error { return errors.New("no") })
		if _, err := k.Publish(t.Context(), approver, v.ID, v.Version, today, ""); err == nil {
			t.Error("published all the same")
		}
		if now := ok(k.Get(t.Context(), ofCity, v.ID)); now.State != Approved || now.Version != v.Version {
			t.Errorf("the version is %+v", now)
		}
	})
}

func TestVisible(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		v := must[*Version](t)(k.Draft(t.Context(), author, linfen, 0, ""))
		for name, scope := range map[string]access.Scope{"county": ofCounty, "nobody": nobody.Scope(access.PolicyRead), "right": author.Scope(access.PersonRead)} {
			_, err := k.Get(t.Context(), scope, v.ID)
			if !errs.Is(err, errs.NotFound) {
				t.Errorf("%s sees a draft (%v)", name, err)
			}
			if _, err := k.Check(t.Context(), scope, v.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s checks a draft (%v)", name, err)
			}
			all, err := k.Versions(t.Context(), scope, linfen)
			if err != nil || len(all) != 1 || all[0].State != Published {
				t.Errorf("%s sees %d versions (%v)", name, len(all), err)
			}
			lists := must[[]Shelf](t)(k.Lists(t.Context(), scope))
			for _, l := range lists {
				if l.OnItsWay != nil {
					t.Errorf("%s sees that %s is on its way", name, l.List)
				}
			}
		}
		for _, who := range []access.Actor{nobody, approver} {
			if _, err := k.Change(t.Context(), who, v.ID, v.Version, v.Text, v.Tests, ""); err == nil {
				t.Error("changed without the right")
			}
		}
	})
}

// TestAtOnce lets two authors begin a draft and change one at the same time: one of
// them does it.
func TestAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		race := func(do func(who access.Actor) error) (won int) {
			var wg sync.WaitGroup
			errors := make([]error, 2)
			for i, who := range []access.Actor{author, second} {
				wg.Go(func() { errors[i] = do(who) })
			}
			wg.Wait()
			for _, err := range errors {
				switch {
				case err == nil:
					won++
				case !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.Stale):
					t.Error(err)
				}
			}
			return won
		}
		if n := race(func(who access.Actor) error { _, err := k.Draft(t.Context(), who, linfen, 0, ""); return err }); n != 1 {
			t.Fatalf("%d drafts were begun", n)
		}
		all := must[[]Version](t)(k.Versions(t.Context(), ofCity, linfen))
		v := &all[1]
		if n := race(func(who access.Actor) error {
			_, err := k.Change(t.Context(), who, v.ID, v.Version, v.Text+"# "+who.User.String()+"\n", v.Tests, "")
			return err
		}); n != 1 {
			t.Fatalf("%d changes were stored", n)
		}
	})
}

func TestChangeRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		v := must[*Version](t)(k.Draft(t.Context(), author, linfen, 0, ""))
		for name, text := range map[string]string{
			"no YAML":         "list: [",
			"no list":         "甲: 乙\n",
			"two documents":   "x\n---\ny\n",
			"another list":    replace(t, v.Text, "list: linfen-2023", "list: linfen-2026"),
			"another place":   replace(t, v.Text, `region: "1410"`, `region: "1411"`),
			"without a place": replace(t, v.Text, "region: \"1410\"\n", ""),
			"nothing":         "",
		} {
			_, err := k.Change(t.Context(), author, v.ID, v.Version, text, "", "")
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := k.Change(t.Context(), author, v.ID, v.Version, v.Text, strings.Repeat("x", maxText+1), "")
		want(t, err, errs.TooLarge)

		faulty := must[*Version](t)(k.Change(t.Context(), author, v.ID, v.Version, replace(t, v.Text, "when: local && age >= 100", "when: local && agee >= 100"), v.Tests, "先存着"))
		_, err = k.Submit(t.Context(), author, v.ID, faulty.Version, "")
		want(t, err, errs.Invalid)
		if f := errs.FieldsOf(err); len(f) == 0 || !strings.Contains(f[0].Message, "agee") {
			t.Errorf("told %v", f)
		}
		live := must[*Report](t)(k.CheckText(t.Context(), ofCity, v.ID, v.Text, v.Tests))
		if live.Err() != nil || len(live.Items) == 0 || len(live.Below()) != 0 || len(live.Failed()) != 0 {
			t.Errorf("the text as it was: %v, %d items", errs.FieldsOf(live.Err()), len(live.Items))
		}
		lonely := must[*Version](t)(k.Change(t.Context(), author, v.ID, faulty.Version, v.Text, "", ""))
		_, err = k.Submit(t.Context(), author, v.ID, lonely.Version, "")
		want(t, err, errs.Invalid)
		wrong := must[*Version](t)(k.Change(t.Context(), author, v.ID, lonely.Version, replace(t, v.Text, "when: local && age >= 100", "when: local && age >= 101"), v.Tests, ""))
		_, err = k.Submit(t.Context(), author, v.ID, wrong.Version, "")
		want(t, err, errs.Invalid)
		if f := errs.FieldsOf(err); len(f) == 0 || f[len(f)-1].Name != "tests" {
			t.Errorf("told %v", f)
		}
	})
}

// TestTampered changes rows by hand.
func TestTampered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, "national", "linfen", "guizhou", "urumqi")
		ok := must[*Version](t)
		v := ok(k.Draft(t.Context(), author, linfen, 0, ""))
		v = ok(k.Submit(t.Context(), author, v.ID, v.Version, ""))
		v = ok(k.Approve(t.Context(), approver, v.ID, v.Version, ""))
		problems := func() (n int) {
			t.Helper()
			report, err := k.Audit.Verify(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range report.Problems {
				if p.Table == "policy_version" {
					n++
				}
			}
			return n
		}
		byHand := func(set string, one id.ID) {
			t.Helper()
			if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, "UPDATE policy_version SET "+set+" WHERE id = ?", one)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if n := problems(); n != 0 {
			t.Fatalf("%d problems at first", n)
		}
		for _, set := range []string{"title = 'x'", "seal = NULL"} {
			byHand(set, v.ID)
			if n := problems(); n != 1 {
				t.Errorf("after %s of an approved version there are %d problems", set, n)
			}
			_, err := k.Publish(t.Context(), approver, v.ID, v.Version, today+1, "")
			want(t, err, errs.Conflict)
		}
		ok(k.Return(t.Context(), approver, v.ID, v.Version, "被改动"))
		if n := problems(); n != 0 {
			t.Errorf("returned, it is %d problems", n)
		}
		for i, set := range []string{"title = 'x'", "rules_from = '2020-01-01'", "state = 'discarded'", "seal = NULL"} {
			list := []string{linfen, "national-2023", "guizhou-2023", "urumqi-2024"}[i]
			byHand(set, must[[]Version](t)(k.Versions(t.Context(), ofCity, list))[0].ID)
			if n := problems(); n != i+1 {
				t.Errorf("after %s there are %d problems", set, n)
			}
		}
	})
}

// TestFresh reads what was published in the same microsecond as something before.
func TestFresh(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		before := must[*Book](t)(k.Book(t.Context(), today))
		if again := must[*Book](t)(k.Book(t.Context(), today)); again != before {
			t.Error("the book of a day is made twice")
		}
		v := must[*Version](t)(k.Draft(t.Context(), author, linfen, 0, ""))
		k.release(t, v, author, approver, today)
		after := must[*Book](t)(k.Book(t.Context(), today))
		if after.Fresh == before.Fresh || after.For(theTown).No != 2 {
			t.Errorf("after the publication version %d rules", after.For(theTown).No)
		}
		k.clock = k.clock.Add(24 * time.Hour)
	})
}
