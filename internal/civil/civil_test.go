package civil

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(t *testing.T, s string) Date {
	t.Helper()
	d, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"1943-01-15": "1943-01-15", "1943/1/5": "1943-01-05", "1943/01/15": "1943-01-15",
		"2000-02-29": "2000-02-29", "0001-01-01": "0001-01-01", "9999-12-31": "9999-12-31",
	} {
		if got := day(t, in).String(); got != want {
			t.Errorf("Parse(%q) = %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "1943", "1943-1-5", "1943-13-01", "1943-02-29", "1943-01-32", "1943-01-00", "0000-01-01", "1943-01/15", "19430115", "1943-01-15x", "１943-01-1", "-943-01-15", "1900-02-29"} {
		if d, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", in, d)
		}
	}
}

func TestDateAgreesWithTime(t *testing.T) {
	for d := New(1599, 12, 30); d < New(2405, 1, 2); d++ {
		want := time.Unix(int64(d-epoch)*86400, 0).UTC()
		y, m, dd := d.Date()
		if y != want.Year() || m != want.Month() || dd != want.Day() {
			t.Fatalf("day %d is %04d-%02d-%02d, want %s", d, y, m, dd, want.Format(time.DateOnly))
		}
		if ordinal(y, int(m), dd) != d {
			t.Fatalf("ordinal(%d,%d,%d) = %d, want %d", y, m, dd, ordinal(y, int(m), dd), d)
		}
	}
}

func TestAge(t *testing.T) {
	for _, tc := range []struct {
		birth, on string
		want      int
	}{
		{"1943-06-30", "2023-06-29", 79},
		{"1943-06-30", "2023-06-30", 80},
		{"1944-02-29", "2024-02-28", 79},
		{"1944-02-29", "2024-02-29", 80},
		{"1944-02-29", "2025-02-28", 80},
		{"1944-02-29", "2025-03-01", 81},
		{"1943-12-31", "2024-01-01", 80},
		{"2024-01-02", "2024-01-01", -1},
	} {
		if got := Age(day(t, tc.birth), day(t, tc.on)); got != tc.want {
			t.Errorf("Age(%s, %s) = %d, want %d", tc.birth, tc.on, got, tc.want)
		}
	}
}

func TestAgeBirthdayAndCutoffAgree(t *testing.T) {
	anyDay := rapid.Int32Range(int32(New(1880, 1, 1)), int32(New(2110, 12, 31)))
	rapid.Check(t, func(t *rapid.T) {
		birth, on := Date(anyDay.Draw(t, "birth")), Date(anyDay.Draw(t, "on"))
		n := rapid.IntRange(0, 130).Draw(t, "n")
		if rapid.Bool().Draw(t, "leap day") {
			birth = New(1880+4*rapid.IntRange(0, 30).Draw(t, "y"), 2, 29)
		}
		old := Age(birth, on) >= n
		if by := birth <= LatestBirth(n, on); by != old {
			t.Fatalf("born %s, on %s: age >= %d is %v, by cut-off %v", birth, on, n, old, by)
		}
		if by := on >= Birthday(birth, n); by != old {
			t.Fatalf("born %s, on %s: age >= %d is %v, by birthday %v", birth, on, n, old, by)
		}
	})
}

func TestEndOfMonth(t *testing.T) {
	for in, want := range map[string]string{"2024-02-01": "2024-02-29", "2023-02-28": "2023-02-28", "2024-12-31": "2024-12-31"} {
		if got := day(t, in).EndOfMonth().String(); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1943-01-15")
	f.Add("1943/1/5")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(d.String())
		if err != nil || again != d {
			t.Fatalf("Parse(%q) = %s, which reads back as %s, %v", s, d, again, err)
		}
	})
}
