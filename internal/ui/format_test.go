package ui_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/money"
	"yian/internal/ui"
)

func TestUnknownIsNotZero(t *testing.T) {
	for got, want := range map[string]string{
		ui.Date(0):                         "—",
		ui.Date(civil.New(1943, 1, 5)):     "1943-01-05",
		ui.Instant(time.Time{}):            "—",
		ui.Instant(civil.Instant(0)):       "—",
		ui.Yuan(0):                         "0.00",
		ui.Number(0):                       "0",
		ui.Figures{math.NaN()}.Text(0):     "—",
		ui.Figures{0}.Text(0):              "0",
		ui.Figures{1}.Text(3):              "—",
		ui.Figures{-1234567.5}.Text(0):     "-1,234,567.5",
		ui.Yuan(-123_456):                  "-1,234.56",
		ui.Number(int64(math.MinInt64)):    "-9,223,372,036,854,775,808",
		ui.Yuan(money.Fen(184_620_050_00)): "184,620,050.00",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestInstantIsBeijingTime(t *testing.T) {
	utc := time.Date(2026, 12, 31, 16, 30, 0, 0, time.UTC)
	if a, b := ui.Instant(utc), ui.Instant(civil.At(utc)); a != "2027-01-01 00:30" || a != b {
		t.Errorf("got %s and %s", a, b)
	}
}

func TestNumberKeepsItsDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		got := ui.Number(n)
		for i, part := range strings.Split(strings.TrimPrefix(got, "-"), ",") {
			if len(part) > 3 || i > 0 && len(part) != 3 {
				t.Fatalf("%s is grouped wrongly", got)
			}
		}
		if plain := strings.ReplaceAll(got, ",", ""); plain != strconv.FormatInt(n, 10) {
			t.Fatalf("%d became %s", n, got)
		}
	})
}

func TestQuery(t *testing.T) {
	for _, c := range []struct {
		address string
		pairs   []string
		want    string
	}{
		{"/persons?name=%E7%8E%8B&after=7", []string{"after", "42"}, "/persons?after=42&name=%E7%8E%8B"},
		{"/persons?name=%E7%8E%8B&after=7", []string{"after", ""}, "/persons?name=%E7%8E%8B"},
		{"/persons?after=7", []string{"after", ""}, "/persons"},
		{"/persons?tag=a&tag=b", []string{"q", "1 & 2"}, "/persons?q=1+%26+2&tag=a&tag=b"},
		{"/persons", nil, "/persons"},
	} {
		got, err := ui.Query(c.address, c.pairs...)
		if err != nil || got != c.want {
			t.Errorf("Query(%s, %q) = %s, %v, want %s", c.address, c.pairs, got, err, c.want)
		}
	}
	if _, err := ui.Query("/persons", "after"); err == nil {
		t.Error("a name without a value is accepted")
	}
	if _, err := ui.Query("/persons?name=王秀兰%zz\x7f", "a", "1"); err == nil || strings.Contains(err.Error(), "王秀兰") {
		t.Errorf("the error tells the name, or there is none: %v", err)
	}
}
