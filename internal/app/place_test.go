package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/duplicate"
	"yian/internal/export"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/intake"
	"yian/internal/person"
	"yian/internal/region"
)

// words are what a place is recognised by: no two places share one of them, and none
// is part of a page for any other reason.
type words struct {
	county, town               region.Code
	elder, kin, user, machine  string
	prefix                     string // of logins
	number, phone, kinPhone    string
	address, evidence, file    string
	office, token, filter, why string
	author, approver           string // of lists
	item, draft, filing        string // what is written in a draft, about it, and about a filing
	scenario, contact, letter  string
}

// the two counties are siblings: neither sees anything of the other.
var (
	yaodu = words{
		county: "141002", town: "141002001", elder: "闻人静姝", kin: "闻人小满", user: "尧都经办", machine: "尧都接口", prefix: "yaodu",
		number: resident("14100219400115002"), phone: "13812340001", kinPhone: "13812340002",
		address: "鼓楼北街甲一号", evidence: "尧都入户走访", file: "尧都名单.csv", office: "尧都测试科", token: "尧都推送", filter: "尧都常用", why: "尧都两人同名",
		author: "尧都编制", approver: "尧都审批", item: "尧都试点项目", draft: "尧都拟增项目", filing: "尧都报备理由", scenario: "尧都方案", contact: "尧都已上门", letter: "尧都老龄科",
	}
	hongtong = words{
		county: "141024", town: "141024100", elder: "欧阳赛罕", kin: "欧阳二丫", user: "洪洞经办", machine: "洪洞接口", prefix: "hongtong",
		number: resident("14102419391203567"), phone: "13987650003", kinPhone: "13987650004",
		address: "古槐路乙九十九号", evidence: "洪洞入户走访", file: "洪洞名单.csv", office: "洪洞测试科", token: "洪洞推送", filter: "洪洞常用", why: "洪洞两人同名",
		author: "洪洞编制", approver: "洪洞审批", item: "洪洞试点项目", draft: "洪洞拟增项目", filing: "洪洞报备理由", scenario: "洪洞方案", contact: "洪洞已上门", letter: "洪洞老龄科",
	}
)

// resident makes an identity number of its first seventeen digits.
func resident(seventeen string) string { return seventeen + string(citizenid.Checksum(seventeen)) }

// place is a county with one of everything that routes are about.
type place struct {
	words
	person, twin, record, conflict, pair       id.ID
	imported, exported                         id.ID
	user, grant, signIn, office, token, filter id.ID

	// The published list is everybody's to read; nothing else of these is.
	list                       string
	today                      civil.Date
	author, approver           id.ID
	published, draft, filing   id.ID
	draftVersion               int64  // of its row
	text                       string // of the draft
	scenario, message, contact id.ID
}

// settle fills a place whose list is published.
func (k *kit) settle(t *testing.T, p *place) {
	t.Helper()
	k.twins(t, p)
	k.office(t, p)
	k.byOfficer(t, p)
	k.serve(t, p)
}

