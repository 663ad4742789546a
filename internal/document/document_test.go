package document

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/fact"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		kind     Kind
		in, want string
		err      string // a part of the message where want is empty
	}{
		{ResidentID, "11010519491231002X", "11010519491231002X", ""},
		{ResidentID, " 110105 19491231 002x ", "11010519491231002X", ""},
		{ResidentID, "110105-19491231-002X", "11010519491231002X", ""},
		{ResidentID, "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X", ""},
		{ResidentID, "'11010519491231002X", "11010519491231002X", ""},
		{ResidentID, "\ufeff11010519491231002X\u200b", "11010519491231002X", ""},
		{ResidentID, "110105491231002", "11010519491231002X", ""},
		{ResidentID, "990001194912310014", "990001194912310014", ""}, // invented people
		{ResidentID, "", "", "请填写"},
		{ResidentID, " 　", "", "请填写"},
		{ResidentID, "1101051949123100", "", "应为 18 位，这里是 16 位"},
		{ResidentID, "1101O519491231002X", "", "第 5 位应是数字"},
		{ResidentID, "11010519491331002X", "", "日期不存在"},
		{ResidentID, "110105491331002", "", "日期不存在"},
		{ResidentID, "110105194912310021", "", "末位校验码"},
		{ResidentID, "110105194912310000", "", "可能被表格软件改动过"},
		{ResidentID, "1.10105E+17", "", "科学计数法"},
		{ResidentID, "1.10105194912310E17", "", "科学计数法"},
		{ResidentID, "81000019491231001X", "", "港澳台居民居住证"},
		{ResidentID, "911124198108030024", "", "外国人永久居留身份证"},
		{ResidentID, "911001000101000", "", "行政区划代码"}, // its 18 digits would be a foreigner's
		{ResidencePermit, "81000019491231001X", "81000019491231001X", ""},
		{ResidencePermit, "11010519491231002X", "", "810000（香港）"},
		{ResidencePermit, "810000194912310019", "", "港澳台居民居住证号码的末位校验码"},
		{ResidencePermit, "8100001949123100", "", "港澳台居民居住证号码应为 18 位"},
		{HKMacaoPermit, "h12345678", "H12345678", ""},
		{HKMacaoPermit, "M1234567801", "M12345678", ""},
		{HKMacaoPermit, "HA1234567", "HA1234567", ""},
		{HKMacaoPermit, "12345678", "", "H（香港）或 M（澳门）"},
		{HKMacaoPermit, "H1234567", "", "这里是 8 位"},
		{HKMacaoPermit, "H1234567O", "", "第 9 位应是数字"},
		{HKMacaoPermit, "HA12345B7", "", "第 8 位应是数字"},
		{HKMacaoPermit, "HB1234567", "", "第 2 位应是数字"},
		{TaiwanPermit, "12345678", "12345678", ""},
		{TaiwanPermit, "1234567802", "12345678", ""},
		{TaiwanPermit, "1234567802(B)", "12345678", ""},
		{TaiwanPermit, "1234567802（2）", "12345678", ""},
		{TaiwanPermit, "1234567802B", "12345678", ""},
		{TaiwanPermit, "123456789", "", "这里是 9 位"},
		{TaiwanPermit, "1234567A", "", "第 8 位应是数字"},
		{PermanentResidence, "911124198108030024", "911124198108030024", ""}, // of the official specimen
		{PermanentResidence, "KAZ110090123105", "KAZ110090123105", ""},
		{PermanentResidence, "kaz 1100 901231 05", "KAZ110090123105", ""},
		{PermanentResidence, "911124198108030025", "", "末位校验码"},
		{PermanentResidence, "11010519491231002X", "", "应以 9 开头"},
		{PermanentResidence, "990001194912310014", "", "应以 9 开头"},
		{PermanentResidence, "KA1110090123105", "", "第 3 位应是字母"},
		{PermanentResidence, "KAZ11009O123105", "", "第 9 位应是数字"},
		{PermanentResidence, "KAZ110090133105", "", "日期不存在"},
		{PermanentResidence, "KAZ1100901231", "", "这里是 13 位"},
		{Passport, "e12345678", "E12345678", ""},
		{Passport, "AB 123456", "AB123456", ""},
		{Passport, "1234", "", "5 至 15 位，这里是 4 位"},
		{Passport, "1234567890123456", "", "这里是 16 位"},
		{Passport, "ABCDEFG", "", "应有数字"},
		{Passport, "E1234567号", "", "第 9 位"},
		{0, "E12345678", "", "证件类型"},
		{kindEnd, "E12345678", "", "证件类型"},
	} {
		d, err := Parse(tc.kind, tc.in)
		switch {
		case tc.want != "" && (err != nil || d.Number() != tc.want || d.Kind() != tc.kind):
			t.Errorf("%s %q reads as %q, %v, want %q", tc.kind, tc.in, d.Number(), err, tc.want)
		case tc.want == "" && (err == nil || !strings.Contains(err.Error(), tc.err) || !d.IsZero()):
			t.Errorf("%s %q: %v, want “%s”", tc.kind, tc.in, err, tc.err)
		}
	}
}

