package account_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func setup(t *testing.T, d *db.DB) (*accounttest.Kit, *clock) {
	t.Helper()
	c := newClock()
	return accounttest.New(t, d, accounttest.Config(), c.now), c
}

// actor makes a user with a role and returns him as he acts.
func actor(t *testing.T, k *accounttest.Kit, role access.Role, at region.Code) access.Actor {
	t.Helper()
	return accounttest.User(t, k.SignIns, role, at).Actor(k.Accounts.Today())
}

func want(t *testing.T, err error, kind errs.Kind, text string) {
	t.Helper()
	all := errs.Message(err)
	for _, f := range errs.FieldsOf(err) {
		all += " " + f.Name + ": " + f.Message
	}
	if !errs.Is(err, kind) || !strings.Contains(all, text) {
		t.Errorf("got %v (%s), want kind %d with %q", err, all, kind, text)
	}
}

func actions(t *testing.T, k *accounttest.Kit) []string {
	t.Helper()
	entries, err := k.Audit.Entries(t.Context(), accounttest.System.Scope(access.AuditRead), audit.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, e := range entries {
		codes = append(codes, e.Action)
	}
	return codes
}

func TestUsers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		ctx := t.Context()
		admin := actor(t, k, access.Administrator, "1410")
		o := accounttest.Organisation(t, k.Accounts, "141002")
		elsewhere := accounttest.Organisation(t, k.Accounts, "1411")
		draft := account.UserDraft{Login: "Zhang.Wei", Name: "张伟", Organisation: o.ID, Phone: "13812345678"}

		_, err := k.Accounts.CreateUser(ctx, actor(t, k, access.Officer, "1410"), draft)
		want(t, err, errs.Denied, "没有这项权限")
		u, err := k.Accounts.CreateUser(ctx, admin, draft)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Accounts.CreateUser(ctx, admin, draft)
		want(t, err, errs.Invalid, "login: 这个登录名已有人用")
		_, err = k.Accounts.CreateUser(ctx, admin, account.UserDraft{Login: "li.na", Name: "李娜", Organisation: elsewhere.ID})
		want(t, err, errs.Invalid, "organisation: 请选择您管理范围内的单位")

		got, err := k.Accounts.User(ctx, admin.Scope(access.AccountRead), u.ID)
		if err != nil || got.Login != "zhang.wei" || got.Phone != "13812345678" || got.Organisation.Name != o.Name || got.State != account.Active {
			t.Errorf("got %+v, %v", got, err)
		}
		sibling := actor(t, k, access.Administrator, "1411")
		_, err = k.Accounts.User(ctx, sibling.Scope(access.AccountRead), u.ID)
		want(t, err, errs.NotFound, "没有找到")
		_, err = k.Accounts.ByLogin(ctx, sibling.Scope(access.AccountRead), "zhang.wei")
		want(t, err, errs.NotFound, "没有找到")

		draft.Name, draft.Phone = "张玮", ""
		if err := k.Accounts.ChangeUser(ctx, admin, u.ID, got.Version, draft); err != nil {
			t.Fatal(err)
		}
		want(t, k.Accounts.ChangeUser(ctx, admin, u.ID, got.Version, draft), errs.Stale, "已被别人修改")
		want(t, k.Accounts.ChangeUser(ctx, sibling, u.ID, got.Version, draft), errs.NotFound, "没有找到")
		taken := accounttest.User(t, k.SignIns, "", "1410")
		want(t, k.Accounts.ChangeUser(ctx, admin, u.ID, 2, account.UserDraft{Login: taken.Login, Name: "张玮", Organisation: o.ID}), errs.Invalid, "login: 这个登录名已有人用")
		got, err = k.Accounts.User(ctx, admin.Scope(access.AccountRead), u.ID)
		if err != nil || got.Name != "张玮" || got.Phone != "" || got.Version != 2 {
			t.Errorf("changed to %+v, %v", got, err)
		}
		names, err := k.Accounts.Names(ctx, []id.ID{u.ID, 7})
		if err != nil || len(names) != 1 || names[u.ID] != "张玮" {
			t.Errorf("names %v, %v", names, err)
		}
	})
}

func TestNoClearTelephoneInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		o := accounttest.Organisation(t, k.Accounts, "141002")
		u, err := k.Accounts.CreateUser(t.Context(), accounttest.System, account.UserDraft{Login: "zhang.wei", Name: "张伟", Organisation: o.ID, Phone: "13812345678"})
		if err != nil {
			t.Fatal(err)
		}
		var sealed []byte
		if err := d.NewRaw("SELECT phone FROM account WHERE id = ?", u.ID).Scan(t.Context(), &sealed); err != nil {
			t.Fatal(err)
		}
		if len(sealed) == 0 || strings.Contains(string(sealed), "13812345678") {
			t.Errorf("stored as %q", sealed)
		}
		var details []string
		if err := d.NewRaw("SELECT detail FROM audit_entry").Scan(t.Context(), &details); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(details, " "); strings.Contains(all, "1381234") || strings.Contains(all, "张伟") || strings.Contains(all, "zhang.wei") {
			t.Errorf("the trail tells %s", all)
		}
	})
}

func TestList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		ctx := t.Context()
		for _, u := range []struct {
			login, name string
			role        access.Role
			at          region.Code
		}{
			{"a.wang", "王芳", access.Officer, "141002"},
			{"b.li", "李_娜", access.Officer, "141002"},
			{"c.zhao", "赵敏", access.Leader, "1410"},
			{"d.sun", "孙丽", access.Officer, "1411"},
			{"e.zhou", "周波", access.TownWorker, "141002001"},
		} {
			accounttest.NamedUser(t, k.SignIns, u.login, u.name, u.role, u.at)
		}
		scope := actorOf("1410").Scope(access.AccountRead)
		list := func(q account.Query) (string, account.Page) {
			t.Helper()
			if q.Limit == 0 {
				q.Limit = 10
			}
			page, err := k.Accounts.Users(ctx, scope, q)
			if err != nil {
				t.Fatal(err)
			}
			var logins []string
			for _, u := range page.Users {
				logins = append(logins, u.Login)
			}
			return strings.Join(logins, " "), page
		}
		e, err := k.Accounts.ByLogin(ctx, accounttest.System.Scope(access.AccountRead), "e.zhou")
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Accounts.SetState(ctx, accounttest.System, e.ID, account.Disabled); err != nil {
			t.Fatal(err)
		}
		yes := true
		for _, c := range []struct {
			q    account.Query
			want string
		}{
			{account.Query{}, "a.wang b.li c.zhao e.zhou"},
			{account.Query{Text: "Z"}, "c.zhao e.zhou"},
			{account.Query{Text: "芳"}, "a.wang"},
			{account.Query{Text: "_"}, "b.li"},
			{account.Query{Text: "%"}, ""},
			{account.Query{Role: access.Officer}, "a.wang b.li"},
			{account.Query{State: account.Disabled}, "e.zhou"},
			{account.Query{Organisation: e.Organisation.ID}, "e.zhou"},
			{account.Query{Machine: &yes}, ""},
		} {
			if got, _ := list(c.q); got != c.want {
				t.Errorf("%+v: got %q, want %q", c.q, got, c.want)
			}
		}
		var seen []string
		q := account.Query{Limit: 2}
		for {
			got, page := list(q)
			seen = append(seen, strings.Fields(got)...)
			if page.Next == "" {
				if back, first := list(account.Query{Limit: 2, Before: page.Previous}); back != "a.wang b.li" || first.Previous != "" || first.Next == "" {
					t.Errorf("back to %q, %+v", back, first)
				}
				break
			}
			q.After = page.Next
		}
		if got := strings.Join(seen, " "); got != "a.wang b.li c.zhao e.zhou" {
			t.Errorf("page by page: %q", got)
		}
	})
}

