package app

import (
	"context"
	"io/fs"
	"path"

	"yian/internal/pack"
	"yian/policies"
)

// seedLists publishes the lists of the built-in packs that the database does not know.
func (a *App) seedLists(ctx context.Context) error {
	return a.lists.Seed(ctx, a.library.Packs(), packTexts)
}

// packTexts returns the texts of a built-in pack: its list, and its test people, which
// stand in several files.
func packTexts(p *pack.Pack) (list, tests []byte, err error) {
	if list, err = fs.ReadFile(policies.FS, path.Join(p.Place, "list.yaml")); err != nil {
		return nil, nil, err
	}
	files, err := fs.Glob(policies.FS, path.Join(p.Place, "tests", "*.yaml"))
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		text, err := fs.ReadFile(policies.FS, f)
		if err != nil {
			return nil, nil, err
		}
		tests = append(append(tests, text...), '\n')
	}
	return list, tests, nil
}
