package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
)

var on = civil.New(2024, 6, 30)

func people(t *testing.T, o Options) []Person {
	t.Helper()
	var out []Person
	if err := Generate(o, func(p *Person) error { out = append(out, *p); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSameSeedSamePeople pins the stream: a change here changes everybody's files.
func TestSameSeedSamePeople(t *testing.T) {
	o := Options{Region: "1410", Elders: 1000, Seed: 1, On: on, FromAge: 60, UnknownShare: DefaultUnknown, Names: true, CitizenIDs: true}
	h := sha256.New()
	for _, p := range people(t, o) {
		fmt.Fprintln(h, p)
	}
	const want = "4f583145a6a69326"
	if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want {
		t.Errorf("the first thousand people hash to %s, want %s", got, want)
	}
	o.Seed = 2
	if people(t, o)[0].Facts == people(t, Options{Region: "1410", Elders: 1, Seed: 1, On: on, FromAge: 60})[0].Facts {
		t.Error("another seed gives the same person")
	}
}

func TestSharesAreRealistic(t *testing.T) {
	const n = 60_000
	all := people(t, Options{Region: "1410", Elders: n, Seed: 7, On: on, FromAge: 60})
	share := func(of func(*Person) bool) float64 {
		k := 0
		for i := range all {
			if of(&all[i]) {
				k++
			}
		}
		return float64(k) / float64(len(all))
	}
	age := func(p *Person) int { return civil.Age(p.Facts.Birth, on) }
	disabled := func(p *Person) bool { return p.Facts.Codes[fact.Ability] >= code(fact.Ability, "moderate") }
	for name, c := range map[string]struct{ got, lo, hi float64 }{
		"80 and over":       {share(func(p *Person) bool { return age(p) >= 80 }), 0.12, 0.145},
		"100 and over":      {share(func(p *Person) bool { return age(p) >= 100 }), 0.0001, 0.001},
		"women":             {share(func(p *Person) bool { return p.Facts.Codes[fact.Sex] == code(fact.Sex, "female") }), 0.50, 0.56},
		"moderate or worse": {share(disabled), 0.105, 0.126},
		"dibao":             {share(func(p *Person) bool { return p.Facts.Codes[fact.Income] == code(fact.Income, "dibao") }), 0.025, 0.05},
		"tekun":             {share(func(p *Person) bool { return p.Facts.Codes[fact.Income] == code(fact.Income, "tekun") }), 0.01, 0.025},
		"lives alone":       {share(func(p *Person) bool { return p.Facts.Codes[fact.LivesAlone] == fact.True }), 0.06, 0.16},
		"of Hongdong":       {share(func(p *Person) bool { return p.Facts.Hukou.Within("141024") }), 0.14, 0.18},
		"lives at home":     {share(func(p *Person) bool { return p.Facts.Hukou == p.Facts.Residence }), 0.88, 0.94},
		"poor and disabled": {share(func(p *Person) bool { return disabled(p) && p.Facts.Codes[fact.Income] > 1 }), 0.004, 0.02},
	} {
		if c.got < c.lo || c.got > c.hi {
			t.Errorf("%s: %.4f, want %.4f to %.4f", name, c.got, c.lo, c.hi)
		}
	}
	ratio := func(of, among func(*Person) bool) float64 {
		return share(func(p *Person) bool { return of(p) && among(p) }) / share(among)
	}
	old := func(p *Person) bool { return age(p) >= 80 }
	young := func(p *Person) bool { return age(p) < 70 }
	alone := func(p *Person) bool { return p.Facts.Codes[fact.LivesAlone] == fact.True }
	for name, of := range map[string]func(*Person) bool{"disability": disabled, "living alone": alone} {
		if a, b := ratio(of, old), ratio(of, young); a < 2*b {
			t.Errorf("%s: %.3f over 80, %.3f under 70; it should worsen with age", name, a, b)
		}
	}
}

func TestUnknowns(t *testing.T) {
	all := people(t, Options{Region: "1410", Elders: 20_000, Seed: 3, On: on, FromAge: 60, UnknownShare: DefaultUnknown})
	missing := map[fact.ID]float64{}
	for i := range all {
		for id := range fact.Count {
			if !all[i].Facts.Known(id) {
				missing[id] += 1.0 / float64(len(all))
			}
		}
	}
	if missing[fact.Ability] < 0.40 || missing[fact.Ability] > 0.60 || math.Abs(missing[fact.Medical]-0.04) > 0.01 || missing[fact.Birth] > 0.005 {
		t.Errorf("unknown: ability %.3f, medical %.3f, birth %.4f", missing[fact.Ability], missing[fact.Medical], missing[fact.Birth])
	}
	for _, p := range people(t, Options{Region: "1410", Elders: 500, Seed: 3, On: on, FromAge: 60}) {
		for id := range fact.Count {
			if !p.Facts.Known(id) && id != fact.TekunCare {
				t.Fatalf("%s is unknown though nothing should be", id)
			}
		}
	}
}

func TestNobodyIsImplausible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{
			Region: rapid.SampledFrom([]region.Code{"1410", "141024", "52", "22", "371002", "6501", "141024100"}).Draw(t, "region"),
			Elders: rapid.IntRange(0, 200).Draw(t, "elders"), Seed: rapid.Uint64().Draw(t, "seed"),
			On: civil.New(2020, 1, 1) + civil.Date(rapid.IntRange(0, 4000).Draw(t, "day")), FromAge: rapid.IntRange(40, 60).Draw(t, "from"),
			UnknownShare: rapid.Float64Range(0, 1).Draw(t, "unknown"), Names: true, CitizenIDs: true,
		}
		elders, ids := 0, map[string]bool{}
		err := Generate(o, func(p *Person) error {
			if _, why := p.Facts.Implausible(o.On); why != "" {
				t.Fatalf("%s: %+v", why, p)
			}
			id, err := citizenid.Parse(p.CitizenID)
			if err != nil || ids[p.CitizenID] {
				t.Fatalf("%s: %v, seen before: %v", p.CitizenID, err, ids[p.CitizenID])
			}
			ids[p.CitizenID] = true
			if p.Facts.Birth != 0 && p.Facts.Birth != id.Birth() {
				t.Fatalf("born %s, but the number says %s", p.Facts.Birth, id.Birth())
			}
			if age := civil.Age(id.Birth(), o.On); age >= 60 {
				elders++
			} else if age < o.FromAge {
				t.Fatalf("%d years old", age)
			}
			if p.Facts.Hukou != "" && !p.Facts.Hukou.Within(o.Region) {
				t.Fatalf("hukou %s", p.Facts.Hukou)
			}
			return nil
		})
		if err != nil || elders != o.Elders {
			t.Fatalf("%d elders, want %d; %v", elders, o.Elders, err)
		}
	})
}

func TestRefusals(t *testing.T) {
	for _, o := range []Options{
		{Region: "99", Elders: 1, On: on, FromAge: 60},
		{Region: "1410", Elders: -1, On: on, FromAge: 60},
		{Region: "1410", Elders: 1, On: on, FromAge: 61},
		{Region: "1410", Elders: 1, On: on, FromAge: 60, UnknownShare: 1.1},
		{Region: "1410", Elders: 1, FromAge: 60},
		{Region: "1410", Elders: 2_000_000, On: on, FromAge: 0, CitizenIDs: true}, // with the younger more than there are numbers
		{Region: "1410", Elders: 99_999_999, On: on},                              // with those below 60 too many for the numbers
	} {
		if err := Generate(o, func(*Person) error { return nil }); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	n := 0
	for b.Loop() {
		_ = Generate(Options{Region: "1410", Elders: 10_000, Seed: 1, On: on, FromAge: 60, UnknownShare: DefaultUnknown}, func(*Person) error { n++; return nil })
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "people/s")
}
