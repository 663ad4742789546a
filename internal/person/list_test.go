package person

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/personname"
	"yian/internal/region"
)

// TestPagesMeetEverybodyOnce walks each order forwards and back.
func TestPagesMeetEverybodyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		k.load(t, people(t, 230), 100)
		k.bring(t, city, Incoming{ // somebody of unknown birth
			Draft:  Draft{Name: "无名", Document: 6, Number: "E12345678"},
			Source: history.Town, From: day(t, "2024-01-01"), Facts: facts(t, "residence", "141002001"),
		})
		ctx, scope := t.Context(), city.Scope(access.PersonRead)
		for _, order := range []Sort{"", ByRegion, ByName, ByInitials, ByAge} {
			var forth []Person
			pages, prev := 0, ""
			for q := (Query{Sort: order, Limit: 50}); ; {
				page, err := k.List(ctx, scope, q)
				if err != nil {
					t.Fatal(err)
				}
				if (page.Prev == "") != (pages == 0) {
					t.Errorf("%s: page %d has the key %q of the page before", order, pages, page.Prev)
				}
				forth = append(forth, page.People...)
				pages++
				if page.Next == "" {
					prev = page.Prev
					break
				}
				q.After = page.Next
			}
			if len(forth) != 231 || pages != 5 {
				t.Errorf("%s: %d people on %d pages", order, len(forth), pages)
			}
			sorted := slices.IsSortedFunc(forth, func(a, b Person) int {
				switch order {
				case ByName:
					return cmp.Compare(a.Name, b.Name)
				case ByAge:
					return int(birth(&a) - birth(&b))
				case ByInitials:
					return cmp.Compare(personname.Initials(a.Name), personname.Initials(b.Name))
				}
				return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Name, b.Name))
			})
			if !sorted {
				t.Errorf("%s: the list is in another order", order)
			}
			last := forth[len(forth)-31:] // of the last page
			for q := (Query{Sort: order, Limit: 50, Before: prev}); q.Before != ""; {
				page, err := k.List(ctx, scope, q)
				if err != nil {
					t.Fatal(err)
				}
				if page.Next == "" {
					t.Errorf("%s: backwards a page has no next one", order)
				}
				last = append(slices.Clone(page.People), last...)
				q.Before = page.Prev
			}
			same := slices.EqualFunc(forth, last, func(a, b Person) bool { return a.ID == b.ID })
			if !same {
				t.Errorf("%s: backwards the list is another one (%d people)", order, len(last))
			}
		}
		var exported int
		if err := k.Export(ctx, scope, Query{}, 0, func(*Person) error { exported++; return nil }); err != nil || exported != 231 {
			t.Errorf("exported %d (%v)", exported, err)
		}
	})
}

// birth sorts the unknown last.
func birth(p *Person) int64 {
	if p.Facts.Birth == 0 {
		return 1 << 40
	}
	return int64(p.Facts.Birth)
}

