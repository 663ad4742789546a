package account_test

import (
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/region"
)

func TestOrganisations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		ctx := t.Context()
		city := accounttest.Organisation(t, k.Accounts, "1410")
		admin, county := actorOf("1410"), actorOf("141002")
		draft := account.OrganisationDraft{Kind: account.County, Name: "尧都区民政局", Region: "141002", Parent: city.ID}
		o, err := k.Accounts.CreateOrganisation(ctx, county, draft) // its city lies outside the actor's scope
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Accounts.CreateOrganisation(ctx, admin, draft)
		want(t, err, errs.Invalid, "name: 尧都区已有同名单位")
		_, err = k.Accounts.CreateOrganisation(ctx, county, account.OrganisationDraft{Kind: account.Department, Name: "市残联", Region: "1410"})
		want(t, err, errs.Invalid, "region: 临汾市不在您的管理范围内")
		_, err = k.Accounts.CreateOrganisation(ctx, admin, account.OrganisationDraft{Kind: account.Department, Name: "区残联", Region: "141003", Parent: o.ID})
		want(t, err, errs.Invalid, "parent: 上级单位应在")
		_, err = k.Accounts.CreateOrganisation(ctx, admin, account.OrganisationDraft{Kind: account.Department, Name: "区残联", Region: "141002", Parent: 99})
		want(t, err, errs.Invalid, "parent: 请选择上级单位")
		_, err = k.Accounts.CreateOrganisation(ctx, actor(t, k, access.Officer, "1410"), draft)
		want(t, err, errs.Denied, "没有这项权限")

		office, err := k.Accounts.CreateOrganisation(ctx, admin, account.OrganisationDraft{Kind: account.Department, Name: "区残联", Region: "141002", Parent: o.ID})
		if err != nil {
			t.Fatal(err)
		}
		draft.Parent = office.ID
		want(t, k.Accounts.ChangeOrganisation(ctx, admin, o.ID, 1, draft), errs.Invalid, "parent: 这样会使上下级关系成为一个圈")
		draft.Parent = o.ID
		want(t, k.Accounts.ChangeOrganisation(ctx, admin, o.ID, 1, draft), errs.Invalid, "parent: 上级单位不能是它自己")
		draft.Parent, draft.Name = city.ID, "临汾市尧都区民政局"
		if err := k.Accounts.ChangeOrganisation(ctx, admin, o.ID, 1, draft); err != nil {
			t.Fatal(err)
		}
		want(t, k.Accounts.ChangeOrganisation(ctx, admin, o.ID, 1, draft), errs.Stale, "已被别人修改")
		want(t, k.Accounts.ChangeOrganisation(ctx, actorOf("1411"), o.ID, 2, account.OrganisationDraft{Kind: account.City, Name: "某", Region: "1411"}), errs.NotFound, "没有找到")
		got, err := k.Accounts.Organisation(ctx, county.Scope(access.AccountRead), o.ID)
		if err != nil || got.Name != "临汾市尧都区民政局" || got.Version != 2 || got.Parent != city.ID {
			t.Errorf("got %+v, %v", got, err)
		}
		_, err = k.Accounts.Organisation(ctx, county.Scope(access.AccountRead), city.ID)
		want(t, err, errs.NotFound, "没有找到")
	})
}

func TestListOfOrganisations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		for _, at := range []region.Code{"1410", "141002", "141002001", "141002002", "141003", "1411"} {
			accounttest.Organisation(t, k.Accounts, at)
		}
		list := func(at region.Code, q account.OrganisationQuery) (string, account.OrganisationPage) {
			t.Helper()
			page, err := k.Accounts.Organisations(t.Context(), actorOf(at).Scope(access.AccountRead), q)
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, o := range page.Organisations {
				codes = append(codes, string(o.Region))
			}
			return strings.Join(codes, " "), page
		}
		for _, c := range []struct {
			at   region.Code
			q    account.OrganisationQuery
			want string
		}{
			{"14", account.OrganisationQuery{Limit: 9}, "1410 141002 141002001 141002002 141003 1411"},
			{"141002", account.OrganisationQuery{Limit: 9}, "141002 141002001 141002002"},
			{"1410", account.OrganisationQuery{Limit: 9, Kind: account.Town}, "141002001 141002002"},
			{"1410", account.OrganisationQuery{Limit: 9, Text: "141003"}, "141003"},
		} {
			if got, _ := list(c.at, c.q); got != c.want {
				t.Errorf("%s %+v: got %q, want %q", c.at, c.q, got, c.want)
			}
		}
		first, page := list("14", account.OrganisationQuery{Limit: 4})
		second, last := list("14", account.OrganisationQuery{Limit: 4, After: page.Next})
		back, again := list("14", account.OrganisationQuery{Limit: 4, Before: last.Previous})
		if first+" "+second != "1410 141002 141002001 141002002 141003 1411" || back != first || again.Previous != nil || last.Next != nil {
			t.Errorf("pages %q, %q, back %q", first, second, back)
		}
		root, err := k.Accounts.Root(t.Context())
		if err != nil || root != "14" {
			t.Errorf("root %q, %v", root, err)
		}
	})
}

func TestRootOfOneOrganisation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _ := setup(t, d)
		if root, err := k.Accounts.Root(t.Context()); err != nil || root != region.Nation {
			t.Errorf("root of nothing %q, %v", root, err)
		}
		accounttest.Organisation(t, k.Accounts, "141002")
		if root, err := k.Accounts.Root(t.Context()); err != nil || root != "141002" {
			t.Errorf("root %q, %v", root, err)
		}
	})
}
