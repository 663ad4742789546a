package outreach

import (
	"context"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
)

// row is a row of table outreach.
type row struct {
	bun.BaseModel `bun:"table:outreach,alias:o"`

	ID         id.ID `bun:",pk"`
	Version    int64
	Person     id.ID       `bun:"person_id"`
	Region     region.Code `bun:"region_code"`
	Occasion   Occasion
	Item       string
	OnDay      civil.Date
	State      State
	AssignedTo id.ID
	DueOn      civil.Date
	OpenedAt   civil.Instant
	UpdatedAt  civil.Instant
	UpdatedBy  id.ID
}

func (r *row) contact() Contact {
	return Contact{
		ID: r.ID, Version: r.Version, Matter: Matter{r.Person, r.Occasion, r.Item, r.OnDay}, Region: r.Region, State: r.State,
		Assignee: r.AssignedTo, Due: r.DueOn, Opened: r.OpenedAt, Updated: r.UpdatedAt, By: r.UpdatedBy,
	}
}

// noteRow is a row of table outreach_note.
type noteRow struct {
	bun.BaseModel `bun:"table:outreach_note,alias:n"`

	ID         id.ID         `bun:",pk"`
	Outreach   id.ID         `bun:"outreach_id"`
	At         civil.Instant `bun:"at"`
	By         id.ID         `bun:"by_id"`
	State      State
	AssignedTo id.ID
	DueOn      civil.Date
	Text       string
}

// selectRows selects contacts of the scope.
func selectRows(q bun.IDB, scope access.Scope, rows *[]row) *bun.SelectQuery {
	where, args := scope.Where("o.region_code")
	return q.NewSelect().Model(rows).Where(where, args...)
}

// find reads what was done about people on an occasion.
func find(ctx context.Context, scope access.Scope, q bun.IDB, occasion Occasion, people []id.ID) (map[Key]Contact, error) {
	all := map[Key]Contact{}
	if len(people) == 0 {
		return all, nil
	}
	var rows []row
	err := selectRows(q, scope, &rows).Where("o.person_id IN (?)", bun.List(people)).Where("o.occasion = ?", occasion).Scan(ctx)
	for i := range rows {
		all[Key{rows[i].Person, rows[i].Item}] = rows[i].contact()
	}
	return all, err
}

// list reads contacts by conditions.
func list(ctx context.Context, scope access.Scope, q bun.IDB, query Query) ([]Contact, error) {
	var rows []row
	sel := selectRows(q, scope, &rows).Where("o.occasion = ?", query.Occasion).Where("o.id > ?", query.After)
	if query.Item != "" {
		sel = sel.Where("o.item = ?", query.Item)
	}
	if query.State != "" {
		sel = sel.Where("o.state = ?", query.State)
	}
	if query.Assignee != 0 {
		sel = sel.Where("o.assigned_to = ?", query.Assignee).Where("o.assigned_to <> 0") // so that the partial index serves
	}
	if err := sel.Order("o.id").Limit(int64(max(1, min(query.Limit, 1000)))).Scan(ctx); err != nil {
		return nil, err
	}
	all := make([]Contact, len(rows))
	for i := range rows {
		all[i] = rows[i].contact()
	}
	return all, nil
}

// count counts contacts by place, item and state.
func count(ctx context.Context, scope access.Scope, q bun.IDB, occasion Occasion, digits int) (all []Count, err error) {
	where, args := scope.Where("o.region_code")
	err = q.NewSelect().TableExpr("outreach AS o").
		ColumnExpr("substr(o.region_code, 1, ?) AS region_code", digits).ColumnExpr("o.item, o.state, count(*) AS people").
		Where(where, args...).Where("o.occasion = ?", occasion).
		GroupExpr("1, 2, 3").OrderExpr("1, 2, 3").Scan(ctx, &all)
	return all, err
}

// notesOf reads what was done about a matter, the first thing first.
func notesOf(ctx context.Context, scope access.Scope, q bun.IDB, contact id.ID) ([]Note, error) {
	var rows []noteRow
	where, args := scope.Where("o.region_code")
	err := q.NewSelect().Model(&rows).Join("JOIN outreach AS o ON o.id = n.outreach_id").Where(where, args...).
		Where("n.outreach_id = ?", contact).Order("n.id").Scan(ctx)
	all := make([]Note, len(rows))
	for i := range rows {
		r := &rows[i]
		all[i] = Note{ID: r.ID, At: r.At, By: r.By, State: r.State, Assignee: r.AssignedTo, Due: r.DueOn, Text: r.Text}
	}
	return all, err
}

// lockPeople locks those of some people who lie in the scope and have a file of their
// own, and tells who serves them.
func lockPeople(ctx context.Context, scope access.Scope, tx db.Tx, people []id.ID) (map[id.ID]region.Code, error) {
	var rows []struct {
		ID     id.ID
		Region region.Code `bun:"region_code"`
	}
	where, args := scope.Where("p.region_code")
	q := tx.NewSelect().TableExpr("person AS p").ColumnExpr("p.id, p.region_code").Where("p.id IN (?)", bun.List(people)).
		Where(where, args...).Where("p.state <> 'merged'").Order("p.id")
	if err := db.ForUpdate(q).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	all := make(map[id.ID]region.Code, len(rows))
	for _, r := range rows {
		all[r.ID] = r.Region
	}
	return all, nil
}

// put writes a contact in the place of the version it was read in; 0: it is a new one.
func put(ctx context.Context, tx db.Tx, c *Contact, was int64) error {
	r := &row{
		ID: c.ID, Version: c.Version, Person: c.Person, Region: c.Region, Occasion: c.Occasion, Item: c.Item, OnDay: c.On,
		State: c.State, AssignedTo: c.Assignee, DueOn: c.Due, OpenedAt: c.Opened, UpdatedAt: c.Updated, UpdatedBy: c.By,
	}
	if was == 0 {
		_, err := tx.NewInsert().Model(r).Exec(ctx)
		if db.IsUnique(err) {
			return stale()
		}
		return err
	}
	result, err := tx.NewUpdate().Model(r).WherePK().Where("version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return stale()
}

func addNote(ctx context.Context, tx db.Tx, contact id.ID, n *Note) error {
	r := &noteRow{ID: n.ID, Outreach: contact, At: n.At, By: n.By, State: n.State, AssignedTo: n.Assignee, DueOn: n.Due, Text: n.Text}
	_, err := tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// Moved keeps contacts where the people are; it is a hook of the register
// (person.Deps.OnChange), in whose transaction it runs.
func (s *Service) Moved(ctx context.Context, tx db.Tx, people []id.ID) error {
	const most = 500
	for len(people) > 0 {
		some := people[:min(most, len(people))]
		people = people[len(some):]
		_, err := tx.NewRaw(`UPDATE outreach SET region_code = (SELECT p.region_code FROM person AS p WHERE p.id = outreach.person_id)
			WHERE person_id IN (?) AND region_code <> (SELECT p.region_code FROM person AS p WHERE p.id = outreach.person_id)`, bun.List(some)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
