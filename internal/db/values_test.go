package db_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
)

// elder has every type of value a model may have.
type elder struct {
	bun.BaseModel `bun:"table:elder"`

	ID     int64         `bun:",pk"`
	Birth  civil.Date    `bun:"birth,nullzero"`
	Death  *civil.Date   `bun:"death"`
	At     civil.Instant `bun:"at,nullzero"`
	Name   string
	Cipher []byte
	Alone  *bool
}

func TestModelsReadBack(t *testing.T) {
	death, yes := civil.New(2024, 2, 29), true
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, "CREATE TABLE elder (id {id}, birth {date}, death {date}, at BIGINT, name TEXT, cipher {bytes}, alone BOOLEAN)")
		want := []elder{
			{ID: 1},
			{
				ID: 2, Birth: civil.New(1943, 1, 15), Death: &death, At: civil.At(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)),
				Name: `王'"?0\`, Cipher: []byte{0, 255, '\''}, Alone: &yes,
			},
		}
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.NewInsert().Model(&want).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []elder
		if err := d.NewSelect().Model(&got).Order("id").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		if n := number(t, d, "SELECT count(*) FROM elder WHERE birth IS NULL AND death IS NULL AND at IS NULL AND alone IS NULL"); n != 1 {
			t.Errorf("%d rows of NULLs, want one", n)
		}
		if n := number(t, d, "SELECT count(*) FROM elder WHERE birth >= '1943-01-15' AND birth < '1943-01-16' AND CAST(birth AS TEXT) = '1943-01-15'"); n != 1 {
			t.Errorf("%d rows by the day, want one", n)
		}

		// The same with arguments that the driver binds.
		var one elder
		err = d.DB.DB.QueryRowContext(t.Context(), "SELECT id, birth, death, at FROM elder WHERE birth = $1 AND alone = $2", civil.New(1943, 1, 15), true).
			Scan(&one.ID, &one.Birth, &one.Death, &one.At)
		if err != nil || one.ID != 2 || one.Birth != want[1].Birth || *one.Death != death || one.At != want[1].At {
			t.Errorf("by arguments: %+v, %v", one, err)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.Tx.Tx.ExecContext(ctx, "UPDATE elder SET birth = $1, cipher = $2 WHERE id = $3", civil.Date(0), []byte("密"), 2)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := number(t, d, "SELECT count(*) FROM elder WHERE birth IS NULL AND length(cipher) = 3"); n != 1 {
			t.Errorf("%d rows after an update by arguments", n)
		}
	})
}

func TestKeysSortAsBytes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, "CREATE TABLE place (code {key}); INSERT INTO place (code) VALUES ('b'), ('A'), ('a'), ('B'), ('14'), ('1410'), ('141'), ('15')")
		var codes []string
		if err := d.NewRaw("SELECT code FROM place ORDER BY code").Scan(t.Context(), &codes); err != nil {
			t.Fatal(err)
		}
		if want := []string{"14", "141", "1410", "15", "A", "B", "a", "b"}; !reflect.DeepEqual(codes, want) {
			t.Errorf("sorted %v, want %v", codes, want)
		}
	})
}
