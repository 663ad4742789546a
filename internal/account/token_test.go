package account_test

import (
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/region"
)

// machine makes a machine that holds a role in a region.
func machine(t *testing.T, k *accounttest.Kit, login string, role access.Role, at region.Code) *account.User {
	t.Helper()
	u, err := k.Accounts.CreateUser(t.Context(), accounttest.System, account.UserDraft{
		Login: login, Name: "市公安局人口库", Organisation: accounttest.Organisation(t, k.Accounts, at).ID, Machine: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Accounts.Grant(t.Context(), accounttest.System, u.ID, account.GrantDraft{Role: role, Region: at}); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, clock := setup(t, d)
		ctx := t.Context()
		admin := actorOf("1410")
		feed := machine(t, k, "police", access.Feed, "1410")
		draft := account.TokenDraft{
			User: feed.ID, Name: "死亡信息推送", Days: 30, Region: "141002",
			Permissions: []access.Permission{access.FactRecord, access.PersonRead, access.FactRecord},
		}
		secret, token, err := k.Accounts.CreateToken(ctx, admin, draft)
		if err != nil {
			t.Fatal(err)
		}
		who, err := k.Accounts.ByToken(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		a := who.Actor
		if a.User != feed.ID || a.Via != "token" || !a.Scope(access.FactRecord).Contains("141002001") ||
			a.Scope(access.FactRecord).Contains("141003") || a.Can(access.PersonWrite) {
			t.Errorf("acts as %+v", a)
		}
		for _, wrong := range []string{"", "yian_", secret + "x", secret[:len(secret)-1], strings.Repeat("a", 5000)} {
			if _, err := k.Accounts.ByToken(ctx, wrong); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("%.20q opens: %v", wrong, err)
			}
		}
		var stored string
		if err := d.NewRaw("SELECT name || permissions || region_code FROM account_token").Scan(ctx, &stored); err != nil || stored != "死亡信息推送fact:record person:read141002" {
			t.Errorf("stored %q, %v", stored, err)
		}
		eventually(t, "last use", func() bool {
			list, err := k.Accounts.Tokens(ctx, admin.Scope(access.TokenWrite), account.TokenQuery{User: feed.ID, Limit: 9})
			return err == nil && len(list) == 1 && list[0].Used == k.Accounts.Instant()
		})

		clock.pass(30 * 24 * time.Hour)
		if _, err := k.Accounts.ByToken(ctx, secret); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("opens after its time: %v", err)
		}
		clock.pass(-time.Second)
		if _, err := k.Accounts.ByToken(ctx, secret); err != nil {
			t.Error(err)
		}
		want(t, k.Accounts.RevokeToken(ctx, actorOf("1411"), token.ID), errs.NotFound, "没有找到这个令牌")
		if err := k.Accounts.RevokeToken(ctx, admin, token.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Accounts.ByToken(ctx, secret); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("opens although it was revoked: %v", err)
		}
		if got := actions(t, k)[:2]; got[0] != "token.revoke" || got[1] != "token.create" {
			t.Errorf("the trail tells %v", got)
		}
	})
}

func TestTokenOfDisabledMachine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		feed := machine(t, k, "police", access.Feed, "1410")
		secret, _, err := k.Accounts.CreateToken(t.Context(), actorOf("1410"), account.TokenDraft{
			User: feed.ID, Name: "推送", Days: 1, Region: "1410", Permissions: []access.Permission{access.PersonRead},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Accounts.SetState(t.Context(), actorOf("1410"), feed.ID, account.Disabled); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Accounts.ByToken(t.Context(), secret); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("opens: %v", err)
		}
	})
}

func TestTokenDrafts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		feed := machine(t, k, "police", access.Feed, "1410")
		person := accounttest.User(t, k.SignIns, access.Officer, "1410")
		abroad := machine(t, k, "lvliang", access.Feed, "1411")
		for _, c := range []struct {
			name   string
			actor  access.Actor
			change func(*account.TokenDraft)
			kind   errs.Kind
			text   string
		}{
			{"a person", actorOf("1410"), func(d *account.TokenDraft) { d.User = person.ID }, errs.Invalid, "user: 令牌只能发给接口用户"},
			{"no name", actorOf("1410"), func(d *account.TokenDraft) { d.Name = " " }, errs.Invalid, "name: "},
			{"for ever", actorOf("1410"), func(d *account.TokenDraft) { d.Days = 4000 }, errs.Invalid, "days: "},
			{"over at once", actorOf("1410"), func(d *account.TokenDraft) { d.Days = 0 }, errs.Invalid, "days: "},
			{"nothing to do", actorOf("1410"), func(d *account.TokenDraft) { d.Permissions = nil }, errs.Invalid, "permissions: "},
			{"more than it has", actorOf("1410"), func(d *account.TokenDraft) { d.Permissions = []access.Permission{access.PersonExport} }, errs.Invalid, "permissions: 该接口用户在临汾市没有“导出名单”权限"},
			{"where it has nothing", actorOf("1410"), func(d *account.TokenDraft) { d.Region = "1411" }, errs.Invalid, "permissions: "},
			{"no such right", actorOf("1410"), func(d *account.TokenDraft) { d.Permissions = []access.Permission{"all"} }, errs.Invalid, "permissions: 没有“all”这项权限"},
			{"a stranger's machine", actorOf("1410"), func(d *account.TokenDraft) { d.User = abroad.ID }, errs.Invalid, "user: 请选择接口用户"},
			{"an officer", access.NewActor(2, "某", "session", []access.Grant{{Role: access.Officer, Region: "1410"}}, nil), func(*account.TokenDraft) {}, errs.Denied, "没有这项权限"},
		} {
			draft := account.TokenDraft{User: feed.ID, Name: "推送", Days: 30, Region: "1410", Permissions: []access.Permission{access.PersonRead}}
			c.change(&draft)
			secret, _, err := k.Accounts.CreateToken(t.Context(), c.actor, draft)
			if secret != "" {
				t.Errorf("%s: got a token", c.name)
			}
			want(t, err, c.kind, c.text)
		}
	})
}

// eventually waits for what is done beside the request.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s: not seen", what)
}
