package app

import (
	"net/http"
	"net/url"
	"strconv"

	"yian/internal/id"
)

const urlEncoded = "application/x-www-form-urlencoded"

// own is what single pages ask for, by the end of their paths, so that they would do it
// if the user might.
var own = map[string]func(p *place) url.Values{
	"/policies/new": func(p *place) url.Values { return url.Values{"list": {p.list}, "from": {p.draft.String()}} },
	"/policies/{id}/head": func(p *place) url.Values {
		return seen(p.draftVersion, url.Values{
			"title": {p.words.draft}, "document": {p.words.draft}, "issuer": {p.words.letter}, "from": {p.today.String()},
			"date": {""}, "to": {""},
		})
	},
	"/policies/{id}/text":                func(p *place) url.Values { return seen(p.draftVersion, url.Values{"text": {p.text + "\n"}}) },
	"/policies/{id}/tests":               func(p *place) url.Values { return seen(p.draftVersion, url.Values{"tests": {"people: []\n"}}) },
	"/policies/{id}/submit":              func(p *place) url.Values { return seen(p.draftVersion, nil) },
	"/policies/{id}/approve":             func(p *place) url.Values { return seen(p.draftVersion, nil) },
	"/policies/{id}/return":              func(p *place) url.Values { return seen(p.draftVersion, nil) },
	"/policies/{id}/discard":             func(p *place) url.Values { return seen(p.draftVersion, nil) },
	"/policies/{id}/file":                func(p *place) url.Values { return seen(p.draftVersion, url.Values{"reason": {"按规定"}}) },
	"/policies/{id}/publish":             func(p *place) url.Values { return seen(p.draftVersion, url.Values{"from": {(p.today + 1).String()}}) },
	"/policies/{id}/add":                 func(p *place) url.Values { return seen(p.draftVersion, item("another-item")) },
	"/policies/{id}/items/{item}/edit":   func(p *place) url.Values { return seen(p.draftVersion, item(p.itemID())) },
	"/policies/{id}/items/{item}/delete": func(p *place) url.Values { return seen(p.draftVersion, nil) },
	"/policies/{id}/parameters/{name}": func(p *place) url.Values {
		return seen(p.draftVersion, url.Values{"from": {p.today.String()}, "bound": {"value"}, "value": {"120"}})
	},
	"/filings/{id}": func(*place) url.Values { return url.Values{"choice": {"accept"}, "answer": {"同意备案"}} },

	"/scenarios": func(p *place) url.Values {
		return url.Values{"list": {p.list}, "item": {"version:" + p.draft.String()}, "name": {"测一测"}, "on": {""}}
	},
	"/scenarios/{id}/change": func(p *place) url.Values { return url.Values{"row": {"2"}, "name": {p.words.scenario}, "on": {""}} },

	"/entitlements/assign":  func(p *place) url.Values { return about(p, url.Values{"assignee": {"me"}, "due": {""}}) },
	"/entitlements/contact": func(p *place) url.Values { return about(p, url.Values{"state": {"done"}, "text": {"问清了"}}) },
	"/entitlements/tell":    func(p *place) url.Values { return about(p, url.Values{"template": {"missing"}}) },

	"/messages/{id}/cancel":         func(*place) url.Values { return seen(2, nil) },
	"/messages/{id}/retry":          func(*place) url.Values { return seen(2, nil) },
	"/persons/{id}/messages/optout": func(*place) url.Values { return url.Values{"reason": {"本人来电"}} },
}

// seen adds which version of a row the user saw.
func seen(version int64, v url.Values) url.Values {
	if v == nil {
		v = url.Values{}
	}
	v.Set("version", strconv.FormatInt(version, 10))
	return v
}

// item is an item of a list that is stored.
func item(name string) url.Values {
	return url.Values{
		"do": {"save"}, "by": {"text"}, "id": {name}, "no": {"30"}, "name": {"另一项"}, "kind": {"service"}, "when": {"age >= 60"}, "clause": {"第一条"}, "clause_at": {"附件第30项"},
		"audience": {"老年人"}, "content": {"送餐"}, "type": {"关爱服务"},
	}
}

