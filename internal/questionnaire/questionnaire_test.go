package questionnaire_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/questionnaire"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/rules/rulestest"
	"yian/policies"
)

var on = civil.New(2026, 11, 22)

// program compiles an embedded list.
func program(t testing.TB, id string) *rules.Program {
	t.Helper()
	lib, err := pack.NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lib.List(id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := rules.Compile(l.Source(), on)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// always finds one list everywhere.
func always(p *rules.Program) questionnaire.Finder {
	return func(region.Code) *rules.Program { return p }
}

// said makes answers of "fact=value" pairs; without a value it is 不知道.
func said(t testing.TB, pairs ...string) *questionnaire.Answers {
	t.Helper()
	a := &questionnaire.Answers{}
	for _, pair := range pairs {
		name, text, _ := strings.Cut(pair, "=")
		id, ok := fact.ByName(name)
		if !ok {
			t.Fatalf("no fact %q", name)
		}
		if err := a.Say(id, text, on); err != nil {
			t.Fatalf("%s: %v", pair, err)
		}
	}
	return a
}

// asked runs through the questions, answering what is not in the answers with none of
// it or 不知道, and returns their names.
func asked(t testing.TB, p *rules.Program, a *questionnaire.Answers, other func(fact.ID) string) (string, *questionnaire.Path) {
	t.Helper()
	for {
		path := questionnaire.Walk(always(p), a, on)
		if path.Done {
			var names []string
			for _, id := range path.Asked {
				names = append(names, id.String())
			}
			return strings.Join(names, " "), path
		}
		if err := a.Say(path.Next, other(path.Next), on); err != nil {
			t.Fatal(err)
		}
	}
}

// ordinary answers as most people do: none, no, nothing special.
func ordinary(id fact.ID) string {
	for _, name := range []string{"none", "false", "0", "intact", "self", "resident"} {
		if _, ok := id.CodeOf(name); ok {
			return name
		}
	}
	return ""
}

func unknown(fact.ID) string { return "" }

func TestOrderOfQuestions(t *testing.T) {
	for _, tc := range []struct {
		name, list string
		say        []string
		other      func(fact.ID) string
		want       string
		open       string // items that stay undecided
	}{
		{
			name: "nothing special, Linfen", list: "linfen-2023",
			say: []string{"residence=141002", "hukou=141002", "birth=1950-01-01"}, other: ordinary,
			want: "residence hukou birth income pension medical ability disability_grade fp_special lives_alone empty_nest left_behind veteran vagrant",
		},
		{
			name: "too young: nothing can matter", list: "linfen-2023",
			say: []string{"residence=141002", "hukou=141002", "birth=1990-01-01"}, other: ordinary, want: "residence hukou birth",
		},
		{
			name: "registered elsewhere: only what asks for no hukou", list: "linfen-2023",
			say: []string{"residence=141002", "hukou=1101", "birth=1950-01-01"}, other: ordinary, want: "residence hukou birth vagrant",
		},
		{
			name: "the national list never asks for the hukou", list: "national-2023",
			say: []string{"residence=11", "birth=1990-01-01"}, other: ordinary, want: "residence birth",
		},
		{
			name: "Urumqi, everything unknown", list: "urumqi-2024",
			say: []string{"residence=6501", "hukou=6501", "birth=1940-05-05"}, other: unknown,
			want: "residence hukou birth income ability fp_special disability_grade veteran pension lives_alone empty_nest left_behind " +
				"no_supporter tekun_support veteran_pension ltci_insured ltci_level vagrant",
			open: "employee-pension resident-pension care-service-subsidy nursing-subsidy family-carer-training dibao tekun-at-home " +
				"tekun-in-facility visit veteran-support fp-special-priority disability-subsidies vagrant-relief surplus-bed-priority " +
				"honor-home-priority honor-home-discount six-assists purchased-home-care ltci-severe",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, path := asked(t, program(t, tc.list), said(t, tc.say...), tc.other)
			if got != tc.want {
				t.Errorf("asked %s\nwant  %s", got, tc.want)
			}
			var open []string
			for _, o := range path.Result(on).Open {
				open = append(open, o.Item.ID)
			}
			if got := strings.Join(open, " "); got != tc.open {
				t.Errorf("open %s\nwant %s", got, tc.open)
			}
		})
	}
}

func TestResultIsWhatTheListSays(t *testing.T) {
	p := program(t, "linfen-2023")
	a := said(t, "residence=141002", "hukou=141002", "birth=1947-07-22", "income=dibao", "ability=severe", "medical=resident", "pension=")
	_, path := asked(t, p, a, ordinary)
	r := path.Result(on)
	var entitled, open []string
	for _, o := range r.Entitled {
		entitled = append(entitled, o.Item.ID)
	}
	for _, o := range r.Open {
		open = append(open, o.Item.ID)
	}
	if !slices.Contains(entitled, "nursing-subsidy") || !slices.Contains(entitled, "dibao") || len(r.Entitled)+len(r.Open)+len(r.Not) != 24 {
		t.Errorf("entitled to %v", entitled)
	}
	if got := strings.Join(open, " "); got != "employee-pension resident-pension" {
		t.Errorf("open %s", got)
	}
	if u := r.Open[0].Unknown(); len(u) != 1 || u[0] != fact.Pension {
		t.Errorf("what is missing: %v", u)
	}
	if r.Next != civil.New(2027, 7, 22) || len(r.Changes) == 0 {
		t.Errorf("next change %s, %v", r.Next, r.Changes)
	}
}

func TestWhatAnotherAnswerImpliesIsNotAsked(t *testing.T) {
	when := rules.Text{CEL: `disability_kind == "mental" || disability_grade in [1, 2]`}
	p, err := rules.Compile(&rules.Source{ID: "one", Items: []rules.Item{{No: 1, ID: "a", Name: "甲", When: when, Grant: rules.Grant{Kind: rules.Service}}}}, on)
	if err != nil {
		t.Fatal(err)
	}
	got, path := asked(t, p, said(t, "residence=14", "disability_kind=none"), unknown)
	if got != "residence disability_kind" || path.Implied != fact.Set(0).Add(fact.DisabilityGrade) || len(path.Result(on).Not) != 1 {
		t.Errorf("asked %s, %+v", got, path.Result(on))
	}
	if values := path.Values(fact.DisabilityKind, on); len(values) != 8 {
		t.Errorf("kinds when asked again: %v", values)
	}
	// A grade excludes that there is no kind.
	a := said(t, "residence=141002", "hukou=141002", "birth=1950-01-01", "disability_grade=3")
	for path = questionnaire.Walk(always(program(t, "linfen-2023")), a, on); path.Next != fact.DisabilityKind; path = questionnaire.Walk(always(path.Program), a, on) {
		if path.Done {
			t.Fatalf("asked only %v", path.Asked)
		}
		if err := a.Say(path.Next, ordinary(path.Next), on); err != nil {
			t.Fatal(err)
		}
	}
	if values := path.Values(fact.DisabilityKind, on); len(values) != 7 || values[0] != 2 {
		t.Errorf("kinds that go with a grade: %v", values)
	}
}

func TestChangedAnswersThrowLaterOnesOut(t *testing.T) {
	p := program(t, "linfen-2023")
	a := said(t, "residence=141002", "hukou=141002", "birth=1950-01-01")
	if _, path := asked(t, p, a, ordinary); len(path.Asked) < 8 {
		t.Fatalf("asked %v", path.Asked)
	}
	if err := a.Say(fact.Birth, "2000-01-01", on); err != nil {
		t.Fatal(err)
	}
	path := questionnaire.Walk(always(p), a, on)
	if !path.Done || len(path.Asked) != 3 || path.Person.Known(fact.Income) {
		t.Errorf("asked %v", path.Asked)
	}
}

func TestNoPlaceNoList(t *testing.T) {
	none := func(region.Code) *rules.Program { return nil }
	path := questionnaire.Walk(none, said(t, "residence="), on)
	if path.Done || path.Next != fact.Hukou {
		t.Errorf("without a residence: %+v", path)
	}
	path = questionnaire.Walk(none, said(t, "residence=", "hukou="), on)
	if r := path.Result(on); !path.Done || len(r.Entitled)+len(r.Open)+len(r.Not) != 0 {
		t.Errorf("without a list: %+v", path)
	}
}

func TestWrongAnswers(t *testing.T) {
	for _, tc := range []struct {
		id         fact.ID
		text, want string
	}{
		{fact.Birth, "2027-01-01", "不能晚于今天"},
		{fact.Birth, "1850-01-01", "超过 130 岁"},
		{fact.Income, "rich", "请从列出的答案中选一个"},
		{fact.Residence, "xyz", "请从列出的答案中选一个"},
	} {
		err := (&questionnaire.Answers{}).Say(tc.id, tc.text, on)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s=%s: %v, want %q", tc.id, tc.text, err, tc.want)
		}
	}
}

