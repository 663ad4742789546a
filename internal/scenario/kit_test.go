package scenario

import (
	"crypto/rand"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/engine"
	"yian/internal/id"
	"yian/internal/mortality"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/secret"
	"yian/internal/simulate"
	"yian/internal/synth"
	"yian/policies"
)

var today = civil.New(2026, 6, 30)

// author is somebody who looks at figures and lists of regions.
func author(user id.ID, regions ...region.Code) access.Actor {
	var grants []access.Grant
	for _, r := range regions {
		grants = append(grants, access.Grant{Role: access.Author, Region: r})
	}
	return access.NewActor(user, "吴文", "session", grants, nil)
}

// invented are people who were made up, as the snapshot has them.
type invented struct{ all *person.Everybody }

// Everybody implements People.
func (p *invented) Everybody() (*person.Everybody, civil.Instant, func(), error) {
	return p.all, civil.At(time.Date(2026, 6, 30, 1, 0, 0, 0, time.UTC)), func() {}, nil
}

// people invents elders of a region; some are served elsewhere than their hukou is.
func people(t testing.TB, in region.Code, elders int) *person.Everybody {
	t.Helper()
	all := &person.Everybody{Served: population.Regions{Index: []uint32{}, Codes: []region.Code{""}}}
	place := map[region.Code]uint32{"": 0}
	n := 0
	err := synth.Generate(synth.Options{Region: in, Elders: elders, FromAge: 60, Seed: 7, On: today, UnknownShare: synth.DefaultUnknown}, func(p *synth.Person) error {
		served := p.Facts.Hukou
		if n++; n%11 == 0 || served == "" {
			served = "141024"
		}
		at, ok := place[served]
		if !ok {
			at = uint32(len(all.Served.Codes))
			place[served] = at
			all.Served.Codes = append(all.Served.Codes, served)
		}
		all.Served.Index = append(all.Served.Index, at)
		all.People = append(all.People, id.ID(n))
		return all.Append(&p.Facts)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// county is the list of a county that takes over the city's, with one item and one
// parameter of its own.
const county = `list: hongtong-2025
title: 洪洞县基本养老服务清单
region: "141024"
extends: linfen-2023
document: {title: 洪洞县清单, issuer: 洪洞县人民政府}
effective: {from: 2025-01-01}
parameters:
  nursing_subsidy:
    label: 护理补贴标准
    unit: 元/月
    values: [{from: 2025-01-01, value: 150}]
items:
  - no: 31
    id: longevity-meal
    name: 长者用餐补助
    audience: 75 周岁及以上的老年人
    type: 物质帮助
    when: local && age >= 75
    grant: {kind: cash, per: month, amount: "60"}
    clause: {at: 第一条, text: 对75周岁及以上老年人给予用餐补助。}
`

// house is a service with lists and invented people.
type house struct {
	*Service
	book   *policy.Service
	people *invented
	clock  time.Time
}

func newHouse(t testing.TB, d *db.DB, elders int) *house {
	t.Helper()
	key, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{clock: time.Date(2026, 6, 30, 2, 0, 0, 0, time.UTC), people: &invented{people(t, "1410", elders)}}
	now := func() time.Time { return h.clock }
	ids := id.NewMaker(now)
	trail := audit.New(d, keys, ids, now)
	book := policy.New(policy.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: slog.New(slog.DiscardHandler)})
	seed(t, book)
	h.book = book
	h.Service = New(Deps{
		DB: d, Audit: trail, Lists: book, People: h.people, Survival: mortality.Table().Survival, IDs: ids, Now: now, Log: slog.New(slog.DiscardHandler),
	})
	return h
}

// seed publishes the city's list and those around it, and a county's.
func seed(t testing.TB, book *policy.Service) {
	t.Helper()
	texts := map[string]string{"hongtong-2025": county}
	packs := []*pack.Pack{pack.Read("hongtong-2025", []byte(county), nil)}
	for _, place := range []string{"national", "linfen"} {
		body, err := fs.ReadFile(policies.FS, place+"/list.yaml")
		if err != nil {
			t.Fatal(err)
		}
		p := pack.Read(place, body, nil)
		texts[p.List.ID] = string(body)
		packs = append(packs, p)
	}
	err := book.Seed(t.Context(), packs, func(p *pack.Pack) ([]byte, []byte, error) { return []byte(texts[p.List.ID]), nil, nil })
	if err != nil {
		t.Fatal(err)
	}
}

// directly compares two sources over some people with the engine alone.
func directly(t testing.TB, all *person.Everybody, in func(served region.Code) bool, old, now *rules.Source) *simulate.Report {
	t.Helper()
	var c population.Columns
	for i := range all.N {
		if in(all.Served.RegionOf(i)) {
			p := all.Person(i)
			if err := c.Append(&p); err != nil {
				t.Fatal(err)
			}
		}
	}
	pop := population.New(&c)
	run := func(src *rules.Source) *engine.Result {
		p, err := rules.Compile(src, today)
		if err != nil {
			t.Fatal(err)
		}
		return engine.NewPlan(p, today).Run(pop, engine.Options{})
	}
	return simulate.Compare(run(old), run(now))
}
