package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/blob"
	"yian/internal/credential"
	"yian/internal/duplicate"
	"yian/internal/entitlement"
	"yian/internal/export"
	"yian/internal/filter"
	"yian/internal/id"
	"yian/internal/intake"
	"yian/internal/jobs"
	"yian/internal/message"
	"yian/internal/mortality"
	"yian/internal/outreach"
	"yian/internal/pack"
	"yian/internal/person"
	"yian/internal/personapi"
	"yian/internal/policy"
	"yian/internal/scenario"
	"yian/internal/signin"
	"yian/internal/snapshot"
	"yian/internal/web"
	"yian/policies"
)

// modules are the domain modules, in the order in which they need each other.
type modules struct {
	accounts   *account.Service
	signing    *signin.Service
	people     *person.Service
	duplicates *duplicate.Service
	filters    *filter.Service
	imports    *intake.Service
	exports    *export.Service
	snapshot   *snapshot.Snapshot

	library      *pack.Library
	lists        *policy.Service
	entitlements *entitlement.Service
	contacts     *outreach.Service
	messages     *message.Service
	scenarios    *scenario.Service
}

// makeModules makes the modules on the platform.
func (a *App) makeModules(ids *id.Maker) (err error) {
	a.accounts = account.New(account.Deps{DB: a.DB, Audit: a.Audit, Keys: a.keys, IDs: ids, Now: a.now, Log: a.log})
	c := a.signinConfig()
	if err := c.Check(); err != nil {
		return err
	}
	a.signing = signin.New(signin.Deps{DB: a.DB, Audit: a.Audit, Keys: a.keys, IDs: ids, Now: a.now, Log: a.log, Accounts: a.accounts}, c)
	a.people = person.New(person.Deps{DB: a.DB, Audit: a.Audit, Jobs: a.jobs, Keys: a.keys, IDs: ids, Now: a.now, Log: a.log})
	a.duplicates = duplicate.New(duplicate.Deps{DB: a.DB, Audit: a.Audit, Jobs: a.jobs, Keys: a.keys, IDs: ids, Now: a.now, Log: a.log, People: a.people})
	a.people.OnChange = append(a.people.OnChange, a.duplicates.Changed, personapi.Carried)
	a.filters = filter.New(a.DB, a.Audit, ids)
	blobs := blob.New(a.DB, a.keys)
	a.imports = intake.New(intake.Deps{
		DB: a.DB, Audit: a.Audit, Jobs: a.jobs, Blobs: blobs, People: a.people, Actors: actors{a.accounts}, IDs: ids, Now: a.now, Log: a.log,
	})
	a.exports = export.New(export.Deps{
		DB: a.DB, Audit: a.Audit, Jobs: a.jobs, Blobs: blobs, People: a.people, Actors: actors{a.accounts}, IDs: ids, Now: a.now, Log: a.log,
	})
	if a.snapshot, err = snapshot.Open(filepath.Join(a.config.Data, "columns")); err != nil {
		return err
	}
	return a.makeServices(ids)
}

// makeServices makes the modules of lists, of what they entitle people to, and of what
// follows from it.
func (a *App) makeServices(ids *id.Maker) (err error) {
	if a.library, err = pack.NewLibrary(policies.FS); err != nil {
		return err
	}
	a.lists = policy.New(policy.Deps{DB: a.DB, Audit: a.Audit, Keys: a.keys, IDs: ids, Now: a.now, Log: a.log})
	a.entitlements = entitlement.New(entitlement.Deps{
		DB: a.DB, Audit: a.Audit, Jobs: a.jobs, IDs: ids, Now: a.now, Log: a.log, People: a.people, Lists: a.lists,
	})
	a.lists.OnPublish = append(a.lists.OnPublish, a.entitlements.Published)
	a.contacts = outreach.New(outreach.Deps{DB: a.DB, Audit: a.Audit, IDs: ids, Now: a.now, Actor: actors{a.accounts}.Actor})
	a.people.OnChange = append(a.people.OnChange, a.entitlements.Changed, a.contacts.Moved)
	gateway, err := a.config.Messages.Open(a.config.Data, a.now)
	if err != nil {
		return err
	}
	a.messages = message.New(message.Deps{
		DB: a.DB, Audit: a.Audit, Jobs: a.jobs, Keys: a.keys, People: a.people, Templates: a.library, Gateway: gateway,
		IDs: ids, Now: a.now, Log: a.log, Limits: message.Limits{Rate: a.config.Messages.Rate},
	})
	a.scenarios = scenario.New(scenario.Deps{
		DB: a.DB, Audit: a.Audit, Lists: a.lists, People: a.snapshot, Survival: mortality.Table().Survival, IDs: ids, Now: a.now, Log: a.log,
	})
	return nil
}

// snapshotDeps is what the snapshot of everybody's facts is kept up to date from.
func (a *App) snapshotDeps() snapshot.Deps {
	return snapshot.Deps{People: a.people, Audit: a.Audit, Now: a.now, Log: a.log}
}

// signinConfig makes the settings of signing in.
func (a *App) signinConfig() signin.Config {
	c := signin.DefaultConfig()
	c.URL, c.Idle = a.config.URL, a.config.Idle
	c.Password.Age = time.Duration(a.config.Password) * 24 * time.Hour
	c.Proxies = a.config.proxies
	if !a.config.TOTP {
		c.RequireTOTP = nil
	}
	if o := a.config.OIDC; o.Issuer != "" {
		c.Provider = &signin.Provider{Issuer: o.Issuer, Client: o.Client, Secret: o.Secret, Label: o.Label, Claim: o.Claim, Second: o.Second}
	}
	if a.config.Demo {
		c.Demo = demoAccounts()
		c.Hash = credential.Cost{Memory: 8 << 10, Time: 1, Threads: 1} // the passwords are on the login page
	}
	return c
}

// actors are users as they act now, for work that goes on when they have signed out.
type actors struct{ accounts *account.Service }

// Actor returns the user with the rights that he has now; NotFound for one who is
// not active any more.
func (a actors) Actor(ctx context.Context, user id.ID) (access.Actor, error) {
	who, err := a.accounts.Identity(ctx, user)
	return who.Actor, err
}

// sealArgs is the job that chains the audit trail.
type sealArgs struct{}

// Kind implements river.JobArgs.
func (sealArgs) Kind() string { return "audit.seal" }

// sweepArgs is the job that deletes sessions that have ended, and answers of the
// interface that nobody asks for again.
type sweepArgs struct{}

// Kind implements river.JobArgs.
func (sweepArgs) Kind() string { return "session.sweep" }

// work registers the jobs of all modules.
func (a *App) work() {
	jobs.On(a.jobs, func(ctx context.Context, _ sealArgs) error {
		_, err := a.Audit.Seal(ctx)
		return err
	})
	a.jobs.Every(time.Minute, sealArgs{})
	jobs.On(a.jobs, func(ctx context.Context, _ sweepArgs) error {
		return errors.Join(web.SweepSessions(ctx, a.DB, a.now()), web.SweepRequests(ctx, a.DB, a.now()))
	})
	a.jobs.Every(time.Hour, sweepArgs{})
	signin.Work(a.jobs, a.signing)
	a.people.Register()
	a.duplicates.Register()
	a.imports.Register()
	a.exports.Register()
	a.entitlements.Register()
	a.messages.Register()
}

// SetupLink returns the link for the first administrator; "" if there is one already.
func (a *App) SetupLink(ctx context.Context, base string) (string, error) {
	token, needed, err := a.signing.SetupLink(ctx)
	if err != nil || !needed {
		return "", err
	}
	return base + "/setup/" + token, nil
}
