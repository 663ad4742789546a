package person

import (
	"context"
	"slices"
	"testing"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
)

func TestReachGivesPhonesAndNoNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		one := k.create(t, "王秀兰", "14100219400115002", "residence", "141002001")
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			scope := actor(access.VillageWorker, "141002001").Scope(access.EntitlementReach)
			p, err := k.Reach(ctx, tx, scope, one.ID)
			if err != nil {
				return err
			}
			want := draft("王秀兰", "14100219400115002")
			if !slices.Equal(p.Phones, want.Phones) || !slices.Equal(p.Contacts, want.Contacts) || len(p.Phones)+len(p.Contacts) == 0 {
				t.Errorf("phones %v, contacts %v", p.Phones, p.Contacts)
			}
			if p.Number == want.Number || p.Number != one.Number {
				t.Error("the number is not masked")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, scope := range map[string]access.Scope{
			"another place": actor(access.VillageWorker, "141021001").Scope(access.EntitlementReach), "nowhere": {},
		} {
			if _, err := k.Reach(t.Context(), d, scope, one.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
