package policy

import (
	"slices"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/region"
	"yian/internal/rules"
)

var (
	countyOfficer = actor(11, "141002", access.Officer)
	cityOfficer   = actor(12, "1410", access.Officer)
)

// lower publishes a list of the county in which the subsidy for care starts at 70, not
// 60, and the allowance is below the city's floor.
func (k *kit) lower(t testing.TB) *Version {
	t.Helper()
	ok := must[*Version](t)
	v := ok(k.DraftNew(t.Context(), county, "141002", "先行先试"))
	text := v.Text + `parameters:
  nursing_subsidy: {label: 护理补贴标准, unit: 元/月, values: [{from: 2026-01-01, value: 80}]}
items:
  - no: 12
    id: centenarian
    name: 百岁补贴
    audience: 105周岁及以上老年人
    type: 物质帮助
    when: local && age >= 105
    grant: {kind: cash, per: month, amount: centenarian_subsidy}
    clause: {at: 第1项, text: 为105周岁及以上老年人发放百岁补贴。}
`
	tests := `- {name: 甲, at: 2026-07-01, facts: {birth: 1920-01-01, hukou: "141002"}, expect: {centenarian: yes}}
- {name: 乙, at: 2026-07-01, facts: {birth: 1923-01-01, hukou: "141002"}, expect: {centenarian: no}}
- {name: 丙, at: 2026-07-01, facts: {birth: 1920-01-01, hukou: "140105"}, expect: {centenarian: no}}
`
	return ok(k.Change(t.Context(), county, v.ID, v.Version, text, tests, ""))
}

func TestFiling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		ctx, ok := t.Context(), must[*Filing](t)
		v := k.lower(t)
		report := must[*Report](t)(k.Check(ctx, ofCounty, v.ID))
		if err := report.Err(); err != nil || report.Upper == nil || report.Upper.ID != linfen {
			t.Fatalf("%v %v", err, errs.FieldsOf(err))
		}
		var said []string
		for _, c := range report.Below() {
			said = append(said, c.Upper.ID+": "+strings.Join(c.Sentences, ""))
		}
		for _, part := range []string{
			"centenarian: 一位 100 岁、户籍在尧都区的老人，按上级清单每月可领 300 元，按本清单没有。",
			"按上级清单每月可领 100 元，按本清单每月可领 80 元。",
		} {
			if !strings.Contains(strings.Join(said, "\n"), part) {
				t.Errorf("%q is not among\n%s", part, strings.Join(said, "\n"))
			}
		}

		_, err := k.File(ctx, countyOfficer, v.ID, "试点")
		want(t, err, errs.Conflict)
		v = k.release(t, v, county, countyHead, today)
		_, err = k.File(ctx, countyOfficer, v.ID, "")
		want(t, err, errs.Invalid)
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "reason" || !strings.Contains(f[0].Message, "一位") {
			t.Errorf("told %v", f)
		}
		_, err = k.File(ctx, other, v.ID, "试点")
		want(t, err, errs.Denied)
		f := ok(k.File(ctx, countyOfficer, v.ID, "经市政府同意试点"))
		if f.Upper != "1410" || f.State != Sent || len(f.Shortfalls) == 0 {
			t.Errorf("filed %+v", f)
		}
		_, err = k.File(ctx, countyOfficer, v.ID, "再报")
		want(t, err, errs.Conflict)

		_, err = k.Answer(ctx, countyOfficer, f.ID, f.Version, true, "")
		want(t, err, errs.Denied)
		_, err = k.Answer(ctx, other, f.ID, f.Version, true, "")
		want(t, err, errs.NotFound)
		_, err = k.Answer(ctx, cityOfficer, f.ID, f.Version, false, "")
		want(t, err, errs.Invalid)
		if n := len(must[[]Filing](t)(k.Filings(ctx, cityOfficer.Scope(access.PolicyFile), FilingQuery{ToAnswer: true, State: Sent, Limit: 10}))); n != 1 {
			t.Errorf("the city has %d to answer", n)
		}
		if n := len(must[[]Filing](t)(k.Filings(ctx, ofCounty, FilingQuery{ToAnswer: true, Limit: 10}))); n != 0 {
			t.Errorf("the county has %d to answer", n)
		}
		f = ok(k.Answer(ctx, cityOfficer, f.ID, f.Version, false, "不得低于市级清单"))
		_, err = k.Answer(ctx, cityOfficer, f.ID, f.Version, true, "")
		want(t, err, errs.Stale)
		again := ok(k.File(ctx, countyOfficer, v.ID, "已请示"))
		ok(k.Answer(ctx, cityOfficer, again.ID, again.Version, true, ""))

		mine := must[[]Filing](t)(k.Filings(ctx, ofCounty, FilingQuery{Of: v.ID, Limit: 10}))
		if len(mine) != 2 || mine[0].State != Accepted || mine[1].Answer != "不得低于市级清单" || mine[1].List != v.List || !slices.Equal(mine[1].Shortfalls, f.Shortfalls) {
			t.Errorf("the county sees %+v", mine)
		}
		if n := len(must[[]Filing](t)(k.Filings(ctx, ofNeighbours, FilingQuery{Limit: 10}))); n != 0 {
			t.Errorf("the neighbours see %d", n)
		}
		for _, l := range must[[]Shelf](t)(k.Lists(ctx, ofCity)) {
			if l.List == v.List && (l.Filing == nil || l.Filing.State != Accepted) {
				t.Errorf("the last filing is %+v", l.Filing)
			}
		}
		if r := must[*Book](t)(k.Book(ctx, today)).For(theTown); r.Source.ID != v.List {
			t.Errorf("%s rules the county's town", r.Source.ID)
		}
		if r := must[*Book](t)(k.Book(ctx, today)).For(elsewhere); r.Source.ID != linfen {
			t.Errorf("%s rules the neighbours' town", r.Source.ID)
		}
	})
}

