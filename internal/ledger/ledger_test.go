package ledger

import (
	"testing"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
)

func says(t testing.TB, pairs ...string) (f history.Facts) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		one, _ := fact.ByName(pairs[i])
		if err := f.State(one, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestNews(t *testing.T) {
	jan, mar, may := civil.New(2025, 1, 1), civil.New(2025, 3, 1), civil.New(2025, 5, 1)
	withdrawn := history.Facts{}
	withdrawn.Withdraw(fact.Dementia)
	recs := []history.Record{
		{ID: 1, At: 1, Source: history.Aid, From: jan, Facts: says(t, "income", "dibao")},
		{ID: 2, At: 2, Source: history.Aid, From: mar, To: may, Facts: says(t, "income", "edge", "vagrant", "false")},
		{ID: 3, At: 3, Source: history.Town, From: jan, Facts: says(t, "income", "none")},
		{ID: 4, At: 4, Source: history.Aid, From: jan, Facts: says(t, "dementia", "true")},
		{ID: 5, At: 5, Source: history.Aid, From: jan, Replaces: 4, Facts: withdrawn},
	}
	for _, tc := range []struct {
		name     string
		source   history.Source
		from, to civil.Date
		stated   history.Facts
		want     string
	}{
		{"the same again", history.Aid, jan, 0, says(t, "income", "dibao"), `{}`},
		{"the same of a later day", history.Aid, jan + 10, 0, says(t, "income", "dibao"), `{}`},
		{"in force with an end", history.Aid, mar, 0, says(t, "income", "edge"), `{}`},
		{"with another end", history.Aid, mar, may + 1, says(t, "income", "edge"), `{"income":"edge"}`},
		{"with the same end", history.Aid, mar, may, says(t, "income", "edge"), `{}`},
		{"what held before", history.Aid, mar, 0, says(t, "income", "dibao"), `{"income":"dibao"}`},
		{"of an earlier day", history.Aid, jan - 1, 0, says(t, "income", "dibao"), `{"income":"dibao"}`},
		{"by another source", history.Self, jan, 0, says(t, "income", "dibao"), `{"income":"dibao"}`},
		{"partly new", history.Aid, mar, 0, says(t, "income", "edge", "vagrant", "true"), `{"vagrant":"true"}`},
		{"what was taken back", history.Aid, jan, 0, says(t, "dementia", "true"), `{}`},
		{"that again of another day", history.Aid, mar, 0, says(t, "dementia", "true"), `{"dementia":"true"}`},
	} {
		got := News(recs, tc.source, tc.from, tc.to, tc.stated)
		if text := string(got.AppendJSON(nil)); text != tc.want {
			t.Errorf("%s: %s is new, want %s", tc.name, text, tc.want)
		}
	}
}

func TestSurviving(t *testing.T) {
	recs := []history.Record{
		{ID: 1, At: 1, Source: history.Aid, From: 1, Facts: says(t, "income", "dibao", "vagrant", "false")},
		{ID: 2, At: 2, Source: history.Aid, From: 1, Replaces: 1, Facts: says(t, "income", "edge")},
	}
	income := fact.Set(0).Add(fact.Income)
	if _, err := Surviving(recs, 1, income); err == nil {
		t.Error("a fact that was corrected survives")
	}
	if r, err := Surviving(recs, 1, fact.Set(0).Add(fact.Vagrant)); err != nil || r.ID != 1 {
		t.Errorf("found %+v (%v)", r, err)
	}
	if _, err := Surviving(recs, id.ID(3), income); err == nil {
		t.Error("found a record that is not there")
	}
}

func TestFaultsAreToldInWords(t *testing.T) {
	st := Statement{From: civil.New(2025, 1, 1), Facts: map[fact.ID]string{fact.Sex: "x"}}
	if _, err := st.Read(); err == nil || errs.FieldsOf(err)[0].Message != "性别不能是“x”，可用：男、女" {
		t.Errorf("%v", errs.FieldsOf(err))
	}
}

func TestCheckLife(t *testing.T) {
	birth, death, today := civil.New(1940, 1, 15), civil.New(2026, 3, 1), civil.New(2026, 6, 30)
	for _, tc := range []struct {
		name         string
		from, to     civil.Date
		birth, death civil.Date
		says         history.Facts
		want         string // the fields
	}{
		{"born that day", birth, 0, birth, 0, says(t, "income", "none"), ""},
		{"before", birth - 1, 0, birth, 0, says(t, "income", "none"), "from "},
		{"all before", birth - 9, birth, birth, 0, says(t, "income", "none"), "from to "},
		{"nobody knows the birth", birth - 9, birth, 0, 0, says(t, "income", "none"), ""},
		{"the birth itself, corrected", birth - 9, 0, birth, 0, says(t, "birth", "1939-01-01"), ""},
		{"dead that day", death, 0, birth, death, says(t, "income", "none"), ""},
		{"after", death + 1, 0, birth, death, says(t, "income", "none"), "from "},
		{"in a year", civil.New(2027, 6, 30), 0, birth, 0, says(t, "income", "none"), ""},
		{"in more", civil.New(2027, 7, 1), 0, birth, 0, says(t, "income", "none"), "from "},
		{"an end far ahead", today, civil.New(2090, 1, 1), birth, 0, says(t, "income", "none"), ""},
	} {
		var f errs.Fields
		CheckLife(&f, &history.Record{From: tc.from, To: tc.to, Facts: tc.says}, tc.birth, tc.death, today)
		got := ""
		for _, one := range f {
			got += one.Name + " "
		}
		if got != tc.want {
			t.Errorf("%s: faults in %q, want %q", tc.name, got, tc.want)
		}
	}
}
