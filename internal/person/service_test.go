package person

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/region"
)

func TestCreateAndShow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		lon, lat := int64(111_520_000), int64(36_080_000)
		in := draft("王桂兰", wang)
		in.Lon, in.Lat = &lon, &lat
		in.Details = Details{
			Phones: []string{"138 1234 5678"}, Address: "解放路 1 号", Marital: "30",
			Contacts: []Contact{{Name: "李明", Relation: "儿子", Phone: "0357-2012345", Guardian: true}},
		}
		p, err := k.Create(t.Context(), county, in, history.Town, facts(t, "residence", "141002001", "income", "dibao"), day(t, "2024-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		got := k.show(t, p.ID)
		if got.Name != "王桂兰" || got.Region != "141002001" || got.Number != "141***********"+number(wang)[14:] || got.State != Alive || got.Version != 1 {
			t.Errorf("the file is %+v", got)
		}
		if got.Facts.Birth != day(t, "1940-01-15") || got.Facts.Codes[fact.Sex] != femaleCode || got.Facts.Text(fact.Income) != "dibao" {
			t.Errorf("the facts are %+v", got.Facts)
		}
		if !slices.Equal(got.Phones, []string{"138****5678"}) || got.Contacts[0].Phone != "0357-****345" || *got.Lon != lon {
			t.Errorf("the details are %+v", got.Details)
		}
		recs, err := k.History(t.Context(), county, p.ID)
		if err != nil || len(recs) != 2 || recs[0].Source != history.Document || recs[1].Source != history.Town {
			t.Errorf("the records are %+v (%v)", recs, err)
		}
		k.verified(t)
	})
}

func TestCreateRefuses(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t))
	for _, tc := range []struct {
		name  string
		edit  func(d *Draft, f *fact.Person)
		kind  errs.Kind
		field string
	}{
		{"no name", func(d *Draft, _ *fact.Person) { d.Name = " " }, errs.Invalid, "name"},
		{"a bad check character", func(d *Draft, _ *fact.Person) { d.Number = "141002194001150010" }, errs.Invalid, "number"},
		{"a number without a kind that is none", func(d *Draft, _ *fact.Person) { d.Document, d.Number = 0, "14100219400115001" }, errs.Invalid, "number"},
		{"a kind without a number", func(d *Draft, _ *fact.Person) { d.Number = "" }, errs.Invalid, "number"},
		{"another birth than the number's", func(_ *Draft, f *fact.Person) { f.Birth = day(t, "1940-01-16") }, errs.Invalid, "birth"},
		{"another sex than the number's", func(_ *Draft, f *fact.Person) { f.Codes[fact.Sex] = maleCode }, errs.Invalid, "sex"},
		{"nowhere", func(_ *Draft, f *fact.Person) { f.Residence = "" }, errs.Invalid, "residence"},
		{"a bad phone", func(d *Draft, _ *fact.Person) { d.Phones = []string{"", "123"} }, errs.Invalid, "phones.1"},
		{"a contact without a name", func(d *Draft, _ *fact.Person) { d.Contacts = []Contact{{}, {Phone: "13812345678"}} }, errs.Invalid, "contacts.1.name"},
		{"half a point", func(d *Draft, _ *fact.Person) { d.Lon = new(int64) }, errs.Invalid, "lon"},
		{"impossible facts", func(_ *Draft, f *fact.Person) {
			f.Codes[fact.DisabilityKind], f.Codes[fact.DisabilityGrade] = 1, 3
		}, errs.Invalid, "disability_grade"},
		{"another county", func(_ *Draft, f *fact.Person) { f.Residence = "141024001" }, errs.Denied, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in, f := draft("王桂兰", wang), facts(t, "residence", "141002001")
			tc.edit(&in, &f)
			_, err := k.Create(t.Context(), county, in, history.Town, f, day(t, "2024-01-01"))
			want(t, err, tc.kind, tc.field)
		})
	}
	_, err := k.Create(t.Context(), county, draft("王桂兰", wang), history.Document, facts(t, "residence", "141002"), day(t, "2024-01-01"))
	want(t, err, errs.Invalid, "source")
	_, err = k.Create(t.Context(), county, draft("王桂兰", wang), history.Town, facts(t, "residence", "141002"), day(t, "2026-07-01"))
	want(t, err, errs.Invalid, "from")
	_, err = k.Create(t.Context(), actor(access.VillageWorker, "141002001"), draft("王桂兰", wang), history.Town, facts(t, "residence", "141002001"), day(t, "2026-01-01"))
	want(t, err, errs.Denied, "")
	if n, _, err := k.Count(t.Context(), everywhere, Query{AnyState: true}, 10); n != 0 || err != nil {
		t.Errorf("%d files were opened (%v)", n, err)
	}
}

func TestANumberExistsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		first := k.create(t, "王桂兰", wang)
		_, err := k.Create(t.Context(), county, draft("王桂蓝", wang), history.Town, facts(t, "residence", "141002002"), day(t, "2024-01-01"))
		want(t, err, errs.Conflict, "")
		var e *ExistsError
		if !errors.As(err, &e) || e.Person != first.ID {
			t.Errorf("%v does not lead to the file", err)
		}
		in := draft("王桂蓝", wang)
		in.Number, in.Document = in.Number[:17]+strings.ToLower(in.Number[17:]), 0 // as it may be written
		_, err = k.Create(t.Context(), other, in, history.Town, facts(t, "residence", "141024"), day(t, "2024-01-01"))
		want(t, err, errs.Conflict, "")
		if errors.As(err, &e) && e.Person == first.ID && strings.Contains(err.Error(), first.ID.String()) {
			t.Errorf("%v tells another county whose number it is", err)
		}
		second := k.create(t, "赵大娘", "14100219400115004")
		_, err = k.Change(t.Context(), city, second.ID, second.Version, draft("赵大娘", wang))
		want(t, err, errs.Conflict, "")
	})
}

// TestTwoOpenAFileAtOnce has several clerks open a file with one number: one wins.
func TestTwoOpenAFileAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		errors := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errors {
			wg.Go(func() {
				_, errors[i] = k.Create(t.Context(), county, draft("王桂兰", wang), history.Town, facts(t, "residence", "141002001"), day(t, "2024-01-01"))
			})
		}
		wg.Wait()
		opened := 0
		for _, err := range errors {
			if err == nil {
				opened++
			} else if !errs.Is(err, errs.Conflict) {
				t.Errorf("got %v", err)
			}
		}
		if opened != 1 {
			t.Errorf("%d files were opened", opened)
		}
	})
}

func TestChangeKeepsWhatWasShownMasked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		in := draft("王桂兰", wang)
		in.Phones = []string{"13812345678", "13912345678"}
		in.Contacts = []Contact{{Name: "李明", Phone: "13712345678"}, {Name: "李红", Phone: "13700005678"}}
		p, err := k.Create(t.Context(), county, in, history.Town, facts(t, "residence", "141002001"), day(t, "2024-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		shown := k.show(t, p.ID)
		back := Draft{Name: "王桂蓝", Document: shown.Document, Number: shown.Number, Details: shown.Details}
		back.Phones = []string{shown.Phones[1], "13600000000"}
		back.Contacts = []Contact{shown.Contacts[1], shown.Contacts[0]} // the other order, the same masks
		changed, err := k.Change(t.Context(), county, p.ID, p.Version, back)
		if err != nil {
			t.Fatal(err)
		}
		if changed.Name != "王桂蓝" || changed.Version != 2 {
			t.Errorf("the file is %+v", changed)
		}
		number_, err := k.Unmask(t.Context(), county, p.ID, ShowNumber, "核对身份")
		if err != nil || number_ != number(wang) {
			t.Errorf("the number is %s (%v)", number_, err)
		}
		phones, err := k.Unmask(t.Context(), county, p.ID, ShowPhones, "电话回访")
		if want := "13912345678\n13600000000\n13700005678 李红\n13712345678 李明"; err != nil || phones != want {
			t.Errorf("the phones are %q (%v), want %q", phones, err, want)
		}
		for phone, n := range map[string]int{"13812345678": 0, "13600000000": 1, "13712345678": 1} {
			q, err := k.Find(t.Context(), everywhere, phone)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := k.Count(t.Context(), everywhere, q, 10); got != n || err != nil {
				t.Errorf("%s finds %d files (%v), want %d", phone, got, err, n)
			}
		}
		versions, err := k.Revisions(t.Context(), county, p.ID)
		if err != nil || len(versions) != 1 || versions[0].Name != "王桂兰" || versions[0].Version != 1 || versions[0].Phones[0] != "138****5678" || versions[0].Number != shown.Number {
			t.Errorf("the revisions are %+v (%v)", versions, err)
		}
		_, err = k.Change(t.Context(), county, p.ID, 1, back)
		want(t, err, errs.Stale, "")
		k.verified(t)
	})
}

