package pack

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// origin is where a file or folder is read.
type origin struct {
	fsys fs.FS
	root any    // on the disk the folder that fsys begins at; else unique to fsys
	path string // in fsys
	name string // as messages show it
}

// join returns the origin of a file below o.
func (o origin) join(elem ...string) origin {
	below := path.Join(elem...)
	o.path = path.Join(o.path, below)
	o.name = filepath.Join(o.name, filepath.FromSlash(below))
	return o
}

// onDisk is the origin of a file or folder of the disk. Its file system begins a
// folder above the one that holds it, because lists of neighbouring places stand there.
func onDisk(name string) (origin, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return origin{}, unreadable(name, err)
	}
	root := filepath.Dir(filepath.Dir(abs))
	rel, err := filepath.Rel(root, abs)
	if err != nil {
		return origin{}, unreadable(name, err)
	}
	return origin{fsys: os.DirFS(root), root: root, path: filepath.ToSlash(rel), name: filepath.Clean(name)}, nil
}

// within is the origin of a folder of a file system that is not the disk's.
func within(fsys fs.FS, dir string) origin {
	return origin{fsys: fsys, root: new(int), path: dir, name: dir}
}

// fileKey is the same for two origins exactly when they are the same file.
type fileKey struct {
	root any
	path string
}

func (o origin) key() fileKey {
	if dir, ok := o.root.(string); ok {
		return fileKey{path: filepath.Join(dir, filepath.FromSlash(o.path))}
	}
	return fileKey{root: o.root, path: o.path}
}

// neighbours returns the list files in the same folder tree: in the folder of the
// file, in the folders in it, and in the folders beside it. The whole tree below
// is not searched; it may be somebody's home.
func (o origin) neighbours() []origin {
	dir := path.Dir(o.path)
	patterns := []string{path.Join(dir, "*.yaml"), path.Join(dir, "*", listFile), path.Join(path.Dir(dir), "*", listFile)}
	seen := map[string]bool{o.path: true}
	var out []origin
	for _, pattern := range patterns {
		paths, err := fs.Glob(o.fsys, pattern)
		if err != nil {
			continue // the folder's own name is no pattern
		}
		for _, p := range paths {
			if seen[p] || !saysList(o.fsys, p) {
				continue
			}
			seen[p] = true
			n := origin{fsys: o.fsys, root: o.root, path: p, name: p}
			if rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(p)); err == nil {
				n.name = filepath.Join(filepath.Dir(o.name), rel)
			}
			out = append(out, n)
		}
	}
	return out
}

// saysList reports whether the file looks like a list, before the effort of parsing it.
func saysList(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	if err != nil || info.IsDir() || info.Size() > maxBytes {
		return false
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return false
	}
	return bytes.HasPrefix(data, []byte("list:")) || bytes.Contains(data, []byte("\nlist:"))
}
