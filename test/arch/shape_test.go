package arch

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// The sizes at which a thing is split.
const (
	maxFileLines     = 600
	maxTestFileLines = 900
	maxPackageLines  = 3500
	maxPackageFiles  = 16
	maxMethods       = 8
)

func TestFilesAndPackagesStaySmall(t *testing.T) {
	for _, f := range module(t) {
		files, lines := 0, 0
		for _, s := range f.sources {
			limit := maxFileLines
			if s.test {
				limit = maxTestFileLines
			}
			if s.lines > limit && !s.generated {
				t.Errorf("%s has %d lines, more than %d: split it by use case", s.path, s.lines, limit)
			}
			if !s.test && !s.generated {
				files++
				lines += s.lines
			}
		}
		if files > maxPackageFiles || lines > maxPackageLines {
			t.Errorf("%s has %d files and %d lines, more than %d or %d: it holds two nouns",
				f.path, files, lines, maxPackageFiles, maxPackageLines)
		}
	}
}

func TestInterfacesStaySmall(t *testing.T) {
	for _, f := range module(t) {
		for _, s := range f.product() {
			ast.Inspect(s.syntax, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if it, ok := spec.Type.(*ast.InterfaceType); ok && it.Methods.NumFields() > maxMethods {
					t.Errorf("%s: interface %s has %d methods, more than %d", s.path, spec.Name, it.Methods.NumFields(), maxMethods)
				}
				return true
			})
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, f := range module(t) {
		product := f.product()
		if len(product) == 0 {
			t.Errorf("%s has only tests: give it a doc.go", f.path)
			continue
		}
		said := 0
		for _, s := range product {
			if doc := strings.TrimSpace(s.syntax.Doc.Text()); doc != "" {
				said++
			}
		}
		if said != 1 {
			t.Errorf("%s has %d package comments, want one", f.path, said)
		}
	}
}

// empty names say nothing of what is inside, so everything ends up there.
var empty = []string{"utils", "util", "common", "models", "helpers", "manager", "types", "impl"}

func TestPackagesHaveNames(t *testing.T) {
	for _, f := range module(t) {
		for _, name := range empty {
			if path.Base(f.path) == name || f.sources[0].syntax.Name.Name == name {
				t.Errorf("%s: name the package after the one noun that it holds", f.path)
			}
		}
	}
}

// domain lists the packages whose exported types are words of the product.
var domain = []string{
	"internal/fact", "internal/population", "internal/people", "internal/synth", "internal/rules",
	"internal/engine", "internal/prove", "internal/simulate", "internal/pack",
	"internal/document", "internal/history", "internal/access", "internal/credential", "internal/account", "internal/signin",
	"internal/identity", "internal/ledger", "internal/revision", "internal/photo", "internal/person", "internal/filter",
	"internal/duplicate", "internal/intake", "internal/export", "internal/snapshot",
	"internal/policy", "internal/entitlement", "internal/outreach", "internal/message", "internal/scenario", "internal/questionnaire", "internal/portal",
}

// structural types are in every module by the plan of the house: they are its shape,
// and no words of the product.
var structural = []string{"Service", "Deps"}

// declared is an exported type.
type declared struct {
	source source
	name   string
	doc    string
}

// types returns the exported types of a package that are words of the product.
func types(f folder) []declared {
	var all []declared
	for _, s := range f.product() {
		for _, d := range s.syntax.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.TYPE {
				continue
			}
			for _, spec := range group.Specs {
				one, ok := spec.(*ast.TypeSpec)
				if !ok || !one.Name.IsExported() || slices.Contains(structural, one.Name.Name) {
					continue
				}
				doc := one.Doc.Text()
				if !group.Lparen.IsValid() {
					doc = group.Doc.Text()
				}
				all = append(all, declared{source: s, name: one.Name.Name, doc: doc})
			}
		}
	}
	return all
}

// exports returns the exported names that a file declares at its top, methods apart.
func exports(s source) []string {
	var names []string
	for _, d := range s.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return !ast.IsExported(n) })
}

func TestEveryDomainTypeIsDescribed(t *testing.T) {
	for _, f := range domainFolders(t) {
		for _, d := range types(f) {
			if !strings.ContainsFunc(d.doc, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s: type %s lacks a doc comment with its Chinese term", d.source.path, d.name)
			}
		}
	}
}
