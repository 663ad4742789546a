package scenario

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/simulate"
	"yian/policies"
)

// older raises the age of the allowance to 85 and sets what it pays.
func older() Draft {
	return Draft{Name: "高龄津贴提高到85岁", Region: "1410", List: "linfen-2023", Changes: Changes{
		Items:      []ItemChange{{Item: "old-age-allowance", When: "local && age >= 85", Amount: []Case{{When: "age >= 90", Is: "120"}, {Is: "old_age_allowance"}}}},
		Parameters: []ParameterChange{{Name: "old_age_allowance", From: civil.New(2026, 1, 1), Value: "80"}, {Name: "nursing_subsidy", From: civil.New(2026, 1, 1), Value: "130"}},
	}}
}

func TestScenariosAreKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, me := newHouse(t, d, 300), author(1, "1410")
		made, err := h.Create(t.Context(), me, older())
		if err != nil {
			t.Fatal(err)
		}
		ran, err := h.Run(t.Context(), me, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Get(t.Context(), me, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Outcome == nil || got.Outcome.Total() != ran.Outcome.Total() || got.Ran == 0 || got.Version != 2 || got.Forecast != nil {
			t.Errorf("read back as %+v", got)
		}
		if got.Changes.Items[0].When != "local && age >= 85" || got.Changes.Parameters[1].Value != "130" {
			t.Errorf("changes read back as %+v", got.Changes)
		}
		h.clock = h.clock.Add(time.Hour)
		copied, err := h.Copy(t.Context(), me, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		changed := got.Draft
		changed.Name = "改名"
		if _, err := h.Change(t.Context(), me, made.ID, 1, changed); !errs.Is(err, errs.Stale) {
			t.Errorf("a change of an old version: %v", err)
		}
		if now, err := h.Change(t.Context(), me, made.ID, 2, changed); err != nil || now.Outcome != nil || now.Ran != 0 {
			t.Errorf("changed to %+v (%v)", now, err)
		}
		all, err := h.List(t.Context(), me, 0, 10)
		if err != nil || len(all) != 2 || all[0].ID != copied.ID || all[0].Name != "高龄津贴提高到85岁（副本）" || all[1].Name != "改名" || all[0].Outcome != nil {
			t.Errorf("listed as %+v (%v)", all, err)
		}
		if err := h.Delete(t.Context(), me, copied.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(t.Context(), me, copied.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a deleted one: %v", err)
		}
	})
}

func TestScenariosAreOnesOwn(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 100), author(1, "1410")
	made, err := h.Create(t.Context(), me, older())
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]access.Actor{"a colleague": author(2, "1410"), "himself elsewhere": author(1, "1411"), "nobody": {}} {
		for what, err := range map[string]error{
			"get": second(h.Get(t.Context(), other, made.ID)), "run": second(h.Run(t.Context(), other, made.ID)),
			"copy": second(h.Copy(t.Context(), other, made.ID)), "delete": h.Delete(t.Context(), other, made.ID),
			"foretell": second(h.Foretell(t.Context(), other, made.ID)), "change": second(h.Change(t.Context(), other, made.ID, 1, older())),
		} {
			if !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Denied) {
				t.Errorf("%s may %s: %v", name, what, err)
			}
		}
	}
	village := access.NewActor(3, "刘", "session", []access.Grant{{Role: access.VillageWorker, Region: "1410"}}, nil)
	if _, err := h.Create(t.Context(), village, older()); !errs.Is(err, errs.Denied) {
		t.Errorf("without the right to see lists: %v", err)
	}
	if _, err := h.Create(t.Context(), author(1, "141002"), older()); !errs.Is(err, errs.Denied) {
		t.Errorf("a city by an author of a county: %v", err)
	}
	if _, err := h.Get(t.Context(), me, made.ID); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestRunIsWhatTheEngineSays counts everything a second time with package simulate alone,
