package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
)

// head is how far the chain goes.
type head struct {
	bun.BaseModel `bun:"table:audit_head"`

	ID   id.ID  `bun:",pk"` // always 1
	Seq  int64  `bun:"seq"`
	Hash []byte `bun:"hash"`
	MAC  []byte `bun:"mac"`
}

// batch is how many entries one transaction chains.
const batch = 2000

// Seal chains the entries that are not chained yet and returns how many they were.
// Several processes may call it; the row of the head makes them take turns.
func (l *Log) Seal(ctx context.Context) (total int, err error) {
	for {
		n := 0
		err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			n, err = l.sealBatch(ctx, tx)
			return err
		})
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}

func (l *Log) sealBatch(ctx context.Context, tx db.Tx) (int, error) {
	h, found, err := l.lockHead(ctx, tx)
	if err != nil {
		return 0, err
	}
	var entries []Entry
	if err := tx.NewSelect().Model(&entries).Where("seq IS NULL").Order("id").Limit(batch).Scan(ctx); err != nil {
		return 0, err
	}
	if len(entries) == 0 {
		return 0, nil
	}
	from := h.Seq
	for i := range entries {
		e := &entries[i]
		if !bytes.Equal(e.MAC, l.seal(e)) {
			continue // altered or added by hand: it stays outside the chain, and Verify tells
		}
		h.Seq++
		h.Hash = l.link(h.Hash, h.Seq, e.MAC)
		if _, err := tx.NewUpdate().Model(e).Set("seq = ?", h.Seq).Set("hash = ?", h.Hash).WherePK().Exec(ctx); err != nil {
			return 0, err
		}
	}
	h.ID, h.MAC = 1, l.sealHead(h)
	if found {
		_, err = tx.NewUpdate().Model(h).WherePK().Exec(ctx)
	} else {
		_, err = tx.NewInsert().Model(h).Exec(ctx)
	}
	return int(h.Seq - from), err
}

// lockHead reads the head so that other processes wait; found is false before the
// first sealing, when the primary key lets only one process insert it.
func (l *Log) lockHead(ctx context.Context, tx db.Tx) (h *head, found bool, err error) {
	h = new(head)
	err = db.ForUpdate(tx.NewSelect().Model(h).Where("id = 1")).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return new(head), false, nil
	case err != nil:
		return nil, false, err
	case !bytes.Equal(h.MAC, l.sealHead(h)):
		return nil, false, errors.New("the head of the audit chain was altered")
	}
	return h, true, nil
}

func (l *Log) link(previous []byte, seq int64, mac []byte) []byte {
	return l.sealer.MAC("audit.chain", previous, number(seq), mac)
}

func (l *Log) sealHead(h *head) []byte { return l.sealer.MAC("audit.head", number(h.Seq), h.Hash) }

// Head returns the end of the chain as text, to be noted outside the database.
func (l *Log) Head(ctx context.Context) (string, error) {
	h := new(head)
	err := l.db.NewSelect().Model(h).Where("id = 1").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "0:", nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d:%s", h.Seq, hex.EncodeToString(h.Hash)), nil
}

// Fits returns an error if the chain was sealed with other keys: everything that
// is encrypted would be unreadable, and nothing that is written now would fit.
func (l *Log) Fits(ctx context.Context) error {
	h := new(head)
	err := l.db.NewSelect().Model(h).Where("id = 1").Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case !bytes.Equal(h.MAC, l.sealHead(h)):
		return errs.New(errs.Invalid, "密钥不是这个数据库的密钥（或审计链头被改动）：请放回原来的密钥文件，再重新启动。")
	}
	return nil
}

// late is after how long an entry that is not chained is worth a warning.
const late = 10 * time.Minute
