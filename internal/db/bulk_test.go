package db_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
)

const wideTable = `CREATE TABLE wide (
	id {id}, small INTEGER, big BIGINT, yes BOOLEAN, name TEXT, code {key}, cipher {bytes}, on_day {date}, share DOUBLE PRECISION)`

var wideColumns = []string{"id", "small", "big", "yes", "name", "code", "cipher", "on_day", "share"}

// each yields rows through one slice, as a reader of files would.
func each(rows [][]any, fail error) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		var reused []any
		for _, r := range rows {
			reused = append(reused[:0], r...)
			if !yield(reused, nil) {
				return
			}
		}
		if fail != nil {
			yield(nil, fail)
		}
	}
}

// wideRow draws a row of values and NULLs, zero and empty ones among them.
func wideRow(id int) *rapid.Generator[[]any] {
	return rapid.Custom(func(t *rapid.T) []any {
		row := []any{
			int64(id),
			int64(rapid.Int32().Draw(t, "small")),
			rapid.Int64().Draw(t, "big"),
			rapid.Bool().Draw(t, "yes"),
			rapid.StringOfN(rapid.RuneFrom([]rune("王a'\"?$\\ \n𠮷")), 0, 6, -1).Draw(t, "name"),
			rapid.StringMatching(`[0-9]{0,12}`).Draw(t, "code"),
			rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "cipher"),
			civil.Date(rapid.Int32Range(1, int32(civil.New(9999, 12, 31))).Draw(t, "day")),
			rapid.Float64Range(-1e9, 1e9).Draw(t, "share"),
		}
		for i := 1; i < len(row); i++ {
			if rapid.IntRange(0, 3).Draw(t, "null") == 0 {
				row[i] = nil
			}
		}
		return row
	})
}

// streamed reads all of wide but the share, in the words of fmt.
func streamed(t testing.TB, d *db.DB) []string {
	t.Helper()
	var got []string
	err := d.Stream(t.Context(), "SELECT id, small, big, yes, name, code, cipher, on_day FROM wide ORDER BY id", nil, func(r db.Row) error {
		var b strings.Builder
		for i := range 4 {
			v, ok := r.Int(i)
			fmt.Fprintf(&b, "%d %v|", v, ok)
		}
		for i := 4; i < 7; i++ {
			fmt.Fprintf(&b, "%q %v|", r.Text(i), r.Text(i) == nil)
		}
		got = append(got, b.String()+r.Date(7).String())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wanted(rows [][]any) []string {
	want := make([]string, len(rows))
	for k, row := range rows {
		var b strings.Builder
		for i := range 4 {
			v := row[i]
			if v == true {
				v = 1
			} else if v == false || v == nil {
				v = 0
			}
			fmt.Fprintf(&b, "%d %v|", v, row[i] != nil)
		}
		for i := 4; i < 7; i++ {
			v := row[i]
			if v == nil {
				v = ""
			}
			fmt.Fprintf(&b, "%q %v|", v, row[i] == nil)
		}
		day, _ := row[7].(civil.Date)
		want[k] = b.String() + day.String()
	}
	return want
}

func TestBulkIsWhatStreamGivesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, wideTable)
		rapid.Check(t, func(rt *rapid.T) {
			write(t, d, "DELETE FROM wide")
			rows := make([][]any, rapid.IntRange(0, 25).Draw(rt, "rows"))
			for i := range rows {
				rows[i] = wideRow(i).Draw(rt, "row")
			}
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				n, err := tx.Bulk(ctx, "wide", wideColumns, each(rows, nil))
				if n != int64(len(rows)) {
					rt.Errorf("%d rows loaded, want %d", n, len(rows))
				}
				return err
			})
			if err != nil {
				rt.Fatal(err)
			}
			if got, want := streamed(t, d), wanted(rows); !slices.Equal(got, want) {
				rt.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if n := number(t, d, "SELECT count(share) FROM wide"); n != int64(len(slices.DeleteFunc(rows, func(r []any) bool { return r[8] == nil }))) {
				rt.Fatalf("%d shares", n)
			}
		})
	})
}

