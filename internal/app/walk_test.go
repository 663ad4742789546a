package app

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/account/accounttest"
	"yian/internal/db"
	"yian/internal/web"
)

// TestWalk uses every route as somebody of each role who works in one county, and asks
// it for the things of the next county. He learns nothing of them: no name, no number,
// not how many there are, not even that there are any.
func TestWalk(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.fill(t)
		here, there := k.announce(t, yaodu), k.announce(t, hongtong)
		k.settle(t, here)
		roles := k.everybody(t, here)
		if k.DB.Engine() == db.Postgres { // the rights are the same there; what is asked of it is what those with most rights ask
			roles = slices.DeleteFunc(roles, func(r role) bool {
				return !slices.Contains([]access.Role{access.Officer, access.Author, access.Approver, access.Administrator}, r.Role)
			})
		}
		w := &walk{kit: k, here: here, there: there}
		before := w.overviews(t, roles)
		k.settle(t, there)
		w.same(t, before, w.overviews(t, roles))
		things := k.things(t, there)
		for _, r := range k.Mux.Routes() {
			for i := range roles {
				w.try(t, r, &roles[i])
			}
			w.stranger(t, r)
		}
		for i := range roles {
			w.asks(t, &roles[i])
		}
		if now := k.things(t, there); now != things {
			t.Errorf("somebody changed the things of another county:\n%s\nwant\n%s", now, things)
		}
		w.inside(t)
	})
}

type walk struct {
	*kit
	here, there *place
}

// may reports whether the role opens the route.
func (r *role) may(p access.Permission) bool {
	return p == access.Public || p == access.SignedIn || slices.Contains(r.Permissions, p)
}

// alone are routes that a walk does not use as others: they end the very sign-in that
// it walks with.
var alone = map[string]bool{"POST /logout": true}

// changing are pages whose content goes by what is done on the site as a whole, and
// that few may see: they are compared by what they must not hold, not as a whole.
// The open figures are of all counties, by law.
var changing = map[string]bool{
	"/metrics": true, "/audit": true, "/audit/verify": true, "/public/figures": true, "/public/figures.csv": true,
}

// overviews are all pages that need no parameter, with the things of the next county
// looked for, and those on its published list, by request and role.
func (w *walk) overviews(t *testing.T, roles []role) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range w.Mux.Routes() {
		if r.Method != http.MethodGet || len(names(r.Path)) > 0 || changing[r.Path] || r.Path == "/assets/" {
			continue
		}
		for i := range roles {
			if !roles[i].may(r.Permission) {
				continue
			}
			// No number of a thing is known yet, so only words are looked for.
			for _, q := range append([]request{{method: r.Method, path: r.Path}}, queries(r, r.Path, &place{words: w.there.words})...) {
				a := w.do(t, roles[i].client, q)
				out[string(roles[i].Role)+" "+q.String()] = a.String()
			}
		}
	}
	for i := range roles {
		if roles[i].may(access.PolicyWrite) { // that the list has a draft already is not told either
			v := url.Values{"list": {w.there.list}, "from": {w.there.published.String()}}
			q := request{http.MethodPost, "/policies/new", urlEncoded, v.Encode()}
			out[string(roles[i].Role)+" "+q.String()] = w.do(t, roles[i].client, q).String()
		}
		for _, path := range published(w.there) {
			a := w.do(t, roles[i].client, request{method: http.MethodGet, path: path})
			if strings.HasPrefix(path, "/public/") || roles[i].may(access.PolicyRead) {
				w.shown(t, &roles[i], path, a)
			}
			out[string(roles[i].Role)+" "+path] = a.String()
		}
	}
	return out
}

// shown makes sure that what is published is seen by all.
func (w *walk) shown(t *testing.T, who *role, path string, a answer) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Errorf("%s as %s: %s", path, who.Role, a)
	}
}

// asks asks for things of the other county that the address or the form names, and for
// things that are nowhere: the answers are the same. Then he tries to do everything with
// the published list that can be done with a version.
func (w *walk) asks(t *testing.T, who *role) {
	t.Helper()
	for _, x := range asked {
		r := w.route(t, x.method, x.path)
		if !who.may(r.Permission) {
			continue
		}
		send := func(p *place) answer {
			q := request{x.method, x.path, urlEncoded, x.of(w.here, p).Encode()}
			if x.method == http.MethodGet {
				q = request{method: x.method, path: x.path + "?" + q.body}
			}
			a := w.do(t, who.client, q)
			if a.status == http.StatusSeeOther {
				a.body = w.do(t, who.client, request{method: http.MethodGet, path: "/account"}).body // with what is said of it
			}
			return a
		}
		a, b := send(w.there), send(w.there.ghost())
		q := request{x.method, x.path, "", x.of(w.here, w.there).Encode()}
		w.learnsNothing(t, who, q, a)
		if x, y := still(w.nameless(a)), still(w.nameless(b)); x != y {
			t.Errorf("%s %s as %s tells the thing from one that is nowhere:\n%s", q, q.body, who.Role, difference(y, x))
		}
	}
	for _, r := range w.Mux.Routes() {
		if !strings.HasPrefix(r.Path, "/policies/{id}") || !who.may(r.Permission) {
			continue
		}
		p := *w.there
		p.draft = p.published
		path := strings.NewReplacer(p.itemID(), oldAge, p.parameter(), "old_age_allowance").Replace(filled(t, r.Path, &p, &p))
		for _, q := range tries(t, r, path, &p) {
			a := w.do(t, who.client, q)
			w.learnsNothing(t, who, q, a)
			if r.Method == http.MethodPost && a.status < http.StatusBadRequest {
				t.Errorf("%s as %s: %s", q, who.Role, a)
			}
		}
	}
}