func TestGuess(t *testing.T) {
	for in, want := range map[string][]Kind{
		"11010519491231002x": {ResidentID},
		"110105491231002":    {ResidentID},
		"990001194912310014": {ResidentID},
		"820000194912310012": nil, // wrong check character, too long for a passport
		"81000019491231001X": {ResidencePermit},
		"911124198108030024": {PermanentResidence},
		"KAZ110090123105":    {PermanentResidence},
		"H12345678":          {HKMacaoPermit},
		"12345678":           {TaiwanPermit},
		"E12345678":          {Passport},
		"1.10105E+17":        nil,
		"":                   nil,
		"11010519491231002":  nil,
	} {
		if got := Guess(in); !slices.Equal(got, want) {
			t.Errorf("Guess(%q) = %v, want %v", in, got, want)
		}
	}
}

func doc(t testing.TB, k Kind, s string) Document {
	t.Helper()
	d, err := Parse(k, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBirthSexAndMask(t *testing.T) {
	for _, tc := range []struct {
		kind             Kind
		in               string
		birth, sex, mask string
	}{
		{ResidentID, "11010519491231002X", "1949-12-31", "female", "110***********002X"},
		{ResidentID, "440524188001010014", "1880-01-01", "male", "440***********0014"},
		{ResidencePermit, "81000019491231001X", "1949-12-31", "male", "810***********001X"},
		{PermanentResidence, "911124198108030024", "1981-08-03", "female", "911***********0024"},
		{PermanentResidence, "KAZ110090123105", "", "", "KA**********105"},
		{HKMacaoPermit, "H12345678", "", "", "H******78"},
		{TaiwanPermit, "12345678", "", "", "1*****78"},
		{Passport, "E12345678", "", "", "E******78"},
		{Passport, "A1234", "", "", "****4"},
	} {
		d := doc(t, tc.kind, tc.in)
		birth, known := d.Birth()
		if birth.String() != tc.birth || known != (tc.birth != "") {
			t.Errorf("%s: birth %s, %v", tc.in, birth, known)
		}
		sex := ""
		if isMale, known := d.Male(); known && isMale {
			sex = "male"
		} else if known {
			sex = "female"
		}
		if sex != tc.sex || d.Mask() != tc.mask {
			t.Errorf("%s: %s, %s", tc.in, sex, d.Mask())
		}
	}
}

func TestNothingPrintsTheNumber(t *testing.T) {
	d := doc(t, ResidentID, "11010519491231002X")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("person", "document", d)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("person", "document", d)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		log.WriteString(fmt.Sprintf(verb, d))
	}
	if strings.Contains(log.String(), "19491231") {
		t.Errorf("got %s", log.String())
	}
}

func TestAgrees(t *testing.T) {
	resident, old := doc(t, ResidentID, "11010519491231002X"), doc(t, PermanentResidence, "KAZ110090123105")
	passport := doc(t, Passport, "E12345678")
	right, wrong := civil.New(1949, 12, 31), civil.New(1949, 12, 30)
	for _, tc := range []struct {
		d                        Document
		sex                      fact.Code
		birth                    civil.Date
		sexDiffers, birthDiffers bool
	}{
		{resident, female, right, false, false},
		{resident, fact.Unknown, 0, false, false},
		{resident, male, right, true, false},
		{resident, female, wrong, false, true},
		{resident, male, wrong, true, true},
		{resident, male, 0, true, false},
		{passport, male, wrong, false, false},
		{old, male, civil.New(1990, 12, 31), false, false},
		{old, male, civil.New(1890, 12, 31), false, false}, // the card does not tell the century
		{old, female, wrong, false, true},
		{old, female, 0, false, false},
		{Document{}, male, right, false, false},
	} {
		err := tc.d.Agrees(tc.sex, tc.birth)
		var diff *Disagreement
		if !errors.As(err, &diff) {
			diff = &Disagreement{}
		}
		if diff.Sex != tc.sexDiffers || diff.Birth != tc.birthDiffers || (err == nil) != (!tc.sexDiffers && !tc.birthDiffers) {
			t.Errorf("%v with %d, %s: %v", tc.d, tc.sex, tc.birth, err)
		}
		if err != nil && (strings.Contains(err.Error(), "性别") != tc.sexDiffers || strings.Contains(err.Error(), "出生日期") != tc.birthDiffers || !strings.Contains(err.Error(), tc.d.Kind().Label())) {
			t.Errorf("%v with %d, %s: %v", tc.d, tc.sex, tc.birth, err)
		}
	}
}

func TestKinds(t *testing.T) {
	codes := map[string]bool{}
	for _, k := range Kinds() {
		if k.Code() == "" || k.Label() == "" || k.Hint() == "" || codes[k.Code()] {
			t.Errorf("kind %d: %q, %q, %q", k, k.Code(), k.Label(), k.Hint())
		}
		codes[k.Code()] = true
		for _, name := range append([]string{k.Code(), k.Label(), " " + k.Label() + "\n"}, kinds[k].names...) {
			if got, ok := KindOf(name); !ok || got != k {
				t.Errorf("%q is %v, want %v", name, got, k)
			}
		}
	}
	if len(codes) != int(kindEnd)-1 {
		t.Errorf("%d kinds of %d are listed", len(codes), kindEnd-1)
	}
	if k, ok := KindOf("港澳居民来往内地通行证(非中国籍)"); !ok || k != HKMacaoPermit {
		t.Errorf("half-width brackets: %v", k)
	}
	for _, name := range []string{"", "军官证", "0"} {
		if k, ok := KindOf(name); ok || k != 0 {
			t.Errorf("%q is %v", name, k)
		}
	}
	for _, k := range []Kind{0, kindEnd, 200} {
		if k.Code()+k.Label()+k.Hint()+k.String() != "" {
			t.Errorf("kind %d has a name", k)
		}
	}
}

// TestKeptFormReadsBack: what is stored is read again by Parse and stays as it is.
func TestKeptFormReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`[HMhm]A?[0-9]{7,10}`), rapid.StringMatching(`[0-9]{8}([0-9]{2}(\([A-Z0-9]\))?)?`),
			rapid.StringMatching(`[A-Z]{3}[0-9]{7}(0[1-9]|1[0-2])([01][1-9]|2[0-8])[0-9]{2}`), rapid.StringMatching(`[A-Za-z]{0,2}[0-9 -]{5,9}`),
			rapid.StringMatching(`[1-69][0-9]{5}[0-9]{2}(0[1-9]|1[0-2])([01][1-9]|2[0-8])[0-9]{3}`),
			rapid.Map(rapid.StringMatching(`(8[123]0000|911124|[1-6][0-9]{5})(19|20)[0-9]{2}(0[1-9]|1[0-2])([01][1-9]|2[0-8])[0-9]{3}`), func(s string) string {
				return s + string(citizenid.Checksum(s))
			}),
		).Draw(t, "text")
		for _, k := range Guess(text) {
			d, err := Parse(k, text)
			if err != nil {
				t.Fatalf("guessed %s: %v", k, err)
			}
			checkDocument(t, d)
		}
	})
}

