package export

import (
	"strings"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/xlsx"
)

// State (导出状态) is how far an export has come.
type State string

// The states.
const (
	Waiting State = "waiting"
	Ready   State = "ready"
	Failed  State = "failed"
	Expired State = "expired"
)

// Label returns the Chinese word for the state; "" for one that does not exist.
func (s State) Label() string {
	switch s {
	case Waiting:
		return "生成中"
	case Ready:
		return "可下载"
	case Failed:
		return "未完成"
	case Expired:
		return "已过期"
	}
	return ""
}

// Export (导出) is a list on its way out of the register.
type Export struct {
	bun.BaseModel `bun:"table:export,alias:e"`

	ID         id.ID         `bun:",pk"`
	Version    int64         `bun:"version"`
	User       id.ID         `bun:"user_id"`
	Region     region.Code   `bun:"region_code"`
	Regions    string        `bun:"regions"`
	State      State         `bun:"state"`
	Query      []byte        `bun:"query"`
	Columns    string        `bun:"columns"`
	Whole      bool          `bun:"whole"`
	Purpose    string        `bun:"purpose"`
	Total      int64         `bun:"total"`
	Written    int64         `bun:"written"`
	Last       id.ID         `bun:"last_id"`
	Pieces     int64         `bun:"pieces"`
	Progress   xlsx.Progress `bun:"progress"`
	Reason     string        `bun:"reason"`
	Attempts   int64         `bun:"attempts"`
	LeaseUntil civil.Instant `bun:"lease_until"`
	Fetched    int64         `bun:"fetched"`
	Created    civil.Instant `bun:"created_at"`
	Updated    civil.Instant `bun:"updated_at"`
	Expires    civil.Instant `bun:"expires_at"`
}

// columns returns the columns of the file.
func (e *Export) columns() []Column {
	var all []Column
	for key := range strings.FieldsSeq(e.Columns) {
		if c, ok := columnOf(key); ok {
			all = append(all, c)
		}
	}
	return all
}

// Labels returns the names of the columns of the file.
func (e *Export) Labels() []string {
	var all []string
	for _, c := range e.columns() {
		all = append(all, c.Label)
	}
	return all
}

// FileName is what the file is called when it is fetched.
func (e *Export) FileName() string {
	return "老年人名单-" + region.Name(e.Region) + "-" + e.Created.Day().String() + ".xlsx"
}
