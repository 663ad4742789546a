package duplicateweb

import (
	"strings"
	"testing"

	"yian/internal/document"
	"yian/internal/duplicate"
	"yian/internal/fact"
	"yian/internal/person"
)

func TestWhatSpeaksAgainstOnePersonIsTold(t *testing.T) {
	file := func(kind document.Kind, sex, birth string) *person.Person {
		p := &person.Person{Document: kind}
		for f, text := range map[fact.ID]string{fact.Sex: sex, fact.Birth: birth} {
			if err := p.Facts.Set(f, text); err != nil {
				t.Fatal(err)
			}
		}
		return p
	}
	resident := file(document.ResidentID, "female", "1940-01-15")
	for _, tc := range []struct {
		name  string
		other *person.Person
		want  []string
	}{
		{"nothing", file(document.Passport, "female", "1940-01-15"), nil},
		{"nothing known", file(0, "", ""), nil},
		{"two numbers", file(document.ResidentID, "female", "1940-01-15"), []string{"号码不同，而且都有效"}},
		{"another sex", file(document.Passport, "male", "1940-01-15"), []string{"性别不同（女、男）"}},
		{"everything", file(document.ResidentID, "male", "1941-01-15"), []string{"而且都有效", "性别不同（女、男）", "出生日期不同（1940-01-15、1941-01-15）"}},
	} {
		got := doubt(resident, tc.other)
		if (got.Title != "") != (len(tc.want) > 0) {
			t.Errorf("%s: %+v", tc.name, got)
		}
		for _, text := range tc.want {
			if !strings.Contains(got.Text, text) {
				t.Errorf("%s: %q lacks %q", tc.name, got.Text, text)
			}
		}
	}
	if page := confirm(&duplicate.Pair{}, resident, file(document.ResidentID, "male", ""), keepLow, ""); page.Doubt.Title == "" {
		t.Error("the page that asks says nothing")
	}
}
