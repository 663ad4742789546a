package intake

import (
	"flag"
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
)

var benchRows = flag.Int("rows", 200_000, "people of the files of BenchmarkImport")

// BenchmarkImport tells how many rows a second each step takes. The clock of the
// service stands still, so that all is done in one turn.
func BenchmarkImport(b *testing.B) {
	file := elders(b, *benchRows, 7)
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				k := newKit(b, open(b), Limits{})
				var imp *Import
				rate := func(unit string, step func()) {
					start := time.Now()
					step()
					b.ReportMetric(float64(imp.Total)/time.Since(start).Seconds(), unit)
				}
				rate("read/s", func() { imp = k.upload(b, file) })
				rate("check/s", func() {
					imp = k.match(b, imp, Settings{Source: "eldercare", From: civil.New(2026, 6, 1), Mapping: imp.Mapping})
				})
				rate("commit/s", func() { imp = k.commit(b, imp) })
				if imp.Brought.Created != imp.Total {
					b.Fatalf("brought %+v", imp.Brought)
				}
				rate("again/s", func() {
					imp = k.commit(b, k.match(b, k.upload(b, file), Settings{Source: "eldercare", From: civil.New(2026, 6, 1), Mapping: imp.Mapping}))
				})
			}
		})
	}
}
