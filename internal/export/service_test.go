package export

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/person"
)

var allKeys = func() (keys []string) {
	for _, c := range Columns {
		keys = append(keys, c.Key)
	}
	return keys
}()

func TestListComesOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		k.register(t, 30)
		e := k.start(t, Order{Columns: append([]string{"nonsense"}, allKeys...)})
		rows := k.rows(t, e.ID)
		if e.State != Ready || e.Written != 30 || e.Total != 30 || len(rows) != 31 || rows[0][0] != "姓名" || len(rows[0]) != len(Columns) {
			t.Fatalf("%s, %d of %d, %d rows, headings %q", e.State, e.Written, e.Total, len(rows), rows[0])
		}
		text := fmt.Sprint(rows)
		for i := range 30 {
			if strings.Contains(text, number(i)) || strings.Contains(text, fmt.Sprintf("138%08d", i)) {
				t.Fatalf("number or phone %d stands in clear", i)
			}
		}
		for _, want := range []string{"990***********", "临汾市 尧都区", "=1+1", "李建国 儿子 139****0000 监护人", "居民身份证", "83", "1943-01-15", "女", "在册"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in %s", want, text)
			}
		}
		for _, row := range rows[1:] {
			at := slices.Index(rows[0], "能力等级")
			if row[at] != "" {
				t.Fatalf("an unknown fact shows as %q", row[at])
			}
		}

		e = k.start(t, Order{Region: "141024", Query: person.Query{Name: "王秀英甲"}, Columns: []string{"number", "phones", "name"}, Whole: true, Purpose: "与医保部门核对"})
		rows = k.rows(t, e.ID)
		// Every ninth is called so, and every other of them lives there.
		if len(rows) != 3 || rows[1][0] != "王秀英甲" || !strings.Contains(fmt.Sprint(rows), number(9)) || !strings.Contains(fmt.Sprint(rows), "13800000027") {
			t.Errorf("whole: %q", rows)
		}
		var purposes []string
		if err := d.NewRaw("SELECT purpose FROM audit_entry WHERE action = 'export.fetch' ORDER BY id").Scan(t.Context(), &purposes); err != nil || !slices.Equal(purposes, []string{"", "与医保部门核对"}) {
			t.Errorf("the trail says %q (%v)", purposes, err)
		}
		var clear int
		err := d.NewRaw("SELECT count(*) FROM export WHERE columns LIKE '%王%' OR progress LIKE '%王%' OR regions LIKE '%王%'").Scan(t.Context(), &clear)
		if err != nil || clear > 0 {
			t.Errorf("%d rows hold a name (%v)", clear, err)
		}
	})
}

