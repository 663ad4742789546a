// Package pack reads, checks and tests policy packs (政策包): what the documents of a
// place say, as data. Everything is read strictly: an unknown or repeated key, a
// wrong type or a missing value is an error with file, line and column, and a file
// yields all its errors in one go.
//
// A pack is read by Load, or by a Library, which also finds the lists that a list
// builds on (extends) or answers to (above). Check looks for contradictions within
// a pack; RunTests decides its test people.
package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"yian/internal/civil"
	"yian/internal/region"
	"yian/internal/rules"
)

// Pack is the policy pack (政策包) of a place.
type Pack struct {
	Marks
	Place     string // its id: linfen
	Name      string // 临汾市
	Region    region.Code
	Documents []Document
	List      *List // nil: the place has none
	Plan      *Plan // nil: the place has none
	Norms     []Norm
	Templates []Template
	Tests     []TestCase

	faults rules.Errors
	single bool // only a list file, not a folder
}

// Document is a document that a pack speaks of (文件).
type Document struct {
	Marks
	ID     string // in pack.yaml only
	Title  string
	Number string // 文号
	Issuer string
	Date   civil.Date // zero: the text at hand gives none
	Note   string
}

// Clause is a passage of a document (条款).
type Clause struct {
	Marks
	Place string // 附件第15项
	Text  string // its words
}

func (c *Clause) read(n node) {
	n.object(&c.Marks, "条款（clause）", must("at", text(&c.Place)), must("text", text(&c.Text)))
}

func (d *Document) fields() []field {
	return []field{
		must("title", text(&d.Title)),
		may("number", text(&d.Number)),
		must("issuer", text(&d.Issuer)),
		may("date", day(&d.Date)),
		may("note", text(&d.Note)),
	}
}

// readUnnamed reads the document of a list.
func (d *Document) readUnnamed(n node) {
	n.object(&d.Marks, "文件（document）", d.fields()...)
}

func (d *Document) readNamed(n node) {
	n.object(&d.Marks, "文件", append(d.fields(), must("id", ident(&d.ID)))...)
}

// The files of a pack.
const (
	packFile     = "pack.yaml"
	listFile     = "list.yaml"
	planFile     = "plan.yaml"
	normsFile    = "norms.yaml"
	messagesFile = "messages.yaml"
	testsDir     = "tests"
)

// Load reads the pack in the folder dir. The error is rules.Errors when its files
// have faults; the pack then holds what could be read.
func Load(fsys fs.FS, dir string) (*Pack, error) {
	return load(within(fsys, dir))
}

func load(dir origin) (*Pack, error) {
	entries, err := fs.ReadDir(dir.fsys, dir.path)
	if err != nil {
		return nil, unreadable(dir.name, err)
	}
	p := &Pack{}
	files := []string{packFile, listFile, planFile, normsFile, messagesFile}
	for _, e := range entries {
		if ext := path.Ext(e.Name()); (ext == ".yaml" || ext == ".yml") && !slices.Contains(files, e.Name()) {
			f := dir.join(e.Name())
			p.fault(rules.Pos{File: f.name, Line: 1, Column: 1}, "政策包里不认识的文件 %s%s", e.Name(), suggest(e.Name(), files))
		}
	}
	p.file(dir.join(packFile), true, p.read)
	before := len(p.faults)
	p.file(dir.join(listFile), false, func(n node) {
		p.List = &List{origin: dir.join(listFile)}
		p.List.read(n)
	})
	if p.List == nil && len(p.faults) > before {
		p.List = &List{origin: dir.join(listFile)} // it is there, though it cannot be parsed
	}
	if p.List != nil {
		p.List.faults = slices.Clone(p.faults[before:])
	}
	p.file(dir.join(planFile), false, func(n node) {
		p.Plan = &Plan{}
		p.Plan.read(n)
	})
	p.file(dir.join(normsFile), false, readNorms(&p.Norms))
	p.file(dir.join(messagesFile), false, readTemplates(&p.Templates))
	tests, err := fs.Glob(dir.fsys, path.Join(dir.path, testsDir, "*.y*ml"))
	if err != nil {
		return nil, err
	}
	for _, t := range tests {
		f := dir.join(testsDir, path.Base(t))
		if path.Ext(t) != ".yaml" {
			p.fault(rules.Pos{File: f.name, Line: 1, Column: 1}, "测试文件的扩展名须是 .yaml，否则不会被读取")
			continue
		}
		p.file(f, true, readTests(&p.Tests))
	}
	return p, p.err()
}

func (p *Pack) err() error {
	if len(p.faults) == 0 {
		return nil
	}
	return p.faults
}

func (p *Pack) fault(at rules.Pos, format string, args ...any) {
	p.faults = append(p.faults, &rules.Error{At: at, Msg: fmt.Sprintf(format, args...)})
}

// file reads one file of the pack; its faults are added to p.faults.
func (p *Pack) file(o origin, required bool, r read) {
	data, err := fs.ReadFile(o.fsys, o.path)
	top := rules.Pos{File: o.name, Line: 1, Column: 1}
	switch {
	case errors.Is(err, fs.ErrNotExist) && required:
		p.fault(top, "政策包缺少文件 %s", path.Base(o.path))
		return
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		p.fault(top, "%s", unreadable(o.name, err))
		return
	}
	doc, root, ok := parse(o.name, data)
	if ok {
		r(root)
	}
	p.faults = append(p.faults, doc.errs...)
}

func (p *Pack) read(n node) {
	n.object(&p.Marks, "政策包",
		must("pack", ident(&p.Place)),
		must("name", text(&p.Name)),
		must("region", code(&p.Region)),
		must("documents", each("文件", func(n node) {
			var d Document
			d.readNamed(n)
			p.Documents = append(p.Documents, d)
		})),
	)
}

// unreadable says why a file could not be read.
func unreadable(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("找不到 %s", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("没有权限读取 %s", name)
	case strings.Contains(err.Error(), "is a directory"):
		return fmt.Errorf("%s 是文件夹，不是文件", name)
	default:
		return fmt.Errorf("无法读取 %s：%w", name, err)
	}
}

// Summary is what a list of packs shows of one (概况).
type Summary struct {
	Place      string
	Name       string
	List       string // id of the list; empty: none
	Title      string // of the list
	Items      int    // with inherited ones
	Tasks      int
	Indicators int
	Norms      int
	Tests      int
	Unset      int // parameters that nobody has set
}

// Summary counts what the pack holds.
func (p *Pack) Summary() Summary {
	s := Summary{Place: p.Place, Name: p.Name, Norms: len(p.Norms), Tests: len(p.Tests)}
	if p.List != nil {
		s.List, s.Title = p.List.ID, p.List.Title
		if src := p.List.Source(); src != nil {
			s.Items, s.Unset = len(src.Items), len(unsetParameters(src))
		}
	}
	if p.Plan != nil {
		s.Tasks = len(p.Plan.Tasks)
		for _, t := range p.Plan.Tasks {
			s.Indicators += len(t.Indicators)
		}
	}
	return s
}
