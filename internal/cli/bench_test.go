package cli

import (
	"context"
	"io"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// BenchmarkEvaluate reads a file of people, decides every item and, in the second
// case, writes the results.
func BenchmarkEvaluate(b *testing.B) {
	const people = 300_000
	dir := b.TempDir()
	in := filepath.Join(dir, "people.csv")
	run := func(args ...string) {
		e := &env{ctx: context.Background(), stdout: io.Discard, stderr: io.Discard, now: time.Now, workers: runtime.GOMAXPROCS(0), library: library}
		if code := e.main(args); code != 0 {
			b.Fatalf("%v: code %d", args, code)
		}
	}
	run("synth", "--region", "1410", "--elders", "300000", "-o", in)
	for name, more := range map[string][]string{"count": nil, "csv": {"-o", filepath.Join(dir, "r.csv")}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run(append([]string{"evaluate", "--list", "linfen-2023", "--at", "2024-06-30", in}, more...)...)
			}
			b.ReportMetric(float64(b.N)*people/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
