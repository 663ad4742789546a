package scenario

import (
	"context"
	"errors"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/money"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/simulate"
)

// LiveCount (即时人数) is whom an item of a list that is being edited reaches.
type LiveCount struct {
	People  int // whom the list rules
	Yes     int
	Unknown int
	Unset   int       // entitled to an amount that nobody has set: it is not in Month
	Month   money.Fen // recurring, a month
	Gain    int       // against the list in force
	Lose    int
	Faults  []Fault // why nothing was counted
}

// Fault (清单错误) is a fault in the text of a list.
type Fault struct {
	Line, Column int
	Text         string
}

// Count counts one item of the text of a list over the people of a region whom the list
// rules, today. Faults of the text are no error.
func (s *Service) Count(ctx context.Context, actor access.Actor, in region.Code, listYAML []byte, item string) (_ LiveCount, err error) {
	defer errs.Wrap(&err, "live count")
	if _, err := seen(actor, in); err != nil {
		return LiveCount{}, err
	}
	book, err := s.Lists.Book(ctx, s.Today())
	if err != nil {
		return LiveCount{}, err
	}
	edited := pack.Read("list.yaml", listYAML, nil).List
	if edited.ID == "" {
		return LiveCount{Faults: []Fault{{Line: 1, Column: 1, Text: "清单没有编号（list），或者整篇文字不是清单的格式"}}}, nil
	}
	before := lawOf(book)
	after, err := before.with(string(listYAML), edited.ID, 0, s.reader(ctx, actor))
	if err != nil {
		return faulty(err)
	}
	var out LiveCount
	err = s.use(ctx, actor, in, func(w *warm) error { return out.count(ctx, w, before, after, edited.ID, item) }, before, after)
	return out, err
}

// faulty makes a count of what is wrong with the text.
func faulty(err error) (LiveCount, error) {
	var faults rules.Errors
	var told *errs.Error
	out := LiveCount{}
	switch {
	case errors.As(err, &faults):
		for _, f := range faults {
			out.Faults = append(out.Faults, Fault{Line: f.At.Line, Column: f.At.Column, Text: f.Msg})
		}
	case errors.As(err, &told) && told.Kind == errs.Invalid:
		out.Faults = []Fault{{Text: told.Message}}
	default:
		return out, err
	}
	return out, nil
}

// count adds up the groups that the edited list, or one that builds on it, rules.
func (c *LiveCount) count(ctx context.Context, w *warm, before, after *law, list, item string) error {
	for _, g := range w.groups {
		now := after.over(g.region)
		if now == nil {
			continue
		}
		if _, ok := after.down(now, list); !ok {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := g.run(before.over(g.region), before.on, workers(), nil, true)
		if err != nil {
			return err
		}
		b, err := g.run(now, after.on, workers(), a, false)
		if err != nil {
			return err
		}
		c.People += g.pop.Len()
		c.item(simulate.CompareItem(a, b, item))
		if at := b.Plan.Program.Find(item); at >= 0 {
			t := b.Tally(at)
			c.Yes, c.Unknown, c.Unset = c.Yes+t.Yes, c.Unknown+t.Unknown, c.Unset+t.Unset
		}
	}
	return nil
}

func (c *LiveCount) item(x simulate.Change) {
	c.Gain, c.Lose, c.Month = c.Gain+x.Gain, c.Lose+x.Lose, c.Month+x.After.Month()
}