// TestSetParameter lets a county set its 高龄津贴: nothing changes before its day.
func TestSetParameter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		ctx, ok := t.Context(), must[*Version](t)
		none := ok(k.DraftNew(ctx, county, "141002", ""))
		_, err := k.DraftNew(ctx, county, "141002", "")
		want(t, err, errs.Conflict)
		ok(k.Discard(ctx, county, none.ID, none.Version, "重来"))
		first := ok(k.DraftNew(ctx, county, "141002", ""))
		if first.No != 2 || first.List != none.List {
			t.Errorf("the second first draft is %s, version %d", first.List, first.No)
		}
		_, err = k.DraftNew(ctx, author, "1410", "")
		want(t, err, errs.Conflict)
		_, err = k.DraftNew(ctx, county, "141024", "")
		want(t, err, errs.Denied)
		k.release(t, first, county, countyHead, today)
		allowance := func(on int) string {
			book := must[*Book](t)(k.Book(ctx, today+1))
			p := book.For(theTown).Source.Parameters
			i := slices.IndexFunc(p, func(p rules.Parameter) bool { return p.Name == "old_age_allowance" })
			if v := p[i].On(today + civil.Date(on)); v.Value != nil {
				return v.Value.RatString()
			}
			return ""
		}
		if got := allowance(30); got != "" {
			t.Fatalf("at first the allowance is %s", got)
		}
		for name, set := range map[string]Setting{
			"no number":     {List: first.List, Name: "old_age_allowance", Value: "一百", From: today},
			"no day":        {List: first.List, Name: "old_age_allowance", Value: "100"},
			"below nothing": {List: first.List, Name: "old_age_allowance", Value: "-1", From: today},
			"no parameter":  {List: first.List, Name: "nothing", Value: "100", From: today},
		} {
			if _, err := k.SetParameter(ctx, county, set); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = k.SetParameter(ctx, other, Setting{List: first.List, Name: "old_age_allowance", Value: "100", From: today})
		want(t, err, errs.Denied)
		v := ok(k.SetParameter(ctx, county, Setting{List: first.List, Name: "old_age_allowance", Value: "100.5", From: today + 10, Note: "常务会议定"}))
		again := ok(k.SetParameter(ctx, county, Setting{List: first.List, Name: "old_age_allowance", Value: "120", From: today + 20}))
		if v.ID != again.ID || v.No != 3 {
			t.Errorf("the second value makes version %d", again.No)
		}
		if got := allowance(30); got != "" {
			t.Errorf("a draft makes the allowance %s", got)
		}
		k.release(t, again, county, countyHead, today+1)
		for days, want := range map[int]string{9: "", 10: "201/2", 19: "201/2", 20: "120"} {
			if got := allowance(days); got != want {
				t.Errorf("after %d days the allowance is %q, want %q", days, got, want)
			}
		}
	})
}

func TestAbove(t *testing.T) {
	for lower, upper := range map[region.Code]region.Code{
		"14": "", "1410": "14", "141002": "1410", "141002001": "141002", "141002001001": "141002001",
		"110101": "11", "500236": "50", "429004": "42", "310115": "31",
	} {
		if got := above(lower); got != upper {
			t.Errorf("above %s is %q, want %q", lower, got, upper)
		}
	}
}
