package civil

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateScan(t *testing.T) {
	want := day(t, "1943-01-15")
	for _, src := range []any{
		"1943-01-15", []byte("1943-01-15"),
		time.Date(1943, 1, 15, 0, 0, 0, 0, time.UTC),
		time.Date(1943, 1, 15, 23, 59, 0, 0, time.FixedZone("", -8*3600)),
	} {
		var d Date
		if err := d.Scan(src); err != nil || d != want {
			t.Errorf("Scan(%v) = %s, %v, want %s", src, d, err, want)
		}
	}
	d := want
	if err := d.Scan(nil); err != nil || d != 0 {
		t.Errorf("Scan(nil) = %s, %v, want no date", d, err)
	}
	for _, src := range []any{"", "1943-02-29", "1943/1/15", "1943-1-15", "1943-01-15T00:00:00Z", int64(3), true} {
		d := want
		if err := d.Scan(src); err == nil || d != want {
			t.Errorf("Scan(%v) = %s, %v, want an error and the day untouched", src, d, err)
		}
	}
}

func TestDateValueReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Date(rapid.Int32Range(0, int32(New(9999, 12, 31))).Draw(t, "day"))
		v, err := want.Value()
		if err != nil {
			t.Fatal(err)
		}
		if (v == nil) != want.IsZero() {
			t.Fatalf("the value of %q is %v", want, v)
		}
		got := Date(1)
		if err := got.Scan(v); err != nil || got != want {
			t.Fatalf("%s reads back as %s, %v", want, got, err)
		}
	})
}
