package id_test

import (
	"encoding/json"
	"testing"
	"time"

	"yian/internal/id"
)

func TestNumbersGrowAndNeverRepeat(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	m := id.NewMaker(func() time.Time { return now })
	last := id.ID(0)
	for i := range 20_000 {
		if i == 10_000 {
			now = now.Add(-time.Hour) // a clock set back
		}
		n := m.New()
		if n <= last {
			t.Fatalf("%d after %d", n, last)
		}
		last = n
	}
	if d := id.At(now.Add(time.Hour)); d > last {
		t.Errorf("%s is not before what was made then", d)
	}
}

func TestTimeOfANumber(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 5e6, time.UTC)
	n := id.NewMaker(func() time.Time { return now }).New()
	if !n.Time().Equal(now) {
		t.Errorf("got %v, want %v", n.Time(), now)
	}
	if id.At(now) > n || id.At(now.Add(time.Millisecond)) <= n {
		t.Error("At does not bound it")
	}
}

func TestText(t *testing.T) {
	n := id.NewMaker(time.Now).New()
	if len(n.String()) > 12 {
		t.Errorf("%q is long", n)
	}
	var back struct{ ID, None id.ID }
	text, err := json.Marshal(map[string]any{"ID": n, "None": id.ID(0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &back); err != nil || back.ID != n || back.None != 0 {
		t.Errorf("%s came back as %v (%v)", text, back, err)
	}
	for _, bad := range []string{"", "0", "-5", "a b", "zzzzzzzzzzzzzzzz", "é"} {
		if _, err := id.Parse(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