// twins opens two files that look like one person's, and has sources contradict
// each other about the first.
func (k *kit) twins(t *testing.T, p *place) {
	t.Helper()
	ctx, since := t.Context(), civil.New(2026, 1, 1)
	open := func(number string) id.ID {
		facts := fact.Person{Residence: p.town}
		if err := facts.Set(fact.Ability, "intact"); err != nil {
			t.Fatal(err)
		}
		one, err := k.people.Create(ctx, accounttest.System, person.Draft{
			Name: p.elder, Document: document.ResidentID, Number: number, Details: person.Details{
				Phones: []string{p.phone}, Address: p.address, Contacts: []person.Contact{{Name: p.kin, Relation: "女儿", Phone: p.kinPhone}},
			},
		}, history.Eldercare, facts, since)
		if err != nil {
			t.Fatal(err)
		}
		return one.ID
	}
	p.person = open(p.number)
	p.twin = open(resident(p.number[:14] + "811"))
	out, err := k.people.Record(ctx, accounttest.System, p.person, person.Statement{
		Source: history.Village, From: civil.New(2026, 2, 1), Evidence: p.evidence, Facts: map[fact.ID]string{fact.Ability: "severe"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.record = out.Record
	all, err := k.people.ConflictsOf(ctx, accounttest.System.Scope(access.FactSettle), p.person)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d conflicts, %v; want one", len(all), err)
	}
	p.conflict = all[0].ID
	eventually(t, "the two files look alike", func() (bool, error) {
		pairs, err := k.duplicates.Pairs(ctx, accounttest.System.Scope(access.PersonMerge), duplicate.Open, 0, 10)
		for _, x := range pairs {
			if x.Low.ID == p.person || x.High.ID == p.person {
				p.pair = x.ID
			}
		}
		return p.pair != 0, err
	})
}

// office makes an organisation, an officer with a role, and a machine with a token.
func (k *kit) office(t *testing.T, p *place) {
	t.Helper()
	ctx, system := t.Context(), accounttest.System
	o, err := k.accounts.CreateOrganisation(ctx, system, account.OrganisationDraft{Kind: account.Department, Name: p.words.office, Region: p.county})
	if err != nil {
		t.Fatal(err)
	}
	p.office = o.ID
	u := accounttest.NamedUser(t, k.signing, p.prefix+".officer", p.words.user, access.Officer, p.county)
	p.user, p.grant = u.ID, u.Grants[0].ID
	machine, err := k.accounts.CreateUser(ctx, system, account.UserDraft{Login: p.prefix + ".machine", Name: p.machine, Organisation: o.ID, Machine: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.accounts.Grant(ctx, system, machine.ID, account.GrantDraft{Role: access.Feed, Region: p.county}); err != nil {
		t.Fatal(err)
	}
	_, token, err := k.accounts.CreateToken(ctx, system, account.TokenDraft{
		User: machine.ID, Name: p.words.token, Permissions: []access.Permission{access.PersonRead}, Region: p.county, Days: 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.token = token.ID
}

// byOfficer does what only a user himself can: sign in, keep a search, bring a file.
func (k *kit) byOfficer(t *testing.T, p *place) {
	t.Helper()
	ctx := t.Context()
	u, err := k.accounts.User(ctx, accounttest.System.Scope(access.AccountRead), p.user)
	if err != nil {
		t.Fatal(err)
	}
	accounttest.SignIn(t, k.server, k.signing, u)
	actor := u.Actor(k.accounts.Today())
	ins, err := k.signing.SignIns(ctx, actor)
	if err != nil || len(ins) == 0 {
		t.Fatalf("%d sign-ins, %v", len(ins), err)
	}
	p.signIn = ins[0].ID
	if err := k.filters.Keep(ctx, actor, p.words.filter, "region="+string(p.town)); err != nil {
		t.Fatal(err)
	}
	filters, err := k.filters.Of(ctx, actor)
	if err != nil || len(filters) != 1 {
		t.Fatalf("%d filters, %v", len(filters), err)
	}
	p.filter = filters[0].ID
	file := fmt.Sprintf("姓名,身份证号,居住地\n%s,%s,%s\n", p.elder, p.number, p.town)
	p.imported, err = k.imports.Upload(ctx, actor, intake.Upload{Region: p.county, Source: history.Town, Name: p.words.file}, strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the file is read", func() (bool, error) {
		imp, err := k.imports.Get(ctx, accounttest.System.Scope(access.PersonImport), p.imported)
		return err == nil && imp.State == intake.Matching, err
	})
	p.exported, err = k.exports.Start(ctx, actor, export.Order{Region: p.county, Columns: []string{"name", "number"}, Purpose: p.evidence})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the list is written", func() (bool, error) {
		x, err := k.exports.Get(ctx, actor, p.exported)
		return err == nil && x.State == export.Ready, err
	})
}

// told is everything that somebody from elsewhere must not be told of the place.
func (p *place) told() []string {
	all := []string{
		p.elder, p.kin, p.words.user, p.machine, p.prefix, p.number, p.phone, p.kinPhone, p.address, p.evidence, p.file,
		p.words.office, p.words.token, p.words.filter, p.why,
		p.words.author, p.words.approver, p.words.item, p.words.draft, p.words.filing, p.words.scenario, p.words.contact, p.words.letter,
		string(p.number[:3]) + "***********" + p.number[14:], p.phone[:3] + "****" + p.phone[7:], p.kinPhone[:3] + "****" + p.kinPhone[7:],
	}
	for _, n := range p.ids() {
		all = append(all, n.String())
	}
	return all
}

func (p *place) ids() []id.ID {
	return []id.ID{
		p.person, p.twin, p.record, p.conflict, p.pair, p.imported, p.exported,
		p.user, p.grant, p.signIn, p.office, p.token, p.filter,
		p.author, p.approver, p.draft, p.filing, p.scenario, p.message, p.contact,
	}
}

// things tells how the things of the place are, to see whether somebody changed them.
func (k *kit) things(t *testing.T, p *place) string {
	t.Helper()
	var b strings.Builder
	for _, q := range []struct {
		table, columns string
		id             id.ID
	}{
		{"person", "version || ' ' || state || ' ' || region_code", p.person},
		{"person", "version || ' ' || state || ' ' || region_code", p.twin},
		{"person_conflict", "version || ' ' || state", p.conflict},
		{"person_pair", "version || ' ' || state", p.pair},
		{"person_filter", "name || ' ' || query", p.filter},
		{"intake", "version || ' ' || state", p.imported},
		{"export", "state || ' ' || fetched", p.exported},
		{"account", "version || ' ' || state || ' ' || name", p.user},
		{"account_grant", "'' || ended_at", p.grant},
		{"account_token", "'' || revoked_at", p.token},
		{"sign_in", "'' || ended_at", p.signIn},
		{"organisation", "version || ' ' || name || ' ' || region_code", p.office},
		{"policy_version", "version || ' ' || state || ' ' || updated_at", p.draft},
		{"policy_version", "version || ' ' || state || ' ' || updated_at", p.published},
		{"policy_filing", "version || ' ' || state", p.filing},
		{"scenario", "version || ' ' || name || ' ' || updated_at", p.scenario},
		{"message", "version || ' ' || state", p.message},
		{"outreach", "version || ' ' || state || ' ' || assigned_to", p.contact},
	} {
		var text string
		if err := k.DB.NewRaw("SELECT "+q.columns+" FROM "+q.table+" WHERE id = ?", q.id).Scan(t.Context(), &text); err != nil {
			t.Fatalf("%s: %v", q.table, err)
		}
		fmt.Fprintln(&b, q.table, text)
	}
	for _, q := range []struct {
		what, of string
		args     []any
	}{
		{"records", "count(*) FROM person_record WHERE person_id IN (?, ?)", []any{p.person, p.twin}},
		{"results", "sum(yes) + sum(unknown) + sum(tags) FROM entitlement WHERE person_id IN (?, ?)", []any{p.person, p.twin}},
		{"contacts", "count(*) FROM outreach WHERE person_id IN (?, ?)", []any{p.person, p.twin}},
		{"messages", "count(*) FROM message WHERE person_id IN (?, ?)", []any{p.person, p.twin}},
		{"who want none", "count(*) FROM message_optout WHERE person_id IN (?, ?)", []any{p.person, p.twin}},
		{"versions", "count(*) FROM policy_version WHERE list = ?", []any{p.list}},
		{"steps", "count(*) FROM policy_step WHERE version_id IN (?, ?)", []any{p.draft, p.published}},
		{"filings", "count(*) FROM policy_filing WHERE region_code = ?", []any{p.county}},
		{"scenarios", "count(*) FROM scenario WHERE region_code = ?", []any{p.county}},
	} {
		var n int64
		if err := k.DB.NewRaw("SELECT "+q.of, q.args...).Scan(t.Context(), &n); err != nil {
			t.Fatalf("%s: %v", q.what, err)
		}
		fmt.Fprintln(&b, q.what, n)
	}
	return b.String()
}

// role is somebody signed in.
type role struct {
	access.RoleInfo
	client *http.Client
}

// everybody signs somebody of each role in who works in the place.
func (k *kit) everybody(t *testing.T, p *place) []role {
	t.Helper()
	var all []role
	for _, info := range access.Roles {
		at := p.county
		if info.Digits != nil {
			at = p.town
		}
		u := accounttest.NamedUser(t, k.signing, "role-"+strings.ReplaceAll(string(info.Role), "_", "-"), info.Label+"甲", info.Role, at)
		all = append(all, role{info, accounttest.SignIn(t, k.server, k.signing, u)})
	}
	return all
}
