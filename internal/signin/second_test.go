package signin_test

import (
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

// code is what the telephone shows now.
func (k *kit) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := credential.Code(secret, credential.Step(k.now()))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrol turns a user's second factor on. The code of this half minute is used.
func (k *kit) enrol(t *testing.T, u *account.User) (secret string, codes []string) {
	t.Helper()
	if err := k.SignIns.StartSecond(t.Context(), k.actor(u)); err != nil {
		t.Fatal(err)
	}
	e, err := k.SignIns.PendingSecond(t.Context(), k.actor(u))
	if err != nil {
		t.Fatal(err)
	}
	secret = strings.ReplaceAll(e.Secret, " ", "")
	codes, err = k.SignIns.ConfirmSecond(t.Context(), k.actor(u), k.code(t, secret))
	if err != nil {
		t.Fatal(err)
	}
	return secret, codes
}

func (k *kit) second(t *testing.T, u *account.User, code string) (signin.Passed, error) {
	t.Helper()
	return k.SignIns.Second(t.Context(), u.ID, signin.ByPassword, code, home)
}

func TestSecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d, func(c *signin.Config) { c.RequireTOTP = []access.Role{access.Officer} })
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, access.Officer, "141002")
		if who, err := k.SignIns.BySignIn(ctx, k.login(t, u)); err != nil || who.Must != "/account/second" {
			t.Errorf("before: %+v, %v", who, err)
		}
		if err := k.SignIns.StartSecond(ctx, k.actor(u)); err != nil {
			t.Fatal(err)
		}
		_, err := k.SignIns.ConfirmSecond(ctx, k.actor(u), "000000")
		want(t, err, errs.Invalid, "code: 验证码不正确")
		e, err := k.SignIns.PendingSecond(ctx, k.actor(u))
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.second(t, u, k.code(t, strings.ReplaceAll(e.Secret, " ", "")))
		want(t, err, errs.Invalid, "不正确") // nothing can be opened with a factor that was not confirmed
		if passed, err := k.SignIns.Login(ctx, u.Login, accounttest.Password, home); err != nil || passed.SignIn == 0 {
			t.Errorf("asks for a factor that was not confirmed: %+v, %v", passed, err)
		}
		secret, codes := k.enrol(t, u)
		if len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		want(t, k.SignIns.StartSecond(ctx, k.actor(u)), errs.Conflict, "已启用")
		_, err = k.SignIns.PendingSecond(ctx, k.actor(u))
		want(t, err, errs.NotFound, "没有正在设置")

		passed, err := k.SignIns.Login(ctx, u.Login, accounttest.Password, home)
		if err != nil || passed.SignIn != 0 || passed.User != u.ID {
			t.Fatalf("password alone: %+v, %v", passed, err)
		}
		_, err = k.second(t, u, k.code(t, secret))
		want(t, err, errs.Invalid, "已用过") // it was shown to confirm
		k.pass(30 * time.Second)
		code := k.code(t, secret)
		passed, err = k.second(t, u, " "+code[:3]+" "+code[3:])
		if err != nil {
			t.Fatal(err)
		}
		if who, err := k.SignIns.BySignIn(ctx, passed.SignIn); err != nil || who.Must != "" {
			t.Errorf("after: %+v, %v", who, err)
		}
		_, err = k.second(t, u, code)
		want(t, err, errs.Invalid, "已用过")
		if got := k.actions(t)[:2]; !slices.Equal(got, []string{"sign_in.fail", "sign_in.ok"}) {
			t.Errorf("the trail tells %v", got)
		}
		var stored []byte
		if err := d.NewRaw("SELECT secret FROM sign_in_second").Scan(ctx, &stored); err != nil || strings.Contains(string(stored), secret) {
			t.Errorf("the secret is stored in clear, or %v", err)
		}
	})
}

// TestOldCodeAfterNewer: a code of the half minute before is no good once a newer
// one was taken.
func TestOldCodeAfterNewer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, "", "141002")
		secret, _ := k.enrol(t, u)
		k.pass(30 * time.Second)
		old := k.code(t, secret)
		k.pass(30 * time.Second)
		if _, err := k.second(t, u, k.code(t, secret)); err != nil {
			t.Fatal(err)
		}
		_, err := k.second(t, u, old)
		want(t, err, errs.Invalid, "已用过")
	})
}

func TestRecoveryCodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u, other := accounttest.User(t, k.SignIns, "", "141002"), accounttest.User(t, k.SignIns, "", "141002")
		_, codes := k.enrol(t, u)
		k.enrol(t, other)
		if _, err := k.second(t, other, codes[0]); !errs.Is(err, errs.Invalid) {
			t.Errorf("another's code opens: %v", err)
		}
		if _, err := k.second(t, u, strings.ToUpper(strings.ReplaceAll(codes[0], "-", ""))); err != nil {
			t.Fatal(err)
		}
		_, err := k.second(t, u, codes[0])
		want(t, err, errs.Invalid, "已用过")
		c, err := k.SignIns.OwnCredentials(ctx, k.actor(u))
		if err != nil || c.Codes != 9 || c.Second.IsZero() {
			t.Errorf("credentials %+v, %v", c, err)
		}
		fresh, err := k.SignIns.NewCodes(ctx, k.actor(u), codes[1])
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.second(t, u, codes[2])
		want(t, err, errs.Invalid, "不正确")
		if _, err := k.second(t, u, fresh[0]); err != nil {
			t.Error(err)
		}
		_, err = k.SignIns.NewCodes(ctx, k.actor(u), "000000")
		want(t, err, errs.Invalid, "code: ")
	})
}

// TestRecoveryCodeAtOnce: one code, two browsers, one sign-in.
func TestRecoveryCodeAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, "", "141002")
		_, codes := k.enrol(t, u)
		for _, code := range codes[:5] {
			done := 0
			for _, err := range atOnce(3, func() error {
				_, err := k.second(t, u, code)
				return err
			}) {
				switch {
				case err == nil:
					done++
				case !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooMany):
					t.Errorf("got %v", err)
				}
			}
			if done != 1 {
				t.Fatalf("one code was taken %d times", done)
			}
			k.pass(16 * time.Minute)
		}
	})
}

// TestCodeAtOnce: nor is a code of the telephone.
func TestCodeAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, "", "141002")
		secret, _ := k.enrol(t, u)
		k.pass(time.Minute)
		code := k.code(t, secret)
		done := 0
		for _, err := range atOnce(4, func() error {
			_, err := k.second(t, u, code)
			return err
		}) {
			if err == nil {
				done++
			}
		}
		if done != 1 {
			t.Errorf("one code was taken %d times", done)
		}
	})
}

// TestCodesAreNotGuessed: the password again and again gives no more guesses.
func TestCodesAreNotGuessed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		u := accounttest.User(t, k.SignIns, "", "141002")
		secret, _ := k.enrol(t, u)
		k.pass(time.Minute)
		for range 5 {
			if _, err := k.SignIns.Login(t.Context(), u.Login, accounttest.Password, home); err != nil {
				t.Fatal(err)
			}
			_, err := k.second(t, u, "abcde-fghij")
			want(t, err, errs.Invalid, "不正确")
		}
		if _, err := k.SignIns.Login(t.Context(), u.Login, accounttest.Password, home); err != nil {
			t.Fatal(err)
		}
		_, err := k.second(t, u, k.code(t, secret))
		want(t, err, errs.TooMany, "验证码连续输错太多次，已锁定")
		k.pass(15 * time.Minute)
		if _, err := k.second(t, u, k.code(t, secret)); err != nil {
			t.Error(err)
		}
	})
}

func TestDropAndResetSecond(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		u := accounttest.User(t, k.SignIns, "", "141002")
		_, codes := k.enrol(t, u)
		want(t, k.SignIns.DropSecond(ctx, k.actor(u), "nonsense"), errs.Invalid, "code: ")
		if err := k.SignIns.DropSecond(ctx, k.actor(u), codes[0]); err != nil {
			t.Fatal(err)
		}
		in := k.login(t, u)
		_, err := k.second(t, u, codes[1])
		want(t, err, errs.Invalid, "不正确")

		k.enrol(t, u)
		admin := k.actor(accounttest.User(t, k.SignIns, access.Administrator, "1410"))
		want(t, k.SignIns.ResetSecond(ctx, k.actor(u), u.ID), errs.Conflict, "我的账号")
		want(t, k.SignIns.ResetSecond(ctx, k.actor(accounttest.User(t, k.SignIns, access.Administrator, "1411")), u.ID), errs.NotFound, "没有找到")
		if err := k.SignIns.ResetSecond(ctx, admin, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := k.SignIns.BySignIn(ctx, in); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("still signed in: %v", err)
		}
		k.login(t, u)
		if got := k.actions(t)[1]; got != "second.reset" {
			t.Errorf("the trail tells %s", got)
		}
	})
}