func TestAnotherNumberSaysAnotherBirth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		man := "14100219410220003"
		changed, err := k.Change(t.Context(), county, p.ID, p.Version, draft("王桂兰", man))
		if err != nil {
			t.Fatal(err)
		}
		if changed.Facts.Birth != day(t, "1941-02-20") || changed.Facts.Codes[fact.Sex] != maleCode {
			t.Errorf("the facts are %+v", changed.Facts)
		}
		passport := Draft{Name: "王桂兰", Document: document.Passport, Number: "E12345678"}
		changed, err = k.Change(t.Context(), county, p.ID, changed.Version, passport)
		if err != nil {
			t.Fatal(err)
		}
		if changed.Facts.Known(fact.Birth) || changed.Facts.Known(fact.Sex) {
			t.Errorf("the passport does not tell, and the facts are %+v", changed.Facts)
		}
		none := Draft{Name: "王桂兰"}
		if changed, err = k.Change(t.Context(), county, p.ID, changed.Version, none); err != nil || changed.Document != 0 || changed.Number != "" {
			t.Errorf("without a document the file is %+v (%v)", changed, err)
		}
		k.create(t, "王桂兰", wang) // the number is free again
		k.verified(t)
	})
}

func TestSiblingCountiesSeeNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		k.says(t, p.ID, history.Aid, "2024-01-01", "income", "dibao")
		k.says(t, p.ID, history.Self, "2024-03-01", "income", "none")
		found, err := k.Conflicts(t.Context(), county.Scope(access.PersonRead), 0, 10)
		if err != nil || len(found) != 1 {
			t.Fatalf("the county finds %+v (%v)", found, err)
		}
		scope, ctx := other.Scope(access.PersonRead), t.Context()
		for name, err := range map[string]error{
			"show":      second(k.Show(ctx, other, p.ID, "")),
			"unmask":    second(k.Unmask(ctx, other, p.ID, ShowNumber, "核对身份")),
			"history":   second(k.History(ctx, other, p.ID)),
			"as of":     second(k.AsOf(ctx, other, p.ID, 0, 0)),
			"revisions": second(k.Revisions(ctx, other, p.ID)),
			"record":    second(k.Record(ctx, other, p.ID, Statement{Source: history.Town, From: 1e5 * 7, Facts: map[fact.ID]string{fact.Income: "none"}})),
			"change":    second(k.Change(ctx, other, p.ID, 1, draft("王桂兰", wang))),
			"state":     k.SetState(ctx, other, p.ID, 1, Deceased, k.Today(), history.Town, ""),
			"conflict":  second(k.Conflict(ctx, scope, found[0].ID)),
			"settle":    k.Settle(ctx, other, found[0].ID, 1, true, "核定"),
			"photo":     k.SetPhoto(ctx, other, p.ID, nil),
		} {
			if !errs.Is(err, errs.NotFound) {
				t.Errorf("%s by another county: %v", name, err)
			}
		}
		for _, text := range []string{number(wang), "13812345678", "王桂", "wgl"} {
			q, err := k.Find(ctx, scope, text)
			if err != nil {
				t.Fatal(err)
			}
			for of, n := range map[string]access.Scope{"the county": county.Scope(access.PersonRead), "": scope} {
				page, err := k.List(ctx, n, q)
				if err != nil {
					t.Fatal(err)
				}
				if got := len(page.People); got != map[string]int{"the county": 1}[of] {
					t.Errorf("%s: %q finds %d", of, text, got)
				}
			}
			if n, _, err := k.Count(ctx, scope, q, 10); n != 0 || err != nil {
				t.Errorf("another county counts %d (%v)", n, err)
			}
		}
		if of, err := k.ConflictsOf(ctx, scope, p.ID); len(of) != 0 || err != nil {
			t.Errorf("another county sees conflicts %+v (%v)", of, err)
		}
		if c, ids, err := k.Columns(ctx, scope); c.N != 0 || len(ids) != 0 || err != nil {
			t.Errorf("another county reads the facts of %d (%v)", c.N, err)
		}
		if page, err := k.List(ctx, scope, Query{After: p.ID.String()}); !errs.Is(err, errs.Invalid) {
			t.Errorf("a foreign key of paging gives %+v (%v)", page, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestNothingIsLostOnOneFile has many record and change one file at once.
func TestNothingIsLostOnOneFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		which := []fact.ID{fact.LivesAlone, fact.EmptyNest, fact.LeftBehind, fact.Dementia, fact.FPSpecial, fact.Vagrant}
		var wg sync.WaitGroup
		for _, f := range which {
			wg.Go(func() {
				if _, err := k.Record(t.Context(), county, p.ID, Statement{Source: history.Town, From: day(t, "2024-02-01"), Facts: map[fact.ID]string{f: "true"}}); err != nil {
					t.Errorf("%s: %v", f, err)
				}
			})
		}
		wg.Wait()
		after := k.show(t, p.ID)
		for _, f := range which {
			if after.Facts.Codes[f] != fact.True {
				t.Errorf("%s was lost", f)
			}
		}
		results := make([]error, 4)
		for i := range results {
			wg.Go(func() {
				_, results[i] = k.Change(t.Context(), county, p.ID, after.Version, draft(fmt.Sprintf("王桂%c", '兰'+rune(i)+1), wang))
			})
		}
		wg.Wait()
		saved := 0
		for _, err := range results {
			if err == nil {
				saved++
			} else if !errs.Is(err, errs.Stale) {
				t.Errorf("got %v", err)
			}
		}
		if saved != 1 {
			t.Errorf("%d of the changes of one version were saved", saved)
		}
		k.verified(t)
	})
}

func TestStatesOfAFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		ctx := t.Context()
		want(t, k.SetState(ctx, county, p.ID, 1, Deceased, day(t, "2026-07-01"), history.Police, ""), errs.Invalid, "on")
		want(t, k.SetState(ctx, county, p.ID, 1, Deceased, day(t, "1939-07-01"), history.Police, ""), errs.Invalid, "on")
		want(t, k.SetState(ctx, county, p.ID, 1, Merged, day(t, "2026-01-01"), history.Police, ""), errs.Invalid, "state")
		if err := k.SetState(ctx, county, p.ID, 1, Deceased, day(t, "2026-06-01"), history.Police, "死亡医学证明"); err != nil {
			t.Fatal(err)
		}
		if q, _ := k.Find(ctx, everywhere, "王桂兰"); true {
			if n, _, err := k.Count(ctx, everywhere, q, 10); n != 0 || err != nil {
				t.Errorf("the dead are on the list (%v)", err)
			}
			q.State = Deceased
			if n, _, err := k.Count(ctx, everywhere, q, 10); n != 1 || err != nil {
				t.Errorf("the dead are not on their list (%v)", err)
			}
		}
		if c, _, err := k.Columns(ctx, everywhere); c.N != 0 || err != nil {
			t.Errorf("the engine reads %d (%v)", c.N, err)
		}
		want(t, k.SetState(ctx, county, p.ID, 1, Alive, day(t, "2026-06-02"), history.Police, ""), errs.Stale, "")
		if err := k.SetState(ctx, county, p.ID, 2, Alive, day(t, "2026-06-02"), history.Police, "误报"); err != nil {
			t.Fatal(err)
		}
		versions, err := k.Revisions(ctx, county, p.ID)
		if err != nil || len(versions) != 2 || versions[0].State != Deceased || versions[0].Evidence != "误报" || versions[1].State != Alive {
			t.Errorf("the revisions are %+v (%v)", versions, err)
		}
		k.verified(t)
	})
}

func TestTransferAndStayingInScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		ctx := t.Context()
		_, err := k.Record(ctx, county, p.ID, Statement{Source: history.Village, From: day(t, "2025-01-01"), Facts: map[fact.ID]string{fact.Residence: "141024"}})
		want(t, err, errs.Denied, "")
		if got := k.show(t, p.ID); got.Region != "141002001" || got.Version != 1 {
			t.Errorf("what was refused left %+v", got)
		}
		if out := k.says(t, p.ID, history.Village, "2025-01-01", "residence", "141002002"); !slices.Equal(out.Changed, []fact.ID{fact.Residence}) {
			t.Errorf("changed %v", out.Changed)
		}
		want(t, k.Transfer(ctx, county, p.ID, 2, "14", k.Today(), history.Village, ""), errs.Invalid, "residence")
		want(t, k.Transfer(ctx, county, p.ID, 2, "141024", k.Today(), history.Self, ""), errs.Conflict, "")
		if err := k.Transfer(ctx, county, p.ID, 2, "141024", day(t, "2026-06-01"), history.Village, "随子女居住"); err != nil {
			t.Fatal(err)
		}
		_, err = k.Show(ctx, county, p.ID, "")
		want(t, err, errs.NotFound, "")
		got, err := k.Show(ctx, other, p.ID, "")
		if err != nil || got.Region != region.Code("141024") {
			t.Errorf("the other county sees %+v (%v)", got, err)
		}
		for actor, code := range map[*access.Actor]string{&county: "person.transfer", &other: "person.receive"} {
			if n := entries(t, k, *actor, code); n != 1 {
				t.Errorf("%d entries %s where they can be seen", n, code)
			}
		}
		k.verified(t)
	})
}