func TestGrants(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, clock := setup(t, d)
		ctx := t.Context()
		admin := actor(t, k, access.Administrator, "1410")
		u := accounttest.User(t, k.SignIns, "", "141002")

		grant, err := k.Accounts.Grant(ctx, admin, u.ID, account.GrantDraft{Role: access.Officer, Region: "141002", To: k.Accounts.Today() + 9})
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Accounts.Grant(ctx, admin, u.ID, account.GrantDraft{Role: access.Officer, Region: "14"})
		want(t, err, errs.Invalid, "不在您的管理范围内")
		_, err = k.Accounts.Grant(ctx, admin, u.ID, account.GrantDraft{Role: access.Administrator, Region: "1411"})
		want(t, err, errs.Invalid, "不在您的管理范围内")
		_, err = k.Accounts.Grant(ctx, admin, admin.User, account.GrantDraft{Role: access.Officer, Region: "1410"})
		want(t, err, errs.Conflict, "不能给自己授予角色")
		_, err = k.Accounts.Grant(ctx, actor(t, k, access.Officer, "1410"), u.ID, account.GrantDraft{Role: access.Leader, Region: "1410"})
		want(t, err, errs.Denied, "没有这项权限")
		want(t, k.Accounts.EndGrant(ctx, admin, admin.User, 1), errs.Conflict, "不能收回自己的角色")
		want(t, k.Accounts.EndGrant(ctx, admin, u.ID, 1), errs.NotFound, "没有找到这项角色")

		can := func() bool {
			t.Helper()
			who, err := k.Accounts.Identity(ctx, u.ID)
			if err != nil {
				t.Fatal(err)
			}
			return who.Actor.Scope(access.PersonRead).Contains("141002001")
		}
		if !can() {
			t.Error("the role gives no right")
		}
		clock.pass(10 * 24 * time.Hour)
		if can() {
			t.Error("the role gives rights after its last day")
		}
		clock.pass(-10 * 24 * time.Hour)
		if err := k.Accounts.EndGrant(ctx, admin, u.ID, grant); err != nil {
			t.Fatal(err)
		}
		if can() {
			t.Error("the role gives rights after it was taken")
		}
		if got := actions(t, k)[:2]; !slices.Equal(got, []string{"grant.end", "grant.give"}) {
			t.Errorf("the trail tells %v", got)
		}
	})
}

// TestNobodyTakesOverWhoMayDoMore: an administrator of a county may not change a user
// of his county who holds a role in the whole city.
func TestNobodyTakesOverWhoMayDoMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		ctx := t.Context()
		county := actor(t, k, access.Administrator, "141002")
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		if _, err := k.Accounts.Manage(ctx, county, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Accounts.Grant(ctx, accounttest.System, u.ID, account.GrantDraft{Role: access.Leader, Region: "1410"}); err != nil {
			t.Fatal(err)
		}
		_, err := k.Accounts.Manage(ctx, county, u.ID)
		want(t, err, errs.Denied, "在临汾市有“领导”角色，超出您的管理范围")
		want(t, k.Accounts.SetState(ctx, county, u.ID, account.Disabled), errs.Denied, "超出您的管理范围")
		_, err = k.Accounts.Grant(ctx, county, u.ID, account.GrantDraft{Role: access.DutyDesk, Region: "141002"})
		want(t, err, errs.Denied, "超出您的管理范围")
		want(t, k.Accounts.ChangeUser(ctx, county, u.ID, 1, account.UserDraft{Login: "xxx", Name: "某", Organisation: u.Organisation.ID}), errs.Denied, "超出您的管理范围")
	})
}

func TestDisabledUserIsNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		ctx := t.Context()
		admin := actor(t, k, access.Administrator, "1410")
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		want(t, k.Accounts.SetState(ctx, admin, admin.User, account.Disabled), errs.Conflict, "不能停用自己")
		if err := k.Accounts.SetState(ctx, admin, u.ID, account.Disabled); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Accounts.Identity(ctx, u.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a disabled user is somebody: %v", err)
		}
		before := len(actions(t, k))
		if err := k.Accounts.SetState(ctx, admin, u.ID, account.Disabled); err != nil || len(actions(t, k)) != before {
			t.Errorf("disabling twice: %v, or it is told twice", err)
		}
		if err := k.Accounts.SetState(ctx, admin, u.ID, account.Active); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Accounts.Identity(ctx, u.ID); err != nil {
			t.Error(err)
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		ctx := t.Context()
		if there, err := k.Accounts.HasAdministrator(ctx); err != nil || there {
			t.Fatalf("an administrator before there is one: %v", err)
		}
		city := accounttest.User(t, k.SignIns, access.Administrator, "1410")
		county := accounttest.User(t, k.SignIns, access.Administrator, "141002")
		want(t, k.Accounts.SetState(ctx, accounttest.System, city.ID, account.Disabled), errs.Conflict, "临汾市最后一个长期有效的系统管理员")
		want(t, k.Accounts.EndGrant(ctx, accounttest.System, city.ID, city.Grants[0].ID), errs.Conflict, "最后一个")
		if err := k.Accounts.SetState(ctx, city.Actor(k.Accounts.Today()), county.ID, account.Disabled); err != nil {
			t.Errorf("the county's administrator, whom the city's covers: %v", err)
		}
		if there, err := k.Accounts.HasAdministrator(ctx); err != nil || !there {
			t.Errorf("no administrator: %v", err)
		}
	})
}

