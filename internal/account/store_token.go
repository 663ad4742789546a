package account

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
)

type tokenRow struct {
	bun.BaseModel `bun:"table:account_token,alias:t"`

	ID          id.ID         `bun:",pk"`
	User        id.ID         `bun:"user_id"`
	Name        string        `bun:"name"`
	Hash        []byte        `bun:"hash"`
	Permissions string        `bun:"permissions"`
	Region      region.Code   `bun:"region_code"`
	Expires     civil.Instant `bun:"expires_at"`
	Created     civil.Instant `bun:"created_at"`
	CreatedBy   id.ID         `bun:"created_by"`
	Used        civil.Instant `bun:"used_at"`
	Revoked     civil.Instant `bun:"revoked_at"`

	Login string `bun:"login,scanonly"`
	Place string `bun:"place,scanonly"`
}

func (r *tokenRow) token() Token {
	return Token{
		ID: r.ID, User: r.User, Login: r.Login, Name: r.Name, Place: r.Place, Permissions: permissions(r.Permissions),
		Region: r.Region, Expires: r.Expires, Created: r.Created, Used: r.Used, Revoked: r.Revoked,
	}
}

// permissions reads the column; an empty one is none at all, never all of them.
func permissions(column string) []access.Permission {
	list := []access.Permission{}
	for name := range strings.FieldsSeq(column) {
		list = append(list, access.Permission(name))
	}
	return list
}

func (st store) insertToken(ctx context.Context, tx db.Tx, t *Token, hash []byte, by id.ID) error {
	names := make([]string, len(t.Permissions))
	for i, p := range t.Permissions {
		names[i] = string(p)
	}
	_, err := tx.NewInsert().Model(&tokenRow{
		ID: t.ID, User: t.User, Name: t.Name, Hash: hash, Permissions: strings.Join(names, " "), Region: t.Region,
		Expires: t.Expires, Created: t.Created, CreatedBy: by,
	}).Exec(ctx)
	return err
}

// selectTokens begins a query of tokens of machines in the scope.
func selectTokens(scope access.Scope, q reader, rows any) *bun.SelectQuery {
	where, args := scope.Where("o.region_code")
	return q.NewSelect().Model(rows).ColumnExpr("t.*").ColumnExpr("u.login AS login, o.name AS place").
		Join("JOIN account AS u ON u.id = t.user_id").Join("JOIN organisation AS o ON o.id = u.organisation_id").
		Where(where, args...)
}

func (st store) token(ctx context.Context, scope access.Scope, q reader, token id.ID) (*Token, error) {
	var row tokenRow
	err := selectTokens(scope, q, (*tokenRow)(nil)).Where("t.id = ?", token).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("个令牌")
	}
	if err != nil {
		return nil, err
	}
	t := row.token()
	return &t, nil
}

// TokenQuery (令牌查询) says which tokens a page lists, the newest first.
type TokenQuery struct {
	User   id.ID // of one machine; 0: of all
	Before id.ID // key of paging: older than this one
	Limit  int
}

func (st store) tokens(ctx context.Context, scope access.Scope, q TokenQuery) ([]Token, error) {
	var rows []tokenRow
	s := selectTokens(scope, st.db, &rows).Order("t.id DESC").Limit(int64(max(1, min(q.Limit, 500))))
	if q.User != 0 {
		s = s.Where("t.user_id = ?", q.User)
	}
	if q.Before != 0 {
		s = s.Where("t.id < ?", q.Before)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, err
	}
	tokens := make([]Token, len(rows))
	for i := range rows {
		tokens[i] = rows[i].token()
	}
	return tokens, nil
}

func (st store) revokeToken(ctx context.Context, tx db.Tx, token id.ID, at civil.Instant) error {
	_, err := tx.NewUpdate().Model((*tokenRow)(nil)).Set("revoked_at = ?", at).Where("id = ?", token).Where("revoked_at = 0").Exec(ctx)
	return err
}

// byToken reads a token by its hash, with its active user and the roles he holds.
func (st store) byToken(ctx context.Context, hash []byte, on civil.Date) (*Token, *who, error) {
	var t Token
	var names string
	rows, err := st.db.DB.DB.QueryContext(ctx, `SELECT t.id, t.user_id, t.permissions, t.region_code, t.expires_at, t.used_at, t.revoked_at, `+
		identityColumns+` JOIN account_token t ON t.user_id = u.id WHERE t.hash = $1 AND u.state = 'active'`, hash, on)
	if err != nil {
		return nil, nil, err
	}
	w, err := scanIdentity(rows, &t.ID, &t.User, &names, &t.Region, &t.Expires, &t.Used, &t.Revoked)
	t.Permissions = permissions(names)
	return &t, w, err
}
