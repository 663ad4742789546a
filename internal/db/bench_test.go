package db_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
)

// A row of the measurements is a person's facts: 30 columns, most of them small codes.
func benchColumns() []string {
	columns := []string{"id", "hukou", "residence", "birth"}
	for i := len(columns); i < 30; i++ {
		columns = append(columns, fmt.Sprintf("f%d", i))
	}
	return columns
}

func benchTable() string {
	return "CREATE TABLE facts (id {id}, hukou {key}, residence {key}, birth {date}, " +
		strings.Join(benchColumns()[4:], " SMALLINT, ") + " SMALLINT)"
}

func benchRows(from, n int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		row := make([]any, 30)
		for i := range n {
			row[0] = int64(from + i)
			row[1], row[2], row[3] = "141002001001", "141003002002", civil.New(1943, 1, 1+i%10000)
			for j := 4; j < len(row); j++ {
				if row[j] = nil; (i+j)%5 > 0 {
					row[j] = int64(i * j % 7)
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func benchEach(b *testing.B, run func(b *testing.B, d *db.DB)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, dbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { run(b, dbtest.Postgres(b)) })
}

const benchBatch = 20_000

func loadFacts(b *testing.B, d *db.DB, batches int) {
	b.Helper()
	for i := range batches {
		err := d.Write(b.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.Bulk(ctx, "facts", benchColumns(), benchRows(1+i*benchBatch, benchBatch))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBulk loads a batch of 20 000 rows of 30 columns in each round.
func BenchmarkBulk(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB) {
		makeTables(b, d, benchTable())
		b.ResetTimer()
		loadFacts(b, d, b.N)
		b.ReportMetric(float64(b.N*benchBatch)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkStream reads a million rows of 30 columns in each round, with every value.
func BenchmarkStream(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB) {
		makeTables(b, d, benchTable())
		loadFacts(b, d, 50)
		if err := d.Analyze(b.Context()); err != nil {
			b.Fatal(err)
		}
		query := "SELECT " + strings.Join(benchColumns(), ", ") + " FROM facts"
		rows := 0
		b.ReportAllocs()
		b.ResetTimer()
		for b.Loop() {
			sum := int64(0)
			err := d.Stream(b.Context(), query, nil, func(r db.Row) error {
				id, _ := r.Int(0)
				sum += id + int64(r.Text(1)[0]) + int64(r.Text(2)[0]) + int64(r.Date(3))
				for i := 4; i < 30; i++ {
					v, _ := r.Int(i)
					sum += v
				}
				rows++
				return nil
			})
			if err != nil || sum == 0 {
				b.Fatal(sum, err)
			}
		}
		b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkWrite commits one small row in each round, which is what a clerk waits for.
func BenchmarkWrite(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB) {
		makeTables(b, d, "CREATE TABLE note (id {id}, name TEXT)")
		b.ResetTimer()
		for i := range b.N {
			err := d.Write(b.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.NewRaw("INSERT INTO note (id, name) VALUES (?, ?)", i, "王桂英").Exec(ctx)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRead reads one row by its key in each round, through bun.
func BenchmarkRead(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB) {
		makeTables(b, d, "CREATE TABLE note (id {id}, name TEXT); INSERT INTO note (id, name) VALUES (1, '王桂英')")
		b.ResetTimer()
		for i := range b.N {
			var name string
			if err := d.NewRaw("SELECT name FROM note WHERE id = 1 AND id < ?", i+2).Scan(b.Context(), &name); err != nil {
				b.Fatal(err)
			}
		}
	})
}
