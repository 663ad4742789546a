package pack

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"yian/internal/near"
	"yian/internal/rules"
)

// Library (政策库) finds lists by their ids: beside the list that asks first, then
// among the packs that it was made from. It is safe for concurrent use.
type Library struct {
	packs []*Pack

	mu    sync.Mutex
	lists map[fileKey]*List // every list read so far; a file is read once
}

// NewLibrary reads every pack in fsys, a folder each. Packs with faults are kept
// with what could be read; Check tells their faults.
func NewLibrary(fsys fs.FS) (*Library, error) {
	lib := &Library{lists: map[fileKey]*List{}}
	packs, err := lib.openAll(within(fsys, "."))
	if err != nil {
		return nil, err
	}
	lib.packs = packs
	for _, p := range packs {
		if p.List != nil {
			_ = lib.link(p.List) // what fails here fails again for whoever asks for the list
		}
	}
	return lib, nil
}

// Packs returns the packs of the library, in the order of their folders.
func (lib *Library) Packs() []*Pack { return lib.packs }

// Find returns the pack of a place (linfen).
func (lib *Library) Find(place string) (*Pack, bool) {
	for _, p := range lib.packs {
		if p.Place == place {
			return p, true
		}
	}
	return nil, false
}

// openAll reads the packs in the folders of dir.
func (lib *Library) openAll(dir origin) ([]*Pack, error) {
	found, err := fs.Glob(dir.fsys, path.Join(dir.path, "*", packFile))
	if err != nil {
		return nil, unreadable(dir.name, err)
	}
	var packs []*Pack
	for _, f := range found {
		p, err := lib.openPack(dir.join(path.Base(path.Dir(f))))
		if err != nil {
			return nil, err
		}
		packs = append(packs, p)
	}
	return packs, nil
}

// openPack reads a pack; its faults are in the pack.
func (lib *Library) openPack(dir origin) (*Pack, error) {
	p, err := load(dir)
	if p == nil {
		return nil, err
	}
	if p.List != nil {
		lib.mu.Lock()
		lib.lists[p.List.origin.key()] = p.List
		lib.mu.Unlock()
	}
	return p, nil
}

// Open reads what a path on the disk names: a pack's folder, a folder of packs, or
// a single list file, which becomes a pack of nothing else. The name of a place of
// the library is accepted too. Faults in the files are told by Check.
func (lib *Library) Open(name string) ([]*Pack, error) {
	if p, ok := lib.Find(name); ok {
		return []*Pack{p}, nil
	}
	o, err := onDisk(name)
	if err != nil {
		return nil, err
	}
	info, err := fs.Stat(o.fsys, o.path)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if !info.IsDir() {
		l, err := lib.read(o)
		if err != nil {
			return nil, err
		}
		return []*Pack{{Name: l.Title, Region: l.Region, List: l, faults: l.faults, single: true}}, nil
	}
	if _, err := fs.Stat(o.fsys, path.Join(o.path, packFile)); err == nil {
		p, err := lib.openPack(o)
		if err != nil {
			return nil, err
		}
		return []*Pack{p}, nil
	}
	packs, err := lib.openAll(o)
	if err == nil && len(packs) == 0 {
		err = fmt.Errorf("%s 里没有政策包（含 %s 的文件夹）", name, packFile)
	}
	return packs, err
}

