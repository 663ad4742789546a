package arch

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room says what a package of the house may import of the others. Data flows one
// way through the house, from values to the command line; nothing reaches back.
type room struct {
	path   string
	may    []string
	reason string
}

// everything stands for all rooms that are listed above.
const everything = "*"

// values are the packages that only the standard library and earlier values feed.
var values = []room{
	{"internal/civil", nil, "a day needs no clock and no place"},
	{"internal/money", nil, "fen are a number"},
	{"internal/region", nil, "codes and names of divisions are a table"},
	{"internal/citizenid", []string{"internal/civil", "internal/region"}, "an identity number holds a birthday and a county"},
	{"internal/near", nil, "a slip of the pen is the same in every file"},
	{"internal/yamltext", nil, "YAML is texts, whatever they say"},
	{"internal/ordered", nil, "working in parallel in order is about no data in particular"},
	{"internal/fact", []string{"internal/civil", "internal/region"}, "the vocabulary has days and regions among its values"},
	{"internal/mortality", []string{"internal/civil", "internal/fact"}, "life tables go by age and sex"},
	{"internal/errs", nil, "a failure knows its kind and nothing of what failed"},
	{"internal/id", nil, "a number of a row is a number"},
	{"internal/document", []string{"internal/civil", "internal/citizenid", "internal/fact"}, "identity documents hold a birthday and a sex"},
	{"internal/phone", nil, "telephone numbers are digits"},
	{"internal/personname", nil, "names are characters and their readings"},
	{
		"internal/history",
		[]string{"internal/civil", "internal/fact", "internal/id", "internal/region"},
		"what holds on a day as known on another is arithmetic of statements",
	},
}

