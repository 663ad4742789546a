package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
)

// Problem is a place where the database does not say what was written to it.
type Problem struct {
	Table   string // audit_entry, person …
	Row     string
	Message string // Chinese
}

// Rows is how a module lets its sealed rows be verified: it calls report for each
// row whose seal does not fit and returns how many rows it looked at.
type Rows struct {
	Table string
	// Lasting says that rows are added by db.Tx.Bulk alone and never removed: the trail
	// counts them, and Verify finds that some are gone.
	Lasting bool
	Check   func(ctx context.Context, report func(row, message string)) (n int64, err error)
}

// Register adds the rows of a module to what Verify looks at. It is called while
// the program is put together.
func (l *Log) Register(r Rows) { l.rows = append(l.rows, r) }

// Report is the outcome of a verification.
type Report struct {
	Entries  int64 // entries looked at
	Waiting  int64 // of them not chained yet
	Rows     map[string]int64
	Head     string
	Problems []Problem
	More     int64 // problems beyond the first thousand

	made map[string]int64 // rows that the entries say were added
}

// OK reports whether nothing was found.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(table, row, message string) {
	if len(r.Problems) == 1000 {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{Table: table, Row: row, Message: message})
}

// Verify recomputes every seal and the chain. noted is a head that was noted
// before, or empty: the chain must still pass through it.
func (l *Log) Verify(ctx context.Context, noted string) (*Report, error) {
	r := &Report{Rows: map[string]int64{}, made: map[string]int64{}}
	if err := l.verifyChain(ctx, r, noted); err != nil {
		return nil, err
	}
	if err := l.verifyWaiting(ctx, r); err != nil {
		return nil, err
	}
	for _, rows := range l.rows {
		n, err := rows.Check(ctx, func(row, message string) { r.add(rows.Table, row, message) })
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", rows.Table, err)
		}
		r.Rows[rows.Table] = n
		if gone := r.made[rows.Table] - n; rows.Lasting && gone > 0 {
			r.add(rows.Table, "", fmt.Sprintf("按审计记录至少应有 %d 行，现有 %d 行：有 %d 行被删除", r.made[rows.Table], n, gone))
		}
	}
	return r, nil
}

// count adds the rows that an entry says were added.
func (r *Report) count(e *Entry) {
	if e.Made == "" {
		return
	}
	var made map[string]int64
	if err := json.Unmarshal([]byte(e.Made), &made); err != nil {
		return // its seal does not fit either
	}
	for table, n := range made {
		r.made[table] += n
	}
}

// made returns how many rows a transaction added to tables that only grow.
func (l *Log) made(tx db.Tx) map[string]int64 {
	var made map[string]int64
	for _, rows := range l.rows {
		if n := tx.Loaded()[rows.Table]; n > 0 && rows.Lasting {
			if made == nil {
				made = map[string]int64{}
			}
			made[rows.Table] = n
		}
	}
	return made
}

func (l *Log) verifyChain(ctx context.Context, r *Report, noted string) error {
	var end head
	met := noted == "" || noted == "0:"
	for {
		var entries []Entry
		err := l.db.NewSelect().Model(&entries).Where("seq > ?", end.Seq).Order("seq").Limit(5000).Scan(ctx)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			break
		}
		for i := range entries {
			e := &entries[i]
			r.Entries++
			r.count(e)
			if missing := *e.Seq - end.Seq - 1; missing > 0 {
				r.add("audit_entry", "", fmt.Sprintf("第 %d 号之后缺 %d 条", end.Seq, missing))
			}
			switch {
			case !bytes.Equal(e.MAC, l.seal(e)):
				r.add("audit_entry", e.ID.String(), fmt.Sprintf("第 %d 号的内容被改动", *e.Seq))
			case *e.Seq == end.Seq+1 && !bytes.Equal(e.Hash, l.link(end.Hash, *e.Seq, e.MAC)):
				r.add("audit_entry", e.ID.String(), fmt.Sprintf("第 %d 号与前一号接不上", *e.Seq))
			}
			end.Seq, end.Hash = *e.Seq, e.Hash
			met = met || fmt.Sprintf("%d:%x", end.Seq, end.Hash) == noted
		}
	}
	if !met {
		r.add("audit_head", "", "审计链不经过给出的链头 "+shorten(noted)+"：记录在那以后被替换或截去")
	}
	return l.verifyHead(ctx, r, end)
}

func (l *Log) verifyHead(ctx context.Context, r *Report, end head) error {
	h := new(head)
	err := l.db.NewSelect().Model(h).Where("id = 1").Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if end.Seq > 0 {
			r.add("audit_head", "1", "链头缺失")
		}
		return nil
	case err != nil:
		return err
	}
	r.Head = fmt.Sprintf("%d:%x", h.Seq, h.Hash)
	if !bytes.Equal(h.MAC, l.sealHead(h)) {
		r.add("audit_head", "1", "链头被改动")
	}
	// Entries sealed while the chain was read are beyond what was read, not missing.
	if h.Seq < end.Seq || h.Seq == end.Seq && !bytes.Equal(h.Hash, end.Hash) {
		r.add("audit_head", "1", "链头与最后一条记录不符")
	}
	if h.Seq > end.Seq {
		n, err := l.db.NewSelect().Model((*Entry)(nil)).Where("seq > ?", end.Seq).Count(ctx)
		if err != nil {
			return err
		}
		if missing := h.Seq - end.Seq - int64(n); missing > 0 {
			r.add("audit_entry", "", fmt.Sprintf("末尾缺 %d 条", missing))
		}
	}
	return nil
}

// verifyWaiting looks at the entries that are not chained yet.
func (l *Log) verifyWaiting(ctx context.Context, r *Report) error {
	after := id.ID(0)
	for {
		var entries []Entry
		if err := l.db.NewSelect().Model(&entries).Where("seq IS NULL").Where("id > ?", after).Order("id").Limit(5000).Scan(ctx); err != nil {
			return err
		}
		if len(entries) == 0 {
			return nil
		}
		for i := range entries {
			e := &entries[i]
			r.Entries++
			r.Waiting++
			r.count(e)
			switch {
			case !bytes.Equal(e.MAC, l.seal(e)):
				r.add("audit_entry", e.ID.String(), "未封存的记录被改动，或不是本系统写入的")
			case e.At < civil.At(l.now().Add(-late)):
				r.add("audit_entry", e.ID.String(), "写入已久仍未封存，请检查后台任务是否在运行")
			}
			after = e.ID
		}
	}
}

func shorten(s string) string {
	if seq, hash, ok := strings.Cut(s, ":"); ok && len(hash) > 8 {
		return seq + ":" + hash[:8] + "…"
	}
	return s
}
