package intake

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/region"
)

// State (导入状态) is how far an import has come.
type State string

// The states.
const (
	Uploading  State = "uploading"
	Reading    State = "reading"
	Matching   State = "matching"
	Checking   State = "checking"
	Checked    State = "checked"
	Committing State = "committing"
	Done       State = "done"
	Failed     State = "failed"
	Stopped    State = "stopped"
	Cancelled  State = "cancelled"
)

// Label returns the Chinese word for the state; "" for one that does not exist.
func (s State) Label() string {
	switch s {
	case Uploading:
		return "上传中"
	case Reading:
		return "读取中"
	case Matching:
		return "待对应列"
	case Checking:
		return "试运行中"
	case Checked:
		return "待确认"
	case Committing:
		return "导入中"
	case Done:
		return "已完成"
	case Failed:
		return "文件有误"
	case Stopped:
		return "已中断"
	case Cancelled:
		return "已取消"
	}
	return ""
}

// Working reports whether a job is at it.
func (s State) Working() bool { return s == Reading || s == Checking || s == Committing }

// Ended reports whether nothing will become of the import any more.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Import (导入) is one file on its way into the register.
type Import struct {
	bun.BaseModel `bun:"table:intake,alias:i"`

	ID         id.ID          `bun:",pk"`
	Version    int64          `bun:"version"`
	User       id.ID          `bun:"user_id"`
	UserName   string         `bun:"user_name"`
	Region     region.Code    `bun:"region_code"`
	State      State          `bun:"state"`
	Back       State          `bun:"back"`
	Source     history.Source `bun:"source"`
	FileName   string         `bun:"file_name"`
	Upload     id.ID          `bun:"upload_id"`
	Pieces     int64          `bun:"pieces"`
	Bytes      int64          `bun:"bytes"`
	Format     string         `bun:"format"`
	Encoding   string         `bun:"encoding"`
	Head       []byte         `bun:"head,nullzero"`
	Mapping    Mapping        `bun:"mapping"`
	From       civil.Date     `bun:"from_on"`
	Place      region.Code    `bun:"place_code"`
	Total      int64          `bun:"total"`
	Blocks     int64          `bun:"blocks"`
	Next       int64          `bun:"next_block"`
	Checked    Counts         `bun:"checked"`
	Brought    Counts         `bun:"brought"`
	Reason     string         `bun:"reason"`
	Attempts   int64          `bun:"attempts"`
	LeaseUntil civil.Instant  `bun:"lease_until"`
	Purged     bool           `bun:"purged"`
	Created    civil.Instant  `bun:"created_at"`
	Updated    civil.Instant  `bun:"updated_at"`
}

// Counts (导入计数) is what became of rows, or would become of them.
type Counts struct {
	Rows      int64 `json:"rows"`
	Created   int64 `json:"created"`
	Changed   int64 `json:"changed"`
	Unchanged int64 `json:"unchanged"`
	Conflicts int64 `json:"conflicts"` // accepted rows that contradict a higher source
	Rejected  int64 `json:"rejected"`
}

// add counts an accepted row.
func (c *Counts) add(a *person.Applied) {
	switch a.Result {
	case person.Created:
		c.Created++
	case person.Changed:
		c.Changed++
	default:
		c.Unchanged++
	}
	if a.Conflicts != 0 {
		c.Conflicts++
	}
}

// plus returns the sum.
func (c Counts) plus(o Counts) Counts {
	return Counts{
		Rows: c.Rows + o.Rows, Created: c.Created + o.Created, Changed: c.Changed + o.Changed,
		Unchanged: c.Unchanged + o.Unchanged, Conflicts: c.Conflicts + o.Conflicts, Rejected: c.Rejected + o.Rejected,
	}
}

// Value implements driver.Valuer.
func (c Counts) Value() (driver.Value, error) { return text(c) }

// Scan implements sql.Scanner.
func (c *Counts) Scan(src any) error { return scan(src, c) }

// text is JSON as it stands in a column.
func text(v any) (driver.Value, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func scan(src, dst any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), dst)
	case []byte:
		return json.Unmarshal(v, dst)
	}
	return fmt.Errorf("intake: a %T is not JSON", src)
}

// Settings (导入设置) is what a user says of a file beside its columns.
type Settings struct {
	Source  history.Source
	From    civil.Date  // since when the facts hold, where a row does not say
	Place   region.Code // of people whose row names no place; empty: such rows are rejected
	Mapping Mapping
}

// Fault (行错误) is why a row is not accepted.
type Fault struct {
	Row    int    `json:"r"` // in its block
	Line   int    `json:"l"` // in the file
	Column string `json:"c,omitempty"`
	Value  string `json:"v,omitempty"` // masked
	Reason string `json:"m"`
}
