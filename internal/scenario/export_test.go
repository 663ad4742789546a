package scenario

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"testing"

	"yian/internal/db/dbtest"
	"yian/internal/errs"
)

// TestExportAddsUp reads an exported file back: the places of an item add up to its total.
func TestExportAddsUp(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 2000), author(1, "1410")
	made, err := h.Create(t.Context(), me, older())
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() ([]byte, error){"csv": made.CSV, "xlsx": made.XLSX} {
		if _, err := f(); !errs.Is(err, errs.Conflict) {
			t.Errorf("%s of what was not counted: %v", name, err)
		}
	}
	ran, err := h.Run(t.Context(), me, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ran.CSV()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const id, place, lose, month = 0, 2, 4, 9
	total, sum := map[string]int{}, map[string]int{}
	var yuan float64
	for _, r := range rows[1:] {
		n, err := strconv.Atoi(r[lose])
		if err != nil {
			t.Fatal(err)
		}
		if r[place] == "合计" {
			total[r[id]] = n
			m, err := strconv.ParseFloat(r[month], 64)
			if err != nil {
				t.Fatal(err)
			}
			yuan += m
		} else {
			sum[r[id]] += n
		}
	}
	if len(total) != len(ran.Outcome.Items) || total["old-age-allowance"] == 0 {
		t.Errorf("%d items are exported", len(total))
	}
	for item, n := range total {
		if sum[item] != n {
			t.Errorf("%s: the places lose %d, all %d", item, sum[item], n)
		}
	}
	if want := float64(ran.Outcome.Total().After.Month()) / 100; yuan < want-1 || yuan > want+1 {
		t.Errorf("the months cost %.2f, want %.2f", yuan, want)
	}
	if b, err := ran.XLSX(); err != nil || !bytes.HasPrefix(b, []byte("PK")) {
		t.Errorf("no workbook (%v)", err)
	}
}
