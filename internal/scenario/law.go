package scenario

import (
	"cmp"
	"errors"
	"slices"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
)

// law is the lists that rule places on a day: those in force, or what a scenario makes
// of them. It is immutable.
type law struct {
	on       civil.Date
	statutes []*statute // those of larger regions first
}

// statute is one list of a law.
type statute struct {
	version id.ID // 0: a text that is no version
	list    *pack.List
	source  *rules.Source
	program *rules.Program
}

// lawOf makes the law of the lists in force.
func lawOf(b *policy.Book) *law {
	l := &law{on: b.On}
	for _, r := range b.Rulings {
		l.statutes = append(l.statutes, &statute{r.Version, r.List, r.Source, r.Program})
	}
	return l
}

// over returns the list that rules a place; nil if none does.
func (l *law) over(place region.Code) *statute {
	for _, st := range slices.Backward(l.statutes) {
		if place.Within(st.source.Region) {
			return st
		}
	}
	return nil
}

// find returns a list by what packs call it; nil if it is not there.
func (l *law) find(list string) *statute {
	for _, st := range l.statutes {
		if st.list.ID == list {
			return st
		}
	}
	return nil
}

// down returns the lists through which one takes over the list named, itself first and
// without the named; ok is false if it does not build on that.
func (l *law) down(st *statute, list string) (chain []*pack.List, ok bool) {
	for st != nil && len(chain) <= len(l.statutes) {
		if st.list.ID == list {
			return chain, true
		}
		chain = append(chain, st.list)
		st = l.find(st.list.Extends)
	}
	return nil, false
}

// reader reads the text of a version again.
type reader func(version id.ID) (string, error)

// with returns the law with another text of a list, to which those that build on it are
// bound anew. What is wrong with the text is rules.Errors.
func (l *law) with(text string, list string, version id.ID, read reader) (*law, error) {
	edited := pack.Read(list, []byte(text), nil)
	if edited.List.ID != "" && edited.List.ID != list {
		return nil, errs.New(errs.Invalid, "清单的编号是 %s，不是 %s，不能互相替换。", edited.List.ID, list)
	}
	packs, fresh := []*pack.Pack{edited}, []*statute{{version: version, list: edited.List}}
	out := &law{on: l.on}
	for _, st := range l.statutes {
		switch _, below := l.down(st, list); {
		case st.list.ID == list:
		case below:
			body, err := read(st.version)
			if err != nil {
				return nil, err
			}
			again := pack.Read(st.list.ID, []byte(body), nil)
			packs, fresh = append(packs, again), append(fresh, &statute{version: st.version, list: again.List})
		default:
			packs = append(packs, &pack.Pack{List: st.list})
			out.statutes = append(out.statutes, st)
		}
	}
	lib := pack.LibraryOf(packs...)
	for _, st := range fresh {
		if err := st.compile(lib, l.on); err != nil {
			return nil, of(st.list.ID == edited.List.ID, st, err)
		}
		out.statutes = append(out.statutes, st)
	}
	slices.SortStableFunc(out.statutes, func(a, b *statute) int { return cmp.Compare(a.source.Region, b.source.Region) })
	return out, nil
}

// compile makes the program of a list that a library knows.
func (st *statute) compile(lib *pack.Library, on civil.Date) (err error) {
	if _, err := lib.List(st.list.ID); err != nil {
		return err
	}
	if st.source = st.list.Source(); st.source == nil {
		return errors.New("scenario: a list without its base")
	}
	st.program, err = rules.Compile(st.source, on)
	return err
}

// of says that a list below cannot be used any more, unless the fault is in the edited
// one itself.
func of(itself bool, st *statute, err error) error {
	var faults rules.Errors
	if itself || !errors.As(err, &faults) {
		return err
	}
	return errs.New(errs.Invalid, "改动后，承接它的清单“%s”不能使用：%s", st.list.Title, faults[0].Msg)
}

// changed returns the law with items and parameters of a list changed, and with them the
// lists that take them over.
func (l *law) changed(list string, c *Changes) (*law, error) {
	out := &law{on: l.on}
	for _, st := range l.statutes {
		chain, ok := l.down(st, list)
		if !ok {
			out.statutes = append(out.statutes, st)
			continue
		}
		src, err := c.apply(st.source, chain)
		if err != nil {
			return nil, err
		}
		p, err := rules.Compile(src, l.on)
		if err != nil {
			return nil, of(len(chain) == 0, st, err)
		}
		out.statutes = append(out.statutes, &statute{st.version, st.list, src, p})
	}
	return out, nil
}

// apply returns a source with the changes, as far as none of the lists in between says
// otherwise.
func (c *Changes) apply(src *rules.Source, between []*pack.List) (*rules.Source, error) {
	out := *src
	out.Items, out.Parameters = slices.Clone(src.Items), slices.Clone(src.Parameters)
	for i := range c.Items {
		change := &c.Items[i]
		at := slices.IndexFunc(out.Items, func(it rules.Item) bool { return it.ID == change.Item })
		switch {
		case at < 0 && len(between) == 0:
			return nil, errs.New(errs.Conflict, "清单里没有编号为 %s 的项目，请删去对它的改动。", change.Item)
		case at >= 0 && !slices.ContainsFunc(between, func(l *pack.List) bool { return ownItem(l, change.Item) }):
			change.apply(&out.Items[at])
		}
	}
	for _, change := range c.Parameters {
		at := slices.IndexFunc(out.Parameters, func(p rules.Parameter) bool { return p.Name == change.Name })
		if at < 0 {
			return nil, errs.New(errs.Conflict, "清单里没有参数 %s，请删去对它的改动。", change.Name)
		}
		p := &out.Parameters[at]
		p.Values = change.set(p.Values, firstOwn(between, change.Name))
	}
	return &out, nil
}

func ownItem(l *pack.List, item string) bool {
	return slices.ContainsFunc(l.Items, func(it pack.Item) bool { return it.ID == item })
}

// firstOwn returns from when lists have set a parameter themselves; zero if none has.
func firstOwn(lists []*pack.List, name string) (first civil.Date) {
	for _, l := range lists {
		for _, p := range l.Parameters {
			for _, v := range p.Values {
				if p.Name == name && (first == 0 || v.From < first) {
					first = v.From
				}
			}
		}
	}
	return first
}

// apply changes an item of a source.
func (it *ItemChange) apply(to *rules.Item) {
	text := func(field, cel string) rules.Text {
		return rules.Text{CEL: cel, At: rules.Pos{File: field, Line: 1, Column: 1}}
	}
	if it.When != "" {
		to.When = text(WhenField(it.Item), it.When)
	}
	if len(it.Amount) == 0 {
		return
	}
	to.Grant.Amount = make([]rules.Case, 0, len(it.Amount))
	for i, k := range it.Amount {
		made := rules.Case{Is: text(AmountField(it.Item, i), k.Is)}
		if k.When != "" {
			made.When = text(AmountWhenField(it.Item, i), k.When)
		}
		to.Grant.Amount = append(to.Grant.Amount, made)
	}
}