func checkDocument(t interface{ Fatalf(string, ...any) }, d Document) {
	again, err := Parse(d.Kind(), d.Number())
	if err != nil || again != d {
		t.Fatalf("%s reads as %s, %v", d.Number(), again.Number(), err)
	}
	mask := d.Mask()
	if len(mask) != len(d.Number()) || strings.Count(mask, "*") <= len(mask)/2 {
		t.Fatalf("%s is shown as %s", d.Number(), mask)
	}
	birth, known := d.Birth()
	if known != !birth.IsZero() {
		t.Fatalf("%s: birth %s, known %v", d.Number(), birth, known)
	}
	if err := d.Agrees(fact.Unknown, birth); err != nil {
		t.Fatalf("%s disagrees with itself: %v", d.Number(), err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "110105491231002", "H12345678", "1234567802（B）", "KAZ110090123105", "911124198108030024", "1.1E+17", "Ｅ１２３４５６７８"} {
		for k := range uint8(kindEnd) {
			f.Add(k, s)
		}
	}
	f.Fuzz(func(t *testing.T, k uint8, s string) {
		d, err := Parse(Kind(k), s)
		if err == nil {
			checkDocument(t, d)
			return
		}
		if !d.IsZero() || err.Error() == "" {
			t.Fatalf("%q: %v, %v", s, d, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(ResidentID, "11010519491231002X"); err != nil {
			b.Fatal(err)
		}
	}
}
