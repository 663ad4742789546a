package main

import (
	"context"
	"fmt"
)

// The accounts of a run. Nobody else reaches the server.
const (
	place         = "1410"
	adminLogin    = "bench.admin"
	adminPassword = "Fenhe-lan 2031"
	password      = "Fenhe-lan 2032"
)

// officer is somebody who works with the register of a region.
type officer struct{ login, region string }

// office is who works with the server: an officer of the city, and one of a county.
type office struct {
	base         string
	city, county officer
}

// newOffice makes the first administrator by the link that the server printed, and
// has him make the officers.
func newOffice(ctx context.Context, base, setup, county string) (*office, error) {
	o := &office{base: base, city: officer{"bench.city", place}, county: officer{"bench.county", county}}
	b := newBrowser(base)
	if _, err := b.get(ctx, setup); err != nil {
		return nil, err
	}
	_, err := b.post(ctx, setup, "organisation_name", "临汾市民政局", "organisation_kind", "city", "organisation_region_code", place,
		"name", "管理员", "login", adminLogin, "new", adminPassword, "again", adminPassword)
	if err != nil {
		return nil, err
	}
	if _, err := b.post(ctx, "/login", "login", adminLogin, "password", adminPassword, "back", "/"); err != nil {
		return nil, err
	}
	for _, one := range []officer{o.city, o.county} {
		if err := o.hire(ctx, b, one); err != nil {
			return nil, fmt.Errorf("make an officer of %s: %w", one.region, err)
		}
	}
	return o, nil
}

// hire makes an account with the role and a password of its own.
func (o *office) hire(ctx context.Context, admin *browser, one officer) error {
	page, err := admin.get(ctx, "/users/new")
	if err != nil {
		return err
	}
	organisation, err := page.find(`(?s)name="organisation".*?<option value="([0-9a-z]+)"`)
	if err != nil {
		return err
	}
	made, err := admin.post(ctx, "/users/new", "name", "经办人", "login", one.login, "organisation", organisation)
	if err != nil {
		return err
	}
	if _, err := admin.post(ctx, made.location+"/grants/new", "role", "officer", "region_code", one.region, "from", "2020-01-01"); err != nil {
		return err
	}
	told, err := admin.form(ctx, made.location+"/access/password")
	if err != nil {
		return err
	}
	temporary, err := told.find(`value="([A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4})"`)
	if err != nil {
		return err
	}
	b := newBrowser(o.base)
	if _, err := b.post(ctx, "/login", "login", one.login, "password", temporary, "back", "/"); err != nil {
		return err
	}
	_, err = b.post(ctx, "/account/password", "current", temporary, "new", password, "again", password)
	return err
}

// signIn opens a session of an officer.
func (o *office) signIn(ctx context.Context, one officer) (*browser, error) {
	b := newBrowser(o.base)
	_, err := b.post(ctx, "/login", "login", one.login, "password", password, "back", "/")
	return b, err
}

// again signs in at a server that was started anew.
func (o *office) again(ctx context.Context, base string) (*browser, error) {
	o.base = base
	return o.signIn(ctx, o.city)
}
