package duplicate

import (
	"context"
	"crypto/rand"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/secret"
)

type kit struct {
	*Service
	clock time.Time
}

func newKit(t testing.TB, d *db.DB) *kit {
	t.Helper()
	text, err := secret.Generate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{clock: time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return k.clock }
	ids := id.NewMaker(now)
	log := slog.New(slog.DiscardHandler)
	trail := audit.New(d, keys, ids, now)
	people := person.New(person.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: log})
	k.Service = New(Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: now, Log: log, People: people})
	return k
}

func officer(at region.Code) access.Actor {
	return access.NewActor(7, "测试", "session", []access.Grant{{Role: access.Officer, Region: at}}, nil)
}

var city, county, other = officer("1410"), officer("141002"), officer("141024")

func number(seventeen string) string { return seventeen + string(citizenid.Checksum(seventeen)) }

func (k *kit) create(t testing.TB, name, seventeen string, home region.Code, edit ...func(*person.Draft, *fact.Person)) id.ID {
	t.Helper()
	d := person.Draft{Name: name}
	if seventeen != "" {
		d.Document, d.Number = document.ResidentID, number(seventeen)
	}
	facts := fact.Person{Residence: home}
	for _, e := range edit {
		e(&d, &facts)
	}
	p, err := k.People.Create(t.Context(), city, d, history.Town, facts, civil.New(2024, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func born(y int, m time.Month, day int) func(*person.Draft, *fact.Person) {
	return func(_ *person.Draft, f *fact.Person) { f.Birth = civil.New(y, m, day) }
}

func want(t testing.TB, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v, want kind %d", err, kind)
	}
}

func (k *kit) open(t testing.TB) []Pair {
	t.Helper()
	pairs, err := k.Pairs(t.Context(), city.Scope(access.PersonMerge), Open, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

// TestFound looks for pairs in both ways, which must find the same.
func TestFound(t *testing.T) {
	for name, search := range map[string]func(k *kit, ctx context.Context, people []id.ID) error{
		"one by one": func(k *kit, ctx context.Context, people []id.ID) error { return k.Search(ctx, people) },
		"all":        func(k *kit, ctx context.Context, _ []id.ID) error { return k.Sweep(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newKit(t, d)
				wang := k.create(t, "王桂兰", "14100219400115002", "141002001")
				same := k.create(t, "王桂兰", "", "141002002", born(1940, 1, 15))
				digit := k.create(t, "王贵兰", "14100219400115004", "141024001")   // another sequence, another character
				swapped := k.create(t, "王桂兰", "14100219401015002", "141002001") // month 01, day 15 → month 10, day 15
				stranger := k.create(t, "赵大娘", "14100219400115006", "141002001")
				all := []id.ID{wang, same, digit, swapped, stranger}
				if err := search(k, t.Context(), all); err != nil {
					t.Fatal(err)
				}
				got := map[[2]id.ID]Pair{}
				for _, p := range k.open(t) {
					got[[2]id.ID{p.Low.ID, p.High.ID}] = p
				}
				for pair, reason := range map[[2]id.ID]Reason{{wang, same}: SameNameBirth, {wang, digit}: DigitSlip, {wang, swapped}: SwapSlip} {
					if got[pair].Reason != reason {
						t.Errorf("the pair of %d and %d is %+v, want %s", slices.Index(all, pair[0]), slices.Index(all, pair[1]), got[pair], reason)
					}
				}
				if len(got) != 3 {
					t.Errorf("found %d pairs", len(got))
				}
				if r := got[[2]id.ID{wang, digit}].Region; r != "1410" {
					t.Errorf("the pair of two counties is in %s", r)
				}
				if r := got[[2]id.ID{wang, same}].Region; r != "141002" {
					t.Errorf("the pair of two towns is in %s", r)
				}
				if err := search(k, t.Context(), all); err != nil || len(k.open(t)) != 3 {
					t.Errorf("the second time there are %d pairs (%v)", len(k.open(t)), err)
				}
				for actor, n := range map[*access.Actor]int{&county: 2, &other: 0} {
					pairs, err := k.Pairs(t.Context(), actor.Scope(access.PersonMerge), Open, 0, 10)
					if err != nil || len(pairs) != n {
						t.Errorf("a county sees %d pairs (%v), want %d", len(pairs), err, n)
					}
					if c, err := k.Count(t.Context(), actor.Scope(access.PersonMerge)); c != n || err != nil {
						t.Errorf("a county counts %d pairs (%v)", c, err)
					}
				}
				_, err := k.Pair(t.Context(), county, got[[2]id.ID{wang, digit}].ID)
				want(t, err, errs.NotFound)
			})
		})
	}
}

// TestTheSweepFindsWhatComparingAllFinds compares the halves of numbers with the rule.
func TestTheSweepFindsWhatComparingAllFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := mathrand.New(mathrand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var all []person.Likeness
		s := newSweep()
		for i := range 40 {
			l := person.Likeness{ID: id.ID(i + 1), Name: []string{"王兰", "王岚", "李明"}[r.IntN(3)], Birth: civil.New(1940, 1, 1+r.IntN(3))}
			l.Initials = map[string]string{"王兰": "wl", "王岚": "wl", "李明": "lm"}[l.Name]
			if r.IntN(4) > 0 {
				b := []byte("14100219400101123")
				for range r.IntN(3) {
					switch at := r.IntN(16); r.IntN(2) {
					case 0:
						b[at] = byte('0' + r.IntN(10))
					default:
						b[at], b[at+1] = b[at+1], b[at]
					}
				}
				l.Citizen = citizenid.ID(number(string(b)))
			}
			all = append(all, l)
			if err := s.add(&l); err != nil {
				t.Fatal(err)
			}
		}
		mark := id.ID(r.IntN(40))
		want := map[found]bool{}
		for i := range all {
			for j := range i {
				if reason, ok := reasonOf(&all[i], &all[j]); ok && all[i].ID > mark {
					want[found{all[j].ID, all[i].ID, reason}] = true
				}
			}
		}
		got := map[found]bool{}
		for _, f := range s.pairs(mark, 1000) {
			got[f] = true
		}
		for f := range want {
			if !got[f] {
				t.Fatalf("the sweep misses %+v: %+v %+v", f, all[f.low-1], all[f.high-1])
			}
		}
		for f := range got {
			if !want[f] {
				t.Fatalf("the sweep finds %+v, which the rule does not", f)
			}
		}
	})
}

