package account

import (
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/region"
)

// told joins what an error says of fields.
func told(err error) string {
	var all []string
	for _, f := range errs.FieldsOf(err) {
		all = append(all, f.Name+": "+f.Message)
	}
	if len(all) == 0 && err != nil {
		return errs.Message(err)
	}
	return strings.Join(all, "; ")
}

func day(t testing.TB, s string) civil.Date {
	t.Helper()
	if s == "" {
		return 0
	}
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestUserDraft(t *testing.T) {
	good := UserDraft{Login: " Zhang.Wei ", Name: " 张伟 ", Organisation: 1, Phone: "138 1234 5678"}
	if err := good.clean(); err != nil || good.Login != "zhang.wei" || good.Name != "张伟" || good.Phone != "13812345678" {
		t.Errorf("cleaned to %+v, %v", good, err)
	}
	for _, c := range []struct {
		change func(*UserDraft)
		wrong  string
	}{
		{func(d *UserDraft) { d.Login = "ab" }, "login: "},
		{func(d *UserDraft) { d.Login = "张伟" }, "login: "},
		{func(d *UserDraft) { d.Login = ".zhang" }, "login: "},
		{func(d *UserDraft) { d.Login = strings.Repeat("a", 33) }, "login: "},
		{func(d *UserDraft) { d.Name = " " }, "name: "},
		{func(d *UserDraft) { d.Name = "张\n伟" }, "name: "},
		{func(d *UserDraft) { d.Name = strings.Repeat("张", 31) }, "name: "},
		{func(d *UserDraft) { d.Organisation = 0 }, "organisation: "},
		{func(d *UserDraft) { d.Phone = "12" }, "phone: "},
	} {
		d := UserDraft{Login: "zhang.wei", Name: "张伟", Organisation: 1}
		c.change(&d)
		if got := told(d.clean()); !strings.HasPrefix(got, c.wrong) || strings.Contains(got, "; ") {
			t.Errorf("%+v: got %q, want %q", d, got, c.wrong)
		}
	}
}

func TestOrganisationDraft(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		at    region.Code
		wrong string
	}{
		{Province, "14", ""},
		{City, "1410", ""},
		{County, "141002", ""},
		{Town, "141002001", ""},
		{Village, "141002001001", ""},
		{Department, "1410", ""},
		{Institution, "141002001", ""},
		{Town, "141002", "region: "},
		{Province, "1410", "region: "},
		{"ministry", "", "kind: "},
		{"", "14", "kind: "},
	} {
		d := OrganisationDraft{Kind: c.kind, Name: "单位", Region: c.at}
		if got := told(d.clean()); !strings.HasPrefix(got, c.wrong) || c.wrong == "" && got != "" {
			t.Errorf("%s in %s: got %q, want %q", c.kind, c.at, got, c.wrong)
		}
	}
}

func TestAdmits(t *testing.T) {
	today := day(t, "2026-11-22")
	grant := func(role access.Role, at region.Code, from, to string) Grant {
		return Grant{Role: role, Region: at, From: day(t, from), To: day(t, to)}
	}
	ended := grant(access.Author, "1410", "2026-01-01", "")
	ended.EndedAt = 1
	for _, c := range []struct {
		name     string
		existing []Grant
		wanted   Grant
		wrong    string
	}{
		{"first", nil, grant(access.Officer, "1410", "2026-11-22", ""), ""},
		{"town worker in a town", nil, grant(access.TownWorker, "141002001", "2026-11-22", ""), ""},
		{"town worker in a county", nil, grant(access.TownWorker, "141002", "2026-11-22", ""), "region: “乡镇（街道）经办”只能授予乡镇（街道）一级"},
		{"village worker in a town", nil, grant(access.VillageWorker, "141002001", "2026-11-22", ""), ""},
		{"no such role", nil, grant("king", "1410", "2026-11-22", ""), "role: "},
		{"no start", nil, grant(access.Officer, "1410", "", ""), "from: "},
		{"ends before it starts", nil, grant(access.Officer, "1410", "2026-12-02", "2026-12-01"), "to: "},
		{"over already", nil, grant(access.Officer, "1410", "2026-01-01", "2026-11-21"), "to: "},
		{"for today alone", nil, grant(access.Officer, "1410", "2026-11-22", "2026-11-22"), ""},
		{
			"the same again",
			[]Grant{grant(access.Officer, "1410", "2026-01-01", "")},
			grant(access.Officer, "1410", "2026-11-22", ""), "role: 该用户在临汾市已有",
		},
		{
			"the same elsewhere",
			[]Grant{grant(access.Officer, "1410", "2026-01-01", "")},
			grant(access.Officer, "1411", "2026-11-22", ""), "",
		},
		{
			"the same after it ends",
			[]Grant{grant(access.Officer, "1410", "2026-01-01", "2026-11-30")},
			grant(access.Officer, "1410", "2026-12-01", ""), "",
		},
		{
			"maker and checker",
			[]Grant{grant(access.Author, "14", "2026-01-01", "")},
			grant(access.Approver, "1410", "2026-11-22", ""), "role: “政策审批”与该用户已有的“政策编制”",
		},
		{
			"administrator and auditor",
			[]Grant{grant(access.Auditor, "1410", "2026-01-01", "")},
			grant(access.Administrator, "1410", "2026-11-22", ""), "role: ",
		},
		{
			"maker and checker one after the other",
			[]Grant{grant(access.Author, "14", "2026-01-01", "2026-11-30")},
			grant(access.Approver, "14", "2026-12-01", ""), "",
		},
		{
			"maker and checker, overlapping in the future",
			[]Grant{grant(access.Author, "14", "2027-01-01", "2027-02-01")},
			grant(access.Approver, "14", "2026-12-01", ""), "role: ",
		},
		{"checker after the maker's role was taken", []Grant{ended}, grant(access.Approver, "1410", "2026-11-22", ""), ""},
	} {
		got := told(admits(c.existing, c.wanted, today))
		if !strings.HasPrefix(got, c.wrong) || c.wrong == "" && got != "" {
			t.Errorf("%s: got %q, want %q", c.name, got, c.wrong)
		}
	}
}

func TestHolds(t *testing.T) {
	g := Grant{From: day(t, "2026-11-20"), To: day(t, "2026-11-22")}
	for on, want := range map[string]bool{"2026-11-19": false, "2026-11-20": true, "2026-11-22": true, "2026-11-23": false} {
		if g.Holds(day(t, on)) != want {
			t.Errorf("on %s: got %v", on, !want)
		}
	}
	g.EndedAt = 1
	if g.Holds(day(t, "2026-11-21")) {
		t.Error("holds although it was ended")
	}
}

func TestCovered(t *testing.T) {
	today := day(t, "2026-11-22")
	admin := func(at region.Code, to string) Grant {
		return Grant{Role: access.Administrator, Region: at, From: day(t, "2026-01-01"), To: day(t, to)}
	}
	for _, c := range []struct {
		name   string
		others []Grant
		want   bool
	}{
		{"nobody", nil, false},
		{"the same region", []Grant{admin("1410", "")}, true},
		{"a larger region", []Grant{admin("14", "")}, true},
		{"the country", []Grant{admin("", "")}, true},
		{"a part of it", []Grant{admin("141002", "")}, false},
		{"a sibling", []Grant{admin("1411", "")}, false},
		{"for a time", []Grant{admin("1410", "2027-01-01")}, false},
		{"another role", []Grant{{Role: access.Officer, Region: "1410", From: today}}, false},
	} {
		if got := covered("1410", c.others, today); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}
