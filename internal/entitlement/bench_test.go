package entitlement

import (
	"context"
	"flag"
	"io/fs"
	"path"
	"testing"
	"time"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/synth"
	"yian/policies"
)

var benchPeople = flag.Int("people", 10000, "of benchmarks")

// populate makes the lists of the packs and invented people of a city.
func populate(b *testing.B, d *db.DB) *kit {
	b.Helper()
	k := newKit(b, d)
	k.portion, k.turn = portion, turn
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		b.Fatal(err)
	}
	err = k.Lists.Seed(b.Context(), lib.Packs(), func(p *pack.Pack) (list, tests []byte, err error) {
		list, err = fs.ReadFile(policies.FS, path.Join(p.Place, "list.yaml"))
		return list, nil, err
	})
	if err != nil {
		b.Fatal(err)
	}
	columns := []string{"id", "version", "region_code", "name", "initials", "document", "state", "state_source", "created_at", "updated_at", "seal", "birth", "hukou", "residence"}
	for _, f := range coded {
		columns = append(columns, f.String())
	}
	err = d.Write(b.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.Bulk(ctx, "person", columns, func(yield func([]any, error) bool) {
			more := true
			err := synth.Generate(synth.Options{Region: "1410", Elders: *benchPeople, Seed: 1, On: k.Today(), FromAge: 60, UnknownShare: synth.DefaultUnknown}, func(p *synth.Person) error {
				at := p.Facts.Residence
				if at == "" {
					at = p.Facts.Hukou
				}
				row := []any{int64(k.IDs.New()), int64(1), string(at), "王", "w", "", alive, "", int64(1), int64(1), []byte("x"), dayOrNull(p.Facts.Birth), nil, nil}
				for i, r := range []string{string(p.Facts.Hukou), string(p.Facts.Residence)} {
					if r != "" {
						row[12+i] = r
					}
				}
				for _, f := range coded {
					if c := p.Facts.Codes[f]; c != 0 {
						row = append(row, int64(c))
					} else {
						row = append(row, nil)
					}
				}
				more = more && yield(row, nil)
				return nil
			})
			if err != nil {
				yield(nil, err)
			}
		})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return k
}

// engines runs a benchmark on each engine, with its people.
func engines(b *testing.B, run func(b *testing.B, k *kit)) {
	b.Run("sqlite", func(b *testing.B) { run(b, populate(b, dbtest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { run(b, populate(b, dbtest.Postgres(b))) })
}

func (k *kit) all(b *testing.B) {
	b.Helper()
	if err := k.do(b.Context(), Nightly{}); err != nil {
		b.Fatal(err)
	}
	for len(k.queue) > 0 {
		for _, j := range k.queue {
			if err := k.do(b.Context(), j); err != nil {
				b.Fatal(err)
			}
		}
		k.queue = nil
		if err := k.Sweep(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirst judges everybody for the first time, on one worker.
func BenchmarkFirst(b *testing.B) {
	engines(b, func(b *testing.B, k *kit) {
		for b.Loop() {
			b.StopTimer()
			if err := k.DB.Write(b.Context(), func(ctx context.Context, tx db.Tx) error {
				for _, table := range []string{"entitlement", "entitlement_count", "entitlement_shard"} {
					if _, err := tx.NewRaw("DELETE FROM " + table).Exec(ctx); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			k.all(b)
		}
		b.ReportMetric(float64(*benchPeople)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
	})
}

// BenchmarkNight is the work of one night.
func BenchmarkNight(b *testing.B) {
	engines(b, func(b *testing.B, k *kit) {
		k.all(b)
		b.ResetTimer()
		for b.Loop() {
			k.pass(24 * time.Hour)
			k.all(b)
		}
	})
}

// BenchmarkOne judges one person.
func BenchmarkOne(b *testing.B) {
	engines(b, func(b *testing.B, k *kit) {
		k.all(b)
		var who id.ID
		if err := k.DB.NewRaw("SELECT max(id) FROM person").Scan(b.Context(), &who); err != nil {
			b.Fatal(err)
		}
		if err := k.DB.Write(b.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.NewRaw("UPDATE person SET income = 1, lives_alone = 1 WHERE id = ?", who).Exec(ctx)
			return err
		}); err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			if err := k.DB.Write(b.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.NewRaw("UPDATE person SET lives_alone = ? WHERE id = ?", 1+n%2, who).Exec(ctx)
				return err
			}); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if err := k.Recheck(b.Context(), []id.ID{who}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
