package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// ofServices reports whether a page is about lists, results, messages or the public.
func ofServices(path string) bool {
	for _, start := range []string{"/policies", "/filings", "/scenarios", "/entitlements", "/messages", "/public"} {
		if strings.HasPrefix(path, start) {
			return true
		}
	}
	return strings.HasPrefix(path, "/persons/") && (strings.Contains(path, "/entitlements") || strings.HasSuffix(path, "/messages"))
}

// TestEveryPageOnServicesIsForEverybody opens each page on lists, results, messages and
// for the public as the role to whose work it belongs.
func TestEveryPageOnServicesIsForEverybody(t *testing.T) {
	t.Parallel()
	demo := serveDemo(t)
	published, draft, person := demo.business(t)
	areas := map[string][]string{
		"":                {"/public"},
		"village":         {"/entitlements?", "/entitlements/contact", "/persons/", "/messages"},
		"county":          {"/entitlements/figures", "/entitlements/names", "/entitlements/planner"},
		"county-author":   {"/policies", "/scenarios"},
		"county-approver": {published, draft + "/approve", draft + "/return", draft + "/publish"},
		"city":            {"/filings"},
	}
	w := walk{logins: []string{"", "village", "county", "county-author", "county-approver", "city"}, least: 56}
	w.starts = map[string][]string{
		"":                {"/public"},
		"village":         {person + "/entitlements", person + "/messages"},
		"county-author":   {draft, draft + "/items/old-age-allowance/edit", draft + "/items/visit/edit"},
		"county-approver": {published, draft + "/approve", draft + "/return", draft + "/publish"},
		"city":            {"/filings?box=all"},
	}
	w.worth = func(path, login string) bool {
		for _, start := range areas[login] {
			if strings.HasPrefix(path, start) {
				return ofServices(path)
			}
		}
		return false
	}
	w.through(t, demo)
}

var (
	listed  = regexp.MustCompile(`(/policies/[0-9a-z]+)">洪洞县`)
	contact = regexp.MustCompile(`/entitlements/contact\?[^"]+`)
	known   = regexp.MustCompile(`/persons/[0-9a-z]+`)
)

// business has something happen: a list that was filed, the draft of the next version,
// two scenarios, and a message to somebody. It returns the paths of the list, of the
// draft and of a person.
func (s *server) business(t *testing.T) (published, draft, person string) {
	t.Helper()
	author := s.signIn(t, "county-author", demoPassword)
	found := listed.FindStringSubmatch(author.get(t, "/policies").body)
	if found == nil {
		t.Fatal("the county has no list")
	}
	published = found[1]
	author.get(t, published+"/file").form(t, "/file").post(t).has(t, "已报送备案")
	draft = author.get(t, "/policies/new").form(t, "/policies/new").with("list", "141024-2026").post(t).url.Path
	edit := draft + "/items/old-age-allowance/edit"
	author.get(t, edit).form(t, edit).with("all_lo", "85", "do", "save").post(t).has(t, "已保存")
	for _, age := range []string{"79", "85"} {
		p := author.get(t, "/scenarios/new?list=141024-2026&item=old-age-allowance").form(t, "/scenarios").with("name", age+" 岁起", "age", age).post(t)
		p.has(t, age+" 岁起").form(t, "/forecast").post(t)
	}
	worker := s.signIn(t, "village", demoPassword)
	list := worker.get(t, "/entitlements")
	at := strings.ReplaceAll(contact.FindString(list.body), "&amp;", "&")
	worker.get(t, at).form(t, "/entitlements/tell").post(t)
	return published, draft, known.FindString(list.body)
}
