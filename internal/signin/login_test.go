package signin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/credential"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/signin"
)

func TestLogin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		passed, err := k.SignIns.Login(t.Context(), " "+strings.ToUpper(u.Login)+" ", accounttest.Password, home)
		if err != nil || passed.User != u.ID || passed.SignIn == 0 {
			t.Fatalf("got %+v, %v", passed, err)
		}
		who, err := k.SignIns.BySignIn(t.Context(), passed.SignIn)
		if err != nil || who.Actor.User != u.ID || who.Actor.Via != "session" || who.Role != "民政工作人员" ||
			who.Place != u.Organisation.Name || who.Must != "" || !who.Actor.Scope(access.PersonRead).Contains("141002") {
			t.Errorf("is %+v, %v", who, err)
		}
		if got := k.actions(t)[0]; got != "sign_in.ok" {
			t.Errorf("the trail tells %s", got)
		}
		_, err = k.SignIns.Login(t.Context(), u.Login, "", home)
		want(t, err, errs.Invalid, "login: 请填写登录名和密码")
		if _, err := k.SignIns.BySignIn(t.Context(), 12345); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("a sign-in that is not: %v", err)
		}
	})
}

// TestStrangersAndWrongPasswordsAreToldAlike keeps login names secret.
func TestStrangersAndWrongPasswordsAreToldAlike(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		machine, err := k.Accounts.CreateUser(t.Context(), accounttest.System, account.UserDraft{
			Login: "police", Name: "公安", Organisation: u.Organisation.ID, Machine: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		without, err := k.Accounts.CreateUser(t.Context(), accounttest.System, account.UserDraft{
			Login: "no.password", Name: "某", Organisation: u.Organisation.ID,
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			var texts []string
			for _, login := range []string{u.Login, "nobody", machine.Login, without.Login} {
				_, err := k.SignIns.Login(t.Context(), login, "wrong", signin.From{Address: "192.0.2." + login})
				if err == nil {
					t.Fatalf("%s is let in", login)
				}
				texts = append(texts, fmt.Sprint(errs.KindOf(err), errs.Message(err)))
			}
			if len(slices.Compact(slices.Clone(texts))) != 1 {
				t.Errorf("attempt %d is told differently: %q", i+1, texts)
			}
			k.pass(10 * time.Second)
		}
		var clear int
		if err := d.NewRaw("SELECT count(*) FROM sign_in_attempt WHERE id LIKE '%nobody%' AND id NOT LIKE 'address:%'").Scan(t.Context(), &clear); err != nil || clear != 0 {
			t.Errorf("what was typed is stored: %d, %v", clear, err)
		}
	})
}

func TestLockOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		wrong := func() error {
			_, err := k.SignIns.Login(ctx, u.Login, "wrong", home)
			return err
		}
		want(t, wrong(), errs.Invalid, "再错 4 次将锁定 15 分钟")
		want(t, wrong(), errs.Invalid, "再错 3 次")
		want(t, wrong(), errs.TooMany, "请等待 2 秒")
		k.pass(time.Second)
		want(t, wrong(), errs.Invalid, "再错 2 次")
		k.pass(2 * time.Second)
		want(t, wrong(), errs.Invalid, "再错 1 次")
		k.pass(4 * time.Second)
		want(t, wrong(), errs.TooMany, "已锁定到 09:15（还有约 15 分钟）")
		k.pass(10 * time.Minute)
		_, err := k.SignIns.Login(ctx, u.Login, accounttest.Password, home)
		want(t, err, errs.TooMany, "还有约 5 分钟")
		want(t, err, errs.TooMany, "请联系本单位的系统管理员")
		if got := k.actions(t)[:2]; !slices.Equal(got, []string{"sign_in.lock", "sign_in.fail"}) {
			t.Errorf("the trail tells %v", got)
		}
		admin := accounttest.User(t, k.SignIns, access.Administrator, "1410")
		c, err := k.SignIns.CredentialsOf(ctx, k.actor(admin).Scope(access.AccountRead), u.ID)
		if err != nil || c.Locked.IsZero() {
			t.Errorf("credentials %+v, %v", c, err)
		}
		want(t, k.SignIns.Unlock(ctx, k.actor(accounttest.User(t, k.SignIns, access.Administrator, "1411")), u.ID), errs.NotFound, "没有找到")
		if err := k.SignIns.Unlock(ctx, k.actor(admin), u.ID); err != nil {
			t.Fatal(err)
		}
		k.login(t, u)
		// Success begins the count anew.
		want(t, wrong(), errs.Invalid, "再错 4 次")
		k.pass(16 * time.Minute)
		want(t, wrong(), errs.Invalid, "再错 4 次")
	})
}

func TestLockEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		for range 5 {
			_, _ = k.SignIns.Login(t.Context(), u.Login, "wrong", home)
			k.pass(10 * time.Second)
		}
		k.pass(15 * time.Minute)
		k.login(t, u)
	})
}

// TestGuessesAtOnce: many at once get no more than the allowed number.
func TestGuessesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		results := atOnce(16, func() error {
			_, err := k.SignIns.Login(t.Context(), u.Login, "wrong", home)
			return err
		})
		tried := 0
		for _, err := range results {
			switch {
			case errs.Is(err, errs.Invalid):
				tried++
			case !errs.Is(err, errs.TooMany):
				t.Errorf("got %v", err)
			}
		}
		if tried == 0 || tried > 5 {
			t.Errorf("%d guesses were looked at", tried)
		}
	})
}

// TestCountIsNotLost: failures one after the other by several at once all count.
func TestCountIsNotLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d, func(c *signin.Config) { c.PerAddress = 30 })
		// Each is another account, so only the address counts.
		n := 0
		names := make(chan string, 64)
		for i := range 64 {
			names <- fmt.Sprintf("nobody%d", i)
		}
		for range 4 {
			for _, err := range atOnce(8, func() error {
				_, err := k.SignIns.Login(t.Context(), <-names, "wrong", home)
				return err
			}) {
				if errs.Is(err, errs.Invalid) {
					n++
				} else if !errs.Is(err, errs.TooMany) {
					t.Errorf("got %v", err)
				}
			}
		}
		if n != 30 {
			t.Errorf("%d were let through, 30 are allowed", n)
		}
	})
}

func TestAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d, func(c *signin.Config) { c.PerAddress = 6 })
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		for range 20 {
			k.login(t, u) // who succeeds is not counted
		}
		for i := range 6 {
			_, err := k.SignIns.Login(ctx, fmt.Sprintf("nobody%d", i), "wrong", home)
			want(t, err, errs.Invalid, "登录名或密码不正确")
		}
		_, err := k.SignIns.Login(ctx, u.Login, accounttest.Password, home)
		want(t, err, errs.TooMany, "从您所在的网络登录失败的次数太多")
		if _, err := k.SignIns.Login(ctx, u.Login, accounttest.Password, signin.From{Address: "192.0.2.8"}); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
	})
}

// TestSuccessDoesNotOpenALockedAddress: whoever has an account himself may not buy
// guesses with it.
func TestSuccessDoesNotOpenALockedAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d, func(c *signin.Config) { c.PerAddress = 6 })
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		for i := range 5 {
			_, _ = k.SignIns.Login(t.Context(), fmt.Sprintf("nobody%d", i), "wrong", home)
		}
		k.pass(time.Second)
		k.login(t, u) // the sixth attempt locks, and its success takes that back
		k.pass(time.Second)
		_, err := k.SignIns.Login(t.Context(), "nobody6", "wrong", home)
		want(t, err, errs.Invalid, "不正确")
		_, err = k.SignIns.Login(t.Context(), u.Login, accounttest.Password, home)
		want(t, err, errs.TooMany, "从您所在的网络")
	})
}

func TestDisabled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		in := k.login(t, u)
		if err := k.Accounts.SetState(ctx, accounttest.System, u.ID, account.Disabled); err != nil {
			t.Fatal(err)
		}
		_, err := k.SignIns.BySignIn(ctx, in)
		want(t, err, errs.Unauthenticated, "账号已停用")
		_, err = k.SignIns.Login(ctx, u.Login, accounttest.Password, home)
		want(t, err, errs.Conflict, "该账号已停用")
		_, err = k.SignIns.Login(ctx, u.Login, "wrong", home)
		want(t, err, errs.Invalid, "登录名或密码不正确")
		if err := k.Accounts.SetState(ctx, accounttest.System, u.ID, account.Active); err != nil {
			t.Fatal(err)
		}
		_, err = k.SignIns.BySignIn(ctx, in)
		want(t, err, errs.Unauthenticated, "重新登录")
	})
}

func TestHashIsMadeAnewAtAnotherCost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		stronger := k.SignIns.Config()
		stronger.Hash = credential.Cost{Memory: 128, Time: 1, Threads: 1}
		deps := k.SignIns.Deps
		later := signin.New(deps, stronger)
		if _, err := later.Login(t.Context(), u.Login, accounttest.Password, home); err != nil {
			t.Fatal(err)
		}
		var hash string
		if err := d.NewRaw("SELECT hash FROM sign_in_password WHERE user_id = ?", u.ID).Scan(t.Context(), &hash); err != nil || !strings.Contains(hash, "m=128,") {
			t.Errorf("hash is %s, %v", hash, err)
		}
		if _, err := later.Login(t.Context(), u.Login, accounttest.Password, home); err != nil {
			t.Error(err)
		}
	})
}