func TestAnswersSurviveTheSession(t *testing.T) {
	a := said(t, "residence=141002", "income=", "birth=1950-01-01")
	a.Family = true
	text, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b, err := questionnaire.Decode(text)
	if err != nil || !b.Family || len(b.Said) != 3 {
		t.Fatalf("%+v, %v", b, err)
	}
	if got, ok := b.Text(fact.Income); got != "" || !ok {
		t.Errorf("不知道 became %q, %v", got, ok)
	}
	if _, ok := b.Text(fact.Ability); ok {
		t.Error("an answer that nobody gave")
	}
	if _, err := questionnaire.Decode([]byte("{")); err == nil {
		t.Error("read nonsense")
	}
}

func TestEveryQuestionIsWorded(t *testing.T) {
	for id := range fact.Count {
		q := questionnaire.Ask(id, true)
		if !strings.HasSuffix(q.Text, "？") || strings.Contains(q.Text+q.Help, "{") || len(q.Labels) != len(id.Def().Values) {
			t.Errorf("%s: %+v", id, q)
		}
		if strings.Contains(questionnaire.Ask(id, false).Text, "家人") {
			t.Errorf("%s asks for the family", id)
		}
	}
}

// TestAnswersDecideAsAllFactsDo holds for any list: somebody who answers everything
// that he is asked learns what the list says of him with all his facts; and no question
// is asked that could not tell anything.
func TestAnswersDecideAsAllFactsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := rules.Compile(rulestest.List(t, 4), rulestest.On)
		if err != nil {
			t.Skip("a list that cannot be compiled")
		}
		full := rulestest.Known(t)
		if _, why := full.Implausible(rulestest.On); why != "" {
			t.Skip("such people there are not")
		}
		skip := fact.Set(rapid.SampledFrom([]uint32{0, 0, rapid.Uint32().Draw(t, "skip")}).Draw(t, "skip some"))
		known := full
		a := &questionnaire.Answers{Said: map[string]string{}}
		for id := range fact.Count {
			if skip.Has(id) {
				known.Forget(id)
			}
			a.Said[id.String()] = known.Text(id)
		}
		path := questionnaire.Walk(always(p), a, rulestest.On)
		if !path.Done {
			t.Fatalf("asks for %s again", path.Next)
		}
		if path.Implied == 0 {
			couldTell(t, p, path)
		}
		for i := range p.Items {
			got, want := p.Decide(i, &path.Person, rulestest.On), p.Decide(i, &known, rulestest.On)
			// What is implied is known beyond the answers, and may decide more.
			if !got.Same(want) && (path.Implied == 0 || want.Result != rules.Unknown && got.Result != want.Result) {
				t.Fatalf("item %d: answers decide %+v, the facts %+v", i, got, want)
			}
		}
	})
}

// couldTell fails where something was asked that no item lacked any more.
func couldTell(t *rapid.T, p *rules.Program, path *questionnaire.Path) {
	var who fact.Person
	for _, id := range path.Asked {
		lacked := id == fact.Residence || id == fact.Hukou && path.Person.Residence == ""
		for i := range p.Items {
			lacked = lacked || p.Decide(i, &who, rulestest.On).Missing.Has(id)
		}
		if !lacked {
			t.Fatalf("asked for %s, which no item lacks", id)
		}
		if err := who.Set(id, path.Person.Text(id)); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkResult(b *testing.B) {
	p := program(b, "linfen-2023")
	a := said(b, "residence=141002", "hukou=141002", "birth=1947-07-22", "income=dibao", "ability=severe")
	_, _ = asked(b, p, a, ordinary)
	find := always(p)
	for b.Loop() {
		path := questionnaire.Walk(find, a, on)
		path.Result(on)
	}
}
