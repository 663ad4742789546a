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

func first() signin.SetupDraft {
	return signin.SetupDraft{
		First: account.First{
			Organisation: account.OrganisationDraft{Kind: account.City, Name: "临汾市民政局", Region: "1410"},
			User:         account.UserDraft{Login: "admin.linfen", Name: "管理员"},
		},
		Password: "Fenhe-lan 2031", Again: "Fenhe-lan 2031",
	}
}

func (k *kit) link(t *testing.T) string {
	t.Helper()
	token, needed, err := k.SignIns.SetupLink(t.Context())
	if err != nil || !needed || token == "" {
		t.Fatalf("link %q, needed %v, %v", token, needed, err)
	}
	return token
}

func TestFirstAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		ctx := t.Context()
		token := k.link(t)
		want(t, k.SignIns.CheckSetup(ctx, token+"x"), errs.NotFound, "链接无效")
		for _, c := range []struct {
			change func(*signin.SetupDraft)
			wrong  string
		}{
			{func(d *signin.SetupDraft) { d.Organisation.Name = "" }, "organisation_name: "},
			{func(d *signin.SetupDraft) { d.Organisation.Region = "" }, "organisation_region: "},
			{func(d *signin.SetupDraft) { d.Organisation.Kind = account.Town }, "organisation_region: "},
			{func(d *signin.SetupDraft) { d.User.Login = "x" }, "login: "},
			{func(d *signin.SetupDraft) { d.Password = "short" }, "new: "},
			{func(d *signin.SetupDraft) { d.Again = "other" }, "again: "},
		} {
			draft := first()
			c.change(&draft)
			_, err := k.SignIns.FirstAdministrator(ctx, token, draft)
			want(t, err, errs.Invalid, c.wrong)
		}
		user, err := k.SignIns.FirstAdministrator(ctx, token, first())
		if err != nil {
			t.Fatal(err)
		}
		passed, err := k.SignIns.Login(ctx, "admin.linfen", "Fenhe-lan 2031", home)
		if err != nil || passed.User != user {
			t.Fatalf("log in: %+v, %v", passed, err)
		}
		who, err := k.SignIns.BySignIn(ctx, passed.SignIn)
		if err != nil || !who.Actor.Scope(access.AccountWrite).Contains("1410") || who.Actor.Scope(access.AccountWrite).Contains("14") || who.Actor.Can(access.PersonRead) {
			t.Errorf("is %+v, %v", who, err)
		}
		_, err = k.SignIns.FirstAdministrator(ctx, token, first())
		want(t, err, errs.NotFound, "链接无效")
		if token, needed, err := k.SignIns.SetupLink(ctx); err != nil || needed || token != "" {
			t.Errorf("another link is made: %v, %v", needed, err)
		}
	})
}

func TestSetupLinkExpires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		token := k.link(t)
		k.pass(24*time.Hour - time.Second)
		if err := k.SignIns.CheckSetup(t.Context(), token); err != nil {
			t.Error(err)
		}
		k.pass(time.Second)
		_, err := k.SignIns.FirstAdministrator(t.Context(), token, first())
		want(t, err, errs.NotFound, "重新启动 yian serve")
		if _, err := k.SignIns.FirstAdministrator(t.Context(), k.link(t), first()); err != nil {
			t.Error(err)
		}
	})
}

// TestLinksAtOnce: two nodes have printed a link each; both are used at once, and
// one administrator is made.
func TestLinksAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		links := make(chan string, 4)
		for range 4 {
			links <- k.link(t)
		}
		done := 0
		for i, err := range atOnce(4, func() error {
			draft := first()
			link := <-links
			draft.User.Login = fmt.Sprintf("admin%x", link[:6])
			_, err := k.SignIns.FirstAdministrator(t.Context(), link, draft)
			return err
		}) {
			switch {
			case err == nil:
				done++
			case !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Conflict):
				t.Errorf("%d: %v", i, err)
			}
		}
		if done != 1 {
			t.Errorf("%d administrators were made", done)
		}
	})
}

// TestNewLinkWhenNobodyAdministers: whoever has the server can help himself.
func TestNewLinkWhenNobodyAdministers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := setup(t, d)
		if _, err := k.SignIns.FirstAdministrator(t.Context(), k.link(t), first()); err != nil {
			t.Fatal(err)
		}
		k.exec(t, "UPDATE account SET state = 'disabled'")
		draft := first()
		draft.User.Login = "second.admin"
		if _, err := k.SignIns.FirstAdministrator(t.Context(), k.link(t), draft); err != nil {
			t.Fatal(err)
		}
		u, err := k.Accounts.ByLogin(t.Context(), accounttest.System.Scope(access.AccountRead), "second.admin")
		if err != nil || u.Organisation.Name != "临汾市民政局" {
			t.Errorf("works at %+v, %v", u, err)
		}
	})
}
