package intake

import (
	"slices"
	"strings"
	"testing"

	"yian/internal/errs"
	"yian/internal/fact"
)

func TestEveryNameMeansOneTarget(t *testing.T) {
	owner := map[string]Target{}
	for _, info := range Targets {
		for _, name := range append([]string{string(info.Target), info.Label}, info.names...) {
			if other, taken := owner[plain(name)]; taken && other != info.Target {
				t.Errorf("%q means %s and %s", name, other, info.Target)
			}
			owner[plain(name)] = info.Target
			if Guess(name) != info.Target {
				t.Errorf("%q is guessed as %q", name, Guess(name))
			}
		}
	}
	for f := range fact.Count {
		if got, ok := Guess(f.Def().Label).fact(); !ok || got != f {
			t.Errorf("%s is guessed as %v", f.Def().Label, got)
		}
	}
	for _, name := range []string{"", "序号", "行号", "原因", "性", "年龄"} {
		if Guess(name) != Ignored {
			t.Errorf("%q is guessed as %s", name, Guess(name))
		}
	}
}

func TestGuess(t *testing.T) {
	for header, want := range map[string][]Target{
		"姓 名|身份\n证号（必填）|*联系电话|手机号|性别|备 注": {Name, Number, Phone, Phone, "sex", Note},
		"老人姓名|公民身份号码|姓名|ＨＵＫＯＵ":            {Name, Number, Ignored, "hukou"},
		"序号|监护人|与户主关系":                    {Ignored, GuardianName, HouseholdRole},
	} {
		if got := guess(strings.Split(header, "|")); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

func TestMappingIsChecked(t *testing.T) {
	header := []string{"甲", "乙", "丙", "丁"}
	for name, tc := range map[string]struct {
		m     Mapping
		field string // "": nothing is wrong
	}{
		"good":                    {Mapping{Name, Number, Phone, Phone}, ""},
		"the same twice":          {Mapping{Name, Number, "sex", "sex"}, "c3"},
		"no name":                 {Mapping{Ignored, Number, Phone, Phone}, ""}, // of people who have a file
		"no number":               {Mapping{Name, DocumentKind, Ignored, Ignored}, "mapping"},
		"no such target":          {Mapping{Name, Number, "shoe", Ignored}, "c2"},
		"a phone of nobody":       {Mapping{Name, Number, ContactPhone, Ignored}, "c2"},
		"a guardian's relation":   {Mapping{Name, Number, GuardianRelation, ContactName}, "c2"},
		"half of a point":         {Mapping{Name, Number, Lon, Ignored}, "mapping"},
		"a column less":           {Mapping{Name, Number}, "-"},
		"a contact with a phone":  {Mapping{Name, Number, ContactPhone, ContactName}, ""},
		"a point with both parts": {Mapping{Name, Number, Lon, Lat}, ""},
	} {
		err := tc.m.check(header)
		fields := errs.FieldsOf(err)
		switch {
		case tc.field == "" && err != nil, tc.field != "" && !errs.Is(err, errs.Invalid):
			t.Errorf("%s: %v", name, err)
		case tc.field != "" && tc.field != "-" && (len(fields) == 0 || fields[0].Name != tc.field):
			t.Errorf("%s: fields %v, want %s", name, fields, tc.field)
		}
	}
}

func TestFingerprint(t *testing.T) {
	same := func(a, b []string) bool { return slices.Equal(fingerprint(core(a)), fingerprint(core(b))) }
	if !same([]string{"姓名", "身份证号"}, []string{"姓 名", "身份证号（必填）", "行号", "原因"}) {
		t.Error("the same columns are others")
	}
	if same([]string{"姓名", "身份证号"}, []string{"身份证号", "姓名"}) || same([]string{"ab"}, []string{"a", "b"}) {
		t.Error("other columns are the same")
	}
}
