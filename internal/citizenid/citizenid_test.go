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

func TestParseSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"11010519491231002":    "身份证号应为 18 位，这里是 17 位",
		"一二三":                  "身份证号应为 18 位，这里是 3 位",
		"1101051949l231002X":   "身份证号第 11 位应是数字",
		"11010519491331002X":   "身份证号第 7 至 14 位应是出生日期，这里的日期不存在",
		"11010519491231002Y":   "身份证号第 18 位应是数字或 X",
		"110105194912310021":   "身份证号的末位校验码与前 17 位不符，多半有一位写错或两位颠倒，请逐位核对",
		"440524188001010014x1": "身份证号应为 18 位，这里是 20 位",
	} {
		if _, err := Parse(in); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): %v, want %s", in, err, want)
		}
	}
}

func TestFrom15(t *testing.T) {
	for in, want := range map[string]string{
		"110105491231002":  "11010519491231002X",
		"440524800101001":  "440524198001010013",
		"440524800101999":  "440524188001019991", // a centenarian of the eighties
		"110105000229001":  "",                   // 1900 was no leap year
		"110105040229001":  "110105190402290016",
		"110105491331002":  "",
		"11010549123100X":  "",
		"1101054912310021": "",
		"":                 "",
	} {
		id, err := From15(in)
		if string(id) != want || (err == nil) != (want != "") {
			t.Errorf("From15(%q) = %q, %v, want %q", in, id, err, want)
		}
		if _, err := Parse(string(id)); want != "" && err != nil {
			t.Errorf("From15(%q) = %q: %v", in, id, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("11010519491231002X"); err != nil {
			b.Fatal(err)
		}
	}
}