// nameless is an answer without the numbers of things.
func (w *walk) nameless(a answer) string {
	text := strings.ReplaceAll(a.String(), nowhere.String(), "ID")
	for _, n := range w.there.ids() {
		text = strings.ReplaceAll(text, n.String(), "ID")
	}
	return text
}

func (w *walk) route(t *testing.T, method, path string) web.Route {
	t.Helper()
	for _, r := range w.Mux.Routes() {
		if r.Method == method && r.Path == path {
			return r
		}
	}
	t.Fatalf("there is no route %s %s", method, path)
	return web.Route{}
}

// same fails where a page differs after the next county was settled: then something of
// it shows, were it only a count.
func (w *walk) same(t *testing.T, before, after map[string]string) {
	t.Helper()
	for key, was := range before {
		if now := after[key]; still(was) != still(now) {
			t.Errorf("%s shows that there is something in another county:\n%s", key, difference(still(was), still(now)))
		}
	}
}

var moment = regexp.MustCompile(`\d{2}:\d{2}(:\d{2})?|编号 [A-Z2-7]{8}|"instance":"[^"]*"|"request":"[^"]*"`)

// still leaves out of a page what differs each time.
func still(page string) string { return moment.ReplaceAllString(page, "·") }

// try uses a route as a role.
func (w *walk) try(t *testing.T, r web.Route, who *role) {
	t.Helper()
	if alone[r.Method+" "+r.Path] {
		return
	}
	if !who.may(r.Permission) {
		// Even of his own county's things, and with a request that is right.
		all := tries(t, r, filled(t, r.Path, w.here, w.here), w.there)
		if q := all[min(1, len(all)-1)]; w.do(t, who.client, q).status != http.StatusForbidden {
			t.Errorf("%s as %s, who lacks %s: %s", q, who.Role, r.Permission, w.do(t, who.client, q))
		}
		return
	}
	if len(names(r.Path)) == 0 {
		for _, q := range tries(t, r, r.Path, w.there) {
			w.learnsNothing(t, who, q, w.do(t, who.client, q))
		}
		return
	}
	w.about(t, r, who, []*place{w.there, w.there}, []*place{nil, nil})
	if len(names(r.Path)) == 2 { // one's own thing with a part of another's
		w.about(t, r, who, []*place{w.here, w.there}, []*place{w.here, nil})
	}
}

// about asks a route about a thing of the other county, and then about one that is
// nowhere: the answers are the same.
func (w *walk) about(t *testing.T, r web.Route, who *role, there, ghost []*place) {
	t.Helper()
	path, nobody := filled(t, r.Path, there...), filled(t, r.Path, ghost...)
	ghosts := tries(t, r, nobody, w.there)
	for i, q := range tries(t, r, path, w.there) {
		a, b := w.do(t, who.client, q), w.do(t, who.client, ghosts[i])
		w.learnsNothing(t, who, q, a)
		if a.status == http.StatusSeeOther { // read what the next page would say of it
			w.do(t, who.client, request{method: http.MethodGet, path: "/account"})
		}
		if _, ok := unowned[r.Path]; ok {
			continue
		}
		hidden := a.status == http.StatusNotFound || a.status == http.StatusForbidden
		if right := r.Method == http.MethodGet || i == 1; right && !hidden && !passedOver[r.Method+" "+r.Path] {
			t.Errorf("%s as %s: %s", q, who.Role, a)
		}
		if x, y := still(plain(a, path)), still(plain(b, nobody)); x != y {
			t.Errorf("%s as %s tells the thing from one that is nowhere:\n%s", q, who.Role, difference(y, x))
		}
	}
}

// difference shows the first line in which two texts differ.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return "more: " + b[i]
		case i >= len(b):
			return "less: " + a[i]
		case a[i] != b[i]:
			return "line " + strconv.Itoa(i+1) + ": " + b[i] + "\nwant: " + a[i]
		}
	}
	return "no difference"
}

// passedOver are routes on things of one's own, where what is not there counts as done.
var passedOver = map[string]bool{
	"POST /account/sign-ins/{id}/end": true, "POST /filters/{id}/delete": true, "POST /users/{id}/access/{signin}/end": true,
}

