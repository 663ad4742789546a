package policy

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/xlsx"
)

// Get returns a version: a published one to everybody, any other one to whoever has
// its region in scope.
func (s *Service) Get(ctx context.Context, scope access.Scope, one id.ID) (_ *Version, err error) {
	defer errs.Wrap(&err, "version %s", one)
	return version(ctx, scope, s.DB, one)
}

// Versions returns the versions of a list that the scope may see, the first one first.
func (s *Service) Versions(ctx context.Context, scope access.Scope, list string) (_ []Version, err error) {
	defer errs.Wrap(&err, "versions of list %s", list)
	return versions(ctx, scope, s.DB, list)
}

// Steps returns what was done to a version, in order, for those in whose scope the
// list is.
func (s *Service) Steps(ctx context.Context, scope access.Scope, one id.ID) (_ []Step, err error) {
	defer errs.Wrap(&err, "steps of version %s", one)
	v, err := version(ctx, scope, s.DB, one)
	if err != nil {
		return nil, err
	}
	if !scope.Contains(v.Region) {
		return nil, gone()
	}
	return stepsOf(ctx, s.DB, one)
}

// Shelf (清单概况) is a list with the versions that matter now, without their texts.
type Shelf struct {
	List     string
	Region   region.Code
	Title    string
	InForce  *Version // nil: none rules today
	Next     *Version // published, from a day to come
	OnItsWay *Version // draft, in review or approved; nil where the scope does not contain it
	Filing   *Filing  // the last one; nil where the scope does not contain it
	Number   int      // of versions that were published
}

// Lists returns the lists of the scope, and those that rule around it, the largest
// regions first.
func (s *Service) Lists(ctx context.Context, scope access.Scope) (_ []Shelf, err error) {
	defer errs.Wrap(&err, "lists")
	all, err := heads(ctx, scope, s.DB)
	if err != nil {
		return nil, err
	}
	var out []Shelf
	for i := range all {
		v := &all[i]
		if !scope.Contains(v.Region) && !around(scope, v.Region) {
			continue
		}
		if n := len(out); n == 0 || out[n-1].List != v.List {
			out = append(out, Shelf{List: v.List, Region: v.Region})
		}
		out[len(out)-1].put(v, s.Today())
	}
	return out, s.lastFilings(ctx, scope, out)
}

// put adds a version of the list; they come in the order of their numbers.
func (sh *Shelf) put(v *Version, today civil.Date) {
	if v.State != Published {
		sh.OnItsWay = v
		if sh.Title == "" {
			sh.Title = v.Title
		}
		return
	}
	sh.Title = v.Title
	sh.Number++
	switch {
	case v.RulesFrom <= today:
		sh.InForce = v
	case sh.Next == nil:
		sh.Next = v
	}
}

// around reports whether a region contains one of the scope.
func around(scope access.Scope, outer region.Code) bool {
	return slices.ContainsFunc(scope.Regions(), func(c region.Code) bool { return c.Within(outer) })
}

func (s *Service) lastFilings(ctx context.Context, scope access.Scope, lists []Shelf) error {
	all, err := latestFilings(ctx, scope, s.DB)
	if err != nil {
		return err
	}
	for i := range all {
		for k := range lists {
			if lists[k].List == all[i].List {
				lists[k].Filing = &all[i]
			}
		}
	}
	return nil
}

// Notices returns what the levels above the scope have published since a moment, the
// newest first: what lower levels are told.
func (s *Service) Notices(ctx context.Context, scope access.Scope, since civil.Instant) (_ []Version, err error) {
	defer errs.Wrap(&err, "notices of lists")
	all, err := heads(ctx, scope, s.DB)
	if err != nil {
		return nil, err
	}
	var out []Version
	for _, v := range all {
		if v.State == Published && v.Published >= since && !scope.Contains(v.Region) && around(scope, v.Region) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Version) int { return cmp.Compare(b.Published, a.Published) })
	return out, nil
}

// Files of a version, for those who may see it.

// WriteYAML writes a version as the list.yaml of a pack, word for word.
func (s *Service) WriteYAML(ctx context.Context, scope access.Scope, one id.ID, w io.Writer) (err error) {
	defer errs.Wrap(&err, "write version %s", one)
	v, err := version(ctx, scope, s.DB, one)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, v.Text)
	return err
}

var annexColumns = []xlsx.Column{
	{Label: "序号", Width: 8}, {Label: "服务对象", Width: 28}, {Label: "服务项目", Width: 24}, {Label: "服务内容", Width: 60}, {Label: "服务类型", Width: 12}, {Label: "牵头部门", Width: 18},
}

// WriteAnnex writes all items of a version, with those that it takes over today, as
// the annex of a city's document has them. A star marks what the place adds itself.
func (s *Service) WriteAnnex(ctx context.Context, scope access.Scope, one id.ID, w io.Writer) (err error) {
	defer errs.Wrap(&err, "write annex of version %s", one)
	v, err := version(ctx, scope, s.DB, one)
	if err != nil {
		return err
	}
	sh, err := s.library(ctx, v, s.Today())
	if err != nil {
		return err
	}
	book, err := xlsx.NewWriter(xlsx.Progress{})
	if err != nil {
		return err
	}
	if err := book.Begin(annexColumns); err != nil {
		return err
	}
	for _, it := range itemsOf(sh.own.List) {
		name := it.Name
		if it.Added {
			name = "*" + name
		}
		content := it.Content
		if content == "" {
			content = it.Clause.Text
		}
		row := []xlsx.Cell{{Text: strconv.Itoa(it.No), Number: true}, {Text: it.Audience}, {Text: name}, {Text: content}, {Text: it.Type}, {Text: it.Lead}}
		if err := book.Add(row); err != nil {
			return err
		}
	}
	rest, err := book.End()
	if err != nil {
		return err
	}
	_, err = w.Write(rest)
	return err
}

// FileName is what a file of a version is called.
func (v *Version) FileName(extension string) string {
	return fmt.Sprintf("%s-v%d.%s", v.List, v.No, extension)
}
