package entitlement

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
)

var homes = []region.Code{"141002001", "141002002", "141024001", "1410", "141034100001"}

// empty takes everything away that a sequence left.
func (k *kit) empty(t testing.TB) {
	t.Helper()
	err := k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, table := range []string{
			"entitlement", "entitlement_basis", "entitlement_change", "entitlement_count", "entitlement_shard", "entitlement_touch",
			"policy_version", "person_conflict", "person_record", "person_phone", "person_revision", "person",
		} {
			if _, err := tx.NewRaw("DELETE FROM " + table).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sequence is a random course of events.
type sequence struct {
	*kit
	t      *testing.T
	r      *rapid.T
	people []id.ID
}

func (s *sequence) n(from, to int) int { return rapid.IntRange(from, to).Draw(s.r, "n") }

func (s *sequence) who() id.ID { return rapid.SampledFrom(s.people).Draw(s.r, "who") }

// mended fails unless the error is one that a clerk would be told.
func (s *sequence) mended(err error) {
	if err != nil && errs.KindOf(err) == errs.Internal {
		s.r.Fatal(err)
	}
}

func (s *sequence) day() civil.Date { return s.Today() + civil.Date(s.n(-300, 60)) }

// statement draws something that is stated.
func (s *sequence) statement() person.Statement {
	f := rapid.SampledFrom([]fact.ID{fact.Birth, fact.Ability, fact.Income, fact.LivesAlone, fact.LeftBehind, fact.Hukou, fact.Residence, fact.FPSpecial}).Draw(s.r, "fact")
	value := ""
	switch {
	case f == fact.Birth:
		value = s.birth().String()
	case f.Coded():
		value = f.Def().Values[s.n(0, len(f.Def().Values)-1)].Name
	default:
		value = string(rapid.SampledFrom(homes).Draw(s.r, "place"))
	}
	source := rapid.SampledFrom([]history.Source{history.Town, history.Police, history.Aid, history.Self}).Draw(s.r, "source")
	return person.Statement{Source: source, From: s.day(), Facts: map[fact.ID]string{f: value}}
}

func (s *sequence) list() listing {
	l := rapid.SampledFrom([]listing{{name: "city", region: "1410"}, {name: "county", region: "141024"}, {name: "town", region: "141002001"}}).Draw(s.r, "list")
	l.age, l.fen, l.extra = s.n(60, 95), s.n(1, 5), s.n(0, 1) == 1
	if s.n(0, 1) == 1 {
		l.later = fmt.Sprintf("      - {from: %s, value: %d}\n", s.Today()+civil.Date(s.n(1, 40)), s.n(6, 9))
	}
	return l
}

// event lets something happen.
func (s *sequence) event() {
	ctx := s.t.Context()
	s.byName = byName * s.n(0, 1) // else as in an import
	switch s.n(0, 13) {
	case 0, 1, 2:
		_, err := s.People.Record(ctx, city, s.who(), s.statement())
		s.mended(err)
	case 3:
		who := s.who()
		recs, err := s.People.History(ctx, city, who)
		if err != nil {
			s.r.Fatal(err)
		}
		if len(recs) == 0 {
			return
		}
		rec := &recs[s.n(0, len(recs)-1)]
		if s.n(0, 1) == 0 {
			_, err = s.People.Withdraw(ctx, city, who, rec.ID, rec.Facts.Stated.IDs(), "")
		} else {
			_, err = s.People.Correct(ctx, city, who, rec.ID, s.statement())
		}
		s.mended(err)
	case 4:
		s.publish(s.t, s.list(), s.Today()+civil.Date(s.n(0, 5)*s.n(0, 5)))
	case 5, 6:
		s.pass(time.Duration(s.n(1, 400)) * 24 * time.Hour)
		for n := 1; n > 0; {
			var err error
			if n, err = s.People.TurnSome(ctx); err != nil {
				s.r.Fatal(err)
			}
		}
		s.settle(s.t)
		s.right(s.t)
	case 7:
		who := s.who()
		p, err := s.People.Show(ctx, city, who, "")
		if err != nil {
			s.r.Fatal(err)
		}
		state := rapid.SampledFrom([]person.State{person.Alive, person.Moved, person.Deceased}).Draw(s.r, "state")
		s.mended(s.People.SetState(ctx, city, who, p.Version, state, s.Today(), history.Town, ""))
	case 8:
		keep, gone := s.who(), s.who()
		if keep == gone {
			return
		}
		s.mended(s.Audit.Write(ctx, access.System("测试"), audit.Action{Code: "test.join", Label: "合并"}, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
			_, err := s.People.Join(ctx, tx, access.System("测试"), keep, gone, "同一人")
			return audit.Change{Kind: "person"}, err
		}))
	case 9:
		s.add()
	case 10: // as after an import
		some := s.people[:s.n(1, len(s.people))]
		err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			shards, err := shardsOf(ctx, tx, some)
			if err != nil {
				return err
			}
			for _, c := range shards {
				if err := addTouches(ctx, tx, []touch{{ID: s.IDs.New(), Region: c, At: civil.At(s.now())}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			s.r.Fatal(err)
		}
	case 11:
		s.pass(rest)
		if err := s.Sweep(ctx); err != nil {
			s.r.Fatal(err)
		}
	case 12, 13: // one job of many
		if len(s.queue) > 0 {
			j := s.queue[0]
			s.queue = s.queue[1:]
			if c, ok := j.(County); ok { // a turn of it
				if done, err := s.Run(ctx, c.Region); err != nil {
					s.r.Fatal(err)
				} else if !done {
					s.queue = append(s.queue, j)
				}
			} else if err := s.do(ctx, j); err != nil {
				s.r.Fatal(err)
			}
		}
	}
}

// birth draws a birthday: most come soon to an age that matters.
func (s *sequence) birth() civil.Date {
	age := rapid.SampledFrom([]int{60, 65, 75, 80, 85, 90, 70}).Draw(s.r, "age")
	return civil.LatestBirth(age, s.Today()) + civil.Date(s.n(-100, 300))
}

func (s *sequence) add() {
	s.people = append(s.people, s.create(s.t, rapid.SampledFrom(homes).Draw(s.r, "home"), s.birth().String()))
}

// TestResultsAreThoseOfAFullRun is the promise of the package: after any course of
// events what is stored is what is found from nothing.
func TestResultsAreThoseOfAFullRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		start, n, every := k.clock, 0, map[db.Engine]int{db.SQLite: 2, db.Postgres: 6}
		rapid.Check(t, func(r *rapid.T) {
			if n++; n%every[d.Engine()] != 0 {
				return // a course takes long, on PostgreSQL longer
			}
			k.empty(t)
			k.clock, k.queue, k.rack = start, nil, rack{}
			k.Lists = policy.New(policy.Deps{DB: d, Audit: k.Audit, Keys: k.keys, IDs: k.IDs, Now: k.now, Log: k.Log})
			s := &sequence{kit: k, t: t, r: r}
			s.publish(t, listing{name: "city", region: "1410", age: 80, fen: 3}, civil.New(2025, 1, 1))
			s.turn, s.portion = 0, 2
			for range s.n(1, 6) {
				s.add()
			}
			for range s.n(1, 20) {
				s.event()
			}
			s.settle(t)
			s.right(t)
		})
	})
}
