package signin_test

import (
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account/accounttest"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/signin"
)

func TestIdle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		in := k.login(t, u)
		seen := func() time.Time {
			t.Helper()
			list, err := k.SignIns.SignIns(ctx, k.actor(u))
			if err != nil || len(list) != 1 {
				t.Fatalf("%v, %v", list, err)
			}
			return list[0].Seen.Time()
		}
		began := k.now()
		k.pass(59 * time.Second)
		if _, err := k.SignIns.BySignIn(ctx, in); err != nil {
			t.Fatal(err)
		}
		if !seen().Equal(began) {
			t.Error("the last sight is written within a minute")
		}
		k.pass(28 * time.Minute)
		if _, err := k.SignIns.BySignIn(ctx, in); err != nil {
			t.Fatal(err)
		}
		eventually(t, "last sight", func() bool { return seen().Equal(k.now()) })
		k.pass(30 * time.Minute)
		if _, err := k.SignIns.BySignIn(ctx, in); err != nil {
			t.Fatal(err)
		}
		eventually(t, "last sight", func() bool { return seen().Equal(k.now()) })
		k.pass(30*time.Minute + time.Second)
		_, err := k.SignIns.BySignIn(ctx, in)
		want(t, err, errs.Unauthenticated, "没有操作，为了安全已退出")
		k.pass(-10 * time.Minute)
		_, err = k.SignIns.BySignIn(ctx, in)
		want(t, err, errs.Unauthenticated, "没有操作，为了安全已退出")
	})
}

func TestEndSignIns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		other := accounttest.User(t, k.SignIns, access.Officer, "141002")
		a, b, c := k.login(t, u), k.login(t, u), k.login(t, u)
		theirs := k.login(t, other)
		open := func(name string, yes bool, in ...id.ID) {
			t.Helper()
			for _, one := range in {
				_, err := k.SignIns.BySignIn(ctx, one)
				if (err == nil) != yes || err != nil && !errs.Is(err, errs.Unauthenticated) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if err := k.SignIns.EndOwn(ctx, k.actor(other), a, 0); err != nil {
			t.Fatal(err)
		}
		open("another's", true, a, b, c, theirs)
		if err := k.SignIns.EndOwn(ctx, k.actor(u), a, 0); err != nil {
			t.Fatal(err)
		}
		open("ended", false, a)
		open("not ended", true, b, c, theirs)
		if err := k.SignIns.EndOwn(ctx, k.actor(u), 0, c); err != nil {
			t.Fatal(err)
		}
		open("ended with all others", false, a, b)
		open("kept", true, c, theirs)
		if err := k.SignIns.SignOut(ctx, k.actor(u), c); err != nil {
			t.Fatal(err)
		}
		open("signed out", false, c)

		again := k.login(t, u)
		admin := k.actor(accounttest.User(t, k.SignIns, access.Administrator, "1410"))
		sibling := k.actor(accounttest.User(t, k.SignIns, access.Administrator, "1411"))
		want(t, k.SignIns.EndOf(ctx, sibling, u.ID, again), errs.NotFound, "没有找到")
		want(t, k.SignIns.EndOf(ctx, k.actor(other), u.ID, again), errs.Denied, "没有这项权限")
		if _, err := k.SignIns.SignInsOf(ctx, sibling.Scope(access.AccountRead), u.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("seen from elsewhere: %v", err)
		}
		if err := k.SignIns.EndOf(ctx, admin, u.ID, 0); err != nil {
			t.Fatal(err)
		}
		_, err := k.SignIns.BySignIn(ctx, again)
		want(t, err, errs.Unauthenticated, "管理员结束了您的登录")
		list, err := k.SignIns.SignInsOf(ctx, admin.Scope(access.AccountRead), u.ID)
		if err != nil || len(list) != 4 || list[0].Reason != signin.EndedByOther || list[1].Reason != signin.SignedOut || list[0].Address != home.Address {
			t.Errorf("list %+v, %v", list, err)
		}
	})
}

func TestSweep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		k.login(t, u)
		_, _ = k.SignIns.Login(ctx, "nobody", "wrong", home)
		count := func() (attempts, signIns int) {
			t.Helper()
			if err := d.NewRaw("SELECT (SELECT count(*) FROM sign_in_attempt), (SELECT count(*) FROM sign_in)").Scan(ctx, &attempts, &signIns); err != nil {
				t.Fatal(err)
			}
			return attempts, signIns
		}
		sweep := func(after time.Duration, attempts, signIns int) {
			t.Helper()
			k.pass(after)
			if err := k.SignIns.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			if a, s := count(); a != attempts || s != signIns {
				t.Errorf("%s later: %d attempts, %d sign-ins", after, a, s)
			}
		}
		sweep(time.Hour, 2, 1)
		sweep(24*time.Hour, 0, 1)
		sweep(180*24*time.Hour, 0, 0)
	})
}

// TestTokensDoNotChangeSignIn: a token acts for a machine, which has nothing to sign
// in with.
func TestTokensDoNotChangeSignIn(t *testing.T) {
	k := setup(t, dbtest.SQLite(t))
	u := accounttest.User(t, k.SignIns, access.Officer, "141002")
	token := access.NewActor(u.ID, u.Name, "token", nil, nil)
	want(t, k.SignIns.StartSecond(t.Context(), token), errs.Denied, "令牌不能")
	want(t, k.SignIns.ChangePassword(t.Context(), token, 0, signin.PasswordDraft{}), errs.Denied, "令牌不能")
	_, err := k.SignIns.SignIns(t.Context(), token)
	want(t, err, errs.Denied, "令牌不能")
	_, err = k.SignIns.OwnCredentials(t.Context(), access.Actor{})
	want(t, err, errs.Unauthenticated, "请先登录")
}
