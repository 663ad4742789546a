package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/secret"
)

// store reads and writes the rows of this module.
type store struct {
	db   *db.DB
	keys *secret.Keys
}

// reader is what reads: the database, or a transaction that sees its own writes.
type reader interface{ NewSelect() *bun.SelectQuery }

// userRow is a row of account with the organisation it belongs to.
type userRow struct {
	bun.BaseModel `bun:"table:account,alias:u"`

	ID             id.ID         `bun:",pk"`
	Version        int64         `bun:"version"`
	Login          string        `bun:"login"`
	Name           string        `bun:"name"`
	OrganisationID id.ID         `bun:"organisation_id"`
	Phone          []byte        `bun:"phone"`
	State          State         `bun:"state"`
	Machine        bool          `bun:"machine"`
	Created        civil.Instant `bun:"created_at"`

	Kind   Kind        `bun:"kind,scanonly"`
	Place  string      `bun:"place,scanonly"`
	Region region.Code `bun:"region_code,scanonly"`
}

func (r *userRow) user() User {
	return User{
		ID: r.ID, Version: r.Version, Login: r.Login, Name: r.Name, State: r.State, Machine: r.Machine, Created: r.Created,
		Organisation: Organisation{ID: r.OrganisationID, Kind: r.Kind, Name: r.Place, Region: r.Region},
	}
}

// selectUsers begins a query of users of organisations in the scope.
func selectUsers(scope access.Scope, q reader, rows any) *bun.SelectQuery {
	where, args := scope.Where("o.region_code")
	return q.NewSelect().Model(rows).ColumnExpr("u.*").
		ColumnExpr("o.kind AS kind, o.name AS place, o.region_code AS region_code").
		Join("JOIN organisation AS o ON o.id = u.organisation_id").Where(where, args...)
}

func notFound(what string) error {
	return errs.New(errs.NotFound, "没有找到这%s。可能已被删除，或不在您的管理范围内。", what)
}

func (st store) user(ctx context.Context, scope access.Scope, q reader, user id.ID) (*User, error) {
	return st.one(ctx, q, selectUsers(scope, q, (*userRow)(nil)).Where("u.id = ?", user))
}

func (st store) byLogin(ctx context.Context, scope access.Scope, q reader, login string) (*User, error) {
	return st.one(ctx, q, selectUsers(scope, q, (*userRow)(nil)).Where("u.login = ?", login))
}

// one reads a user with his telephone and his grants.
func (st store) one(ctx context.Context, q reader, query *bun.SelectQuery) (*User, error) {
	var row userRow
	if err := query.Scan(ctx, &row); errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("个用户")
	} else if err != nil {
		return nil, err
	}
	u := row.user()
	if len(row.Phone) > 0 {
		phone, err := st.keys.Open(row.Phone, phoneContext(u.ID))
		if err != nil {
			return nil, err
		}
		u.Phone = string(phone)
	}
	users := []User{u}
	err := st.addGrants(ctx, q, users)
	return &users[0], err
}

func phoneContext(user id.ID) string { return "account.phone:" + user.String() }

// lock makes others who change a user wait until the transaction ends.
func (st store) lock(ctx context.Context, tx db.Tx, user id.ID) error {
	var row userRow
	err := db.ForUpdate(tx.NewSelect().Model(&row).Column("id").Where("u.id = ?", user)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return notFound("个用户")
	}
	return err
}

// row seals what is stored of a user.
func (st store) row(u *User) *userRow {
	r := &userRow{
		ID: u.ID, Version: u.Version, Login: u.Login, Name: u.Name, OrganisationID: u.Organisation.ID,
		State: u.State, Machine: u.Machine, Created: u.Created,
	}
	if u.Phone != "" {
		r.Phone = st.keys.Seal([]byte(u.Phone), phoneContext(u.ID))
	}
	return r
}

// insertUser is false where somebody has the login name already.
func (st store) insertUser(ctx context.Context, tx db.Tx, u *User) (bool, error) {
	res, err := tx.NewInsert().Model(st.row(u)).On("CONFLICT (login) DO NOTHING").Exec(ctx)
	return affected(res, err)
}

// updateUser writes a user who was locked. It is false where somebody else has the
// login name.
func (st store) updateUser(ctx context.Context, tx db.Tx, u *User) (bool, error) {
	taken, err := tx.NewSelect().Model((*userRow)(nil)).Where("u.login = ?", u.Login).Where("u.id <> ?", u.ID).Exists(ctx)
	if err != nil || taken {
		return false, err
	}
	row := st.row(u)
	row.Version++
	res, err := tx.NewUpdate().Model(row).ExcludeColumn("id", "machine", "created_at").WherePK().Where("version = ?", u.Version).Exec(ctx)
	if ok, err := affected(res, err); err != nil || !ok {
		return false, errors.Join(err, stale())
	}
	u.Version++
	return true, nil
}

