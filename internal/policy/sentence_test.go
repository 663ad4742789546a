package policy

import (
	"io/fs"
	"strings"
	"testing"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/policies"
)

// TestSentence makes Linfen's list worse in one place each time, and holds it against
// the list as it is.
func TestSentence(t *testing.T) {
	text, err := fs.ReadFile(policies.FS, "linfen/list.yaml")
	if err != nil {
		t.Fatal(err)
	}
	upper := pack.Read("upper", text, nil).List
	for _, tc := range []struct{ old, with, item, want string }{
		{"at_least: 70}", "value: 60}", "care-service-subsidy", "一位 80 岁、户籍在临汾市、属于低保边缘的老人，按上级清单每月可领 70 元，按本清单每月可领 60 元。"},
		{"id: health-management", "id: another", "health-management", "上级清单有“健康管理”，本清单没有对应的项目。"},
		{
			"when: local && age >= 65\n    grant: {kind: service, per: year, times: 1}", "when: local && age >= 70\n    grant: {kind: service, per: year, times: 1}",
			"health-management", "一位 65 岁、户籍在临汾市的老人，按上级清单可以享受“健康管理”，按本清单没有。",
		},
		{
			"grant: {kind: service, per: year, times: 1}", "grant: {kind: service, per: year}",
			"health-management", "一位 65 岁、户籍在临汾市的老人，按上级清单每年有 1 次，按本清单没有写明次数。",
		},
		{
			"grant: {kind: service, per: year, times: 1}", "grant: {kind: cash, per: year, amount: 70}",
			"health-management", "一位 65 岁、户籍在临汾市的老人，按上级清单可享受“健康管理”，但上级为服务，下级为现金。",
		},
		{"share: 免费}", "share: 半价}", "city-bus", "一位 65 岁、户籍在临汾市的老人，按上级清单“免费”，按本清单“半价”。"},
		{"discount, share: 免费}", "discount}", "city-bus", "一位 65 岁、户籍在临汾市的老人，按上级清单“免费”，按本清单没有写明优惠。"},
		{
			"per: month, amount: old_age_allowance", "per: month, first: next_month, amount: old_age_allowance",
			"old-age-allowance", "一位 80 岁、户籍在临汾市的老人，按上级清单当月起享受“高龄津贴”，按本清单次月起。",
		},
		{
			"when: local && age >= 80\n", "when: local && age >= 80 && lives_alone\n",
			"old-age-allowance", "一位 80 岁、户籍在临汾市、不是独居的老人，按上级清单每月可领一笔钱（标准待定），按本清单没有。",
		},
		{
			"per: month, amount: centenarian_subsidy", "per: once, amount: centenarian_subsidy",
			"centenarian", "一位 100 岁、户籍在临汾市的老人，按上级清单可享受“百岁补贴”，但上级按月，下级按一次性，周期不可比。",
		},
		{
			"from: 2023-12-16, value: 1000", "from: 2023-12-16, at_most: 1000",
			"family-carer-training", "一位 60 岁、户籍在临汾市、中度失能的老人，按上级清单一次性可领 1000 元，按本清单一次性最多可领 1000 元。",
		},
		{
			`unable: ability in ["moderate", "severe", "total"]`, `unable: ability in ["severe", "total"]`,
			"nursing-subsidy", "一位 60 岁、户籍在临汾市、属于低保边缘、中度失能的老人，按上级清单每月可领 100 元，按本清单没有。",
		},
	} {
		lower := pack.Read("lower", []byte(replace(t, string(text), tc.old, tc.with)), nil).List
		all, apart := conformance(lower.Source(), upper.Source())
		if apart != "" {
			t.Fatal(apart)
		}
		for _, c := range all {
			if c.Upper.ID != tc.item {
				continue
			}
			if len(c.Sentences) == 0 || c.Sentences[0] != tc.want {
				t.Errorf("%s: %q, want %s", tc.with, c.Sentences, tc.want)
			}
		}
	}
}

// TestPersonText says every value of every fact, so that none is told in code.
func TestPersonText(t *testing.T) {
	seen := map[string]fact.ID{}
	for id := range fact.Count {
		for _, v := range id.Def().Values {
			var p fact.Person
			if err := p.Set(id, v.Name); err != nil {
				t.Fatal(err)
			}
			got := personText(&p, civil.New(2026, 1, 1))
			if other, dup := seen[got]; dup && other != id {
				t.Errorf("%s and %s are both told as %q", id, other, got)
			}
			seen[got] = id
			for _, code := range []string{v.Name, id.String()} {
				if strings.Contains(got, code) && len(code) > 1 {
					t.Errorf("%s is told as %q", v.Name, got)
				}
			}
		}
	}
}
