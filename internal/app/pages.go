package app

import (
	"context"
	"slices"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/accountweb"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/duplicate"
	"yian/internal/duplicateweb"
	"yian/internal/entitlement"
	"yian/internal/entitlementweb"
	"yian/internal/errs"
	"yian/internal/export"
	"yian/internal/filter"
	"yian/internal/id"
	"yian/internal/intake"
	"yian/internal/intakeweb"
	"yian/internal/message"
	"yian/internal/messageweb"
	"yian/internal/outreach"
	"yian/internal/person"
	"yian/internal/personapi"
	"yian/internal/personweb"
	"yian/internal/policy"
	"yian/internal/policyweb"
	"yian/internal/portal"
	"yian/internal/region"
	"yian/internal/scenario"
	"yian/internal/scenarioweb"
	"yian/internal/signin"
	"yian/internal/snapshot"
	"yian/internal/trail"
	"yian/internal/ui"
	"yian/internal/web"
	"yian/internal/workbench"
)

// views are the pages of all modules.
func (a *App) views() []ui.Set {
	return []ui.Set{
		web.Views(), accountweb.Views(), trail.Views(), workbench.Views(), personweb.Views(), duplicateweb.Views(), intakeweb.Views(),
		export.Views(), policyweb.Views(), scenarioweb.Views(), entitlementweb.Views(), messageweb.Views(), portal.Views(),
	}
}

// identifier knows who is behind a session or a token.
func (a *App) identifier() web.Identifier { return a.signing }

// routes registers the routes of all modules.
func (a *App) routes() {
	a.Mux.Handle("GET /healthz", access.Public, func(*web.Request) (web.Response, error) {
		return web.JSON(map[string]string{"status": "ok"}), nil
	})
	a.Mux.Handle("GET /readyz", access.Public, a.ready)
	(&accountweb.Pages{Accounts: a.accounts, SignIns: a.signing, Below: region.Below}).Register(a.Mux)
	(&trail.Pages{Audit: a.Audit, Login: a.userOf, Root: a.accounts.Root, Actions: actions(), Now: a.now}).Register(a.Mux)
	(&duplicateweb.Pages{Duplicates: a.duplicates, Names: a.accounts.Names}).Register(a.Mux)
	(&intakeweb.Pages{Imports: a.imports}).Register(a.Mux)
	a.exports.Routes(a.Mux)
	personapi.Register(a.Mux, a.people)
	pages := &personweb.Pages{People: a.people, Filters: a.filters, Pairs: a.pairsOf, Names: a.accounts.Names, Below: region.Below}
	pages.Register(a.Mux)
	(&policyweb.Pages{Lists: a.lists, Live: a.scenarios}).Register(a.Mux)
	(&scenarioweb.Pages{Scenarios: a.scenarios}).Register(a.Mux)
	work := &entitlementweb.Pages{
		Results: a.entitlements, Lists: a.lists, People: a.people, Work: a.contacts, Names: a.accounts.Names, Workers: a.workers,
		Below: region.Below, Passage: portal.Passage,
		Letters: entitlementweb.Letters{Messages: a.messages, Templates: a.library.Templates, Office: a.officeOf},
	}
	work.Register(a.Mux)
	(&messageweb.Pages{Messages: a.messages, Names: a.accounts.Names}).Register(a.Mux)
	(&portal.Pages{
		Lists: a.lists, Keys: a.keys, Now: a.now, Below: region.Below, Offices: a.offices, Counties: a.counties, Plans: a.library.Packs(),
	}).Register(a.Mux)
	home := &workbench.Workbench{Figures: a.figures, Todos: []workbench.Todo{a.openConflicts, a.openPairs, a.waitingImports, work.Todos}, Now: a.now}
	home.Register(a.Mux)
}

// actions are what modules write to the audit trail, for the filter of its page.
func actions() []audit.Action {
	return slices.Concat(
		person.Actions, personapi.Actions, duplicate.Actions, intake.Actions, export.Actions, filter.Actions,
		policy.Actions, entitlement.Actions, outreach.Actions, message.Actions, scenario.Actions,
		signin.Actions, account.Actions, trail.Actions,
	)
}

// userOf finds the user of a login name, for the filter of the audit trail.
func (a *App) userOf(ctx context.Context, scope access.Scope, login string) (id.ID, error) {
	u, err := a.accounts.ByLogin(ctx, scope, login)
	if err != nil {
		return 0, err
	}
	return u.ID, nil
}

// ready tells a load balancer whether this process can serve: the database answers
// and has the schema of this program.
func (a *App) ready(r *web.Request) (web.Response, error) {
	current, latest, err := a.DB.Version(r.Context())
	if err != nil || current != latest {
		return nil, errs.New(errs.Unavailable, "数据库还没有准备好。").Because(err)
	}
	return web.JSON(map[string]any{"status": "ready", "schema": current}), nil
}

// pairsOf returns the open suspicions that a person has a second file.
func (a *App) pairsOf(ctx context.Context, scope access.Scope, p id.ID) ([]id.ID, error) {
	pairs, err := a.duplicates.PairsOf(ctx, scope, p)
	out := make([]id.ID, 0, len(pairs))
	for _, x := range pairs {
		out = append(out, x.ID)
	}
	return out, err
}

// figures counts the people of a scope.
func (a *App) figures(ctx context.Context, scope access.Scope, on civil.Date) (*snapshot.Figures, error) {
	return a.snapshot.Figures(scope, on)
}

func (a *App) openConflicts(ctx context.Context, actor access.Actor, in region.Code) ([]workbench.Item, error) {
	if !actor.Can(access.FactSettle) {
		return nil, nil
	}
	n, err := a.people.CountConflicts(ctx, actor.Scope(access.FactSettle).Narrow(in))
	if err != nil || n == 0 {
		return nil, err
	}
	return []workbench.Item{{Text: "信息争议待核定", Href: "/conflicts", Icon: "scale", Count: n, Note: "不同来源对同一个人说法不一", Tone: ui.Warning}}, nil
}

func (a *App) openPairs(ctx context.Context, actor access.Actor, in region.Code) ([]workbench.Item, error) {
	if !actor.Can(access.PersonMerge) {
		return nil, nil
	}
	n, err := a.duplicates.Count(ctx, actor.Scope(access.PersonMerge).Narrow(in))
	if err != nil || n == 0 {
		return nil, err
	}
	return []workbench.Item{{Text: "疑似重复档案待确认", Href: "/duplicates", Icon: "copy", Count: n, Note: "可能是同一个人的两份档案", Tone: ui.Warning}}, nil
}

func (a *App) waitingImports(ctx context.Context, actor access.Actor, _ region.Code) ([]workbench.Item, error) {
	if !actor.Can(access.PersonImport) {
		return nil, nil
	}
	n, err := a.imports.Waiting(ctx, actor)
	if err != nil || n == 0 {
		return nil, err
	}
	return []workbench.Item{{Text: "导入等待您处理", Href: "/imports", Icon: "file-import", Count: n, Note: "核对列、试运行或确认导入", Tone: ui.Info}}, nil
}
