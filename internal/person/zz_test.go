package person

import (
	"fmt"
	"testing"

	"yian/internal/db/dbtest"
)

func TestZZ(t *testing.T) {
	in := people(t, 50_000)
	for range 3 {
		for _, drop := range []string{"SELECT 1", "DROP INDEX person_birth"} {
			d := dbtest.Postgres(t)
			if _, err := d.Writer().Exec(drop); err != nil {
				t.Fatal(err)
			}
			k := newKit(t, d)
			p, w := k.load(t, in, 5000)
			fmt.Println("pg", p, w, drop)
		}
	}
}