// about names what the elder of a place is contacted about.
func about(p *place, v url.Values) url.Values {
	m := p.matter()
	v.Set("person", m.Person.String())
	v.Set("on", string(m.Occasion))
	v.Set("item", m.Item)
	v.Set("matter", string(p.town)+"."+m.Item+".."+m.Person.String())
	v.Set("back", "on="+string(m.Occasion))
	return v
}

// searches are conditions that go with a place.
var searches = map[string][]string{
	"/entitlements": {
		"on=newly&state=all&days=90", "on=lost&state=all&days=90", "on=changing&state=all&days=90", "on=missing&state=all", "on=missing&item=hukou",
	},
	"/entitlements/figures": {""},
	"/entitlements/planner": {""},
	"/entitlements/names":   {"state=yes&item=" + oldAge, "state=unknown&item=" + oldAge, "state=untold&item=" + oldAge, "state=reached&item=" + oldAge},
}

// asked are requests that name a thing in the address or the form, not in the path; here
// is the place of whoever asks.
var asked = []struct {
	method, path string
	of           func(here, p *place) url.Values
}{
	{http.MethodGet, "/entitlements/contact", func(_, p *place) url.Values { return about(p, url.Values{}) }},
	{http.MethodPost, "/entitlements/contact", func(_, p *place) url.Values { return own["/entitlements/contact"](p) }},
	{http.MethodPost, "/entitlements/tell", func(_, p *place) url.Values { return own["/entitlements/tell"](p) }},
	{http.MethodPost, "/entitlements/assign", func(_, p *place) url.Values { return own["/entitlements/assign"](p) }},
	{http.MethodPost, "/entitlements/assign", func(here, p *place) url.Values { // one's own elder, to somebody from elsewhere
		return about(here, url.Values{"assignee": {p.user.String()}})
	}},
	{http.MethodPost, "/entitlements/assign", func(_, p *place) url.Values {
		return about(p, url.Values{"assignee": {p.user.String()}})
	}},
	{http.MethodGet, "/policies/compare", func(here, p *place) url.Values { return two(here.published, p.draft) }},
	{http.MethodGet, "/policies/compare", func(here, p *place) url.Values { return two(p.draft, here.published) }},
	{http.MethodPost, "/policies/new", func(here, p *place) url.Values { return url.Values{"list": {here.list}, "from": {p.draft.String()}} }},
	{http.MethodPost, "/policies/new", func(_, p *place) url.Values { return own["/policies/new"](p) }},
	{http.MethodGet, "/scenarios/compare", func(_, p *place) url.Values { return two(p.scenario, p.scenario) }},
	{http.MethodGet, "/scenarios/new", func(here, p *place) url.Values {
		return url.Values{"list": {here.list}, "item": {"version:" + p.draft.String()}}
	}},
	{http.MethodPost, "/scenarios", func(here, p *place) url.Values {
		return url.Values{"list": {here.list}, "item": {"version:" + p.draft.String()}, "name": {"换成邻县的草稿"}}
	}},
	{http.MethodPost, "/scenarios", func(here, p *place) url.Values {
		return url.Values{"list": {here.list}, "base": {p.draft.String()}, "name": {"与邻县的草稿比较"}}
	}},
}

func two(a, b id.ID) url.Values { return url.Values{"a": {a.String()}, "b": {b.String()}} }

// published are pages on the published list of a place, which is everybody's to read.
func published(p *place) []string {
	at := "/policies/" + p.published.String()
	return []string{
		at, at + "/check", at + "/filings", at + "/export", at + "/notice", at + "/list.yaml", at + "/tests.yaml",
		"/policies/compare?" + two(p.published, p.published).Encode(), "/policies/levels?region=" + string(p.county),
		"/public/lists", "/public/lists/" + string(p.county), "/public/lists/" + string(p.county) + "/" + oldAge,
	}
}
