package app

import (
	"context"
	"fmt"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/signin"
)

// demoPassword is on the login page of the demonstration, and nowhere else.
const demoPassword = "Yian-demo-2026" //nolint:gosec // it protects nothing

// demoUser is an account of the demonstration.
type demoUser struct {
	login, name string
	role        access.Role
	region      region.Code
	office      string // of his organisation in demoOffices
}

var demoOffices = []struct {
	name   string
	kind   account.Kind
	region region.Code
}{
	{"临汾市民政局", account.City, "1410"},
	{"洪洞县民政局", account.County, "141024"},
	{"洪洞县人民政府办公室", account.County, "141024"},
	{"大槐树镇人民政府", account.Town, "141024100"},
	{"大槐树镇第一村村民委员会", account.Village, "141024100001"},
	{"临汾市残疾人联合会", account.Department, "1410"},
	{"洪洞县康宁养老院", account.Institution, "141024"},
}

// demoUsers are one account a role, in the order of the login page.
var demoUsers = []demoUser{
	{"city", "王建国", access.Officer, "1410", "临汾市民政局"},
	{"county", "李秀英", access.Officer, "141024", "洪洞县民政局"},
	{"town", "张志强", access.TownWorker, "141024100", "大槐树镇人民政府"},
	{"village", "刘小燕", access.VillageWorker, "141024100001", "大槐树镇第一村村民委员会"},
	{"admin", "赵敏", access.Administrator, "1410", "临汾市民政局"},
	{"auditor", "孙立", access.Auditor, "1410", "临汾市民政局"},
	{"leader", "周正", access.Leader, "1410", "临汾市民政局"},
	{"author", "吴文", access.Author, "1410", "临汾市民政局"},
	{"approver", "郑平", access.Approver, "1410", "临汾市民政局"},
	{"county-author", "何芳", access.Author, "141024", "洪洞县民政局"},
	{"county-approver", "吕明", access.Approver, "141024", "洪洞县人民政府办公室"},
	{"assessor", "冯洁", access.Assessor, "141024", "洪洞县民政局"},
	{"institution", "陈香", access.Institution, "141024", "洪洞县康宁养老院"},
	{"desk", "褚宁", access.DutyDesk, "1410", "临汾市民政局"},
}

// demoAccounts is what the login page of the demonstration offers.
func demoAccounts() []signin.DemoAccount {
	out := make([]signin.DemoAccount, 0, len(demoUsers))
	for _, u := range demoUsers {
		out = append(out, signin.DemoAccount{Login: u.login, Password: demoPassword, Name: u.name, Role: u.role.Label() + "，" + region.Name(u.region)})
	}
	return out
}

func (a *App) demoLine() string {
	if !a.config.Demo {
		return ""
	}
	return "演示系统：人员全部为合成，数据在停止后删除，请勿填写真实信息。"
}

// FillDemo fills an empty installation with invented people, offices and accounts. It
// begins some time ago, so that something has happened since.
func (a *App) FillDemo(ctx context.Context, elders int, seed uint64) error {
	a.ago.Store(int64(demoAgo))
	steps := []struct {
		what string
		do   func(ctx context.Context) error
	}{
		{"accounts", a.demoAccounts},
		{"built-in lists", a.seedLists},
		{"list of the county", a.demoList},
		{"people", func(ctx context.Context) error { return a.demoPeople(ctx, elders, seed) }},
		{"birthday", a.demoBirthday},
		{"counts", a.DB.Analyze},
		{"columns", a.demoColumns},
		{"results", a.demoResults},
		{"today", func(context.Context) error { a.ago.Store(0); return nil }},
		{"departments", a.demoDepartments},
		{"conflicts", a.demoConflicts},
		{"duplicates", a.demoDuplicates},
		{"columns of today", a.demoColumns},
		{"results of today", a.demoResults},
	}
	for _, s := range steps {
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s of the demonstration: %w", s.what, err)
		}
	}
	return nil
}

func (a *App) demoColumns(ctx context.Context) error {
	_, err := a.snapshot.Refresh(ctx, a.snapshotDeps())
	return err
}

func (a *App) demoAccounts(ctx context.Context) error {
	actor := access.System("演示数据")
	offices := map[string]id.ID{}
	for _, o := range demoOffices {
		made, err := a.accounts.CreateOrganisation(ctx, actor, account.OrganisationDraft{Kind: o.kind, Name: o.name, Region: o.region})
		if err != nil {
			return err
		}
		offices[o.name] = made.ID
	}
	for _, u := range demoUsers {
		made, err := a.accounts.CreateUser(ctx, actor, account.UserDraft{Login: u.login, Name: u.name, Organisation: offices[u.office]})
		if err != nil {
			return err
		}
		if _, err := a.accounts.Grant(ctx, actor, made.ID, account.GrantDraft{Role: u.role, Region: u.region}); err != nil {
			return err
		}
		if err := a.signing.SetPassword(ctx, actor, made.ID, demoPassword); err != nil {
			return err
		}
	}
	return nil
}
