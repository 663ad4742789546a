package entitlementweb

import (
	"cmp"
	"context"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/entitlement"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/money"
	"yian/internal/outreach"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
)

// read reads what there is to do on the occasion of a query from where it goes on, at
// most about most tasks. next is where the results go on.
func (p *Pages) read(ctx context.Context, scope access.Scope, q query) (found []task, next string, err error) {
	book, err := p.Lists.Book(ctx, p.Results.Today())
	if err != nil {
		return nil, "", err
	}
	s := source{p, scope, q, book}
	switch q.occasion {
	case outreach.Changing:
		return s.changing(ctx)
	case outreach.Missing:
		return s.missing(ctx)
	}
	return s.changed(ctx)
}

// source reads results as tasks.
type source struct {
	*Pages
	scope access.Scope
	q     query
	book  *policy.Book
}

type reader func(context.Context, access.Scope, entitlement.List) ([]entitlement.Change, error)

// changes reads changes from one of them on; more is false where these are all.
func (s *source) changes(ctx context.Context, read reader, after id.ID) (all []entitlement.Change, more bool, err error) {
	l := entitlement.List{Since: s.Results.Today() - civil.Date(s.q.days), Item: s.q.item, After: after}
	for len(all) < most {
		some, err := read(ctx, s.scope, l)
		if err != nil {
			return nil, false, err
		}
		if len(some) == 0 {
			return all, false, nil
		}
		all = append(all, some...)
		l.After = some[len(some)-1].ID
	}
	return all, true, nil
}

// changed lists who lately became entitled to something, or lost it. Of several changes
// of one thing the last counts; what came about by a death or a move is nobody's task.
func (s *source) changed(ctx context.Context) (found []task, next string, err error) {
	given, taken := reader(s.Results.NewlyEntitled), reader(s.Results.Lost)
	if s.q.occasion == outreach.Lost {
		given, taken = taken, given
	}
	after, _ := id.Parse(s.q.from) // from its beginning if it is nothing
	all, more, err := s.changes(ctx, given, after)
	if err != nil {
		return nil, "", err
	}
	undone, _, err := s.changes(ctx, taken, after)
	if err != nil {
		return nil, "", err
	}
	last := map[outreach.Key]id.ID{}
	for _, some := range [...][]entitlement.Change{all, undone} {
		for i := range some {
			key := outreach.Key{Person: some[i].Person, Item: some[i].Item}
			last[key] = max(last[key], some[i].ID)
		}
	}
	for i := range all {
		c := &all[i]
		if c.ID == last[outreach.Key{Person: c.Person, Item: c.Item}] && c.Cause != entitlement.End {
			found = append(found, s.changedTask(c))
		}
	}
	if more {
		next = all[len(all)-1].ID.String()
	}
	return found, next, nil
}

func (s *source) changedTask(c *entitlement.Change) task {
	t := s.task(c.Person, c.Region, c.Item, c.On)
	t.Why = c.Cause.Label() + "，" + c.IsReason
	amount := c.IsAmount
	if s.q.occasion == outreach.Lost {
		amount = c.WasAmount
	}
	if g := s.grant(c.Region, c.Item); g != nil && amount != nil {
		t.Granted = strings.TrimSpace(every(g) + " " + yuan(money.Fen(*amount)))
		if s.q.occasion == outreach.Lost {
			t.Granted = "原来" + t.Granted
		}
	}
	return t
}

func (s *source) task(who id.ID, at region.Code, item string, on civil.Date) task {
	return task{Contact: outreach.Contact{Matter: outreach.Matter{Person: who, Occasion: s.q.occasion, Item: item, On: on}, Region: at, State: outreach.Open}}
}

// grant is what an item gives by the list of a place.
func (s *source) grant(at region.Code, item string) *rules.Grant {
	return grantOf(s.book.For(at), item)
}

func grantOf(ruling *policy.Ruling, item string) *rules.Grant {
	if ruling == nil {
		return nil
	}
	if i := ruling.Program.Find(item); i >= 0 {
		return &ruling.Program.Items[i].Grant
	}
	return nil
}

// changing lists to whom a birthday will bring something.
func (s *source) changing(ctx context.Context) (found []task, next string, err error) {
	var after entitlement.Foreseen
	if on, who, ok := strings.Cut(s.q.from, "."); ok {
		after.On, _ = civil.Parse(on)
		after.Person, _ = id.Parse(who)
	}
	for len(found) < most {
		some, err := s.Results.WillChange(ctx, s.scope, s.q.days, after, 0)
		if err != nil {
			return nil, "", err
		}
		if len(some) == 0 {
			return found, "", nil
		}
		for i := range some {
			found = s.coming(found, &some[i])
		}
		after = some[len(some)-1]
	}
	return found, after.On.String() + "." + after.Person.String(), nil
}

func (s *source) coming(found []task, who *entitlement.Foreseen) []task {
	for i := range who.Coming {
		c := &who.Coming[i]
		g := s.grant(who.Region, c.Item)
		if s.q.item != "" && c.Item != s.q.item || g == nil {
			continue
		}
		t := s.task(who.Person, who.Region, c.Item, who.On)
		t.Why = comingText(g, c)
		if c.Is == rules.Yes {
			t.Granted = granted(g, &rules.Decision{Amount: c.IsAmount})
		}
		found = append(found, t)
	}
	return found
}

// comingText tells what becomes of what: 不符合 → 可享受，每月 120 元.
func comingText(g *rules.Grant, c *entitlement.Coming) string {
	return outcome(g, &rules.Decision{Result: c.Was, Amount: c.WasSum}) + " → " + outcome(g, &rules.Decision{Result: c.Is, Amount: c.IsAmount})
}

// missing lists for whom facts are missing, a task for each fact.
func (s *source) missing(ctx context.Context) (found []task, next string, err error) {
	wanted, ok := fact.ByName(s.q.item)
	if !ok {
		wanted = fact.Count
	}
	var after entitlement.Open
	if at, who, ok := strings.Cut(s.q.from, "."); ok {
		after.Region = region.Code(at)
		after.Person, _ = id.Parse(who)
	}
	for len(found) < most {
		some, err := s.Results.Undecided(ctx, s.scope, wanted, after, 0)
		if err != nil {
			return nil, "", err
		}
		if len(some) == 0 {
			return found, "", nil
		}
		for i := range some {
			for _, f := range some[i].Missing.IDs() {
				if wanted == fact.Count || f == wanted {
					t := s.task(some[i].Person, some[i].Region, f.String(), 0)
					t.Why = s.undecided(&some[i])
					found = append(found, t)
				}
			}
		}
		after = some[len(some)-1]
	}
	return found, string(after.Region) + "." + after.Person.String(), nil
}

// fewNames is how many items a row names.
const fewNames = 3

// undecided names the items that cannot be decided.
func (s *source) undecided(one *entitlement.Open) string {
	var names []string
	for _, item := range one.Items[:min(fewNames, len(one.Items))] {
		names = append(names, itemName(s.book, outreach.Newly, one.Region, item))
	}
	text := strings.Join(names, "、")
	if len(one.Items) > fewNames {
		text += "等"
	}
	return cmp.Or(text, "金额或次数") + "还不能确定"
}
