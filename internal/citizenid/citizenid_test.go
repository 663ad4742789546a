package citizenid

import "testing"

func TestParse(t *testing.T) {
	for in, ok := range map[string]bool{
		"11010519491231002X": true, // the example of the standard
		"440524188001010014": true, // the other one
		"11010519491231002x": true,
		"110105194912310021": false,
		"11010519491331002X": false,
		"1101051949123100":   false,
		"11010519491231002":  false,
		"1101051949123l002X": false,
		"":                   false,
	} {
		id, err := Parse(in)
		if (err == nil) != ok {
			t.Errorf("Parse(%q) = %q, %v", in, id, err)
		}
	}
	id, _ := Parse("11010519491231002x")
	if id.Birth().String() != "1949-12-31" || id.Male() || id.County() != "110105" || id.Mask() != "110***********002X" {
		t.Errorf("%s: %s, male %v, %s, %s", id, id.Birth(), id.Male(), id.County(), id.Mask())
	}
}

func FuzzParse(f *testing.F) {
	f.Add("11010519491231002X")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(string(id)); err != nil || again != id || id.Birth() == 0 {
			t.Fatalf("%q reads as %q, then %q, %v", s, id, again, err)
		}
	})
}
