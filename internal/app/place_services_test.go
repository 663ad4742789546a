package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/account/accounttest"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/message"
	"yian/internal/outreach"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/rules"
	"yian/internal/scenario"
)

// itemID and parameter are what only the draft has.
func (w *words) itemID() string    { return w.prefix + "-item" }
func (w *words) parameter() string { return w.prefix + "_rate" }

// oldAge is an item that every county has.
const oldAge = "old-age-allowance"

// matter is what the elder of the place is contacted about.
func (p *place) matter() outreach.Matter {
	return outreach.Matter{Person: p.person, Occasion: outreach.Missing, Item: fact.Hukou.String()}
}

// fill gives the program the built-in lists, and the columns that figures are counted from.
func (k *kit) fill(t *testing.T) {
	t.Helper()
	if err := k.seedLists(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.snapshot.Close(); err != nil {
			t.Error(err)
		}
	})
}

// announce begins a place: with its list, which two people draft, approve and publish.
func (k *kit) announce(t *testing.T, w words) *place {
	t.Helper()
	p := &place{words: w}
	p.today = k.lists.Today()
	author, approver := k.writers(t, p)
	ctx, ok := t.Context(), k.version(t)
	v := ok(k.lists.DraftNew(ctx, author, p.county, ""))
	v = ok(k.lists.SetParameter(ctx, author, policy.Setting{List: v.List, Name: "old_age_allowance", Value: "50", From: p.today}))
	v = ok(k.lists.Submit(ctx, author, v.ID, v.Version, p.words.draft))
	v = ok(k.lists.Approve(ctx, approver, v.ID, v.Version, p.words.draft))
	v = ok(k.lists.Publish(ctx, approver, v.ID, v.Version, p.today, p.words.draft))
	p.list, p.published = v.List, v.ID
	return p
}

// version fails the test where a version does not come about.
func (k *kit) version(t *testing.T) func(*policy.Version, error) *policy.Version {
	return func(v *policy.Version, err error) *policy.Version {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// writers are who writes the lists of a place, and who approves them.
func (k *kit) writers(t *testing.T, p *place) (author, approver access.Actor) {
	t.Helper()
	u := accounttest.NamedUser(t, k.signing, p.prefix+".author", p.words.author, access.Author, p.county)
	p.author = u.ID
	author = u.Actor(p.today)
	u = accounttest.NamedUser(t, k.signing, p.prefix+".approver", p.words.approver, access.Approver, p.county)
	p.approver = u.ID
	return author, u.Actor(p.today)
}

// serve does what is not public: the next draft, a filing with the city, a scenario, a
// message and a contact.
func (k *kit) serve(t *testing.T, p *place) {
	t.Helper()
	ctx := t.Context()
	k.judged(t, p)
	k.drafted(t, p)
	officer := k.actor(t, p.user)
	sc, err := k.scenarios.Create(ctx, officer, scenario.Draft{
		Name: p.words.scenario, Region: p.county, List: p.list,
		Changes: scenario.Changes{Parameters: []scenario.ParameterChange{{Name: "old_age_allowance", From: p.today, Value: "80"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = k.scenarios.Run(ctx, officer, sc.ID); err != nil {
		t.Fatal(err)
	}
	p.scenario = sc.ID
	c, err := k.contacts.Record(ctx, officer, p.matter(), 0, outreach.Step{State: outreach.Reached, Text: p.words.contact})
	if err != nil {
		t.Fatal(err)
	}
	p.contact = c.ID
	m := outreach.Matter{Person: p.twin, Occasion: outreach.Newly, Item: oldAge, On: p.today}
	if _, err = k.contacts.Record(ctx, officer, m, 0, outreach.Step{State: outreach.Reached, Text: p.words.contact}); err != nil {
		t.Fatal(err)
	}
	k.told(t, p, officer)
}

// actor is a user as he acts.
func (k *kit) actor(t *testing.T, user id.ID) access.Actor {
	t.Helper()
	u, err := k.accounts.User(t.Context(), accounttest.System.Scope(access.AccountRead), user)
	if err != nil {
		t.Fatal(err)
	}
	return u.Actor(k.accounts.Today())
}

// judged waits until the people of the place are judged, and counts everybody anew.
func (k *kit) judged(t *testing.T, p *place) {
	t.Helper()
	ctx := t.Context()
	if err := k.demoColumns(ctx); err != nil {
		t.Fatal(err)
	}
	if err := k.demoResults(ctx); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everybody is judged", func() (bool, error) {
		counts, err := k.jobs.Counts(ctx)
		for _, c := range counts {
			if strings.HasPrefix(c.Kind, "entitlement.") && slices.Contains([]string{"available", "running", "retryable", "scheduled"}, c.State) {
				return false, err
			}
		}
		return true, err
	})
	if _, err := k.entitlements.Of(ctx, accounttest.System.Scope(access.EntitlementRead), p.person); err != nil {
		t.Fatal(err)
	}
}

// drafted begins the next version of the list, and files the one that is published.
func (k *kit) drafted(t *testing.T, p *place) {
	t.Helper()
	ctx, ok, author := t.Context(), k.version(t), k.actor(t, p.author)
	v := ok(k.lists.Draft(ctx, author, p.list, 0, p.words.draft))
	v = ok(k.lists.Edit(ctx, author, v.ID, v.Version, p.words.draft, func(l *pack.List) error {
		l.Parameters = append(l.Parameters, pack.Parameter{Name: p.parameter(), Label: p.words.item + "标准", Unit: "元/月", SetBy: "county"})
		return nil
	}))
	v = ok(k.lists.PutItem(ctx, author, v.ID, v.Version, "", p.words.draft, func(it *pack.Item) error {
		it.ID, it.Name, it.Audience, it.Content, it.Added = p.itemID(), p.words.item, "老年人", p.words.item, true
		it.Type, it.Lead, it.When = "关爱服务", "县民政局", rules.Text{CEL: "age >= 70"}
		it.Grant = pack.Grant{Kind: rules.Service}
		it.Clause = pack.Clause{Place: "第一条", Text: p.words.draft}
		return nil
	}))
	p.draft, p.draftVersion, p.text = v.ID, v.Version, v.Text
	f, err := k.lists.File(ctx, author, p.published, p.words.filing)
	if err != nil {
		t.Fatal(err)
	}
	p.filing = f.ID
}

// told queues a message for the elder and takes it back, so that no job sends it.
func (k *kit) told(t *testing.T, p *place, officer access.Actor) {
	t.Helper()
	ctx := t.Context()
	err := k.Audit.Write(ctx, officer, audit.Action{Code: "outreach.tell"}, func(ctx context.Context, tx db.Tx) (c audit.Change, err error) {
		p.message, _, err = k.messages.Queue(ctx, tx, officer, message.Order{
			Person: p.person, Template: "newly", Subject: "1",
			Values: message.Values{Item: "高龄津贴", Amount: "每月50元", Apply: "带身份证办理", Office: p.words.letter},
		})
		return audit.Change{Kind: "person", Subject: p.person.String(), Region: p.county}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.messages.Cancel(ctx, officer, p.message, 1); err != nil {
		t.Fatal(err)
	}
}

// ghost is the place with things that are nowhere.
func (p *place) ghost() *place {
	g := *p
	for _, n := range []*id.ID{&g.person, &g.twin, &g.user, &g.author, &g.approver, &g.draft, &g.filing, &g.scenario, &g.message, &g.contact} {
		*n = nowhere
	}
	return &g
}