// over people who were sorted by hand.
func TestRunIsWhatTheEngineSays(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 5000), author(1, "1410")
	made, err := h.Create(t.Context(), me, older())
	if err != nil {
		t.Fatal(err)
	}
	ran, err := h.Run(t.Context(), me, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	o := ran.Outcome
	book, err := h.Lists.Book(t.Context(), today)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]simulate.Change{}
	for _, r := range book.Rulings {
		if r.Source.Region == region.Nation {
			continue
		}
		in := func(served region.Code) bool { return book.For(served) == r && served.Within("1410") }
		rep := directly(t, h.people.all, in, r.Source, byHand(r.Source, r.Source.ID == "linfen-2023"))
		for i := range rep.Items {
			want[rep.Items[i].Either().ID] = plus(want[rep.Items[i].Either().ID], rep.Items[i].Total)
		}
	}
	if len(want) != len(o.Items) || o.People != h.people.all.N || o.Unruled != 0 {
		t.Fatalf("%d items of %d people, want %d of %d", len(o.Items), o.People, len(want), h.people.all.N)
	}
	for i := range o.Items {
		if l := &o.Items[i]; l.Change != want[l.ID] {
			t.Errorf("%s: %+v, want %+v", l.ID, l.Change, want[l.ID])
		}
	}
	if o.Total().Lose == 0 || o.Total().More == 0 || o.Total().Gain != 0 {
		t.Errorf("the change does nothing: %+v", o.Total())
	}
	var places, items simulate.Change
	for k := range o.Places {
		places = plus(places, o.Place(k))
	}
	for i := range o.Items {
		items = plus(items, o.Items[i].Change)
	}
	if places != items || items != o.Total() {
		t.Errorf("places add up to %+v, items to %+v, all is %+v", places, items, o.Total())
	}
	if !slices.IsSorted(o.Places) || !slices.Contains(o.Places, "141024") {
		t.Errorf("places %v", o.Places)
	}
}

// byHand makes the change of older. The county has set the nursing subsidy itself.
func byHand(src *rules.Source, city bool) *rules.Source {
	out := *src
	out.Items, out.Parameters = slices.Clone(src.Items), slices.Clone(src.Parameters)
	for i := range out.Items {
		if it := &out.Items[i]; it.ID == "old-age-allowance" {
			it.When.CEL = "local && age >= 85"
			it.Grant.Amount = []rules.Case{{Is: rules.Text{CEL: "age >= 90 ? 120 : 80"}}}
		}
	}
	for i := range out.Parameters {
		if p := &out.Parameters[i]; p.Name == "nursing_subsidy" && city {
			p.Values = ParameterChange{From: civil.New(2026, 1, 1), Value: "130"}.set(nil, 0)
		}
	}
	return &out
}

// TestRunKeepsToItsRegion has a county's officer count the city's list.
func TestRunKeepsToItsRegion(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 3000), author(1, "141002")
	d := older()
	d.Region = "141002"
	made, err := h.Create(t.Context(), me, d)
	if err != nil {
		t.Fatal(err)
	}
	ran, err := h.Run(t.Context(), me, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	people := 0
	for i := range h.people.all.N {
		if h.people.all.Served.RegionOf(i).Within("141002") {
			people++
		}
	}
	if ran.Outcome.People != people || people == 0 || people == h.people.all.N {
		t.Errorf("counted %d people of %d, want %d", ran.Outcome.People, h.people.all.N, people)
	}
	for _, p := range ran.Outcome.Places {
		if !p.Within("141002") {
			t.Errorf("the figures show %s", p)
		}
	}
	// The same rows serve another region: nothing of the first one's may be left.
	city, err := h.Create(t.Context(), author(2, "1410"), older())
	if err != nil {
		t.Fatal(err)
	}
	if ran, err = h.Run(t.Context(), author(2, "1410"), city.ID); err != nil || ran.Outcome.People != h.people.all.N {
		t.Errorf("the city has %d people (%v)", ran.Outcome.People, err)
	}
}

