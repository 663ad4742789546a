package entitlement

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"yian/internal/db"
	"yian/internal/region"
)

// Kind (结果种类) tells whether something is said of an item or of a tag.
type Kind string

// The kinds. Everyone counts people.
const (
	OfItem   Kind = "item"
	OfTag    Kind = "tag"
	Everyone Kind = "people"
)

// countKey names a number.
type countKey struct {
	region region.Code
	kind   Kind
	item   string
}

// counted is how many people more have something.
type counted struct{ yes, unknown int64 }

// counts are changes of numbers.
type counts map[countKey]*counted

func (c counts) at(k countKey) *counted {
	n := c[k]
	if n == nil {
		n = &counted{}
		c[k] = n
	}
	return n
}

// add adds a result to the numbers of its place, or with by = -1 takes it away.
func (c counts) add(r *row, b *Basis, by int64) {
	c.at(countKey{r.region, Everyone, ""}).yes += by
	r.Yes.each(func(i int) { c.at(countKey{r.region, OfItem, b.Items[i]}).yes += by })
	r.Unknown.each(func(i int) { c.at(countKey{r.region, OfItem, b.Items[i]}).unknown += by })
	r.Tags.each(func(i int) { c.at(countKey{r.region, OfTag, Tags[i].ID}).yes += by })
	r.TagsUnknown.each(func(i int) { c.at(countKey{r.region, OfTag, Tags[i].ID}).unknown += by })
}

// countRow is a row of table entitlement_count.
type countRow struct {
	bun.BaseModel `bun:"table:entitlement_count,alias:c"`

	Region  region.Code `bun:"region_code,pk"`
	Kind    Kind        `bun:",pk"`
	Item    string      `bun:",pk"`
	Yes     int64
	Unknown int64
}

// save adds the changes to what is stored. The shards of the places are locked.
func (c counts) save(ctx context.Context, tx db.Tx) error {
	rows := make([]countRow, 0, len(c))
	for k, n := range c {
		if *n != (counted{}) {
			rows = append(rows, countRow{Region: k.region, Kind: k.kind, Item: k.item, Yes: n.yes, Unknown: n.unknown})
		}
	}
	slices.SortFunc(rows, func(a, b countRow) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Item, b.Item))
	})
	for part := range slices.Chunk(rows, 500) {
		_, err := tx.NewInsert().Model(&part).On("CONFLICT (region_code, kind, item) DO UPDATE").
			Set("yes = c.yes + EXCLUDED.yes, unknown = c.unknown + EXCLUDED.unknown").Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
