package outreach

import (
	"context"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
)

// work is a transaction that does something about matters.
type work struct {
	*Service
	actor  access.Actor
	tx     db.Tx
	places map[id.ID]region.Code // who serves the people; locked
	found  map[Occasion]map[Key]Contact
	only   Contact // the one that was saved
	saved  int
}

// begin locks the people of matters, so that nobody else begins a contact with them, and
// reads what was done before.
func (s *Service) begin(ctx context.Context, actor access.Actor, tx db.Tx, matters []Matter) (*work, error) {
	w := &work{Service: s, actor: actor, tx: tx, found: map[Occasion]map[Key]Contact{}}
	scope := actor.Scope(access.EntitlementReach)
	people := map[Occasion][]id.ID{}
	var all []id.ID
	for _, m := range matters {
		people[m.Occasion] = append(people[m.Occasion], m.Person)
		all = append(all, m.Person)
	}
	var err error
	if w.places, err = lockPeople(ctx, scope, tx, all); err != nil {
		return nil, err
	}
	for occasion, some := range people {
		if w.found[occasion], err = find(ctx, scope, tx, occasion, some); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// contact returns how far a matter has come; ok is false out of the scope.
func (w *work) contact(m Matter) (_ *Contact, ok bool) {
	place, ok := w.places[m.Person]
	if !ok {
		return nil, false
	}
	c, there := w.found[m.Occasion][Key{m.Person, m.Item}]
	if !there {
		c = Contact{Matter: m, State: Open}
	}
	c = c.about(m)
	c.Region = place
	return &c, true
}

// save writes a contact with a note of what was done.
func (w *work) save(ctx context.Context, c *Contact, text string) error {
	was := c.Version
	c.Version++
	c.Updated, c.By = w.now(), w.actor.User
	if was == 0 {
		c.ID, c.Opened = w.IDs.New(), c.Updated
	}
	if err := put(ctx, w.tx, c, was); err != nil {
		return err
	}
	w.only = *c
	w.saved++
	w.found[c.Occasion][Key{c.Person, c.Item}] = *c
	return addNote(ctx, w.tx, c.ID, &Note{ID: w.IDs.New(), At: c.Updated, By: c.By, State: c.State, Assignee: c.Assignee, Due: c.Due, Text: text})
}

// change is what the trail says: of one contact about whom, of many where.
func (w *work) change(detail map[string]any) audit.Change {
	c := audit.Change{Kind: "outreach", Detail: detail, Region: w.only.Region}
	if w.saved == 1 {
		c.Kind, c.Subject = "person", w.only.Person.String()
		return c
	}
	if regions := w.actor.Scope(access.EntitlementReach).Regions(); len(regions) > 0 {
		c.Region = regions[0]
	}
	return c
}