// TestTwoAdministratorsDisableOneAnother at once: one of them has to stay.
func TestTwoAdministratorsDisableOneAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d) // one maker of numbers: the clock stands still
		for range 5 {
			a := accounttest.User(t, k.SignIns, access.Administrator, "5201")
			b := accounttest.User(t, k.SignIns, access.Administrator, "5201")
			results := atOnce(
				func() error {
					return k.Accounts.SetState(t.Context(), a.Actor(k.Accounts.Today()), b.ID, account.Disabled)
				},
				func() error {
					return k.Accounts.EndGrant(t.Context(), b.Actor(k.Accounts.Today()), a.ID, a.Grants[0].ID)
				},
			)
			if (results[0] == nil) == (results[1] == nil) {
				t.Fatalf("got %v and %v, want one of them refused", results[0], results[1])
			}
			for _, err := range results {
				if err != nil && !errs.Is(err, errs.Conflict) {
					t.Errorf("refused as %v", err)
				}
			}
			// The next round is to begin without them.
			if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.NewRaw("DELETE FROM account_grant").Exec(ctx)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestRolesAgainstOneAnotherAtOnce: two administrators give the two halves of a
// four-eyes rule to one user at the same time.
func TestRolesAgainstOneAnotherAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		for range 5 {
			u := accounttest.User(t, k.SignIns, "", "1410")
			give := func(role access.Role) func() error {
				return func() error {
					_, err := k.Accounts.Grant(t.Context(), accounttest.System, u.ID, account.GrantDraft{Role: role, Region: "1410"})
					return err
				}
			}
			results := atOnce(give(access.Author), give(access.Approver), give(access.Author))
			given := 0
			for _, err := range results {
				if err == nil {
					given++
				}
			}
			if given != 1 {
				t.Fatalf("%d of three were given: %v", given, results)
			}
		}
	})
}

// TestLostUpdate: of two changes of one version one is stale.
func TestLostUpdate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		u := accounttest.User(t, k.SignIns, "", "1410")
		change := func(name string) func() error {
			return func() error {
				return k.Accounts.ChangeUser(t.Context(), accounttest.System, u.ID, u.Version,
					account.UserDraft{Login: u.Login, Name: name, Organisation: u.Organisation.ID})
			}
		}
		results := atOnce(change("甲"), change("乙"))
		if (results[0] == nil) == (results[1] == nil) || !errs.Is(errors.Join(results...), errs.Stale) {
			t.Errorf("got %v", results)
		}
	})
}

// TestOneLoginAtOnce: a login name is taken once.
func TestOneLoginAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		o := accounttest.Organisation(t, k.Accounts, "1410")
		create := func() error {
			_, err := k.Accounts.CreateUser(t.Context(), accounttest.System, account.UserDraft{Login: "same", Name: "某", Organisation: o.ID})
			return err
		}
		results := atOnce(create, create, create)
		failed := slices.DeleteFunc(results, func(err error) bool { return err == nil })
		if len(failed) != 2 || !errs.Is(failed[0], errs.Invalid) || !errs.Is(failed[1], errs.Invalid) {
			t.Errorf("refused: %v", failed)
		}
	})
}

func atOnce(fns ...func() error) []error {
	results := make([]error, len(fns))
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, fn := range fns {
		all.Go(func() {
			<-start
			results[i] = fn()
		})
	}
	close(start)
	all.Wait()
	return results
}

// actorOf is an administrator who needs no row.
func actorOf(at region.Code) access.Actor {
	return access.NewActor(1, "管理员", "session", []access.Grant{{Role: access.Administrator, Region: at}}, nil)
}

// TestGrantsByHandAreFound plays somebody who gives himself rights in the database.
func TestGrantsByHandAreFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		accounttest.User(t, k.SignIns, access.VillageWorker, "141002001001")
		if r, err := k.Audit.Verify(t.Context(), ""); err != nil || !r.OK() || r.Rows["account_grant"] == 0 {
			t.Fatalf("before: %+v (%v)", r, err)
		}
		_, err := d.Writer().ExecContext(t.Context(), "UPDATE account_grant SET role = 'administrator', region_code = '1410' WHERE role = 'village_worker'")
		if err != nil {
			t.Fatal(err)
		}
		r, err := k.Audit.Verify(t.Context(), "")
		if err != nil || r.OK() || r.Problems[0].Table != "account_grant" {
			t.Errorf("after: %+v (%v)", r, err)
		}
	})
}
