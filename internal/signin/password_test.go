package signin_test

import (
	"fmt"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/signin"
)

func draft(current, next string) signin.PasswordDraft {
	return signin.PasswordDraft{Current: current, New: next, Again: next}
}

func TestChangePassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		here, there := k.login(t, u), k.login(t, u)
		actor := k.actor(u)
		change := func(d signin.PasswordDraft) error { return k.SignIns.ChangePassword(ctx, actor, here, d) }

		want(t, change(draft("wrong", "Fenhe-lan 2031")), errs.Invalid, "current: 当前密码不正确")
		want(t, change(draft(accounttest.Password, "abc")), errs.Invalid, "new: 密码不符合要求：太短")
		want(t, change(draft(accounttest.Password, "X-"+u.Login+"-2031")), errs.Invalid, "含有登录名")
		want(t, change(signin.PasswordDraft{Current: accounttest.Password, New: "Fenhe-lan 2031", Again: "Fenhe-lan 2032"}), errs.Invalid, "again: 两次填写的新密码不一致")
		want(t, change(draft(accounttest.Password, accounttest.Password)), errs.Invalid, "new: 不能与最近 5 次用过的密码相同")
		if err := change(draft(accounttest.Password, "Fenhe-lan 2031")); err != nil {
			t.Fatal(err)
		}
		if _, err := k.SignIns.BySignIn(ctx, here); err != nil {
			t.Errorf("signed out here: %v", err)
		}
		_, err := k.SignIns.BySignIn(ctx, there)
		want(t, err, errs.Unauthenticated, "密码已更改")
		if got := k.actions(t)[0]; got != "password.change" {
			t.Errorf("the trail tells %s", got)
		}
		_, err = k.SignIns.Login(ctx, u.Login, accounttest.Password, home)
		want(t, err, errs.Invalid, "不正确")
		if _, err := k.SignIns.Login(ctx, u.Login, "Fenhe-lan 2031", home); err != nil {
			t.Error(err)
		}
	})
}

func TestPasswordHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		now := accounttest.Password
		for i := range 5 {
			next := fmt.Sprintf("Fenhe-lan %d", 2031+i)
			if err := k.SignIns.ChangePassword(t.Context(), k.actor(u), 0, draft(now, next)); err != nil {
				t.Fatal(err)
			}
			now = next
		}
		// The present one and the four before it are refused; the one before those is not.
		for i := range 5 {
			want(t, k.SignIns.ChangePassword(t.Context(), k.actor(u), 0, draft(now, fmt.Sprintf("Fenhe-lan %d", 2031+i))), errs.Invalid, "最近 5 次")
		}
		if err := k.SignIns.ChangePassword(t.Context(), k.actor(u), 0, draft(now, accounttest.Password)); err != nil {
			t.Error(err)
		}
		var kept int
		if err := d.NewRaw("SELECT count(*) FROM sign_in_password_used").Scan(t.Context(), &kept); err != nil || kept != 5 {
			t.Errorf("%d hashes are kept, %v", kept, err)
		}
	})
}

func TestPasswordExpires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		must := func() string {
			t.Helper()
			who, err := k.SignIns.BySignIn(t.Context(), k.login(t, u))
			if err != nil {
				t.Fatal(err)
			}
			return who.Must
		}
		k.pass(90 * 24 * time.Hour)
		if got := must(); got != "" {
			t.Errorf("on the last day: %s", got)
		}
		k.pass(time.Second)
		if got := must(); got != "/account/password" {
			t.Errorf("after it: %q", got)
		}
		if err := k.SignIns.ChangePassword(t.Context(), k.actor(u), 0, draft(accounttest.Password, "Fenhe-lan 2031")); err != nil {
			t.Fatal(err)
		}
		passed, err := k.SignIns.Login(t.Context(), u.Login, "Fenhe-lan 2031", home)
		if err != nil {
			t.Fatal(err)
		}
		if who, err := k.SignIns.BySignIn(t.Context(), passed.SignIn); err != nil || who.Must != "" {
			t.Errorf("after the change: %+v, %v", who, err)
		}
	})
}

func TestResetPassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		admin := k.actor(accounttest.User(t, k.SignIns, access.Administrator, "1410"))
		in := k.login(t, u)
		for range 5 {
			_, _ = k.SignIns.Login(ctx, u.Login, "wrong", home)
			k.pass(10 * time.Second)
		}
		_, err := k.SignIns.ResetPassword(ctx, k.actor(accounttest.User(t, k.SignIns, access.Administrator, "1411")), u.ID)
		want(t, err, errs.NotFound, "没有找到")
		_, err = k.SignIns.ResetPassword(ctx, k.actor(u), u.ID)
		want(t, err, errs.Conflict, "我的账号")
		_, err = k.SignIns.ResetPassword(ctx, k.actor(u), admin.User)
		want(t, err, errs.Denied, "没有这项权限")
		want(t, k.SignIns.SetPassword(ctx, admin, u.ID, "Fenhe-lan 2031"), errs.Denied, "只能生成临时密码")

		temporary, err := k.SignIns.ResetPassword(ctx, admin, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.SignIns.BySignIn(ctx, in); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("still signed in: %v", err)
		}
		passed, err := k.SignIns.Login(ctx, u.Login, temporary, home) // and the lock is gone
		if err != nil {
			t.Fatal(err)
		}
		if who, err := k.SignIns.BySignIn(ctx, passed.SignIn); err != nil || who.Must != "/account/password" {
			t.Errorf("got %+v, %v", who, err)
		}
		want(t, k.SignIns.ChangePassword(ctx, k.actor(u), passed.SignIn, draft(temporary, temporary)), errs.Invalid, "最近 5 次")
		k.pass(3*24*time.Hour + time.Second)
		_, err = k.SignIns.Login(ctx, u.Login, temporary, home)
		want(t, err, errs.Conflict, "临时密码已过期（有效期 3 天）")
	})
}

func TestMachinesHaveNoPassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		admin := accounttest.User(t, k.SignIns, access.Administrator, "1410")
		m, err := k.Accounts.CreateUser(t.Context(), k.actor(admin), account.UserDraft{Login: "police", Name: "公安", Organisation: admin.Organisation.ID, Machine: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.SignIns.ResetPassword(t.Context(), k.actor(admin), m.ID)
		want(t, err, errs.Conflict, "接口用户不能登录")
	})
}

// TestPasswordChangesAtOnce: of two changes one finds the password changed.
func TestPasswordChangesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		i := make(chan int, 4)
		for n := range 4 {
			i <- n
		}
		done := 0
		for _, err := range atOnce(4, func() error {
			return k.SignIns.ChangePassword(t.Context(), k.actor(u), 0, draft(accounttest.Password, fmt.Sprintf("Fenhe-lan %d", 2031+<-i)))
		}) {
			switch {
			case err == nil:
				done++
			case !errs.Is(err, errs.Stale) && !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooMany):
				t.Errorf("got %v", err)
			}
		}
		if done != 1 {
			t.Errorf("%d changes succeeded", done)
		}
	})
}
