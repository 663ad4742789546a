package policy

import (
	"context"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
)

// Edit changes the list of a draft as data and writes it anew; comments in its text are
// lost. A text with faults must be mended as text first.
func (s *Service) Edit(
	ctx context.Context, actor access.Actor, one id.ID, seen int64, note string, edit func(*pack.List) error,
) (_ *Version, err error) {
	defer errs.Wrap(&err, "edit version %s", one)
	if err := actor.Need(access.PolicyWrite); err != nil {
		return nil, err
	}
	v, err := version(ctx, actor.Scope(access.PolicyWrite), s.DB, one)
	if err != nil {
		return nil, err
	}
	text, err := s.edited(ctx, v, edit)
	if err != nil {
		return nil, err
	}
	return s.Change(ctx, actor, one, seen, text, v.Tests, note)
}

// edited returns the text of a version after edit has been at its list, which knows the
// lists that it takes over.
func (s *Service) edited(ctx context.Context, v *Version, edit func(*pack.List) error) (string, error) {
	sh, err := s.library(ctx, v, s.Today())
	if err != nil {
		return "", err
	}
	if err := edit(sh.own.List); err != nil {
		return "", err
	}
	text, err := sh.own.List.YAML()
	if err != nil {
		return "", errs.New(errs.Conflict, "清单的文字有错，请先在文字里改正：%s", firstFault(sh.own)).Because(err)
	}
	return string(text), nil
}

// PutItem changes an item of a draft, or with no name adds one. An item that is taken
// over from the list above becomes the list's own.
func (s *Service) PutItem(
	ctx context.Context, actor access.Actor, one id.ID, seen int64, item, note string, edit func(*pack.Item) error,
) (*Version, error) {
	return s.Edit(ctx, actor, one, seen, note, func(l *pack.List) error {
		i := slices.IndexFunc(l.Items, func(it pack.Item) bool { return it.ID == item })
		if item == "" || i < 0 {
			fresh := pack.Item{No: nextNo(l)}
			if item != "" {
				upper := l.Item(item)
				if upper == nil {
					return noItem(item)
				}
				fresh = *upper
			}
			l.Items = append(l.Items, fresh)
			i = len(l.Items) - 1
		}
		if err := edit(&l.Items[i]); err != nil {
			return err
		}
		for k := range l.Items {
			if k != i && l.Items[k].ID == l.Items[i].ID {
				return (&errs.Fields{{Name: "id", Message: fmt.Sprintf("已有编号为 %s 的项目，请换一个编号", l.Items[i].ID)}}).Err()
			}
		}
		return nil
	})
}

// nextNo is the first number that no item has.
func nextNo(l *pack.List) (no int) {
	for _, it := range itemsOf(l) {
		no = max(no, it.No)
	}
	return no + 1
}

func noItem(item string) error { return errs.New(errs.NotFound, "清单没有项目 %s。", item) }

// DropItem takes an own item out of a draft. One that is taken over comes back as the
// list above has it.
func (s *Service) DropItem(ctx context.Context, actor access.Actor, one id.ID, seen int64, item, note string) (*Version, error) {
	return s.Edit(ctx, actor, one, seen, note, func(l *pack.List) error {
		kept := slices.DeleteFunc(slices.Clone(l.Items), func(it pack.Item) bool { return it.ID == item })
		if len(kept) == len(l.Items) {
			return noItem(item)
		}
		l.Items = kept
		return nil
	})
}

// Setting (参数设定) is a value that a place gives to a parameter from a day on.
type Setting struct {
	List  string // whose
	Name  string // of the parameter
	Value string // in its unit: 120 or 120.5
	From  civil.Date
	Note  string
}

var decimalShape = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`)

// SetParameter drafts a version that differs from the one in force by one dated value
// of a parameter, its own or one of the list that it takes over. A draft that is on its
// way gets the value too.
func (s *Service) SetParameter(ctx context.Context, actor access.Actor, set Setting) (_ *Version, err error) {
	defer errs.Wrap(&err, "set parameter %s of list %s", set.Name, set.List)
	if err := actor.Need(access.PolicyWrite); err != nil {
		return nil, err
	}
	set.Value = strings.TrimSpace(set.Value)
	var faults errs.Fields
	if !decimalShape.MatchString(set.Value) {
		faults.Add("value", "“%s”不是数额，请填写不带单位的数字，如 120 或 120.5", set.Value)
	}
	if set.From == 0 {
		faults.Add("from", "请填写从哪一天起执行")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	_, way, err := last(ctx, s.DB, set.List)
	if err != nil {
		return nil, err
	}
	if way != nil && way.State == Draft {
		return s.Edit(ctx, actor, way.ID, way.Version, set.Note, set.apply)
	}
	base, err := s.base(ctx, actor, set.List, 0)
	if err != nil {
		return nil, err
	}
	text, err := s.edited(ctx, base, set.apply)
	if err != nil {
		return nil, err
	}
	v := &Version{List: base.List, Region: base.Region, Title: base.Title, Text: text, Tests: base.Tests, BasedOn: base.ID}
	return v, s.begin(ctx, actor, v, set.Note)
}

// apply adds the value to a list.
func (set Setting) apply(l *pack.List) error {
	number, _ := new(big.Rat).SetString(set.Value) // the shape fits
	value := pack.Value{Figure: pack.Figure{Bound: "value", Number: number}, From: set.From}
	for i := range l.Parameters {
		if p := &l.Parameters[i]; p.Name == set.Name {
			p.Values = slices.DeleteFunc(p.Values, func(v pack.Value) bool { return v.From == set.From })
			p.Values = append(p.Values, value)
			slices.SortFunc(p.Values, func(a, b pack.Value) int { return int(a.From - b.From) })
			return nil
		}
	}
	if src := l.Source(); src != nil {
		for i := range src.Parameters {
			if p := &src.Parameters[i]; p.Name == set.Name {
				l.Parameters = append(l.Parameters, pack.Parameter{Name: p.Name, Label: p.Label, Unit: p.Unit, SetBy: p.SetBy, Values: []pack.Value{value}})
				return nil
			}
		}
	}
	return (&errs.Fields{{Name: "name", Message: fmt.Sprintf("清单没有参数 %s", set.Name)}}).Err()
}