// plain is an answer without the path that was asked for.
func plain(a answer, path string) string {
	text := a.String()
	for _, form := range []string{path, url.QueryEscape(path), strings.ReplaceAll(path, "/", `\/`)} {
		text = strings.ReplaceAll(text, form, "PATH")
	}
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > 8 {
			text = strings.ReplaceAll(text, part, "PART")
		}
	}
	return text
}

// learnsNothing fails if the answer tells of the other county what the question did
// not hold, or if the program is at a loss.
func (w *walk) learnsNothing(t *testing.T, who *role, q request, a answer) {
	t.Helper()
	if a.status >= 500 {
		t.Errorf("%s as %s: %s", q, who.Role, a)
	}
	asked := q.path + q.body
	if text, err := url.QueryUnescape(asked); err == nil {
		asked += text
	}
	for _, word := range w.there.told() {
		if !strings.Contains(asked, word) && strings.Contains(a.location+a.body, word) {
			t.Errorf("%s as %s tells %q of another county: %s", q, who.Role, word, a)
		}
	}
}

// stranger uses a route without having signed in.
func (w *walk) stranger(t *testing.T, r web.Route) {
	t.Helper()
	client := accounttest.Browser(t, w.server)
	for _, q := range tries(t, r, filled(t, r.Path, w.there, w.there), w.there) {
		a := w.do(t, client, q)
		w.learnsNothing(t, &role{RoleInfo: access.RoleInfo{Role: "nobody"}}, q, a)
		toLogin := a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/login")
		if r.Permission != access.Public && a.status != http.StatusUnauthorized && !toLogin {
			t.Errorf("%s by somebody who has not signed in: %s", q, a)
		}
	}
}

// inside makes sure that the walk knew its way: those of the other county do see what
// was kept from their neighbours.
func (w *walk) inside(t *testing.T) {
	t.Helper()
	u := accounttest.NamedUser(t, w.signing, "own-officer", "本县经办", access.Officer, w.there.county)
	officer := accounttest.SignIn(t, w.server, w.signing, u)
	u = accounttest.NamedUser(t, w.signing, "own-admin", "本县管理员", access.Administrator, w.there.county)
	admin := accounttest.SignIn(t, w.server, w.signing, u)
	u = accounttest.NamedUser(t, w.signing, "own-author", "本县编制", access.Author, w.there.county)
	author := accounttest.SignIn(t, w.server, w.signing, u)
	u = accounttest.NamedUser(t, w.signing, "own-city", "本市编制", access.Author, w.there.county[:4])
	city := accounttest.SignIn(t, w.server, w.signing, u)
	p := w.there
	u, err := w.accounts.User(t.Context(), accounttest.System.Scope(access.AccountRead), p.user)
	if err != nil {
		t.Fatal(err)
	}
	planner := accounttest.SignIn(t, w.server, w.signing, u)
	for _, x := range []struct {
		client *http.Client
		path   string
		word   string
	}{
		{officer, "/persons", w.there.elder},
		{officer, "/persons/" + w.there.person.String(), w.there.address},
		{officer, "/persons/" + w.there.person.String() + "/history", w.there.evidence},
		{officer, "/conflicts", w.there.elder},
		{officer, "/duplicates", w.there.elder},
		{officer, "/imports", w.there.file},
		{officer, "/api/v1/persons/" + w.there.person.String(), w.there.elder},
		{officer, "/persons/" + p.person.String() + "/entitlements", p.elder},
		{officer, "/persons/" + p.person.String() + "/messages", p.letter},
		{officer, "/messages/" + p.message.String(), p.letter},
		{officer, "/entitlements?on=missing&state=all", p.elder},
		{officer, "/entitlements/names?state=unknown&item=" + oldAge, p.elder},
		{officer, "/entitlements/names?state=reached&item=" + oldAge, p.elder},
		{officer, "/entitlements/contact?" + about(p, url.Values{}).Encode(), p.words.contact},
		{officer, "/policies/" + p.draft.String(), p.item},
		{officer, "/filings/" + p.filing.String(), p.words.filing},
		{author, "/policies", p.draft.String()},
		{author, "/policies/" + p.draft.String() + "/items/" + p.itemID() + "/edit", p.item},
		{author, "/policies/" + p.draft.String() + "/parameters/" + p.parameter(), p.item},
		{author, "/policies/" + p.published.String(), p.words.approver},
		{city, "/policies/" + p.draft.String(), p.item},
		{city, "/filings", p.filing.String()},
		{planner, "/scenarios", p.words.scenario},
		{planner, "/scenarios/" + p.scenario.String(), p.words.scenario},
		{admin, "/users", w.there.words.user},
		{admin, "/organisations", w.there.words.office},
		{admin, "/tokens", w.there.words.token},
	} {
		if a := w.do(t, x.client, request{method: http.MethodGet, path: x.path}); a.status != http.StatusOK || !strings.Contains(a.body, x.word) {
			t.Errorf("%s does not show %q to those whose it is: %s", x.path, x.word, a)
		}
	}
}
