package history

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/fact"
)

func TestFactsAsJSON(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{`{}`, `{}`},
		{`{"income":"dibao"}`, `{"income":"dibao"}`},
		{` { "birth" : "1940-02-29" , "income":null } `, `{"birth":"1940-02-29","income":null}`},
		{`{"vagrant":"false","hukou":"141002"}`, `{"hukou":"141002","vagrant":"false"}`},
		{`{"income":""}`, ""},
		{`{"income":"rich"}`, ""},
		{`{"wealth":"1"}`, ""},
		{`{"income":"dibao","income":"none"}`, ""},
		{`{"income":"dibao"`, ""},
		{`{"income":"dibao"}}`, ""},
		{`{"income":1}`, ""},
		{`{,}`, ""},
		{`{"income":"di\u0062ao"}`, ""},
		{`[]`, ""},
		{``, ""},
	} {
		var f Facts
		err := f.UnmarshalJSON([]byte(tc.in))
		switch {
		case (err != nil) != (tc.want == ""):
			t.Errorf("%s: %v", tc.in, err)
		case err == nil && string(f.AppendJSON(nil)) != tc.want:
			t.Errorf("%s is written as %s, want %s", tc.in, f.AppendJSON(nil), tc.want)
		}
	}
}

func TestFactsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want Facts
		for id := range fact.Count {
			switch rapid.IntRange(0, 2).Draw(t, id.String()) {
			case 1:
				want.Withdraw(id)
			case 2:
				text := "1940-02-29"
				if v := id.Def().Values; v != nil {
					text = rapid.SampledFrom(v).Draw(t, "value").Name
				} else if id.Def().Kind == fact.Region {
					text = "141002001"
				}
				if err := want.State(id, text); err != nil {
					t.Fatal(err)
				}
			}
		}
		b := want.AppendJSON(nil)
		if !json.Valid(b) {
			t.Fatalf("%s is no JSON", b)
		}
		var got Facts
		if err := got.UnmarshalJSON(b); err != nil || got != want {
			t.Fatalf("%s reads as %+v (%v), want %+v", b, got, err, want)
		}
	})
}

func FuzzFacts(f *testing.F) {
	f.Add([]byte(`{"birth":"1940-01-01","income":null}`))
	f.Add([]byte(`{"hukou":"14 10"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var facts Facts
		if facts.UnmarshalJSON(b) != nil {
			return
		}
		if !json.Valid(b) {
			t.Fatalf("%q is no JSON and was read", b)
		}
		var again Facts
		if err := again.UnmarshalJSON(facts.AppendJSON(nil)); err != nil || again != facts {
			t.Fatalf("%q reads as %+v, and what it writes as %+v (%v)", b, facts, again, err)
		}
	})
}

func BenchmarkFactsRead(b *testing.B) {
	f := Facts{}
	for id := range fact.Count {
		if v := id.Def().Values; v != nil {
			_ = f.State(id, v[0].Name)
		}
	}
	text := f.AppendJSON(nil)
	b.ReportAllocs()
	for b.Loop() {
		var f Facts
		if err := f.UnmarshalJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFactsWrite(b *testing.B) {
	f := Facts{}
	for id := range fact.Count {
		if v := id.Def().Values; v != nil {
			_ = f.State(id, v[0].Name)
		}
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = f.AppendJSON(buf[:0])
	}
}
