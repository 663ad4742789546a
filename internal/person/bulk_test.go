package person

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/synth"
)

// bring applies people in one transaction.
func (k *kit) bring(t testing.TB, a access.Actor, in ...Incoming) []Applied {
	t.Helper()
	applied, err := k.tryBring(t.Context(), a, in...)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func (k *kit) tryBring(ctx context.Context, a access.Actor, in ...Incoming) (applied []Applied, err error) {
	prepared, err := k.Prepare(ctx, a, in)
	if err != nil {
		return nil, err
	}
	err = k.Audit.Write(ctx, a, audit.Action{Code: "test", Label: "导入"}, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		applied, err = k.Apply(ctx, tx, a, prepared)
		return audit.Change{Kind: "batch"}, err
	})
	return applied, err
}

// incoming is somebody stated by a source.
func incoming(t testing.TB, name, seventeen string, source history.Source, from string, pairs ...string) Incoming {
	t.Helper()
	return Incoming{Draft: draft(name, seventeen), Source: source, From: day(t, from), Facts: facts(t, pairs...), Batch: 77, Evidence: "测试"}
}

func results(applied []Applied) (s string) {
	for _, a := range applied {
		s += string(a.Result) + " "
	}
	return s
}

func TestApply(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		home := []string{"residence", "141002001", "income", "dibao"}
		batch := []Incoming{
			incoming(t, "王桂兰", wang, history.Town, "2024-01-01", home...),
			incoming(t, "赵大娘", "14100219400115004", history.Town, "2024-01-01", home...),
			incoming(t, "王桂兰", wang, history.Town, "2024-01-01", home...),                                                            // the same again
			incoming(t, "王桂兰", wang, history.Aid, "2024-02-01", "residence", "141002001", "income", "tekun"),                         // and more of her
			incoming(t, "王桂芳", wang, history.Town, "2024-01-01", home...),                                                            // another name
			incoming(t, "钱大爷", "14100219400115003", history.Town, "2024-01-01", "residence", "141024001"),                            // another county
			incoming(t, "孙大爷", "14100219400115005", history.Town, "2024-01-01", "income", "dibao"),                                   // nowhere
			{Draft: Draft{Name: "李大爷"}, Source: history.Town, From: day(t, "2024-01-01"), Facts: facts(t, "residence", "141002001")}, // no number
		}
		prepared, err := k.Prepare(t.Context(), county, batch)
		if err != nil {
			t.Fatal(err)
		}
		compared, err := k.Compare(t.Context(), county, prepared)
		if err != nil {
			t.Fatal(err)
		}
		if n, _, err := k.Count(t.Context(), everywhere, Query{}, 10); n != 0 || err != nil {
			t.Fatalf("a dry run opened %d files (%v)", n, err)
		}
		applied := k.bring(t, county, batch...)
		want := "created created unchanged changed rejected rejected rejected rejected "
		if got := results(applied); got != want || results(compared) != want {
			t.Errorf("the results are %s(dry run %s)", got, results(compared))
		}
		for i, kind := range map[int]errs.Kind{4: errs.Conflict, 5: errs.Denied, 6: errs.Invalid, 7: errs.Invalid} {
			if !errs.Is(applied[i].Err, kind) {
				t.Errorf("row %d is refused with %v", i, applied[i].Err)
			}
		}
		if p := k.show(t, applied[0].Person); p.Facts.Text(fact.Income) != "tekun" || p.Facts.Birth != day(t, "1940-01-15") || p.Version != 1 {
			t.Errorf("the file is %+v", p)
		}
		if got := results(k.bring(t, county, batch[:4]...)); got != "unchanged unchanged unchanged unchanged " {
			t.Errorf("the second time the results are %s", got)
		}
		k.clock = k.clock.Add(48 * time.Hour)
		later := incoming(t, "赵大娘", "14100219400115004", history.Town, "2026-07-01", home...)
		if got := results(k.bring(t, county, later)); got != "unchanged " {
			t.Errorf("what was said already is %s", got)
		}
		k.verified(t)
	})
}