func (k *kit) says(t testing.TB, person_ id.ID, source history.Source, from civil.Date, f fact.ID, value string) {
	t.Helper()
	st := person.Statement{Source: source, From: from, Facts: map[fact.ID]string{f: value}}
	if _, err := k.People.Record(t.Context(), city, person_, st); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) show(t testing.TB, one id.ID) *person.Person {
	t.Helper()
	p, err := k.People.Show(t.Context(), city, one, "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMergeAndUndo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		keep := k.create(t, "王桂兰", "", "141002001", born(1940, 1, 15), func(d *person.Draft, _ *fact.Person) {
			d.Phones, d.Address = []string{"13812345678"}, "解放路 1 号"
		})
		gone := k.create(t, "王桂兰", "14100219400115002", "141002002", func(d *person.Draft, _ *fact.Person) {
			d.Phones, d.Address, d.Marital = []string{"13912345678", "13812345678"}, "解放路 2 号", "30"
		})
		k.says(t, gone, history.Aid, civil.New(2025, 1, 1), fact.Income, "dibao")
		k.says(t, keep, history.Town, civil.New(2025, 3, 1), fact.Income, "none")
		before, former := k.show(t, keep), k.show(t, gone)
		if err := k.Search(t.Context(), []id.ID{keep}); err != nil {
			t.Fatal(err)
		}
		pair := k.open(t)[0]
		want(t, k.Merge(t.Context(), other, pair.ID, pair.Version, keep, ""), errs.NotFound)
		want(t, k.Merge(t.Context(), county, pair.ID, pair.Version, pair.ID, ""), errs.Invalid)
		want(t, k.Merge(t.Context(), county, pair.ID, pair.Version+1, keep, ""), errs.Stale)
		if err := k.Merge(t.Context(), county, pair.ID, pair.Version, keep, "同一人"); err != nil {
			t.Fatal(err)
		}

		now := k.show(t, keep)
		if now.Number == "" || now.Facts.Text(fact.Income) != "dibao" || now.Address != "解放路 1 号" || now.Marital != "30" || len(now.Phones) != 2 {
			t.Errorf("the file that was kept is %+v", now)
		}
		if g := k.show(t, gone); g.State != person.Merged || g.MergedInto != keep || g.Number != "" {
			t.Errorf("the file that is gone is %+v", g)
		}
		if c, err := k.People.ConflictsOf(t.Context(), city.Scope(access.PersonRead), keep); len(c) != 1 || err != nil {
			t.Errorf("the town contradicts the aid office, and the conflicts are %+v (%v)", c, err)
		}
		q, err := k.People.Find(t.Context(), city.Scope(access.PersonRead), number("14100219400115002"))
		if err != nil {
			t.Fatal(err)
		}
		if page, err := k.People.List(t.Context(), city.Scope(access.PersonRead), q); err != nil || len(page.People) != 1 || page.People[0].ID != keep {
			t.Errorf("the number finds %+v (%v)", page.People, err)
		}
		_, err = k.People.Record(t.Context(), city, gone, person.Statement{Source: history.Town, From: civil.New(2025, 1, 1), Facts: map[fact.ID]string{fact.Dementia: "true"}})
		want(t, err, errs.Conflict)
		k.verified(t)

		merged, err := k.Pairs(t.Context(), city.Scope(access.PersonMerge), Merged, 0, 10)
		if err != nil || len(merged) != 1 || merged[0].Keep != keep || merged[0].Note != "同一人" {
			t.Fatalf("the merged pairs are %+v (%v)", merged, err)
		}
		if err := k.Unmerge(t.Context(), county, pair.ID, merged[0].Version, "弄错了"); err != nil {
			t.Fatal(err)
		}
		for which, was := range map[id.ID]*person.Person{keep: before, gone: former} {
			is := k.show(t, which)
			if is.Facts != was.Facts || is.Number != was.Number || is.Address != was.Address || is.Marital != was.Marital ||
				!slices.Equal(is.Phones, was.Phones) || is.State != was.State || is.MergedInto != 0 || is.Region != was.Region {
				t.Errorf("after the undo a file is\n%+v, before it was\n%+v", is, was)
			}
		}
		if c, err := k.People.ConflictsOf(t.Context(), city.Scope(access.PersonRead), keep); len(c) != 0 || err != nil {
			t.Errorf("after the undo the conflicts are %+v (%v)", c, err)
		}
		k.verified(t)

		again := k.open(t)
		if len(again) != 1 {
			t.Fatalf("after the undo %d pairs are open", len(again))
		}
		if err := k.Merge(t.Context(), county, pair.ID, again[0].Version, gone, "再合并"); err != nil {
			t.Fatal(err)
		}
		if p := k.show(t, gone); p.Facts.Text(fact.Income) != "dibao" || p.Number == "" {
			t.Errorf("merged the other way the file is %+v", p)
		}
		k.verified(t)
	})
}

func TestDismissedPairsStayAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		a := k.create(t, "王桂兰", "14100219400115002", "141002001")
		k.create(t, "王桂兰", "", "141002002", born(1940, 1, 15))
		if err := k.Search(t.Context(), []id.ID{a}); err != nil {
			t.Fatal(err)
		}
		pair := k.open(t)[0]
		town := access.NewActor(8, "镇", "session", []access.Grant{{Role: access.TownWorker, Region: "141002001"}}, nil)
		want(t, k.Dismiss(t.Context(), town, pair.ID, pair.Version, ""), errs.Denied)
		if err := k.Dismiss(t.Context(), county, pair.ID, pair.Version, "同名同日出生"); err != nil {
			t.Fatal(err)
		}
		if err := k.Search(t.Context(), []id.ID{a}); err != nil || len(k.open(t)) != 0 {
			t.Errorf("the pair came back (%v)", err)
		}
		if of, err := k.PairsOf(t.Context(), city.Scope(access.PersonRead), a); err != nil || len(of) != 0 {
			t.Errorf("the person still has pairs %+v (%v)", of, err)
		}
	})
}

// TestPairsFollowThePeople moves one of a pair to another county.
func TestPairsFollowThePeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		a := k.create(t, "王桂兰", "14100219400115002", "141002001")
		b := k.create(t, "王桂兰", "", "141002002", born(1940, 1, 15))
		if err := k.Search(t.Context(), []id.ID{a}); err != nil {
			t.Fatal(err)
		}
		k.says(t, b, history.Village, civil.New(2025, 1, 1), fact.Residence, "141024001")
		if err := k.Search(t.Context(), []id.ID{b}); err != nil {
			t.Fatal(err)
		}
		pairs, err := k.Pairs(t.Context(), county.Scope(access.PersonMerge), Open, 0, 10)
		if err != nil || len(pairs) != 0 {
			t.Errorf("the county still sees %+v (%v)", pairs, err)
		}
		if open := k.open(t); len(open) != 1 || open[0].Region != "1410" {
			t.Errorf("the pairs are %+v", open)
		}
	})
}

func (k *kit) verified(t testing.TB) {
	t.Helper()
	if _, err := k.Audit.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := k.Audit.Verify(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Fatalf("the trail finds %+v", r.Problems)
	}
}

func BenchmarkSweep(b *testing.B) {
	r := mathrand.New(mathrand.NewPCG(1, 1))
	const n = 1_000_000
	people := make([]person.Likeness, n)
	for i := range people {
		birth := civil.New(1930, 1, 1) + civil.Date(r.IntN(13000))
		y, m, d := birth.Date()
		digits := []byte("1410000000000000")
		digits[4], digits[5] = byte('0'+r.IntN(2)), byte('0'+r.IntN(9))
		copy(digits[6:], []byte{byte('0' + y/1000), byte('0' + y/100%10), byte('0' + y/10%10), byte('0' + y%10), byte('0' + m/10), byte('0' + m%10), byte('0' + d/10), byte('0' + d%10)})
		seventeen := string(digits[:14]) + string([]byte{byte('0' + r.IntN(4)), byte('0' + r.IntN(10)), byte('0' + r.IntN(10))})
		initials := string([]byte{"wlzcyhxs"[r.IntN(8)], byte('a' + r.IntN(20)), byte('a' + r.IntN(20))})
		people[i] = person.Likeness{ID: id.ID(i + 1), Name: initials + string(rune('一'+r.IntN(3))), Initials: initials, Birth: birth, Citizen: citizenid.ID(number(seventeen))}
	}
	for b.Loop() {
		s := newSweep()
		for i := range people {
			if err := s.add(&people[i]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(s.pairs(0, mostPairs))), "pairs")
	}
}
