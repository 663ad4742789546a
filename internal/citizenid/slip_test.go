package citizenid

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
)

func TestSlipBetween(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want Slip
	}{
		{"11010519491231002X", "11010519491231002X", ""},
		{"11010519491231002X", "110105194912310046", SlipDigit}, // 2 → 4, check character follows
		{"11010519491231002X", "110105194912310021", SlipDigit}, // the check character alone
		{"110105194912310021", "110105194912310046", SlipDigit}, // one of them is not valid
		{"11010519491231002X", "110150194912310026", SlipSwap},
		{"11010519491231002X", "110105491231002", SlipGeneration},
		{"110105491231002", "11010519491231002X", SlipGeneration},
		{"110105491231002", "110105194912310046", SlipDigit},
		{"110105491231002", "110105491231004", SlipDigit},
		{"110105491231002", "110150491231002", SlipSwap},
		{"11010519491231002X", "110105194912310134", ""}, // two digits
		{"11010519491231002X", "11010519491231002", ""},
		{"E12345678", "E12345679", SlipDigit},
		{"E12345678", "E12354678", SlipSwap},
		{"E12345678", "E12345687", SlipSwap},
		{"E12345678", "G12345679", ""},
		{"E12345678", "E1234567", ""},
		{"", "1", ""},
	} {
		for range 2 {
			if got, ok := SlipBetween(tc.a, tc.b); got != tc.want || ok != (tc.want != "") {
				t.Errorf("SlipBetween(%q, %q) = %q, %v, want %q", tc.a, tc.b, got, ok, tc.want)
			}
			tc.a, tc.b = tc.b, tc.a
		}
	}
	for _, s := range []Slip{SlipDigit, SlipSwap, SlipGeneration} {
		if s.Label() == "" {
			t.Errorf("%s has no label", s)
		}
	}
}

func drawID(t *rapid.T) ID {
	day := civil.Date(rapid.Int32Range(int32(civil.New(1900, 1, 1)), int32(civil.New(2026, 11, 22))).Draw(t, "birth"))
	date := day.String()
	body := rapid.StringMatching(`[1-6][0-9]{5}`).Draw(t, "county") + date[:4] + date[5:7] + date[8:] +
		rapid.StringMatching(`[0-9]{3}`).Draw(t, "sequence")
	id, err := Parse(body + string(Checksum(body)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestNeighboursAreAll holds Neighbours to its definition: the valid ones among all
// numbers that differ in a digit or a pair, whatever their check character.
func TestNeighboursAreAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := drawID(t)
		got := Neighbours(id)
		if len(got) > MaxNeighbours {
			t.Fatalf("%s has %d neighbours", id, len(got))
		}
		for _, n := range got {
			if _, ok := SlipBetween(string(id), string(n)); !ok {
				t.Fatalf("%s is no slip of %s", n, id)
			}
		}
		var want []ID
		add := func(body string) {
			for _, last := range "0123456789X" {
				if n, err := Parse(body + string(last)); err == nil {
					want = append(want, n)
					if body[:17] != string(id[:17]) && n[17] == id[17] {
						t.Fatalf("%s and %s have the same check character", id, n)
					}
				}
			}
		}
		for i := range 17 {
			for d := '0'; d <= '9'; d++ {
				if body := string(id[:i]) + string(d) + string(id[i+1:17]); body != string(id[:17]) {
					add(body)
				}
			}
			if i < 16 && id[i] != id[i+1] {
				add(string(id[:i]) + string(id[i+1]) + string(id[i]) + string(id[i+2:17]))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%s has %d neighbours, want %d", id, len(got), len(want))
		}
		if len(slices.Compact(got)) != len(want) {
			t.Fatal("one is there twice")
		}
	})
}

func BenchmarkNeighbours(b *testing.B) {
	n := 0
	for b.Loop() {
		n = len(Neighbours("11010519491231002X"))
	}
	b.ReportMetric(float64(n), "neighbours")
}

func FuzzSlipBetween(f *testing.F) {
	f.Add("11010519491231002X", "110105491231002")
	f.Add("E12345678", "E12345687")
	f.Fuzz(func(t *testing.T, a, b string) {
		one, ok := SlipBetween(a, b)
		other, also := SlipBetween(b, a)
		if one != other || ok != also || ok && a == b {
			t.Fatalf("%q and %q: %q, the other way %q", a, b, one, other)
		}
	})
}
