package arch

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// forbidden words would tie the project to one machine or one network. They are
// put together here so that this file does not hold them.
var forbidden = []struct{ word, reason string }{
	{"/" + "work/", "a path of one machine"},
	{".." + "/shared", "the project stands alone"},
	{"proxy.golang" + ".org", "the go command knows its proxy"},
	{"sum.golang" + ".org", "the go command knows its checksum server"},
	{"goproxy" + ".", "the go command knows its proxy"},
	{"registry.npmjs" + ".org", "npm knows its registry (omit-lockfile-registry-resolved for lock files)"},
	{"registry.npmmirror" + ".com", "npm knows its registry"},
	{"registry.yarnpkg" + ".com", "npm knows its registry"},
	{"deb.debian" + ".org", "apt knows its sources"},
	{"archive.ubuntu" + ".com", "apt knows its sources"},
	{"registry-1.docker" + ".io", "the container tool knows its registry"},
}

func TestNothingNamesAMachineOrARegistry(t *testing.T) {
	for _, name := range kept(t) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed but not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(text, 0) >= 0 {
			continue // not a text
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			for _, f := range forbidden {
				if bytes.Contains(line, []byte(f.word)) {
					t.Errorf("%s:%d says %q: %s", name, i+1, f.word, f.reason)
				}
			}
		}
	}
}

// kept returns the files that belong to the repository: what git keeps or would
// keep, or every file where there is no git.
func kept(t *testing.T) []string {
	t.Helper()
	git := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = root
	if out, err := git.Output(); err == nil && len(out) > 0 {
		return strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	}
	var names []string
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == ".git" || e.Name() == "node_modules" || e.Name() == "bin"):
			return filepath.SkipDir
		case e.Type().IsRegular():
			rel, err := filepath.Rel(root, name)
			names = append(names, rel)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