func TestBulkIsPartOfItsTransaction(t *testing.T) {
	refused := errors.New("line 3 is wrong")
	rows := [][]any{{int64(1), "a"}, {int64(2), "b"}}
	for name, tc := range map[string]struct {
		rows iter.Seq2[[]any, error]
		is   func(error) bool
	}{
		"rows fail":       {each(rows, refused), func(err error) bool { return errors.Is(err, refused) }},
		"the same key":    {each(append(rows, rows[0]), nil), db.IsUnique},
		"a short row":     {each(append(rows, []any{int64(3)}), nil), func(err error) bool { return err != nil }},
		"a foreign value": {each(append(rows, []any{struct{}{}, "c"}), nil), func(err error) bool { return err != nil }},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				makeTables(t, d, wideTable)
				err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					if _, err := tx.NewRaw("INSERT INTO wide (id) VALUES (9)").Exec(ctx); err != nil {
						return err
					}
					_, err := tx.Bulk(ctx, "wide", []string{"id", "name"}, tc.rows)
					return err
				})
				if err == nil || !tc.is(err) || !strings.Contains(err.Error(), "wide") {
					t.Errorf("error %v", err)
				}
				if n := number(t, d, "SELECT count(*) FROM wide"); n != 0 {
					t.Errorf("%d rows stay", n)
				}
				err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					n, err := tx.Bulk(ctx, "wide", []string{"id", "name"}, each(rows, nil))
					if n != 2 {
						t.Errorf("%d rows after it", n)
					}
					return err
				})
				if err != nil {
					t.Errorf("after it: %v", err)
				}
			})
		})
	}
}

func TestStreamSaysWhatIsWrong(t *testing.T) {
	refused := errors.New("enough")
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, wideTable+`; INSERT INTO wide (id, name, on_day) VALUES (1, '甲', '1943-01-15'), (2, '乙', NULL)`)
		for name, tc := range map[string]struct {
			query string
			each  func(db.Row) error
			want  string
		}{
			"a number of a text": {"SELECT name FROM wide", func(r db.Row) error { r.Int(0); return nil }, "name is not a whole number"},
			"a text of a number": {"SELECT id FROM wide", func(r db.Row) error { r.Text(0); return nil }, "id is not text"},
			"a date of a text":   {"SELECT name FROM wide", func(r db.Row) error { r.Date(0); return nil }, "name is not a date"},
			"no such column":     {"SELECT nobody FROM wide", func(db.Row) error { return nil }, "nobody"},
			"its reader":         {"SELECT id FROM wide", func(db.Row) error { return refused }, refused.Error()},
		} {
			if err := d.Stream(t.Context(), tc.query, nil, tc.each); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: %v, want %q", name, err, tc.want)
			}
		}
		var names []string
		err := d.Stream(t.Context(), "SELECT name FROM wide WHERE id >= $1 AND name <> $2 ORDER BY id", []any{int64(1), "乙"}, func(r db.Row) error {
			names = append(names, string(r.Text(0)))
			return nil
		})
		if err != nil || !slices.Equal(names, []string{"甲"}) {
			t.Errorf("with arguments: %v, %v", names, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Stream(ctx, "SELECT id FROM wide", nil, func(db.Row) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end of its context: %v", err)
		}
	})
}

func TestStreamSeesOneMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		makeTables(t, d, wideTable+"; INSERT INTO wide (id) VALUES (1), (2), (3)")
		n := 0
		err := d.Stream(t.Context(), "SELECT id FROM wide ORDER BY id", nil, func(db.Row) error {
			if n++; n == 1 {
				write(t, d, "INSERT INTO wide (id) VALUES (4)", "DELETE FROM wide WHERE id = 3")
			}
			return nil
		})
		if err != nil || n != 3 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}
