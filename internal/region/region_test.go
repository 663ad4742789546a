package region

import "testing"

func TestParse(t *testing.T) {
	for in, want := range map[string]Code{
		"14": "14", "1410": "1410", "141000": "1410", "141000000000": "1410", "140000": "14",
		"141002": "141002", "141002001": "141002001", "141002000000": "141002", "141002001000": "141002001",
		"141002001001": "141002001001", "141030": "141030",
	} {
		got, err := Parse(in)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "1", "141", "14100x", "00", "000000", "1410021", "１４", "14 10"} {
		if c, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", in, c)
		}
	}
}

func TestNamesAndInside(t *testing.T) {
	if got := Name("1410"); got != "临汾市" {
		t.Errorf("Name(1410) = %q", got)
	}
	if got := Name("999999"); got != "999999" {
		t.Errorf("an unknown code must show its digits, got %q", got)
	}
	if got := len(Inside("1410", 6)); got != 17 {
		t.Errorf("Linfen has %d counties in the table, want 17", got)
	}
	if !Code("141002").Within("1410") || Code("14").Within("1410") || !Code("14").Within(Nation) {
		t.Error("Within does not follow the prefix")
	}
}
