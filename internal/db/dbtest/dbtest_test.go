package dbtest_test

import (
	"context"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
)

func TestEachIsEmptyMigratedAndApart(t *testing.T) {
	for range 2 {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			current, latest, err := d.Version(t.Context())
			if err != nil || current != latest || current == 0 {
				t.Fatalf("version %d of %d, %v", current, latest, err)
			}
			var n int
			if err := d.NewRaw("SELECT count(*) FROM session").Scan(t.Context(), &n); err != nil || n != 0 {
				t.Fatalf("%d sessions, %v: not empty", n, err)
			}
			err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.NewRaw("INSERT INTO session (token, data, expires_at) VALUES ('a', ?, 1)", []byte("x")).Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
