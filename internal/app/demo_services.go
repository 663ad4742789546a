package app

import (
	"context"
	"fmt"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
)

// demoAgo is how long ago the demonstration begins: what became other since then is in
// the work lists.
const demoAgo = 30 * 24 * time.Hour

// demoVillage1 is whose worker the demonstration has an account for.
const demoVillage1 region.Code = "141024100001"

// demoActor is the user of the demonstration with a login.
func (a *App) demoActor(ctx context.Context, login string) (access.Actor, error) {
	u, err := a.accounts.ByLogin(ctx, access.System("演示数据").Scope(access.AccountRead), login)
	if err != nil {
		return access.Actor{}, err
	}
	return u.Actor(a.accounts.Today()), nil
}

// demoList publishes a list of the county, which takes over that of the city and sets the
// figure that the city leaves to it: two people, as everywhere.
func (a *App) demoList(ctx context.Context) error {
	author, err := a.demoActor(ctx, "county-author")
	if err != nil {
		return err
	}
	approver, err := a.demoActor(ctx, "county-approver")
	if err != nil {
		return err
	}
	v, err := a.lists.DraftNew(ctx, author, "141024", "承接市清单，确定高龄津贴标准")
	if err != nil {
		return err
	}
	today := a.lists.Today()
	if v, err = a.lists.SetParameter(ctx, author, policy.Setting{
		List: v.List, Name: "old_age_allowance", Value: "50", From: today, Note: "县级人民政府确定",
	}); err != nil {
		return err
	}
	if v, err = a.lists.Submit(ctx, author, v.ID, v.Version, "请审批"); err != nil {
		return err
	}
	if v, err = a.lists.Approve(ctx, approver, v.ID, v.Version, "同意"); err != nil {
		return err
	}
	_, err = a.lists.Publish(ctx, approver, v.ID, v.Version, today, "")
	return err
}

// demoBirthday registers somebody of the village who turned 80 ten days ago.
func (a *App) demoBirthday(ctx context.Context) error {
	y, m, d := (civil.At(a.now().Add(demoAgo)).Day() - 10).Date()
	facts := fact.Person{Birth: civil.New(y-80, m, d), Hukou: demoVillage1, Residence: demoVillage1}
	for f, value := range map[fact.ID]string{
		fact.Sex: "female", fact.Income: "none", fact.Pension: "resident", fact.Medical: "resident", fact.LivesAlone: "true", fact.EmptyNest: "false",
	} {
		if err := facts.Set(f, value); err != nil {
			return err
		}
	}
	draft := person.Draft{Name: "郑玉梅"}
	draft.Phones = []string{"16099999980"}
	draft.Address = region.Name(demoVillage1) + "18号"
	_, err := a.people.Create(ctx, access.System("演示数据"), draft, history.Village, facts, civil.At(a.now()).Day()-100)
	return err
}

// demoResults judges everybody, as the jobs of the night and of the counties do.
func (a *App) demoResults(ctx context.Context) error {
	for done := false; !done; {
		var err error
		if done, err = a.entitlements.Night(ctx); err != nil {
			return err
		}
	}
	all, _, release, err := a.snapshot.Everybody()
	if err != nil {
		return err
	}
	defer release()
	seen := map[region.Code]bool{}
	for _, code := range all.Served.Codes {
		shard := code.County()
		if shard == "" || seen[shard] {
			continue
		}
		seen[shard] = true
		for done := false; !done; {
			if done, err = a.entitlements.Run(ctx, shard); err != nil {
				return fmt.Errorf("results of %s: %w", shard, err)
			}
		}
	}
	return nil
}
