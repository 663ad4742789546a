package export

import (
	"testing"

	"yian/internal/db/dbtest"
)

// BenchmarkExport tells how many people a second are written to a file.
func BenchmarkExport(b *testing.B) {
	const n = 20_000
	k := newKit(b, dbtest.SQLite(b), Limits{})
	for i := range n / 2000 {
		k.registerFrom(b, i*2000, 2000)
	}
	b.ResetTimer()
	for b.Loop() {
		k.start(b, Order{Columns: Usual})
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "people/s")
}