func TestApplyToTheRegister(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang, "income", "none")
		k.says(t, p.ID, history.Aid, "2024-02-01", "income", "dibao")

		in := incoming(t, "王桂兰", wang, history.Village, "2024-03-01", "residence", "141002002", "income", "none")
		in.Phones, in.Address = []string{"13912345678"}, "解放路 2 号"
		applied := k.bring(t, county, in)
		if results(applied) != "changed " || !applied[0].Conflicts.Has(fact.Income) || applied[0].Region != "141002002" {
			t.Fatalf("applied %+v", applied)
		}
		got := k.show(t, p.ID)
		if got.Facts.Text(fact.Income) != "dibao" || got.Region != "141002002" || got.Address != "解放路 2 号" || len(got.Phones) != 2 {
			t.Errorf("the file is %+v", got)
		}
		if v, err := k.Revisions(t.Context(), county, p.ID); err != nil || len(v) != 1 || v[0].Address != "" {
			t.Errorf("the revisions are %+v (%v)", v, err)
		}
		open, err := k.ConflictsOf(t.Context(), everywhere, p.ID)
		if err != nil || len(open) != 1 || open[0].Region != "141002002" || open[0].Claimed.Source != history.Village {
			t.Errorf("the conflicts are %+v (%v)", open, err)
		}
		q, err := k.Find(t.Context(), everywhere, "13912345678")
		if err != nil {
			t.Fatal(err)
		}
		if n, _, err := k.Count(t.Context(), everywhere, q, 10); n != 1 || err != nil {
			t.Errorf("the new phone finds %d (%v)", n, err)
		}
		if got := results(k.bring(t, county, in)); got != "unchanged " {
			t.Errorf("the second time it is %s", got)
		}
		away := incoming(t, "王桂兰", wang, history.Village, "2024-05-01", "residence", "141024")
		if a := k.bring(t, county, away); !errs.Is(a[0].Err, errs.Denied) {
			t.Errorf("moving her away is %+v", a)
		}
		foreign := incoming(t, "王桂兰", wang, history.Village, "2024-05-01", "residence", "141024")
		if a := k.bring(t, other, foreign); !errs.Is(a[0].Err, errs.Conflict) {
			t.Errorf("taking her over is %+v", a)
		}
		if err := k.SetState(t.Context(), county, p.ID, k.show(t, p.ID).Version, Deceased, day(t, "2026-06-01"), history.Police, ""); err != nil {
			t.Fatal(err)
		}
		more := incoming(t, "王桂兰", wang, history.Village, "2026-06-05", "residence", "141002002", "dementia", "true")
		if a := k.bring(t, county, more); !errs.Is(a[0].Err, errs.Conflict) {
			t.Errorf("stating facts of the dead is %+v", a)
		}
		k.verified(t)
	})
}

// TestImportsMeet has imports and a clerk write the same people at once: nobody is
// doubled, and nothing that was said is lost.
func TestImportsMeet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		home := []string{"residence", "141002001"}
		p := k.create(t, "王桂兰", wang)
		sources := []history.Source{history.Aid, history.Health, history.Disabled, history.Village}
		var wg sync.WaitGroup
		for i, source := range sources {
			wg.Go(func() {
				in := []Incoming{
					incoming(t, "王桂兰", wang, source, "2024-01-01", append(home, []string{"dementia", "vagrant", "lives_alone", "empty_nest"}[i], "true")...),
					incoming(t, "赵大娘", "14100219400115004", source, "2024-01-01", home...),
				}
				for { // one that comes too late begins again, as a job does
					_, err := k.tryBring(t.Context(), county, in...)
					if err == nil {
						return
					}
					if !db.IsUnique(err) && !db.IsBusy(err) {
						t.Errorf("%s: %v", source, err)
						return
					}
				}
			})
		}
		wg.Go(func() { k.says(t, p.ID, history.Town, "2024-02-01", "left_behind", "true") })
		wg.Wait()
		got := k.show(t, p.ID)
		for _, f := range []fact.ID{fact.Dementia, fact.Vagrant, fact.LivesAlone, fact.EmptyNest, fact.LeftBehind} {
			if got.Facts.Codes[f] != fact.True {
				t.Errorf("%s was lost", f)
			}
		}
		if n, _, err := k.Count(t.Context(), everywhere, Query{}, 10); n != 2 || err != nil {
			t.Errorf("there are %d files (%v)", n, err)
		}
		k.verified(t)
	})
}

