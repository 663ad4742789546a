package arch

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryModuleWasDecided asks for a line in a decision (docs/adr) for each
// module that the product needs itself: its path, the version taken and its date.
func TestEveryModuleWasDecided(t *testing.T) {
	decisions := read(t, "docs/adr/*.md")
	taken := regexp.MustCompile(`\bv\d+\.\d+\.\d+.*\b\d{4}-\d{2}-\d{2}\b`)
	for _, module := range direct(read(t, "go.mod")) {
		named := regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(module) + `($|[^\w/-])`)
		if !slices.ContainsFunc(strings.Split(decisions, "\n"), func(line string) bool {
			return named.MatchString(line) && taken.MatchString(line)
		}) {
			t.Errorf("no decision in docs/adr names %s with version and date: why do we need it?", module)
		}
	}
}

// direct returns the modules of a go.mod that are not marked as indirect.
func direct(gomod string) []string {
	var modules []string
	inside := false
	for line := range strings.Lines(gomod) {
		line = strings.TrimSpace(line)
		switch {
		case line == "require (":
			inside = true
			continue
		case line == ")":
			inside = false
		case strings.HasPrefix(line, "require "):
			line = strings.TrimPrefix(line, "require ")
		case !inside:
			continue
		}
		if module, rest, ok := strings.Cut(line, " "); ok && strings.HasPrefix(rest, "v") && !strings.HasSuffix(rest, "// indirect") {
			modules = append(modules, module)
		}
	}
	return modules
}

func TestDirect(t *testing.T) {
	got := direct("module yian\n\ngo 1.26.0\n\nrequire a.b/c v1.2.3\n\nrequire (\n\td.e/f v0.1.0\n\tg.h/i v0.1.0 // indirect\n)\n")
	if want := []string{"a.b/c", "d.e/f"}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// inGlossary lists the packages whose exported types are looked up in the glossary.
var inGlossary = []string{
	"fact", "population", "rules", "engine", "prove", "simulate", "pack",
	"document", "history", "access", "credential", "account", "signin", "identity", "ledger", "revision", "photo", "person",
	"filter", "duplicate", "intake", "export", "snapshot",
	"policy", "entitlement", "outreach", "message", "scenario", "questionnaire", "portal",
}

func TestGlossaryIsComplete(t *testing.T) {
	glossary := read(t, "docs/glossary.md")
	for _, f := range domainFolders(t) {
		name := path.Base(f.path)
		if !slices.Contains(inGlossary, name) {
			continue
		}
		for _, d := range types(f) {
			word := name + "." + d.name
			if !regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(glossary) {
				t.Errorf("docs/glossary.md lacks `%s` (%s): one line with its Chinese term", word, d.source.path)
			}
		}
	}
}

// TestGlossaryNamesWhatExists finds lines of the glossary whose code is gone.
func TestGlossaryNamesWhatExists(t *testing.T) {
	exists := map[string]bool{}
	known := map[string]bool{}
	for _, f := range domainFolders(t) {
		name := path.Base(f.path)
		known[name] = true
		for _, s := range f.product() {
			for _, exported := range exports(s) {
				exists[name+"."+exported] = true
			}
		}
	}
	for _, m := range regexp.MustCompile("`([a-z]+)\\.([A-Z]\\w*)").FindAllStringSubmatch(read(t, "docs/glossary.md"), -1) {
		if known[m[1]] && !exists[m[1]+"."+m[2]] {
			t.Errorf("docs/glossary.md names %s.%s, which does not exist", m[1], m[2])
		}
	}
}

func domainFolders(t *testing.T) []folder {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(module(t)), func(f folder) bool { return !slices.Contains(domain, f.path) })
}

// read returns the text of the files that match a pattern from the root.
func read(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no file is called %s (%v)", pattern, err)
	}
	var text strings.Builder
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
		text.WriteByte('\n')
	}
	return text.String()
}