// rooms is the table of the house. Later rooms may import only what their line
// names, so a new arrow between packages is seen in review.
var rooms = slices.Concat(values, []room{
	{"policies", nil, "the packs are files; package pack gives them a meaning"},
	{
		"internal/population",
		[]string{"internal/civil", "internal/fact", "internal/region"},
		"people as bit planes, whoever fills them and whatever is asked of them",
	},
	{"internal/xlsx", nil, "a workbook is rows of texts, whatever they say"},
	{"internal/people", with("internal/population", "internal/xlsx"), "files of people know nothing of rules"},
	{"internal/synth", with("internal/population"), "invented people know nothing of rules"},
	{"internal/rules", with(), "what a rule means is told of one person; how millions are counted is for the engine"},
	{"internal/rules/rulestest", with("internal/rules"), "draws lists and people for the tests that hold the engines equal"},
	{"internal/engine", with("internal/population", "internal/rules"), "runs compiled rules over a population"},
	{
		"internal/prove",
		with("internal/population", "internal/rules", "internal/engine"),
		"a proof is an evaluation of every kind of person there can be",
	},
	{
		"internal/simulate",
		with("internal/population", "internal/rules", "internal/engine"),
		"two evaluations of one population, today and as it ages",
	},
	{"internal/pack", with("internal/rules", "internal/prove"), "reads packs into rules, and proves of an item that somebody can have it"},
	{"web", nil, "the built front end is files"},
	{"internal/secret", with(), "keys know nothing of what they seal"},
	{"internal/access", with(), "who may do what, where, without saying how it is stored"},
	{"internal/db", with(), "two engines, no table of a module"},
	{"internal/db/dbtest", with("internal/db"), "throw-away databases for tests"},
	{"internal/audit", with("internal/access", "internal/db"), "the trail knows actors and rows, no module"},
	{"internal/jobs", with("internal/db"), "work in the background, whatever it is"},
	{"internal/ui", with(), "pages without requests and databases"},
	{"internal/ui/uitest", with("internal/ui", "web"), "checks templates of modules in their tests"},
	{"internal/web", with("internal/access", "internal/db", "internal/ui"), "the seam to HTTP knows no module"},
	{"internal/blob", with("internal/secret", "internal/db"), "encrypted contents in pieces, whosever they are"},
	{"internal/credential", with("internal/secret"), "passwords and codes, whosever they are"},
	{"internal/account", with(append(platform, "internal/credential")...), "users, organisations, roles, tokens"},
	{"internal/signin", with(append(platform, "internal/credential", "internal/account")...), "how a user proves who he is"},
	{"internal/account/accounttest", with(append(platform, "internal/credential", "internal/account", "internal/signin")...), "signs users in, in tests"},
	{"internal/accountweb", with(append(platform, "internal/credential", "internal/account", "internal/signin")...), "pages of users and of signing in"},
	{"internal/trail", with(append(platform, "internal/account")...), "pages of the audit trail"},
	{"internal/identity", with(append(platform, "internal/population", "internal/history")...), "what identifies a person, before it is stored"},
	{"internal/ledger", with(append(platform, "internal/identity")...), "statements about people, as they are stored"},
	{"internal/revision", with(append(platform, "internal/identity", "internal/ledger")...), "what identified a person before"},
	{"internal/photo", with(append(platform, "internal/identity", "internal/ledger")...), "pictures, whosever they are"},
	{
		"internal/person",
		with(append(platform, "internal/population", "internal/identity", "internal/ledger", "internal/revision", "internal/photo")...),
		"the register of elders",
	},
	{"internal/duplicate", with(append(platform, register...)...), "two files of one person"},
	{"internal/personapi", with(append(platform, register...)...), "the register for machines"},
	{"internal/snapshot", with(append(platform, append(register, "internal/population")...)...), "columns of everybody on disk"},
	{"internal/workbench", with(append(platform, "internal/snapshot")...), "the first page asks the modules through interfaces"},
	{"internal/filter", with(platform...), "searches that users keep, whatever they look for"},
	{"internal/personweb", with(append(platform, append(register, "internal/filter")...)...), "pages of the register"},
	{
		"internal/duplicateweb",
		with(append(platform, append(register, "internal/duplicate", "internal/personweb")...)...),
		"pages on pairs of files, which show people as the register's pages do",
	},
	{"internal/intake", with(append(platform, append(register, "internal/people", "internal/blob")...)...), "files of people brought in"},
	{"internal/intakeweb", with(append(platform, append(register, "internal/intake")...)...), "pages of imports"},
	{"internal/export", with(append(platform, append(register, "internal/blob", "internal/xlsx")...)...), "lists taken out"},
	{"internal/exportweb", with(append(platform, append(register, "internal/export")...)...), "pages of exports"},
	{
		"internal/policy",
		with(append(platform, "internal/rules", "internal/engine", "internal/prove", "internal/pack", "internal/population", "internal/xlsx", "internal/simulate")...),
		"the lists of all places, and which of them rules",
	},
	{
		"internal/entitlement",
		with(append(platform, append(register, "internal/rules", "internal/engine", "internal/population", "internal/pack", "internal/policy")...)...),
		"what the ruling list gives each person",
	},
	{"internal/outreach", with(append(platform, register...)...), "who was told, asked or reached, whatever about"},
	{"internal/message", with(append(platform, append(register, "internal/rules", "internal/pack")...)...), "texts to people, whatever they say"},
	{
		"internal/scenario",
		with(append(platform, append(register, "internal/rules", "internal/engine", "internal/prove", "internal/population", "internal/simulate", "internal/pack", "internal/xlsx", "internal/snapshot", "internal/policy")...)...),
		"what would be under another list",
	},
	{
		"internal/questionnaire",
		with("internal/rules", "internal/pack", "internal/policy"),
		"which question matters next, without a page",
	},
	{
		"internal/portal",
		with(append(platform, "internal/rules", "internal/pack", "internal/policy", "internal/questionnaire")...),
		"what everybody may see",
	},
	{"internal/policyform", with("internal/rules", "internal/pack", "internal/policy"), "an item of a list as fields and in words"},
	{
		"internal/policyweb",
		with(append(platform, "internal/rules", "internal/pack", "internal/policy", "internal/policyform", "internal/scenario")...),
		"pages of lists",
	},
	{
		"internal/scenarioweb",
		with(append(platform, "internal/rules", "internal/pack", "internal/simulate", "internal/policy", "internal/scenario")...),
		"pages of scenarios",
	},
	{"internal/messageweb", with(append(platform, append(register, "internal/personweb", "internal/message")...)...), "pages of messages"},
	{
		"internal/entitlementweb",
		with(append(platform, append(register, "internal/rules", "internal/pack", "internal/policy", "internal/entitlement", "internal/outreach", "internal/message", "internal/personweb", "internal/workbench")...)...),
		"pages of what people are entitled to, and of the work that follows",
	},
	{"internal/app", []string{everything}, "joins the modules"},
	{"internal/cli", []string{everything}, "joins the rooms for the command line"},
	{"cmd/yian", []string{"internal/cli"}, "only starts the command line"},
	{"test/arch", nil, "looks at files, not at code that runs"},
	{"test/e2e", nil, "starts the program and drives it from outside"},
})

