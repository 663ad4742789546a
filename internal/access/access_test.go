package access_test

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/region"
)

func TestZeroSeesNothing(t *testing.T) {
	var s access.Scope
	if cond, args := s.Where("region_code"); cond != "1 = 0" || args != nil || s.Contains("14") || !s.Empty() {
		t.Errorf("the zero scope says %q %v", cond, args)
	}
	var nobody access.Actor
	if nobody.Can(access.PersonRead) || nobody.Can(access.SignedIn) || !nobody.Can(access.Public) {
		t.Error("nobody has rights")
	}
	if !errs.Is(nobody.Need(access.PersonRead), errs.Unauthenticated) {
		t.Error("nobody is told something else than to sign in")
	}
}

func TestScopeIsOfOnePermission(t *testing.T) {
	a := access.NewActor(1, "甲", "session", []access.Grant{
		{Role: access.Officer, Region: "141002"},
		{Role: access.Leader, Region: "1410"},
		{Role: access.VillageWorker, Region: "141024001001"},
		{Role: access.Officer, Region: "141002001"},
	}, nil)
	for _, c := range []struct {
		permission access.Permission
		want       []region.Code
	}{
		{access.PersonRead, []region.Code{"141002", "141024001001"}},
		{access.PersonExport, []region.Code{"141002"}},
		{access.FigureRead, []region.Code{"1410"}},
		{access.AuditRead, nil},
	} {
		if got := a.Scope(c.permission).Regions(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.permission, got, c.want)
		}
	}
	if err := a.NeedIn(access.PersonExport, "141024"); !errs.Is(err, errs.Denied) {
		t.Errorf("exports elsewhere: %v", err)
	}
	if err := a.NeedIn(access.PersonExport, "141002003"); err != nil {
		t.Error(err)
	}
}

func TestTokenKeepsLess(t *testing.T) {
	grants := []access.Grant{{Role: access.Feed, Region: "1410"}}
	a := access.NewActor(1, "接口", "token", grants, &access.Limit{Permissions: []access.Permission{access.FactRecord}, Region: "141002"})
	if a.Can(access.PersonWrite) || a.Scope(access.FactRecord).Contains("141003") || !a.Scope(access.FactRecord).Contains("141002001") {
		t.Error("the limit does not hold")
	}
	outside := access.NewActor(1, "接口", "token", grants, &access.Limit{Region: "52"})
	if outside.Can(access.FactRecord) {
		t.Error("a token gives more than its user has")
	}
}

func TestNarrow(t *testing.T) {
	s := access.NewActor(1, "甲", "session", []access.Grant{
		{Role: access.Officer, Region: "141002"}, {Role: access.Officer, Region: "1411"},
	}, nil).Scope(access.PersonRead)
	for _, c := range []struct {
		to   region.Code
		want []region.Code
	}{
		{"14", []region.Code{"141002", "1411"}},
		{"1410", []region.Code{"141002"}},
		{"141002001", []region.Code{"141002001"}},
		{"141003", nil},
		{"", []region.Code{"141002", "1411"}},
	} {
		if got := s.Narrow(c.to).Regions(); !slices.Equal(got, c.want) {
			t.Errorf("narrowed to %q: got %v, want %v", c.to, got, c.want)
		}
	}
}

// TestRangeIsContains holds the SQL range and Contains equal.
func TestRangeIsContains(t *testing.T) {
	code := rapid.Map(rapid.SampledFrom([]int{0, 2, 4, 6, 9, 12}), func(n int) region.Code { return region.Code("149919991999"[:n]) })
	other := rapid.Map(rapid.StringMatching(`(1[49](9[90](1[09](99[91]([019]{3})?)?)?)?)?`), func(s string) region.Code { return region.Code(s) })
	rapid.Check(t, func(t *rapid.T) {
		s := access.NewActor(1, "甲", "session", []access.Grant{{Role: access.Officer, Region: code.Draw(t, "scope")}}, nil).Scope(access.PersonRead)
		c := other.Draw(t, "code")
		_, args := s.Where("c")
		in := string(c) >= args[0].(string) && string(c) < args[1].(string)
		if in != s.Contains(c) {
			t.Fatalf("%q in %v: range says %v", c, s.Regions(), in)
		}
	})
}

func TestTableOfRoles(t *testing.T) {
	labelled := map[access.Permission]bool{}
	for _, l := range access.Labels {
		labelled[l.Permission] = true
	}
	for _, r := range access.Roles {
		for _, p := range r.Permissions {
			if !labelled[p] {
				t.Errorf("%s has no Chinese name", p)
			}
		}
		for _, other := range r.Against {
			info, ok := other.Info()
			if !ok || !slices.Contains(info.Against, r.Role) {
				t.Errorf("%s is against %s, which is not against it", r.Role, other)
			}
		}
		if r.Label == "" || r.About == "" {
			t.Errorf("%s is not described", r.Role)
		}
	}
	if access.Administrator.Has(access.PersonRead) || access.Leader.Has(access.PersonRead) || access.Auditor.Has(access.PersonRead) {
		t.Error("a role reads people's files without need")
	}
	if _, ok := access.Role("nobody").Info(); ok || access.Role("nobody").Has(access.PersonRead) {
		t.Error("a role that does not exist has rights")
	}
}

func TestContext(t *testing.T) {
	if access.From(context.Background()).Known() {
		t.Error("somebody acts in an empty context")
	}
	if a := access.From(access.With(context.Background(), access.System("测试"))); !a.Can(access.PersonMerge) {
		t.Error("the system may not act")
	}
}
