package signin_test

import (
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account/accounttest"
	"yian/internal/db"
	"yian/internal/db/dbtest"
)

// BenchmarkBySignIn is what each request costs before its handler runs.
func BenchmarkBySignIn(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			k := accounttest.New(b, open(b), accounttest.Config(), time.Now)
			u := accounttest.User(b, k.SignIns, access.Officer, "141002")
			passed, err := k.SignIns.Login(b.Context(), u.Login, accounttest.Password, home)
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := k.SignIns.BySignIn(b.Context(), passed.SignIn); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