func TestOrderIsChecked(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{Rows: 5, AtOnce: 1})
	k.register(t, 6)
	ctx := t.Context()
	town := actor(2, access.TownWorker, "141002001")
	plain := access.NewActor(3, "丙", "token", []access.Grant{{Role: access.Officer, Region: "1410"}},
		&access.Limit{Permissions: []access.Permission{access.PersonExport, access.PersonRead}})
	few := person.Query{Name: "王秀英甲"}
	for name, tc := range map[string]struct {
		who  access.Actor
		o    Order
		kind errs.Kind
	}{
		"no columns":       {k.actor, Order{Query: few}, errs.Invalid},
		"unknown columns":  {k.actor, Order{Query: few, Columns: []string{"x"}}, errs.Invalid},
		"no purpose":       {k.actor, Order{Query: few, Columns: Usual, Whole: true}, errs.Invalid},
		"a short purpose":  {k.actor, Order{Query: few, Columns: Usual, Whole: true, Purpose: " 核 对 "}, errs.Invalid},
		"may not unmask":   {plain, Order{Query: few, Columns: Usual, Whole: true, Purpose: "与医保部门核对"}, errs.Invalid},
		"nobody":           {k.actor, Order{Query: person.Query{Name: "无此人"}, Columns: Usual}, errs.Conflict},
		"nobody in scope":  {actor(4, access.Officer, "1411"), Order{Query: few, Columns: Usual}, errs.Conflict},
		"too many":         {k.actor, Order{Columns: Usual}, errs.Conflict},
		"may not export":   {actor(5, access.VillageWorker, "141002001"), Order{Query: few, Columns: Usual}, errs.Denied},
		"masked is enough": {plain, Order{Query: few, Columns: Usual}, -1},
		"a town":           {town, Order{Query: few, Columns: Usual}, -1},
	} {
		_, err := k.Start(ctx, tc.who, tc.o)
		if tc.kind < 0 && err != nil || tc.kind >= 0 && !errs.Is(err, tc.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := k.Start(ctx, town, Order{Query: few, Columns: Usual}); !errs.Is(err, errs.TooMany) {
		t.Errorf("a second file at once: %v", err)
	}
}

func TestFileIsForOneAndForADay(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.register(t, 4)
	e := k.start(t, Order{Columns: Usual})
	ctx := t.Context()
	other := actor(2, access.Officer, "1410")
	if _, err := k.Get(ctx, other, e.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("a colleague sees the export: %v", err)
	}
	if _, _, err := k.Fetch(ctx, other, e.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("a colleague fetches the file: %v", err)
	}
	if all, err := k.List(ctx, other, 0, 10); err != nil || len(all) > 0 {
		t.Errorf("a colleague lists %d (%v)", len(all), err)
	}
	if n, err := k.Waiting(ctx, k.actor); err != nil || n != 1 {
		t.Errorf("%d files wait (%v)", n, err)
	}
	if _, _, err := k.Fetch(ctx, actor(1, access.Officer, "141002"), e.ID); !errs.Is(err, errs.Denied) {
		t.Errorf("with less rights: %v", err)
	}
	if _, _, err := k.Fetch(ctx, actor(1, access.Leader, "1410"), e.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("without rights: %v", err)
	}
	k.rows(t, e.ID)
	if n, err := k.Waiting(ctx, k.actor); err != nil || n != 0 {
		t.Errorf("%d files wait (%v)", n, err)
	}

	k.clock.pass(24*time.Hour - time.Second)
	if err := k.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	k.rows(t, e.ID)
	k.clock.pass(time.Second)
	if _, _, err := k.Fetch(ctx, k.actor, e.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("after a day: %v", err)
	}
	if err := k.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	pieces := 0
	if err := k.DB.NewRaw("SELECT count(*) FROM blob_piece").Scan(ctx, &pieces); err != nil || pieces > 0 {
		t.Errorf("%d pieces are left (%v)", pieces, err)
	}
	if e, err := k.Get(ctx, k.actor, e.ID); err != nil || e.State != Expired {
		t.Errorf("it is %s (%v)", e.State, err)
	}
}

func TestRightsAreThoseOfTheMoment(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.register(t, 4)
	n, err := k.Start(t.Context(), k.actor, Order{Columns: Usual})
	if err != nil {
		t.Fatal(err)
	}
	delete(k.users, 1)
	if e := k.work(t, n); e.State != Failed || e.Reason == "" {
		t.Errorf("without an account it is %s", e.State)
	}
	if n, err = k.Start(t.Context(), k.actor, Order{Columns: Usual}); err != nil {
		t.Fatal(err)
	}
	k.users[1] = actor(1, access.Officer, "141024")
	if e := k.work(t, n); e.State != Ready || e.Written != 2 || e.Regions != "141024" {
		t.Errorf("with less rights it is %s with %d people of %s", e.State, e.Written, e.Regions)
	}
}

// TestFileGoesOnWhereItWas makes a file in many turns, cut off at any moment.
func TestFileGoesOnWhereItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{Turn: time.Second, Segment: 1})
		k.register(t, 1500)
		n, err := k.Start(t.Context(), k.actor, Order{Columns: Usual, Query: person.Query{Sort: person.ByName}})
		if err != nil {
			t.Fatal(err)
		}
		k.clock.step.Store(int64(100 * time.Millisecond))
		r := rand.New(rand.NewPCG(3, 4))
		cuts := 0
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(20_000))*time.Microsecond)
			if err := k.turn(ctx, n); errors.Is(err, context.DeadlineExceeded) {
				cuts++
			}
			cancel()
			k.clock.pass(time.Minute)
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.NewRaw("UPDATE export SET attempts = 0").Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		e := k.work(t, n)
		rows := k.rows(t, n)
		if e.State != Ready || e.Written != 1500 || len(rows) != 1501 || e.Pieces < 5 {
			t.Fatalf("%s with %d people and %d pieces, %d rows, %d cuts", e.State, e.Written, e.Pieces, len(rows), cuts)
		}
		if !slices.IsSortedFunc(rows[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) }) {
			t.Error("the people are not in the order of the list")
		}
		if cuts == 0 {
			t.Error("it was never cut off")
		}
	})
}

func TestNoProgressIsSaid(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.register(t, 4)
	n, err := k.Start(t.Context(), k.actor, Order{Columns: Usual})
	if err != nil {
		t.Fatal(err)
	}
	k.clock.pass(time.Hour)
	jobs := 0
	count := func() (n int) {
		if err := k.DB.NewRaw("SELECT count(*) FROM river_job").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	jobs = count()
	if err := k.sweep(t.Context()); err != nil || count() != jobs+1 {
		t.Errorf("an export without a turn gets no job (%v)", err)
	}
	err = k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw("UPDATE export SET query = ?", []byte("x")).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range maxAttempts + 1 {
		_ = k.turn(t.Context(), n)
		k.clock.pass(time.Minute)
	}
	if e := k.work(t, n); e.State != Failed {
		t.Errorf("it is %s", e.State)
	}
}