// affected reports whether a statement changed a row.
func affected(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Query (用户查询) says which users a page lists, in the order of their login names.
type Query struct {
	Text          string // part of the login or of the name
	State         State
	Role          access.Role // held today
	Organisation  id.ID
	Machine       *bool
	After, Before string // a login name to go on from
	Limit         int
}

// Page (用户列表) is a page of users.
type Page struct {
	Users          []User
	Previous, Next string // what to go on from; empty: nothing there
}

func (st store) users(ctx context.Context, scope access.Scope, q Query, today civil.Date) (Page, error) {
	limit := max(1, min(q.Limit, 500))
	var rows []userRow
	s := q.conditions(selectUsers(scope, st.db, &rows), today).Limit(int64(limit + 1))
	if q.Before != "" {
		s = s.Where("u.login < ?", q.Before).Order("u.login DESC")
	} else {
		s = s.Where("u.login > ?", q.After).Order("u.login")
	}
	if err := s.Scan(ctx); err != nil {
		return Page{}, err
	}
	more := len(rows) > limit
	rows = rows[:min(limit, len(rows))]
	if q.Before != "" {
		slices.Reverse(rows)
	}
	p := Page{Users: make([]User, len(rows))}
	for i := range rows {
		p.Users[i] = rows[i].user()
	}
	if n := len(rows); n > 0 {
		if q.After != "" || q.Before != "" && more {
			p.Previous = rows[0].Login
		}
		if q.Before != "" || more {
			p.Next = rows[n-1].Login
		}
	}
	return p, st.addGrants(ctx, st.db, p.Users)
}

// names reads names alone: who did something is told to whoever may see what was done.
func (st store) names(ctx context.Context, users []id.ID) (map[id.ID]string, error) {
	names := make(map[id.ID]string, len(users))
	if len(users) == 0 {
		return names, nil
	}
	var rows []userRow
	if err := st.db.NewSelect().Model(&rows).Column("id", "name").Where("u.id IN (?)", bun.List(users)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

// conditions adds what a list is filtered by.
func (q Query) conditions(s *bun.SelectQuery, today civil.Date) *bun.SelectQuery {
	if q.Text != "" {
		like := contains(strings.ToLower(q.Text))
		s = s.Where(`(u.login LIKE ? ESCAPE '~' OR lower(u.name) LIKE ? ESCAPE '~')`, like, like)
	}
	if q.State != "" {
		s = s.Where("u.state = ?", q.State)
	}
	if q.Organisation != 0 {
		s = s.Where("u.organisation_id = ?", q.Organisation)
	}
	if q.Machine != nil {
		s = s.Where("u.machine = ?", *q.Machine)
	}
	if q.Role != "" {
		s = s.Where(`EXISTS (SELECT 1 FROM account_grant AS g WHERE g.user_id = u.id AND g.role = ?
			AND g.ended_at = 0 AND g.from_on <= ? AND (g.to_on IS NULL OR g.to_on >= ?))`, q.Role, today, today)
	}
	return s
}

// contains makes a pattern that finds a text anywhere.
func contains(text string) string {
	return "%" + strings.NewReplacer("~", "~~", "%", "~%", "_", "~_").Replace(text) + "%"
}

// who is a user as every request needs him.
type who struct {
	name   string
	place  string
	grants []access.Grant
}

// identityColumns are what identify scans; the text is prepared once a connection.
const identityColumns = `u.name, o.name, g.role, g.region_code
	FROM account u JOIN organisation o ON o.id = u.organisation_id
	LEFT JOIN account_grant g ON g.user_id = u.id AND g.ended_at = 0 AND g.from_on <= $2 AND (g.to_on IS NULL OR g.to_on >= $2)`

// identity reads an active user with the roles that he holds on a day.
func (st store) identity(ctx context.Context, user id.ID, on civil.Date) (*who, error) {
	rows, err := st.db.DB.DB.QueryContext(ctx, "SELECT "+identityColumns+" WHERE u.id = $1 AND u.state = 'active'", int64(user), on)
	if err != nil {
		return nil, err
	}
	return scanIdentity(rows)
}

// scanIdentity reads a row for each role; before are more columns, the same in each.
func scanIdentity(rows *sql.Rows, before ...any) (w *who, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name, place string
		var role, at sql.NullString
		if err := rows.Scan(append(before, &name, &place, &role, &at)...); err != nil {
			return nil, err
		}
		if w == nil {
			w = &who{name: name, place: place}
		}
		if role.Valid {
			w.grants = append(w.grants, access.Grant{Role: access.Role(role.String), Region: region.Code(at.String)})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read identity: %w", err)
	}
	if w == nil {
		return nil, notFound("个用户")
	}
	return w, nil
}