func TestFaultsStandAtTheirFields(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 50), author(1, "1410")
	for _, c := range []struct {
		name, field, text string
		change            func(*Draft)
	}{
		{"a name", "name", "名字", func(d *Draft) { d.Name = " " }},
		{"something changed", "", "还没有改动", func(d *Draft) { d.Changes = Changes{} }},
		{"a condition", "when.old-age-allowance", "", func(d *Draft) { d.Changes.Items[0].When = "age >= " }},
		{"a fact", "when.old-age-allowance", "", func(d *Draft) { d.Changes.Items[0].When = "shoe_size > 40" }},
		{"an amount", "amount.old-age-allowance.1", "", func(d *Draft) { d.Changes.Items[0].Amount[1].Is = "pocket_money" }},
		{"the condition of an amount", "amount_when.old-age-allowance.0", "", func(d *Draft) { d.Changes.Items[0].Amount[0].When = "age" }},
		{"a number", "parameter.nursing_subsidy", "数字", func(d *Draft) { d.Changes.Parameters[1].Value = "一百" }},
		{"a day", "parameter.nursing_subsidy", "哪一天", func(d *Draft) { d.Changes.Parameters[1].From = 0 }},
	} {
		d := older()
		c.change(&d)
		_, err := h.Create(t.Context(), me, d)
		found := slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Name == c.field && strings.Contains(f.Message, c.text) })
		if !errs.Is(err, errs.Invalid) || !found {
			t.Errorf("%s: %v %+v", c.name, err, errs.FieldsOf(err))
		}
	}
	for name, d := range map[string]Draft{
		"another list": {Name: "x", Region: "1410", List: "nowhere-2023", Changes: older().Changes},
		"an item":      {Name: "x", Region: "1410", List: "linfen-2023", Changes: Changes{Items: []ItemChange{{Item: "gone", When: "true"}}}},
		"a parameter":  {Name: "x", Region: "1410", List: "linfen-2023", Changes: Changes{Parameters: []ParameterChange{{Name: "gone", From: today, Value: "1"}}}},
	} {
		if _, err := h.Create(t.Context(), me, d); !errs.Is(err, errs.Conflict) {
			t.Errorf("%s that is not there: %v", name, err)
		}
	}
}

// TestAnotherVersionTakesItsPlace puts a version in place of the city's list; the county
// that builds on it follows.
func TestAnotherVersionTakesItsPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, me := newHouse(t, d, 2000), author(1, "1410")
		version := h.draft(t, strings.Replace(cityText(t), "when: local && age >= 80\n", "when: local && age >= 85\n", 1))
		made, err := h.Create(t.Context(), me, Draft{Name: "新版", Region: "1410", List: "linfen-2023", Changes: Changes{Version: version}})
		if err != nil {
			t.Fatal(err)
		}
		byVersion, err := h.Run(t.Context(), me, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		d2 := older()
		d2.Changes = Changes{Items: []ItemChange{{Item: "old-age-allowance", When: "local && age >= 85"}}}
		if made, err = h.Create(t.Context(), me, d2); err != nil {
			t.Fatal(err)
		}
		byItem, err := h.Run(t.Context(), me, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := byVersion.Outcome.Total(), byItem.Outcome.Total(); a != b || a.Lose == 0 {
			t.Errorf("the version does %+v, the change of the item %+v", a, b)
		}
		d2.Base = version
		if made, err = h.Create(t.Context(), me, d2); err != nil {
			t.Fatal(err)
		}
		if same, err := h.Run(t.Context(), me, made.ID); err != nil || changes(same.Outcome.Total()) {
			t.Errorf("against itself it does %+v (%v)", same.Outcome.Total(), err)
		}
		county := Draft{Name: "区里", Region: "141002", List: "linfen-2023", Changes: Changes{Version: version}}
		if _, err := h.Create(t.Context(), author(2, "141002"), county); !errs.Is(err, errs.NotFound) {
			t.Errorf("the city's draft by a county: %v", err)
		}
		other := Draft{Name: "别家", Region: "1410", List: "national-2023", Changes: Changes{Version: version}}
		if _, err := h.Create(t.Context(), me, other); !errs.Is(err, errs.Invalid) {
			t.Errorf("a version of another list: %v", err)
		}
	})
}