// List returns the list of an id (linfen-2023), or of a file on the disk, with
// everything that it builds on. The error tells every fault of the list.
func (lib *Library) List(idOrPath string) (*List, error) {
	l, err := lib.search(idOrPath)
	if err != nil {
		return nil, err
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return l, lib.link(l)
}

func (lib *Library) search(idOrPath string) (*List, error) {
	if !isPath(idOrPath) {
		return lib.byID(nil, idOrPath)
	}
	o, err := onDisk(idOrPath)
	if err != nil {
		return nil, err
	}
	if info, err := fs.Stat(o.fsys, o.path); err == nil && info.IsDir() {
		o = o.join(listFile)
	}
	return lib.read(o)
}

func isPath(s string) bool {
	return strings.ContainsAny(s, `/\`) || filepath.Ext(s) == ".yaml" || filepath.Ext(s) == ".yml"
}

// Above returns the upper list that l must not fall below; nil where it names none.
func (lib *Library) Above(l *List) (*List, error) {
	if l.Above == "" {
		return nil, nil
	}
	upper, err := lib.byID(l, l.Above)
	if err == nil && len(upper.faults) > 0 {
		err = upper.faulty()
	}
	if err == nil {
		err = lib.follow(upper, nil)
	}
	if err != nil {
		return nil, rules.Errors{{At: l.Where("above"), Msg: "上级清单：" + err.Error()}}
	}
	return upper, nil
}

// read reads a list once.
func (lib *Library) read(o origin) (*List, error) {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	if l, ok := lib.lists[o.key()]; ok {
		return l, nil
	}
	l, err := openList(o)
	if err != nil {
		return nil, err
	}
	lib.lists[o.key()] = l
	return l, nil
}

// byID finds a list by its id, for the list that asks (nil: nobody).
func (lib *Library) byID(asker *List, id string) (*List, error) {
	if asker != nil && asker.ID == id {
		return asker, nil
	}
	var found []*List
	known := map[string]bool{}
	if asker != nil {
		for _, o := range asker.origin.neighbours() {
			l, err := lib.read(o)
			if err != nil {
				return nil, err
			}
			known[l.ID] = true
			if l.ID == id {
				found = append(found, l)
			}
		}
	}
	for _, p := range lib.packs {
		if p.List == nil {
			continue
		}
		known[p.List.ID] = true
		if p.List.ID == id && len(found) == 0 {
			found = append(found, p.List)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("没有编号为 %q 的清单；%s", id, listing(id, known))
	case 1:
		return found[0], nil
	default:
		return nil, fmt.Errorf("编号 %q 的清单不止一个：%s 和 %s", id, found[0].origin.name, found[1].origin.name)
	}
}

// listing names the known lists, nearest first.
func listing(id string, known map[string]bool) string {
	delete(known, "")
	ids := make([]string, 0, len(known))
	for k := range known {
		ids = append(ids, k)
	}
	if len(ids) == 0 {
		return "附近没有任何清单"
	}
	slices.Sort(ids)
	return "已有：" + strings.Join(near.Order(id, ids), "、")
}

// link finds the list that l extends, and what that one extends. The error is
// rules.Errors with the place in l.
func (lib *Library) link(l *List) error {
	if err := lib.follow(l, nil); err != nil {
		return rules.Errors{{At: l.Where("extends"), Msg: "承接清单：" + err.Error()}}
	}
	return nil
}

// follow links l, which the lists of the chain extend.
func (lib *Library) follow(l *List, chain []*List) error {
	if l.Extends == "" || l.base.Load() != nil {
		return nil
	}
	chain = append(chain, l)
	base, err := lib.byID(l, l.Extends)
	if err != nil {
		return err
	}
	if i := slices.Index(chain, base); i >= 0 {
		var ids []string
		for _, c := range append(chain[i:], base) {
			ids = append(ids, c.ID)
		}
		return fmt.Errorf("extends 绕成了圈：%s", strings.Join(ids, " → "))
	}
	if len(base.faults) > 0 {
		return base.faulty()
	}
	if err := lib.follow(base, chain); err != nil {
		return err
	}
	l.base.Store(base)
	return nil
}

// faulty says that the list's own file must be mended first.
func (l *List) faulty() error {
	return fmt.Errorf("%s 自身有 %d 处错误，第一处 %w", l.ID, len(l.faults), l.faults[0])
}

// nowhere is the file system of texts that stand in no file.
type nowhere struct{}

func (nowhere) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Read makes a pack of nothing but a list and its test people, from their texts; the
// name stands for the file in messages. tests may be empty. Faults are in the pack:
// Check tells them.
func Read(name string, list, tests []byte) *Pack {
	o := within(nowhere{}, name)
	p := &Pack{single: true, List: readList(o, list)}
	p.Name, p.Region, p.faults = p.List.Title, p.List.Region, append(rules.Errors(nil), p.List.faults...)
	if len(tests) > 0 {
		doc, root, ok := parse(name+"/"+testsDir, tests)
		if ok {
			readTests(&p.Tests)(root)
		}
		p.faults = append(p.faults, doc.errs...)
	}
	return p
}

// LibraryOf makes a library of packs that were read already, and finds what their
// lists build on.
func LibraryOf(packs ...*Pack) *Library {
	lib := &Library{lists: map[fileKey]*List{}, packs: packs}
	for _, p := range packs {
		if p.List != nil {
			lib.lists[p.List.origin.key()] = p.List
			_ = lib.link(p.List) // what fails here fails again for whoever asks for the list
		}
	}
	return lib
}
