package fact

import (
	"fmt"
	"testing"

	"yian/internal/civil"
)

func TestEveryFactIsDescribed(t *testing.T) {
	for id := range Count {
		d := id.Def()
		if d.Name == "" || d.Label == "" || d.Department == "" {
			t.Errorf("fact %d lacks name, label or department: %+v", id, d)
		}
		if id.Coded() != (len(d.Values) > 0) {
			t.Errorf("%s: values do not fit its kind", d.Name)
		}
		if got, ok := ByName(d.Name); !ok || got != id {
			t.Errorf("ByName(%q) = %v, %v", d.Name, got, ok)
		}
	}
}

func TestEveryValueReadsBack(t *testing.T) {
	for id := range Count {
		seen := map[string]Code{}
		for i, v := range id.Def().Values {
			for _, text := range append([]string{v.Name, v.Label}, v.Aliases...) {
				c, err := id.Parse(text)
				if err != nil || c != Code(i+1) {
					t.Errorf("%s: %q reads as %d, %v, want %d", id, text, c, err, i+1)
				}
				if prev, dup := seen[text]; dup && prev != c {
					t.Errorf("%s: %q means two values", id, text)
				}
				seen[text] = c
			}
		}
		if id.Coded() {
			if _, err := id.Parse("无此值"); err == nil {
				t.Errorf("%s accepts a value that does not exist", id)
			}
		}
	}
}

func TestSetAndText(t *testing.T) {
	var p Person
	for name, text := range map[string]string{"birth": "1943-01-15", "hukou": "141024", "income": "dibao", "disability_grade": "2", "vagrant": "false"} {
		id, _ := ByName(name)
		if p.Known(id) {
			t.Errorf("%s must start unknown", name)
		}
		if err := p.Set(id, text); err != nil {
			t.Fatal(err)
		}
		if got := p.Text(id); got != text {
			t.Errorf("%s: %q, want %q", name, got, text)
		}
		if err := p.Set(id, " "); err != nil || p.Known(id) {
			t.Errorf("%s: an empty text must be unknown", name)
		}
	}
}

func TestImplausible(t *testing.T) {
	on := civil.New(2024, 6, 30)
	for _, tc := range []struct {
		name  string
		facts map[ID]string
		want  bool
	}{
		{"nothing known", nil, false},
		{"born today", map[ID]string{Birth: "2024-06-30"}, false},
		{"born tomorrow", map[ID]string{Birth: "2024-07-01"}, true},
		{"130", map[ID]string{Birth: "1893-07-01"}, false},
		{"131", map[ID]string{Birth: "1893-06-30"}, true},
		{"grade without kind", map[ID]string{DisabilityKind: "none", DisabilityGrade: "2"}, true},
		{"grade of an unknown kind", map[ID]string{DisabilityGrade: "2"}, false},
		{"no disability", map[ID]string{DisabilityKind: "无", DisabilityGrade: "0"}, false},
		{"kind and grade", map[ID]string{DisabilityKind: "肢体", DisabilityGrade: "二级"}, false},
	} {
		var p Person
		for id, text := range tc.facts {
			if err := p.Set(id, text); err != nil {
				t.Fatal(err)
			}
		}
		if _, why := p.Implausible(on); (why != "") != tc.want {
			t.Errorf("%s: %q", tc.name, why)
		}
	}
}

func TestClerksAreToldTheWordsAlone(t *testing.T) {
	var p Person
	err := p.Set(Sex, "x")
	if err == nil || err.Error() != `性别不能是 "x"，可用：male(男)、female(女)` {
		t.Errorf("commands say %v", err)
	}
	if got := Plain(fmt.Errorf("列 3：%w", err)).Error(); got != "性别不能是“x”，可用：男、女" {
		t.Errorf("clerks are told %s", got)
	}
	other := p.Set(Birth, "x")
	if Plain(nil) != nil || Plain(other) != other { //nolint:errorlint // the same error is meant
		t.Error("other errors must stay as they are")
	}
}
