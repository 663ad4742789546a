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
	{"internal/ordered", nil, "working in parallel in order is about no data in particular"},
	{"internal/fact", []string{"internal/civil", "internal/region"}, "the vocabulary has days and regions among its values"},
	{"internal/mortality", []string{"internal/civil", "internal/fact"}, "life tables go by age and sex"},
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
	{"internal/people", with("internal/population"), "files of people know nothing of rules"},
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
	{"internal/cli", []string{everything}, "joins the rooms for the command line"},
	{"cmd/yian", []string{"internal/cli"}, "only starts the command line"},
	{"test/arch", nil, "looks at files, not at code that runs"},
})

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
