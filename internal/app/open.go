package app

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/civil"
	"yian/internal/entitlementweb"
	"yian/internal/fact"
	"yian/internal/population"
	"yian/internal/portal"
	"yian/internal/region"
)

// openFigures keeps the last figures for everybody: they are the same for all who ask,
// and counting takes longer than showing.
type openFigures struct {
	mu       sync.Mutex
	made     civil.Instant
	on       civil.Date
	counties []portal.County
}

// counties counts the elders of every county that this system is for, for the open
// figures.
func (a *App) counties(ctx context.Context, on civil.Date) ([]portal.County, error) {
	root, err := a.accounts.Root(ctx)
	if err != nil {
		return nil, err
	}
	all, made, release, err := a.snapshot.Everybody()
	if err != nil {
		return nil, err
	}
	defer release()
	a.open.mu.Lock()
	defer a.open.mu.Unlock()
	if a.open.made == made && a.open.on == on {
		return a.open.counties, nil
	}
	births := make([]uint16, len(ageBounds)) // the latest birthday with which somebody is so old
	for i, age := range ageBounds {
		births[i] = dayOf(civil.LatestBirth(age, on))
	}
	found := map[region.Code]*portal.County{}
	places := make([]*portal.County, len(all.Served.Codes))
	for i, code := range all.Served.Codes {
		county := code.County()
		if !code.Within(root) {
			continue // who lives elsewhere is counted there
		}
		if found[county] == nil {
			found[county] = newCounty(county)
		}
		places[i] = found[county]
	}
	sex, ability := all.Codes[fact.Sex], all.Codes[fact.Ability]
	for i := range all.N {
		c := places[all.Served.Index[i]]
		if c == nil {
			continue
		}
		c.People++
		c.Groups[0][band(births, all.Birth[i])]++
		c.Groups[1][sex[i]]++
		c.Groups[2][ability[i]]++
	}
	a.open.made, a.open.on, a.open.counties = made, on, nil
	for _, c := range found {
		if c.People > 0 {
			a.open.counties = append(a.open.counties, *c)
		}
	}
	slices.SortFunc(a.open.counties, func(x, y portal.County) int { return cmp.Compare(x.Region, y.Region) })
	return a.open.counties, nil
}

// ageBounds are the ages at which the bands of portal.Dimensions begin, but for the first
// and the last one.
var ageBounds = []int{60, 70, 80, 90, 100}

// band returns the place of a birthday among the categories of age.
func band(births []uint16, birth uint16) int {
	if birth == 0 {
		return len(births) + 1
	}
	n := 0
	for n < len(births) && birth <= births[n] {
		n++
	}
	return n
}

// dayOf is the number of a birthday in a column; a time before all columns is 0.
func dayOf(birth civil.Date) uint16 {
	day, err := population.Day(birth)
	if err != nil {
		return 0
	}
	return day
}

func newCounty(code region.Code) *portal.County {
	c := &portal.County{Region: code}
	for _, d := range portal.Dimensions {
		c.Groups = append(c.Groups, make([]int, len(d.Categories)))
	}
	return c
}

// offices lists whom somebody of a place can ask: the civil-affairs department of his
// county, and the offices of his town and village.
func (a *App) offices(ctx context.Context, place region.Code) ([]portal.Office, error) {
	var out []portal.Office
	scope := access.System("公众服务").Scope(access.AccountRead)
	for _, size := range []int{12, 9, 6, 4} {
		if len(place) < size {
			continue
		}
		found, err := a.accounts.Organisations(ctx, scope.Narrow(place[:size]), account.OrganisationQuery{Limit: 10}) // its own come first
		if err != nil {
			return nil, err
		}
		for _, o := range found.Organisations {
			if o.Region == place[:size] && slices.Contains([]account.Kind{account.City, account.County, account.Town, account.Village}, o.Kind) {
				out = append(out, portal.Office{Name: o.Name})
			}
		}
	}
	return out, nil
}

// officeOf names whom somebody of a place can ask; empty if no office is known.
func (a *App) officeOf(ctx context.Context, place region.Code) (string, error) {
	all, err := a.offices(ctx, place)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0].Name, nil
}

// manyUsers is more users than a county's offices have that work with people.
const manyUsers = 1000

// workers lists the users of a county who may be sent to the people of a place in it.
func (a *App) workers(ctx context.Context, at region.Code) ([]entitlementweb.Worker, error) {
	scope := access.System("待遇工作清单").Scope(access.AccountRead).Narrow(at.County())
	page, err := a.accounts.Users(ctx, scope, account.Query{State: account.Active, Limit: manyUsers})
	if err != nil {
		return nil, err
	}
	var out []entitlementweb.Worker
	for i := range page.Users {
		u := &page.Users[i]
		if !u.Machine && u.Actor(a.accounts.Today()).Scope(access.EntitlementReach).Contains(at) {
			out = append(out, entitlementweb.Worker{User: u.ID, Name: u.Name, Note: u.Organisation.Name})
		}
	}
	return out, nil
}
