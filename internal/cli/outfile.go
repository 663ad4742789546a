package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// outFile is a file that is written aside and takes its name only when it is whole.
// A pipe or a device is written to as it is.
type outFile struct {
	*os.File
	name   string
	direct bool
}

// create begins a file. None of the inputs may be the same file.
func create(name string, inputs ...string) (*outFile, error) {
	if name == "-" {
		return nil, fmt.Errorf("请给出文件名；结果不能写到标准输出")
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // the link stays a link
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
	case info.IsDir():
		return nil, fmt.Errorf("%s 是文件夹，请给出文件名", name)
	case !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("不能写 %s：%w", name, err)
		}
		return &outFile{f, name, true}, nil
	default:
		for _, in := range inputs {
			if other, err := os.Stat(in); err == nil && os.SameFile(info, other) {
				return nil, fmt.Errorf("要写的 %s 就是要读的文件，写了会毁掉它；请换一个文件名", name)
			}
		}
	}
	dir, base := filepath.Split(name)
	for n := range 100 {
		aside := filepath.Join(dir, fmt.Sprintf(".%s.tmp-%d-%d", base, os.Getpid(), n))
		f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			return &outFile{f, name, false}, nil
		}
		if !os.IsExist(err) {
			return nil, fmt.Errorf("不能写 %s：%w", name, plain(err))
		}
	}
	return nil, fmt.Errorf("不能写 %s：旁边的临时文件太多", name)
}

// plain takes the name of the file written aside out of an error.
func plain(err error) error {
	if path, ok := err.(*fs.PathError); ok { //nolint:errorlint // as os returns it
		return path.Err
	}
	if link, ok := err.(*os.LinkError); ok { //nolint:errorlint // as os returns it
		return link.Err
	}
	return err
}

// done gives the file its name.
func (f *outFile) done() error {
	err := f.Close()
	if err == nil && !f.direct {
		err = os.Rename(f.File.Name(), f.name)
	}
	if err != nil {
		return fmt.Errorf("不能写 %s：%w", f.name, plain(err))
	}
	return nil
}

// discard removes what has been written; after done it does nothing.
func (f *outFile) discard() {
	_ = f.Close()
	if !f.direct {
		_ = os.Remove(f.File.Name())
	}
}