// TestFiltersFindWhatTheySay compares queries with a look at everybody.
func TestFiltersFindWhatTheySay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		in := people(t, 300)
		k.load(t, in, 300)
		ctx, scope := t.Context(), city.Scope(access.PersonRead)
		var all []Person
		if err := k.Export(ctx, scope, Query{AnyState: true}, 0, func(p *Person) error {
			all = append(all, *p)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		on := k.Today()
		text := func(f fact.ID, values ...string) func(p *Person) bool {
			return func(p *Person) bool {
				return slices.Contains(values, p.Facts.Text(f)) || slices.Contains(values, Unknown) && !p.Facts.Known(f)
			}
		}
		age := func(from, to int) func(p *Person) bool {
			return func(p *Person) bool {
				n, ok := p.Age(on)
				return ok && n >= from && n <= to
			}
		}
		for name, tc := range map[string]struct {
			q    Query
			want func(p *Person) bool
		}{
			"a name":                 {Query{Name: "王"}, func(p *Person) bool { return p.Name[:3] == "王" }},
			"initials":               {Query{Initials: "w"}, func(p *Person) bool { return personname.Initials(p.Name)[0] == 'w' }},
			"a region":               {Query{Region: "141002"}, func(p *Person) bool { return p.Region.Within("141002") }},
			"80 and older":           {Query{AgeFrom: 80}, age(80, 200)},
			"70 to 79":               {Query{AgeFrom: 70, AgeTo: 79}, age(70, 79)},
			"an income":              {Query{Facts: map[fact.ID][]string{fact.Income: {"dibao", "tekun"}}}, text(fact.Income, "dibao", "tekun")},
			"or unknown":             {Query{Facts: map[fact.ID][]string{fact.Ability: {"total", Unknown}}}, text(fact.Ability, "total", Unknown)},
			"unknown hukou":          {Query{Facts: map[fact.ID][]string{fact.Hukou: {Unknown}}}, text(fact.Hukou, Unknown)},
			"two facts":              {Query{Facts: map[fact.ID][]string{fact.Sex: {"female"}, fact.LivesAlone: {"true"}}}, func(p *Person) bool { return text(fact.Sex, "female")(p) && text(fact.LivesAlone, "true")(p) }},
			"the dead":               {Query{State: Deceased}, func(*Person) bool { return false }},
			"a value without people": {Query{Facts: map[fact.ID][]string{fact.Income: {"rich"}}}, func(*Person) bool { return false }},
		} {
			want := 0
			for i := range all {
				if tc.want(&all[i]) {
					want++
				}
			}
			got := 0
			if err := k.Export(ctx, scope, tc.q, 0, func(p *Person) error {
				got++
				if !tc.want(p) {
					t.Errorf("%s finds %s in %s, %+v", name, p.Name, p.Region, p.Facts)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%s: found %d, want %d", name, got, want)
			}
			if n, exact, err := k.Count(ctx, scope, tc.q, 1000); n != want || !exact || err != nil {
				t.Errorf("%s: counted %d (%v)", name, n, err)
			}
		}
		if n, exact, err := k.Count(ctx, scope, Query{}, 100); n != 100 || exact || err != nil {
			t.Errorf("counting to 100 gives %d, exact %v (%v)", n, exact, err)
		}
	})
}

func TestFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		wangID := k.create(t, "王桂兰", wang).ID
		in := draft("阿依古丽·买买提", "14100219400115004")
		in.Document, in.Number = 3, "12345678" // of Taiwan: eight digits, as a telephone has
		in.Phones = []string{"0357-2012345"}
		p, err := k.Create(t.Context(), city, in, history.Town, facts(t, "residence", "141002001"), day(t, "2024-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			text string
			want region.Code
		}{
			{" 王 桂兰 ", "wang"},
			{"王", "wang"},
			{"WGL", "wang"},
			{"wg", "wang"},
			{number(wang), "wang"},
			{"138-1234-5678", "wang"},
			{"+86 13812345678", "wang"},
			{"阿依古丽", "other"},
			{"1234 5678", "other"},
			{"(0357)2012345", "other"},
			{"aygl", "other"},
			{"桂兰", ""},
			{"13812345679", ""},
			{"14100219400115", ""},
		} {
			q, err := k.Find(t.Context(), everywhere, tc.text)
			if err != nil {
				t.Fatal(err)
			}
			page, err := k.List(t.Context(), everywhere, q)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, one := range page.People {
				got += map[bool]string{true: "wang"}[one.ID == wangID] + map[bool]string{true: "other"}[one.ID == p.ID]
			}
			if got != string(tc.want) {
				t.Errorf("%q finds %q, want %q", tc.text, got, tc.want)
			}
		}
	})
}

func TestPhoto(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p := k.create(t, "王桂兰", wang)
		ctx := t.Context()
		_, _, err := k.Photo(ctx, county, p.ID)
		want(t, err, errs.NotFound, "")
		img := image.NewNRGBA(image.Rect(0, 0, 1200, 600))
		img.Set(3, 3, color.White)
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		want(t, k.SetPhoto(ctx, county, p.ID, []byte("<svg/>")), errs.Invalid, "")
		if err := k.SetPhoto(ctx, county, p.ID, file.Bytes()); err != nil {
			t.Fatal(err)
		}
		data, kind, err := k.Photo(ctx, county, p.ID)
		if err != nil || kind != "image/jpeg" {
			t.Fatalf("the photo is %s (%v)", kind, err)
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width != 512 || c.Height != 256 {
			t.Errorf("the photo has %d×%d (%v)", c.Width, c.Height, err)
		}
		if !k.show(t, p.ID).Photo {
			t.Error("the file does not know of its photo")
		}
		_, _, err = k.Photo(ctx, other, p.ID)
		want(t, err, errs.NotFound, "")
		if err := k.SetPhoto(ctx, county, p.ID, nil); err != nil {
			t.Fatal(err)
		}
		if k.show(t, p.ID).Photo {
			t.Error("the photo is still there")
		}
	})
}
