package history

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
)

// rec makes a record of incomes and other facts for tables: "income", "dibao", …
func rec(t *testing.T, n int64, source Source, from, to string, facts ...string) Record {
	t.Helper()
	r := Record{ID: id.ID(n), At: civil.Instant(n), Source: source, From: day(t, from), To: day(t, to)}
	for i := 0; i < len(facts); i += 2 {
		f, ok := fact.ByName(facts[i])
		if !ok {
			t.Fatalf("no fact %s", facts[i])
		}
		if facts[i+1] == "null" {
			r.Facts.Withdraw(f)
		} else if err := r.Facts.State(f, facts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func replacing(r Record, n int64) Record {
	r.Replaces = id.ID(n)
	return r
}

func day(t *testing.T, s string) civil.Date {
	t.Helper()
	if s == "" {
		return 0
	}
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestResolve(t *testing.T) {
	aid := func(n int64, from, to string, income string) Record {
		return rec(t, n, Aid, from, to, "income", income)
	}
	town := func(n int64, from, to string, income string) Record {
		return rec(t, n, Town, from, to, "income", income)
	}
	for _, tc := range []struct {
		name    string
		records []Record
		on      string
		known   civil.Instant
		want    string // the income
		against int64  // the claim that contradicts it
	}{
		{name: "nothing", on: "2024-01-01"},
		{name: "the first day counts", records: []Record{aid(1, "2024-01-01", "2024-02-01", "dibao")}, on: "2024-01-01", want: "dibao"},
		{name: "the last day does not", records: []Record{aid(1, "2024-01-01", "2024-02-01", "dibao")}, on: "2024-02-01"},
		{name: "the later one of a source", records: []Record{aid(1, "2024-01-01", "", "dibao"), aid(2, "2024-03-01", "", "edge")}, on: "2024-03-01", want: "edge"},
		{
			name:    "a past period recorded late does not touch today",
			records: []Record{aid(1, "2024-03-01", "", "edge"), aid(2, "2023-01-01", "", "dibao")}, on: "2024-03-01", want: "edge",
		},
		{
			name:    "the source that answers counts more than a newer one",
			records: []Record{aid(1, "2024-01-01", "", "dibao"), town(2, "2024-03-01", "", "none")}, on: "2024-04-01", want: "dibao", against: 2,
		},
		{
			name:    "an older claim is no contradiction",
			records: []Record{aid(1, "2024-03-01", "", "dibao"), town(2, "2024-01-01", "", "none")}, on: "2024-04-01", want: "dibao",
		},
		{
			name:    "nor is one for the same day that came first",
			records: []Record{town(1, "2024-03-01", "", "none"), aid(2, "2024-03-01", "", "dibao")}, on: "2024-04-01", want: "dibao",
		},
		{
			name:    "one for the same day that came after is",
			records: []Record{aid(1, "2024-03-01", "", "dibao"), town(2, "2024-03-01", "", "none")}, on: "2024-04-01", want: "dibao", against: 2,
		},
		{
			name:    "one that agrees is none either",
			records: []Record{aid(1, "2024-01-01", "", "dibao"), town(2, "2024-03-01", "", "dibao")}, on: "2024-04-01", want: "dibao",
		},
		{
			name:    "where the higher one is silent the lower one speaks",
			records: []Record{aid(1, "2024-01-01", "2024-02-01", "dibao"), town(2, "2024-01-01", "", "none")}, on: "2024-04-01", want: "none",
		},
		{
			name:    "settled answers claims made before",
			records: []Record{aid(1, "2024-01-01", "", "dibao"), town(2, "2024-03-01", "", "none"), rec(t, 3, Settled, "2024-03-01", "", "income", "dibao")},
			on:      "2024-04-01", want: "dibao",
		},
		{
			name:    "but not those made after",
			records: []Record{rec(t, 3, Settled, "2024-03-01", "", "income", "dibao"), town(4, "2024-03-01", "", "none")},
			on:      "2024-04-01", want: "dibao", against: 4,
		},
		{
			name:    "the department may go on after it was settled",
			records: []Record{rec(t, 3, Settled, "2024-03-01", "", "income", "dibao"), aid(4, "2024-05-01", "", "edge")},
			on:      "2024-06-01", want: "edge",
		},
		{
			name:    "replaced",
			records: []Record{aid(1, "2024-01-01", "", "dibao"), replacing(aid(2, "2024-01-01", "2024-02-01", "dibao"), 1)}, on: "2024-02-01",
		},
		{
			name:    "not yet replaced as known then",
			records: []Record{aid(1, "2024-01-01", "", "dibao"), replacing(aid(2, "2024-01-01", "2024-02-01", "dibao"), 1)}, on: "2024-02-01", known: 1, want: "dibao",
		},
		{
			name:    "withdrawn",
			records: []Record{town(1, "2023-01-01", "", "none"), aid(2, "2024-01-01", "", "dibao"), replacing(aid(3, "2024-01-01", "", "null"), 2)},
			on:      "2024-02-01", want: "none",
		},
		{
			name:    "replaced for the facts that the other holds alone",
			records: []Record{rec(t, 1, Aid, "2024-01-01", "", "income", "dibao", "vagrant", "false"), replacing(rec(t, 2, Aid, "2024-01-01", "", "vagrant", "true"), 1)},
			on:      "2024-02-01", want: "dibao",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := Resolve(tc.records, day(t, tc.on), tc.known)
			if got := s.Person.Text(fact.Income); got != tc.want {
				t.Errorf("the income is %q, want %q", got, tc.want)
			}
			var against int64
			for _, c := range s.Contradictions {
				if c.Fact == fact.Income {
					against = int64(c.Claimed)
				}
			}
			if against != tc.against {
				t.Errorf("contradicted by record %d, want %d", against, tc.against)
			}
		})
	}
}

func TestTurn(t *testing.T) {
	records := []Record{
		rec(t, 1, Aid, "2024-01-01", "2024-06-01", "income", "dibao"),
		rec(t, 2, Aid, "2024-03-01", "", "vagrant", "false"),
		rec(t, 3, Aid, "2024-02-01", "2024-02-10", "no_supporter", "true"),
		replacing(rec(t, 4, Aid, "2024-02-01", "", "no_supporter", "null"), 3),
	}
	for _, tc := range []struct{ on, want string }{
		{"2023-12-31", "2024-01-01"},
		{"2024-01-01", "2024-03-01"},
		{"2024-03-01", "2024-06-01"},
		{"2024-06-01", ""},
	} {
		if got := Turn(records, day(t, tc.on)); got != day(t, tc.want) {
			t.Errorf("after %s it turns on %s, want %s", tc.on, got, tc.want)
		}
	}
}

// few are the facts that properties draw from.
var few = []fact.ID{fact.Birth, fact.Residence, fact.Income, fact.LivesAlone}

var texts = map[fact.ID][]string{
	fact.Birth: {"1940-01-01", "1940-01-02"}, fact.Residence: {"1410", "141002"},
	fact.Income: {"none", "dibao"}, fact.LivesAlone: {"true", "false"},
}

// drawRecords makes records of few days, facts and moments, so that they meet often.
func drawRecords(t *rapid.T) []Record {
	n := rapid.IntRange(0, 8).Draw(t, "records")
	records := make([]Record, 0, n)
	for i := range n {
		r := Record{
			ID: id.ID(i + 1), At: civil.Instant(rapid.IntRange(1, 5).Draw(t, "at")),
			Source: rapid.SampledFrom(Sources).Draw(t, "source").Source,
			From:   civil.Date(rapid.IntRange(1, 6).Draw(t, "from")),
		}
		if rapid.Bool().Draw(t, "ends") {
			r.To = r.From + civil.Date(rapid.IntRange(1, 4).Draw(t, "length"))
		}
		if i > 0 && rapid.IntRange(0, 2).Draw(t, "replacing") == 0 {
			r.Replaces = records[rapid.IntRange(0, i-1).Draw(t, "replaces")].ID
		}
		for _, f := range few {
			switch rapid.IntRange(0, 3).Draw(t, "fact") {
			case 0:
				r.Facts.Withdraw(f)
			case 1:
				if err := r.Facts.State(f, rapid.SampledFrom(texts[f]).Draw(t, "value")); err != nil {
					t.Fatal(err)
				}
			}
		}
		records = append(records, r)
	}
	return records
}

// oracle says again what Resolve does, by sorting.
func oracle(records []Record, on civil.Date, known civil.Instant, f fact.ID) (held *Record, claims []*Record) {
	var order []*Record
	for i := range records {
		r := &records[i]
		if known != 0 && r.At > known || !r.Facts.Stated.Has(f) || on < r.From || r.To != 0 && on >= r.To {
			continue
		}
		if slices.ContainsFunc(records, func(o Record) bool {
			return o.Replaces == r.ID && (known == 0 || o.At <= known) &&
				(o.Facts.Stated.Has(f) || o.Facts.Withdrawn.Has(f)) && (o.At > r.At || o.At == r.At && o.ID > r.ID)
		}) {
			continue
		}
		order = append(order, r)
	}
	if len(order) == 0 {
		return nil, nil
	}
	slices.SortFunc(order, func(a, b *Record) int {
		return cmp.Or(cmp.Compare(Rank(a.Source, f), Rank(b.Source, f)), cmp.Compare(b.From, a.From), cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID))
	})
	for _, r := range order[1:] {
		spoken := r.At > order[0].At || r.At == order[0].At && r.ID > order[0].ID
		newer := r.From > order[0].From || r.From == order[0].From && spoken
		if Rank(r.Source, f) > Rank(order[0].Source, f) && newer &&
			r.Facts.Person.Text(f) != order[0].Facts.Person.Text(f) &&
			(order[0].Source != Settled || spoken) {
			claims = append(claims, r)
		}
	}
	return order[0], claims
}

func TestResolveAgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		on := civil.Date(rapid.IntRange(0, 11).Draw(t, "on"))
		known := civil.Instant(rapid.IntRange(0, 6).Draw(t, "known"))
		s := Resolve(records, on, known)
		for _, f := range few {
			held, claims := oracle(records, on, known, f)
			var want id.ID
			text := ""
			if held != nil {
				want, text = held.ID, held.Facts.Person.Text(f)
			}
			if s.Holders[f] != want || s.Person.Text(f) != text {
				t.Fatalf("%s is %q by record %d, want %q by %d", f, s.Person.Text(f), s.Holders[f], text, want)
			}
			i := slices.IndexFunc(s.Contradictions, func(c Contradiction) bool { return c.Fact == f })
			switch {
			case len(claims) == 0 && i >= 0:
				t.Fatalf("%s is contradicted by nobody, but %d is named", f, s.Contradictions[i].Claimed)
			case len(claims) > 0 && (i < 0 || s.Contradictions[i].Claimed != claims[0].ID || s.Contradictions[i].Held != want):
				t.Fatalf("%s is contradicted by record %d, found %v", f, claims[0].ID, s.Contradictions)
			}
		}
	})
}

func TestTheOrderOfRecordsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		on := civil.Date(rapid.IntRange(0, 11).Draw(t, "on"))
		want := Resolve(records, on, 0)
		shuffled := rapid.Permutation(records).Draw(t, "shuffled")
		got := Resolve(shuffled, on, 0)
		if got.Person != want.Person || got.Holders != want.Holders || !slices.Equal(got.Contradictions, want.Contradictions) {
			t.Fatalf("%+v in one order, %+v in another", want, got)
		}
		if a, b := Turn(records, on), Turn(shuffled, on); a != b {
			t.Fatalf("it turns on %d in one order and on %d in another", a, b)
		}
	})
}

func TestWhatWasKnownThenStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		on := civil.Date(rapid.IntRange(0, 11).Draw(t, "on"))
		known := civil.Instant(rapid.IntRange(1, 5).Draw(t, "known"))
		before := slices.DeleteFunc(slices.Clone(records), func(r Record) bool { return r.At > known })
		want, got := Resolve(before, on, 0), Resolve(records, on, known)
		if got.Person != want.Person || got.Holders != want.Holders || !slices.Equal(got.Contradictions, want.Contradictions) {
			t.Fatalf("known then: %+v; known then as seen now: %+v", want, got)
		}
	})
}

func TestWithdrawingRestoresWhatWasBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		on := civil.Date(rapid.IntRange(0, 11).Draw(t, "on"))
		want := Resolve(records, on, 0)
		added := Record{ID: 100, At: 10, Source: rapid.SampledFrom(Sources).Draw(t, "source").Source, From: civil.Date(rapid.IntRange(1, 11).Draw(t, "from"))}
		back := Record{ID: 101, At: 11, Source: added.Source, From: added.From, Replaces: added.ID}
		for _, f := range few {
			if err := added.Facts.State(f, rapid.SampledFrom(texts[f]).Draw(t, "value")); err != nil {
				t.Fatal(err)
			}
			back.Facts.Withdraw(f)
		}
		got := Resolve(append(slices.Clone(records), added, back), on, 0)
		if got.Person != want.Person || got.Holders != want.Holders || !slices.Equal(got.Contradictions, want.Contradictions) {
			t.Fatalf("before %+v, after stating and withdrawing %+v", want, got)
		}
	})
}

// TestTheStateIsTheSameUntilItTurns looks at each day up to the turn.
func TestTheStateIsTheSameUntilItTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		on := civil.Date(rapid.IntRange(1, 11).Draw(t, "on"))
		turn := Turn(records, on)
		if turn == 0 {
			turn = 20
		}
		want := Resolve(records, on, 0)
		for d := on; d < turn; d++ {
			if got := Resolve(records, d, 0); got.Person != want.Person || !slices.Equal(got.Contradictions, want.Contradictions) {
				t.Fatalf("from day %d to %d it is said to stay, and on %d it is %+v instead of %+v", on, turn, d, got, want)
			}
		}
	})
}
