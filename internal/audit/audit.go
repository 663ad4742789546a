package audit

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/region"
)

// Action is what was done: a code for machines and its Chinese name.
type Action struct{ Code, Label string }

// Change says what a write changed, or a read looked at. Detail becomes JSON and
// never holds a name, number or phone in clear.
type Change struct {
	Kind    string // of the subject: person, user
	Subject string // its number
	Region  region.Code
	Purpose string // why, where a person had to say
	Detail  any
}

// Nothing is returned by a function that found nothing to change: its transaction
// is rolled back and no entry is written.
var Nothing = Change{}

// Entry is one line of the trail.
type Entry struct {
	bun.BaseModel `bun:"table:audit_entry,alias:e"`

	ID      id.ID         `bun:",pk"`
	At      civil.Instant `bun:"at"`
	ActorID id.ID         `bun:"actor_id"`
	Actor   string        `bun:"actor"`
	Via     string        `bun:"via"`
	Action  string        `bun:"action"`
	Label   string        `bun:"label"`
	Kind    string        `bun:"kind"`
	Subject string        `bun:"subject"`
	Region  region.Code   `bun:"region_code"`
	Purpose string        `bun:"purpose"`
	Detail  string        `bun:"detail"`
	Made    string        `bun:"made"` // rows added, by table: JSON, or empty
	MAC     []byte        `bun:"mac"`
	Seq     *int64        `bun:"seq"`
	Hash    []byte        `bun:"hash,nullzero"`
}

// Sealer makes keyed seals; the key never stands in the database.
type Sealer interface {
	MAC(label string, parts ...[]byte) []byte
}

// Log is the audit trail of a database.
type Log struct {
	db     *db.DB
	sealer Sealer
	ids    *id.Maker
	now    func() time.Time
	rows   []Rows

	mu       sync.Mutex
	waiting  []*reader
	draining bool
}

// New opens the trail of a database.
func New(d *db.DB, sealer Sealer, ids *id.Maker, now func() time.Time) *Log {
	return &Log{db: d, sealer: sealer, ids: ids, now: now}
}

// Write runs fn in a write transaction and records the change it returns in the
// same transaction. It is all or nothing.
func (l *Log) Write(ctx context.Context, actor access.Actor, action Action, fn func(ctx context.Context, tx db.Tx) (Change, error)) error {
	err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		c, err := fn(ctx, tx)
		if err != nil {
			return err
		}
		if c == Nothing {
			return errNothing
		}
		e, err := l.entry(actor, action, c, l.made(tx))
		if err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(e).Exec(ctx)
		return err
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

var errNothing = errors.New("nothing changed")

// entry makes the sealed line of a change that added rows.
func (l *Log) entry(actor access.Actor, action Action, c Change, made map[string]int64) (*Entry, error) {
	detail := []byte("{}")
	if c.Detail != nil {
		var err error
		if detail, err = json.Marshal(c.Detail); err != nil {
			return nil, fmt.Errorf("audit detail of %s: %w", action.Code, err)
		}
	}
	e := &Entry{
		ID: l.ids.New(), At: civil.At(l.now()), ActorID: actor.User, Actor: actor.Name, Via: actor.Via,
		Action: action.Code, Label: action.Label, Kind: c.Kind, Subject: c.Subject, Region: c.Region,
		Purpose: c.Purpose, Detail: string(detail),
	}
	if len(made) > 0 {
		text, err := json.Marshal(made)
		if err != nil {
			return nil, fmt.Errorf("audit rows of %s: %w", action.Code, err)
		}
		e.Made = string(text)
	}
	e.MAC = l.seal(e)
	return e, nil
}

// seal returns the seal over all that an entry says.
func (l *Log) seal(e *Entry) []byte {
	parts := [][]byte{
		number(int64(e.ID)), number(int64(e.At)), number(int64(e.ActorID)),
		[]byte(e.Actor), []byte(e.Via), []byte(e.Action), []byte(e.Label), []byte(e.Kind), []byte(e.Subject),
		[]byte(e.Region), []byte(e.Purpose), []byte(e.Detail),
	}
	if e.Made != "" { // entries of before have no such part
		parts = append(parts, []byte(e.Made))
	}
	return l.sealer.MAC("audit.entry", parts...)
}

func number(v int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(v)) }