// draft adds a version of the city's list that does not rule.
func (h *house) draft(t testing.TB, body string) id.ID {
	t.Helper()
	v, err := h.book.Draft(t.Context(), author(9, "1410"), "linfen-2023", 0, "试改")
	if err == nil {
		v, err = h.book.Change(t.Context(), author(9, "1410"), v.ID, v.Version, body, v.Tests, "试改")
	}
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func cityText(t testing.TB) string {
	t.Helper()
	body, err := fs.ReadFile(policies.FS, "linfen/list.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestCount(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 3000), author(1, "1410")
	d := older()
	d.Changes = Changes{Items: []ItemChange{{Item: "centenarian", When: "local && age >= 95"}}}
	made, err := h.Create(t.Context(), me, d)
	if err != nil {
		t.Fatal(err)
	}
	ran, err := h.Run(t.Context(), me, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(ran.Outcome.Items, func(l Line) bool { return l.ID == "centenarian" })
	line := ran.Outcome.Items[at]
	text := strings.Replace(cityText(t), "local && age >= 100", "local && age >= 95", 1)
	got, err := h.Count(t.Context(), me, "1410", []byte(text), "centenarian")
	if err != nil || len(got.Faults) > 0 {
		t.Fatalf("%+v (%v)", got, err)
	}
	if got.People != h.people.all.N || got.Yes != line.After.Yes || got.Unknown != line.After.Unknown || got.Gain != line.Change.Gain || got.Lose != 0 || got.Gain == 0 || got.Month != line.Change.After.Month() {
		t.Errorf("live count %+v, the run says %+v", got, line)
	}
	// A county's own list rules its people alone.
	if got, err = h.Count(t.Context(), me, "1410", []byte(county), "longevity-meal"); err != nil || got.People == 0 || got.People == h.people.all.N || got.Gain != 0 || got.Yes == 0 {
		t.Errorf("the county has %+v (%v)", got, err)
	}
	if got, err = h.Count(t.Context(), me, "1410", []byte(county), "no-such-item"); err != nil || got.Yes != 0 || got.Gain != 0 {
		t.Errorf("an item that is not there has %+v (%v)", got, err)
	}
	// A new list for another county takes its people from the city's.
	fresh := strings.NewReplacer("141024", "141002", "hongtong-2025", "yaodu-2026").Replace(county)
	if got, err = h.Count(t.Context(), me, "1410", []byte(fresh), "longevity-meal"); err != nil || got.Gain == 0 || got.Gain != got.Yes {
		t.Errorf("a new list has %+v (%v)", got, err)
	}
	for name, text := range map[string]string{
		"no list":     "",
		"bad yaml":    "list: [",
		"a bad rule":  strings.Replace(county, "age >= 75", "age >=", 1),
		"no base":     strings.Replace(county, "linfen-2023", "linfen-2099", 1),
		"wrong value": strings.Replace(county, "kind: cash", "kind: gold", 1),
	} {
		if got, err := h.Count(t.Context(), me, "1410", []byte(text), "longevity-meal"); err != nil || len(got.Faults) == 0 || got.Yes != 0 {
			t.Errorf("%s: %+v (%v)", name, got, err)
		}
	}
	if got, err := h.Count(t.Context(), me, "1410", []byte(strings.Replace(county, "age >= 75", "age >=", 1)), "x"); err != nil || got.Faults[0].Line != 18 {
		t.Errorf("the fault of line 18 is at %+v (%v)", got.Faults, err)
	}
	if _, err := h.Count(t.Context(), author(1, "141002"), "1410", []byte(county), "x"); !errs.Is(err, errs.Denied) {
		t.Errorf("of another region: %v", err)
	}
}

func TestForetell(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 500), author(1, "1410")
	d := older()
	d.Changes.Parameters[0].From = civil.New(2027, 1, 1) // rules only later
	d.Changes.Items = nil
	made, err := h.Create(t.Context(), me, d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Foretell(t.Context(), me, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	f := got.Forecast
	if len(f.Days) != 121 || f.Days[1] != civil.New(2026, 7, 30) || f.Days[8] != civil.New(2027, 2, 28) || f.Days[120] != civil.New(2036, 6, 30) {
		t.Fatalf("days %v", f.Days)
	}
	if f.Alive[0] != float64(h.people.all.N) || f.Alive[120] >= f.Alive[24] || f.Alive[24] >= f.Alive[1] {
		t.Errorf("alive %v", f.Alive)
	}
	at := slices.IndexFunc(f.Items, func(c Course) bool { return c.ID == "old-age-allowance" })
	if at < 0 {
		t.Fatalf("the allowance is not in %+v", f.Items)
	}
	c := f.Items[at]
	if c.New[6].YuanMonth != 0 || c.New[7].YuanMonth == 0 || c.Old[7].YuanMonth != 0 || c.New[7].People != c.Old[7].People {
		t.Errorf("it pays %v before and %v after the day of the parameter", c.New[6], c.New[7])
	}
	kept, err := h.Get(t.Context(), me, made.ID)
	if err != nil || kept.Forecast == nil || !slices.Equal(kept.Forecast.Total.New, f.Total.New) {
		t.Errorf("it was not kept (%v)", err)
	}
}

func TestOthersWaitForTheirTurn(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 50), author(1, "1410")
	made, err := h.Create(t.Context(), me, older())
	if err != nil {
		t.Fatal(err)
	}
	h.turn <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.Run(ctx, me, made.ID); ctx.Err() == nil || err == nil {
		t.Errorf("it ran while another was counted: %v", err)
	}
	<-h.turn
	h.long <- struct{}{}
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := h.Foretell(short, me, made.ID); err == nil {
		t.Error("two forecasts went on at once")
	}
	if _, err := h.Run(t.Context(), me, made.ID); err != nil {
		t.Error(err)
	}
}

func TestPackedPeopleAreKeptForAWhile(t *testing.T) {
	h, me := newHouse(t, dbtest.SQLite(t), 200), author(1, "1410")
	run := func() *warm {
		t.Helper()
		made, err := h.Create(t.Context(), me, older())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Run(t.Context(), me, made.ID); err != nil {
			t.Fatal(err)
		}
		if len(h.shelf.packs) != 1 {
			t.Fatalf("%d are packed", len(h.shelf.packs))
		}
		return h.shelf.packs[0]
	}
	first := run()
	if run() != first {
		t.Error("the same people were packed twice")
	}
	h.people.all = people(t, "1410", 100)
	if w := run(); w == first || w.people != h.people.all.N {
		t.Error("people of yesterday are counted")
	}
	h.shelf.drop()
	if len(h.shelf.packs) != 0 {
		t.Error("they were not dropped")
	}
	run()
	for range 3 {
		h.shelf.put(&warm{from: h.people.all, people: keepPeople / 2})
	}
	if len(h.shelf.packs) != 2 {
		t.Errorf("%d are kept", len(h.shelf.packs))
	}
}

func TestParametersOfLowerLists(t *testing.T) {
	day := func(y int) civil.Date { return civil.New(y, 1, 1) }
	values := func(years ...int) (out []rules.Dated) {
		for _, y := range years {
			out = append(out, rules.Dated{From: day(y)})
		}
		return out
	}
	for _, c := range []struct {
		from, first int
		have, want  []int
	}{
		{2026, 0, nil, []int{2026}},
		{2026, 0, []int{2023, 2026, 2028}, []int{2026, 2023}},
		{2026, 2025, []int{2023, 2025}, []int{2023, 2025}},
		{2024, 2025, []int{2023, 2025, 2027}, []int{2024, 2023, 2025, 2027}},
	} {
		first := civil.Date(0)
		if c.first != 0 {
			first = day(c.first)
		}
		got := ParameterChange{From: day(c.from), Value: "1"}.set(values(c.have...), first)
		var years []int
		for _, v := range got {
			years = append(years, v.From.Year())
		}
		if !slices.Equal(years, c.want) {
			t.Errorf("from %d, own from %d, of %v: %v, want %v", c.from, c.first, c.have, years, c.want)
		}
	}
}

func TestAge(t *testing.T) {
	for cel, want := range map[string]int{"local && age >= 80": 80, "age>=65": 65, "age >= 60 && age >= 80": -1, "age < 60": -1, "average >= 3": -1} {
		age, ok := AgeOf(cel)
		if ok != (want >= 0) || ok && age != want {
			t.Errorf("%s: %d %v", cel, age, ok)
		}
	}
	if got := WithAge("local && age >= 80 && age < 100", 85); got != "local && age >= 85 && age < 100" {
		t.Error(got)
	}
}