// platform are the rooms that know no domain and that every module stands on.
var platform = []string{
	"internal/secret", "internal/access", "internal/db", "internal/audit", "internal/jobs", "internal/ui", "internal/web",
}

// register are the rooms of the register of elders that other modules build on.
var register = []string{"internal/identity", "internal/ledger", "internal/revision", "internal/photo", "internal/person"}

// with returns the values and more.
func with(more ...string) []string {
	paths := make([]string, 0, len(values)+len(more))
	for _, v := range values {
		paths = append(paths, v.path)
	}
	return append(paths, more...)
}

func TestImportDirections(t *testing.T) {
	place := map[string]int{}
	for i, r := range rooms {
		place[r.path] = i
	}
	for _, f := range module(t) {
		at, listed := place[f.path]
		if !listed {
			t.Errorf("%s is not in the table of rooms: add it to the table or put it where design.md says", f.path)
			continue
		}
		for _, s := range f.sources {
			for _, imported := range ours(s) {
				to, known := place[imported]
				switch {
				case imported == "internal/cli" && f.path != "cmd/yian":
					t.Errorf("%s imports internal/cli: only cmd/yian does", s.path)
				case strings.HasSuffix(imported, "test") && !s.test:
					t.Errorf("%s imports %s, which is for tests", s.path, imported)
				case s.test || imported == f.path:
					// A test may look further to compare answers; Go itself refuses cycles.
				case !known || !allowed(rooms[at], to):
					t.Errorf("%s imports %s: %s may not (%s)", s.path, imported, f.path, rooms[at].reason)
				}
			}
		}
	}
}

func allowed(r room, to int) bool {
	return slices.Contains(r.may, rooms[to].path) || slices.Contains(r.may, everything)
}

func TestValuesImportOnlyTheStandardLibrary(t *testing.T) {
	isValue := map[string]bool{}
	for _, v := range values {
		isValue[v.path] = true
	}
	for _, f := range module(t) {
		if !isValue[f.path] {
			continue
		}
		for _, s := range f.product() {
			for _, imported := range imports(s) {
				first, _, _ := strings.Cut(imported, "/")
				if strings.Contains(first, ".") {
					t.Errorf("%s imports %s: a value has only the standard library", s.path, imported)
				}
			}
		}
	}
}

// TestTheTableGoesOneWay keeps the table itself honest: a room names only rooms above it.
func TestTheTableGoesOneWay(t *testing.T) {
	above := map[string]bool{everything: true}
	for _, r := range rooms {
		for _, p := range r.may {
			if !above[p] {
				t.Errorf("%s names %s, which does not stand above it", r.path, p)
			}
		}
		if r.reason == "" {
			t.Errorf("%s has no reason", r.path)
		}
		above[r.path] = true
	}
}

func imports(s source) []string {
	paths := make([]string, 0, len(s.syntax.Imports))
	for _, spec := range s.syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// ours returns the imported packages of this module, from its root.
func ours(s source) []string {
	var paths []string
	for _, p := range imports(s) {
		if inner, ok := strings.CutPrefix(p, "yian/"); ok {
			paths = append(paths, inner)
		}
	}
	return paths
}