// people makes synthetic people of Linfen as a town office might send them.
func people(t testing.TB, n int) []Incoming {
	t.Helper()
	in := make([]Incoming, 0, n)
	on := civil.New(2024, 1, 1)
	err := synth.Generate(synth.Options{
		Region: "1410", Elders: n, Seed: 1, On: civil.New(2026, 1, 1), FromAge: 60, UnknownShare: 0.08, Names: true, CitizenIDs: true,
	}, func(p *synth.Person) error {
		one := Incoming{
			Draft:  Draft{Name: p.Name, Document: document.ResidentID, Number: p.CitizenID},
			Source: history.Town, From: on, Facts: p.Facts, Batch: 9, Evidence: "合成",
		}
		one.Phones = []string{fmt.Sprintf("138%08d", len(in))}
		one.Address = "某路 1 号"
		if !regionOf(&one.Facts).Within("1410") {
			one.Facts.Residence = "141002"
		}
		in = append(in, one)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// load brings people in batches and returns how long the parts took.
func (k *kit) load(t testing.TB, in []Incoming, batch int) (prepare, write time.Duration) {
	t.Helper()
	for from := 0; from < len(in); from += batch {
		part := in[from:min(from+batch, len(in))]
		begin := time.Now()
		prepared, err := k.Prepare(t.Context(), city, part)
		if err != nil {
			t.Fatal(err)
		}
		prepare += time.Since(begin)
		begin = time.Now()
		err = k.Audit.Write(t.Context(), city, audit.Action{Code: "test", Label: "导入"}, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
			applied, err := k.Apply(ctx, tx, city, prepared)
			for _, a := range applied {
				if a.Err != nil {
					return audit.Nothing, fmt.Errorf("%w %v", a.Err, errs.FieldsOf(a.Err))
				}
			}
			return audit.Change{Kind: "batch"}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		write += time.Since(begin)
	}
	return prepare, write
}

func BenchmarkImport(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			const n = 100_000
			in := people(b, n)
			for b.Loop() {
				k := newKit(b, open(b))
				prepare, write := k.load(b, in, 5000)
				b.ReportMetric(n/prepare.Seconds(), "prepared/s")
				b.ReportMetric(n/write.Seconds(), "written/s")
				begin := time.Now()
				again, compared := k.load(b, in, 5000)
				b.ReportMetric(n/time.Since(begin).Seconds(), "again/s")
				_, _ = again, compared
				begin = time.Now()
				c, _, err := k.Columns(b.Context(), everywhere)
				if err != nil || c.N != n {
					b.Fatalf("%d people read (%v)", c.N, err)
				}
				b.ReportMetric(n/time.Since(begin).Seconds(), "columns/s")
			}
		})
	}
}

// TestADepartmentNeedsOnlyTheNumber plays a department whose list holds numbers and
// its own facts: who is in the register is known by the number, who is not is refused.
func TestADepartmentNeedsOnlyTheNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang, "residence", "141002001")
		known := incoming(t, "", wang, history.Aid, "2024-02-01", "income", "dibao")
		stranger := incoming(t, "", "14100219400115004", history.Aid, "2024-02-01", "income", "dibao")
		applied := k.bring(t, county, known, stranger)
		if got := results(applied); got != "changed rejected " {
			t.Fatalf("the results are %s: %v, %v", got, applied[0].Err, applied[1].Err)
		}
		faults := errs.FieldsOf(applied[1].Err)
		if len(faults) != 1 || faults[0].Name != "number" || !strings.Contains(faults[0].Message, "没有这个证件号码的档案，文件里又没有姓名和地区，不能新建") {
			t.Errorf("the stranger is refused with %v", faults)
		}
		unborn := incoming(t, "李秀兰", "14100219400115006", history.Aid, "1940-01-14", "residence", "141002001")
		early := incoming(t, "", wang, history.Aid, "1940-01-14", "income", "edge")
		for _, a := range k.bring(t, county, unborn, early) {
			want(t, a.Err, errs.Invalid, "from")
		}
		got := k.show(t, p.ID)
		if got.Name != "王桂兰" || got.Region != "141002001" || got.Facts.Text(fact.Income) != "dibao" {
			t.Errorf("the file is %+v", got)
		}
	})
}
