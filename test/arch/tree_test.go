package arch

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// root is the top of the module, seen from this folder.
const root = "../.."

// source is one Go file of the module.
type source struct {
	path      string // from the root, with slashes
	test      bool
	generated bool
	lines     int
	syntax    *ast.File
}

// folder is one package with its tests.
type folder struct {
	path    string // from the root, with slashes: internal/fact
	sources []source
}

// product returns the files of the package that are not tests.
func (f *folder) product() []source {
	return slices.DeleteFunc(slices.Clone(f.sources), func(s source) bool { return s.test })
}

// module returns every package of the module. Folders with a go.mod of their own
// (bench, tools) are other modules.
func module(t *testing.T) []folder {
	t.Helper()
	folders, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

var load = sync.OnceValues(func() ([]folder, error) {
	var folders []folder
	tree := os.DirFS(root)
	err := walk(tree, ".", func(name string) error {
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		s, err := parse(tree, name)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		if n := len(folders); n == 0 || folders[n-1].path != dir {
			folders = append(folders, folder{path: dir})
		}
		last := &folders[len(folders)-1]
		last.sources = append(last.sources, s)
		return nil
	})
	return folders, err
})

func parse(tree fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{
		path:      name,
		test:      strings.HasSuffix(name, "_test.go"),
		generated: err == nil && ast.IsGenerated(syntax),
		lines:     bytes.Count(text, []byte("\n")),
		syntax:    syntax,
	}, err
}

// walk calls visit for every file of the module, those of a folder one after the
// other and before those of its sub-folders.
func walk(tree fs.FS, dir string, visit func(name string) error) error {
	entries, err := fs.ReadDir(tree, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if err := visit(path.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	for _, e := range entries {
		inner := path.Join(dir, e.Name())
		if !e.IsDir() || skipped(tree, inner) {
			continue
		}
		if err := walk(tree, inner, visit); err != nil {
			return err
		}
	}
	return nil
}

// skipped reports whether the folder holds nothing of the module.
func skipped(tree fs.FS, dir string) bool {
	switch base := path.Base(dir); {
	case base == "testdata", base == "node_modules", dir == "bin", strings.HasPrefix(base, "."):
		return true
	}
	_, err := fs.Stat(tree, path.Join(dir, "go.mod"))
	return err == nil
}
