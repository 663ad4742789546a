package signin

import (
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
)

// TestForgiveTakesBackItsOwnLockAlone: whoever succeeds while others lock the address
// does not open it again.
func TestForgiveTakesBackItsOwnLockAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, ctx := store{d}, t.Context()
		l := limits{most: 3, lock: 15 * time.Minute}
		locked := func(at civil.Instant) bool {
			t.Helper()
			state, by, err := st.try(ctx, at, counted{"address:x", l})
			if err != nil {
				t.Fatal(err)
			}
			return by != "" && state.Locked
		}
		own := civil.Instant(1_000_000)
		for at := own; at < own+3; at++ { // the first is the one that will succeed
			if locked(at) {
				t.Fatal("locked too early")
			}
		}
		if err := st.forgive(ctx, "login:x", "address:x", own); err != nil {
			t.Fatal(err)
		}
		if !locked(own + 3) {
			t.Error("the lock of others was taken back")
		}
		if err := st.forgive(ctx, "login:x", "address:x", own+2); err != nil {
			t.Fatal(err)
		}
		if locked(own + 3) {
			t.Error("the lock of the attempt itself was not taken back")
		}
	})
}
